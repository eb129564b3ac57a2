/** Turns a failed call, or an invalid input, into a `MarketoError`. Pure: it decides no retry and sends nothing. */
import type { FailureClass } from '../failure-class.ts'
import { explain, classifyFailure } from './classify-failure.ts'
import { ruleFor } from './fault-codes.ts'
import { MarketoError, type MarketoErrorCode, type MarketoErrorDetails, type MarketoFault } from './marketo-error.ts'
import type { InputProblem } from './operations/check.ts'
import type { OperationName } from './operations/operation.ts'
import type { Failure } from './call-result.ts'

/** Creates the error for an input that was rejected before anything was sent. */
export function createInputError(
  operation: OperationName,
  problems: readonly InputProblem[],
  code: 'input' | 'unsupported' = 'input',
): MarketoError {
  const lines = problems.map(({ field, message }) => [field, message].filter(Boolean).join(' '))
  return new MarketoError(`${operation}: ${lines.join('; ')}`, { code, operation, problems })
}

/**
 * Creates the error for a failed call.
 *
 * @param host - host of the endpoint, for the message
 */
export function createCallError(operation: OperationName, failure: Failure, host: string): MarketoError {
  const failureClass = classifyFailure(failure)
  const fault = failure.kind === 'fault' ? readMarketoFault(failure.fault) : undefined
  return createError(operation, explain(failure, host, fault?.message), failure, failureClass, {
    code: fault ? (fault.code ?? 'fault') : codeOf(failure),
    uncertain: mayHaveBeenExecuted(failure),
    fault,
  })
}

/** Creates the error for a failure of either API: adds what follows from its class. */
export function createError(
  operation: OperationName,
  reason: string,
  failure: { kind: string; after?: number; status?: number; error?: unknown },
  failureClass: FailureClass,
  details: Omit<MarketoErrorDetails, 'operation'>,
): MarketoError {
  const all: MarketoErrorDetails = {
    ...details,
    operation,
    // A caller that aborted a call does not want a retry.
    retryable: isRetryable(failureClass) && failure.kind !== 'aborted',
    retryAfter: retryAfterOf(failure, failureClass),
    limit: failureClass.kind === 'limited' ? failureClass.limit : undefined,
    status: failure.status,
  }
  return new MarketoError(`${operation}: ${reason}`, all, 'error' in failure ? { cause: failure.error } : undefined)
}

function isRetryable({ kind }: FailureClass): boolean {
  return kind === 'failed' || kind === 'limited'
}

/** Pause after the daily quota is used up. It is reset at midnight US Central; one call an hour finds that out. */
const DAY_LIMIT_RETRY_MS = 3_600_000

/** Returns the pause that an answer implies, in ms. `after` is the `Retry-After` of a gateway. */
function retryAfterOf(failure: { kind: string; after?: number }, failureClass: FailureClass): number | undefined {
  if (failureClass.kind === 'failed') return failureClass.waitMs
  if (failureClass.kind !== 'limited') return undefined
  // A gateway's limit is not Marketo's: the only known pause is the one in its `Retry-After`.
  if (failure.kind === 'unreadable') return failure.after
  return failureClass.limit === 'day' ? DAY_LIMIT_RETRY_MS : failureClass.waitMs
}

/** Codes of "Internal Error", which do not tell whether the call was executed. */
const INTERNAL_ERROR_CODES = new Set(['10001', '20011'])

function mayHaveBeenExecuted(failure: Failure): boolean {
  switch (failure.kind) {
    case 'fault':
      return INTERNAL_ERROR_CODES.has(failure.fault.code ?? '')
    case 'unreadable':
      return isRetryable(classifyFailure(failure))
    case 'unreachable': {
      const failureClass = classifyFailure(failure)
      return !(failureClass.kind === 'failed' && failureClass.arrived === 'no')
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

/** Returns the word for a failure that is no error of Marketo's. */
export function codeOf({ kind }: { kind: string }): MarketoErrorCode {
  return WORDS[kind] ?? kind
}

const WORDS: Readonly<Record<string, string>> = { late: 'timeout', unsigned: 'key', 'no-token': 'token' }

/** 40 hexadecimal digits, as in a fault that quotes the request. */
const SIGNATURE = /\b[0-9a-f]{40}\b/gi

function readMarketoFault({ code, message }: { code: string | undefined; message: string }): MarketoFault {
  const redacted = message
    .replace(/ ?\([0-9]{1,6}\)\s*$/, '')
    .replace(SIGNATURE, '[signature]')
    .trim()
  return { code: code ?? null, name: ruleFor(code).name, message: redacted }
}
