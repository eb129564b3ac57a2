import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'

const MODULE = import.meta.resolve('./cleanup.ts')

/** Starts a process that registers two children, one of them stopped, and a folder, and prints what it has made. */
const PARENT = `
  import { spawnChild, makeTempFolder } from '${MODULE}'
  const program = ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)']
  const running = spawnChild(process.execPath, program, { stdio: 'ignore' })
  const stopped = spawnChild(process.execPath, program, { stdio: 'ignore', detached: true })
  const ended = spawnChild(process.execPath, ['-e', ''], { stdio: 'ignore' })
  ended.once('exit', () => {
    stopped.kill('SIGSTOP')
    const folder = makeTempFolder('cleanup-test').path
    console.log(JSON.stringify({ pids: [running.pid, stopped.pid], folder }))
  })
  setInterval(() => {}, 1000)
`

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Waits until it holds; the test's own timeout ends it. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(20)
}

describe('a process that has started others', () => {
  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'leaves no child process and no folder behind when %s ends it',
    { timeout: 60_000 },
    async (signal) => {
      const parent = spawn(process.execPath, ['--input-type=module', '-e', PARENT], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      onTestFinished(() => void parent.kill('SIGKILL'))
      const [line] = (await parent.stdout.take(1).toArray()) as Buffer[]
      const { pids, folder } = JSON.parse(String(line)) as { pids: number[]; folder: string }
      onTestFinished(() => {
        for (const pid of pids.filter(isAlive)) process.kill(pid, 'SIGKILL')
      })
      expect([...pids.map(isAlive), existsSync(folder)]).toEqual([true, true, true])

      parent.kill(signal)

      await until(() => !pids.some(isAlive) && !existsSync(folder))
    },
  )
})
