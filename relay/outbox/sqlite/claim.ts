/** Leasing: reads due jobs, lets the planner make batches of them, and marks them as leased. */
import { afterLease, batchOf, claimLimits, reserveSlot, type AccountState } from '../account-state.ts'
import { batchLimit, fillBatch, firstDue } from '../batch-planner.ts'
import { JOB_COLUMNS, type JobRow } from '../job-row.ts'
import type { Limits } from '../limits/limits.ts'
import type { Batch, CallSlot } from '../outbox.ts'
import { readLeased, readState, startBatch, writeState } from './control.ts'
import type { AccountSql } from './database.ts'

/** Leases batches, within a transaction; see the port. */
export function claim(sql: AccountSql, limits: Limits, now: number, leaseExpiresAt: number, max: number): Batch[] {
  const state = readState(sql)
  const limit = claimLimits(state, limits, readLeased(sql, now), now, max)
  const batches: Batch[] = []
  let { shared } = limit
  while (batches.length < limit.batches) {
    const jobs = nextBatch(sql, now, limit.jobs, shared > 0)
    if (jobs.length === 0) break
    if (jobs[0]?.batch_key !== null) shared -= 1
    batches.push(lease(sql, state, jobs, leaseExpiresAt, now))
  }
  if (batches.length > 0) writeState(sql, afterLease(state, limits, batches, now))
  return batches
}

/** Reserves one call, within a transaction; see the port. */
export function acquireSlot(sql: AccountSql, limits: Limits, now: number, leaseExpiresAt: number): CallSlot {
  const slot = reserveSlot(readState(sql), limits, readLeased(sql, now), now)
  if ('retryAt' in slot) return slot
  writeState(sql, slot.reserved)
  return { slot: startBatch(sql, [], leaseExpiresAt, now) }
}

/** The jobs of the next batch: the one that is due longest, and those that share its call. */
function nextBatch(sql: AccountSql, now: number, maxJobs: number, mayShare: boolean): JobRow[] {
  const keys: (string | null)[] = mayShare ? [null, ...batchKeys(sql)] : [null]
  const first = firstDue(keys.flatMap((key) => dueJobs(sql, key, now, 1)))
  if (!first) return []
  const limit = batchLimit(first, maxJobs)
  return limit > 1 ? fillBatch(dueJobs(sql, first.batch_key, now, limit), limit) : [first]
}

/** Skips from key to key by the index, so that the number of jobs does not matter. */
export function batchKeys(sql: AccountSql): string[] {
  const rows = sql.run<{ key: string }>(
    `WITH RECURSIVE keys (key) AS (
       SELECT min(batch_key) FROM job WHERE account = ?1 AND batch_key IS NOT NULL AND state = 'ready'
       UNION ALL
       SELECT (SELECT min(batch_key) FROM job WHERE account = ?1 AND batch_key > keys.key AND state = 'ready')
       FROM keys WHERE keys.key IS NOT NULL
     ) SELECT key FROM keys WHERE key IS NOT NULL`,
    sql.account,
  )
  return rows.map(({ key }) => key)
}

function dueJobs(sql: AccountSql, key: string | null, now: number, limit: number): JobRow[] {
  return sql.run<JobRow>(
    `SELECT ${JOB_COLUMNS} FROM job WHERE account = ? AND batch_key IS ? AND state = 'ready' AND due_at <= ?
     ORDER BY due_at, seq LIMIT ?`,
    sql.account,
    key,
    now,
    limit,
  )
}

function lease(
  sql: AccountSql,
  state: AccountState,
  rows: readonly JobRow[],
  leaseExpiresAt: number,
  now: number,
): Batch {
  const id = startBatch(sql, rows, leaseExpiresAt, now)
  // A lease of the same person that has expired ends here.
  const endExpired = 'UPDATE job SET batch = NULL WHERE account = ? AND person_key = ? AND batch IS NOT NULL'
  for (const { seq, person_key: person } of rows) {
    sql.run(endExpired, sql.account, person)
    sql.run('UPDATE job SET due_at = ?, batch = ?, attempts = attempts + 1 WHERE seq = ?', leaseExpiresAt, id, seq)
  }
  return batchOf(id, leaseExpiresAt, rows, state)
}
