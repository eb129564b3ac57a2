/**
 * Reads fields from what others have: the answer of Describe Lead of an account, or the forms file of a relay. Imports
 * nothing of the relay, and checks only what it needs.
 */
import { FIELD_TYPES, type FieldType } from './field-types.ts'
import { STANDARD_FIELDS, type Field } from './fields.ts'
import { restNameOf } from './rest-names.ts'

type Json = Readonly<Record<string, unknown>>

/** Returns the fields of a Describe Lead answer, or those of a forms file beside the standard ones; else undefined. */
export function importFields(content: Json): Field[] | undefined {
  if (Array.isArray(content['result'])) return content['result'].flatMap((field: Json) => describedField(field))
  const forms = content['forms']
  return isObject(forms) ? withStandard(Object.values(forms).flatMap(fieldsOfForm)) : undefined
}

/** The system fields are part of every lead. */
const SYSTEM_FIELDS = new Set(['id', 'createdAt', 'updatedAt'])

function describedField({ rest, soap, displayName, dataType, length }: Json): Field[] {
  const restName = nameOf(rest)
  if (restName === undefined || SYSTEM_FIELDS.has(restName)) return []
  const standard = STANDARD_FIELDS.find((field) => restNameOf(field) === restName)
  const name = nameOf(soap) ?? standard?.name ?? restName
  const isReadOnly = isObject(rest) && rest['readOnly'] === true
  return [
    {
      name,
      restName,
      type: typeOf(dataType),
      ...(typeof displayName === 'string' && { label: displayName }),
      ...(typeof length === 'number' && { size: length }),
      ...(isReadOnly && { readOnly: true }),
      ...(!standard && { custom: true }),
    },
  ]
}

/** Marketo has types that the simulator has not. A text may have any value. */
function typeOf(dataType: unknown): FieldType {
  return typeof dataType === 'string' && Object.hasOwn(FIELD_TYPES, dataType) ? (dataType as FieldType) : 'string'
}

/** Returns the names of the attributes that a form writes. */
function fieldsOfForm(form: unknown): string[] {
  if (!isObject(form)) return []
  const { fields, constants, capture, consent } = form
  const named = isObject(fields)
    ? Object.entries(fields).map(([name, field]) => (isObject(field) && nameIn(field['attribute'])) || name)
    : []
  const written = [capture, consent].flatMap((part) => (isObject(part) ? Object.values(part) : []))
  return [
    ...named,
    ...(isObject(constants) ? Object.keys(constants) : []),
    ...written.flatMap((name) => nameIn(name) ?? []),
  ]
}

function withStandard(names: readonly string[]): Field[] {
  const isKnown = (name: string): boolean =>
    STANDARD_FIELDS.some((field) => field.name === name || restNameOf(field) === name)
  const others = [...new Set(names)].filter((name) => !isKnown(name))
  return [...STANDARD_FIELDS, ...others.map((name): Field => ({ name, type: 'string', custom: true }))]
}

function nameOf(value: unknown): string | undefined {
  return isObject(value) ? nameIn(value['name']) : undefined
}

function nameIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
