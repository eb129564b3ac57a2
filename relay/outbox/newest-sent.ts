/**
 * What newer leads have sent, for the older ones that are held or parked. Pure.
 *
 * A delivery does not change those older leads, because a person or a visitor may have tens of thousands of them. It stores
 * the names that were sent, once for each person and visitor, with the number of the newest lead that sent them. A held or
 * parked lead has as stale attributes its own and those names that a newer lead has sent.
 */
import { leadOf, parseNames, type JobRow } from './job-row.ts'
import { sentLead, union } from './transitions.ts'
import { sentVisitor, UNSENT_COOKIE } from './unsent-cookie.ts'

/** A name, and the number of the newest lead with this key that has sent it. The key is that of a person or a visitor. */
export interface SentName {
  [column: string]: string | number | null
  key: string
  name: string
  newest: number
}

/** Returns what a lead has sent of its person and its visitor, given the job as it was leased. */
export function sentNames(job: JobRow): { person: SentName[]; visitor: SentName[] } {
  const named = (key: string | null, names: readonly string[]) =>
    key === null ? [] : names.map((name): SentName => ({ key, name, newest: job.seq }))
  return {
    person: named(
      job.person_key,
      sentLead(job).attributes.map(({ name }) => name),
    ),
    visitor: named(sentVisitor(job), [UNSENT_COOKIE]),
  }
}

/** Returns the keys whose names a job needs: none when it is neither held nor parked. */
export function sentKeysOf({ state, person_key: person, visitor_key: visitor }: JobRow): string[] {
  return state === 'held' || state === 'parked' ? [person, visitor].filter((key) => key !== null) : []
}

/**
 * Returns the job with all of its stale attributes.
 *
 * @param sent the names of its keys, in the order in which they were stored, and possibly of others
 */
export function withStale(job: JobRow, sent: readonly SentName[]): JobRow {
  if (sent.length === 0 || sentKeysOf(job).length === 0) return job
  const names = sent
    .filter(({ newest }) => newest > job.seq)
    .filter(({ key, name }) =>
      // A lead without an address has no other key than its cookie and keeps it.
      name === UNSENT_COOKIE ? key === job.visitor_key && leadOf(job).email : key === job.person_key,
    )
    .map(({ name }) => name)
  return names.length === 0 ? job : { ...job, stale: JSON.stringify(union(parseNames(job.stale), names)) }
}
