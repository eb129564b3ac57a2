/**
 * Reads Marketo's `leadKey` and finds the people that it identifies. Changes nothing.
 *
 * Anonymous visitors are not found, because since 2015 they have no record in Marketo. People have no owner and no
 * opportunity in the simulator, so keys of those types find nobody.
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

/** @throws fault 20101 if the key is missing, 20102 if its type is unknown */
export function readLeadKey(element: XmlElement | undefined): LeadKey {
  const type = textOf(element, 'keyType')?.trim()
  const value = textOf(element, 'keyValue')
  if (!type || value === undefined) throw new SoapFault('20101')
  if (!FINDERS.has(type)) throw new SoapFault('20102', 'The key type is not valid')
  return { type, value: value.trim() }
}

/** Reads all keys of a list, in order. */
export function readLeadKeys(list: XmlElement | undefined): LeadKey[] {
  return (list?.children ?? []).filter(({ name }) => name === 'leadKey').map(readLeadKey)
}

/** Returns the people with this key in order of creation. Only an e-mail address can find several. */
export function findByKey(marketo: Lookup, { type, value }: LeadKey): Person[] {
  const found = FINDERS.get(type)?.(marketo, value) ?? []
  return found.flatMap((person) => (person?.known ? [person] : [])).toSorted((a, b) => a.id - b.id)
}

/** Returns Marketo's fault for a key that finds nobody. */
export function notFoundFault({ type, value }: LeadKey): SoapFault {
  const isOwnerKey = type === 'LEADOWNEREMAIL' || type === 'SFDCLEADOWNERID'
  return isOwnerKey ? new SoapFault('20108') : new SoapFault('20103', `No lead found with ${type} = ${value}`)
}

export function writeLeadKey({ type, value }: LeadKey): string {
  return `<leadKey>${writeElement('keyType', type)}${writeElement('keyValue', value)}</leadKey>`
}

type Lookup = Pick<Marketo, 'people' | 'account'>

type Finder = (marketo: Lookup, value: string) => (Person | undefined)[]

const findNobody: Finder = () => []

const findBySalesforceId: Finder = ({ people }, id) => [people.findByForeignId({ type: 'SFDC', id })]

const FINDERS: ReadonlyMap<string, Finder> = new Map([
  ['IDNUM', ({ people }, value) => [/^\d{1,10}$/.test(value) ? people.findById(Number(value)) : undefined]],
  // The value must be the complete cookie of this account. The token alone finds nobody.
  [
    'COOKIE',
    ({ people, account }, value) => [people.findByToken(readOwnCookie(value, account.munchkinId)?.token ?? '')],
  ],
  ['EMAIL', ({ people }, value) => people.findByEmail(value)],
  ['SFDCLEADID', findBySalesforceId],
  ['SFDCCONTACTID', findBySalesforceId],
  ['LEADOWNEREMAIL', findNobody],
  ['SFDCACCOUNTID', findNobody],
  ['SFDCLEADOWNERID', findNobody],
  ['SFDCOPPTYID', findNobody],
])
