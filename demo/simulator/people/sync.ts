/**
 * Creates or updates one person: what `syncLead` does, without a word of SOAP.
 *
 * A call that is refused changes nothing.
 */
import type { Field } from './fields.ts'
import { match, type Keys } from './match.ts'
import type { People, Sight } from './people.ts'
import type { Person } from './person.ts'
import { misfit } from './check-value.ts'
import { findWorkspace, mayWrite, placeNew, type AssignmentRule, type Workspaces } from './workspaces.ts'

export interface SyncRequest extends Keys {
  /** In the call's order. A blank value clears the attribute. */
  attributes: readonly { name: string; value: string }[]
  /** As the header names it. */
  workspace: string | undefined
  /** True: an address is a key and nothing else; a lead that another key finds keeps its own. */
  keepsEmail?: boolean
  /** True: an address finds nobody, so that there may be two of one person. */
  duplicates?: boolean
}

export interface SyncRules {
  /** By SOAP API name. */
  fields: ReadonlyMap<string, Field>
  workspaces: Workspaces
  /** Which new leads go to another partition; the first that fits counts. */
  rules: readonly AssignmentRule[]
}

export type SyncOutcome =
  | { kind: 'synced'; person: Person; status: 'CREATED' | 'UPDATED' }
  | { kind: 'no-key' }
  | { kind: 'no-such-id' }
  | { kind: 'unknown-fields'; names: string[] }
  /** `problem` names the field and not the value. */
  | { kind: 'bad-value'; problem: string }
  | { kind: 'no-such-workspace' }
  | { kind: 'other-partition' }

/**
 * `at` is when, in epoch milliseconds; `call` is the number of the call that asks for it, and `sight` what people it saw
 * when it began.
 */
export function syncPerson(
  people: People,
  rules: SyncRules,
  request: SyncRequest,
  { at, call, sight }: { at: number; call: number; sight: Sight },
): SyncOutcome {
  const { id, foreignId, cookie, email, attributes } = request
  if (id === undefined && !foreignId && !cookie && email === undefined) return { kind: 'no-key' }

  const unknown = unknownFields(rules, attributes)
  if (unknown.length > 0) return { kind: 'unknown-fields', names: unknown }
  const written = attributes.filter(({ name }) => !rules.fields.get(name)?.readOnly)
  const [problem] = [...written, { name: 'Email', value: email ?? '' }].flatMap(({ name, value }) => {
    const field = rules.fields.get(name)
    return (field && misfit(field, value)) ?? []
  })
  if (problem !== undefined) return { kind: 'bad-value', problem }

  const found = match(people, request.duplicates ? { ...request, email: undefined } : request, sight)
  if (found.kind === 'no-such-id') return found
  const foundByEmail = found.kind === 'person' && found.by === 'email'
  const workspace = findWorkspace(rules.workspaces, foundByEmail ? undefined : request.workspace)
  if (workspace === undefined) return { kind: 'no-such-workspace' }
  if (!mayWrite(found, request.workspace, workspace)) return { kind: 'other-partition' }

  const person = found.kind === 'person' ? found.person : people.add(at)
  // Since 2015 a visitor has no record until something is known of them, so that the first call creates it.
  const status = person.known ? 'UPDATED' : 'CREATED'

  if (foreignId) people.giveForeignId(person, foreignId)
  if (cookie) people.giveCookie(person, cookie)
  // An address that was the key, or that the cookie's owner has already, stays as it was written first.
  const ownAddress = found.kind === 'person' && found.by === 'cookie' && people.withEmail(email ?? '').includes(person)
  const keepsEmail = foundByEmail || ownAddress || (request.keepsEmail && person.email !== '')
  if (email !== undefined && !keepsEmail) people.setEmail(person, email)
  for (const { name, value } of written) writeAttribute(people, person, name, value)

  const when = new Date(at).toISOString()
  if (!person.known) {
    const place = placeNew(rules, workspace, (name) => (name === 'Email' ? person.email : person.attributes.get(name)))
    person.known = true
    person.workspace = place.name
    person.partition = place.partition
    person.activities.push({ type: 'known', at: when, call })
  }
  person.activities.push({ type: 'sync', at: when, call, status, attributes: written.map(({ name }) => name) })
  people.touch(person, at)
  sight.own.add(person)
  return { kind: 'synced', person, status }
}

/** The names that are no field, each once. */
export function unknownFields({ fields }: Pick<SyncRules, 'fields'>, attributes: SyncRequest['attributes']): string[] {
  return [...new Set(attributes.map(({ name }) => name).filter((name) => !fields.has(name)))]
}

function writeAttribute(people: People, person: Person, name: string, value: string): void {
  if (name === 'Email') people.setEmail(person, value)
  else if (value === '') person.attributes.delete(name)
  else person.attributes.set(name, value)
}
