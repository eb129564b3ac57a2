/** Checks that nothing came to Marketo that no visitor sent, and that nothing came as two. */
import { CONSTANTS } from '../plan.ts'
import { authorsOf, recordsOf, valueKey, type CheckResult, type Evidence, type Violation } from './evidence.ts'

/** Checks every value that came to Marketo, written or not. */
export function checkUnexpectedValues({ submissions, calls }: Evidence): CheckResult {
  const sent = new Set(
    submissions.flatMap(({ person, contents }) =>
      contents.flatMap(({ attributes }) =>
        Object.entries(attributes).map(([name, value]) => valueKey(person, name, value)),
      ),
    ),
  )
  const values = recordsOf(calls).flatMap(({ person, attributes, call, arrivedAt }) =>
    Object.entries(attributes).map(([name, value]) => ({ person, name, value, call, arrivedAt })),
  )
  const violations = values
    .filter(({ person, name, value }) => !sent.has(valueKey(person, name, value)) && CONSTANTS[name] !== value)
    .map(({ person, name, call, arrivedAt }) => ({
      of: person,
      at: arrivedAt,
      what: `call ${call} brought a ${name} that no visitor sent`,
    }))
  return { rule: 'No call brought a value that no visitor sent', looked: values.length, unit: 'values', violations }
}

/** Checks every id: it is in the outbox once, was sent, is the one that was answered, and arrived with one content. */
export function checkIds({ submissions, jobs, calls }: Evidence): CheckResult {
  const known = new Set(submissions.map(({ id }) => id))
  const violations: Violation[] = []
  for (const [id, rows] of Map.groupBy(jobs, (job) => job.id)) {
    if (rows.length > 1) violations.push({ of: id, at: 0, what: `is in the outbox ${rows.length} times` })
    if (!known.has(id)) violations.push({ of: id, at: 0, what: 'is in the outbox, and no visitor sent it' })
  }
  const authors = authorsOf(submissions)
  const arrived = new Set(
    recordsOf(calls).flatMap(({ person, attributes }) =>
      Object.entries(attributes)
        .map(([name, value]) => valueKey(person, name, value))
        .filter((key) => authors.has(key)),
    ),
  )
  for (const { id, person, contents, wrongIds, answeredAt, firstSentAt } of submissions) {
    const at = answeredAt[0] ?? firstSentAt
    if (wrongIds.length > 0) violations.push({ of: id, at, what: `was answered with another id: ${wrongIds[0]}` })
    const came = contents.filter(({ attributes }) =>
      Object.entries(attributes).some(([name, value]) => arrived.has(valueKey(person, name, value))),
    )
    if (came.length > 1) violations.push({ of: id, at, what: 'arrived with two different contents' })
  }
  return { rule: 'One id is one lead, with one content', looked: submissions.length, unit: 'ids', violations }
}

/** Checks that Marketo has each address once. */
export function checkPeople({ people }: Evidence): CheckResult {
  const known = people.filter(({ known }) => known)
  const violations = [...Map.groupBy(known, ({ email }) => email?.toLowerCase() ?? '')]
    .filter(([, same]) => same.length > 1)
    .map(([email, same]) => ({
      of: email,
      at: Date.parse(same[1]!.createdAt),
      what: `is ${same.length} people: ${same.map(({ id }) => id).join(', ')}`,
    }))
  return { rule: 'No two people have one e-mail address', looked: known.length, unit: 'people', violations }
}
