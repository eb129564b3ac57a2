/**
 * The outbox that several relays on Node share: opening it, and the clock that is the same for all of them.
 */
import type { Outbox } from '../../outbox/outbox.ts'
import { createSharedClock } from '../../outbox/postgres/shared-clock.ts'
import type { Database, Row } from '../../outbox/postgres/database.ts'
import { createAddGate, type AddGate } from '../../outbox/postgres/add-gate.ts'
import { createPostgresOutbox, type PostgresOutboxOptions } from '../../outbox/postgres/outbox.ts'
import { readAlertState, writeAlertState } from '../../outbox/postgres/alert-state.ts'
import { connectPostgres } from './postgres-pool.ts'
import { isLost } from './postgres-errors.ts'

/** How often the clock is set, in milliseconds. */
const CLOCK_SET_EVERY = 60_000

/** The oldest that has all we use, as `server_version_num` counts. */
const OLDEST_SERVER = 130_000

export interface Postgres extends Pick<AddGate, 'schedule'> {
  /** Its `add` is meant for `groupCommit`, with `schedule`. */
  outbox: Outbox
  /** Epoch milliseconds; the same on every node. */
  now: () => number
  /** What the relays have seen of issues, together: a text. `write` says no where `before` stands there no more. */
  seen: { read: () => Promise<string>; write: (seen: string, before: string) => Promise<boolean> }
  close(): Promise<void>
}

/**
 * Opens the outbox at `url`, its tables made or updated, and its clock.
 *
 * @throws when the database cannot be reached, cannot keep leads safely, or was written by a newer form-sync. The
 *   message never has the password
 */
export async function openPostgres(url: string, options: PostgresOutboxOptions): Promise<Postgres> {
  const database = connectPostgres(url)
  try {
    await expectSafe(database)
    const outbox = await createPostgresOutbox(database, options)
    const clock = await createSharedClock(() => timeOf(database), elapsed)
    // Where the database does not answer, what else is asked of it says so.
    const setting = setInterval(() => void clock.set().catch(() => undefined), CLOCK_SET_EVERY).unref()
    const { add, schedule } = createAddGate(outbox.add, { schedule: setImmediate, elapsed, isLost })
    return {
      outbox: { ...outbox, add },
      schedule,
      now: clock.now,
      seen: {
        read: () => readAlertState(database),
        write: (seen, before) => writeAlertState(database, seen, before),
      },
      async close() {
        clearInterval(setting)
        await database.close()
      },
    }
  } catch (cause) {
    await database.close()
    throw unusable(url, cause)
  }
}

/** Why the database cannot be used: names it, and never the password. */
export function unusable(url: string, cause: unknown): Error {
  return new Error(`${withoutSecrets(url)} cannot be used as an outbox: ${(cause as Error).message}`, { cause })
}

function elapsed(): number {
  return performance.now()
}

async function timeOf(database: Database): Promise<number> {
  const [row] = await database.run<{ now: number }>(
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::double precision AS now',
  )
  return row!.now
}

interface Server extends Row {
  version: number
  encoding: string
  fsync: string
  standby: number
}

/** Says why leads must not be kept there. */
async function expectSafe(database: Database): Promise<void> {
  const [server] = await database.run<Server>(
    `SELECT current_setting('server_version_num')::integer AS version, current_setting('server_encoding') AS encoding,
       current_setting('fsync') AS fsync, pg_is_in_recovery()::integer AS standby`,
  )
  const { version, encoding, fsync, standby } = server!
  if (version < OLDEST_SERVER) throw new Error('the server is older than PostgreSQL 13')
  if (encoding !== 'UTF8') throw new Error(`its encoding is ${encoding}. Make a database WITH ENCODING 'UTF8'`)
  if (fsync !== 'on') throw new Error('fsync is off: what was said to be kept would be gone after a power cut')
  if (standby === 1) throw new Error('it is a standby. Name the primary')
}

/** The address without the user and the password. */
function withoutSecrets(url: string): string {
  if (!URL.canParse(url)) return 'The database'
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}
