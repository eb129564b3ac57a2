/** Which of our values a Marketo field of a type takes. Pure. Source: Adobe's page "Field Types". */
import type { Field } from '../config/forms.ts'

type Kind = 'text' | 'number' | 'date' | 'boolean'

/** Kinds by Marketo's type. A type that is not here is not judged. */
const KINDS: Readonly<Record<string, Kind>> = {
  string: 'text',
  text: 'text',
  textarea: 'text',
  email: 'text',
  phone: 'text',
  url: 'text',
  integer: 'number',
  float: 'number',
  currency: 'number',
  percent: 'number',
  score: 'number',
  date: 'date',
  datetime: 'date',
  boolean: 'boolean',
}

/** Types whose values have the form that Marketo's kind needs, and what to write in the forms file instead. */
const ADVICE: Readonly<Record<Exclude<Kind, 'text'>, string>> = {
  number: '"type": "number"',
  date: '"type": "date"',
  boolean: '"type": "boolean"',
}

const PATTERNS: Readonly<Record<Exclude<Kind, 'text'>, RegExp>> = {
  number: /^-?\d+(\.\d+)?$/,
  date: /^\d{4}-\d{2}-\d{2}(T.*)?$/,
  boolean: /^(true|false|1|0)$/i,
}

/** Returns what to write for a field whose values Marketo's type does not take; undefined if it takes them. */
export function typeAdvice({ type, options, multiple }: Field, dataType: string): string | undefined {
  const kind = KINDS[dataType]
  if (kind === undefined || kind === 'text') return undefined
  if (type === kind) return undefined
  if (type === 'choice' && !multiple && options.every(({ value }) => PATTERNS[kind].test(value))) return undefined
  return ADVICE[kind]
}

/** Returns whether Marketo's type takes this value. */
export function takesValue(value: string, dataType: string): boolean {
  const kind = KINDS[dataType]
  return kind === undefined || kind === 'text' || PATTERNS[kind].test(value)
}

/** Returns the length of the longest value that a field can have, in characters; 0 where the type limits it. */
export function maxValueLength({ type, maxLength, options, multiple }: Field): number {
  if (type === 'choice') {
    const lengths = options.map(({ value }) => value.length)
    // Several chosen options are joined by semicolons.
    return multiple ? lengths.reduce((sum, length) => sum + length + 1, -1) : Math.max(0, ...lengths)
  }
  return type === 'boolean' || type === 'date' || type === 'number' ? 0 : maxLength
}
