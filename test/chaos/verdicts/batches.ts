/** Checks that calls hold one lead of a person at the most, and that a person has one call at a time. */
import type { CallLine } from '../../../demo/simulator/view.ts'
import { authorsIn, authorsOf, recordsOf, spanOf, type CheckResult, type Evidence, type Violation } from './evidence.ts'

/** Checks each call: it holds no two leads of one person. */
export function checkBatches({ calls }: Evidence): CheckResult {
  const violations = calls.flatMap((call) => {
    const byPerson = Map.groupBy(emailsIn(call), (email) => email)
    return [...byPerson]
      .filter(([, leads]) => leads.length > 1)
      .map(([of, leads]) => ({ of, at: call.arrivedAt, what: `call ${call.number} held ${leads.length} leads of it` }))
  })
  return { rule: 'No call held two leads of one person', looked: calls.length, unit: 'calls', violations }
}

/** Checks each lead of each call: its values come from one submission. */
export function checkMerges({ submissions, calls }: Evidence): CheckResult {
  const authors = authorsOf(submissions)
  const records = recordsOf(calls)
  const violations = records.flatMap((record): Violation[] => {
    const [first, ...others] = authorsIn(record, authors)
    if (!first || others.length === 0) return []
    const what = `call ${record.call} sent it in one record with ${others.map(({ id }) => id).join(', ')}`
    return [{ of: first.id, at: record.arrivedAt, what }]
  })
  return { rule: 'No lead was merged with another', looked: records.length, unit: 'leads in calls', violations }
}

/** Checks each person: no call begins while another one with a lead of the person is under way. */
export function checkOverlaps({ calls }: Evidence): CheckResult {
  const pairs = calls.flatMap((call) => [...new Set(emailsIn(call))].map((email) => ({ email, call })))
  const violations: Violation[] = []
  for (const [email, own] of Map.groupBy(pairs, (pair) => pair.email)) {
    const spans = own.map(({ call }) => ({ number: call.number, ...spanOf(call) })).toSorted((a, b) => a.from - b.from)
    let open = spans[0]!
    for (const span of spans.slice(1)) {
      if (span.from < open.until) {
        const what = `call ${span.number} began while call ${open.number} was under way`
        violations.push({ of: email, at: span.from, what })
      }
      if (span.until > open.until) open = span
    }
  }
  return {
    rule: 'No two calls of one person were under way at once',
    looked: pairs.length,
    unit: 'leads in calls',
    violations,
  }
}

/**
 * Returns the people whose leads are in a call. A record without attributes is none: it associates the cookie of a lead
 * that is delivered, so that its person is there.
 */
function emailsIn({ records }: CallLine): string[] {
  return (records ?? []).flatMap(({ email, attributes }) => (Object.keys(attributes).length > 0 ? (email ?? []) : []))
}
