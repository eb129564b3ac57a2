/** Creates or updates one person by Marketo's rules. Knows nothing of SOAP. A rejected request changes nothing. */
import type { Field } from './fields.ts'
import { match, type Keys } from './match.ts'
import { valueProblem } from './check-value.ts'
import type { EmailSnapshot, People } from './people.ts'
import type { Person } from './person.ts'
import { writePerson } from './write-person.ts'
import { findWorkspace, mayWrite, placeNew, type AssignmentRule, type Workspaces } from './workspaces.ts'

export interface SyncRequest extends Keys {
  /** In the order of the call. An empty value clears the attribute. */
  attributes: readonly { name: string; value: string }[]
  /** Name of the target workspace, if the call has one. */
  workspace: string | undefined
  /** True: the address only serves as a key. A lead that another key finds keeps its address. */
  keepsEmail?: boolean
  /** True: the address is not used as a key, so that the call may create a duplicate. */
  duplicates?: boolean
}

export interface SyncRules {
  /** Fields by SOAP API name. */
  fields: ReadonlyMap<string, Field>
  workspaces: Workspaces
  /** Rules that assign new leads to a partition. The first that matches applies. */
  rules: readonly AssignmentRule[]
}

export type SyncOutcome =
  | { kind: 'synced'; person: Person; status: 'CREATED' | 'UPDATED' }
  | { kind: 'no-key' }
  | { kind: 'no-such-id' }
  | { kind: 'unknown-fields'; names: string[] }
  /** `problem` names the field but never contains the value. */
  | { kind: 'bad-value'; problem: string }
  | { kind: 'no-such-workspace' }
  | { kind: 'other-partition' }

/**
 * Creates or updates the person that the request's keys identify.
 *
 * @param context `at`: time in epoch milliseconds; `call`: number of the API call; `snapshot`: taken when the call began
 */
export function syncPerson(
  people: People,
  rules: SyncRules,
  request: SyncRequest,
  { at, call, snapshot }: { at: number; call: number; snapshot: EmailSnapshot },
): SyncOutcome {
  const { id, foreignId, cookie, attributes } = request
  const email = request.email ?? emailAttribute(attributes)
  if (id === undefined && !foreignId && !cookie && email === undefined) return { kind: 'no-key' }

  const unknown = unknownFields(rules, attributes)
  if (unknown.length > 0) return { kind: 'unknown-fields', names: unknown }
  const written = attributes.filter(({ name }) => !rules.fields.get(name)?.readOnly)
  const [problem] = [...written, { name: 'Email', value: email ?? '' }].flatMap(({ name, value }) => {
    const field = rules.fields.get(name)
    return (field && valueProblem(field, value)?.message) ?? []
  })
  if (problem !== undefined) return { kind: 'bad-value', problem }

  const found = match(people, { ...request, email: request.duplicates ? undefined : email }, snapshot)
  if (found.kind === 'no-such-id') return found
  const foundByEmail = found.kind === 'person' && found.by === 'email'
  // Where there are no workspaces, the name of one is wrong for every lead.
  const isIgnored = foundByEmail && rules.workspaces !== 'off'
  const workspace = findWorkspace(rules.workspaces, isIgnored ? undefined : request.workspace)
  if (workspace === undefined) return { kind: 'no-such-workspace' }
  if (!mayWrite(found, request.workspace, workspace)) return { kind: 'other-partition' }

  const person = found.kind === 'person' ? found.person : people.add(at)
  // Since 2015 an anonymous visitor has no record in Marketo, so the first call reports CREATED.
  const status = person.known ? 'UPDATED' : 'CREATED'

  if (foreignId) people.assignForeignId(person, foreignId)
  if (cookie) people.assignCookie(person, cookie)
  // An address that differs in case only keeps its first spelling.
  const ownAddress =
    found.kind === 'person' && found.by === 'cookie' && people.findByEmail(email ?? '').includes(person)
  const keepsEmail = foundByEmail || ownAddress || (request.keepsEmail && person.email !== '')
  if (email !== undefined && !keepsEmail) people.setEmail(person, email)
  writePerson(people, person, written, {
    placeNew: (read) => placeNew(rules, workspace, read),
    at,
    call,
    snapshot,
  })
  return { kind: 'synced', person, status }
}

/** Returns the address of a lead that has it as an attribute alone. */
function emailAttribute(attributes: SyncRequest['attributes']): string | undefined {
  return attributes.findLast(({ name }) => name === 'Email')?.value.trim() || undefined
}

/** Returns the names that are not fields, without duplicates. */
export function unknownFields({ fields }: Pick<SyncRules, 'fields'>, attributes: SyncRequest['attributes']): string[] {
  return [...new Set(attributes.map(({ name }) => name).filter((name) => !fields.has(name)))]
}
