/** Starts each kind of process that the tests use, then blocks until the test run is killed. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it, onTestFinished } from 'vitest'
import { startDemo } from '../demo.ts'
import { makeFolder } from '../folder.ts'
import { isPostgresInstalled, withPostgres } from '../postgres.ts'

const KEEP = join(import.meta.dirname, '../../relay/outbox/sqlite/keep.ts')

/** Maximum time that the process is blocked, in case the test run is not killed. */
const MAX_BLOCK_MS = 30_000

async function startAndBlock(): Promise<void> {
  const keep = spawn(process.execPath, [KEEP, join(makeFolder(), 'outbox.sqlite'), '1000000'])
  onTestFinished(() => void keep.kill('SIGKILL'))
  keep.stdout.resume()
  const demos = await Promise.all([startDemo('node'), startDemo('workerd')])
  onTestFinished(async () => void (await Promise.all(demos.map((demo) => demo.end()))))
  writeFileSync(process.env.ABORTED_RUN_READY!, '')
  // A blocked process cannot end the processes that it has started.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, MAX_BLOCK_MS)
}

if (isPostgresInstalled()) withPostgres({}, () => it('runs beside a database until it is killed', startAndBlock))
else it('runs until it is killed', startAndBlock)
