/** Discarding: finds the leads that a selector matches, and makes receipts of them. The rules are in `../discard.ts`. */
import { countDiscards, discardNote, discardOwed, headlessPeople, type DiscardedRow } from '../discard.ts'
import { OWED_FIELDS, type OwedRow } from '../owed.ts'
import {
  MAX_DISCARDS,
  placeAfter,
  readPlace,
  timeColumn,
  type Discarding,
  type DiscardStep,
  type LeadSelector,
  type Place,
} from '../selection.ts'
import { addCounts } from './control.ts'
import type { AccountSql } from './database.ts'
import { removeSent } from './newest-sent.ts'
import { writeOwed } from './owed.ts'
import { promoteNext } from './promote.ts'
import { endOf, selected, type Selected } from './selected.ts'

/** Condition for a job for which a call is under way, or was when its relay ended. */
export const IS_UNDER_WAY = `(batch IS NOT NULL
  OR EXISTS (SELECT 1 FROM owed WHERE owed.seq = job.seq AND owed.batch IS NOT NULL))`

/**
 * Discards selected leads, within a transaction; see the port.
 *
 * @param leaseEnd when a lease would expire that began now
 */
export function discard(
  sql: AccountSql,
  selector: LeadSelector,
  discarding: Discarding,
  now: number,
  leaseEnd: number,
  after: string | undefined,
): DiscardStep {
  const place = readPlace(after, selector)
  if (!place) return { discarded: 0, underWay: 0 }
  const examined = endOf(sql, place, selector)
  const rows = discarding.dryRun ? [] : readSelected(sql, place, selected(sql, place, examined, selector))
  // A step that found as many as it may discard has examined no more than these.
  const end = rows.length < MAX_DISCARDS ? examined : rows.at(-1)
  const counted = selected(sql, place, end, selector)
  const count = (condition: string) => countSelected(sql, counted, condition)
  const underWay = count(IS_UNDER_WAY)
  const discarded = discarding.dryRun ? count(`NOT ${IS_UNDER_WAY}`) : rows.length
  if (rows.length > 0) discardRows(sql, rows, discardNote(discarding, now), now, leaseEnd)
  const next = placeAfter(place, end, selector)
  return { discarded, underWay, ...(next !== undefined && { next }) }
}

function readSelected(sql: AccountSql, { state }: Place, { condition, values }: Selected): DiscardedRow[] {
  const time = timeColumn(state)
  return sql.run<DiscardedRow & Record<string, string | number | null>>(
    `SELECT seq, id, form, state, person_key, visitor_key, attempts, due_at, lead_id, ${time} AS at FROM job
     WHERE ${condition} AND NOT ${IS_UNDER_WAY} ORDER BY ${time}, seq LIMIT ${MAX_DISCARDS}`,
    ...values,
  )
}

/** Counts the selected jobs that meet a condition, which is tested first: few jobs are under way. */
function countSelected(sql: AccountSql, { condition, values }: Selected, isCounted: string): number {
  const [row] = sql.run<{ leads: number }>(
    `SELECT count(*) AS leads FROM job WHERE ${isCounted} AND ${condition}`,
    ...values,
  )
  return row!.leads
}

/** Makes receipts of jobs. */
export function discardRows(
  sql: AccountSql,
  rows: readonly DiscardedRow[],
  note: string,
  now: number,
  leaseEnd: number,
): void {
  const seqs = JSON.stringify(rows.map(({ seq }) => seq))
  writeOwed(sql, discardOwed(readOwed(sql, seqs)))
  sql.run(
    `UPDATE job SET state = 'delivered', due_at = NULL, turn = NULL, max_batch_size = NULL, lead = NULL,
       visitor_key = NULL, rejected = '[]', stale = '[]', history = '[]', notes = json_insert(notes, '$[#]', ?2),
       source = NULL, rules = NULL, reason = NULL, settled_at = ?3
     WHERE seq IN (SELECT value FROM json_each(?1))`,
    seqs,
    note,
    now,
  )
  addCounts(sql, countDiscards(rows))
  removeSent(
    sql,
    rows.filter(({ state }) => state === 'held' || state === 'parked'),
  )
  promoteQueued(sql, headlessPeople(rows, now, leaseEnd))
}

/** Reads the cookies that are owed for leads. */
export function readOwed(sql: AccountSql, seqs: string): OwedRow[] {
  return sql.run<OwedRow>(
    `SELECT ${OWED_FIELDS} FROM owed JOIN job USING (seq) WHERE owed.seq IN (SELECT value FROM json_each(?))`,
    seqs,
  )
}

/** Makes the next job ready of those people who have one. In a flood most have none. */
export function promoteQueued(sql: AccountSql, people: ReadonlyMap<string, number>): void {
  const queued = sql.run<{ person: string }>(
    `SELECT DISTINCT person_key AS person FROM job
     WHERE account = ? AND person_key IN (SELECT value FROM json_each(?)) AND state = 'queued'`,
    sql.account,
    JSON.stringify([...people.keys()]),
  )
  for (const { person } of queued) promoteNext(sql, person, people.get(person))
}
