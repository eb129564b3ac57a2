/**
 * Checks that every acknowledged form was delivered as it was sent, or is parked with a reason.
 *
 * A form counts as delivered when all of this holds:
 *   - its receipt is in the outbox, with Marketo's id of a person who has the address that it was sent with;
 *   - Marketo has written, after the form was first sent, one record with all of its attributes and no others but the
 *     constants. Attributes that Marketo rejected are missing there and are in the outbox still.
 *
 * A lead that an operator had sent again may arrive in several records, and without the attributes that a later form of
 * the person has brought. So may one that let a later form go first.
 */
import type { Submission } from '../journal.ts'
import { CONSTANTS, type Content } from '../plan.ts'
import type { StoredJob } from '../relays.ts'
import { isBefore, jobsOf, writesOf, type CheckResult, type Evidence, type Write } from './evidence.ts'
import { overtakenIn } from './overtaken.ts'

export function checkKept(evidence: Evidence): CheckResult {
  const jobs = jobsOf(evidence)
  const byPerson = Map.groupBy(evidence.submissions, ({ person }) => person)
  const writes = Map.groupBy(writesOf(evidence.calls), ({ person }) => person)
  const overtaken = overtakenIn(evidence)
  const emails = new Map(evidence.people.map(({ id, email }) => [id, email?.toLowerCase()]))

  const acknowledged = evidence.submissions.filter(
    (submission) => submission.answeredAt.length > 0 || jobs.has(submission),
  )
  const violations = acknowledged.flatMap((submission) => {
    const { id, person, firstSentAt, answeredAt } = submission
    const job = jobs.get(submission)
    const what = job
      ? faultIn(job, submission, {
          writes: writes.get(person) ?? [],
          others: (byPerson.get(person) ?? []).filter((other) => other !== submission),
          email: emails.get(job.leadId ?? 0),
          isOvertaken: overtaken.has(submission),
        })
      : 'was acknowledged, and is not in the outbox'
    return what === undefined ? [] : [{ of: id, at: answeredAt[0] ?? firstSentAt, what }]
  })
  return {
    rule: 'Every acknowledged form was delivered as it was sent, or is parked with a reason',
    looked: acknowledged.length,
    unit: 'ids',
    violations,
  }
}

interface PersonEvidence {
  /** Records that Marketo has written to the person. */
  writes: readonly Write[]
  /** The other submissions of the person. */
  others: readonly Submission[]
  /** Address of the person that the receipt names. */
  email: string | undefined
  /** True when the submission may have let a later one go first. */
  isOvertaken: boolean
}

function faultIn(job: StoredJob, submission: Submission, person: PersonEvidence): string | undefined {
  switch (job.state) {
    case 'delivered':
      return faultInDelivery(submission, [], job, person)
    case 'parked': {
      if (!job.reason) return 'is parked without a reason'
      const left = Object.keys(job.attributes ?? {})
      if (job.leadId !== null) return faultInDelivery(submission, left, job, person)
      const sent = Object.entries(submission.content.attributes)
      const isWhole = sent.every(([name, value]) => job.attributes?.[name] === value)
      return isWhole ? undefined : 'is parked, and a part of it is missing'
    }
    default:
      return `still waits (${job.state}, ${job.attempts} attempts, ${job.reason ?? 'none failed'})`
  }
}

/** @param left names of the attributes that are parked */
function faultInDelivery(
  submission: Submission,
  left: readonly string[],
  { leadId }: StoredJob,
  { writes, others, email, isOvertaken }: PersonEvidence,
): string | undefined {
  const { person, content, firstSentAt, replayedAt } = submission
  const mayBePartial = replayedAt.length > 0 || isOvertaken
  if (email === undefined) return `has a receipt for lead ${leadId}, which does not exist`
  if (email !== person) return `has a receipt for lead ${leadId}, which is another person`
  const later = writes.filter(({ writtenAt }) => writtenAt >= firstSentAt)
  if (later.length === 0) return 'has a receipt, and nothing was written since it was sent'

  const expected = Object.entries(content.attributes).filter(([name]) => !left.includes(name))
  const own = later.filter((write) => carriesOnly(content, write))
  if (own.some(({ attributes }) => expected.every(([name, value]) => attributes[name] === value))) return undefined
  const missing = expected.find(([name, value]) => !isWritten(name, value, own) && !isStale(name))
  if (missing) return `has a receipt, and its ${missing[0]} was not written as it was sent`
  return mayBePartial ? undefined : 'has a receipt, and was not written in one record'

  /** Returns true when the lead may be without what a later form has brought, and one has brought the attribute. */
  function isStale(name: string): boolean {
    if (!mayBePartial) return false
    return others.some(
      (other) =>
        !isBefore(other, submission) &&
        other.content.attributes[name] !== undefined &&
        isWritten(name, other.content.attributes[name], writes),
    )
  }
}

/** Returns true when all that was written comes from the content or is a constant. */
function carriesOnly(content: Content, { attributes }: Write): boolean {
  return Object.entries(attributes).every(
    ([name, value]) => content.attributes[name] === value || CONSTANTS[name] === value,
  )
}

function isWritten(name: string, value: string, writes: readonly Write[]): boolean {
  return writes.some(({ attributes }) => attributes[name] === value)
}
