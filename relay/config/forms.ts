/**
 * The forms: what the configuration says of each, checked, or every problem with its place.
 *
 * Pure: it reads no file and no environment, and it knows nothing of how a submission is read.
 * `forms.schema.json` says the same for an editor; a test holds the two together.
 */
import type { Attribute } from '../intake/lead.ts'

export interface Form {
  name: string
  /** Origins whose pages may post here, as a browser writes them: `https://www.acme.example`. */
  origins: ReadonlySet<string>
  fields: readonly Field[]
  /** Sent with every lead of this form. */
  constants: readonly Attribute[]
  /** What is taken from where the visitor stood: `page`, `referrer`, or the name of a query parameter. */
  capture: readonly { source: string; attribute: string }[]
  workspace?: string
  /** `never` for a form that is filled in for others: the browser's cookie is not theirs. */
  associate: 'always' | 'never'
  /** Where a visitor goes when the lead is kept. */
  thanks?: string
  /** Hosts that `_next` may name. */
  nextHosts: ReadonlySet<string>
}

export interface Field {
  /** The name on the page. */
  name: string
  /** The attribute's SOAP API name. */
  attribute: string
  type: FieldType
  /** How messages call it. */
  label: string
  required: boolean
  /** In UTF-16 code units, as HTML's `maxlength` counts. */
  maxLength: number
  multiple: boolean
  options: readonly { value: string; label: string }[]
  /** What an empty answer does: nothing, or clear what Marketo has. */
  blank: 'skip' | 'clear'
}

const FIELD_TYPES = ['text', 'email', 'tel', 'url', 'textarea', 'number', 'date', 'choice', 'boolean'] as const
type FieldType = (typeof FIELD_TYPES)[number]

/** Marketo stores at most 255 characters in a string and 30,000 bytes in a text area. */
const STRING_LENGTH = 255
const TEXTAREA_LENGTH = 30_000

const FORM_KEYS = ['origins', 'fields', 'constants', 'capture', 'workspace', 'associate', 'thanks']
const FIELD_KEYS = ['type', 'attribute', 'label', 'required', 'maxLength', 'multiple', 'options', 'blank']

/** Says one problem: where it is, what it is, what would be right. */
export type AddIssue = (place: string, problem: string) => void

type Json = Record<string, unknown>

/** Reads `{ "forms": { … } }`. What is wrong goes to `complain`; the result is whole only if it was never called. */
export function readForms(input: unknown, complain: AddIssue): Map<string, Form> {
  const forms = new Map<string, Form>()
  if (!isObject(input)) {
    complain('forms', 'the file must hold an object: {"forms": {"contact": {…}}}')
    return forms
  }
  rejectUnknownKeys(input, ['$schema', 'forms'], '', complain)
  if (!isObject(input.forms) || Object.keys(input.forms).length === 0) {
    complain('forms', 'names no form; it takes at least one: {"contact": {"origins": […], "fields": {…}}}')
    return forms
  }
  for (const [name, form] of Object.entries(input.forms)) {
    const place = `forms.${name}`
    if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(name)) {
      complain(place, 'a form is named by up to 64 lower-case letters, digits, - and _: the name stands in its address')
    } else if (!isObject(form)) complain(place, 'must be an object')
    else forms.set(name, readForm(name, form, place, complain))
  }
  return forms
}

function readForm(name: string, input: Json, place: string, complain: AddIssue): Form {
  rejectUnknownKeys(input, FORM_KEYS, place, complain)
  const origins = readOrigins(input.origins, `${place}.origins`, complain)
  const fields = readFields(input.fields, `${place}.fields`, complain)
  const constants = readPairs(input.constants, `${place}.constants`, complain)
  const capture = readPairs(input.capture, `${place}.capture`, complain)
  const thanks = readAddress(input.thanks, `${place}.thanks`, complain)
  const workspace = readText(input.workspace, `${place}.workspace`, complain)

  const attributes = [
    ...fields.map((field) => [`fields.${field.name}`, field.attribute] as const),
    ...constants.map(([attribute]) => [`constants.${attribute}`, attribute] as const),
    ...capture.map(([source, attribute]) => [`capture.${source}`, attribute] as const),
  ]
  const taken = new Map<string, string>()
  for (const [at, attribute] of attributes) {
    const other = taken.get(attribute.toLowerCase())
    if (other) complain(`${place}.${at}`, `writes the attribute "${attribute}", and so does ${other}; one must go`)
    taken.set(attribute.toLowerCase(), at)
  }
  if (
    fields.length > 0 &&
    !fields.some((field) => field.attribute === 'Email' && field.type === 'email' && field.required)
  ) {
    complain(
      `${place}.fields`,
      'Marketo finds a person by e-mail: one field must be {"type": "email", "required": true} and write "Email"',
    )
  }
  return {
    name,
    origins,
    fields,
    constants: constants.map(([attribute, value]) => ({ name: attribute, value })),
    capture: capture.map(([source, attribute]) => ({ source, attribute })),
    associate: readChoice(input.associate, ['always', 'never'], 'always', `${place}.associate`, complain),
    nextHosts: new Set(
      [...origins, ...(thanks ? [thanks] : [])].filter((url) => URL.canParse(url)).map((url) => new URL(url).host),
    ),
    ...(workspace !== undefined && { workspace }),
    ...(thanks !== undefined && { thanks }),
  }
}

function readOrigins(input: unknown, place: string, complain: AddIssue): Set<string> {
  const origins = new Set<string>()
  if (!Array.isArray(input) || input.length === 0) {
    complain(place, 'lists no origin; it takes the pages that may post: ["https://www.acme.example"]')
    return origins
  }
  for (const origin of input as unknown[]) {
    const right = typeof origin === 'string' && URL.canParse(origin) ? new URL(origin).origin : undefined
    if (origin === 'null' || origin === right) origins.add(origin as string)
    else if (right && right !== 'null')
      complain(place, `"${String(origin)}" is not an origin; did you mean "${right}"?`)
    else complain(place, `${JSON.stringify(origin)} is not an origin such as "https://www.acme.example"`)
  }
  return origins
}

function readFields(input: unknown, place: string, complain: AddIssue): Field[] {
  if (!isObject(input) || Object.keys(input).length === 0) {
    complain(place, 'names no field; only fields named here travel: {"Email": {"type": "email", "required": true}}')
    return []
  }
  return Object.entries(input).flatMap(([name, field]) => {
    const at = `${place}.${name}`
    if (name.startsWith('_')) complain(at, 'names that start with _ belong to the wire; rename the field')
    else if (isObject(field)) return [readField(name, field, at, complain)]
    else complain(at, 'must be an object; {} takes a line of text')
    return []
  })
}

function readField(name: string, input: Json, place: string, complain: AddIssue): Field {
  rejectUnknownKeys(input, FIELD_KEYS, place, complain)
  const type = readChoice(input.type, FIELD_TYPES, 'text', `${place}.type`, complain)
  const options = readOptions(input.options, `${place}.options`, complain)
  if (type === 'choice' && options.length === 0) complain(`${place}.options`, 'a choice takes at least one option')
  if (type !== 'choice' && options.length > 0) complain(`${place}.options`, 'only {"type": "choice"} has options')
  const multiple = readFlag(input.multiple, `${place}.multiple`, complain)
  if (multiple && type !== 'choice') complain(`${place}.multiple`, 'only {"type": "choice"} takes several answers')

  const longest = type === 'textarea' ? TEXTAREA_LENGTH : STRING_LENGTH
  const maxLength = input.maxLength ?? longest
  const fits = Number.isInteger(maxLength) && (maxLength as number) > 0 && (maxLength as number) <= longest
  if (!fits)
    complain(`${place}.maxLength`, `takes a whole number from 1 to ${longest}, which is all that Marketo stores`)

  return {
    name,
    attribute: readText(input.attribute, `${place}.attribute`, complain) ?? name,
    type,
    label: readText(input.label, `${place}.label`, complain) ?? name,
    required: readFlag(input.required, `${place}.required`, complain),
    maxLength: fits ? (maxLength as number) : longest,
    multiple,
    options,
    blank: readChoice(input.blank, ['skip', 'clear'], 'skip', `${place}.blank`, complain),
  }
}

function readOptions(input: unknown, place: string, complain: AddIssue): Field['options'] {
  if (input === undefined) return []
  if (!Array.isArray(input)) {
    complain(place, 'must be a list: ["a", "b"] or [{"value": "a", "label": "A"}]')
    return []
  }
  return (input as unknown[]).flatMap((option, index) => {
    if (typeof option === 'string') return [{ value: option, label: option }]
    if (isObject(option) && typeof option.value === 'string') {
      return [{ value: option.value, label: typeof option.label === 'string' ? option.label : option.value }]
    }
    complain(`${place}[${index}]`, 'must be text, or {"value": "a", "label": "A"}')
    return []
  })
}

function readPairs(input: unknown, place: string, complain: AddIssue): [string, string][] {
  if (input === undefined) return []
  if (!isObject(input)) {
    complain(place, 'must be an object of names and texts')
    return []
  }
  return Object.entries(input).flatMap(([name, value]) => {
    if (typeof value === 'string' && value !== '') return [[name, value] as [string, string]]
    complain(`${place}.${name}`, 'must be a text that is not empty')
    return []
  })
}

function readAddress(input: unknown, place: string, complain: AddIssue): string | undefined {
  if (input === undefined) return undefined
  // As it goes into a header: in ASCII, its other letters percent-encoded.
  if (typeof input === 'string' && /^https?:\/\//.test(input) && URL.canParse(input)) return new URL(input).href
  complain(place, 'must be a whole address: "https://www.acme.example/thanks"')
  return undefined
}

function readText(input: unknown, place: string, complain: AddIssue): string | undefined {
  if (input === undefined) return undefined
  if (typeof input === 'string' && input.trim() !== '') return input
  complain(place, 'must be a text that is not empty')
  return undefined
}

function readFlag(input: unknown, place: string, complain: AddIssue): boolean {
  if (input !== undefined && typeof input !== 'boolean') complain(place, 'must be true or false')
  return input === true
}

function readChoice<T extends string>(
  input: unknown,
  choices: readonly T[],
  otherwise: T,
  place: string,
  complain: AddIssue,
): T {
  if (input === undefined) return otherwise
  if (choices.includes(input as T)) return input as T
  complain(place, `${JSON.stringify(input)} is none of ${choices.map((choice) => `"${choice}"`).join(', ')}`)
  return otherwise
}

function rejectUnknownKeys(input: Json, known: readonly string[], place: string, complain: AddIssue): void {
  for (const key of Object.keys(input)) {
    if (known.includes(key)) continue
    const near = known.find((name) => name.toLowerCase() === key.toLowerCase() || name.startsWith(key.slice(0, 4)))
    complain(
      place ? `${place}.${key}` : key,
      near ? `is not known; did you mean "${near}"?` : `is not known; there are ${known.join(', ')}`,
    )
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
