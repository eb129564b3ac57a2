/**
 * All that is known when a run is over, and ways to look things up in it. It judges nothing.
 *
 * What Marketo did is told by Marketo's own log; what was sent, by the visitors; what is kept, by the outbox.
 */
import type { CallLine, PersonView, RecordView } from '../../../demo/simulator/view.ts'
import type { Submission } from '../journal.ts'
import type { Job } from '../relays.ts'
import type { Reign } from '../fault-plan.ts'

export interface Evidence {
  submissions: readonly Submission[]
  jobs: readonly Job[]
  calls: readonly CallLine[]
  people: readonly PersonView[]
  reigns: readonly Reign[]
}

/** Something that must not be: whose, when, and what. */
export interface Break {
  /** An id, or a person where it is about several ids. */
  of: string
  /** Epoch milliseconds. */
  at: number
  what: string
}

/** What one question came to. */
export interface Verdict {
  question: string
  /** How many were looked at. */
  looked: number
  /** What it counted. */
  of: string
  broken: Break[]
}

/** Attributes that were written to a person by one call. */
export interface Write {
  at: number
  call: number
  person: string
  leadId: number
  attributes: Readonly<Record<string, string>>
}

/** Every record that Marketo has written, in that order. */
export function writesOf(calls: readonly CallLine[]): Write[] {
  return calls
    .filter(({ appliedAt }) => appliedAt !== null)
    .toSorted((a, b) => a.appliedAt! - b.appliedAt!)
    .flatMap(({ number, appliedAt, records }) =>
      (records ?? []).filter(wasWritten).map(({ email, attributes, leadId }) => ({
        at: appliedAt!,
        call: number,
        person: email ?? '',
        leadId: leadId!,
        attributes,
      })),
    )
}

function wasWritten({ status, leadId }: RecordView): boolean {
  return leadId !== null && (status === 'CREATED' || status === 'UPDATED')
}

/** Whose an attribute's value is, by `valueKey`. An empty one is nobody's: several may have left it so. */
export function authorsOf(submissions: readonly Submission[]): Map<string, Submission> {
  return new Map(
    submissions.flatMap((submission) =>
      submission.contents.flatMap(({ attributes }) =>
        Object.entries(attributes)
          .filter(([, value]) => value !== '')
          .map(([name, value]) => [valueKey(submission.person, name, value), submission] as const),
      ),
    ),
  )
}

export function valueKey(person: string, name: string, value: string): string {
  return `${person} ${name} ${value}`
}

/** By a key of each, in their order. */
export function groupBy<Key, T>(all: Iterable<T>, keyOf: (one: T) => Key): Map<Key, T[]> {
  return Map.groupBy(all, keyOf)
}

/** True when every part of the relay knew the one before the other was sent. */
export function isBefore(one: Submission, other: Submission): boolean {
  const known = one.answeredAt[0]
  return known !== undefined && known < other.firstSentAt
}

/** The call's time at Marketo: until it was answered and its work done, whichever was later. Open ends are endless. */
export function spanOf({ arrivedAt, endedAt, appliedAt }: CallLine): { from: number; until: number } {
  return { from: arrivedAt, until: Math.max(endedAt ?? Infinity, appliedAt ?? 0) }
}
