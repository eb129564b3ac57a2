/**
 * Leasing: reads due jobs, lets the planner make batches of them, and marks them as leased.
 *
 * Rows are read FOR UPDATE SKIP LOCKED. No other node leases while this one holds the control row, but a person who looks
 * into the tables by hand may lock a row for an hour, and only that row is to wait.
 */
import { afterLease, batchOf, claimLimits, reserveSlot, type AccountState } from '../account-state.ts'
import {
  afterTurn,
  fillBatch,
  interleave,
  planBatch,
  SEARCHED_JOBS,
  type BatchKeys,
  type Lane,
  type Turns,
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
import { forgetExpired, writeState } from './control.ts'
import type { AccountTransaction, Row } from './database.ts'
import { lockLeases, type LeaseWatch } from './lease-watch.ts'
import { delayLost } from './lost-calls.ts'
import { lockPeopleOfSeqs, promoteNext } from './ordering.ts'
import { delayOwed, leaseOwed, newestOwed, owedOut } from './owed.ts'
import { relieve } from './relieve.ts'
import { giveTurns, HAS_TURN } from './turns.ts'

/** Leases batches, within a transaction; see the port. */
export async function claim(
  sql: AccountTransaction,
  batchKeys: BatchKeys,
  limits: Limits,
  watch: LeaseWatch | undefined,
  now: number,
  leaseExpiresAt: number,
  max: number,
): Promise<Batch[]> {
  const { state: stored, leased } = await lockLeases(sql, watch, now)
  const known = delayLost(sql, stored, now)
  const limit = claimLimits(known, limits, leased, now, max)
  const left = limit.batches > 0 && limit.weak === 0 ? await putOff(sql, known, now) : known
  const state = limit.batches > 0 ? await relieve(sql, batchKeys, left, limits, leased, now) : left
  const batches: Batch[] = []
  let { shared, weak } = limit
  let sharedWeak = 0
  let { turns } = state
  const closed = new Set<string>()
  while (batches.length < limit.batches) {
    giveTurns(sql, now)
    const lanes = await sql.run<Lane & Row>(LANES, sql.account, now, limit.jobs)
    const open = lanes.filter(({ batch_key: key, form }) =>
      key === null ? !closed.has(form) : sharedWeak < limit.sharedWeak || !isWeakKey(key),
    )
    const next = await nextBatch(sql, open, turns, now, limit.jobs, shared > 0)
    if (!next) break
    if (needsWeakCall(next.jobs[0])) {
      // The next claim puts it off.
      if (weak === 0) {
        closed.add(next.first.form)
        continue
      }
      weak -= 1
    }
    if (next.first.batch_key !== null) shared -= 1
    if (isWeakKey(next.first.batch_key)) sharedWeak += 1
    turns = afterTurn(turns, next.first)
    batches.push(await lease(sql, batchKeys, state, next.jobs, leaseExpiresAt, now))
  }
  while (batches.length < limit.batches && leavesReserve(state.budget, limits, batches.length, now)) {
    const owed = await newestOwed(sql, now)
    if (!owed) break
    batches.push(await leaseOwed(sql, state, owed, leaseExpiresAt, now))
  }
  if (batches.length > 0 || state !== stored) {
    writeState(sql, afterLease({ ...state, turns }, limits, batches, now, { weak: limit.weak - weak, sharedWeak }))
  }
  watch?.begin(batches.map(({ id }) => id))
  return batches
}

/**
 * Puts off due jobs with weak evidence; see `../put-off.ts`. Resolves with the state afterwards. No row is locked before the
 * people are: an addition locks them first.
 */
async function putOff(sql: AccountTransaction, state: AccountState, now: number): Promise<AccountState> {
  const lanes = lanesAlone(await sql.run<Lane & Row>(LANES, sql.account, now, 1))
  const pages = await Promise.all(
    lanes.map(async (lane) => {
      const [first] = await dueJobs(sql, lane, now, 1, '')
      return needsWeakCall(first) ? (await dueJobs(sql, lane, now, PUT_OFF_JOBS, '')).filter(needsWeakCall) : []
    }),
  )
  const jobs = pages.flat()
  if (jobs.length === 0) return state
  const seqs = jobs.map(({ seq }) => seq)
  lockPeopleOfSeqs(sql, seqs)
  const changed = await sql.run<{ person: string }>(
    `UPDATE form_sync_job SET due_at = $3, turn = NULL, failing_since = least(coalesce(failing_since, $2), $2)
     WHERE seq = ANY (ARRAY(
       SELECT seq FROM form_sync_job WHERE seq = ANY ($1::bigint[]) AND ${HAS_TURN} AND due_at <= $2
       ORDER BY seq FOR UPDATE SKIP LOCKED))
     RETURNING person_key AS person`,
    seqs,
    now,
    putOffUntil(state, now),
  )
  promoteNext(
    sql,
    changed.map(({ person }) => person),
  )
  return afterPutOff(state, changed.length, now)
}

/** Reserves one call, within a transaction; see the port. */
export async function acquireSlot(
  sql: AccountTransaction,
  limits: Limits,
  watch: LeaseWatch | undefined,
  now: number,
  leaseExpiresAt: number,
  idle?: number,
  use?: CallUse,
): Promise<CallSlot> {
  const { state, leased } = await lockLeases(sql, watch, now)
  const slot = reserveSlot(state, limits, leased, now, idle, use)
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

/** Reads the jobs of the next batch. A lane that leads, and whose due jobs are locked by others, is passed over. */
async function nextBatch(
  sql: AccountTransaction,
  lanes: readonly Lane[],
  turns: Turns | undefined,
  now: number,
  maxJobs: number,
  mayShare: boolean,
): Promise<{ first: Lane; jobs: JobRow[] } | undefined> {
  const plan = planBatch(lanes, turns, maxJobs, mayShare)
  if (!plan) return undefined
  const { first, parts } = plan
  const rows = await Promise.all(parts.map(({ lane, jobs }) => dueJobs(sql, lane, now, jobs)))
  if (rows[0]?.length) return { first, jobs: fillBatch(interleave(rows), maxJobs) }
  return nextBatch(
    sql,
    lanes.filter((lane) => lane !== first),
    turns,
    now,
    maxJobs,
    mayShare,
  )
}

const IS_COOKIE_UNSENT = `position('"${UNSENT_COOKIE}"' IN rejected || stale) > 0`

/** Condition for a job whose visitor's cookie is under way at `$2`. */
const IS_BUSY = `account = $1 AND batch IS NOT NULL AND visitor_key IS NOT NULL AND due_at > $2 AND NOT ${IS_COOKIE_UNSENT}`

/**
 * Condition for a job that may be leased at `$2`, or is leased itself: no other lead with its cookie is under way. The
 * visitors that are busy are read once in a statement, and only if a lead with a cookie is looked at.
 */
const IS_FREE = `((batch IS NOT NULL AND due_at > $2) OR visitor_key IS NULL OR ${IS_COOKIE_UNSENT}
  OR visitor_key <> ALL (ARRAY(SELECT visitor_key FROM form_sync_job WHERE ${IS_BUSY})))`

/** The order of a lane. The key is part of it: PostgreSQL would sort all rows without it. */
const LANE_ORDER = 'batch_key, form, turn, due_at, seq'

/** Returns a query for the first jobs that are free, of those in this order that `condition` selects. */
function firstFree(columns: string, condition: string, limit: string, order = LANE_ORDER): string {
  return `SELECT ${columns} FROM (
      SELECT seq, batch_key, form, turn, due_at, batch, visitor_key, rejected, stale FROM form_sync_job
      WHERE account = $1 AND ${condition} ORDER BY ${order} LIMIT ${SEARCHED_JOBS}
    ) AS searched WHERE ${IS_FREE} ORDER BY ${order} LIMIT ${limit}`
}

/**
 * A query with two forms: for a lane of jobs that go alone, and for one with a batch key. PostgreSQL has no operator that
 * compares with null and uses an index.
 */
function ofLane(query: (sameKey: string) => string): string {
  return `CASE WHEN lanes.key IS NULL THEN (${query('batch_key IS NULL')}) ELSE (${query('batch_key = lanes.key')}) END`
}

const nextForm = (condition: string) =>
  ofLane(
    (sameKey) => `SELECT form FROM form_sync_job
      WHERE account = $1 AND ${sameKey} AND ${HAS_TURN} ${condition} ORDER BY batch_key, form LIMIT 1`,
  )

/**
 * The lanes of the account, of the jobs that have a turn: skips from one to the next by the index, whatever the number of jobs. The last key is null:
 * that of the jobs that go alone.
 */
const LANE_NAMES = `WITH RECURSIVE keys (key) AS (
    SELECT min(batch_key) FROM form_sync_job WHERE account = $1 AND batch_key IS NOT NULL AND ${HAS_TURN}
    UNION ALL
    SELECT (SELECT min(batch_key) FROM form_sync_job
            WHERE account = $1 AND batch_key > keys.key AND ${HAS_TURN})
    FROM keys WHERE keys.key IS NOT NULL
  ), lanes (key, form) AS (
    SELECT key, ${nextForm('')} FROM keys AS lanes
    UNION ALL
    SELECT key, ${nextForm('AND form > lanes.form')} FROM lanes WHERE lanes.form IS NOT NULL
  )`

/** The number of the first free job of a lane. */
const FIRST_SEQ = ofLane((sameKey) => firstFree('seq', `${sameKey} AND form = lanes.form AND ${HAS_TURN}`, '1'))

const DUE = ofLane(
  (sameKey) =>
    `SELECT count(*) FROM (${firstFree('', `${sameKey} AND form = lanes.form AND ${HAS_TURN} AND due_at <= $2`, '$3')}) AS jobs`,
)

/**
 * The lanes of the account with the number of their first job. It is computed once: joined to the jobs, it would be computed
 * for each of them where the statistics date from a time when the table was empty.
 */
const LED_LANES = `${LANE_NAMES}, led AS MATERIALIZED (
    SELECT key, form, ${FIRST_SEQ} AS seq FROM lanes WHERE form IS NOT NULL
  )`

/** A query for the lanes of the account, with up to `$3` jobs counted that are due at `$2`. */
const LANES = `${LED_LANES}
  SELECT head.batch_key, head.form, head.due_at, head.seq, head.max_batch_size, ${DUE} AS due
  FROM led AS lanes JOIN form_sync_job AS head ON head.seq = lanes.seq`

/** A query for the first job that goes alone or shares a call, of those that have no turn and are free at `$2`. */
function firstLater(columns: string, key: string): string {
  return `(${firstFree(columns, `state = 'ready' AND turn IS NULL AND batch_key ${key}`, '1', 'due_at, seq')})`
}

/**
 * A query for the due time of the next job of each lane, and of the first ones without a turn, that are free at `$2`. The
 * visitor of a leased job may be all that an older one, which is ready instead of it, waits for. The key is that of a lane, or
 * tells whether a job has one.
 */
export const FIRST_DUE = `${LED_LANES}
  SELECT head.batch_key, head.due_at FROM led JOIN form_sync_job AS head ON head.seq = led.seq
  UNION ALL ${firstLater('NULL, due_at', 'IS NULL')} UNION ALL ${firstLater(`'shared', due_at`, 'IS NOT NULL')}
  UNION ALL SELECT NULL, due_at FROM form_sync_job WHERE ${IS_BUSY} AND state = 'queued'`

/** Reads due jobs of a lane, in its order. */
function dueJobs(
  sql: AccountTransaction,
  { batch_key: key, form }: Lane,
  now: number,
  limit: number,
  lock = 'FOR UPDATE SKIP LOCKED',
): Promise<JobRow[]> {
  const condition = key === null ? 'batch_key IS NULL AND $5::text IS NULL' : 'batch_key = $5'
  return sql.run<JobRow>(
    `SELECT ${JOB_COLUMNS} FROM form_sync_job
     WHERE account = $1 AND ${condition} AND form = $4 AND ${HAS_TURN} AND due_at <= $2 AND ${IS_FREE}
     ORDER BY ${LANE_ORDER} LIMIT $3 ${lock}`,
    sql.account,
    now,
    limit,
    form,
    key,
  )
}

async function lease(
  sql: AccountTransaction,
  batchKeys: BatchKeys,
  state: AccountState,
  due: readonly JobRow[],
  leaseExpiresAt: number,
  now: number,
): Promise<Batch> {
  const out = await owedOut(sql, due, now)
  const rows = due.map((row) => markFollowing(row, batchKeys, () => out.has(row.visitor_key ?? '')))
  forgetExpired(sql, now)
  const visitors = rows.flatMap((row) => sentVisitor(row) ?? [])
  delayOwed(sql, visitors, leaseExpiresAt, now)
  // A lease of the same person that has expired ends here. So does one of the same visitor, and keeps its place: settled
  // late, it would mark a cookie as stale that is under way.
  const taken = takenVisitors(rows)
  if (taken.length > 0) {
    sql.send(
      `UPDATE form_sync_job SET batch = NULL, due_at = least(due_at, failing_since) WHERE seq = ANY (ARRAY(
         SELECT seq FROM form_sync_job
         WHERE account = $1 AND batch IS NOT NULL AND due_at <= $2 AND visitor_key = ANY ($3::text[])
         FOR UPDATE SKIP LOCKED))`,
      sql.account,
      now,
      taken,
    )
  }
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
       UPDATE form_sync_job AS job SET due_at = $3, batch = started.id, turn = NULL, attempts = attempts + 1, stale = due.stale
       FROM started, unnest($4::bigint[], $6::text[]) AS due (seq, stale) WHERE job.seq = due.seq RETURNING job.seq
     )
     SELECT id, (SELECT count(*) FROM leased) AS leased FROM started`,
    sql.account,
    now,
    leaseExpiresAt,
    rows.map(({ seq }) => seq),
    rows[0]?.batch_key ?? null,
    rows.map(({ stale }) => stale),
  )
  if (started?.leased !== rows.length) throw new Error('a job disappeared while it was being leased')
  return batchOf(started.id, leaseExpiresAt, rows, state)
}
