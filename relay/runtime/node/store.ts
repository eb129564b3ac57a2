/**
 * Where a relay on Node keeps its leads: a file of its own, or a database that several share. It opens and closes, and
 * decides nothing else.
 */
import { join } from 'node:path'
import type { Config } from '../../config/config.ts'
import type { Log } from '../../monitoring/events.ts'
import type { Limits } from '../../outbox/limits/limits.ts'
import type { Outbox } from '../../outbox/outbox.ts'
import type { AlertStore, SeenIssues } from '../../monitoring/alerts.ts'
import { createSteadyClock } from './steady-clock.ts'
import { holdFolder } from './folder-lock.ts'
import { OUTBOX_OPTIONS } from './outbox-crypto.ts'
import { openOutbox } from './open-outbox.ts'

export interface Store {
  outbox: Outbox
  /** The clock that the outbox goes by: epoch milliseconds. */
  now: () => number
  /** What was seen of issues, where several relays tell of them together. */
  memory?: AlertStore
  /** Another process may write to it too: it is looked at again after so many milliseconds. */
  poll: number
  /** When a group of leads is to be written: once the runtime has taken in what has arrived. */
  schedule: (write: () => void) => void
  /** Called when nothing waits. */
  idle(): void
  /** What the operator should know of the store though it works, for `/readyz`. */
  notices(): object
  close(): Promise<void>
}

/** `form-sync replay` writes to the file of a relay that runs. */
const FILE_POLL = 5_000

/** Another relay may have died, or told a lead to wait for less long than we know. */
const SHARED_POLL = 1_500

/** Opens it. Throws, and says what to do, when it cannot be used or another relay has it. */
export function openStore(
  { database, limits }: Pick<Config, 'database' | 'limits'>,
  folder: string,
  tell: Log,
): Promise<Store> {
  return database === undefined ? openFile(limits, folder, tell) : openShared(limits, database)
}

async function openShared(limits: Limits, url: string): Promise<Store> {
  // A relay with a file of its own never reads the driver.
  const { openPostgres, unusable } = await import('./postgres.ts')
  const { outbox, now, seen, schedule, close } = await openPostgres(url, { ...OUTBOX_OPTIONS, limits })
  try {
    await outbox.resume(now())
    const memory: AlertStore = {
      read: async () => JSON.parse(await seen.read()) as SeenIssues,
      write: (after, before) => seen.write(JSON.stringify(after), JSON.stringify(before)),
    }
    return { outbox, now, memory, poll: SHARED_POLL, schedule, idle() {}, notices: () => ({}), close }
  } catch (cause) {
    await close()
    throw unusable(url, cause)
  }
}

async function openFile(limits: Limits, folder: string, tell: Log): Promise<Store> {
  const now = createSteadyClock()
  const held = holdFolder(folder)
  try {
    const { sql, outbox, notices } = await openOutbox(join(folder, 'outbox.sqlite'), {
      limits,
      now,
      tell,
    })
    return {
      outbox,
      now,
      poll: FILE_POLL,
      schedule: setImmediate,
      // What was wiped goes from the log too.
      idle: () => sql.checkpoint(),
      notices,
      async close() {
        sql.close()
        held.release()
      },
    }
  } catch (error) {
    held.release()
    throw error
  }
}
