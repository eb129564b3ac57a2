/**
 * The lists that describe a tenant: where each is, and how an entry is read. Pure.
 *
 * What is not of the documented shape is left out.
 */
import { isObject, type Json } from '../rest/exchange.ts'
import { formFieldsPath } from '../rest/find.ts'
import type { List } from './read-list.ts'

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

/** Calls that all integrations of the tenant have made today, by Marketo's date. */
export const USAGE: List<{ date: string; total: number }> = {
  path: '/rest/v1/stats/usage.json',
  parse: ({ date, total }) => (typeof total === 'number' ? { date: text(date), total } : undefined),
}

/** Status of a Marketo form in lower case: `approved`, `draft` or `approved with draft`. It needs "Read-Only Asset", too. */
export const statusOfForm = (form: number): List<string> => ({
  path: `/rest/asset/v1/form/${form}.json`,
  parse: ({ status }) => text(status).toLowerCase(),
})

/** Fields of a Marketo form. They need the right "Read-Only Asset". The pseudo-field `Profiling` is none. */
export const fieldsOfForm = (form: number): List<FormField> => ({
  path: formFieldsPath(form),
  parse: ({ id, label, dataType, required, ...more }) => {
    if (text(id) === '' || id === 'Profiling') return undefined
    const maxLength = count(more.maxLength)
    const type = text(dataType).toLowerCase()
    return { id: text(id), label: text(label), dataType: type, required: required === true, maxLength, more }
  },
})
