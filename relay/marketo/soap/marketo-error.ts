/** Defines the one error that the client throws, and the types of its fields. Decides nothing: see error.ts. */
import type { InputProblem } from './operations/check.ts'
import type { OperationName } from './operations/operation.ts'

/**
 * Code of a {@link MarketoError}: Marketo's digits, five over SOAP and three or four over REST, or one of these words.
 *
 * - `input`: rejected before anything was sent; `problems` lists the reasons
 * - `unsupported`: the transport of the client lacks the operation, or a field of the input; the message says what to use
 * - `fault`: an error of Marketo's without a number
 * - `unreadable`: a response that is not a reply of Marketo's, such as a proxy's page, a truncated reply or one that is too
 *   long
 * - `redirect`: the endpoint redirects, which is not followed
 * - `unreachable`: no connection, or one that was lost before the response began
 * - `timeout`: no complete reply within the timeout
 * - `aborted`: the caller's signal aborted
 * - `key`: the key cannot be used for signing
 * - `token`: over REST there is no access token, because the client is refused or identity does not answer
 * - `rate`: the `runCall` of the caller permits no call now
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
  | 'unsupported'
  | 'fault'
  | 'unreadable'
  | 'redirect'
  | 'unreachable'
  | 'timeout'
  | 'aborted'
  | 'key'
  | 'token'
  | 'rate'
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
 * Error as Marketo returned it: a SOAP fault, or an error of the REST API.
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
  /** Digits, for example `20105` over SOAP and `1006` over REST; null if there are none. */
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
  /** Marketo's digits, or a word of {@link MarketoErrorCode}. */
  declare readonly code: MarketoErrorCode
  /** Name of the operation, for example `syncLead`. */
  declare readonly operation: OperationName
  /** True if the same call may succeed later. The relay retries by the same table. */
  declare readonly retryable: boolean
  /** Minimum wait before a retry, in milliseconds; undefined if Marketo's answer implies none. */
  declare readonly retryAfter: number | undefined
  /** Limit that was exceeded, if any. HTTP 429 of a gateway counts as `rate`. */
  declare readonly limit: MarketoLimit | undefined
  /** True if Marketo may have executed the call all the same, because its reply was lost or not understood. */
  declare readonly uncertain: boolean
  /** Marketo's own error, if it returned one. */
  declare readonly fault: MarketoFault | undefined
  /** HTTP status, if there was a response. */
  declare readonly status: number | undefined
  /** All problems of the input, for the codes `input` and `unsupported`; otherwise empty. */
  declare readonly problems: readonly InputProblem[]

  constructor(message: string, details: MarketoErrorDetails, options?: ErrorOptions) {
    super(message, options)
    Object.assign(this, { retryable: false, uncertain: false, problems: [] }, details)
  }

  /** Returns all fields but `cause` and `stack`, and `problems` only if there are any. */
  toJSON(): Record<string, unknown> {
    // Message, cause and stack are not enumerable.
    const { name, message, problems } = this
    return { name, message, ...(this as object), problems: problems.length > 0 ? problems : undefined }
  }
}
