/**
 * Reads the leads of a call: names and values of the REST API become attributes by SOAP API name. Writes nothing.
 *
 * Of a live account is known: an unknown field refuses its record with 1006, and a read-only field is dropped without a
 * word. A value that is too long was seen to refuse the whole call (1077, HTTP 400).
 */
import type { Marketo } from '../marketo.ts'
import { valueProblem } from '../people/check-value.ts'
import type { RecordView } from '../view.ts'
import { errorText, type ErrorEntry } from './errors.ts'

export interface LeadInput {
  /** In the order of the record, without read-only fields and without the id. */
  attributes: { name: string; value: string }[]
  /** Why the record cannot be written. */
  problem?: ErrorEntry
  /** True: a value is longer than its field. */
  tooLong: boolean
}

/** Fields of every lead that no call writes. */
const SYSTEM_FIELDS: ReadonlySet<string> = new Set(['id', 'createdAt', 'updatedAt'])

export function readLead(
  { restFields }: Pick<Marketo, 'restFields'>,
  lead: Readonly<Record<string, unknown>>,
): LeadInput {
  const attributes: LeadInput['attributes'] = []
  const problems: ErrorEntry[] = []
  let tooLong = false
  const refuse = (code: string, message: string): void => void problems.push({ code, message })
  for (const [name, given] of Object.entries(lead)) {
    if (SYSTEM_FIELDS.has(name)) continue
    const field = restFields.get(name)
    if (!field) {
      refuse('1006', errorText('1006', name))
      continue
    }
    if (field.readOnly) continue
    const value = textOf(given)
    const problem = value === undefined ? undefined : valueProblem(field, value)
    if (problem?.kind === 'too-long') tooLong = true
    else if (value === undefined || problem)
      refuse('1001', errorText('1001', value ?? JSON.stringify(given), field.type))
    else if (name === 'email' && !isAscii(value)) refuse('1003', `Invalid data: field 'email' must be ASCII`)
    else attributes.push({ name: field.name, value: name === 'email' ? value.trim() : value })
  }
  const [problem] = problems
  return { attributes, tooLong, ...(problem && { problem }) }
}

/** Returns a JSON value as text. Null is an empty text. Undefined for an object or a list. */
export function textOf(value: unknown): string | undefined {
  if (value === null) return ''
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** Returns how a lead is shown in `/sim/calls`, before it was written. Unknown fields keep their names. */
export function recordView({ restFields }: Pick<Marketo, 'restFields'>, lead: unknown): RecordView {
  const { id, email, ...rest } = asObject(lead) ?? {}
  return {
    email: (typeof email === 'string' && email.trim().toLowerCase()) || null,
    ...(Number.isInteger(Number(id ?? Number.NaN)) && { id: Number(id) }),
    attributes: Object.fromEntries(
      Object.entries(rest).map(([name, value]) => [
        restFields.get(name)?.name ?? name,
        textOf(value) ?? JSON.stringify(value),
      ]),
    ),
    status: null,
    leadId: null,
  }
}

/** Returns undefined if the value is not a JSON object. */
export function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}

function isAscii(text: string): boolean {
  return /^[\u0020-\u007e]*$/.test(text.trim())
}
