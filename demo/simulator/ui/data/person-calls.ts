/** The calls in people's lives: which to read, and who became known last. Pure. */
import type { ActivityView, PersonView } from '../../view.ts'

type Write = Exclude<ActivityView, { type: 'visit' }>

/** The call that made them known; else the last that wrote to them. */
export function callToRead(person: PersonView): number | null {
  const writes = writesTo(person)
  return (writes.find((write) => write.type === 'known') ?? writes.at(-1))?.call ?? null
}

/** The last call that wrote to them. */
export function lastCall(person: PersonView): number | null {
  return writesTo(person).at(-1)?.call ?? null
}

/** Who became known last; undefined while nobody has. */
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

/** Whether a call wrote to this person. */
export function wrote(call: number, person: PersonView): boolean {
  return writesTo(person).some((write) => write.call === call)
}

function writesTo(person: PersonView): Write[] {
  return person.activities.filter((activity) => activity.type !== 'visit')
}
