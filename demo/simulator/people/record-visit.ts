/** Records a page view of a known person or an anonymous visitor, and creates the visitor if needed. Publishes nothing. */
import type { Cookie } from './cookie.ts'
import type { People } from './people.ts'

export interface Visit {
  url: string
  title: string
  referrer: string
}

/** @param at epoch milliseconds */
export function recordVisit(people: People, cookie: Cookie, { url, title, referrer }: Visit, at: number): void {
  let person = people.findByToken(cookie.token)
  if (!person) {
    person = people.add(at)
    people.assignCookie(person, cookie)
  }
  person.activities.push({
    type: 'visit',
    at: new Date(at).toISOString(),
    url,
    ...(title !== '' && { title }),
    ...(referrer !== '' && { referrer }),
  })
  people.markChanged(person)
}
