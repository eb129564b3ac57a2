/**
 * Does every id that was answered 202 stand where it must: delivered, and seen at Marketo, or parked with a reason?
 *
 * An id counts as arrived when all three hold:
 *   - its receipt stands in the outbox, with Marketo's id of a person who has the address it was sent with;
 *   - Marketo has written to that person after it was first sent;
 *   - each of its attributes was written with its value, or was overtaken: a later or simultaneous submission of the
 *     person brought the same attribute, and that one was written. Where it was parked after all but some attributes were
 *     delivered, these are in the outbox still.
 */
import type { Submission } from '../journal.ts'
import type { Content } from '../plan.ts'
import type { Job } from '../relays.ts'
import { groupBy, isBefore, writesOf, type Break, type Evidence, type Verdict, type Write } from './evidence.ts'

export function judgeKept(evidence: Evidence): Verdict {
  const jobs = new Map(evidence.jobs.map((job) => [job.id, job]))
  const byPerson = groupBy(evidence.submissions, ({ person }) => person)
  const writes = groupBy(writesOf(evidence.calls), ({ person }) => person)
  const emails = new Map(evidence.people.map(({ id, email }) => [id, email?.toLowerCase()]))

  const answered = evidence.submissions.filter(({ id, answeredAt }) => answeredAt.length > 0 || jobs.has(id))
  const broken = answered.flatMap((submission) => {
    const { id, person, firstSentAt, answeredAt } = submission
    const at = answeredAt[0] ?? firstSentAt
    const job = jobs.get(id)
    const own = writes.get(person) ?? []
    const what = job
      ? faultIn(job, submission, { own, others: byPerson.get(person) ?? [], email: emails.get(job.leadId ?? 0) })
      : 'was acknowledged, and is not in the outbox'
    return what === undefined ? [] : [{ of: id, at, what } satisfies Break]
  })
  return {
    question: 'Every acknowledged id arrived, or is parked with a reason',
    looked: answered.length,
    of: 'ids',
    broken,
  }
}

interface Surroundings {
  /** What Marketo has written to the person. */
  own: readonly Write[]
  /** Everything that was sent for the person. */
  others: readonly Submission[]
  /** Whose the receipt's lead id is. */
  email: string | undefined
}

function faultIn(job: Job, submission: Submission, around: Surroundings): string | undefined {
  switch (job.state) {
    case 'delivered':
      return faultInDelivery(submission, [], job, around)
    case 'parked': {
      if (!job.reason) return 'is parked without a reason'
      const left = Object.keys(job.attributes ?? {})
      if (job.leadId !== null) return faultInDelivery(submission, left, job, around)
      const whole = submission.contents.some(({ attributes }) =>
        Object.entries(attributes).every(([name, value]) => job.attributes?.[name] === value),
      )
      return whole ? undefined : 'is parked, and not whole'
    }
    default:
      return `still waits (${job.state}, ${job.attempts} attempts, ${job.reason ?? 'none failed'})`
  }
}

/** `left` are names of attributes that are parked. */
function faultInDelivery(
  submission: Submission,
  left: readonly string[],
  { leadId }: Job,
  { own, others, email }: Surroundings,
): string | undefined {
  const { person, firstSentAt } = submission
  if (email !== person) return `has a receipt for lead ${leadId}, who is ${email === undefined ? 'nobody' : 'another'}`
  if (!own.some(({ at }) => at >= firstSentAt)) return 'has a receipt, and nothing was written since it was sent'
  const content = contentOf(submission, own)
  const missing = Object.entries(content.attributes).find(
    ([name, value]) => !left.includes(name) && !isWritten(name, value, own) && !isOvertaken(name),
  )
  return missing && `has a receipt, and its ${missing[0]} never arrived`

  function isOvertaken(name: string): boolean {
    return others.some(
      (other) =>
        other !== submission &&
        !isBefore(other, submission) &&
        other.contents.some(({ attributes }) => {
          const value = attributes[name]
          return value !== undefined && isWritten(name, value, own)
        }),
    )
  }
}

function isWritten(name: string, value: string, writes: readonly Write[]): boolean {
  return writes.some(({ attributes }) => attributes[name] === value)
}

/** Of two contents under one id the one that was seen at Marketo, else the first. */
function contentOf({ contents }: Submission, own: readonly Write[]): Content {
  const [first] = contents
  const seen = contents.find(({ attributes }) =>
    Object.entries(attributes).some(([name, value]) => value !== '' && isWritten(name, value, own)),
  )
  return seen ?? first!
}
