/**
 * Creates or updates one person: what `syncLead` does, without a word of SOAP.
 *
 * A call that is refused changes nothing.
 */
import type { Field } from './fields.ts'
import { match, type Keys } from './match.ts'
import type { People } from './people.ts'
import type { Person } from './person.ts'
import { findWorkspace, mayWrite, type Workspaces } from './workspaces.ts'

export interface SyncRequest extends Keys {
  /** In the call's order. A blank value clears the attribute. */
  attributes: readonly { name: string; value: string }[]
  /** As the header names it. */
  workspace: string | undefined
}

export interface SyncRules {
  /** By SOAP API name. */
  fields: ReadonlyMap<string, Field>
  workspaces: Workspaces
}

export type SyncOutcome =
  | { kind: 'synced'; person: Person; status: 'CREATED' | 'UPDATED' }
  | { kind: 'no-key' }
  | { kind: 'no-such-id' }
  | { kind: 'unknown-fields'; names: string[] }
  | { kind: 'no-such-workspace' }
  | { kind: 'other-partition' }

/** `at` is when, in epoch milliseconds; `call` is the number of the call that asks for it. */
export function syncPerson(
  people: People,
  rules: SyncRules,
  request: SyncRequest,
  { at, call }: { at: number; call: number },
): SyncOutcome {
  const { id, foreignId, cookie, email, attributes } = request
  if (id === undefined && !foreignId && !cookie && email === undefined) return { kind: 'no-key' }

  const unknown = attributes.map(({ name }) => name).filter((name) => !rules.fields.has(name))
  if (unknown.length > 0) return { kind: 'unknown-fields', names: [...new Set(unknown)] }

  const workspace = findWorkspace(rules.workspaces, request.workspace)
  if (workspace === undefined) return { kind: 'no-such-workspace' }
  const found = match(people, request)
  if (found.kind === 'no-such-id') return found
  if (!mayWrite(found, request.workspace, workspace)) return { kind: 'other-partition' }

  const person = found.kind === 'person' ? found.person : people.add(at)
  // Since 2015 a visitor has no record until something is known of them, so that the first call creates it.
  const status = person.known ? 'UPDATED' : 'CREATED'

  if (foreignId) people.giveForeignId(person, foreignId)
  if (cookie) people.giveCookie(person, cookie)
  // An address that was the key stays as it was written first.
  const foundByEmail = found.kind === 'person' && found.by === 'email'
  if (email !== undefined && !foundByEmail) people.setEmail(person, email)
  const written = attributes.filter(({ name }) => !rules.fields.get(name)?.readOnly)
  for (const { name, value } of written) writeAttribute(people, person, name, value)

  const when = new Date(at).toISOString()
  if (!person.known) {
    person.known = true
    person.workspace = workspace
    person.partition = workspace
    person.activities.push({ type: 'known', at: when, call })
  }
  person.activities.push({ type: 'sync', at: when, call, status, attributes: written.map(({ name }) => name) })
  people.touch(person, at)
  return { kind: 'synced', person, status }
}

function writeAttribute(people: People, person: Person, name: string, value: string): void {
  if (name === 'Email') people.setEmail(person, value)
  else if (value === '') person.attributes.delete(name)
  else person.attributes.set(name, value)
}
