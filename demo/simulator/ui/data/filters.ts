/** Filters people by kind and by search words. Pure. */
import type { PersonView } from '../../view.ts'
import { nameOf } from './names.ts'

export type Show = 'all' | 'known' | 'anonymous' | 'form' | 'fault'

export interface Filter {
  show: Show
  /** Search text. A person matches if every word is found. */
  query: string
}

const PEOPLE_KINDS = ['all', 'known', 'anonymous', 'form'] as const satisfies Show[]

export const SHOW_ALL: Filter = { show: 'all', query: '' }

/**
 * Checks whether a person passes the filter.
 *
 * @param failed true if a call about the person failed
 */
export function passes(person: PersonView, failed: boolean, { show, query }: Filter): boolean {
  return isOfKind(person, failed, show) && matches(person, query)
}

/**
 * Counts the people of each kind. For the kind `fault` it counts the calls, some of which may concern nobody.
 *
 * @param failedCalls number of failed calls
 */
export function countKinds(people: readonly PersonView[], failedCalls: number): Record<Show, number> {
  const counts: Record<Show, number> = { all: 0, known: 0, anonymous: 0, form: 0, fault: failedCalls }
  for (const person of people) for (const show of PEOPLE_KINDS) if (isOfKind(person, false, show)) counts[show]++
  return counts
}

function isOfKind(person: PersonView, failed: boolean, show: Show): boolean {
  switch (show) {
    case 'all':
      return true
    case 'known':
      return person.known
    case 'anonymous':
      return !person.known
    case 'form':
      return hasSentForm(person)
    case 'fault':
      return failed
    default:
      return show satisfies never
  }
}

/** REST says that a form was sent. By SOAP a person without a cookie was written by a program, not by a form. */
function hasSentForm({ activities, cookies }: PersonView): boolean {
  const types = new Set(activities.map(({ type }) => type))
  return types.has('form') || (cookies.length > 0 && (types.has('known') || types.has('sync')))
}

function matches(person: PersonView, query: string): boolean {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return true
  const text = textOf(person)
  return words.every((word) => text.includes(word))
}

/** Search text of each person, built once, because person objects are immutable. */
const texts = new WeakMap<PersonView, string>()

function textOf(person: PersonView): string {
  let text = texts.get(person)
  if (text === undefined) {
    const pages = person.activities.flatMap((activity) =>
      activity.type === 'visit' ? [activity.url, activity.title ?? ''] : [],
    )
    const ids = person.foreignIds.map((foreign) => foreign.id)
    const parts = [nameOf(person), person.email ?? '', `${person.id}`, ...Object.values(person.attributes)]
    text = [...parts, ...person.cookies, ...ids, ...pages].join('\n').toLowerCase()
    texts.set(person, text)
  }
  return text
}
