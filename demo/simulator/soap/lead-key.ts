/**
 * Marketo's `leadKey`, and whom it means.
 *
 * Only those who are known: since 2015 a visitor of whom there is a cookie alone has no record to be found. Nobody here
 * has an owner or an opportunity, so that keys of such kinds find none.
 */
import type { Marketo } from '../marketo.ts'
import { readOwnCookie } from '../people/cookie.ts'
import type { Person } from '../people/person.ts'
import { SoapFault } from './fault.ts'
import { textOf, type XmlElement } from './read-xml.ts'
import { writeElement } from './write-xml.ts'

export interface LeadKey {
  type: string
  value: string
}

/** Throws 20101 for a key that is missing and 20102 for one of no kind that there is. */
export function readLeadKey(element: XmlElement | undefined): LeadKey {
  const type = textOf(element, 'keyType')?.trim()
  const value = textOf(element, 'keyValue')
  if (!type || value === undefined) throw new SoapFault('20101')
  if (!FINDERS.has(type)) throw new SoapFault('20102', 'The key type is not valid')
  return { type, value: value.trim() }
}

/** Every key of the list, in order. */
export function readLeadKeys(list: XmlElement | undefined): LeadKey[] {
  return (list?.children ?? []).filter(({ name }) => name === 'leadKey').map(readLeadKey)
}

/** In the order they first came; several only for an e-mail address. */
export function findByKey(marketo: Finding, { type, value }: LeadKey): Person[] {
  const found = FINDERS.get(type)?.(marketo, value) ?? []
  return found.flatMap((person) => (person?.known ? [person] : [])).toSorted((a, b) => a.id - b.id)
}

/** What Marketo answers where a key finds nobody. */
export function nobodyFault({ type, value }: LeadKey): SoapFault {
  const owners = type === 'LEADOWNEREMAIL' || type === 'SFDCLEADOWNERID'
  return owners ? new SoapFault('20108') : new SoapFault('20103', `No lead found with ${type} = ${value}`)
}

export function writeLeadKey({ type, value }: LeadKey): string {
  return `<leadKey>${writeElement('keyType', type)}${writeElement('keyValue', value)}</leadKey>`
}

/** What of a Marketo it takes to find someone. */
type Finding = Pick<Marketo, 'people' | 'account'>

type Finder = (marketo: Finding, value: string) => (Person | undefined)[]

const NOBODY: Finder = () => []

const BY_FOREIGN_ID: Finder = ({ people }, id) => [people.withForeignId({ type: 'SFDC', id })]

const FINDERS: ReadonlyMap<string, Finder> = new Map([
  ['IDNUM', ({ people }, value) => [/^\d{1,10}$/.test(value) ? people.withId(Number(value)) : undefined]],
  // The whole cookie; its token alone finds nobody, nor does one of another account.
  ['COOKIE', ({ people, account }, value) => [people.withToken(readOwnCookie(value, account.munchkinId)?.token ?? '')]],
  ['EMAIL', ({ people }, value) => people.withEmail(value)],
  ['SFDCLEADID', BY_FOREIGN_ID],
  ['SFDCCONTACTID', BY_FOREIGN_ID],
  ['LEADOWNEREMAIL', NOBODY],
  ['SFDCACCOUNTID', NOBODY],
  ['SFDCLEADOWNERID', NOBODY],
  ['SFDCOPPTYID', NOBODY],
])
