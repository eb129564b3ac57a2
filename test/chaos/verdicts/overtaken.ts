/**
 * The leads that let a later one of their person go first: a lead that fails by itself for minutes steps aside. It is then
 * sent after the later one, without what that has brought.
 */
import type { Submission } from '../journal.ts'
import { authorsIn, authorsOf, isBefore, recordsOf, type Evidence } from './evidence.ts'

/**
 * Number of tries of a lead before it may step aside. Times do not tell it, because clocks are set during a run: the first
 * failure begins the time, and only a later one can end it.
 */
const MIN_TRIES = 2

/**
 * Returns the submissions that were tried so often before a call sent a newer one of the person, and again afterwards. A
 * record that brings nothing of any submission may be one whose attributes have all been brought meanwhile.
 */
export function overtakenIn({ submissions, calls }: Pick<Evidence, 'submissions' | 'calls'>): Set<Submission> {
  const authors = authorsOf(submissions)
  const sent = recordsOf(calls).flatMap((record): { person: string; author?: Submission }[] => {
    const own = authorsIn(record, authors)
    return own.length > 0 ? own.map((author) => ({ person: record.person, author })) : [{ person: record.person }]
  })
  const overtaken = new Set<Submission>()
  for (const own of Map.groupBy(sent, ({ person }) => person).values()) {
    for (const author of new Set(own.flatMap((each) => each.author ?? []))) {
      const newer = own.findIndex((other) => other.author && isBefore(author, other.author))
      const tries = own.slice(0, Math.max(0, newer)).filter((other) => other.author === author).length
      const isSentAgain = own.slice(newer).some((other) => !other.author || other.author === author)
      if (tries >= MIN_TRIES && isSentAgain) overtaken.add(author)
    }
  }
  return overtaken
}
