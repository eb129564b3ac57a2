/**
 * Converts a Marketo form to an entry of the forms file, and lists what cannot be carried over. Pure.
 *
 * Sources: Adobe's page "Forms", and the types that HashiCorp's `marketo-form` package found in the answers. Values of a
 * Marketo form are texts of other people: nothing here is HTML.
 */
import { toSoapName } from '../marketo/names.ts'
import type { FormField } from '../marketo/client/lists.ts'
import { isObject } from '../marketo/rest/exchange.ts'
import type { MarketoForm } from './read-form.ts'

/** Field of the forms file, with what the page needs beside it. */
export interface ImportedField {
  name: string
  type: 'text' | 'email' | 'tel' | 'url' | 'textarea' | 'number' | 'date' | 'choice' | 'boolean'
  label: string
  required: boolean
  maxLength: number | undefined
  multiple: boolean
  options: { value: string; label: string }[]
  hint: string
}

export interface ImportedForm {
  fields: ImportedField[]
  constants: Record<string, string>
  capture: Record<string, string>
  thanks: string | undefined
  buttonLabel: string
  /** What cannot be carried over, or was changed; one sentence each. */
  warnings: string[]
}

/** Types of the forms file by Marketo's, in lower case. */
const TYPES: Readonly<Record<string, ImportedField['type']>> = {
  text: 'text',
  string: 'text',
  email: 'email',
  phone: 'tel',
  telephone: 'tel',
  tel: 'tel',
  url: 'url',
  textarea: 'textarea',
  date: 'date',
  number: 'number',
  int: 'number',
  integer: 'number',
  double: 'number',
  currency: 'number',
  range: 'number',
  single_checkbox: 'boolean',
  boolean: 'boolean',
  checkbox: 'choice',
  radio: 'choice',
  select: 'choice',
  picklist: 'choice',
  multiselect: 'choice',
}

const MAX_LENGTHS = { textarea: 30_000, text: 255 } as const

/** Converts a form. Its result is a valid entry of the forms file, whatever the Marketo form has. */
export function convertForm(form: MarketoForm): ImportedForm {
  const result: ImportedForm = {
    fields: [],
    constants: {},
    capture: {},
    thanks: form.thanks !== undefined && /^https?:\/\//.test(form.thanks) ? form.thanks : undefined,
    buttonLabel: plainText(form.buttonLabel) || 'Submit',
    warnings: [],
  }
  const warn = (text: string) => void result.warnings.push(text)
  if (form.status === 'draft') warn('The Marketo form is a draft: Submit Form needs an approved one.')
  if (form.hasProfiling) warn('Progressive profiling is not carried over: every visitor sees all fields.')
  if (form.hasThanksRules) warn('The rules for the page afterwards are not carried over: write "thanks".')

  const seen = new Set<string>()
  for (const field of form.fields) {
    const key = toSoapName(field.id).toLowerCase()
    if (seen.has(key)) warn(`${field.id} is on the Marketo form twice: only the first is carried over.`)
    else addField(field, result, warn)
    seen.add(key)
  }
  requireEmail(result, warn)
  return result
}

function addField(field: FormField, result: ImportedForm, warn: (text: string) => void): void {
  const { id, dataType, more } = field
  if (dataType === 'htmltext' || dataType === 'richtext' || dataType === 'fieldset') {
    warn(
      `${id} is a ${dataType === 'fieldset' ? 'group of fields' : 'text'} and is not carried over: write it into the page.`,
    )
    return
  }
  if (id.startsWith('_')) {
    warn(`${id} is not carried over: names that start with _ are reserved.`)
    return
  }
  if (dataType === 'hidden') {
    addHidden(field, result, warn)
    return
  }
  const known = TYPES[dataType]
  if (!known) warn(`${id} has the type ${dataType}, which is not known: it is a line of text here.`)
  const options = known === 'choice' ? optionsOf(more) : []
  const isLost = known === 'choice' && options.length === 0
  if (isLost) warn(`${id} has no options that can be read: it is a line of text here.`)
  const type = isLost ? 'text' : (known ?? 'text')
  if (hasRules(more)) warn(`${id}: ${describeRules(more)} The page here always shows it.`)
  result.fields.push({
    name: id,
    type,
    label: plainText(field.label).replace(/\s*[:*]+\s*$/, '') || id,
    required: field.required,
    maxLength: lengthOf(field, type),
    multiple: type === 'choice' && isMultiple(field),
    options,
    hint: plainText(textIn(more, 'hintText')),
  })
}

/** A hidden field is a constant, or a parameter of the page's address. */
function addHidden({ id, more }: FormField, result: ImportedForm, warn: (text: string) => void): void {
  const fill = objectIn(more, 'autoFill')
  const from = textIn(fill, 'valueFrom').toLowerCase()
  const parameter = textIn(fill, 'parameterName')
  const value = textIn(fill, 'value') || textIn(more, 'defaultValue')
  if (/url/.test(from) && parameter !== '' && !(parameter in result.capture)) result.capture[parameter] = id
  else if (/cookie|referrer/.test(from)) {
    warn(`${id} is hidden and gets its value from a ${/cookie/.test(from) ? 'cookie' : 'referrer'}: not carried over.`)
  } else if (value !== '') result.constants[id] = value
  else warn(`${id} is hidden and has no value that can be read: not carried over.`)
}

/** Our forms find people by their address: it is there, and it is required. */
function requireEmail(result: ImportedForm, warn: (text: string) => void): void {
  const email = result.fields.find(({ name }) => toSoapName(name) === 'Email')
  if (!email) {
    warn('The Marketo form has no e-mail field: one is added, because people are found by it.')
    delete result.constants.Email
    const rest = { required: true, maxLength: undefined, multiple: false, options: [], hint: '' }
    result.fields.unshift({ name: 'Email', type: 'email', label: 'E-mail address', ...rest })
    return
  }
  if (!email.required) warn(`${email.name} is optional in Marketo, and required here.`)
  Object.assign(email, { required: true, type: 'email', multiple: false, options: [] })
}

function lengthOf({ maxLength }: FormField, type: ImportedField['type']): number | undefined {
  const max = type === 'textarea' ? MAX_LENGTHS.textarea : MAX_LENGTHS.text
  const isText = type === 'text' || type === 'textarea' || type === 'tel' || type === 'url'
  if (!isText || maxLength === null || !Number.isInteger(maxLength) || maxLength < 1 || maxLength >= max)
    return undefined
  return maxLength
}

function isMultiple({ dataType, more }: FormField): boolean {
  const meta = objectIn(more, 'fieldMetaData')
  return (
    dataType === 'checkbox' || dataType === 'multiselect' || meta.multiSelect === true || meta.isMultiselect === true
  )
}

/** Reads options of `fieldMetaData.values`, or of the text `AK::Alaska,AL::Alabama`. The empty one is the prompt of a list. */
function optionsOf(more: FormField['more']): ImportedField['options'] {
  const { values } = objectIn(more, 'fieldMetaData')
  const listed = Array.isArray(values)
    ? (values as unknown[]).map((entry) => {
        const object = isObject(entry) ? entry : { value: entry }
        const value = textIn(object, 'value')
        return { value, label: plainText(textIn(object, 'label')) || value }
      })
    : textIn(more, 'picklistValues')
        .split(',')
        .map((entry) => {
          const [value = '', label = value] = entry.split('::')
          return { value: value.trim(), label: plainText(label) }
        })
  const seen = new Set<string>()
  return listed.filter(({ value }) => {
    const isNew = value.trim() !== '' && !seen.has(value)
    seen.add(value)
    return isNew
  })
}

function hasRules(more: FormField['more']): boolean {
  const type = textIn(objectIn(more, 'visibilityRules'), 'ruleType')
  return type !== '' && type !== 'alwaysShow'
}

function describeRules(more: FormField['more']): string {
  const { ruleType, rules } = objectIn(more, 'visibilityRules')
  const parts = (Array.isArray(rules) ? (rules as unknown[]) : []).filter(isObject).map((rule) => {
    const values = Array.isArray(rule.values)
      ? (rule.values as unknown[]).map((value) => textIn({ value }, 'value'))
      : []
    return plainText([textIn(rule, 'subjectField'), textIn(rule, 'operator'), values.join(' or ')].join(' '))
  })
  const verb = ruleType === 'hide' ? 'hides' : 'shows'
  return `Marketo ${verb} it only when ${parts.join('; ') || 'a rule applies'}.`
}

function objectIn(object: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> {
  const value = object[key]
  return isObject(value) ? value : {}
}

function textIn(object: Readonly<Record<string, unknown>>, key: string): string {
  const value = object[key]
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  '#39': "'",
}

/** Returns a label as text: Marketo's labels may be HTML. */
function plainText(html: string): string {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(#?\w+);/g, (whole, name: string) => ENTITIES[name.toLowerCase()] ?? whole)
    .replace(/\s+/g, ' ')
    .trim()
}
