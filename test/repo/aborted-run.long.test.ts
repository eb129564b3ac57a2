/** Kills a test run, and checks that none of the processes that it has started is left. */
import { spawn } from 'node:child_process'
import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { makeFolder } from '../support/folder.ts'
import { isPostgresInstalled } from '../support/postgres.ts'
import { descendantsOf, isAlive } from '../support/processes.ts'

const ROOT = join(import.meta.dirname, '../..')
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs')
/** Folder of a test that does not end by itself, with a configuration of its own. */
const ENDLESS = join(ROOT, 'test/support/aborted-run')

it.skipIf(process.platform !== 'linux')(
  'a test run that is killed leaves no relay, workerd, database or helper process',
  { timeout: 90_000 },
  async () => {
    // The killed run cannot delete its folders. PostgreSQL runs as another user and must get to its own.
    const folder = makeFolder()
    chmodSync(folder, 0o755)
    const ready = join(folder, 'ready')
    const env = { ...process.env, TMPDIR: folder, ABORTED_RUN_READY: ready }
    const run = spawn(process.execPath, [VITEST, 'run', '--root', ENDLESS], { cwd: ROOT, env })
    onTestFinished(() => void run.kill('SIGKILL'))
    let printed = ''
    run.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    run.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    await vi.waitFor(() => expect(existsSync(ready), printed).toBe(true), { timeout: 60_000, interval: 50 })
    const started = descendantsOf(run.pid!)
    onTestFinished(() => {
      for (const pid of started.keys()) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
    })

    run.kill('SIGKILL')

    const commands = [...started.values()].join('\n')
    for (const part of ['keep.ts', 'form-sync.ts serve', 'edge-relay.ts', 'workerd serve']) {
      expect(commands).toContain(part)
    }
    if (isPostgresInstalled()) expect(commands).toContain('postgres -D')
    await vi.waitFor(() => expect([...started].filter(([pid]) => isAlive(pid))).toEqual([]), {
      timeout: 10_000,
      interval: 50,
    })
  },
)
