/**
 * The outbox on PostgreSQL: several relays share one, and together they keep what the port promises.
 *
 * Tables and order per person are those of the outbox on SQLite. Three things keep nodes apart: the control row
 * (`control.ts`), which all transactions but additions lock; the locks of people (`ordering.ts`); and the indexes, which
 * refuse a second lead of one id and a second job of one person that could be leased. A node that crashes leaves nothing
 * to clean up: its transaction is rolled back, and its leases expire.
 *
 * However many jobs a method is about, it takes a few round trips; a claim, a few for each batch.
 */
import { clampState, nextClaimAt, parseState } from '../account-state.ts'
import type { BatchKeys } from '../batch-planner.ts'
import { breakerStatus } from '../circuit-breaker.ts'
import { MAX_WAIT_MS } from '../clock-skew.ts'
import { JOB_COLUMNS, leadOf, recordOf, type JobRow } from '../job-row.ts'
import { currentDay } from '../limits/call-budget.ts'
import { leaseOf, LIMITS, type Limits } from '../limits/limits.ts'
import type { ListedState, ListPosition, Outbox, OutboxStatus } from '../outbox.ts'
import { keysOf, type OutboxCrypto } from '../person-keys.ts'
import { add } from './add.ts'
import { acquireSlot, BATCH_KEYS, claim } from './claim.ts'
import { LEASED_COLUMNS, leasedOf, lockState, writeState, type LeasedRow } from './control.ts'
import type { Database, Transaction } from './database.ts'
import { FIRST_ACCOUNT, openTables } from './schema.ts'
import { replay, settle } from './settle.ts'

export interface PostgresOutboxOptions {
  /** Rules of the transport for sharing calls. */
  batchKeys: BatchKeys
  crypto: OutboxCrypto
  /** The same on all nodes. */
  limits?: Limits
  /** Name of the Marketo account. */
  account?: string
}

/** Jobs whose batch keys are computed again in one transaction. */
const REKEYED_JOBS = 2_000

/**
 * Opens the outbox of an account in a database, and creates or upgrades the tables.
 *
 * @throws when the tables have a newer version
 */
export async function createPostgresOutbox(
  database: Database,
  { batchKeys, crypto, limits = LIMITS, account = FIRST_ACCOUNT }: PostgresOutboxOptions,
): Promise<Outbox> {
  const digest = crypto.keyedDigest(await openTables(database, crypto))
  await database.run(
    'INSERT INTO form_sync_control (account, transport) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    account,
    batchKeys.name,
  )
  return {
    async add(leads, dueAt) {
      // A write that changes nothing tests whether the database can be written.
      if (leads.length === 0) await database.run('UPDATE form_sync_meta SET version = version')
      else {
        const keys = await keysOf(leads, digest)
        await database.transaction(async (sql) => add(sql, account, batchKeys, leads, keys, dueAt))
      }
    },
    claim: (now, leaseExpiresAt, max) =>
      database.transaction((sql) => claim(sql, account, limits, now, leaseExpiresAt, max)),
    settle: (batch, settlements, now, limited) =>
      database.transaction((sql) => settle(sql, account, limits, batch, settlements, now, limited)),
    acquireSlot: (now, leaseExpiresAt) =>
      database.transaction((sql) => acquireSlot(sql, account, limits, now, leaseExpiresAt)),
    nextDueAt: (now) => nextDueAt(database, account, limits, now),
    async resume(now) {
      await database.transaction((sql) => clampTimes(sql, account, limits, now), true)
      await updateBatchKeys(database, account, batchKeys)
    },
    status: (now) => status(database, account, limits, now),
    async find(id) {
      const [row] = await database.run<JobRow>(
        `SELECT ${JOB_COLUMNS} FROM form_sync_job WHERE id = $1 AND account = $2`,
        id,
        account,
      )
      return row && recordOf(row)
    },
    async list(state, limit, after) {
      return (await list(database, account, state, limit, after)).map(recordOf)
    },
    replay: (ids, edit, now) => database.transaction((sql) => replay(sql, account, batchKeys, ids, edit, now)),
    async sweep(before, limit) {
      const swept = await database.run(
        `DELETE FROM form_sync_job WHERE seq = ANY (ARRAY(
           SELECT seq FROM form_sync_job WHERE account = $1 AND state = 'delivered' AND settled_at < $2
           ORDER BY settled_at, seq LIMIT $3 FOR UPDATE SKIP LOCKED
         )) RETURNING seq`,
        account,
        before,
        limit,
      )
      return swept.length
    },
  }
}

interface Next extends LeasedRow {
  state: string | null
  alone: number | null
  shared_due: number | null
}

async function nextDueAt(
  database: Database,
  account: string,
  limits: Limits,
  now: number,
): Promise<number | undefined> {
  const [row] = await database.run<Next>(
    `SELECT state, out, first_end, shared,
       (SELECT due_at FROM form_sync_job WHERE account = $1 AND batch_key IS NULL AND state = 'ready'
        ORDER BY batch_key, due_at LIMIT 1) AS alone,
       (SELECT min((SELECT min(due_at) FROM form_sync_job
                    WHERE account = $1 AND batch_key = keys.key AND state = 'ready'))
        FROM (${BATCH_KEYS}) AS keys) AS shared_due
     FROM form_sync_control CROSS JOIN (
       SELECT ${LEASED_COLUMNS} FROM form_sync_batch WHERE account = $1 AND lease_expires_at > $2
     ) AS batches
     WHERE form_sync_control.account = $1`,
    account,
    now,
  )
  if (!row || (row.alone === null && row.shared_due === null)) return undefined
  const due = { alone: row.alone, shared: row.shared_due }
  return nextClaimAt(parseState(row.state), limits, leasedOf(row), due, now)
}

/** Leases of other nodes stay: all nodes have one clock and the same limits, so none ends later than a new one could. */
async function clampTimes(sql: Transaction, account: string, limits: Limits, now: number): Promise<void> {
  const state = await lockState(sql, account)
  const [latestLeaseEnd, latestDue] = [now + leaseOf(limits), now + MAX_WAIT_MS]
  sql.send(
    'UPDATE form_sync_batch SET lease_expires_at = $2 WHERE account = $1 AND lease_expires_at > $2',
    account,
    latestLeaseEnd,
  )
  sql.send(
    'UPDATE form_sync_job SET due_at = $2 WHERE account = $1 AND batch IS NOT NULL AND due_at > $2',
    account,
    latestLeaseEnd,
  )
  for (const jobs of ['ready', 'queued']) {
    sql.send(
      `UPDATE form_sync_job SET due_at = $2
       WHERE account = $1 AND state = '${jobs}' AND batch IS NULL AND due_at > $2`,
      account,
      latestDue,
    )
  }
  writeState(sql, account, clampState(state, now, latestLeaseEnd))
}

/** Computes the batch keys of waiting jobs again when they are those of another transport. */
async function updateBatchKeys(database: Database, account: string, batchKeys: BatchKeys): Promise<void> {
  const [control] = await database.run<{ transport: string | null }>(
    'SELECT transport FROM form_sync_control WHERE account = $1',
    account,
  )
  if (control?.transport === batchKeys.name) return
  for (let last: number | undefined = 0; last !== undefined;) {
    const from: number = last
    last = await database.transaction(async (sql) => {
      const rows = await sql.run<Pick<JobRow, 'seq' | 'batch_key' | 'lead'>>(
        `SELECT seq, batch_key, lead FROM form_sync_job
         WHERE account = $1 AND seq > $2 AND state IN ('ready', 'queued') ORDER BY seq LIMIT ${REKEYED_JOBS} FOR UPDATE`,
        account,
        from,
      )
      const keys = rows.map((row) => ({ seq: row.seq, key: batchKeys.batchKey(leadOf(row)) }))
      const changed = keys.filter(({ key }, at) => key !== rows[at]?.batch_key)
      sql.send(
        `UPDATE form_sync_job AS job SET batch_key = new.key
         FROM unnest($1::bigint[], $2::text[]) AS new (seq, key) WHERE job.seq = new.seq`,
        changed.map(({ seq }) => seq),
        changed.map(({ key }) => key),
      )
      return rows.at(-1)?.seq
    }, true)
  }
  await database.run('UPDATE form_sync_control SET transport = $2 WHERE account = $1', account, batchKeys.name)
}

interface StatusRow {
  [column: string]: string | number | null
  state: string | null
  waiting: number
  held: number
  parked: number
  delivered: number
  oldest_at: number | null
  parked_at: number | null
}

async function status(database: Database, account: string, limits: Limits, now: number): Promise<OutboxStatus> {
  const [row] = await database.run<StatusRow>(
    `SELECT state, counts.*,
       (SELECT min(accepted_at) FROM form_sync_job WHERE account = $1 AND settled_at IS NULL) AS oldest_at,
       (SELECT min(settled_at) FROM form_sync_job
        WHERE account = $1 AND state = 'parked' AND state IN ('held', 'parked')) AS parked_at
     FROM form_sync_control CROSS JOIN (
       SELECT coalesce(sum(waiting), 0)::bigint AS waiting, coalesce(sum(held), 0)::bigint AS held,
         coalesce(sum(parked), 0)::bigint AS parked, coalesce(sum(delivered_total), 0)::bigint AS delivered
       FROM form_sync_counter WHERE account = $1
     ) AS counts
     WHERE form_sync_control.account = $1`,
    account,
  )
  if (!row) throw new Error(`the table form_sync_control has lost the row of the account ${account}`)
  const { budget, breaker } = parseState(row.state)
  const { spent, endsAt } = currentDay(budget, now)
  return {
    waiting: row.waiting,
    held: row.held,
    parked: row.parked,
    delivered: row.delivered,
    ...(row.oldest_at !== null && { oldestAt: row.oldest_at }),
    ...(row.parked_at !== null && { parkedAt: row.parked_at }),
    ...breakerStatus(breaker),
    day: { spent, of: limits.callsPerDay, endsAt },
  }
}

function list(
  database: Database,
  account: string,
  state: ListedState,
  limit: number,
  { at, id }: ListPosition = { at: -1, id: '' },
): Promise<JobRow[]> {
  const [condition, time] =
    state === 'waiting'
      ? ['settled_at IS NULL AND $5::text IS NOT NULL', 'accepted_at']
      : [`state = $5 AND state IN ('held', 'parked')`, 'settled_at']
  return database.run<JobRow>(
    `SELECT ${JOB_COLUMNS} FROM form_sync_job
     WHERE account = $1 AND ${condition} AND ${time} >= $2 AND (${time}, id) > ($2, $3)
     ORDER BY ${time}, id LIMIT $4`,
    account,
    at,
    id,
    limit,
    state,
  )
}
