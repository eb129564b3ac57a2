/**
 * The cleanup process of `cleanup.ts`: reads processes and folders from stdin, one JSON object a line.
 *
 * When stdin closes it kills the processes that are left, removes the folders and ends.
 */
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process or a folder; with `done` it needs no cleanup any more. */
export type Entry = { done?: true } & (
  | {
      pid: number
      /** True when the process leads a group that is to be killed as a whole. */
      group: boolean
    }
  | { folder: string }
)

/** Maximum wait until killed processes are gone, in ms. */
const EXIT_TIMEOUT_MS = 5_000

const processes = new Map<number, { group: boolean }>()
const folders = new Set<string>()

// Its end is decided by stdin alone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

for await (const line of createInterface({ input: process.stdin })) {
  const entry = JSON.parse(line) as Entry
  if ('pid' in entry) {
    if (entry.done) processes.delete(entry.pid)
    else processes.set(entry.pid, { group: entry.group })
  } else if (entry.done) folders.delete(entry.folder)
  else folders.add(entry.folder)
}

for (const [pid, { group }] of processes) send(group ? -pid : pid, 'SIGKILL')
const givesUpAt = performance.now() + EXIT_TIMEOUT_MS
while ([...processes.keys()].some((pid) => send(pid, 0)) && performance.now() < givesUpAt) await sleep(20)
for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })

/** True when there is such a process. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}
