/**
 * What is stored about a person: its rows as an operator finds them, and what erasing makes of them. Pure, and the same for
 * every database; the databases find the rows by the person's key.
 */
import { recordOf, type JobRow } from './job-row.ts'
import type { Counts, EraseStep, Erasing, JobRecord, PersonPage, PersonRow } from './outbox.ts'
import type { OwedRow, OwedChanges } from './owed.ts'
import { noted } from './owed.ts'
import { ERASED_COOKIE_NOTE } from './unsent-cookie.ts'

/** Maximum number of leads that one step erases, in one transaction. */
export const MAX_ERASED = 500

/** Marketo's id of a person in the receipt of a delivered lead whose person was erased. No person of Marketo has it. */
export const ERASED_LEAD_ID = 0

/** Returns what an operator sees of a lead: no value of it. */
export function personRow(
  { id, form, account, state, attempts, acceptedAt, dueAt, settledAt, leadId, reason }: JobRecord,
  isUnderWay: boolean,
  owesCookie: boolean,
): PersonRow {
  return {
    id,
    form,
    ...(account !== undefined && { account }),
    state,
    attempts,
    acceptedAt,
    ...(dueAt !== undefined && { dueAt }),
    ...(settledAt !== undefined && { settledAt }),
    ...(leadId !== undefined && { leadId }),
    ...(reason !== undefined && { reason }),
    ...(isUnderWay && { underWay: true }),
    ...(owesCookie && { owesCookie: true }),
  }
}

/** Returns the note on the receipt of an erased lead. */
export function eraseNote({ by }: Pick<Erasing, 'by'>, now: number): string {
  return `erased by ${by} at ${new Date(now).toISOString()}`
}

/** Returns what becomes of cookies that are owed for leads which are erased: they are not associated. */
export function eraseOwed(rows: readonly OwedRow[]): OwedChanges {
  return {
    removed: [...rows],
    written: [],
    notes: rows.map((row) => noted(row, ERASED_COOKIE_NOTE)),
    counts: rows.map(({ form }) => ({ form, add: { owed: -1 } })),
  }
}

/** Returns the number of rows by what they are, of numbers by the state of a job. */
export function countRows(states: ReadonlyMap<string, number>): Counts {
  const count = (state: string) => states.get(state) ?? 0
  return {
    waiting: count('ready') + count('queued'),
    held: count('held'),
    parked: count('parked'),
    receipts: count('delivered'),
  }
}

/** Returns a page of found rows, which has a next one when it is full. */
export function personPage(rows: readonly (JobRow & { under_way: number; owes: number })[], limit: number): PersonPage {
  const last = rows.length < limit ? undefined : rows.at(-1)
  return {
    rows: rows.map((row) => personRow(recordOf(row), row.under_way === 1, row.owes === 1)),
    ...(last && { next: String(last.seq) }),
  }
}

/** Returns the step that has erased rows, given as they were before. There may be more when it has erased as many as it may. */
export function erasedStep(
  rows: readonly { id: string; state: string }[],
  numbers: Pick<EraseStep, 'owed' | 'underWay'>,
): EraseStep {
  const byState = Map.groupBy(rows, ({ state }) => state)
  return {
    ...countRows(new Map(Array.from(byState, ([state, own]) => [state, own.length]))),
    ...numbers,
    ids: rows.map(({ id }) => id),
    more: rows.length === MAX_ERASED,
  }
}
