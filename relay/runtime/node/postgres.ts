/**
 * Opens the outbox that several relays on Node share, and the clock that is the same for all of them.
 */
import { FIRST_ACCOUNT } from '../../account-name.ts'
import type { BatchKeys } from '../../outbox/batch-planner.ts'
import type { Outbox } from '../../outbox/outbox.ts'
import { createSharedClock, type SharedClock } from '../../outbox/postgres/shared-clock.ts'
import type { Database, Row } from '../../outbox/postgres/database.ts'
import { createAddGate, type AddGate } from '../../outbox/postgres/add-gate.ts'
import type { OutboxOptions } from '../../outbox/options.ts'
import { createPostgresOutbox } from '../../outbox/postgres/outbox.ts'
import { readAlertState, writeAlertState } from '../../outbox/postgres/alert-state.ts'
import { connectPostgres, type PostgresDatabase } from './postgres-pool.ts'
import { isLost } from './postgres-errors.ts'

/** Time between two synchronisations with the clock of the server. */
const CLOCK_SYNC_INTERVAL_MS = 60_000

/** Step back of the server's clock, in ms, after which stored times are clamped: shorter ones delay no lead for long. */
const STEP_BACK_MS = 1_000

/** Oldest supported server, as in `server_version_num`. */
const MIN_SERVER_VERSION = 130_000

/** The outbox of one account. */
interface PostgresAccount extends Pick<AddGate, 'schedule'> {
  /** Pass its `add` to `groupCommit`, together with `schedule`. */
  outbox: Outbox
}

export interface Postgres extends PostgresAccount {
  /** Opens the outbox of another account on the same connections. */
  openAccount(options: PostgresOptions): Promise<PostgresAccount>
  /** Returns the transports of the accounts that have used this database, by name. */
  transports(): Promise<Map<string, string>>
  /** Counts the undelivered leads and the owed cookies of each account. */
  leads(): Promise<{ account: string; leads: number }[]>
  /** Counts the waiting leads of each form. */
  waiting(): Promise<{ form: string; waiting: number }[]>
  /** Returns epoch milliseconds, the same on every node. */
  now: () => number
  /** Sets the clock. A process calls it after it was suspended; it rejects when the database does not answer. */
  setClock: () => Promise<void>
  /** The alert state that the relays share, as text. `write` resolves with false if `before` is no longer stored. */
  alertState: { read: () => Promise<string>; write: (seen: string, before: string) => Promise<boolean> }
  close(): Promise<void>
}

/** Options of the outbox. Batch keys may be chosen by the name of the transport that the relay has stored. */
export interface PostgresOptions extends Omit<OutboxOptions, 'batchKeys'> {
  batchKeys: BatchKeys | ((transport: string | undefined) => BatchKeys)
}

/**
 * Opens the outbox at `url` and its clock. Creates or upgrades the tables.
 *
 * @param accounts number of accounts that are opened; each needs connections
 * @throws if the database cannot be reached, cannot store leads safely, or was written by a newer form-sync. The message
 *   never contains the password
 */
export async function openPostgres(url: string, options: PostgresOptions, accounts = 1): Promise<Postgres> {
  const database = connectPostgres(url, accounts)
  const outboxes: Outbox[] = []

  async function openAccount({ batchKeys, ...rest }: PostgresOptions): Promise<PostgresAccount> {
    const transport = typeof batchKeys === 'function' ? await storedTransport(database, rest.account) : undefined
    const keys = typeof batchKeys === 'function' ? batchKeys(transport) : batchKeys
    const outbox = await createPostgresOutbox(database, { ...rest, batchKeys: keys }, elapsed)
    outboxes.push(outbox)
    const { add, schedule } = createAddGate(outbox.add, { schedule: setImmediate, elapsed, isLost })
    return { outbox: { ...outbox, add }, schedule }
  }

  try {
    await expectOwnSessions(database)
    await expectSafe(database)
    const first = await openAccount(options)
    const clock = await createSharedClock(() => timeOf(database), elapsed)
    const follow = followClock(clock, outboxes)
    // A failure is ignored here: the outbox's own statements report that the database does not answer.
    const sync = setInterval(() => void follow().catch(() => undefined), CLOCK_SYNC_INTERVAL_MS).unref()
    return {
      ...first,
      openAccount,
      transports: async () =>
        new Map(Array.from(await readTransports(database), (row) => [row.account, row.transport])),
      leads: () =>
        database.run(
          'SELECT account, sum(waiting + held + parked + owed)::bigint AS leads FROM form_sync_counter GROUP BY account',
        ),
      waiting: () => database.run('SELECT form, sum(waiting)::bigint AS waiting FROM form_sync_counter GROUP BY form'),
      now: clock.now,
      setClock: follow,
      alertState: {
        read: () => readAlertState(database),
        write: (seen, before) => writeAlertState(database, seen, before),
      },
      async close() {
        clearInterval(sync)
        await database.close()
      },
    }
  } catch (cause) {
    await database.close()
    throw unusableDatabase(url, cause)
  }
}

/**
 * Returns what sets the clock again. After a step back it clamps the stored times, which no lead is to wait for: at the next
 * call, when it fails.
 */
function followClock(clock: SharedClock, outboxes: readonly Pick<Outbox, 'resume'>[]): () => Promise<void> {
  let wentBack = false
  return async () => {
    if ((await clock.set()) < -STEP_BACK_MS) wentBack = true
    if (!wentBack) return
    for (const outbox of outboxes) await outbox.resume(clock.now())
    wentBack = false
  }
}

/** Returns the error for a database that cannot be used. The message names the database without the password. */
export function unusableDatabase(url: string, cause: unknown): Error {
  return new Error(`${withoutSecrets(url)} cannot be used as an outbox: ${(cause as Error).message}`, { cause })
}

/** Returns the name of the transport of the relay that has used this account last; undefined if none has. */
async function storedTransport(database: Database, account = FIRST_ACCOUNT): Promise<string | undefined> {
  try {
    return (await readTransports(database)).find((row) => row.account === account)?.transport
  } catch {
    // Without the table, opening the outbox says what is wrong.
    return undefined
  }
}

function readTransports(database: Database): Promise<{ account: string; transport: string }[]> {
  return database.run('SELECT account, transport FROM form_sync_control ORDER BY account')
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

/**
 * Throws if the connections have no sessions of their own: the settings of a connection, such as `synchronous_commit`,
 * would then be those of another one.
 */
async function expectOwnSessions(database: PostgresDatabase): Promise<void> {
  if (!(await database.isPooledByTransaction())) return
  throw new Error(
    'a pooler gives each transaction another connection, so the settings of a connection do not last. Set its pool_mode to session for this database, or set FORM_SYNC_DATABASE to the server itself',
  )
}

interface Server extends Row {
  version: number
  encoding: string
  fsync: string
  standby: number
}

/** Throws if leads cannot be stored safely on this server. */
async function expectSafe(database: Database): Promise<void> {
  const [server] = await database.run<Server>(
    `SELECT current_setting('server_version_num')::integer AS version, current_setting('server_encoding') AS encoding,
       current_setting('fsync') AS fsync, pg_is_in_recovery()::integer AS standby`,
  )
  const { version, encoding, fsync, standby } = server!
  if (version < MIN_SERVER_VERSION) throw new Error('the server is older than PostgreSQL 13. Upgrade it')
  if (encoding !== 'UTF8') throw new Error(`its encoding is ${encoding}. Create a database WITH ENCODING 'UTF8'`)
  if (fsync !== 'on') throw new Error('fsync is off: a power cut would lose confirmed leads. Turn fsync on')
  if (standby === 1) throw new Error('it is a standby. Set FORM_SYNC_DATABASE to the primary')
}

/** Returns the address without user and password. */
function withoutSecrets(url: string): string {
  if (!URL.canParse(url)) return 'The database'
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}
