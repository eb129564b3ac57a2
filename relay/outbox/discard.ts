/**
 * What it means to discard a lead: its personal data is wiped as on delivery, and a receipt with a note remains. Pure, and
 * the same for every database.
 *
 * The receipt is that of a delivery without Marketo's id of a person, and the port calls it discarded. A lead that was
 * delivered except for some attributes keeps that id, and counts as delivered: Marketo has it.
 */
import type { CounterChange } from './counters.ts'
import type { JobRow } from './job-row.ts'
import type { OwedChanges, OwedRow } from './owed.ts'
import { noted } from './owed.ts'
import type { Discarding } from './selection.ts'
import { DISCARDED_COOKIE_NOTE } from './unsent-cookie.ts'

/** The columns of a job that is discarded. */
export interface DiscardedRow extends Pick<
  JobRow,
  'seq' | 'id' | 'form' | 'state' | 'person_key' | 'visitor_key' | 'attempts' | 'due_at' | 'lead_id'
> {
  /** Time of the job in the order of its state. */
  at: number
}

/** Returns the note on the receipt. */
export function discardNote({ by, reason }: Discarding, now: number): string {
  return `discarded by ${by} at ${new Date(now).toISOString()}: ${reason}`
}

/** Returns what the counters of the forms change. */
export function countDiscards(rows: readonly DiscardedRow[]): CounterChange[] {
  return [...Map.groupBy(rows, ({ form }) => form)].map(([form, own]) => {
    const count = (isCounted: (row: DiscardedRow) => boolean) => own.filter(isCounted).length
    return {
      form,
      add: {
        waiting: -count(isWaiting),
        held: -count(({ state }) => state === 'held'),
        parked: -count(({ state }) => state === 'parked'),
        delivered_total: count((row) => row.lead_id !== null),
      },
    }
  })
}

function isWaiting({ state }: Pick<JobRow, 'state'>): boolean {
  return state === 'ready' || state === 'queued'
}

/**
 * Returns the people whose next job is to be made ready, and the earliest time at which it may be due: Marketo may still be
 * processing an earlier attempt of a lead that waits for a retry, until it is due, and no longer than a lease that begins
 * now.
 */
export function headlessPeople(rows: readonly DiscardedRow[], now: number, leaseEnd: number): Map<string, number> {
  const people = new Map<string, number>()
  for (const { state, person_key: person, attempts, due_at: dueAt } of rows) {
    if (state !== 'ready' || person === null) continue
    const mayBeUnderWay = attempts > 0 && dueAt !== null && dueAt > now
    people.set(person, mayBeUnderWay ? Math.min(dueAt, leaseEnd) : 0)
  }
  return people
}

/** Returns what becomes of cookies that are owed for leads which are discarded: they are not associated. */
export function discardOwed(rows: readonly OwedRow[]): OwedChanges {
  return {
    removed: [...rows],
    written: [],
    notes: rows.map((row) => noted(row, DISCARDED_COOKIE_NOTE)),
    counts: rows.map(({ form }) => ({ form, add: { owed: -1 } })),
  }
}
