/**
 * Checks the order of each person's leads: one after the other as they were accepted, and the last answer stays.
 *
 * A submission is later than another when it was first sent after the other had been acknowledged. Of two that crossed
 * each other either may be the later one.
 */
import type { Submission } from '../journal.ts'
import type { StoredJob } from '../relays.ts'
import {
  authorsIn,
  authorsOf,
  isBefore,
  jobsOf,
  namesIn,
  recordsOf,
  valueKey,
  writesOf,
  type CheckResult,
  type Evidence,
  type Violation,
} from './evidence.ts'
import { overtakenIn } from './overtaken.ts'

/** Checks each attribute of each person at the end of the run. */
export function checkLastAnswer(evidence: Evidence): CheckResult {
  const { submissions, people } = evidence
  const jobOf = jobsOf(evidence)
  const held = new Map(people.map((person) => [person.email?.toLowerCase() ?? '', person.attributes]))
  let looked = 0
  const violations: Violation[] = []
  for (const [person, sent] of Map.groupBy(submissions, (submission) => submission.person)) {
    const stored = sent.filter((submission) => jobOf.has(submission))
    const names = new Set(stored.flatMap(namesIn))
    for (const name of names) {
      looked += 1
      const bringing = stored.filter((submission) => namesIn(submission).includes(name))
      const delivered = bringing.filter((submission) => isDelivered(name, jobOf.get(submission)!))
      const value = held.get(person)?.[name] ?? ''
      const authors = bringing.filter(({ content }) => content.attributes[name] === value)
      const isLast = authors.some((author) => !delivered.some((later) => isBefore(author, later)))
      const wasNeverSet = value === '' && authors.length === 0 && delivered.length === 0
      if (isLast || wasNeverSet) continue
      const last = delivered.at(-1)
      violations.push({
        of: last?.id ?? person,
        at: last?.answeredAt[0] ?? last?.firstSentAt ?? 0,
        what: `${name} of ${person} is ${quote(value)}, which is not the last answer`,
      })
    }
  }
  return { rule: 'Marketo holds the last answer of each person', looked, unit: 'attributes', violations }
}

/** Checks each write: no value of an attribute is written once a newer one of the person has been written. */
export function checkOrder({ submissions, calls }: Evidence): CheckResult {
  const authors = authorsOf(submissions)
  const writes = writesOf(calls)
  const histories = new Map<string, { author: Submission; call: number }[]>()
  const violations: Violation[] = []
  for (const { person, attributes, writtenAt, call } of writes) {
    for (const [name, value] of Object.entries(attributes)) {
      const author = authors.get(valueKey(person, name, value))
      if (!author) continue
      const key = `${person} ${name}`
      const history = histories.get(key) ?? []
      const newer = history.find((earlier) => isBefore(author, earlier.author))
      if (newer) {
        const what = `${name} was written by call ${call} over that of ${newer.author.id} by call ${newer.call}`
        violations.push({ of: author.id, at: writtenAt, what })
      }
      histories.set(key, [...history, { author, call }])
    }
  }
  return { rule: 'No older value was written over a newer one', looked: writes.length, unit: 'writes', violations }
}

/**
 * Checks each lead of each call, written or not: none is sent once an earlier call has sent a newer one of its person,
 * unless an operator has had it sent again, or it may have stepped aside.
 */
export function checkSequence({ submissions, calls }: Evidence): CheckResult {
  const authors = authorsOf(submissions)
  const records = recordsOf(calls)
  const overtaken = overtakenIn({ submissions, calls })
  const sent = new Map<string, { author: Submission; call: number }[]>()
  const violations: Violation[] = []
  for (const record of records) {
    const { person, call, arrivedAt } = record
    for (const author of authorsIn(record, authors)) {
      const earlier = sent.get(person) ?? []
      const newer = earlier.find((other) => other.call !== call && isBefore(author, other.author))
      if (newer && !overtaken.has(author) && !author.replayedAt.some((at) => at <= arrivedAt)) {
        const what = `was sent by call ${call} after the newer ${newer.author.id} by call ${newer.call}`
        violations.push({ of: author.id, at: arrivedAt, what })
      }
      sent.set(person, [...earlier, { author, call }])
    }
  }
  return {
    rule: 'No lead was sent after a newer one of its person',
    looked: records.length,
    unit: 'leads in calls',
    violations,
  }
}

/** Returns true when Marketo must have the attribute: the lead is delivered, and not without it. */
function isDelivered(name: string, { state, leadId, attributes }: StoredJob): boolean {
  return state === 'delivered' || (state === 'parked' && leadId !== null && attributes?.[name] === undefined)
}

function quote(value: string): string {
  return value.length > 40 ? `“${value.slice(0, 40)}…”` : `“${value}”`
}
