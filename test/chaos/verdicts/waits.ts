/**
 * Checks that a lead that fails by itself delays no other one for long.
 *
 * While a good lead waits, from its acknowledgement until the first call that writes it, calls with each bad lead may be
 * refused a bounded number of times: for each size of a batch between 300 and 1, and for each attempt of a lead alone
 * while others get through. A good lead that waits behind a bad one of its own person or its own visitor is left out: it
 * keeps its place.
 */
import { badFaultOf } from '../bad-leads.ts'
import type { Submission } from '../journal.ts'
import {
  authorsIn,
  authorsOf,
  jobsOf,
  recordsOf,
  type CheckResult,
  type Evidence,
  type SentRecord,
  type Violation,
} from './evidence.ts'

/** Sizes of a batch from 300 to 1 that halves each time: 300, 150, 75, 37, 18, 9, 4, 2, 1. */
const BATCH_SIZES = 9

/** Calls in a row in which a lead fails alone before it is parked, at the most for those whose fault passes other leads. */
const MAX_ATTEMPTS_ALONE = 8

/** Calls that one bad lead may be refused in while a good one waits. Three probes of an account come to it. */
export const MAX_REFUSED_CALLS = BATCH_SIZES + MAX_ATTEMPTS_ALONE + 3

export function checkWaits(evidence: Evidence): CheckResult {
  const { submissions, calls } = evidence
  const authors = authorsOf(submissions)
  const jobOf = jobsOf(evidence)
  const codes = new Map(calls.map(({ number, code }) => [number, code]))
  const writtenAt = new Map<Submission, number>()
  const refusals = new Map<Submission, number[]>()
  for (const record of recordsOf(calls)) {
    for (const author of authorsIn(record, authors)) {
      if (record.writtenAt !== undefined && !writtenAt.has(author)) writtenAt.set(author, record.arrivedAt)
      if (isRefused(record, author, codes)) refusals.set(author, [...(refusals.get(author) ?? []), record.arrivedAt])
    }
  }
  const bad = submissions.filter(({ content }) => badFaultOf(content) !== undefined)
  const good = submissions.filter(
    (submission) =>
      submission.answeredAt.length > 0 &&
      badFaultOf(submission.content) === undefined &&
      // A parked lead has failed by itself.
      (writtenAt.has(submission) || jobOf.get(submission)?.state !== 'parked') &&
      !bad.some((other) => isBehind(submission, other)),
  )
  const violations = good.flatMap((submission): Violation[] => {
    const from = submission.answeredAt[0]!
    const until = writtenAt.get(submission) ?? Infinity
    return [...refusals].flatMap(([other, times]) => {
      const refused = times.filter((time) => time > from && time < until).length
      if (refused <= MAX_REFUSED_CALLS) return []
      const what = `waited while ${refused} calls with the bad lead ${other.id} were refused`
      return [{ of: submission.id, at: from, what }]
    })
  })
  return {
    rule: `No good lead waits while a bad one is refused more than ${MAX_REFUSED_CALLS} times`,
    looked: good.length,
    unit: 'leads',
    violations,
  }
}

/** Returns whether the call of the record was refused because of the bad lead in it. */
function isRefused({ call }: SentRecord, { content }: Submission, codes: ReadonlyMap<number, string | null>): boolean {
  const fault = badFaultOf(content)
  const code = codes.get(call)
  return fault !== undefined && (code === fault || (fault === '10001' && code === '611'))
}

/** Returns whether the lead has to keep its place behind the other one. */
function isBehind(submission: Submission, other: Submission): boolean {
  const isSame =
    submission.person === other.person || (submission.cookie !== undefined && submission.cookie === other.cookie)
  return isSame && other.firstSentAt < submission.answeredAt[0]!
}
