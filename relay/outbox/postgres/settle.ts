/** Settling and replaying: reads the rows, lets the state machine change them, and writes them back. */
import { afterOwedSettlement, afterSettlement, othersDelivered, type Settling } from '../account-state.ts'
import { countChanges, type CounterChange } from '../counters.ts'
import { accountOfToday } from '../edit.ts'
import { afterLostCall } from '../lost-calls.ts'
import { CHANGED_COLUMNS, changesOf, JOB_COLUMNS, leadOf, type JobRow } from '../job-row.ts'
import type { Limits } from '../limits/limits.ts'
import type { Replayed, Settlement } from '../outbox.ts'
import { afterDeliveries, deliveredCookies, settleOwed } from '../owed.ts'
import type { ReplayContext } from '../move-job.ts'
import { underWayUntil } from '../step-aside.ts'
import { applySettlements, replayJob } from '../transitions.ts'
import { addCounts, endBatch, lockState, writeState } from './control.ts'
import type { AccountReader, AccountTransaction, Value } from './database.ts'
import { readOlderListed, readStale, removeSent, storeSent, type OlderListed } from './newest-sent.ts'
import { lockPeopleOf, overtake, promoteNext } from './ordering.ts'
import { leasedOwed, owedOf, writeOwed } from './owed.ts'

/** Ends a batch, within a transaction; see the port. */
export async function settle(sql: AccountTransaction, limits: Limits, settling: Settling): Promise<void> {
  const { batch: id, settlements, now } = settling
  const [owed] = settlements
  if (owed?.owed) return settleCookie(sql, limits, settling, owed)
  const [state, ended, { leased, older, listed }] = await Promise.all([
    lockState(sql),
    endBatch(sql, id),
    readJobs(sql, settlements),
  ])
  const batch = ended ?? { id, size: settlements.length, claimedAt: now }
  const attempts = new Map(leased.map((job) => [job.id, job.attempts]))
  const current = settlements.filter((settlement) => attempts.get(settlement.id) === settlement.attempt)
  const settled = afterSettlement(state, batch, { ...settling, settlements: current }, limits)
  writeState(sql, { ...settled, lost: afterLostCall(state.lost, ended, leased, current) })

  const others = othersDelivered(state, batch)
  const changed = applySettlements(leased, older, current, { size: batch.size, othersDelivered: others, now })
  writeJobs(sql, changed)
  const delivered = new Set(current.flatMap(({ id: lead, kind }) => (kind === 'delivered' ? [lead] : [])))
  const sent = leased.filter((job) => delivered.has(job.id))
  storeSent(sql, sent, listed)
  if (sent.length > 0) removeSent(sql, sent)
  addCounts(sql, countChanges(leased, changed))
  await settleCookies(sql, deliveredCookies(leased, changed, current, now))
  if (leased.length === 0) return
  promoteNext(
    sql,
    leased.map((job) => job.person_key!),
    underWayUntil(leased, changed, current),
  )
}

/** Writes what the visitors owe of these leads, which were delivered. */
async function settleCookies(sql: AccountTransaction, delivered: ReturnType<typeof deliveredCookies>): Promise<void> {
  if (delivered.length === 0) return
  const visitors = [...new Set(delivered.map(({ visitor_key: key }) => key))]
  writeOwed(sql, afterDeliveries(delivered, await owedOf(sql, visitors)))
}

/** Ends the call for an owed cookie. */
async function settleCookie(
  sql: AccountTransaction,
  limits: Limits,
  settling: Settling,
  settlement: Settlement,
): Promise<void> {
  const { batch: id, now } = settling
  const [state, ended, row] = await Promise.all([lockState(sql), endBatch(sql, id), leasedOwed(sql, id, settlement)])
  const batch = ended ?? { id, size: 0, claimedAt: now }
  const settlements = row ? [settlement] : []
  writeState(sql, afterOwedSettlement(state, batch, { ...settling, settlements }, limits))
  if (row) writeOwed(sql, settleOwed(row, settlement, othersDelivered(state, batch), now))
}

/**
 * Reads the jobs that are leased for these attempts, and of those that were delivered the older ones that wait, and whether
 * older ones are held or parked.
 */
async function readJobs(
  sql: AccountTransaction,
  settlements: readonly Settlement[],
): Promise<{ leased: JobRow[]; older: JobRow[]; listed: OlderListed[] }> {
  if (settlements.length === 0) return { leased: [], older: [], listed: [] }
  const ids = settlements.map(({ id }) => id)
  const delivered = settlements.filter(({ kind }) => kind === 'delivered').map(({ id }) => id)
  lockPeopleOf(sql, ids)
  const [found, older, listed] = await Promise.all([
    readByIds(sql, ids),
    delivered.length === 0
      ? []
      : sql.run<JobRow>(
          `SELECT older.* FROM (
             SELECT person_key AS person, max(seq) AS newest FROM form_sync_job WHERE id = ANY($2::text[])
             GROUP BY person_key
           ) AS delivered CROSS JOIN LATERAL (
             ${[`state = 'ready'`, `state = 'queued'`].map(olderJobs).join(' UNION ALL ')}
           ) AS older
           UNION ALL
           SELECT older.* FROM (
             SELECT visitor_key AS visitor, max(seq) AS newest FROM form_sync_job
             WHERE id = ANY($2::text[]) AND visitor_key IS NOT NULL GROUP BY visitor_key
           ) AS delivered CROSS JOIN LATERAL (
             SELECT ${JOB_COLUMNS} FROM form_sync_job
             WHERE account = $1 AND visitor_key = delivered.visitor AND seq < delivered.newest
               AND state IN ('ready', 'queued') AND state <> 'delivered'
           ) AS older`,
          sql.account,
          delivered,
        ),
    delivered.length === 0 ? [] : readOlderListed(sql, delivered),
  ])
  const named = new Set(settlements.map(({ id, attempt }) => `${attempt} ${id}`))
  return {
    leased: found.filter(({ id, attempts, batch }) => batch !== null && named.has(`${attempts} ${id}`)),
    older,
    listed,
  }
}

/** Reads jobs of the account by their leads' ids. */
export function readByIds(sql: AccountReader, ids: readonly string[]): Promise<JobRow[]> {
  return sql.run<JobRow>(
    `SELECT ${JOB_COLUMNS} FROM form_sync_job WHERE id = ANY($1::text[]) AND account = $2`,
    ids,
    sql.account,
  )
}

/** A query for one state, so that each has its index. */
function olderJobs(condition: string): string {
  return `SELECT ${JOB_COLUMNS} FROM form_sync_job
    WHERE account = $1 AND person_key = delivered.person AND seq < delivered.newest AND ${condition}`
}

/** Makes parked and held jobs wait again, within a transaction; see the port. */
export async function replay(
  sql: AccountTransaction,
  ids: readonly string[],
  { batchKeys, moveJob, edit, visitor, now, leaseEnd }: ReplayContext,
): Promise<Replayed[]> {
  // In one order, so that two replays between the same accounts do not wait for each other.
  const ofForms = Object.values(edit.forms ?? {}).flatMap(({ account }) => account ?? [])
  const accounts = [...new Set([sql.account, ...ofForms])].toSorted()
  const locked = accounts.map((account) => lockState({ ...sql, account }))
  lockPeopleOf(sql, ids)
  const found = await readStale(sql, await readByIds(sql, ids))
  const states = await Promise.all(locked)

  const jobs = new Map(found.map((row) => [row.id, row]))
  const changed = new Map<string, JobRow[]>()
  const results = ids.map((id): Replayed => {
    const job = jobs.get(id)
    const replayed = replayJob(job, id, edit, visitor, now)
    if ('result' in replayed || !job) return replayed as Replayed
    const account = accountOfToday(edit, job.form, sql.account)
    const row =
      account === sql.account
        ? { ...replayed, batch_key: batchKeys.batchKey(leadOf(replayed)) }
        : moveJob?.(replayed, edit, sql.account, account)
    if (!row) return { id, result: 'other-account', account }
    // An id that is named twice is replayed once.
    if (account === sql.account) jobs.set(id, row)
    else jobs.delete(id)
    changed.set(account, [...(changed.get(account) ?? []), row])
    return { id, result: 'replayed' }
  })
  for (const [account, rows] of changed) {
    const own = { ...sql, account }
    if (account !== sql.account) setAccount(own, rows)
    for (const round of rounds(rows)) {
      const persons = round.map((row) => row.person_key!)
      writeJobs(own, round)
      overtake(own, persons, leaseEnd)
      promoteNext(own, persons)
    }
    const [left, added] = splitCounts(countChanges(found, rows))
    addCounts(sql, left)
    addCounts(own, added)
    // They are to be examined, whatever their numbers are.
    const { pressure, ...state } = states[accounts.indexOf(account)]!
    if (pressure) writeState(own, state)
  }
  return results
}

/** Returns what leaves the counters of the old account, and what adds to those of the new one. */
function splitCounts(changes: readonly CounterChange[]): [left: CounterChange[], added: CounterChange[]] {
  const part = (isPart: (count: number) => boolean) =>
    changes.map(({ form, add }) => ({
      form,
      add: Object.fromEntries(Object.entries(add).filter(([, count]) => isPart(count))),
    }))
  return [part((count) => count < 0), part((count) => count > 0)]
}

/** Moves jobs to the account of `sql`. They are held or parked, and in no order. */
function setAccount(sql: AccountTransaction, rows: readonly JobRow[]): void {
  const statement = 'UPDATE form_sync_job SET account = $1 WHERE seq = ANY($2::bigint[])'
  sql.send(
    statement,
    sql.account,
    rows.map(({ seq }) => seq),
  )
}

/** Splits jobs so that each person has one in a round, and each job finds its place before the next one of its person. */
function rounds(jobs: readonly JobRow[]): JobRow[][] {
  const people = [...Map.groupBy(jobs, (job) => job.person_key).values()]
  const count = Math.max(0, ...people.map(({ length }) => length))
  return Array.from({ length: count }, (_, round) => people.flatMap((own) => own[round] ?? []))
}

/** Returns the database's type of one of `CHANGED_COLUMNS`. */
function typeOf(column: string): string {
  if (column === 'failures' || column === 'max_batch_size') return 'integer'
  return /^(batch|turn)$|_(at|since|id)$/.test(column) ? 'bigint' : 'text'
}

const WRITE_JOBS = `UPDATE form_sync_job AS job
  SET ${CHANGED_COLUMNS.map((column) => `${column} = new.${column}`).join(', ')}
  FROM unnest($1::bigint[], ${CHANGED_COLUMNS.map((column, at) => `$${at + 2}::${typeOf(column)}[]`).join(', ')})
    AS new (seq, ${CHANGED_COLUMNS.join(', ')})
  WHERE job.seq = new.seq`

function writeJobs(sql: AccountTransaction, rows: readonly JobRow[]): void {
  if (rows.length === 0) return
  const values = rows.map((row) => changesOf(row, sql))
  const columns = CHANGED_COLUMNS.map((_, at): Value => values.map((row) => row[at] ?? null))
  sql.send(
    WRITE_JOBS,
    rows.map(({ seq }) => seq),
    ...columns,
  )
}
