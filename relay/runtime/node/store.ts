/**
 * Opens and closes the store of a relay on Node: a SQLite file of its own, or a database that several relays share.
 */
import { join } from 'node:path'
import { credentialsOf, type Account } from '../../config/account.ts'
import type { Config } from '../../config/config.ts'
import { batchKeysOf } from '../../marketo/transport.ts'
import { logReusedId, reasonOf, type Log } from '../../monitoring/events.ts'
import type { Limits } from '../../outbox/limits/limits.ts'
import type { Outbox } from '../../outbox/outbox.ts'
import type { AlertStore, SeenIssues } from '../../monitoring/alerts.ts'
import type { HealthIssue } from '../../monitoring/health.ts'
import { createSteadyClock } from './steady-clock.ts'
import { lockFolder } from './folder-lock.ts'
import { OUTBOX_OPTIONS } from './outbox-crypto.ts'
import { openOutbox } from './open-outbox.ts'

export interface Store {
  outbox: Outbox
  /** The outbox's clock. Returns epoch milliseconds. */
  now: () => number
  /** Shared alert state, if several relays use the same outbox. */
  alertStore?: AlertStore
  /** Time between two claims that no timer has asked for, in ms: another process may write to the store too. */
  pollMs: number
  /** Schedules the write of a group of leads, after the requests that have already arrived. */
  schedule: (write: () => void) => void
  /** Returns the part of `/readyz` about problems of a store that works all the same. */
  notices(): object
  /** Returns the health issues that the store itself reports. */
  issues(): HealthIssue[]
  close(): Promise<void>
}

/** `form-sync replay` may write to the file while the relay runs. */
const FILE_POLL_MS = 5_000

/** Another relay may have died, or may have set an earlier retry than this one knows. */
const SHARED_POLL_MS = 1_500

/**
 * Opens the store.
 *
 * @throws if it cannot be used or another relay has locked it; the message says what to do
 */
export function openStore(
  { database, limits, marketo }: Pick<Config, 'database' | 'limits' | 'marketo'>,
  folder: string,
  log: Log,
): Promise<Store> {
  return database === undefined ? openFile(limits, marketo, folder, log) : openShared(limits, marketo, database, log)
}

async function openShared(limits: Limits, account: Account, url: string, log: Log): Promise<Store> {
  // Imported here, so that a relay with a file never loads the driver.
  const { openPostgres, unusableDatabase } = await import('./postgres.ts')
  const { outbox, now, alertState, schedule, close } = await openPostgres(url, {
    ...OUTBOX_OPTIONS,
    batchKeys: batchKeysOf(account.transport),
    limits,
    onReusedId: logReusedId(log),
  })
  try {
    await outbox.resume(now(), credentialsOf(account))
    const alertStore: AlertStore = {
      read: async () => JSON.parse(await alertState.read()) as SeenIssues,
      write: (after, before) => alertState.write(JSON.stringify(after), JSON.stringify(before)),
    }
    return { outbox, now, alertStore, pollMs: SHARED_POLL_MS, schedule, notices: () => ({}), issues: () => [], close }
  } catch (cause) {
    await close()
    throw unusableDatabase(url, cause)
  }
}

async function openFile(limits: Limits, account: Account, folder: string, log: Log): Promise<Store> {
  const now = createSteadyClock()
  const lock = lockFolder(folder)
  try {
    const { sql, outbox, notices, issues, stop } = await openOutbox(join(folder, 'outbox.sqlite'), {
      limits,
      batchKeys: batchKeysOf(account.transport),
      credentials: credentialsOf(account),
      now,
      onQuarantine: log,
      onReusedId: logReusedId(log),
      onMissing: log,
      onLogError: (error) => log({ event: 'error', where: 'write-ahead log', reason: reasonOf(error) }),
    })
    return {
      outbox,
      now,
      pollMs: FILE_POLL_MS,
      schedule: setImmediate,
      notices,
      issues,
      async close() {
        await stop()
        sql.close()
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}
