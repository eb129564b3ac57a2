/** What Marketo knows of the people of a call, for attributes that are sent only where it has no value. Pure. */
import type { Lead } from '../../intake/lead.ts'
import { toRestName } from '../names.ts'
import type { KnownValues } from '../when-empty.ts'
import type { CallResult, RestRequest } from './call.ts'
import type { Json } from './exchange.ts'
import { findPeople, peopleIn } from './find.ts'
import { lookupOf } from './record.ts'

/** People by lead; undefined for a lead whose people cannot be asked for. */
export type KnownPeople = readonly (readonly KnownValues[] | undefined)[]

/** Returns the request for what Marketo knows of the leads' people, with these fields; undefined when none can be asked for. */
export function knownRequest(leads: readonly [Lead, ...Lead[]], names: readonly string[]): RestRequest | undefined {
  const keys = leads.map(keyOf).filter(isAskable)
  const filter = lookupOf(leads[0])
  return keys.length > 0 ? findPeople(filter, keys, [filter, ...names]) : undefined
}

/**
 * Reads the people of each lead from the answer. Returns undefined where it does not tell whose they all are; that of a
 * smaller call may.
 */
export function readKnown(
  leads: readonly [Lead, ...Lead[]],
  answer: CallResult & { kind: 'done' },
): KnownPeople | undefined {
  const people = peopleIn(answer.result)
  const [first, ...others] = leads
  if (others.length === 0) return [people.map(Object.entries)]
  const filter = lookupOf(first)
  const byKey = Map.groupBy(people, (person) => fold(valueIn(person, filter)))
  const keys = new Set(leads.map((lead) => fold(keyOf(lead))))
  if (answer.next !== undefined || [...byKey.keys()].some((key) => !keys.has(key))) return undefined
  return leads.map((lead) => {
    const key = keyOf(lead)
    return isAskable(key) ? (byKey.get(fold(key)) ?? []).map(Object.entries) : undefined
  })
}

/** Returns the value by which Marketo finds the person. */
function keyOf(lead: Lead): string {
  const filter = lookupOf(lead)
  const own = lead.attributes.find(({ name }) => toRestName(name) === filter)
  return filter === lookupOf({}) ? lead.email : (own?.value ?? '')
}

/** Returns whether people can be asked for by a value: Marketo separates values by commas. */
function isAskable(key: string): boolean {
  return key.trim() !== '' && !key.includes(',')
}

function valueIn(person: Json, field: string): string {
  const [, value] = Object.entries(person).find(([name]) => name.toLowerCase() === field.toLowerCase()) ?? []
  return String(value)
}

function fold(key: string): string {
  return key.trim().toLowerCase()
}
