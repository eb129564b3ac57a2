/** Writes a lead as the reading calls return it: values by REST API name, as JSON values of their types. Finds nobody. */
import type { Marketo } from '../marketo.ts'
import type { Field } from '../people/fields.ts'
import type { Person } from '../people/person.ts'
import { errorText, RestError } from './errors.ts'
import { valuesOf } from './query.ts'

/** Adobe: the fields of a lead if the call names none. */
const DEFAULT_FIELDS: readonly string[] = ['id', 'updatedAt', 'lastName', 'email', 'createdAt', 'firstName']

/**
 * Reads the names of the fields to return. The id is always one of them.
 *
 * @param query separated by commas, or repeated
 * @throws RestError 1006 if there is no such field
 */
export function readFieldNames({ restFields }: Marketo, query: URLSearchParams): string[] {
  const wanted = valuesOf(query, 'fields')
  if (wanted.length === 0) return [...DEFAULT_FIELDS]
  const unknown = wanted.find((name) => !isReadable(name) && !restFields.has(name))
  if (unknown !== undefined) throw new RestError('1006', errorText('1006', unknown))
  return [...new Set(['id', ...wanted])]
}

/** A value that the person does not have is null. */
export function leadOutput({ restFields }: Marketo, person: Person, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, valueOf(person, name, restFields.get(name))]))
}

function isReadable(name: string): boolean {
  return (
    name === 'id' || name === 'createdAt' || name === 'updatedAt' || name === 'leadPartitionId' || name === 'cookies'
  )
}

function valueOf(person: Person, name: string, field: Field | undefined): unknown {
  if (name === 'id') return person.id
  if (name === 'createdAt' || name === 'updatedAt') return secondsOf(person[name])
  if (name === 'cookies') return [...person.cookies.values()].join(',') || null
  if (!field) return null
  const value = field.name === 'Email' ? person.email : person.attributes.get(field.name)
  return value === undefined || value === '' ? null : typed(field.type, value)
}

function typed(type: Field['type'], value: string): unknown {
  switch (type) {
    case 'boolean':
      return /^(true|1|yes)$/i.test(value)
    case 'integer':
    case 'score':
    case 'float':
    case 'currency':
    case 'percent':
      return Number(value)
    case 'string':
    case 'text':
    case 'email':
    case 'phone':
    case 'url':
    case 'date':
    case 'datetime':
      return value
    default:
      return type satisfies never
  }
}

/** Returns a time as in Adobe's sample: `2016-05-17T22:11:45Z`. */
export function secondsOf(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}
