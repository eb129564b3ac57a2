/**
 * What may not be sent, and why: checks on values of any type, as they come from programs and from JSON.
 *
 * No problem quotes a value: values are a person's data.
 */

export interface InputProblem {
  /** Where: `email`, `leads[3].attributes[0].name`. */
  field: string
  /** What: `must be text`. */
  message: string
}

export type AddIssue = (field: string, message: string) => void

/** The WSDL's `int`, of which ids use the positive half. */
const MAX_INT = 2 ** 31 - 1
/** Anything that arrives by XML and is more than a blank. */
const SUBSTANCE = /[!-\uFFFD]/

/** True for what is not there, and for text of which nothing would arrive. Such a field is not sent. */
export function isBlank(value: unknown): value is undefined | null {
  return value === undefined || value === null || (typeof value === 'string' && !SUBSTANCE.test(value))
}

/** An object by its keys, or nothing with a complaint. A key that is not listed is a complaint: it would be lost. */
export function fieldsOf(
  value: unknown,
  known: readonly string[],
  place: string,
  addIssue: AddIssue,
): Readonly<Record<string, unknown>> | undefined {
  if (!isObject(value)) {
    addIssue(place, 'must be an object')
    return undefined
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) addIssue(inside(place, key), `is not known here; there is ${known.join(', ')}`)
  }
  return value
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Text, or nothing at all. */
export function checkText(value: unknown, place: string, addIssue: AddIssue): void {
  if (value !== undefined && value !== null && typeof value !== 'string') addIssue(place, 'must be text')
}

/** Text that says something. */
export function checkRequiredText(value: unknown, place: string, addIssue: AddIssue): void {
  if (isBlank(value)) addIssue(place, 'is missing')
  else checkText(value, place, addIssue)
}

export function checkBoolean(value: unknown, place: string, addIssue: AddIssue): void {
  if (value !== undefined && typeof value !== 'boolean') addIssue(place, 'must be true or false')
}

/** An id of Marketo's. */
export function checkId(value: unknown, place: string, addIssue: AddIssue): void {
  if (!Number.isInteger(value) || Number(value) < 1 || Number(value) > MAX_INT) {
    addIssue(place, `must be a whole number from 1 to ${MAX_INT}`)
  }
}

export function checkOneOf(value: unknown, words: readonly string[], place: string, addIssue: AddIssue): void {
  if (typeof value !== 'string' || !words.includes(value)) addIssue(place, `must be one of ${words.join(', ')}`)
}

/** A list of one to `most`, each member by its own check. */
export function checkList(
  value: unknown,
  most: number,
  place: string,
  addIssue: AddIssue,
  check: (member: unknown, place: string) => void,
): void {
  if (!Array.isArray(value) || value.length === 0) addIssue(place, 'must be a list with at least one in it')
  else if (value.length > most) addIssue(place, `has ${value.length}, and one call takes ${most}`)
  else value.forEach((member, at) => check(member, `${place}[${at}]`))
}

/** The place of a key inside another place. */
export function inside(place: string, key: string): string {
  return place ? `${place}.${key}` : key
}
