/**
 * Whose record a call means: the keys in Marketo's order, which is Id, foreign id, cookie, e-mail.
 *
 * Reads only. Source: the syncLead page; where it is silent, the comment says what was chosen.
 */
import type { Cookie } from './cookie.ts'
import type { People, Sight } from './people.ts'
import type { ForeignId, Person } from './person.ts'

/** Undefined is a key that was not given. */
export interface Keys {
  id: number | undefined
  foreignId: ForeignId | undefined
  cookie: Cookie | undefined
  email: string | undefined
}

export type Match =
  | { kind: 'person'; person: Person; by: 'id' | 'foreignId' | 'cookie' | 'email' }
  | { kind: 'nobody' }
  /** An Id is Marketo's own, so nobody can be created under one. */
  | { kind: 'no-such-id' }

/** By e-mail it finds whom `sight` shows; the other keys are unique, and whoever has them now has them. */
export function match(people: People, { id, foreignId, cookie, email }: Keys, sight: Sight): Match {
  if (id !== undefined) {
    const person = people.withId(id)
    return person ? { kind: 'person', person, by: 'id' } : { kind: 'no-such-id' }
  }

  const foreign = foreignId && people.withForeignId(foreignId)
  if (foreign) return { kind: 'person', person: foreign, by: 'foreignId' }

  const visitor = cookie && people.withToken(cookie.token)
  if (email === undefined) return visitor ? { kind: 'person', person: visitor, by: 'cookie' } : { kind: 'nobody' }

  // Chosen: of several with this address, the cookie's owner, else the one who was updated last.
  const namesakes = people.withEmail(email, sight)
  if (visitor && namesakes.includes(visitor)) return { kind: 'person', person: visitor, by: 'cookie' }
  const namesake = namesakes.at(-1)
  if (namesake) return { kind: 'person', person: namesake, by: 'email' }

  // Chosen: a cookie says who it is only as long as no other address speaks against it.
  if (visitor && (!visitor.known || visitor.email === '')) return { kind: 'person', person: visitor, by: 'cookie' }
  return { kind: 'nobody' }
}
