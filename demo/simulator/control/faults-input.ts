/** Validates the body of `POST /sim/faults`: one fault or a mix of faults. Adds none of them. */
import { meets, NAMED_FAULTS, type AskedFault, type FaultTarget } from '../faults.ts'
import { REST_CODES } from '../rest/errors.ts'
import { REST_OPERATIONS } from '../rest/operations/index.ts'
import { FAULT_CODES } from '../soap/fault.ts'
import { OPERATIONS } from '../soap/operations/index.ts'
import {
  asObject,
  readInteger,
  readObject,
  validateBody,
  validateObject,
  type FieldReaders,
  type FieldResult,
  type Validated,
} from './validation.ts'

/** `unknown` stands for messages that cannot be read. */
const TARGETS: readonly FaultTarget[] = [
  ...[...OPERATIONS.keys(), 'unknown'].map((operation) => ({ api: 'soap' as const, operation })),
  ...[...REST_OPERATIONS, 'unknown'].map((operation) => ({ api: 'rest' as const, operation })),
]
const OPERATION_NAMES = [...new Set(TARGETS.map(({ operation }) => operation))]

/** The requested faults, and the seed of the random numbers. */
export interface FaultsInput {
  faults: AskedFault[]
  seed?: number
}

/**
 * Reads `{fault, …}` or `{faults: [{fault, …}, …]}`, each with an optional `seed`.
 *
 * @param text body of a request
 */
export function readFaultsInput(text: string): Validated<FaultsInput> {
  const readSeed = (value: unknown): FieldResult => readInteger(value, 0, 2 ** 32 - 1)
  if (Object.hasOwn(readObject(text) ?? {}, 'faults'))
    return validateBody(text, { faults: readMix, seed: readSeed }, ['faults'])
  const single = validateBody<AskedFault & { seed?: number }>(text, { ...FAULT_READERS, seed: readSeed }, ['fault'])
  if (!single.ok) return single
  const { seed, ...fault } = single.value
  return { ok: true, value: { faults: [fault], ...(seed !== undefined && { seed }) } }
}

const FAULT_READERS: FieldReaders = {
  fault: (value) =>
    readFaultName(value) ?? `must be a code from Marketo's error tables or one of ${NAMED_FAULTS.join(', ')}`,
  operation: (value) =>
    OPERATION_NAMES.some((name) => name === value) ? { value } : `must be one of ${OPERATION_NAMES.join(', ')}`,
  text: (value) =>
    typeof value === 'string' && value !== '' ? { value } : 'must be a text that calls with this fault contain',
  email: readText,
  field: readText,
  level: (value) => (value === 'response' ? { value } : 'must be "response", or left out'),
  times: (value) => readInteger(value, 1, 1_000_000_000),
  rate: (value) => (typeof value === 'number' && value > 0 && value <= 1 ? { value } : 'must be above 0 and at most 1'),
  ms: (value) => readInteger(value, 0, 600_000),
}

function readText(value: unknown): FieldResult {
  return typeof value === 'string' && value.trim() !== '' ? { value } : 'must be a text'
}

/** Tolerance for sums of rates: 0.2 + 0.4 + 0.3 + 0.1 is slightly more than 1. */
const RATE_TOLERANCE = 1e-9

function readMix(list: unknown): FieldResult {
  if (!Array.isArray(list)) return 'must be a list'
  const results = list.map(readFault)
  const errors = results.flatMap((result, index) =>
    result.ok
      ? []
      : result.errors.map(({ field, message }) => ({ field: `[${index}]${field && `.${field}`}`, message })),
  )
  if (errors.length > 0) return { errors }
  const faults = results.flatMap((result) => (result.ok ? [result.value] : []))
  // One random number decides among the faults, so a part above 1 would never occur.
  const overfull = TARGETS.find((target) => totalRate(target, faults) > 1 + RATE_TOLERANCE)
  return overfull ? `have rates that add up to more than 1 for ${overfull.operation}` : { value: faults }
}

function readFault(value: unknown): Validated<AskedFault> {
  const fault = asObject(value)
  if (!fault) return { ok: false, errors: [{ field: '', message: 'must be an object' }] }
  return validateObject(fault, FAULT_READERS, ['fault'])
}

/** A fault for one address or for some texts has no rate among all calls. */
function totalRate(target: FaultTarget, faults: readonly AskedFault[]): number {
  const applicable = faults.filter(
    (fault) => fault.email === undefined && fault.text === undefined && meets(fault, target),
  )
  return applicable.reduce((sum, { rate = 0 }) => sum + rate, 0)
}

/** Accepts a code as a string or a number. */
function readFaultName(value: unknown): { value: string } | undefined {
  const named = NAMED_FAULTS.find((name) => name === value)
  if (named) return { value: named }
  const code = [...FAULT_CODES, ...REST_CODES].find((code) => code === value || Number(code) === value)
  return code === undefined ? undefined : { value: code }
}
