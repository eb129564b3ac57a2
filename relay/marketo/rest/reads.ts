/**
 * The reading calls about the tenant: its fields, partitions and forms, and the calls that it has used. They change nothing.
 *
 * What is not of the documented shape is left out; an answer without a list is a failure.
 */
import type { Call, Failure, RestRequest } from './call.ts'
import { isObject, type Json } from './exchange.ts'

export type Read<T> = { kind: 'done'; result: T } | Failure

/** Field of a person, by its REST name. `length` is in characters, for text only. */
export interface PersonField {
  name: string
  label: string
  dataType: string
  length: number | null
  readOnly: boolean
}

/** Field of a Marketo form. `id` is the SOAP name in Adobe's samples. */
export interface FormField {
  id: string
  label: string
  dataType: string
  required: boolean
  maxLength: number | null
  /** All else that Marketo says of the field. */
  more: Json
}

/** A list that Marketo returns: where it is, and how an entry is read. An entry that is read as undefined is left out. */
export interface List<T> {
  path: string
  parse: (entry: Json) => T | undefined
}

/** Maximum size of a list, in bytes: the fields of a large tenant. */
const MAX_LIST_BYTES = 8_000_000

export const requestFor = ({ path }: List<unknown>): RestRequest => ({ method: 'GET', path, maxBytes: MAX_LIST_BYTES })

/** Reads the result of a call; undefined if it is no list. */
export function parseList<T>(result: unknown, { parse }: List<T>): T[] | undefined {
  if (!Array.isArray(result)) return undefined
  return result
    .filter(isObject)
    .map(parse)
    .filter((entry) => entry !== undefined)
}

/** Makes the call and reads its result. Never rejects. */
export async function readList<T>(call: Call, list: List<T>, timeout: number): Promise<Read<T[]>> {
  const answer = await call(requestFor(list), timeout)
  if (answer.kind !== 'done') return answer
  const result = parseList(answer.result, list)
  return result ? { kind: 'done', result } : { kind: 'unreadable', status: 200, cause: 'not a list' }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const count = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : null)

/** Fields of a person (Describe Lead). Those without a REST name cannot be written. */
export const FIELDS: List<PersonField> = {
  path: '/rest/v1/leads/describe.json',
  parse: ({ rest, displayName, dataType, length }) => {
    if (!isObject(rest) || text(rest.name) === '') return undefined
    const [name, label, type] = [rest.name, displayName, dataType].map(text) as [string, string, string]
    return { name, label, dataType: type.toLowerCase(), length: count(length), readOnly: rest.readOnly === true }
  },
}

/** Names of the fields by which people can be found (Describe Lead 2). */
export const SEARCHABLE: List<string[]> = {
  path: '/rest/v1/leads/describe2.json',
  parse: ({ searchableFields: list }) => (Array.isArray(list) ? list.flat().map(text) : undefined),
}

/** Names of the lead partitions. */
export const PARTITIONS: List<string> = {
  path: '/rest/v1/leads/partitions.json',
  parse: ({ name }) => text(name) || undefined,
}

/** Numbers of calls that all integrations of the tenant have made today. */
export const USAGE: List<number> = {
  path: '/rest/v1/stats/usage.json',
  parse: ({ total }) => count(total) ?? undefined,
}

/** Fields of a Marketo form. They need the right "Read-Only Asset". The pseudo-field `Profiling` is none. */
export const fieldsOfForm = (form: number): List<FormField> => ({
  path: `/rest/asset/v1/form/${form}/fields.json`,
  parse: ({ id, label, dataType, required, ...more }) => {
    if (text(id) === '' || id === 'Profiling') return undefined
    const maxLength = count(more.maxLength)
    const type = text(dataType).toLowerCase()
    return { id: text(id), label: text(label), dataType: type, required: required === true, maxLength, more }
  },
})
