/** Leasing: reads due jobs, lets the planner make batches of them, and marks them as leased. */
import { afterLease, batchOf, claimLimits, reserveSlot, type AccountState } from '../account-state.ts'
import {
  afterTurn,
  fillBatch,
  interleave,
  planBatch,
  SEARCHED_JOBS,
  type BatchKeys,
  type Lane,
} from '../batch-planner.ts'
import { JOB_COLUMNS, type JobRow } from '../job-row.ts'
import { leavesReserve } from '../limits/lead-reserve.ts'
import type { Limits } from '../limits/limits.ts'
import type { CallUse } from '../limits/shares.ts'
import type { Batch, CallSlot } from '../outbox.ts'
import { markFollowing } from '../owed.ts'
import { afterPutOff, lanesAlone, needsWeakCall, PUT_OFF_JOBS, putOffUntil } from '../put-off.ts'
import { sentVisitor, takenVisitors } from '../sent-visitor.ts'
import { UNSENT_COOKIE } from '../unsent-cookie.ts'
import { isWeakKey } from '../weak-key.ts'
import { readLeased, readState, startBatch, writeState } from './control.ts'
import type { AccountSql, Row } from './database.ts'
import { delayLost } from './lost-calls.ts'
import { delayOwed, isOwedOut, leaseOwed, newestOwed } from './owed.ts'
import { promoteNext } from './promote.ts'
import { relieve } from './relieve.ts'
import { giveTurns, HAS_TURN, LATER } from './turns.ts'

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
  const known = delayLost(sql, stored, now)
  const leased = readLeased(sql, now)
  const limit = claimLimits(known, limits, leased, now, max)
  const busy = limit.batches > 0 ? readBusy(sql, now).map(({ visitor }) => visitor) : []
  const left = limit.batches > 0 && limit.weak === 0 ? putOff(sql, known, busy, now) : known
  const state = limit.batches > 0 ? relieve(sql, batchKeys, left, limits, leased, now) : left
  const batches: Batch[] = []
  let { shared, weak } = limit
  let sharedWeak = 0
  let { turns } = state
  const closed = new Set<string>()
  while (batches.length < limit.batches) {
    giveTurns(sql, now)
    const lanes = readLanes(sql, now, limit.jobs, busy)
    const open = lanes.filter(({ batch_key: key, form }) =>
      key === null ? !closed.has(form) : sharedWeak < limit.sharedWeak || !isWeakKey(key),
    )
    const plan = planBatch(open, turns, limit.jobs, shared > 0)
    if (!plan) break
    const due = plan.parts.map((part) => dueJobs(sql, part.lane, now, part.jobs, busy))
    const jobs = fillBatch(interleave(due), limit.jobs)
    if (needsWeakCall(jobs[0])) {
      // The next claim puts it off.
      if (weak === 0) {
        closed.add(plan.first.form)
        continue
      }
      weak -= 1
    }
    if (plan.first.batch_key !== null) shared -= 1
    if (isWeakKey(plan.first.batch_key)) sharedWeak += 1
    turns = afterTurn(turns, plan.first)
    batches.push(lease(sql, batchKeys, state, jobs, leaseExpiresAt, now))
    busy.push(...jobs.flatMap((job) => sentVisitor(job) ?? []))
  }
  while (batches.length < limit.batches && leavesReserve(state.budget, limits, batches.length, now)) {
    const owed = newestOwed(sql, now)
    if (!owed) break
    batches.push(leaseOwed(sql, state, owed, leaseExpiresAt, now))
  }
  if (batches.length > 0 || state !== stored) {
    writeState(sql, afterLease({ ...state, turns }, limits, batches, now, { weak: limit.weak - weak, sharedWeak }))
  }
  return batches
}

/** Puts off due jobs with weak evidence; see `../put-off.ts`. Returns the state afterwards. */
function putOff(sql: AccountSql, state: AccountState, busy: readonly string[], now: number): AccountState {
  const until = putOffUntil(state, now)
  const jobs = lanesAlone(readLanes(sql, now, 1, busy)).flatMap((lane) => {
    if (!needsWeakCall(dueJobs(sql, lane, now, 1, busy)[0])) return []
    return dueJobs(sql, lane, now, PUT_OFF_JOBS, busy).filter(needsWeakCall)
  })
  for (const { seq, person_key: person } of jobs) {
    sql.run(
      `UPDATE job SET due_at = ?2, turn = NULL, failing_since = min(coalesce(failing_since, ?3), ?3) WHERE seq = ?1`,
      seq,
      until,
      now,
    )
    promoteNext(sql, person!)
  }
  return afterPutOff(state, jobs.length, now)
}

/** Reserves one call, within a transaction; see the port. */
export function acquireSlot(
  sql: AccountSql,
  limits: Limits,
  now: number,
  leaseExpiresAt: number,
  idle?: number,
  use?: CallUse,
): CallSlot {
  const slot = reserveSlot(readState(sql), limits, readLeased(sql, now), now, idle, use)
  if ('retryAt' in slot) return slot
  writeState(sql, slot.reserved)
  return { slot: startBatch(sql, [], leaseExpiresAt, now) }
}

/** Reads the jobs whose visitor's cookie is under way until they are due: another lead with it is not leased meanwhile. */
export function readBusy(sql: AccountSql, now: number): { visitor: string; state: string; due_at: number }[] {
  return sql.run(
    `SELECT visitor_key AS visitor, state, due_at FROM job
     WHERE account = ? AND batch IS NOT NULL AND visitor_key IS NOT NULL AND due_at > ? AND NOT ${IS_COOKIE_UNSENT}`,
    sql.account,
    now,
  )
}

const IS_COOKIE_UNSENT = `instr(rejected || stale, '"${UNSENT_COOKIE}"') > 0`

/** Condition for a job that may be leased while visitors are busy, and for one that is leased itself. */
const IS_FREE = `((batch IS NOT NULL AND due_at > ?2) OR visitor_key IS NULL
  OR visitor_key NOT IN (SELECT value FROM json_each(?4)) OR ${IS_COOKIE_UNSENT})`

/** Returns a query for the first jobs that are free, of those that `condition` selects. */
function firstFree(columns: string, condition: string, limit: string): string {
  return `SELECT ${columns} FROM (
      SELECT batch_key, seq, turn, due_at, batch, visitor_key, rejected, stale FROM job AS other
      WHERE ${condition} ORDER BY turn, other.due_at, seq LIMIT ${SEARCHED_JOBS}
    ) WHERE ${IS_FREE} LIMIT ${limit}`
}

/** Returns the query for the lanes; without busy visitors, an index has all that it reads. */
function lanesQuery(isBusy: boolean): string {
  const inLane = `account = ?1 AND other.batch_key IS lanes.key AND other.form = lanes.form AND ${HAS_TURN}`
  const due = `${inLane} AND other.due_at <= ?2`
  return `WITH RECURSIVE keys (key) AS (
       SELECT min(batch_key) FROM job WHERE account = ?1 AND batch_key IS NOT NULL AND ${HAS_TURN}
       UNION ALL
       SELECT (SELECT min(batch_key) FROM job WHERE account = ?1 AND batch_key > keys.key AND ${HAS_TURN})
       FROM keys WHERE keys.key IS NOT NULL
     ), lanes (key, form) AS (
       SELECT key, (SELECT min(form) FROM job WHERE account = ?1 AND batch_key IS keys.key AND ${HAS_TURN})
       FROM keys
       UNION ALL
       SELECT key, (SELECT min(form) FROM job
                    WHERE account = ?1 AND batch_key IS lanes.key AND form > lanes.form AND ${HAS_TURN})
       FROM lanes WHERE lanes.form IS NOT NULL
     )
     SELECT batch_key, job.form, due_at, seq, max_batch_size, (SELECT count(*) FROM (
         ${isBusy ? firstFree('1', due, '?3') : `SELECT 1 FROM job AS other WHERE ${due} LIMIT ?3`}
       )) AS due
     FROM lanes JOIN job ON seq = (
         ${isBusy ? firstFree('seq', inLane, '1') : `SELECT seq FROM job AS other WHERE ${inLane} ORDER BY turn, other.due_at, seq LIMIT 1`}
       )`
}

const LANES = lanesQuery(false)
const FREE_LANES = lanesQuery(true)

/**
 * Reads the lanes of the account, of the jobs that have a turn, and counts up to `max` due jobs in each. Skips from lane to lane by the index, so that the
 * number of jobs does not matter. The last key is null: that of the jobs that go alone. Jobs of busy visitors do not count.
 */
export function readLanes(sql: AccountSql, now: number, max: number, busy: readonly string[]): Lane[] {
  const known = [sql.account, now, max]
  return busy.length > 0
    ? sql.run<Lane & Row>(FREE_LANES, ...known, JSON.stringify(busy))
    : sql.run<Lane & Row>(LANES, ...known)
}

/** Reads the first job that goes alone and the first one with a batch key, of those that have no turn. */
export function firstLater(
  sql: AccountSql,
  now: number,
  busy: readonly string[],
): Pick<Lane, 'batch_key' | 'due_at'>[] {
  return LATER.flatMap((condition) =>
    sql.run<Pick<Lane, 'batch_key' | 'due_at'> & Row>(
      firstFree('batch_key, due_at', `account = ?1 AND ${condition}`, '?3'),
      sql.account,
      now,
      1,
      JSON.stringify(busy),
    ),
  )
}

function dueJobs(
  sql: AccountSql,
  { batch_key: key, form }: Lane,
  now: number,
  limit: number,
  busy: readonly string[],
): JobRow[] {
  return sql.run<JobRow>(
    `SELECT ${JOB_COLUMNS} FROM job
     WHERE account = ?1 AND batch_key IS ?5 AND form = ?6 AND ${HAS_TURN} AND due_at <= ?2 AND ${IS_FREE}
     ORDER BY turn, due_at, seq LIMIT ?3`,
    sql.account,
    now,
    limit,
    JSON.stringify(busy),
    key,
    form,
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
  const leaseJob = 'UPDATE job SET due_at = ?, batch = ?, turn = NULL, attempts = attempts + 1, stale = ? WHERE seq = ?'
  const taken = takenVisitors(rows)
  if (taken.length > 0) {
    // So does one of the same visitor, and keeps its place: settled late, it would mark a cookie as stale that is under way.
    sql.run(
      `UPDATE job SET batch = NULL, due_at = min(due_at, coalesce(failing_since, due_at))
       WHERE account = ? AND batch IS NOT NULL AND due_at <= ? AND visitor_key IN (SELECT value FROM json_each(?))`,
      sql.account,
      now,
      JSON.stringify(taken),
    )
  }
  for (const row of rows) {
    sql.run(endExpired, sql.account, row.person_key)
    sql.run(leaseJob, leaseExpiresAt, id, row.stale, row.seq)
    const visitor = sentVisitor(row)
    if (visitor !== null) delayOwed(sql, visitor, leaseExpiresAt, now)
  }
  return batchOf(id, leaseExpiresAt, rows, state)
}
