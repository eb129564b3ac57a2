/** Leasing: reads due jobs, lets the planner make batches of them, and marks them as leased. */
import { afterLease, batchOf, claimLimits, reserveSlot, type AccountState } from '../account-state.ts'
import { afterTurn, fillBatch, interleave, planBatch, type BatchKeys, type Lane } from '../batch-planner.ts'
import { JOB_COLUMNS, type JobRow } from '../job-row.ts'
import { leavesReserve } from '../limits/lead-reserve.ts'
import type { Limits } from '../limits/limits.ts'
import type { Batch, CallSlot } from '../outbox.ts'
import { markFollowing, takesCookie } from '../owed.ts'
import { readLeased, readState, startBatch, writeState } from './control.ts'
import type { AccountSql, Row } from './database.ts'
import { delayOwed, isOwedOut, leaseOwed, newestOwed } from './owed.ts'
import { relieve } from './relieve.ts'

/** Leases batches, within a transaction; see the port. */
export function claim(
  sql: AccountSql,
  batchKeys: BatchKeys,
  limits: Limits,
  now: number,
  leaseExpiresAt: number,
  max: number,
): Batch[] {
  const stored = readState(sql)
  const leased = readLeased(sql, now)
  const limit = claimLimits(stored, limits, leased, now, max)
  const state = limit.batches > 0 ? relieve(sql, batchKeys, stored, limits, leased, now) : stored
  const batches: Batch[] = []
  let { shared } = limit
  let { turns } = state
  while (batches.length < limit.batches) {
    const lanes = readLanes(sql, now, limit.jobs)
    const plan = planBatch(lanes, turns, limit.jobs, shared > 0)
    if (!plan) break
    const jobs = fillBatch(interleave(plan.parts.map((part) => dueJobs(sql, part.lane, now, part.jobs))), limit.jobs)
    if (plan.first.batch_key !== null) shared -= 1
    turns = afterTurn(turns, plan.first, lanes)
    batches.push(lease(sql, batchKeys, state, jobs, leaseExpiresAt, now))
  }
  while (batches.length < limit.batches && leavesReserve(state.budget, limits, batches.length, now)) {
    const owed = newestOwed(sql, now)
    if (!owed) break
    batches.push(leaseOwed(sql, state, owed, leaseExpiresAt, now))
  }
  if (batches.length > 0 || state !== stored) writeState(sql, afterLease({ ...state, turns }, limits, batches, now))
  return batches
}

/** Reserves one call, within a transaction; see the port. */
export function acquireSlot(sql: AccountSql, limits: Limits, now: number, leaseExpiresAt: number): CallSlot {
  const slot = reserveSlot(readState(sql), limits, readLeased(sql, now), now)
  if ('retryAt' in slot) return slot
  writeState(sql, slot.reserved)
  return { slot: startBatch(sql, [], leaseExpiresAt, now) }
}

/**
 * Reads the lanes of the account, and counts up to `max` due jobs in each. Skips from lane to lane by the index, so that the
 * number of jobs does not matter. The last key is null: that of the jobs that go alone.
 */
export function readLanes(sql: AccountSql, now: number, max: number): Lane[] {
  return sql.run<Lane & Row>(
    `WITH RECURSIVE keys (key) AS (
       SELECT min(batch_key) FROM job WHERE account = ?1 AND batch_key IS NOT NULL AND state = 'ready'
       UNION ALL
       SELECT (SELECT min(batch_key) FROM job WHERE account = ?1 AND batch_key > keys.key AND state = 'ready')
       FROM keys WHERE keys.key IS NOT NULL
     ), lanes (key, form) AS (
       SELECT key, (SELECT min(form) FROM job WHERE account = ?1 AND batch_key IS keys.key AND state = 'ready')
       FROM keys
       UNION ALL
       SELECT key, (SELECT min(form) FROM job
                    WHERE account = ?1 AND batch_key IS lanes.key AND form > lanes.form AND state = 'ready')
       FROM lanes WHERE lanes.form IS NOT NULL
     )
     SELECT batch_key, job.form, due_at, seq, max_batch_size,
       (SELECT count(*) FROM (
          SELECT 1 FROM job AS other WHERE account = ?1 AND other.batch_key IS lanes.key AND other.form = lanes.form
            AND state = 'ready' AND other.due_at <= ?2 LIMIT ?3)) AS due
     FROM lanes JOIN job ON seq = (
       SELECT seq FROM job AS other WHERE account = ?1 AND other.batch_key IS lanes.key AND other.form = lanes.form
         AND state = 'ready' ORDER BY other.due_at, seq LIMIT 1)`,
    sql.account,
    now,
    max,
  )
}

function dueJobs(sql: AccountSql, { batch_key: key, form }: Lane, now: number, limit: number): JobRow[] {
  return sql.run<JobRow>(
    `SELECT ${JOB_COLUMNS} FROM job WHERE account = ? AND batch_key IS ? AND form = ? AND state = 'ready' AND due_at <= ?
     ORDER BY due_at, seq LIMIT ?`,
    sql.account,
    key,
    form,
    now,
    limit,
  )
}

function lease(
  sql: AccountSql,
  batchKeys: BatchKeys,
  state: AccountState,
  due: readonly JobRow[],
  leaseExpiresAt: number,
  now: number,
): Batch {
  const rows = due.map((row) => markFollowing(row, batchKeys, () => isOwedOut(sql, row, now)))
  const id = startBatch(sql, rows, leaseExpiresAt, now)
  // A lease of the same person that has expired ends here.
  const endExpired = 'UPDATE job SET batch = NULL WHERE account = ? AND person_key = ? AND batch IS NOT NULL'
  const leaseJob = 'UPDATE job SET due_at = ?, batch = ?, attempts = attempts + 1, stale = ? WHERE seq = ?'
  for (const row of rows) {
    sql.run(endExpired, sql.account, row.person_key)
    sql.run(leaseJob, leaseExpiresAt, id, row.stale, row.seq)
    if (takesCookie(row)) delayOwed(sql, row, leaseExpiresAt)
  }
  return batchOf(id, leaseExpiresAt, rows, state)
}
