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
import { addCounts, lockState } from './control.ts'
import type { AccountTransaction } from './database.ts'
import { removeSent } from './newest-sent.ts'
import { lockPeopleOf, promoteNext } from './ordering.ts'
import { writeOwed } from './owed.ts'
import { endOf, selected, type Selected } from './selected.ts'

/** Condition for a job for which a call is under way, or was when its relay ended. */
export const IS_UNDER_WAY = `(batch IS NOT NULL
  OR EXISTS (SELECT FROM form_sync_owed AS owed WHERE owed.seq = job.seq AND owed.batch IS NOT NULL))`

/**
 * Discards selected leads, within a transaction; see the port.
 *
 * @param leaseEnd when a lease would expire that began now
 */
export async function discard(
  sql: AccountTransaction,
  selector: LeadSelector,
  discarding: Discarding,
  now: number,
  leaseEnd: number,
  after: string | undefined,
): Promise<DiscardStep> {
  const place = readPlace(after, selector)
  if (!place) return { discarded: 0, underWay: 0 }
  // No job is leased, settled or replayed until the end of the transaction.
  if (!discarding.dryRun) await lockState(sql)
  const examined = await endOf(sql, place, selector)
  const rows = discarding.dryRun ? [] : await readSelected(sql, place, await selected(sql, place, examined, selector))
  // A step that found as many as it may discard has examined no more than these.
  const end = rows.length < MAX_DISCARDS ? examined : rows.at(-1)
  const count = await countSelected(sql, await selected(sql, place, end, selector))
  if (rows.length > 0) await discardRows(sql, rows, discardNote(discarding, now), now, leaseEnd)
  const next = placeAfter(place, end, selector)
  const discarded = discarding.dryRun ? count.others : rows.length
  return { discarded, underWay: count.under_way, ...(next !== undefined && { next }) }
}

function readSelected(
  sql: AccountTransaction,
  { state }: Place,
  { condition, values }: Selected,
): Promise<DiscardedRow[]> {
  const time = timeColumn(state)
  return sql.run<DiscardedRow & Record<string, string | number | null>>(
    `SELECT seq, id, form, state, person_key, visitor_key, attempts, due_at, lead_id, ${time} AS at
     FROM form_sync_job AS job
     WHERE ${condition} AND NOT ${IS_UNDER_WAY} ORDER BY ${time}, seq LIMIT ${MAX_DISCARDS}`,
    ...values,
  )
}

/** Counts the selected leads for which a call is under way, and the others. */
async function countSelected(
  sql: AccountTransaction,
  { condition, values }: Selected,
): Promise<{ under_way: number; others: number }> {
  const [row] = await sql.run<{ under_way: number; others: number }>(
    `SELECT count(*) FILTER (WHERE ${IS_UNDER_WAY}) AS under_way, count(*) FILTER (WHERE NOT ${IS_UNDER_WAY}) AS others
     FROM form_sync_job AS job WHERE ${condition}`,
    ...values,
  )
  return row!
}

/** Makes receipts of jobs. */
export async function discardRows(
  sql: AccountTransaction,
  rows: readonly DiscardedRow[],
  note: string,
  now: number,
  leaseEnd: number,
): Promise<void> {
  const seqs = rows.map(({ seq }) => seq)
  // A lead that is added meanwhile is stored before, and is seen, or waits until the end of the transaction.
  lockPeopleOf(
    sql,
    rows.map(({ id }) => id),
  )
  writeOwed(sql, discardOwed(await readOwed(sql, seqs)))
  sql.send(
    `UPDATE form_sync_job SET state = 'delivered', due_at = NULL, turn = NULL, max_batch_size = NULL, lead = NULL,
       visitor_key = NULL, rejected = '[]', stale = '[]', history = '[]', source = NULL, rules = NULL, reason = NULL,
       notes = left(notes, -1) || CASE notes WHEN '[]' THEN '' ELSE ',' END || $2::text || ']', settled_at = $3
     WHERE seq = ANY($1::bigint[])`,
    seqs,
    JSON.stringify(note),
    now,
  )
  addCounts(sql, countDiscards(rows))
  const listed = rows.filter(({ state }) => state === 'held' || state === 'parked')
  if (listed.length > 0) removeSent(sql, listed)
  await promoteQueued(sql, headlessPeople(rows, now, leaseEnd))
}

/** Reads the cookies that are owed for leads. */
export function readOwed(sql: AccountTransaction, seqs: readonly number[]): Promise<OwedRow[]> {
  return sql.run<OwedRow>(
    `SELECT ${OWED_FIELDS} FROM form_sync_owed AS owed JOIN form_sync_job AS job USING (seq)
     WHERE seq = ANY($1::bigint[])`,
    seqs,
  )
}

/** Makes the next job ready of those people who have one. In a flood most have none. */
export async function promoteQueued(sql: AccountTransaction, people: ReadonlyMap<string, number>): Promise<void> {
  if (people.size === 0) return
  const queued = await sql.run<{ person: string }>(
    `SELECT DISTINCT person_key AS person FROM form_sync_job
     WHERE account = $1 AND person_key = ANY($2::text[]) AND state = 'queued'`,
    sql.account,
    [...people.keys()],
  )
  if (queued.length === 0) return
  const persons = queued.map(({ person }) => person)
  promoteNext(
    sql,
    persons,
    persons.map((person) => people.get(person)!),
  )
}
