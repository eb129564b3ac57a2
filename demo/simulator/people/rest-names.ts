/**
 * Gives each field its name in the REST API. Knows no value.
 *
 * Source: Adobe's list of standard fields (help/rest-api/list-of-standard-fields). Most names start in lower case; the
 * social fields drop their prefix; custom fields have the same name in both APIs.
 */
import type { Field } from './fields.ts'

const EXCEPTIONS: Readonly<Record<string, string>> = { SICCode: 'sicCode', DateofBirth: 'dateOfBirth' }

export function restNameOf({ name, custom, restName }: Pick<Field, 'name' | 'custom' | 'restName'>): string {
  if (restName !== undefined) return restName
  if (custom) return name
  const short = name.replace(/^MarketoSocial/, '')
  return EXCEPTIONS[name] ?? short.charAt(0).toLowerCase() + short.slice(1)
}
