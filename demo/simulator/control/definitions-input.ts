/**
 * Validates fields, lists, campaigns and people, as `/sim/…` and a configuration file give them. Changes nothing.
 *
 * The problem of an item has the path to it, such as `[3].type`.
 */
import type { Campaign } from '../people/campaigns.ts'
import { FIELD_TYPES } from '../people/field-types.ts'
import type { Field } from '../people/fields.ts'
import type { SeedPerson } from '../people/seed-people.ts'
import {
  asObject,
  readInteger,
  validateObject,
  type FieldReaders,
  type FieldResult,
  type InputProblem,
} from './validation.ts'

const MAX_SIZE = 1_000_000

const readText = (value: unknown): FieldResult =>
  typeof value === 'string' && value.trim() !== '' ? { value } : 'must be a text that is not blank'

/** True alone is stored; false is as if it were left out. */
const readFlag = (value: unknown): FieldResult =>
  typeof value === 'boolean' ? { value: value || undefined } : 'must be true or false'

const readValues = (value: unknown): FieldResult =>
  Object.values(asObject(value) ?? { none: undefined }).every((text) => typeof text === 'string')
    ? { value }
    : 'must be an object with texts'

const FIELD: FieldReaders = {
  name: readText,
  type: (value) =>
    typeof value === 'string' && Object.hasOwn(FIELD_TYPES, value)
      ? { value }
      : `must be one of ${Object.keys(FIELD_TYPES).join(', ')}`,
  label: readText,
  restName: readText,
  size: (value) => readInteger(value, 1, MAX_SIZE),
  readOnly: readFlag,
  custom: readFlag,
}

const CAMPAIGN: FieldReaders = {
  id: (value) => readInteger(value, 1, Number.MAX_SAFE_INTEGER),
  name: readText,
  program: readText,
}

const PERSON: FieldReaders = {
  email: readText,
  attributes: readValues,
  cookies: (value) =>
    Array.isArray(value) && value.every((cookie) => typeof cookie === 'string')
      ? { value }
      : 'must be a list of values of the Munchkin cookie',
  workspace: readText,
}

export function readFields(value: unknown): FieldResult {
  return readList(value, FIELD, ['name', 'type'], (fields: Field[]) =>
    isUnique(fields.map(({ name }) => name)) && fields.some(({ name }) => name === 'Email')
      ? undefined
      : 'each name may occur once, and Email must be one of them',
  )
}

export function readLists(value: unknown): FieldResult {
  const isValid =
    Array.isArray(value) && value.every((name) => typeof name === 'string' && name.trim() !== '') && isUnique(value)
  return isValid ? { value } : 'must be a list of names; each may occur once'
}

export function readCampaigns(value: unknown): FieldResult {
  return readList(value, CAMPAIGN, ['id', 'name', 'program'], (campaigns: Campaign[]) =>
    isUnique(campaigns.map(({ id }) => id)) ? undefined : 'each id may occur once',
  )
}

/** Reads people. Their attributes are checked where the fields are known. */
export function readPeople(value: unknown): FieldResult {
  return readList(value, PERSON, ['email'], () => undefined)
}

/** Returns a problem for each attribute that is no field. */
export function unknownAttributes(people: readonly SeedPerson[], fields: ReadonlyMap<string, Field>): InputProblem[] {
  return people.flatMap(({ attributes = {} }, index) =>
    Object.keys(attributes)
      .filter((name) => !fields.has(name))
      .map((name) => ({
        field: `people[${index}].attributes.${name}`,
        message: 'is not the SOAP API name of a field',
      })),
  )
}

/** @param check returns what is wrong with the list as a whole */
function readList(
  value: unknown,
  readers: FieldReaders,
  required: readonly string[],
  check: (items: never[]) => string | undefined,
): FieldResult {
  if (!Array.isArray(value)) return 'must be a list'
  const read = value.map((item) => validateObject<never>(asObject(item) ?? {}, readers, required))
  const errors = read.flatMap((result, index) =>
    result.ok ? [] : result.errors.map(({ field, message }) => ({ field: `[${index}].${field}`, message })),
  )
  if (errors.length > 0) return { errors }
  const items = read.flatMap((result) => (result.ok ? [result.value] : []))
  const problem = check(items)
  return problem === undefined ? { value: items } : problem
}

function isUnique(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length
}
