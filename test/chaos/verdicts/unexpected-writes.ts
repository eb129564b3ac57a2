/** Checks that nothing came to Marketo that no visitor sent, and that nothing came as two. */
import { CONSTANTS } from '../plan.ts'
import { recordsOf, valueKey, type CheckResult, type Evidence, type Violation } from './evidence.ts'

/** Checks every value that came to Marketo, written or not. */
export function checkUnexpectedValues({ submissions, calls }: Evidence): CheckResult {
  const sent = new Set(
    submissions.flatMap(({ person, content }) =>
      Object.entries(content.attributes).map(([name, value]) => valueKey(person, name, value)),
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

/** Checks every id: it is in the outbox once for each content that was sent under it, and is the one that was answered. */
export function checkIds({ submissions, jobs }: Evidence): CheckResult {
  const sent = Map.groupBy(submissions, ({ id }) => id)
  const violations: Violation[] = []
  for (const [id, rows] of Map.groupBy(jobs, ({ sentAs }) => sentAs)) {
    const contents = sent.get(id)?.length ?? 0
    if (contents === 0) violations.push({ of: id, at: 0, what: 'is in the outbox, and no visitor sent it' })
    else if (rows.length > contents) {
      violations.push({ of: id, at: 0, what: `is in the outbox ${rows.length} times, for ${contents} contents` })
    }
  }
  for (const { id, wrongIds, answeredAt, firstSentAt } of submissions) {
    const at = answeredAt[0] ?? firstSentAt
    if (wrongIds.length > 0) violations.push({ of: id, at, what: `was answered with another id: ${wrongIds[0]}` })
  }
  return { rule: 'One id with one content is one lead', looked: submissions.length, unit: 'ids', violations }
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
