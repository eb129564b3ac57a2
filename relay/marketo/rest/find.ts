/** What a delivery reads: people by their address, and the fields of a Marketo form. No URL contains a value. Pure. */
import { toRestName, toSoapName } from '../names.ts'
import type { RestRequest } from './call.ts'
import { isObject, type Json } from './exchange.ts'

/** Maximum size of an answer with values of people, in bytes. */
const MAX_BYTES = 8 * 2 ** 20

/** Returns the request for the people with one of these values of a field, with their ids and further fields. */
export function findPeople(filter: string, values: readonly string[], names: readonly string[]): RestRequest {
  const contentType = 'application/x-www-form-urlencoded'
  const fields = ['id', ...names.map(toRestName)].join()
  const body = new URLSearchParams({ filterType: filter, filterValues: values.join(), fields }).toString()
  return { method: 'POST', path: '/rest/v1/leads.json?_method=GET', body, contentType, maxBytes: MAX_BYTES }
}

/** Returns the people in a result, the one that was updated last first. */
export function peopleIn(result: unknown): Json[] {
  const time = ({ updatedAt }: Json) => Date.parse(String(updatedAt)) || 0
  return entriesOf(result).toSorted((a, b) => time(b) - time(a))
}

/** Returns the path of the fields of a Marketo form. */
export function formFieldsPath(form: number | string): string {
  return `/rest/asset/v1/form/${form}/fields.json`
}

/** Returns the SOAP names, in lower case, of the fields that a Marketo form has. */
export function fieldsIn(result: unknown): Set<string> {
  return new Set(entriesOf(result).map(({ id }) => toSoapName(String(id)).toLowerCase()))
}

function entriesOf(result: unknown): Json[] {
  return Array.isArray(result) ? result.filter(isObject) : []
}
