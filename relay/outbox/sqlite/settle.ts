/** Settling and replaying: reads the rows, lets the state machine change them, and writes them back. */
import { afterOwedSettlement, afterSettlement, othersDelivered, type Settling } from '../account-state.ts'
import { countChanges } from '../counters.ts'
import { accountOfToday } from '../edit.ts'
import { afterLostCall } from '../lost-calls.ts'
import { CHANGED_COLUMNS, changesOf, JOB_COLUMNS, leadOf, type JobRow } from '../job-row.ts'
import type { Limits } from '../limits/limits.ts'
import type { Replayed, Settlement } from '../outbox.ts'
import { afterDeliveries, deliveredCookies, settleOwed } from '../owed.ts'
import type { ReplayContext } from '../move-job.ts'
import { underWayUntil } from '../step-aside.ts'
import { applySettlements, replayJob } from '../transitions.ts'
import { addCounts, endBatch, readState, writeState } from './control.ts'
import type { AccountSql } from './database.ts'
import { readStale, removeSent, storeSent } from './newest-sent.ts'
import { leasedOwed, owedOf, writeOwed } from './owed.ts'
import { overtake, promoteNext } from './promote.ts'

/** Ends a batch, within a transaction; see the port. */
export function settle(sql: AccountSql, limits: Limits, settling: Settling): void {
  const { batch: id, settlements, now } = settling
  const [owed] = settlements
  if (owed?.owed) return settleCookie(sql, limits, settling, owed)
  const ended = endBatch(sql, id)
  const batch = ended ?? { id, size: settlements.length, claimedAt: now }
  const found = settlements.map((settlement) => ({ settlement, job: leasedJob(sql, settlement) }))
  const current = found.flatMap(({ settlement, job }) => (job ? [settlement] : []))
  const state = readState(sql)
  const leased = found.flatMap(({ job }) => job ?? [])
  const settled = afterSettlement(state, batch, { ...settling, settlements: current }, limits)
  writeState(sql, { ...settled, lost: afterLostCall(state.lost, ended, leased, current) })

  const older = found.flatMap(({ settlement, job }) =>
    job && settlement.kind === 'delivered' ? [...olderJobs(sql, job), ...olderOfVisitor(sql, job)] : [],
  )
  const others = othersDelivered(state, batch)
  const changed = applySettlements(leased, older, current, { size: batch.size, othersDelivered: others, now })
  for (const row of changed) writeJob(sql, row)
  const delivered = found.flatMap(({ settlement, job }) => (job && settlement.kind === 'delivered' ? [job] : []))
  for (const job of delivered) storeSent(sql, job)
  removeSent(sql, delivered)
  addCounts(sql, countChanges(leased, changed))
  settleCookies(sql, deliveredCookies(leased, changed, current, now))
  const notBefore = underWayUntil(leased, changed, current)
  for (const [at, job] of leased.entries()) promoteNext(sql, job.person_key!, notBefore[at])
}

/** Writes what the visitors owe of these leads, which were delivered. */
function settleCookies(sql: AccountSql, delivered: ReturnType<typeof deliveredCookies>): void {
  if (delivered.length === 0) return
  const visitors = [...new Set(delivered.map(({ visitor_key: key }) => key))]
  writeOwed(sql, afterDeliveries(delivered, owedOf(sql, visitors)))
}

/** Ends the call for an owed cookie. */
function settleCookie(sql: AccountSql, limits: Limits, settling: Settling, settlement: Settlement): void {
  const { batch: id, now } = settling
  const batch = endBatch(sql, id) ?? { id, size: 0, claimedAt: now }
  const row = leasedOwed(sql, id, settlement)
  const state = readState(sql)
  const settlements = row ? [settlement] : []
  writeState(sql, afterOwedSettlement(state, batch, { ...settling, settlements }, limits))
  if (row) writeOwed(sql, settleOwed(row, settlement, othersDelivered(state, batch), now))
}

/** Makes one parked or held job wait again, within a transaction; see the port. */
export function replay(sql: AccountSql, id: string, context: ReplayContext): Replayed {
  const { batchKeys, moveJob, edit, visitor, now, leaseEnd } = context
  const job = readStale(sql, readById(sql, id))[0]
  const replayed = replayJob(job, id, edit, visitor, now)
  if ('result' in replayed || !job) return replayed as Replayed
  const account = accountOfToday(edit, job.form, sql.account)
  const isMoved = account !== sql.account
  const row = isMoved
    ? moveJob?.(replayed, edit, sql.account, account)
    : { ...replayed, batch_key: batchKeys.batchKey(leadOf(replayed)) }
  if (!row) return { id, result: 'other-account', account }
  const own = { ...sql, account }
  if (isMoved) sql.run('UPDATE job SET account = ? WHERE seq = ?', account, row.seq)
  const write = () => writeJob(own, row)
  if (!overtake(own, row.person_key!, leaseEnd, write)) {
    write()
    promoteNext(own, row.person_key!)
  }
  addCounts(sql, [{ form: row.form, add: { [job.state]: -1 } }])
  addCounts(own, [{ form: row.form, add: { waiting: 1 } }])
  // It is to be examined, whatever its number is.
  const { pressure, ...state } = readState(own)
  if (pressure) writeState(own, state)
  return { id, result: 'replayed' }
}

/** Reads a job of the account by its lead's id: one, or none. */
export function readById(sql: AccountSql, id: string): JobRow[] {
  return sql.run<JobRow>(`SELECT ${JOB_COLUMNS} FROM job WHERE id = ? AND account = ?`, id, sql.account)
}

/** Returns the job that a settlement is about, if it is leased for that attempt. */
function leasedJob(sql: AccountSql, { id, attempt }: Settlement): JobRow | undefined {
  return sql.run<JobRow>(
    `SELECT ${JOB_COLUMNS} FROM job WHERE id = ? AND account = ? AND attempts = ? AND batch IS NOT NULL`,
    id,
    sql.account,
    attempt,
  )[0]
}

/** The waiting jobs of the same person that were accepted before. One statement a state, so that each has its index. */
function olderJobs(sql: AccountSql, { person_key: person, seq, state }: JobRow): JobRow[] {
  // Only one job is ready. An older one may be queued, where it has stepped aside.
  const states = [`state = 'queued'`, ...(state === 'ready' ? [] : [`state = 'ready'`])]
  return states.flatMap((condition) =>
    sql.run<JobRow>(
      `SELECT ${JOB_COLUMNS} FROM job WHERE account = ? AND person_key = ? AND seq < ? AND ${condition}`,
      sql.account,
      person,
      seq,
    ),
  )
}

/** The waiting jobs of the same visitor that were accepted before, whoever the person is. */
function olderOfVisitor(sql: AccountSql, { visitor_key: visitor, seq }: JobRow): JobRow[] {
  if (visitor === null) return []
  return sql.run<JobRow>(
    `SELECT ${JOB_COLUMNS} FROM job
     WHERE account = ? AND visitor_key = ? AND state IN ('ready', 'queued') AND state <> 'delivered' AND seq < ?`,
    sql.account,
    visitor,
    seq,
  )
}

const WRITE_JOB = `UPDATE job SET ${CHANGED_COLUMNS.map((column) => `${column} = ?`).join(', ')} WHERE seq = ?`

function writeJob(sql: AccountSql, row: JobRow): boolean {
  return sql.write(WRITE_JOB, ...changesOf(row, sql), row.seq)
}
