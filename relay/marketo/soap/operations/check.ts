/**
 * Checks inputs of any type, as they come from programs and from JSON, before anything is sent.
 *
 * Each check reports its issues through `addIssue` and never throws. No message quotes a value, because values are
 * personal data.
 */

/**
 * Problem of an input. A {@link MarketoError} with the code `input` lists them all.
 *
 * @example
 *
 * ```ts
 * const problem: InputProblem = { field: 'leads[3].attributes[0].name', message: 'is missing' }
 * ```
 */
export interface InputProblem {
  /** Path of the field, for example `leads[3].attributes[0].name`; '' for the input as a whole. */
  field: string
  /** Predicate that follows the path in a sentence, for example `must be text`. Quotes no value. */
  message: string
}

export type AddIssue = (field: string, message: string) => void

/** Maximum of the WSDL's type `int`. Ids are positive. */
const MAX_INT = 2 ** 31 - 1
/** Any character that XML can hold, other than white space. */
const VISIBLE = /[!-\uFFFD]/

/** Returns true for undefined, null, and text that has no visible character in XML. Such a field is not sent. */
export function isBlank(value: unknown): value is undefined | null {
  return value === undefined || value === null || (typeof value === 'string' && !VISIBLE.test(value))
}

/**
 * Checks that a value is an object and has only known keys. An unknown key is an issue, because its value would be lost.
 *
 * @returns the object; undefined if the value is none
 */
export function checkObject(
  value: unknown,
  known: readonly string[],
  path: string,
  addIssue: AddIssue,
): Readonly<Record<string, unknown>> | undefined {
  if (!isObject(value)) {
    addIssue(path, 'must be an object')
    return undefined
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) addIssue(fieldPath(path, key), `is not a known field; use ${known.join(', ')}`)
  }
  return value
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Checks optional text. */
export function checkText(value: unknown, path: string, addIssue: AddIssue): void {
  if (value !== undefined && value !== null && typeof value !== 'string') addIssue(path, 'must be text')
}

/** Checks text that must not be blank. */
export function checkRequiredText(value: unknown, path: string, addIssue: AddIssue): void {
  if (isBlank(value)) addIssue(path, 'is missing')
  else checkText(value, path, addIssue)
}

/** Checks an optional boolean. */
export function checkBoolean(value: unknown, path: string, addIssue: AddIssue): void {
  if (value !== undefined && typeof value !== 'boolean') addIssue(path, 'must be true or false')
}

/** Checks an id of Marketo's. */
export function checkId(value: unknown, path: string, addIssue: AddIssue): void {
  if (!Number.isInteger(value) || Number(value) < 1 || Number(value) > MAX_INT) {
    addIssue(path, `must be a whole number from 1 to ${MAX_INT}`)
  }
}

export function checkOneOf(value: unknown, allowed: readonly string[], path: string, addIssue: AddIssue): void {
  if (typeof value !== 'string' || !allowed.includes(value)) addIssue(path, `must be one of ${allowed.join(', ')}`)
}

/** Checks a list of 1 to `max` entries, and each entry with `checkEntry`. */
export function checkList(
  value: unknown,
  max: number,
  path: string,
  addIssue: AddIssue,
  checkEntry: (entry: unknown, path: string) => void,
): void {
  if (!Array.isArray(value) || value.length === 0) addIssue(path, 'must be a list with at least one entry')
  else if (value.length > max) addIssue(path, `has ${value.length} entries; one call takes at most ${max}`)
  else value.forEach((entry, at) => checkEntry(entry, `${path}[${at}]`))
}

/** Joins a path and a key: `leads[0]` and `id` make `leads[0].id`. */
export function fieldPath(path: string, key: string): string {
  return path ? `${path}.${key}` : key
}
