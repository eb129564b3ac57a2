/** How what `/sim/` is told is checked: field by field, and everything that is wrong with it at once. */

export interface InputProblem {
  /** Its name, or the path to it. */
  field: string
  message: string
}

/** What was read, or all that is wrong with it. */
export type Checked<T> = { ok: true; value: T } | { ok: false; errors: InputProblem[] }

/** The value as it is taken, or what it must be, or what parts of it must be, by their path. */
export type Reading = { value: unknown } | { errors: InputProblem[] } | string

/** How each field is read, by its name. */
export type Readers = Readonly<Record<string, (value: unknown) => Reading>>

/** `text` is a request's body. */
export function check<T>(text: string, readers: Readers, required: readonly string[]): Checked<T> {
  const input = readObject(text)
  if (!input) return { ok: false, errors: [{ field: 'body', message: 'must be a JSON object' }] }
  return checkObject(input, readers, required)
}

/** The same for what was parsed already. */
export function checkObject<T>(
  input: Readonly<Record<string, unknown>>,
  readers: Readers,
  required: readonly string[],
): Checked<T> {
  const value: Record<string, unknown> = {}
  const errors: InputProblem[] = []
  for (const [field, given] of Object.entries(input)) {
    const reader = Object.hasOwn(readers, field) ? readers[field] : undefined
    const reading = reader ? reader(given) : `is none of ${Object.keys(readers).join(', ')}`
    if (typeof reading === 'string') errors.push({ field, message: reading })
    else if ('errors' in reading)
      errors.push(...reading.errors.map((one) => ({ ...one, field: `${field}${one.field}` })))
    else value[field] = reading.value
  }
  for (const field of required) if (!(field in input)) errors.push({ field, message: 'is required' })
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: value as T }
}

/** Undefined for what is no JSON, or no object. */
export function readObject(text: string): Record<string, unknown> | undefined {
  try {
    return asObject(JSON.parse(text))
  } catch {
    // JSON's own message quotes the input and says no more than that it is none.
    return undefined
  }
}

/** Undefined for a list, and for whatever else has no fields. */
export function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}

/** Takes a whole number from `least` to `most`. */
export function integer(value: unknown, least: number, most: number): Reading {
  const fits = typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
  return fits ? { value } : `must be a whole number from ${least} to ${most}`
}
