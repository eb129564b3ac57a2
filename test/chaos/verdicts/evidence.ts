/**
 * Everything that is known when a run is over, and ways to look things up in it. It decides nothing.
 *
 * Marketo's own log says what Marketo did, the visitors say what was sent, the outbox says what is stored.
 */
import type { CallLine, PersonView, RecordView } from '../../../demo/simulator/view.ts'
import type { LimitPeriod } from '../fault-log.ts'
import type { Submission } from '../journal.ts'
import type { StoredJob } from '../relays.ts'

export interface Evidence {
  submissions: readonly Submission[]
  jobs: readonly StoredJob[]
  calls: readonly CallLine[]
  people: readonly PersonView[]
  periods: readonly LimitPeriod[]
}

/** Something that must not happen. */
export interface Violation {
  /** The id of a submission, or an address where it concerns several. */
  of: string
  /** Epoch ms. */
  at: number
  what: string
}

/** Result of one check. */
export interface CheckResult {
  /** The rule, as a sentence. */
  rule: string
  /** Number of things that were looked at. */
  looked: number
  /** Unit of `looked`. */
  unit: string
  violations: Violation[]
}

/** One lead of one call, as it came to Marketo. */
export interface SentRecord {
  call: number
  arrivedAt: number
  /** When Marketo wrote it; undefined where it did not. */
  writtenAt: number | undefined
  /** The address in lower case. */
  person: string
  attributes: Readonly<Record<string, string>>
}

/** A record that Marketo has written. */
export type Write = SentRecord & { writtenAt: number }

/** Returns the leads of all calls, in the order in which the calls came to Marketo. */
export function recordsOf(calls: readonly CallLine[]): SentRecord[] {
  return calls
    .toSorted((a, b) => a.arrivedAt - b.arrivedAt)
    .flatMap((call) =>
      (call.records ?? []).map((record) => ({
        call: call.number,
        arrivedAt: call.arrivedAt,
        writtenAt: isWritten(record) ? (call.appliedAt ?? undefined) : undefined,
        person: record.email ?? '',
        attributes: record.attributes,
      })),
    )
}

/** Returns the records that Marketo has written, in the order in which it wrote them. */
export function writesOf(calls: readonly CallLine[]): Write[] {
  return recordsOf(calls)
    .filter((record): record is Write => record.writtenAt !== undefined)
    .toSorted((a, b) => a.writtenAt - b.writtenAt)
}

/**
 * Requires that leads were delivered or parked in a run. Otherwise a relay that does not run at all would break the rule
 * that every lead arrives, and that would count as a finding.
 *
 * @throws when Marketo has written no lead, and none is parked
 */
export function requireOutcome({ calls, jobs }: Evidence): void {
  if (writesOf(calls).length > 0 || jobs.some(({ state }) => state === 'parked')) return
  const counts = `${calls.length} calls were made, and ${jobs.length} leads are stored`
  throw new Error(`the run shows nothing, because no lead was delivered or parked: ${counts}`)
}

/**
 * Returns the values that Marketo has written more than once, each with its person and attribute, and the number of all
 * values. Constants and empty values are left out, because several submissions send them.
 */
export function repeatedValues(calls: readonly CallLine[]): { written: number; repeated: string[] } {
  const values = writesOf(calls).flatMap(({ person, attributes }) =>
    Object.entries(attributes).flatMap(([name, value]) =>
      /\bp\d+n\d+/.test(value) ? [`${person} ${name} ${value}`] : [],
    ),
  )
  const seen = new Set<string>()
  const repeated = values.filter((value) => seen.has(value) || !seen.add(value))
  return { written: values.length, repeated }
}

function isWritten({ status, leadId }: RecordView): boolean {
  return leadId !== null && (status === 'CREATED' || status === 'UPDATED')
}

/** Returns the submission that each value comes from, by `valueKey`. Empty values are left out: several may send one. */
export function authorsOf(submissions: readonly Submission[]): Map<string, Submission> {
  return new Map(
    submissions.flatMap((submission) =>
      Object.entries(submission.content.attributes)
        .filter(([, value]) => value !== '')
        .map(([name, value]) => [valueKey(submission.person, name, value), submission] as const),
    ),
  )
}

/** Returns the submissions whose values are in the record, each once. */
export function authorsIn({ person, attributes }: SentRecord, authors: ReadonlyMap<string, Submission>): Submission[] {
  const found = Object.entries(attributes).flatMap(([name, value]) => authors.get(valueKey(person, name, value)) ?? [])
  return [...new Set(found)]
}

export function valueKey(person: string, name: string, value: string): string {
  return `${person} ${name} ${value}`
}

/** Returns the names of the attributes that a submission brings. */
export function namesIn({ content }: Submission): string[] {
  return Object.keys(content.attributes)
}

/**
 * Returns the job of each submission that is in the outbox. Of several submissions with one id, each has a job of its own; a
 * receipt tells its person but not its content, so that it belongs to one that was acknowledged, or else to one that
 * arrived.
 */
export function jobsOf({ submissions, jobs, calls, people }: Evidence): Map<Submission, StoredJob> {
  const left = Map.groupBy(jobs, ({ sentAs }) => sentAs)
  const authors = authorsOf(submissions)
  const arrived = new Set(recordsOf(calls).flatMap((record) => authorsIn(record, authors)))
  const emails = new Map(people.map(({ id, email }) => [id, email?.toLowerCase()]))
  const isOfPerson = ({ person }: Submission, { leadId }: StoredJob) => emails.get(leadId ?? 0) === person
  const found = new Map<Submission, StoredJob>()
  const passes: ((submission: Submission, job: StoredJob) => boolean)[] = [
    ({ content }, { attributes = {} }) =>
      Object.entries(content.attributes).some(([name, value]) => value !== '' && attributes[name] === value),
    (submission, job) => isOfPerson(submission, job) && submission.answeredAt.length > 0,
    (submission, job) => isOfPerson(submission, job) && arrived.has(submission),
    ({ answeredAt }) => answeredAt.length > 0,
    (submission) => arrived.has(submission),
    () => true,
  ]
  for (const belongs of passes) {
    for (const submission of submissions) {
      const own = left.get(submission.id) ?? []
      const at = found.has(submission) ? -1 : own.findIndex((job) => belongs(submission, job))
      if (at >= 0) found.set(submission, own.splice(at, 1)[0]!)
    }
  }
  return found
}

/** Returns true when `one` was acknowledged before `other` was first sent. Otherwise either may be the later one. */
export function isBefore(one: Submission, other: Submission): boolean {
  const acknowledgedAt = one.answeredAt[0]
  return acknowledgedAt !== undefined && acknowledgedAt < other.firstSentAt
}

/**
 * Returns the time in which Marketo was at work on a call: until it was answered and its work was done, whichever came
 * last. An end that is not known is infinite.
 */
export function spanOf({ arrivedAt, endedAt, appliedAt }: CallLine): { from: number; until: number } {
  return { from: arrivedAt, until: Math.max(endedAt ?? Infinity, appliedAt ?? 0) }
}
