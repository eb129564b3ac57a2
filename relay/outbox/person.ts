/**
 * What is stored about a person: its rows as an operator finds them, and what erasing makes of them. Pure, and the same for
 * every database; the databases find the rows by the person's key.
 */
import type { Counts, Erasing, JobRecord, PersonRow } from './outbox.ts'
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
