/**
 * Does a value fit its field? A blank one always does: it clears the field.
 *
 * Adobe tells sizes and formats (help/rest-api/field-types) and not what `syncLead` does with a value that breaks them.
 * Chosen: it is refused, so that whoever sends it finds out here. What Marketo was seen to store stays allowed, as a
 * website without its protocol.
 */
import { FIELD_TYPES } from './field-types.ts'
import type { Field } from './fields.ts'

/** What is wrong, never with the value in it; undefined when it fits. */
export function misfit({ name, type }: Field, value: string): string | undefined {
  if (value === '') return undefined
  const { size } = FIELD_TYPES[type]
  const length = type === 'text' ? new TextEncoder().encode(value).length : Array.from(value).length
  if (size !== null && length > size)
    return `${name} is longer than ${size} ${type === 'text' ? 'bytes' : 'characters'}`
  return FORMS[type]?.test(value.trim()) === false || !isDay(type, value) ? `${name} is no ${type}` : undefined
}

const NUMBER = /^[+-]?\d+(\.\d+)?$/

const FORMS: Readonly<Partial<Record<Field['type'], RegExp>>> = {
  boolean: /^(true|false|1|0|yes|no)$/i,
  integer: /^[+-]?\d{1,19}$/,
  score: /^[+-]?\d{1,10}$/,
  float: NUMBER,
  currency: NUMBER,
  percent: NUMBER,
  date: /^\d{4}-\d\d-\d\d$/,
  datetime: /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(Z|[+-]\d\d:?\d\d))?$/,
}

/** False for the 30th of February. */
function isDay(type: Field['type'], value: string): boolean {
  if (type !== 'date' && type !== 'datetime') return true
  const day = value.trim().slice(0, 10)
  const at = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day)
}
