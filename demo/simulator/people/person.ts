/** One person, or a visitor of whom only a cookie is known, and how `/sim/leads` shows them. */
import type { ActivityView, PersonView } from '../view.ts'
import { readCookie } from './cookie.ts'

export interface Person {
  readonly id: number
  /** False while a cookie is all there is. */
  known: boolean
  /** Empty when there is none. */
  email: string
  /** The how-manieth address that was given to anyone this is; 0 for what was there before. */
  emailGiven: number
  /** By SOAP API name, `Email` not among them; never an empty value. */
  attributes: Map<string, string>
  foreignIds: ForeignId[]
  /** Whole values by their token, the newest last. */
  cookies: Map<string, string>
  workspace: string
  partition: string
  /** In the order they happened. */
  activities: ActivityView[]
  /** Epoch milliseconds. */
  readonly createdAt: number
  updatedAt: number
}

/** An id in another system. Unique among all people; one person may have several. */
export interface ForeignId {
  id: string
  type: ForeignSystem
}

type ForeignSystem = 'CUSTOM' | 'SFDC' | 'NETSUITE'

/** How `/sim/leads` shows a person. */
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

/** The person of whom this was once the view. */
export function personFrom(view: PersonView): Person {
  return {
    id: view.id,
    known: view.known,
    email: view.email ?? '',
    emailGiven: 0,
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
