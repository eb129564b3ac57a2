/** Runs `form-sync serve` as a process for the current test, and opens the outbox of its folder beside it. */
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createSqliteOutbox, type Outbox, type OutboxOptions } from '../../relay/index.ts'
import { OUTBOX_OPTIONS } from '../../relay/runtime/node/outbox-crypto.ts'
import { openSqlite } from '../../relay/runtime/node/sqlite-file.ts'
import { COMMAND } from './command.ts'
import { startProgram, type Program } from './process.ts'

/** Variables of a Marketo at an address where nothing answers, so that the leads wait. */
export const SILENT_MARKETO = {
  MARKETO_SOAP_ENDPOINT: 'http://127.0.0.1:1/soap/mktows/3_1',
  MARKETO_USER_ID: 'acme_1',
  MARKETO_SECRET_KEY: 'correct horse battery',
}

/** Starts a relay on a free port of the loopback address. It is killed when the test has ended, if it still runs then. */
export async function startServe(
  forms: string,
  data: string,
  env: Record<string, string>,
): Promise<{ program: Program; url: string }> {
  const program = await startProgram(
    [COMMAND, 'serve', '--forms', forms, '--data', data, '--port', '0', '--host', '127.0.0.1'],
    env,
    /listens at (\S+)/,
  )
  onTestFinished(async () => void (await program.end('SIGKILL')))
  return { program, url: program.ready[1] ?? '' }
}

/** Opens the outbox of a folder as the relay does, runs the work and closes the outbox. */
export async function within<T>(
  folder: string,
  work: (outbox: Outbox) => Promise<T>,
  options: Partial<OutboxOptions> = {},
): Promise<T> {
  const sql = openSqlite(join(folder, 'outbox.sqlite'))
  try {
    return await work(await createSqliteOutbox(sql, { ...OUTBOX_OPTIONS, ...options }))
  } finally {
    sql.close()
  }
}
