/** Writes values to one person, who becomes known if they were not. Matches nobody and checks no value. */
import type { EmailSnapshot, People } from './people.ts'
import type { Person } from './person.ts'
import type { Workspace } from './workspaces.ts'

export interface WriteContext {
  /** Returns the workspace and the partition of a person who becomes known. `read` returns a value by SOAP API name. */
  placeNew: (read: (attribute: string) => string | undefined) => Workspace
  /** Epoch milliseconds. */
  at: number
  /** Number of the API call. */
  call: number
  /** Addresses as they were when the call began. */
  snapshot: EmailSnapshot
}

/** @param attributes by SOAP API name; an empty value clears the attribute */
export function writePerson(
  people: People,
  person: Person,
  attributes: readonly { name: string; value: string }[],
  { placeNew, at, call, snapshot }: WriteContext,
): void {
  for (const { name, value } of attributes) writeAttribute(people, person, name, value)

  const when = new Date(at).toISOString()
  // Since 2015 an anonymous visitor has no record in Marketo, so the first write creates one.
  const status = person.known ? 'UPDATED' : 'CREATED'
  if (!person.known) {
    const place = placeNew((name) => (name === 'Email' ? person.email : person.attributes.get(name)))
    person.known = true
    person.workspace = place.name
    person.partition = place.partition
    person.activities.push({ type: 'known', at: when, call })
  }
  person.activities.push({ type: 'sync', at: when, call, status, attributes: attributes.map(({ name }) => name) })
  people.markUpdated(person, at)
  snapshot.ownWrites.add(person)
}

function writeAttribute(people: People, person: Person, name: string, value: string): void {
  if (name === 'Email') people.setEmail(person, value)
  else if (value === '') person.attributes.delete(name)
  else person.attributes.set(name, value)
}
