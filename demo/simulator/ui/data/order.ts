/** Orders the people of the list. Pure. */
import type { PersonView } from '../../view.ts'
import { momentOf } from './moment.ts'

/** Returns the person who became known last, then all others, those seen last first. */
export function inOrder(people: readonly PersonView[]): PersonView[] {
  const newest = lastKnown(people)
  const others = people.filter((person) => person !== newest).toSorted((a, b) => compareTimes(seenAt(b), seenAt(a)))
  return newest ? [newest, ...others] : others
}

/** Returns the person who became known last. Undefined if nobody has. */
export function lastKnown(people: readonly PersonView[]): PersonView | undefined {
  let last: PersonView | undefined
  let lastAt = ''
  for (const person of people) {
    const at = momentOf(person)?.at ?? ''
    if (compareTimes(at, lastAt) <= 0) continue
    last = person
    lastAt = at
  }
  return last
}

/** Returns the time of the last activity. */
export function seenAt({ activities, createdAt }: PersonView): string {
  return activities.at(-1)?.at ?? createdAt
}

/** Compares two times in ISO 8601 and UTC, whose text has the order of the times. */
function compareTimes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
