/** What a program gets when a call came to nothing: one class, told apart by its code. */
import { explain, classifyFailure } from './classify-failure.ts'
import { ruleFor, type FailureClass } from './fault-codes.ts'
import type { InputProblem } from './operations/check.ts'
import type { OperationName } from './operations/operation.ts'
import type { Failure } from './call-result.ts'

/**
 * Five digits are Marketo's. Of ours:
 *
 * - `input`: refused before anything was sent; see `problems`
 * - `fault`: a SOAP fault without a number
 * - `unreadable`: something answered, and not as Marketo does: a proxy's page, half a reply, one that is too long
 * - `redirect`: the endpoint sends elsewhere, which is not followed
 * - `unreachable`: no connection, or none that lasted until an answer
 * - `timeout`: no whole answer in time
 * - `aborted`: the caller's signal
 * - `key`: the key cannot be used for signing
 */
export type MarketoErrorCode =
  | 'input'
  | 'fault'
  | 'unreadable'
  | 'redirect'
  | 'unreachable'
  | 'timeout'
  | 'aborted'
  | 'key'
  | (string & {})

/** `rate`: calls in 20 seconds · `concurrency`: calls at once · `day`: the daily quota. */
export type MarketoLimit = 'rate' | 'concurrency' | 'day'

interface Details {
  code: MarketoErrorCode
  operation: OperationName
  retryable?: boolean
  retryAfter?: number | undefined
  limit?: MarketoLimit | undefined
  uncertain?: boolean
  fault?: MarketoFault | undefined
  status?: number | undefined
  problems?: readonly InputProblem[]
}

/** A fault as Marketo words it. */
export interface MarketoFault {
  /** `20105`; null where the fault has no number. */
  code: string | null
  /** By Marketo's table: `Lead Attribute Bad`. */
  name: string
  /** Marketo's own words, without signatures. They may hold a person's data: `No lead found with EMAIL = …`. */
  message: string
}

/**
 * A call that came to nothing. Neither its message nor its JSON holds a key or a signature; the message ends with
 * Marketo's own words, where there are any, and so may hold a person's data. `code` and `fault.name` never do.
 *
 * `cause` is what the runtime threw, where it threw: it stays out of the JSON, and what it quotes is not known here.
 */
export class MarketoError extends Error {
  override readonly name = 'MarketoError'
  readonly code: MarketoErrorCode
  readonly operation: OperationName
  /** Whether the same call may go through later, by the table that the relay retries by. */
  readonly retryable: boolean
  /** Milliseconds to wait at the least, where Marketo's answer implies it. */
  readonly retryAfter: number | undefined
  /** Which of Marketo's limits was met, where one was; a gateway's for a rate is told as Marketo's. */
  readonly limit: MarketoLimit | undefined
  /** Whether the call may have been carried out all the same: its answer was lost, or not understood. */
  readonly uncertain: boolean
  readonly fault: MarketoFault | undefined
  /** HTTP's, where there was an answer. */
  readonly status: number | undefined
  /** For `input`: all that is wrong, by place. No value is quoted. */
  readonly problems: readonly InputProblem[]

  constructor(message: string, details: Details, options?: ErrorOptions) {
    super(message, options)
    this.code = details.code
    this.operation = details.operation
    this.retryable = details.retryable ?? false
    this.retryAfter = details.retryAfter
    this.limit = details.limit
    this.uncertain = details.uncertain ?? false
    this.fault = details.fault
    this.status = details.status
    this.problems = details.problems ?? []
  }

  toJSON(): Record<string, unknown> {
    const { name, message, code, operation, retryable, retryAfter, limit, uncertain, fault, status, problems } = this
    const some = problems.length > 0 ? problems : undefined
    return { name, message, code, operation, retryable, retryAfter, limit, uncertain, fault, status, problems: some }
  }
}

/** Refused before a call was spent. */
export function inputError(operation: OperationName, problems: readonly InputProblem[]): MarketoError {
  const words = problems.map(({ field, message }) => [field, message].filter(Boolean).join(' '))
  return new MarketoError(`${operation}: ${words.join('; ')}`, { code: 'input', operation, problems })
}

/** @param host who was asked */
export function errorOf(operation: OperationName, failure: Failure, host: string): MarketoError {
  const fate = classifyFailure(failure)
  const fault = failure.kind === 'fault' ? faultOf(failure.fault) : undefined
  const message = `${operation}: ${explain(failure, host, fault?.message)}`
  const details: Details = {
    code: codeOf(failure),
    operation,
    // Whoever aborts a call does not want it again.
    retryable: passes(fate) && failure.kind !== 'aborted',
    retryAfter: pauseAfter(failure, fate),
    limit: fate.kind === 'limited' ? fate.limit : undefined,
    uncertain: mayBeDone(failure),
    fault,
    status: 'status' in failure ? failure.status : undefined,
  }
  return new MarketoError(message, details, 'error' in failure ? { cause: failure.error } : undefined)
}

/** Whether it may be otherwise later. */
function passes({ kind }: FailureClass): boolean {
  return kind === 'failed' || kind === 'limited'
}

/** The daily quota comes back at midnight US Central; until then, one call an hour finds out. */
const HOUR = 3_600_000

function pauseAfter(failure: Failure, fate: FailureClass): number | undefined {
  if (fate.kind === 'failed') return fate.waitMs
  if (fate.kind !== 'limited') return undefined
  // A gateway's limit is not Marketo's: no pause is known but the one that it asks for.
  if (failure.kind === 'unreadable') return failure.after
  return fate.limit === 'day' ? HOUR : fate.waitMs
}

/** Marketo stumbled, nobody knows where. */
const INTERNAL = new Set(['10001', '20011'])

/** Whether Marketo may have carried the call out all the same. */
function mayBeDone(failure: Failure): boolean {
  switch (failure.kind) {
    case 'fault':
      return INTERNAL.has(failure.fault.code ?? '')
    case 'unreadable':
      return passes(classifyFailure(failure))
    case 'unreachable': {
      const fate = classifyFailure(failure)
      return !(fate.kind === 'failed' && fate.arrived === 'no')
    }
    case 'aborted':
      return failure.sent
    case 'late':
      return true
    case 'redirect':
    case 'unsigned':
      return false
    default:
      return failure satisfies never
  }
}

function codeOf(failure: Failure): MarketoErrorCode {
  if (failure.kind === 'fault') return failure.fault.code ?? 'fault'
  if (failure.kind === 'late') return 'timeout'
  return failure.kind === 'unsigned' ? 'key' : failure.kind
}

/** Forty hexadecimal digits, as a reply that quotes the request would hold. */
const SIGNATURE = /\b[0-9a-f]{40}\b/gi

function faultOf({ code, message }: { code: string | undefined; message: string }): MarketoFault {
  const words = message
    .replace(/ ?\([0-9]{1,6}\)\s*$/, '')
    .replace(SIGNATURE, '[signature]')
    .trim()
  return { code: code ?? null, name: ruleFor(code).name, message: words }
}
