/**
 * One posted answer → the attribute's value, or what is wrong with it.
 *
 * Pure. The rules are those of the field's definition; Marketo's own limits stand in `forms.ts`.
 */
import type { Field } from '../config/forms.ts'
import type { FieldProblemCode } from '../protocol.ts'
import { clean } from './sanitize.ts'

/** `undefined` when the field has nothing to send. */
export type Answer = { ok: true; value: string | undefined } | { ok: false; code: FieldProblemCode; message: string }

/** HTML's own pattern of an e-mail address, which browsers check `<input type=email>` against; ASCII, as Marketo's. */
const EMAIL =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/

/** Marketo stores a text area up to this many bytes of UTF-8. */
const TEXTAREA_BYTES = 30_000

/** Checks what was posted under the field's name, in order; an empty list when nothing was. */
export function readAnswer(field: Field, posted: readonly string[]): Answer {
  const values: string[] = []
  for (const text of posted) {
    const value = clean(text, field.type === 'textarea')
    if (value.trim() !== '') values.push(value)
  }
  if (values.length > 1 && !field.multiple) {
    return wrong('repeated', `${field.label} was sent ${values.length} times; send it once.`)
  }
  if (values.length === 0) {
    if (field.required) return wrong('required', `${field.label} is required.`)
    return { ok: true, value: field.blank === 'clear' && posted.length > 0 ? '' : undefined }
  }
  if (field.type === 'choice') return readOptions(field, values)

  const value = values[0] ?? ''
  if (value.length > field.maxLength) {
    return wrong('too-long', `${field.label} must have ${field.maxLength} characters or fewer.`)
  }
  return READERS[field.type](value, field)
}

const READERS: Record<Exclude<Field['type'], 'choice'>, (value: string, field: Field) => Answer> = {
  text: right,
  tel: right,
  textarea: (value, field) =>
    value.length <= TEXTAREA_BYTES / 3 || new TextEncoder().encode(value).byteLength <= TEXTAREA_BYTES
      ? right(value)
      : wrong('too-long', `${field.label} is too long.`),
  email: (value, field) =>
    EMAIL.test(value.trim()) ? right(value.trim()) : wrong('email', `${field.label} must look like name@example.com.`),
  url: (value, field) =>
    /^https?:\/\/\S+$/.test(value.trim()) && URL.canParse(value.trim())
      ? right(value.trim())
      : wrong('format', `${field.label} must be an address that starts with https:// or http://.`),
  number: (value, field) =>
    /^-?\d+(\.\d+)?$/.test(value.trim()) ? right(value.trim()) : wrong('format', `${field.label} must be a number.`),
  date: (value, field) =>
    isDate(value.trim()) ? right(value.trim()) : wrong('format', `${field.label} must be a date, like 2026-11-23.`),
  boolean: (value, field) => {
    const word = value.trim().toLowerCase()
    if (['1', 'true', 'yes', 'on'].includes(word)) return right('1')
    if (['0', 'false', 'no', 'off'].includes(word)) {
      return field.required ? wrong('required', `${field.label} is required.`) : right('0')
    }
    return wrong('format', `${field.label} must be yes or no.`)
  },
}

/** Marketo keeps several answers in one attribute, joined by semicolons. */
function readOptions(field: Field, values: string[]): Answer {
  const known = (value: string) => field.options.some((option) => option.value === value)
  if (!values.every(known)) return wrong('option', `${field.label}: choose from the list.`)
  return right(values.length === 1 ? (values[0] ?? '') : [...new Set(values)].join(';'))
}

/** True for a day of the calendar, written YYYY-MM-DD. */
function isDate(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

function right(value: string): Answer {
  return { ok: true, value }
}

function wrong(code: FieldProblemCode, message: string): Answer {
  return { ok: false, code, message }
}
