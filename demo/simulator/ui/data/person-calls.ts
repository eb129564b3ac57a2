/** Finds the calls that wrote a person, and the person who became known last. Pure. */
import type { ActivityView, PersonView } from '../../view.ts'

type Write = Exclude<ActivityView, { type: 'visit' }>

/** Returns the number of the call that made the person known, else of the last call that wrote the person. */
export function callToShow(person: PersonView): number | null {
  const writes = writesTo(person)
  return (writes.find((write) => write.type === 'known') ?? writes.at(-1))?.call ?? null
}

/** Returns the number of the last call that wrote the person. */
export function lastCall(person: PersonView): number | null {
  return writesTo(person).at(-1)?.call ?? null
}

/** Returns the person who became known last; undefined if nobody is known. */
export function lastKnown(people: readonly PersonView[]): PersonView | undefined {
  let last: PersonView | undefined
  let lastAt = -Infinity
  for (const person of people) {
    const at = Date.parse(writesTo(person).findLast((write) => write.type === 'known')?.at ?? '')
    if (at <= lastAt || Number.isNaN(at)) continue
    last = person
    lastAt = at
  }
  return last
}

/** Checks whether a call wrote the person. */
export function wrote(call: number, person: PersonView): boolean {
  return writesTo(person).some((write) => write.call === call)
}

function writesTo(person: PersonView): Write[] {
  return person.activities.filter((activity) => activity.type !== 'visit')
}
