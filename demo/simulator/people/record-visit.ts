/** Keeps that a page was looked at, by a known person or by a visitor of whom there is only a cookie. */
import type { Cookie } from './cookie.ts'
import type { People } from './people.ts'

export interface Visit {
  url: string
  title: string
  referrer: string
}

/** `at` is epoch milliseconds. An empty title or referrer is left out. */
export function recordVisit(people: People, cookie: Cookie, { url, title, referrer }: Visit, at: number): void {
  let person = people.withToken(cookie.token)
  if (!person) {
    person = people.add(at)
    people.giveCookie(person, cookie)
  }
  person.activities.push({
    type: 'visit',
    at: new Date(at).toISOString(),
    url,
    ...(title !== '' && { title }),
    ...(referrer !== '' && { referrer }),
  })
  people.note(person)
}
