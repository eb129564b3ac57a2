/** What a delivery reads: people by their address, and the fields of a Marketo form. No URL contains a value. Pure. */
import { toSoapName } from '../names.ts'
import type { RestRequest } from './call.ts'
import { isObject, type Json } from './exchange.ts'

/** Returns the request for the people with an address, with their ids and one more field. */
export function findPeople(email: string, field: string): RestRequest {
  const contentType = 'application/x-www-form-urlencoded'
  const body = new URLSearchParams({ filterType: 'email', filterValues: email, fields: `id,${field}` }).toString()
  return { method: 'POST', path: '/rest/v1/leads.json?_method=GET', body, contentType }
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
