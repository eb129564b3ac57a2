/** Defines the one error that the client throws, and the types of its fields. Decides nothing: see error.ts. */
import type { InputProblem } from './operations/check.ts'
import type { OperationName } from './operations/operation.ts'

/**
 * Code of a {@link MarketoError}: five digits of Marketo's, or one of these words.
 *
 * - `input`: rejected before anything was sent; `problems` lists the reasons
 * - `fault`: a SOAP fault without a number
 * - `unreadable`: a response that is not a reply of Marketo's, such as a proxy's page, a truncated reply or one that is too
 *   long
 * - `redirect`: the endpoint redirects, which is not followed
 * - `unreachable`: no connection, or one that was lost before the response began
 * - `timeout`: no complete reply within the timeout
 * - `aborted`: the caller's signal aborted
 * - `key`: the key cannot be used for signing
 *
 * Source of the five digits: Marketo's page "Error Codes".
 *
 * @example
 *
 * ```ts
 * const code: MarketoErrorCode = '20105'
 * ```
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

/**
 * Limit of Marketo's that a call exceeded: `rate` (100 calls in 20 seconds), `concurrency` (10 calls at once) or `day`
 * (the daily quota).
 *
 * Source: Marketo's page "Error Codes", 20015, 20023 and 20024.
 *
 * @example
 *
 * ```ts
 * const limit: MarketoLimit = 'concurrency'
 * ```
 */
export type MarketoLimit = 'rate' | 'concurrency' | 'day'

export interface MarketoErrorDetails {
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

/**
 * SOAP fault as Marketo returned it.
 *
 * Source: Marketo's page "Error Codes"; SOAP 1.1, section 4.4.
 *
 * @example
 *
 * ```ts
 * const fault: MarketoFault = {
 *   code: '20105',
 *   name: 'Lead Attribute Bad',
 *   message: 'syncLead operation failed: unknown fields for import: nosuchfield',
 * }
 * ```
 */
export interface MarketoFault {
  /** Five digits, for example `20105`; null if the fault has no number. */
  code: string | null
  /** Name of the code in Marketo's table, for example `Lead Attribute Bad`; `unknown fault` for any other code. */
  name: string
  /** Marketo's message, without signatures. May contain personal data: `No lead found with EMAIL = …`. */
  message: string
}

/**
 * Error of a call that failed, or that was rejected before anything was sent.
 *
 * Neither message nor JSON contains a key or a signature. The message ends with Marketo's own, if there is one, and so
 * may contain personal data; `code` and `fault.name` never do. `cause` is the error that the runtime threw, if any: the
 * JSON leaves it out, because its content is unknown.
 *
 * @example
 *
 * ```ts
 * try {
 *   await marketo.syncLead({ email: 'ana@acme.example' })
 * } catch (error) {
 *   if (!(error instanceof MarketoError)) throw error
 *   console.error(error.code, error.fault?.name, error.retryable, error.retryAfter)
 * }
 * ```
 */
export class MarketoError extends Error {
  override readonly name = 'MarketoError'
  /** Marketo's five digits, or a word of {@link MarketoErrorCode}. */
  readonly code: MarketoErrorCode
  /** Name of the operation, for example `syncLead`. */
  readonly operation: OperationName
  /** True if the same call may succeed later. The relay retries by the same table. */
  readonly retryable: boolean
  /** Minimum wait before a retry, in milliseconds; undefined if Marketo's answer implies none. */
  readonly retryAfter: number | undefined
  /** Limit that was exceeded, if any. HTTP 429 of a gateway counts as `rate`. */
  readonly limit: MarketoLimit | undefined
  /** True if Marketo may have executed the call all the same, because its reply was lost or not understood. */
  readonly uncertain: boolean
  /** SOAP fault, if Marketo returned one. */
  readonly fault: MarketoFault | undefined
  /** HTTP status, if there was a response. */
  readonly status: number | undefined
  /** All problems of the input, for the code `input`; otherwise empty. */
  readonly problems: readonly InputProblem[]

  constructor(message: string, details: MarketoErrorDetails, options?: ErrorOptions) {
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

  /** Returns all fields but `cause` and `stack`, and `problems` only if there are any. */
  toJSON(): Record<string, unknown> {
    const { name, message, code, operation, retryable, retryAfter, limit, uncertain, fault, status } = this
    const problems = this.problems.length > 0 ? this.problems : undefined
    return { name, message, code, operation, retryable, retryAfter, limit, uncertain, fault, status, problems }
  }
}
