import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished, vi } from 'vitest'
import { makeFolder } from '../../../support/folder.ts'
import { isAlive } from '../../../support/processes.ts'

const KEEP = fileURLToPath(new URL('./keep.ts', import.meta.url))

/** Starts keep.ts, prints its process id, then its output, and runs until its own input is closed. */
const PARENT = `
  const child = require('node:child_process').spawn(process.execPath, process.argv.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] })
  console.log(child.pid)
  child.stdout.pipe(process.stdout)
  process.stdin.resume()`

it('the process that stores leads ends when its parent is killed', async () => {
  const path = join(makeFolder(), 'outbox.sqlite')
  const parent = spawn(process.execPath, ['-e', PARENT, KEEP, path])
  onTestFinished(() => void parent.kill('SIGKILL'))
  let pid = 0
  let stored = 0
  for await (const line of createInterface(parent.stdout)) {
    if (pid === 0) {
      pid = Number(line)
      onTestFinished(() => void (isAlive(pid) && process.kill(pid, 'SIGKILL')))
    } else if (++stored === 20) break
  }

  const before = isAlive(pid)
  parent.kill('SIGKILL')
  await once(parent, 'exit')

  expect(before).toBe(true)
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 5_000, interval: 20 })
  expect(statSync(`${path}-wal`).size + statSync(path).size).toBeLessThan(20_000_000)
})

it('the process that stores leads ends by itself after the given number of leads', async () => {
  const path = join(makeFolder(), 'outbox.sqlite')
  const child = spawn(process.execPath, [KEEP, path, '100'])
  onTestFinished(() => void child.kill('SIGKILL'))
  let stored = 0
  createInterface(child.stdout).on('line', () => (stored += 1))

  const [code] = (await once(child, 'close')) as [number | null]

  expect([code, stored]).toEqual([0, 100])
})
