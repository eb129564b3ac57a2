/**
 * Checks the forms file and converts it to `Form` objects, or reports every problem with its place.
 *
 * Pure: reads no file and no environment. `forms.schema.json` has the same rules for editors; a test compares the two.
 * All rules are in one file, so that they can be read beside the schema.
 */
import { FIRST_ACCOUNT, isAccountName } from '../account-name.ts'
import { CHALLENGES, type Challenge } from '../intake/challenge-fields.ts'
import { CONSENT_PARTS, type ConsentPart } from '../intake/consent-parts.ts'
import type { Attribute } from '../intake/lead.ts'
import { toRestName, toSoapName } from '../marketo/names.ts'
import { readRules, type Rules } from './rules.ts'

export interface Form {
  name: string
  /** Name of the Marketo account that gets the leads, `default` for the one without a name. */
  account: string
  /**
   * Origins whose pages may post the form, as browsers write them: `https://www.acme.example`. In
   * `https://*.acme.example` the star stands for one label.
   */
  origins: ReadonlySet<string>
  fields: readonly Field[]
  /** Attributes that are the same for every lead of this form. */
  constants: readonly Attribute[]
  /** Attributes filled from the page. `source` is `page`, `referrer` or the name of a query parameter. */
  capture: readonly { source: string; attribute: string }[]
  /** Attributes that get the parts of the visitor's decision about tracking. */
  consent?: readonly { part: ConsentPart; attribute: string }[]
  /** Marketo's `targetWorkspace`, for SOAP. */
  workspace?: string
  /** Name of the lead partition, for REST. */
  partition?: string
  /** REST API name of the field by which Marketo finds a person, for REST. The e-mail address by default. */
  lookup?: string
  /** `newest`: of several people with the address the one that was updated last is written, for REST. Else the lead is parked. */
  duplicates?: 'newest'
  /** SOAP API names of the attributes that are sent only where Marketo has no value. Absent where there is none. */
  whenEmpty?: readonly string[]
  /** Id of the Marketo form that each lead fills out, for REST. Without it leads are written as records. */
  marketoForm?: number
  /** Id of the program that the Marketo form is filled out in. */
  program?: number
  /** Maximum number of leads of the form that wait. Without it the limit of all forms together counts alone. */
  maxWaiting?: number
  /** Attribute that gets the lead's id, so that a form is not filled out twice. */
  receipt?: string
  /**
   * When a visitor's cookie goes to Marketo. `when-consented`: only where the page says that the visitor has agreed.
   * `never` is for a form that people fill in for someone else: the browser's cookie is not that person's.
   */
  associate: 'always' | 'when-consented' | 'never'
  /** Settings of the rules, where they are not the defaults. */
  rules?: Rules
  /** Whether pages get tickets for the form. */
  ticket?: true
  /** The challenge that posts of the form must answer. */
  challenge?: Challenge
  /** URL of the page to show when the lead is stored. */
  thanks?: string
  /** Origins to which `_next` may redirect, like `origins`. */
  nextOrigins: ReadonlySet<string>
}

export interface Field {
  /** Name of the field on the page. */
  name: string
  /** SOAP API name of the attribute. The forms file may give the REST API name. */
  attribute: string
  type: FieldType
  /** Name of the field in messages to the visitor. */
  label: string
  required: boolean
  /** Maximum length, in UTF-16 code units like HTML's `maxlength`. */
  maxLength: number
  multiple: boolean
  options: readonly { value: string; label: string }[]
  /** Effect of an empty value: leave the attribute unchanged, or clear it in Marketo. */
  blank: 'skip' | 'clear'
  /** Set where a value is sent only if the person has none at Marketo. Else it replaces what is there. */
  overwrite?: 'when-empty'
}

const FIELD_TYPES = ['text', 'email', 'tel', 'url', 'textarea', 'number', 'date', 'choice', 'boolean'] as const
type FieldType = (typeof FIELD_TYPES)[number]

/** Maximum lengths in Marketo: 255 characters in a string, 30,000 bytes in a text area. */
const MAX_STRING_LENGTH = 255
const MAX_TEXTAREA_LENGTH = 30_000

const NOT_AN_ID = 'must be a whole number such as 1029: the id at the end of its URL in Marketo'

const FORM_KEYS = [
  'account',
  'origins',
  'fields',
  'constants',
  'capture',
  'consent',
  'workspace',
  'partition',
  'lookup',
  'duplicates',
  'marketoForm',
  'program',
  'receipt',
  'associate',
  'ticket',
  'challenge',
  'thanks',
  'maxWaiting',
  'rules',
]
const FIELD_KEYS = ['type', 'attribute', 'label', 'required', 'maxLength', 'multiple', 'options', 'blank', 'overwrite']

/** Something in the configuration that works, and is probably not what was meant. */
export interface Warning {
  /** Name of the variable, or the place in the forms file. */
  place: string
  reason: string
}

/**
 * Returns a warning for each field that clears an attribute. Anybody can post the form with an address that they know, and so
 * empty that person's attribute.
 */
export function warnOfClearing(forms: Iterable<Form>): Warning[] {
  return Array.from(forms).flatMap(({ name, fields }) =>
    fields
      .filter(({ blank }) => blank === 'clear')
      .map((field) => ({
        place: `forms.${name}.fields.${field.name}.blank`,
        reason: `anybody who knows a person's address can clear ${field.attribute} by this form; write "skip" if that matters`,
      })),
  )
}

/** Adds a problem: its place, and a text that says what is wrong and what is allowed. */
export type AddIssue = (place: string, problem: string) => void

type Json = Record<string, unknown>

/**
 * Reads `{ "forms": { … }, "rules": { … } }`. Problems go to `addIssue`. The result is complete only if there were none.
 *
 * @param transportOf returns the transport of an account, which decides which keys are allowed. Without it all are.
 */
export function readForms(
  input: unknown,
  addIssue: AddIssue,
  transportOf: (account: string) => 'soap' | 'rest' | undefined = () => undefined,
): Map<string, Form> {
  const forms = new Map<string, Form>()
  if (!isObject(input)) {
    addIssue('forms', 'the file must contain an object: {"forms": {"contact": {…}}}')
    return forms
  }
  rejectUnknownKeys(input, ['$schema', 'forms', 'rules'], '', addIssue)
  if (!isObject(input.forms) || Object.keys(input.forms).length === 0) {
    addIssue('forms', 'must define at least one form: {"contact": {"origins": […], "fields": {…}}}')
    return forms
  }
  const common = readRules(input.rules, 'rules', addIssue)
  for (const [name, form] of Object.entries(input.forms)) {
    const place = `forms.${name}`
    if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(name)) {
      addIssue(
        place,
        'the name of a form must be 1 to 64 lower-case letters, digits, - and _, because it is part of its URL',
      )
    } else if (!isObject(form)) addIssue(place, 'must be an object: {"origins": […], "fields": {…}}')
    else {
      const account = readAccountName(form.account, `${place}.account`, addIssue)
      const transport = transportOf(account)
      if (transport) rejectKeysOfOtherTransport(form, transport, place, addIssue)
      const rules = { ...common, ...readRules(form.rules, `${place}.rules`, addIssue) }
      const own = Object.keys(rules).length > 0 && { rules }
      forms.set(name, { account, ...readForm(name, form, place, addIssue), ...own })
    }
  }
  return forms
}

/** Keys that one transport cannot honour, and what to write instead. */
const UNSUPPORTED_KEYS: Record<'soap' | 'rest', Readonly<Record<string, string>>> = {
  rest: { workspace: 'REST has no workspaces; write "partition" with the name of a lead partition, or remove the key' },
  soap: {
    partition: 'SOAP has no partitions; write "workspace" with the name of a workspace, or remove the key',
    lookup: 'SOAP finds people by their e-mail address; remove the key',
    duplicates: 'SOAP leaves it to Marketo which person is written; remove the key',
    marketoForm: 'SOAP fills out no Marketo form; remove the key',
    program: 'SOAP fills out no Marketo form; remove the key',
    receipt: 'SOAP fills out no Marketo form; remove the key',
  },
}

/** Keys that have no effect beside `marketoForm`, and those that have none without it; and what to write instead. */
const BESIDE_MARKETO_FORM: Readonly<Record<string, string>> = {
  partition: 'a Marketo form creates people in the partition of its workspace; remove "partition" or "marketoForm"',
  lookup: 'a Marketo form finds people by their e-mail address; remove "lookup" or "marketoForm"',
  duplicates: 'a Marketo form always writes the newest of several people; remove "duplicates" or "marketoForm"',
}
const ONLY_WITH_MARKETO_FORM: Readonly<Record<string, string>> = {
  program: 'only a Marketo form is filled out in a program; add "marketoForm" with its id, or remove the key',
  receipt: 'only a Marketo form can be filled out twice; add "marketoForm" with its id, or remove the key',
}

function rejectKeysOfOtherTransport(input: Json, transport: 'soap' | 'rest', place: string, addIssue: AddIssue): void {
  for (const [key, problem] of Object.entries(UNSUPPORTED_KEYS[transport])) {
    if (input[key] !== undefined) addIssue(`${place}.${key}`, problem)
  }
}

/** Reports keys that the other keys of the form leave without an effect. */
function rejectIdleKeys(input: Json, fields: readonly Field[], place: string, addIssue: AddIssue): void {
  const hasForm = input.marketoForm !== undefined
  for (const [key, problem] of Object.entries(hasForm ? BESIDE_MARKETO_FORM : ONLY_WITH_MARKETO_FORM)) {
    if (input[key] !== undefined) addIssue(`${place}.${key}`, problem)
  }
  for (const { name } of hasForm ? fields.filter(({ blank }) => blank === 'clear') : []) {
    addIssue(
      `${place}.fields.${name}.blank`,
      'a Marketo form leaves an attribute without a value unchanged; write "skip", or remove "marketoForm"',
    )
  }
  for (const key of !hasForm && input.duplicates === 'newest' ? ['partition', 'lookup'] : []) {
    if (input[key] === undefined) continue
    addIssue(
      `${place}.duplicates`,
      `the newest person is looked for by the e-mail address, in all partitions; write "park", or remove "${key}"`,
    )
  }
}

/** Reads the name of an account; that of the account without a name where there is none, or a wrong one. */
function readAccountName(input: unknown, place: string, addIssue: AddIssue): string {
  if (input === undefined) return FIRST_ACCOUNT
  if (typeof input === 'string' && isAccountName(input)) return input
  addIssue(
    place,
    'must be 1 to 32 lower-case letters, digits and -, without the word of a variable (rest, next, …) at its end',
  )
  return FIRST_ACCOUNT
}

function readForm(name: string, input: Json, place: string, addIssue: AddIssue): Omit<Form, 'account'> {
  rejectUnknownKeys(input, FORM_KEYS, place, addIssue)
  const origins = readOrigins(input.origins, `${place}.origins`, addIssue)
  const fields = readFields(input.fields, `${place}.fields`, addIssue)
  const constants = readPairs(input.constants, `${place}.constants`, addIssue)
  const capture = readPairs(input.capture, `${place}.capture`, addIssue)
  const consent = readConsentParts(input.consent, `${place}.consent`, addIssue)
  const thanks = readAddress(input.thanks, `${place}.thanks`, addIssue)
  const workspace = readText(input.workspace, `${place}.workspace`, addIssue)
  const partition = readText(input.partition, `${place}.partition`, addIssue)
  const lookup = readLookup(input.lookup, fields, `${place}.lookup`, addIssue)
  const duplicates = readChoice(input.duplicates, ['park', 'newest'], 'park', `${place}.duplicates`, addIssue)
  const marketoForm = readWhole(input.marketoForm, NOT_AN_ID, `${place}.marketoForm`, addIssue)
  const program = readWhole(input.program, NOT_AN_ID, `${place}.program`, addIssue)
  const maxWaiting = readWhole(
    input.maxWaiting,
    'must be a whole number of leads, 1 or more',
    `${place}.maxWaiting`,
    addIssue,
  )
  const ticket = readFlag(input.ticket, `${place}.ticket`, addIssue)
  const challenge = readOneOf(input.challenge, CHALLENGES, `${place}.challenge`, addIssue)
  const receipt = readReceipt(input.receipt, `${place}.receipt`, addIssue)
  rejectIdleKeys(input, fields, place, addIssue)
  const kept = fields.filter(({ overwrite }) => overwrite)
  for (const { name, attribute, type, blank } of kept) {
    // What finds the person is never empty, nor is a boolean.
    const isKey = ['email', lookup?.toLowerCase()].includes(attribute.toLowerCase())
    if (isKey || type === 'boolean' || blank === 'clear')
      readOneOf('when-empty', ['always'], `${place}.fields.${name}.overwrite`, addIssue)
  }

  const written = [
    ...fields.map((field) => ({ at: `fields.${field.name}`, attribute: field.attribute })),
    ...constants.map(([attribute]) => ({ at: `constants.${attribute}`, attribute })),
    ...capture.map(([source, attribute]) => ({ at: `capture.${source}`, attribute })),
    ...consent.map(({ part, attribute }) => ({ at: `consent.${part}`, attribute })),
    ...(receipt === undefined ? [] : [{ at: 'receipt', attribute: receipt }]),
  ]
  // Names that differ only in case, and the two names of a standard field, count as the same attribute.
  const byName = Map.groupBy(written, ({ attribute }) => toSoapName(attribute).toLowerCase())
  for (const [first, ...others] of byName.values()) {
    for (const { at, attribute } of others) {
      const why = attribute.toLowerCase() === first?.attribute.toLowerCase() ? 'case is ignored' : 'the same field'
      addIssue(
        `${place}.${at}`,
        `writes "${attribute}", but ${first?.at} already writes "${first?.attribute}" (${why}); remove one of them`,
      )
    }
  }
  if (
    fields.length > 0 &&
    !fields.some((field) => toSoapName(field.attribute) === 'Email' && field.type === 'email' && field.required)
  ) {
    addIssue(
      `${place}.fields`,
      'one field must be {"type": "email", "required": true} and write "Email", because Marketo finds people by e-mail',
    )
  }
  return {
    name,
    origins,
    // One spelling for all that is stored, so that either may be written, and changed later.
    fields: fields.map((field) => ({ ...field, attribute: toSoapName(field.attribute) })),
    constants: constants.map(([attribute, value]) => ({ name: toSoapName(attribute), value })),
    capture: capture.map(([source, attribute]) => ({ source, attribute: toSoapName(attribute) })),
    associate: readChoice(
      input.associate,
      ['always', 'when-consented', 'never'],
      'always',
      `${place}.associate`,
      addIssue,
    ),
    ...(consent.length > 0 && {
      consent: consent.map(({ part, attribute }) => ({ part, attribute: toSoapName(attribute) })),
    }),
    ...(ticket && { ticket }),
    ...(challenge && { challenge }),
    nextOrigins: new Set([...origins, ...(thanks === undefined ? [] : [new URL(thanks).origin])]),
    ...(workspace !== undefined && { workspace }),
    ...(partition !== undefined && { partition }),
    ...(lookup !== undefined && { lookup }),
    ...(duplicates === 'newest' && { duplicates }),
    ...(kept.length > 0 && { whenEmpty: kept.map(({ attribute }) => toSoapName(attribute)) }),
    ...(marketoForm !== undefined && { marketoForm }),
    ...(program !== undefined && { program }),
    ...(receipt !== undefined && { receipt }),
    ...(maxWaiting !== undefined && { maxWaiting }),
    ...(thanks !== undefined && { thanks }),
  }
}

/** Reads the field by which a person is found. Each lead must have it, or Marketo refuses the lead. */
function readLookup(input: unknown, fields: readonly Field[], place: string, addIssue: AddIssue): string | undefined {
  const lookup = readText(input, place, addIssue)
  if (lookup === undefined) return undefined
  const isLookup = (attribute: string) => toSoapName(attribute).toLowerCase() === toSoapName(lookup).toLowerCase()
  const isIn = fields.some(({ attribute, required }) => required && isLookup(attribute))
  if (!isIn) {
    addIssue(place, `"${lookup}" must be written by a required field of the form, because Marketo finds people by it`)
  }
  return lookup
}

/** Reads the attributes for the parts of the visitor's decision. */
function readConsentParts(input: unknown, place: string, addIssue: AddIssue): NonNullable<Form['consent']> {
  if (isObject(input)) rejectUnknownKeys(input, CONSENT_PARTS, place, addIssue)
  return readPairs(input, place, addIssue).map(([part, attribute]) => ({ part: part as ConsentPart, attribute }))
}

function readReceipt(input: unknown, place: string, addIssue: AddIssue): string | undefined {
  const receipt = readText(input, place, addIssue)
  if (receipt === undefined || toRestName(receipt) === toSoapName(receipt)) return receipt
  addIssue(place, `"${receipt}" is a standard field; write the name of a custom field, such as "Form_Sync_Id__c"`)
  return undefined
}

/** An origin whose first label is a star, under a domain of two labels or more. */
const PATTERN = /^https?:\/\/\*(\.[^.*:/]+)+\.[^.*:/\d][^.*:/]*(:\d+)?$/

function readOrigins(input: unknown, place: string, addIssue: AddIssue): Set<string> {
  const origins = new Set<string>()
  if (!Array.isArray(input) || input.length === 0) {
    addIssue(place, 'must list at least one origin whose pages may post the form: ["https://www.acme.example"]')
    return origins
  }
  for (const origin of input as unknown[]) {
    const correct = typeof origin === 'string' && URL.canParse(origin) ? new URL(origin).origin : undefined
    if (correct?.includes('*') && !PATTERN.test(correct)) {
      addIssue(
        place,
        `"${String(origin)}" is not allowed; * stands for the first label alone: "https://*.acme.example"`,
      )
    } else if (origin === 'null' || origin === correct) origins.add(origin as string)
    else if (correct && correct !== 'null')
      addIssue(place, `"${String(origin)}" is not an origin; did you mean "${correct}"?`)
    else addIssue(place, `${JSON.stringify(origin)} is not an origin; an origin looks like "https://www.acme.example"`)
  }
  return origins
}

function readFields(input: unknown, place: string, addIssue: AddIssue): Field[] {
  if (!isObject(input) || Object.keys(input).length === 0) {
    addIssue(place, 'must define at least one field: {"Email": {"type": "email", "required": true}}')
    return []
  }
  return Object.entries(input).flatMap(([name, field]) => {
    const at = `${place}.${name}`
    if (name.startsWith('_')) addIssue(at, 'names that start with _ are reserved; rename the field')
    else if (isObject(field)) return [readField(name, field, at, addIssue)]
    else addIssue(at, 'must be an object; {} is a field for one line of text')
    return []
  })
}

function readField(name: string, input: Json, place: string, addIssue: AddIssue): Field {
  rejectUnknownKeys(input, FIELD_KEYS, place, addIssue)
  const type = readChoice(input.type, FIELD_TYPES, 'text', `${place}.type`, addIssue)
  const options = readOptions(input.options, `${place}.options`, addIssue)
  if (type === 'choice' && options.length === 0) addIssue(`${place}.options`, 'a choice must have at least one option')
  if (type !== 'choice' && options.length > 0) addIssue(`${place}.options`, 'only {"type": "choice"} may have options')
  const multiple = readFlag(input.multiple, `${place}.multiple`, addIssue)
  if (multiple && type !== 'choice') addIssue(`${place}.multiple`, 'only {"type": "choice"} may have several values')

  const max = type === 'textarea' ? MAX_TEXTAREA_LENGTH : MAX_STRING_LENGTH
  const maxLength = input.maxLength ?? max
  const isValid = Number.isInteger(maxLength) && (maxLength as number) > 0 && (maxLength as number) <= max
  if (!isValid)
    addIssue(`${place}.maxLength`, `must be a whole number from 1 to ${max}, the maximum that Marketo stores`)

  const overwrite = readOneOf(input.overwrite, ['always', 'when-empty'], `${place}.overwrite`, addIssue)
  return {
    name,
    attribute: readText(input.attribute, `${place}.attribute`, addIssue) ?? name,
    type,
    label: readText(input.label, `${place}.label`, addIssue) ?? name,
    required: readFlag(input.required, `${place}.required`, addIssue),
    maxLength: isValid ? (maxLength as number) : max,
    multiple,
    options,
    blank: readChoice(input.blank, ['skip', 'clear'], 'skip', `${place}.blank`, addIssue),
    ...(overwrite === 'when-empty' && { overwrite }),
  }
}

function readOptions(input: unknown, place: string, addIssue: AddIssue): Field['options'] {
  if (input === undefined) return []
  if (!Array.isArray(input)) {
    addIssue(place, 'must be a list: ["a", "b"] or [{"value": "a", "label": "A"}]')
    return []
  }
  return (input as unknown[]).flatMap((option, index) => {
    if (typeof option === 'string') return [{ value: option, label: option }]
    if (isObject(option) && typeof option.value === 'string') {
      return [{ value: option.value, label: typeof option.label === 'string' ? option.label : option.value }]
    }
    addIssue(`${place}[${index}]`, 'must be a string or {"value": "a", "label": "A"}')
    return []
  })
}

function readPairs(input: unknown, place: string, addIssue: AddIssue): [string, string][] {
  if (input === undefined) return []
  if (!isObject(input)) {
    addIssue(place, 'must be an object whose values are strings')
    return []
  }
  return Object.entries(input).flatMap(([name, value]) => {
    if (typeof value === 'string' && value !== '') return [[name, value] as [string, string]]
    addIssue(`${place}.${name}`, 'must be a string that is not empty')
    return []
  })
}

function readAddress(input: unknown, place: string, addIssue: AddIssue): string | undefined {
  if (input === undefined) return undefined
  // Percent-encodes letters outside ASCII, because the URL becomes the value of a header.
  if (typeof input === 'string' && /^https?:\/\//.test(input) && URL.canParse(input)) return new URL(input).href
  addIssue(place, 'must be an absolute URL such as "https://www.acme.example/thanks"')
  return undefined
}

function readText(input: unknown, place: string, addIssue: AddIssue): string | undefined {
  if (input === undefined) return undefined
  if (typeof input === 'string' && input.trim() !== '') return input
  addIssue(place, 'must be a string that is not empty')
  return undefined
}

/** Reads a whole number from 1; reports `problem` for anything else. */
function readWhole(input: unknown, problem: string, place: string, addIssue: AddIssue): number | undefined {
  if (input === undefined || (Number.isSafeInteger(input) && (input as number) > 0)) return input as number | undefined
  addIssue(place, problem)
  return undefined
}

function readFlag(input: unknown, place: string, addIssue: AddIssue): boolean {
  if (input !== undefined && typeof input !== 'boolean') addIssue(place, 'must be true or false')
  return input === true
}

function readChoice<T extends string>(
  input: unknown,
  choices: readonly T[],
  defaultValue: T,
  place: string,
  addIssue: AddIssue,
): T {
  return readOneOf(input, choices, place, addIssue) ?? defaultValue
}

function readOneOf<T extends string>(
  input: unknown,
  choices: readonly T[],
  place: string,
  addIssue: AddIssue,
): T | undefined {
  if (input === undefined || choices.includes(input as T)) return input as T | undefined
  addIssue(
    place,
    `${JSON.stringify(input)} is not allowed; allowed are ${choices.map((choice) => `"${choice}"`).join(', ')}`,
  )
  return undefined
}

function rejectUnknownKeys(input: Json, known: readonly string[], place: string, addIssue: AddIssue): void {
  for (const key of Object.keys(input)) {
    if (known.includes(key)) continue
    const near = known.find((name) => name.toLowerCase() === key.toLowerCase() || name.startsWith(key.slice(0, 4)))
    addIssue(
      place ? `${place}.${key}` : key,
      near ? `unknown key; did you mean "${near}"?` : `unknown key; allowed are ${known.join(', ')}`,
    )
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
