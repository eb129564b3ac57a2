/**
 * Makes one request of the REST API for a client, and throws a `MarketoError` if it fails. It does not retry, log or store
 * anything.
 */
import { classify, explain } from '../rest/verdicts.ts'
import type { AssociateOptions } from '../rest/associate.ts'
import {
  createCall,
  type CallConfig,
  type CallResult,
  type Failure,
  type MarketoReason,
  type RestRequest,
} from '../rest/call.ts'
import { ruleFor } from '../rest/codes.ts'
import { findTimeoutProblem, refuseProblems, runAtOnce } from '../soap/client.ts'
import { codeOf, createError } from '../soap/error.ts'
import type { CallOptions } from '../soap/marketo.ts'
import type { MarketoError } from '../soap/marketo-error.ts'
import type { OperationName } from '../soap/operations/operation.ts'

/** Options of a client of the REST API, with all that it needs from the runtime. */
export interface RestClientOptions extends CallConfig, AssociateOptions {
  /** Timeout of each request in milliseconds, from 1 to 2,147,483,647. Defaults to 90,000. */
  timeout?: number | undefined
}

/** Makes one request and returns its result. */
export type Run = (
  operation: OperationName,
  request: RestRequest,
  options?: CallOptions,
) => Promise<CallResult & { kind: 'done' }>

const DEFAULT_TIMEOUT_MS = 90_000

/** Creates the function that makes requests. The endpoint has no path of the API. */
export function createRun({ timeout: defaultTimeout = DEFAULT_TIMEOUT_MS, ...config }: RestClientOptions): Run {
  const call = createCall(config)

  return async (operation, request, { timeout = defaultTimeout, signal, runCall = runAtOnce } = {}) => {
    refuseProblems(operation, findTimeoutProblem(timeout))
    return runCall(async () => {
      const result = await call(request, timeout, signal)
      if (result.kind === 'done') return result
      throw toError(operation, result, new URL(config.endpoint).host)
    })
  }
}

function toError(operation: OperationName, failure: Failure, host: string): MarketoError {
  const failureClass = classify(failure)
  const reason = explain(failure, host)
  const uncertain = failureClass.kind === 'failed' && failureClass.arrived === 'maybe'
  if (failure.kind !== 'error') {
    return createError(operation, reason, failure, failureClass, { code: codeOf(failure), uncertain })
  }
  const { code, message } = failure.error
  return createError(operation, message ? `${reason}: ${message}` : reason, { kind: 'error' }, failureClass, {
    code: code ?? 'fault',
    uncertain,
    fault: { code: code ?? null, name: ruleFor(code).name, message },
  })
}

/** Returns why Marketo has skipped a record: its code and its words. */
export const describeReason = ({ code = '', message }: MarketoReason): string => `${code} ${message}`.trim()
