/**
 * Creates or updates one person by the rules of Sync Leads: an action and a lookup field. Knows nothing of REST, and
 * checks no name and no value. A rejected request changes nothing.
 *
 * Source: Adobe's page on leads (help/rest-api/leads). An anonymous visitor is not found, because it has no record.
 */
import type { EmailSnapshot, People } from './people.ts'
import type { Person } from './person.ts'
import { defaultWorkspace, placeNew, type AssignmentRule, type Workspace, type Workspaces } from './workspaces.ts'
import { writePerson } from './write-person.ts'

export const ACTIONS = ['createOnly', 'updateOnly', 'createOrUpdate', 'createDuplicate'] as const

export interface UpsertRequest {
  action: (typeof ACTIONS)[number]
  /** SOAP API name of the lookup field, or `Id`. */
  lookupField: string
  /** Value of the lookup field. */
  key: string
  /** By SOAP API name. An empty value clears the attribute. */
  attributes: readonly { name: string; value: string }[]
  /** Place of a new lead. If it is undefined, the assignment rules decide. */
  place: Workspace | undefined
  /** Partition in which a lead that exists must be. */
  partition?: string | undefined
  /** True: of several leads with the key, the one updated last is written. */
  newest?: boolean
}

export type UpsertOutcome =
  | { kind: 'created' | 'updated'; person: Person }
  | { kind: 'exists' }
  | { kind: 'not-found' }
  | { kind: 'several' }
  | { kind: 'other-partition' }

/** @param context `at`: time in epoch milliseconds; `call`: number of the API call; `snapshot`: taken when the call began */
export function upsertPerson(
  people: People,
  settings: { workspaces: Workspaces; rules: readonly AssignmentRule[] },
  { action, lookupField, key, attributes, place, partition, newest = false }: UpsertRequest,
  { at, call, snapshot }: { at: number; call: number; snapshot: EmailSnapshot },
): UpsertOutcome {
  const found = action === 'createDuplicate' ? [] : findKnown(people, lookupField, key, snapshot)
  if (found.length > 0 && action === 'createOnly') return { kind: 'exists' }
  if (found.length > 1 && !newest) return { kind: 'several' }
  const known = found.at(-1)
  if (!known && action === 'updateOnly') return { kind: 'not-found' }
  if (known && partition !== undefined && known.partition !== partition) return { kind: 'other-partition' }

  // A lead that its address finds keeps the address as it is spelled.
  const written = known && lookupField === 'Email' ? attributes.filter(({ name }) => name !== 'Email') : attributes
  const person = known ?? people.add(at)
  writePerson(people, person, written, {
    placeNew: (read) => place ?? placeNew(settings, defaultWorkspace(settings.workspaces), read),
    at,
    call,
    snapshot,
  })
  return { kind: known ? 'updated' : 'created', person }
}

/** Returns the known people with the key, the person updated last at the end. */
export function findKnown(people: People, field: string, key: string, snapshot?: EmailSnapshot): Person[] {
  if (field === 'Email') return people.findByEmail(key, snapshot).filter(({ known }) => known)
  if (field === 'Id') {
    const person = /^\d{1,10}$/.test(key) ? people.findById(Number(key)) : undefined
    return person?.known ? [person] : []
  }
  const wanted = key.trim().toLowerCase()
  return people
    .all()
    .filter(({ known, attributes }) => known && attributes.get(field)?.trim().toLowerCase() === wanted)
    .filter((person) => !snapshot || person.id < snapshot.nextId || snapshot.ownWrites.has(person))
    .toSorted((a, b) => a.updatedAt - b.updatedAt)
}
