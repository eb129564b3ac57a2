/**
 * Is the last answer what Marketo holds, and has no older one ever taken a newer one's place?
 *
 * One submission is later than another where it was first sent after the other had been acknowledged. Of two that
 * crossed each other either may be the last.
 */
import type { Submission } from '../journal.ts'
import type { Job } from '../relays.ts'
import {
  authorsOf,
  groupBy,
  isBefore,
  valueKey,
  writesOf,
  type Break,
  type Evidence,
  type Verdict,
} from './evidence.ts'

/** Attribute by attribute, what each person's record says at the end. */
export function judgeLastAnswer({ submissions, jobs, people }: Evidence): Verdict {
  const jobOf = new Map(jobs.map((job) => [job.id, job]))
  const held = new Map(people.map((person) => [person.email?.toLowerCase() ?? '', person.attributes]))
  let looked = 0
  const broken: Break[] = []
  for (const [person, sent] of groupBy(submissions, (submission) => submission.person)) {
    const inPlay = sent.filter(({ id }) => jobOf.has(id))
    const names = new Set(inPlay.flatMap((submission) => namesIn(submission)))
    for (const name of names) {
      looked += 1
      const bringing = inPlay.filter((submission) => namesIn(submission).includes(name))
      const obliged = bringing.filter(({ id }) => isDelivered(name, jobOf.get(id)!))
      const value = held.get(person)?.[name] ?? ''
      const authors = bringing.filter(({ contents }) => contents.some(({ attributes }) => attributes[name] === value))
      const newest = authors.find((author) => !obliged.some((later) => isBefore(author, later)))
      const nobodys = value === '' && authors.length === 0 && obliged.length === 0
      if (newest || nobodys) continue
      const last = obliged.at(-1)
      broken.push({
        of: last?.id ?? person,
        at: last?.answeredAt[0] ?? last?.firstSentAt ?? 0,
        what: `${name} of ${person} is ${quote(value)}, which is not the last answer`,
      })
    }
  }
  return { question: 'The last answer of each person is what Marketo holds', looked, of: 'attributes', broken }
}

/** An older answer that was written after a newer one. */
interface Relapse {
  older: Submission
  newer: Submission
  name: string
  at: number
  call: number
  /** The newer one, or one that is later still, was written once more: nothing had been heard of it when it relapsed. */
  passing: boolean
}

/**
 * Write by write: once an answer is delivered, none that is older is written any more.
 *
 * While nobody knows of a merged lead whether it has arrived, it may be sent again in parts, oldest first: an older answer
 * then stands until the newer one comes once more. That is no break, and is counted.
 */
export function judgeOrder(evidence: Evidence): Verdict {
  const broken = relapsesIn(evidence).flatMap(({ older, newer, name, at, call, passing }): Break[] =>
    passing ? [] : [{ of: older.id, at, what: `${name} was written by call ${call} after that of ${newer.id}` }],
  )
  const looked = writesOf(evidence.calls).length
  return { question: 'No older answer was written once a newer one was delivered', looked, of: 'writes', broken }
}

/** Older answers that stood until the newer one came once more. */
export function passingRelapses(evidence: Evidence): number {
  return relapsesIn(evidence).filter(({ passing }) => passing).length
}

function relapsesIn({ submissions, calls }: Evidence): Relapse[] {
  const authors = authorsOf(submissions)
  const histories = new Map<string, { author: Submission; name: string; at: number; call: number }[]>()
  for (const { person, attributes, at, call } of writesOf(calls)) {
    for (const [name, value] of Object.entries(attributes)) {
      const author = authors.get(valueKey(person, name, value))
      if (!author) continue
      const key = `${person} ${name}`
      const history = histories.get(key) ?? []
      histories.set(key, [...history, { author, name, at, call }])
    }
  }
  return [...histories.values()].flatMap((history) =>
    history.flatMap(({ author: older, name, at, call }, place): Relapse[] => {
      const newer = history.slice(0, place).find(({ author }) => isBefore(older, author))?.author
      if (!newer) return []
      const passing = history.slice(place + 1).some(({ author }) => author === newer || isBefore(newer, author))
      return [{ older, newer, name, at, call, passing }]
    }),
  )
}

/** True when the attribute must be at Marketo: the lead is delivered, and not without it. */
function isDelivered(name: string, { state, leadId, attributes }: Job): boolean {
  return state === 'delivered' || (state === 'parked' && leadId !== null && attributes?.[name] === undefined)
}

function namesIn({ contents }: Submission): string[] {
  return [...new Set(contents.flatMap(({ attributes }) => Object.keys(attributes)))]
}

function quote(value: string): string {
  return value.length > 40 ? `“${value.slice(0, 40)}…”` : `“${value}”`
}
