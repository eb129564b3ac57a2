/** Reads parameters of a query as Marketo does: values are separated by commas, or repeated. Decides nothing about leads. */
import { errorText, RestError } from './errors.ts'

/** Returns the values of a parameter, without empty ones. */
export function valuesOf(query: URLSearchParams, name: string): string[] {
  return query
    .getAll(name)
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter(Boolean)
}

/**
 * Returns a parameter's text, the values of a repeated one joined by commas.
 *
 * @throws RestError 1002 if it is missing or empty
 */
export function requiredValue(query: URLSearchParams, name: string): string {
  const value = query.getAll(name).join(',').trim()
  if (value === '') throw new RestError('1002', errorText('1002', name))
  return value
}

/** Returns the parameter `batchSize`, at most `max`, which is also the default. */
export function pageSizeOf(query: URLSearchParams, max: number): number {
  return Math.min(readPositive(query.get('batchSize')) ?? max, max)
}

/** Returns a positive number, or undefined. */
export function readPositive(text: string | null): number | undefined {
  return text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined
}
