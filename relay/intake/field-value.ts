/**
 * Validates the values posted for one field and converts them to the value of its attribute.
 *
 * Pure. It applies the definition of the field; `forms.ts` checks that this is within Marketo's limits.
 */
import type { Field } from '../config/forms.ts'
import type { FieldProblemCode } from '../protocol.ts'
import { sanitize } from './sanitize.ts'

/** Value of the attribute (`undefined` if there is nothing to send), or a problem with a message for the visitor. */
export type FieldValue =
  | { ok: true; value: string | undefined }
  | { ok: false; code: FieldProblemCode; message: string }

/** HTML's pattern of an e-mail address, which browsers apply to `<input type=email>`. ASCII only, as in Marketo. */
const EMAIL =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/

/** Maximum size of a text area in Marketo, in bytes of UTF-8. */
const MAX_TEXTAREA_BYTES = 30_000

/**
 * Converts the posted values of a field.
 *
 * @param posted values in the order posted; empty if the field was not posted
 */
export function readFieldValue(field: Field, posted: readonly string[]): FieldValue {
  const values: string[] = []
  for (const text of posted) {
    const value = sanitize(text, field.type === 'textarea')
    if (value.trim() !== '') values.push(value)
  }
  // A check box beside its hidden companion, or several check boxes of one name: any that is ticked counts.
  if (field.type === 'boolean' && values.length > 1) return readBooleans(field, values)
  if (values.length > 1 && !field.multiple) {
    return invalid('repeated', `${field.label} has ${values.length} values; send only one.`)
  }
  if (values.length === 0) {
    if (field.required) return invalid('required', `${field.label} is required.`)
    return { ok: true, value: field.blank === 'clear' && posted.length > 0 ? '' : undefined }
  }
  if (field.type === 'choice') return readOptions(field, values)

  const value = values[0] ?? ''
  if (value.length > field.maxLength) {
    return invalid('too-long', `${field.label} must have ${field.maxLength} characters or fewer.`)
  }
  return READERS[field.type](value, field)
}

const READERS: Record<Exclude<Field['type'], 'choice'>, (value: string, field: Field) => FieldValue> = {
  text: valid,
  tel: valid,
  textarea: (value, field) =>
    value.length <= MAX_TEXTAREA_BYTES / 3 || new TextEncoder().encode(value).byteLength <= MAX_TEXTAREA_BYTES
      ? valid(value)
      : invalid('too-long', `${field.label} is too long. Please shorten it.`),
  email: (value, field) => {
    const address = withAsciiDomain(value.trim())
    return EMAIL.test(address) ? valid(address) : invalid('email', `${field.label} must look like name@example.com.`)
  },
  url: (value, field) =>
    /^https?:\/\/\S+$/.test(value.trim()) && URL.canParse(value.trim())
      ? valid(value.trim())
      : invalid('format', `${field.label} must be a web address that starts with https:// or http://.`),
  number: (value, field) => plainNumber(value.trim()) ?? invalid('format', `${field.label} must be a number.`),
  date: (value, field) =>
    isDate(value.trim()) ? valid(value.trim()) : invalid('format', `${field.label} must be a date such as 2026-11-23.`),
  boolean: (value, field) => {
    const word = value.trim().toLowerCase()
    if (['1', 'true', 'yes', 'on'].includes(word)) return valid('1')
    if (['0', 'false', 'no', 'off'].includes(word)) {
      return field.required ? invalid('required', `${field.label} is required.`) : valid('0')
    }
    return invalid('format', `${field.label} must be yes or no.`)
  },
}

/** Reads the values of several check boxes. It is true if any of them is; one that cannot be read makes it invalid. */
function readBooleans(field: Field, values: readonly string[]): FieldValue {
  const read = values.map((value) => READERS.boolean(value, { ...field, required: false }))
  const invalidValue = read.find(({ ok }) => !ok)
  if (invalidValue) return invalidValue
  return READERS.boolean(read.some((one) => one.ok && one.value === '1') ? '1' : '0', field)
}

/** A number as browsers write it (HTML, "valid floating-point number"), and its sign, digits and exponent. */
const NUMBER = /^([+-]?)(\d*)(?:\.(\d+))?(?:e([+-]?\d{1,3}))?$/i

/** Maximum length of a number in plain notation, in characters: that of a string in Marketo. */
const MAX_NUMBER_LENGTH = 255

/**
 * Returns a number in plain notation, which Marketo takes: `.5` is `0.5`, and `1e3` is `1000`. No digit is changed.
 * Undefined if the text is not a number.
 */
function plainNumber(text: string): FieldValue | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? []
  const digits = whole + fraction
  if (sign === undefined || digits === '') return undefined
  const point = whole.length + Number(exponent)
  if (point > MAX_NUMBER_LENGTH || digits.length - point > MAX_NUMBER_LENGTH) return undefined
  const left = digits.slice(0, Math.max(point, 0)).padEnd(point, '0') || '0'
  const right = point < 0 ? digits.padStart(digits.length - point, '0') : digits.slice(point)
  // What was written without an exponent stays as it was written.
  const integer = exponent === '0' ? left : left.replace(/^0+(?=\d)/, '')
  return valid(`${sign === '-' ? '-' : ''}${integer}${right && `.${right}`}`)
}

/** A domain with letters outside ASCII, and with nothing that would make it more than the host of a URL. */
const INTERNATIONAL_DOMAIN = /^(?=.*[^ -~])[\p{L}\p{M}\p{N}.\-\u3002]+$/u

/**
 * Returns an address with its domain in ASCII, as Marketo needs it and browsers send it: `ana@bücher.example` is
 * `ana@xn--bcher-kva.example` (Punycode, by the rules of the URL standard). Any other address stays as it is.
 */
function withAsciiDomain(address: string): string {
  const at = address.lastIndexOf('@') + 1
  const domain = address.slice(at)
  if (at === 0 || !INTERNATIONAL_DOMAIN.test(domain) || !URL.canParse(`http://${domain}`)) return address
  return address.slice(0, at) + new URL(`http://${domain}`).hostname
}

/** Returns the chosen options. Marketo stores several options in one attribute, joined by semicolons. */
function readOptions(field: Field, values: string[]): FieldValue {
  const isOption = (value: string) => field.options.some((option) => option.value === value)
  if (!values.every(isOption)) return invalid('option', `${field.label}: choose an option from the list.`)
  return valid(values.length === 1 ? (values[0] ?? '') : [...new Set(values)].join(';'))
}

/** Returns true for an existing date, written YYYY-MM-DD. */
function isDate(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

function valid(value: string): FieldValue {
  return { ok: true, value }
}

function invalid(code: FieldProblemCode, message: string): FieldValue {
  return { ok: false, code, message }
}
