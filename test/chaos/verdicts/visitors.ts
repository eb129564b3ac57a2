/** Checks that the cookie of each visitor ends with the person of the newest answer, such as a corrected address. */
import type { StoredJob } from '../relays.ts'
import { isBefore, jobsOf, type CheckResult, type Evidence, type Violation } from './evidence.ts'

export function checkVisitors(evidence: Evidence): CheckResult {
  const { submissions, people } = evidence
  const jobOf = jobsOf(evidence)
  const owners = new Map(people.flatMap(({ cookies, email }) => cookies.map((cookie) => [cookie, email] as const)))
  const visitors = Map.groupBy(
    submissions.filter((submission) => submission.cookie !== undefined),
    ({ cookie }) => cookie!,
  )
  const violations: Violation[] = []
  for (const [cookie, sent] of visitors) {
    const delivered = sent.filter((submission) => isDelivered(jobOf.get(submission)))
    if (delivered.length === 0) continue
    const owner = owners.get(cookie)?.toLowerCase() ?? 'nobody'
    const isNewest = sent.some(
      (answer) =>
        answer.person === owner && !delivered.some((later) => later.person !== owner && isBefore(answer, later)),
    )
    if (isNewest) continue
    const last = delivered.at(-1)!
    const what = `its cookie is with ${owner}, and the newest answer of the visitor is of ${last.person}`
    violations.push({ of: last.id, at: last.answeredAt[0] ?? last.firstSentAt, what })
  }
  return {
    rule: 'The cookie of each visitor is with the person of the newest answer',
    looked: visitors.size,
    unit: 'cookies',
    violations,
  }
}

/** Returns whether Marketo has got the lead, perhaps without attributes that it rejected. */
function isDelivered(job: StoredJob | undefined): boolean {
  return job?.state === 'delivered' || (job?.state === 'parked' && job.leadId !== null)
}
