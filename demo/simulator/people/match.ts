/**
 * Finds the person that a call refers to, by Id, foreign id, cookie, e-mail, in Marketo's order. Changes nothing.
 *
 * Source: the syncLead page. "Chosen" marks decisions of this project where the page says nothing.
 */
import type { Cookie } from './cookie.ts'
import type { EmailSnapshot, People } from './people.ts'
import type { ForeignId, Person } from './person.ts'

/** Keys of a lead. Undefined if the call does not have the key. */
export interface Keys {
  id: number | undefined
  foreignId: ForeignId | undefined
  cookie: Cookie | undefined
  email: string | undefined
}

export type Match =
  | { kind: 'person'; person: Person; by: 'id' | 'foreignId' | 'cookie' | 'email' }
  | { kind: 'nobody' }
  /** No person has the Id. Marketo assigns Ids itself, so the call cannot create that person. */
  | { kind: 'no-such-id' }

/** Matches e-mail addresses as of the snapshot, and the other keys, which are unique, as of now. */
export function match(people: People, { id, foreignId, cookie, email }: Keys, snapshot: EmailSnapshot): Match {
  if (id !== undefined) {
    const person = people.findById(id)
    return person ? { kind: 'person', person, by: 'id' } : { kind: 'no-such-id' }
  }

  const foreign = foreignId && people.findByForeignId(foreignId)
  if (foreign) return { kind: 'person', person: foreign, by: 'foreignId' }

  const visitor = cookie && people.findByToken(cookie.token)
  if (email === undefined) return visitor ? { kind: 'person', person: visitor, by: 'cookie' } : { kind: 'nobody' }

  // Chosen: of several people with this address, the owner of the cookie, else the one updated last.
  const candidates = people.findByEmail(email, snapshot)
  if (visitor && candidates.includes(visitor)) return { kind: 'person', person: visitor, by: 'cookie' }
  const lastUpdated = candidates.at(-1)
  if (lastUpdated) return { kind: 'person', person: lastUpdated, by: 'email' }

  // Chosen: the cookie identifies a person only if that person has no other address.
  if (visitor && (!visitor.known || visitor.email === '')) return { kind: 'person', person: visitor, by: 'cookie' }
  return { kind: 'nobody' }
}
