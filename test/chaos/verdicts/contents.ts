/**
 * Checks each content by itself, whatever the id that it was sent with: once it was acknowledged, Marketo has written it, or
 * it is kept. An id that was used before with another content makes it no less.
 *
 * It reads no receipt: a receipt tells an id and no content. A value of a submission is no other's, so that a value that
 * was written tells the submission.
 */
import type { Submission } from '../journal.ts'
import type { StoredJob } from '../relays.ts'
import { valueKey, writesOf, type CheckResult, type Evidence, type Violation } from './evidence.ts'
import { overtakenIn } from './overtaken.ts'

export function checkContents({ submissions, jobs, calls }: Evidence): CheckResult {
  const overtaken = overtakenIn({ submissions, calls })
  const written = new Set(
    writesOf(calls).flatMap(({ person, attributes }) =>
      Object.entries(attributes).map(([name, value]) => valueKey(person, name, value)),
    ),
  )
  const kept = Map.groupBy(jobs, ({ sentAs }) => sentAs)
  const acknowledged = submissions.filter(({ answeredAt, content }) => answeredAt.length > 0 && hasValues(content))
  const violations = acknowledged.flatMap((submission): Violation[] => {
    const missing = valuesOf(submission).find(
      ([name, value]) =>
        !written.has(valueKey(submission.person, name, value)) &&
        !isKept(kept.get(submission.id) ?? [], name, value) &&
        !isLeftOut(submission, name, submissions, overtaken),
    )
    if (!missing) return []
    const what = `was acknowledged, and its ${missing[0]} was never written at Marketo and is not kept`
    return [{ of: submission.id, at: submission.answeredAt[0]!, what }]
  })
  return {
    rule: 'Every acknowledged content was written at Marketo, or is kept',
    looked: acknowledged.length,
    unit: 'contents',
    violations,
  }
}

/** Returns the values that tell the submission: an empty one may come from several. */
function valuesOf({ content }: Pick<Submission, 'content'>): [name: string, value: string][] {
  return Object.entries(content.attributes).filter(([, value]) => value !== '')
}

function hasValues(content: Submission['content']): boolean {
  return valuesOf({ content }).length > 0
}

function isKept(jobs: readonly StoredJob[], name: string, value: string): boolean {
  return jobs.some(({ attributes }) => attributes?.[name] === value)
}

/**
 * Returns whether the lead was sent again by an operator, or after a later one that it let go first, without an attribute
 * that another form of the person has brought.
 */
function isLeftOut(
  submission: Submission,
  name: string,
  submissions: readonly Submission[],
  overtaken: ReadonlySet<Submission>,
): boolean {
  if (submission.replayedAt.length === 0 && !overtaken.has(submission)) return false
  return submissions.some(
    (other) =>
      other !== submission && other.person === submission.person && other.content.attributes[name] !== undefined,
  )
}
