/**
 * Says which fields a call may look leads up by. Data only.
 *
 * Source: Adobe's page on leads: the id, the e-mail address, and custom fields of three types.
 */
import type { Field } from '../people/fields.ts'

const SEARCHABLE_TYPES: ReadonlySet<Field['type']> = new Set(['string', 'email', 'integer'])

export function isSearchable({ name, type, custom }: Field): boolean {
  return name === 'Email' || (custom === true && SEARCHABLE_TYPES.has(type))
}
