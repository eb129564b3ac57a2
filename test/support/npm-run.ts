/** A script of package.json as a user starts it, which must end as a whole when npm is told to stop. Linux only. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, vi } from 'vitest'
import { COMPILE_CACHE } from './compile-cache.ts'
import { descendantsOf, isAlive } from './processes.ts'

/**
 * Runs `npm run <words>` until it has printed `ready`, sends SIGTERM to npm alone, and expects that all its processes end.
 *
 * @returns the output, and the number of processes that ran
 */
export async function endNpmRun(words: readonly string[], env: Record<string, string>, ready: string) {
  const npm = spawn('npm', ['run', ...words], {
    cwd: join(import.meta.dirname, '../..'),
    env: { PATH: process.env.PATH, npm_config_update_notifier: 'false', ...COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const closed = once(npm, 'close')
  onTestFinished(() => {
    for (const pid of descendantsOf(npm.pid ?? 0).keys()) process.kill(pid, 'SIGKILL')
  })
  await vi.waitFor(() => expect(printed).toContain(ready), { timeout: 20_000, interval: 20 })
  const all = [...descendantsOf(npm.pid ?? 0).keys()]
  onTestFinished(() => {
    for (const pid of all.filter(isAlive)) process.kill(pid, 'SIGKILL')
  })

  npm.kill('SIGTERM')
  await closed
  // A process closes its streams a moment before it has ended.
  await vi.waitFor(() => expect(all.filter(isAlive)).toEqual([]), { timeout: 5_000, interval: 20 })

  return { printed, ran: all.length }
}
