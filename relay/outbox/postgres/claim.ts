/**
 * Leasing: reads due jobs, lets the planner make batches of them, and marks them as leased.
 *
 * Rows are read FOR UPDATE SKIP LOCKED. No other node leases while this one holds the control row, but a person who looks
 * into the tables by hand may lock a row for an hour, and only that row is to wait.
 */
import { afterLease, batchOf, claimLimits, reserveSlot, type AccountState } from '../account-state.ts'
import { batchLimit, fillBatch, firstDue } from '../batch-planner.ts'
import { JOB_COLUMNS, type JobRow } from '../job-row.ts'
import type { Limits } from '../limits/limits.ts'
import type { Batch, CallSlot } from '../outbox.ts'
import { forgetExpired, lockState, readLeased, writeState } from './control.ts'
import type { AccountTransaction } from './database.ts'

/** Leases batches, within a transaction; see the port. */
export async function claim(
  sql: AccountTransaction,
  limits: Limits,
  now: number,
  leaseExpiresAt: number,
  max: number,
): Promise<Batch[]> {
  const [state, leased] = await Promise.all([lockState(sql), readLeased(sql, now)])
  const limit = claimLimits(state, limits, leased, now, max)
  const batches: Batch[] = []
  let { shared } = limit
  while (batches.length < limit.batches) {
    const jobs = await nextBatch(sql, now, limit.jobs, shared > 0)
    if (jobs.length === 0) break
    if (jobs[0]?.batch_key !== null) shared -= 1
    batches.push(await lease(sql, state, jobs, leaseExpiresAt, now))
  }
  if (batches.length > 0) writeState(sql, afterLease(state, limits, batches, now))
  return batches
}

/** Reserves one call, within a transaction; see the port. */
export async function acquireSlot(
  sql: AccountTransaction,
  limits: Limits,
  now: number,
  leaseExpiresAt: number,
): Promise<CallSlot> {
  const [state, leased] = await Promise.all([lockState(sql), readLeased(sql, now)])
  const slot = reserveSlot(state, limits, leased, now)
  if ('retryAt' in slot) return slot
  writeState(sql, slot.reserved)
  forgetExpired(sql, now)
  const [started] = await sql.run<{ id: number }>(
    `INSERT INTO form_sync_batch (account, claimed_at, lease_expires_at, jobs) VALUES ($1, $2, $3, 0) RETURNING id`,
    sql.account,
    now,
    leaseExpiresAt,
  )
  return { slot: started!.id }
}

/** The jobs of the next batch: the one that is due longest, and those that share its call. */
async function nextBatch(sql: AccountTransaction, now: number, maxJobs: number, mayShare: boolean): Promise<JobRow[]> {
  const [alone, keys] = await Promise.all([dueJobs(sql, null, now, 1), mayShare ? batchKeys(sql) : []])
  const heads = await Promise.all(keys.map((key) => dueJobs(sql, key, now, 1)))
  const first = firstDue([...alone, ...heads.flat()])
  if (!first) return []
  const limit = batchLimit(first, maxJobs)
  return limit > 1 ? fillBatch(await dueJobs(sql, first.batch_key, now, limit), limit) : [first]
}

/** A query for the keys of jobs that are ready: skips from key to key by the index, whatever the number of jobs. */
export const BATCH_KEYS = `WITH RECURSIVE keys (key) AS (
    SELECT min(batch_key) FROM form_sync_job WHERE account = $1 AND batch_key IS NOT NULL AND state = 'ready'
    UNION ALL
    SELECT (SELECT min(batch_key) FROM form_sync_job
            WHERE account = $1 AND batch_key > keys.key AND state = 'ready')
    FROM keys WHERE keys.key IS NOT NULL
  ) SELECT key FROM keys WHERE key IS NOT NULL`

async function batchKeys(sql: AccountTransaction): Promise<string[]> {
  return (await sql.run<{ key: string }>(BATCH_KEYS, sql.account)).map(({ key }) => key)
}

/** Reads due jobs. The key is part of the order: where it is null, PostgreSQL would sort all due rows without it. */
function dueJobs(sql: AccountTransaction, key: string | null, now: number, limit: number): Promise<JobRow[]> {
  const condition = key === null ? 'batch_key IS NULL AND $4::text IS NULL' : 'batch_key = $4'
  return sql.run<JobRow>(
    `SELECT ${JOB_COLUMNS} FROM form_sync_job
     WHERE account = $1 AND ${condition} AND state = 'ready' AND due_at <= $2
     ORDER BY batch_key, due_at, seq LIMIT $3 FOR UPDATE SKIP LOCKED`,
    sql.account,
    now,
    limit,
    key,
  )
}

async function lease(
  sql: AccountTransaction,
  state: AccountState,
  rows: readonly JobRow[],
  leaseExpiresAt: number,
  now: number,
): Promise<Batch> {
  forgetExpired(sql, now)
  // A lease of the same person that has expired ends here.
  sql.send(
    `UPDATE form_sync_job SET batch = NULL WHERE account = $1 AND person_key = ANY($2::text[]) AND batch IS NOT NULL`,
    sql.account,
    rows.map((row) => row.person_key),
  )
  const [started] = await sql.run<{ id: number; leased: number }>(
    `WITH started AS (
       INSERT INTO form_sync_batch (account, claimed_at, lease_expires_at, jobs, batch_key)
       VALUES ($1, $2, $3, cardinality($4::bigint[]), $5) RETURNING id
     ), leased AS (
       UPDATE form_sync_job SET due_at = $3, batch = started.id, attempts = attempts + 1
       FROM started WHERE seq = ANY($4::bigint[]) RETURNING seq
     )
     SELECT id, (SELECT count(*) FROM leased) AS leased FROM started`,
    sql.account,
    now,
    leaseExpiresAt,
    rows.map(({ seq }) => seq),
    rows[0]?.batch_key ?? null,
  )
  if (started?.leased !== rows.length) throw new Error('a job disappeared while it was being leased')
  return batchOf(started.id, leaseExpiresAt, rows, state)
}
