/** Did anything arrive that nobody sent, or one thing as two? */
import { CONSTANTS } from '../plan.ts'
import { groupBy, type Break, type Evidence, type Verdict } from './evidence.ts'

/** Every value that came to Marketo, written or not. */
export function judgeStrangers({ submissions, calls }: Evidence): Verdict {
  const sent = new Set(Object.entries(CONSTANTS).map(([name, value]) => `* ${name} ${value}`))
  for (const { person, contents } of submissions) {
    for (const { attributes } of contents) {
      for (const [name, value] of Object.entries(attributes)) sent.add(`${person} ${name} ${value}`)
    }
  }
  const broken: Break[] = []
  let looked = 0
  for (const { arrivedAt, number, records } of calls) {
    for (const { email, attributes } of records ?? []) {
      for (const [name, value] of Object.entries(attributes)) {
        looked += 1
        if (sent.has(`${email} ${name} ${value}`) || sent.has(`* ${name} ${value}`)) continue
        broken.push({ of: email ?? 'nobody', at: arrivedAt, what: `call ${number} brought a ${name} that nobody sent` })
      }
    }
  }
  return { question: 'Nothing arrived that nobody sent', looked, of: 'values', broken }
}

/** An id stands in the outbox once, was sent, is the one that was answered, and arrived with one content. */
export function judgeIds({ submissions, jobs, calls }: Evidence): Verdict {
  const known = new Map(submissions.map((submission) => [submission.id, submission]))
  const broken: Break[] = []
  for (const [id, rows] of groupBy(jobs, (job) => job.id)) {
    if (rows.length > 1) broken.push({ of: id, at: 0, what: `stands ${rows.length} times in the outbox` })
    if (!known.has(id)) broken.push({ of: id, at: 0, what: 'is in the outbox, and nobody sent it' })
  }
  const arrived = new Set<string>()
  for (const { records } of calls) {
    for (const { email, attributes } of records ?? []) {
      for (const [name, value] of Object.entries(attributes)) if (value !== '') arrived.add(`${email} ${name} ${value}`)
    }
  }
  for (const { id, person, contents, strangeIds, answeredAt, firstSentAt } of submissions) {
    const at = answeredAt[0] ?? firstSentAt
    if (strangeIds.length > 0) broken.push({ of: id, at, what: `was answered with another id: ${strangeIds[0]}` })
    const came = contents.filter(({ attributes }) =>
      Object.entries(attributes).some(([name, value]) => arrived.has(`${person} ${name} ${value}`)),
    )
    if (came.length > 1) broken.push({ of: id, at, what: 'arrived with two different contents' })
  }
  return { question: 'One id is one lead, with one content', looked: submissions.length, of: 'ids', broken }
}

/** Marketo knows each address once. */
export function judgePeople({ people }: Evidence): Verdict {
  const known = people.filter(({ known }) => known)
  const broken = [...groupBy(known, ({ email }) => email?.toLowerCase() ?? '')].flatMap(([email, same]): Break[] =>
    same.length === 1
      ? []
      : [
          {
            of: email,
            at: Date.parse(same[1]!.createdAt),
            what: `is ${same.length} people: ${same.map(({ id }) => id).join(', ')}`,
          },
        ],
  )
  return { question: 'No two people have one e-mail address', looked: known.length, of: 'people', broken }
}
