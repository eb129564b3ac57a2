/**
 * Checks that no lead was parked for a failure that every call met: nothing is known of a lead before another call got
 * through.
 *
 * It looks at leads whose calls all met such a failure. Between the first and the last of them Marketo must have carried
 * out another call.
 */
import type { CallLine } from '../../../demo/simulator/view.ts'
import { authorsIn, authorsOf, jobsOf, recordsOf, type CheckResult, type Evidence, type Violation } from './evidence.ts'

/** Failures that look like those of Marketo as a whole, by the code of the call. */
const FAILURES_OF_ALL: ReadonlySet<string | null> = new Set([
  'reset',
  'html401',
  'html403',
  'html404',
  'html502',
  'html503',
  'redirect',
  'garbage',
  'empty',
  '10001',
  '611',
])

export function checkParked(evidence: Evidence): CheckResult {
  const { submissions, calls } = evidence
  const authors = authorsOf(submissions)
  const jobOf = jobsOf(evidence)
  const byNumber = new Map(calls.map((call) => [call.number, call]))
  const sent = new Map(submissions.map((submission) => [submission, [] as CallLine[]]))
  for (const record of recordsOf(calls)) {
    for (const author of authorsIn(record, authors)) sent.get(author)!.push(byNumber.get(record.call)!)
  }
  const parked = [...sent].filter(([submission, own]) => {
    const job = jobOf.get(submission)
    const isParked = job?.state === 'parked' && job.leadId === null
    return isParked && own.length > 0 && own.every(({ code }) => FAILURES_OF_ALL.has(code))
  })
  const violations = parked.flatMap(([{ id }, own]): Violation[] => {
    const [from, until] = [own[0]!.arrivedAt, own.at(-1)!.endedAt ?? Infinity]
    const passed = calls.some(({ applied, arrivedAt }) => applied && arrivedAt >= from && arrivedAt <= until + GRACE_MS)
    const what = `was parked after ${own.length} calls, and no other call got through meanwhile`
    return passed ? [] : [{ of: id, at: until, what }]
  })
  return {
    rule: 'No lead was parked for a failure that every call met',
    looked: parked.length,
    unit: 'parked leads',
    violations,
  }
}

/** Time after the last call in which a call without a lead may tell that others get through, in ms. */
const GRACE_MS = 10_000
