/** What `/sim/` is told to do, checked: everything that is wrong with it at once, each by its field. */
import { NAMED_FAULTS, type AskedFault } from '../faults.ts'
import type { LimitSettings } from '../limits.ts'
import type { SyncRules } from '../people/sync.ts'
import type { AssignmentRule, Workspace } from '../people/workspaces.ts'
import type { Settings } from '../settings.ts'
import { FAULT_CODES } from '../soap/fault.ts'
import { OPERATIONS } from '../soap/operations/index.ts'

export interface InputProblem {
  field: string
  message: string
}

export type Checked<T> = { ok: true; value: T } | { ok: false; errors: InputProblem[] }

/** A message of which nothing could be read is one of an operation that is unknown. */
const OPERATION_NAMES = [...OPERATIONS.keys(), 'unknown']

/** `text` is a request's body. */
export function readFaultInput(text: string): Checked<AskedFault> {
  return check(
    text,
    {
      fault: (value) =>
        readFaultName(value) ?? `must be a code of Marketo's SOAP error table or one of ${NAMED_FAULTS.join(', ')}`,
      operation: (value) =>
        OPERATION_NAMES.some((name) => name === value) ? { value } : `must be one of ${OPERATION_NAMES.join(', ')}`,
      times: (value) => integer(value, 1, 1_000_000_000),
      rate: (value) =>
        typeof value === 'number' && value > 0 && value <= 1 ? { value } : 'must be above 0 and at most 1',
      ms: (value) => integer(value, 0, 600_000),
    },
    ['fault'],
  )
}

/** What is left out stays as it is. */
export function readLimitsInput(text: string): Checked<Partial<LimitSettings>> {
  const limit = (value: unknown): Reading => integer(value, 0, 1_000_000_000)
  return check(text, { ratePer20s: limit, concurrency: limit, daily: limit }, [])
}

/** What is left out stays as it is. `fields` are those that a rule may go by. */
export function readWorkspacesInput(
  text: string,
  fields: SyncRules['fields'],
): Checked<Pick<Partial<Settings>, 'workspaces' | 'rules'>> {
  return check(
    text,
    {
      workspaces: (value) =>
        value === 'any' || value === 'off' || (isListOf(value, isWorkspace) && haveNamesOfTheirOwn(value))
          ? { value }
          : 'must be "any", "off" or a list of names or of {name, partition}, no name twice',
      rules: (value) =>
        isListOf(value, isRule) && value.every(({ attribute }) => fields.has(attribute))
          ? { value }
          : 'must be a list of {attribute, value, partition}, each attribute the SOAP API name of a field',
    },
    [],
  )
}

export function readStrictInput(text: string): Checked<Pick<Settings, 'strict'>> {
  return check(text, { strict: (value) => (typeof value === 'boolean' ? { value } : 'must be true or false') }, [
    'strict',
  ])
}

/** The value as it is taken, or what it must be. */
type Reading = { value: unknown } | string

function check<T>(
  text: string,
  readers: Readonly<Record<string, (value: unknown) => Reading>>,
  required: readonly string[],
): Checked<T> {
  const input = readObject(text)
  if (!input) return { ok: false, errors: [{ field: 'body', message: 'must be a JSON object' }] }

  const value: Record<string, unknown> = {}
  const errors: InputProblem[] = []
  for (const [field, given] of Object.entries(input)) {
    const reader = Object.hasOwn(readers, field) ? readers[field] : undefined
    const reading = reader ? reader(given) : `is none of ${Object.keys(readers).join(', ')}`
    if (typeof reading === 'string') errors.push({ field, message: reading })
    else value[field] = reading.value
  }
  for (const field of required) if (!(field in input)) errors.push({ field, message: 'is required' })
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: value as T }
}

function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    // JSON's own message quotes the input and says no more than that it is none.
    return undefined
  }
}

function isWorkspace(value: unknown): value is string | Workspace {
  return isName(value) || isRecordOf(value, ['name', 'partition'])
}

/** "Default" is one name in any case of letters. */
function haveNamesOfTheirOwn(workspaces: readonly (string | Workspace)[]): boolean {
  const names = workspaces.map((one) => (typeof one === 'string' ? one : one.name))
  return new Set(names.map((name) => (/^default$/i.test(name) ? 'Default' : name))).size === names.length
}

function isRule(value: unknown): value is AssignmentRule {
  return isRecordOf(value, ['attribute', 'value', 'partition'])
}

function isListOf<One>(value: unknown, isOne: (one: unknown) => one is One): value is One[] {
  return Array.isArray(value) && value.every(isOne)
}

/** True for an object with just these fields, each a text that is not blank. */
function isRecordOf(value: unknown, fields: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  const entries = Object.entries(value)
  return entries.length === fields.length && entries.every(([name, text]) => fields.includes(name) && isName(text))
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== ''
}

/** A code may come as a number. */
function readFaultName(value: unknown): { value: string } | undefined {
  const named = NAMED_FAULTS.find((name) => name === value)
  if (named) return { value: named }
  const code = FAULT_CODES.find((code) => code === value || Number(code) === value)
  return code === undefined ? undefined : { value: code }
}

function integer(value: unknown, least: number, most: number): Reading {
  const fits = typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
  return fits ? { value } : `must be a whole number from ${least} to ${most}`
}
