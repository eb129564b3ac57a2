/**
 * Checks whether a value fits its field's type and size. Changes nothing. An empty value always fits: it clears the field.
 *
 * Adobe documents sizes and formats (help/rest-api/field-types) but not what `syncLead` does with a value that violates
 * them. Here the value is rejected, so that a test finds the error. Values that Marketo was seen to store are accepted,
 * such as a website without its protocol.
 */
import { sizeOf, type Field } from './fields.ts'

export interface ValueProblem {
  kind: 'too-long' | 'wrong-type'
  /** Names the field, but never contains the value. */
  message: string
}

/** Returns undefined if the value fits. */
export function valueProblem(field: Field, value: string): ValueProblem | undefined {
  if (value === '') return undefined
  const { name, type } = field
  const size = sizeOf(field)
  const length = type === 'text' ? new TextEncoder().encode(value).length : Array.from(value).length
  if (size !== null && length > size) {
    const unit = type === 'text' ? 'bytes' : 'characters'
    return { kind: 'too-long', message: `${name} is longer than ${size} ${unit}` }
  }
  const isValid = PATTERNS[type]?.test(value.trim()) !== false && isExistingDate(type, value)
  return isValid ? undefined : { kind: 'wrong-type', message: `${name} is not a valid ${type}` }
}

const NUMBER = /^[+-]?\d+(\.\d+)?$/

const PATTERNS: Readonly<Partial<Record<Field['type'], RegExp>>> = {
  boolean: /^(true|false|1|0|yes|no)$/i,
  integer: /^[+-]?\d{1,19}$/,
  score: /^[+-]?\d{1,10}$/,
  float: NUMBER,
  currency: NUMBER,
  percent: NUMBER,
  date: /^\d{4}-\d\d-\d\d$/,
  datetime: /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(Z|[+-]\d\d:?\d\d))?$/,
}

/** Returns false for dates such as February 30. True for other types. */
function isExistingDate(type: Field['type'], value: string): boolean {
  if (type !== 'date' && type !== 'datetime') return true
  const day = value.trim().slice(0, 10)
  const at = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day)
}
