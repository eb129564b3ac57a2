/** Defines a person or anonymous visitor, and converts it to and from the shape of `/sim/leads`. Changes no index. */
import type { ActivityView, PersonView } from '../view.ts'
import { readCookie } from './cookie.ts'

export interface Person {
  readonly id: number
  /** False while only a cookie is known. */
  known: boolean
  /** Empty if there is none. */
  email: string
  /** Number of the address assignment that set `email`; 0 for a restored person. See `EmailSnapshot`. */
  emailSequence: number
  /** Values by SOAP API name, without `Email` and without empty values. */
  attributes: Map<string, string>
  foreignIds: ForeignId[]
  /** Complete cookie values by token, the newest last. */
  cookies: Map<string, string>
  workspace: string
  partition: string
  /** In chronological order. */
  activities: ActivityView[]
  /** Epoch milliseconds. */
  readonly createdAt: number
  updatedAt: number
}

/** An id in another system. It belongs to one person; a person may have several. */
export interface ForeignId {
  id: string
  type: ForeignSystem
}

type ForeignSystem = 'CUSTOM' | 'SFDC' | 'NETSUITE'

/** Converts a person to the shape of `/sim/leads`. */
export function personView(person: Person): PersonView {
  return {
    id: person.id,
    known: person.known,
    email: person.email || null,
    attributes: Object.fromEntries(person.attributes),
    foreignIds: person.foreignIds.map(({ id, type }) => ({ id, type })),
    cookies: [...person.cookies.values()],
    workspace: person.workspace,
    partition: person.partition,
    activities: person.activities,
    createdAt: new Date(person.createdAt).toISOString(),
    updatedAt: new Date(person.updatedAt).toISOString(),
  }
}

/** Converts an earlier result of `personView` back to a person. */
export function personFrom(view: PersonView): Person {
  return {
    id: view.id,
    known: view.known,
    email: view.email ?? '',
    emailSequence: 0,
    attributes: new Map(Object.entries(view.attributes)),
    foreignIds: view.foreignIds.map(({ id, type }) => ({ id, type: type as ForeignSystem })),
    cookies: new Map(view.cookies.map((value) => [readCookie(value)?.token ?? value, value])),
    workspace: view.workspace,
    partition: view.partition,
    activities: [...view.activities],
    createdAt: Date.parse(view.createdAt),
    updatedAt: Date.parse(view.updatedAt),
  }
}
