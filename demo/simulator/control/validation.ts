/** Validates the input of `/sim/…` field by field and reports all problems at once. Knows no route. */

export interface InputProblem {
  /** Name of the field, or the path to it. */
  field: string
  message: string
}

/** The parsed input, or all problems with it. */
export type Validated<T> = { ok: true; value: T } | { ok: false; errors: InputProblem[] }

/** The accepted value, or what the field must be, or the problems of its parts with paths relative to the field. */
export type FieldResult = { value: unknown } | { errors: InputProblem[] } | string

/** A parser for each field, by name. */
export type FieldReaders = Readonly<Record<string, (value: unknown) => FieldResult>>

/** @param text body of a request */
export function validateBody<T>(text: string, readers: FieldReaders, required: readonly string[]): Validated<T> {
  const input = readObject(text)
  if (!input) return { ok: false, errors: [{ field: 'body', message: 'must be a JSON object' }] }
  return validateObject(input, readers, required)
}

export function validateObject<T>(
  input: Readonly<Record<string, unknown>>,
  readers: FieldReaders,
  required: readonly string[],
): Validated<T> {
  const value: Record<string, unknown> = {}
  const errors: InputProblem[] = []
  for (const [field, given] of Object.entries(input)) {
    const reader = Object.hasOwn(readers, field) ? readers[field] : undefined
    const result = reader ? reader(given) : `is an unknown field; allowed are ${Object.keys(readers).join(', ')}`
    if (typeof result === 'string') errors.push({ field, message: result })
    else if ('errors' in result)
      errors.push(...result.errors.map((problem) => ({ ...problem, field: `${field}${problem.field}` })))
    else value[field] = result.value
  }
  for (const field of required) if (!(field in input)) errors.push({ field, message: 'is required' })
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: value as T }
}

/** Parses JSON. Returns undefined if the text is not a JSON object. */
export function readObject(text: string): Record<string, unknown> | undefined {
  try {
    return asObject(JSON.parse(text))
  } catch {
    // The parser's message would quote the input.
    return undefined
  }
}

/** Returns undefined if the value is an array or not an object. */
export function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}

/** Accepts a whole number from `min` to `max`. */
export function readInteger(value: unknown, min: number, max: number): FieldResult {
  const isValid = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
  return isValid ? { value } : `must be a whole number from ${min} to ${max}`
}
