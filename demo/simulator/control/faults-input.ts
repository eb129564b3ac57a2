/** What `POST /sim/faults` is told, checked: one fault or a mix of them. */
import { NAMED_FAULTS, type AskedFault } from '../faults.ts'
import { FAULT_CODES } from '../soap/fault.ts'
import { OPERATIONS } from '../soap/operations/index.ts'
import { asObject, check, checkObject, integer, readObject, type Checked, type Reading, type Readers } from './validation.ts'

/** A message of which nothing could be read is one of an operation that is unknown. */
const OPERATION_NAMES = [...OPERATIONS.keys(), 'unknown']

/** What is asked for at once, and the seed of its chance. */
export interface FaultsInput {
  faults: AskedFault[]
  seed?: number
}

/** `{fault, …}` or `{faults: [{fault, …}, …]}`, and with either a `seed`. `text` is a request's body. */
export function readFaultsInput(text: string): Checked<FaultsInput> {
  const seed = (value: unknown): Reading => integer(value, 0, 2 ** 32 - 1)
  if (Object.hasOwn(readObject(text) ?? {}, 'faults')) return check(text, { faults: readMix, seed }, ['faults'])
  const one = check<AskedFault & { seed?: number }>(text, { ...FAULT_READERS, seed }, ['fault'])
  if (!one.ok) return one
  const { seed: given, ...fault } = one.value
  return { ok: true, value: { faults: [fault], ...(given !== undefined && { seed: given }) } }
}

const FAULT_READERS: Readers = {
  fault: (value) =>
    readFaultName(value) ?? `must be a code of Marketo's SOAP error table or one of ${NAMED_FAULTS.join(', ')}`,
  operation: (value) =>
    OPERATION_NAMES.some((name) => name === value) ? { value } : `must be one of ${OPERATION_NAMES.join(', ')}`,
  times: (value) => integer(value, 1, 1_000_000_000),
  rate: (value) => (typeof value === 'number' && value > 0 && value <= 1 ? { value } : 'must be above 0 and at most 1'),
  ms: (value) => integer(value, 0, 600_000),
}

/** 0.2, 0.4, 0.3 and 0.1 are a little more than 1. */
const ROUNDING = 1e-9

function readMix(list: unknown): Reading {
  if (!Array.isArray(list)) return 'must be a list'
  const checked = list.map(readOne)
  const errors = checked.flatMap((one, index) =>
    one.ok ? [] : one.errors.map(({ field, message }) => ({ field: `[${index}]${field && `.${field}`}`, message })),
  )
  if (errors.length > 0) return { errors }
  const faults = checked.flatMap((one) => (one.ok ? [one.value] : []))
  // One throw of the dice decides among them: what goes beyond 1 would never come.
  const crowded = OPERATION_NAMES.find((name) => ratesFor(name, faults) > 1 + ROUNDING)
  return crowded === undefined ? { value: faults } : `have rates that add up to more than 1 for ${crowded}`
}

function readOne(one: unknown): Checked<AskedFault> {
  const fault = asObject(one)
  if (!fault) return { ok: false, errors: [{ field: '', message: 'must be an object' }] }
  return checkObject(fault, FAULT_READERS, ['fault'])
}

function ratesFor(name: string, faults: readonly AskedFault[]): number {
  const fitting = faults.filter(({ operation }) => operation === undefined || operation === name)
  return fitting.reduce((sum, { rate = 0 }) => sum + rate, 0)
}

/** A code may come as a number. */
function readFaultName(value: unknown): { value: string } | undefined {
  const named = NAMED_FAULTS.find((name) => name === value)
  if (named) return { value: named }
  const code = FAULT_CODES.find((code) => code === value || Number(code) === value)
  return code === undefined ? undefined : { value: code }
}
