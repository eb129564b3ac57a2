/**
 * Makes one call of the REST API: takes a token, sends, reads the envelope, and repeats once with a new token. The only
 * file of the folder, with the token's, that sends anything.
 *
 * Keeps no state between calls but the token's, and logs nothing.
 */
import type { FailureClass } from '../failure-class.ts'
import type { HttpFailure } from '../http-failure.ts'
import { withTimeout } from '../with-timeout.ts'
import { exchange, isObject, type Fetch, type Json } from './exchange.ts'
import { createTokens, type Client, type TokenFailure } from './token.ts'

export interface CallConfig extends Client {
  fetch: Fetch
  /** Returns the current time in epoch milliseconds. */
  now: () => number
}

export interface RestRequest {
  method: 'GET' | 'POST'
  /** Path after the endpoint, with its query: `/rest/v1/leads.json`. */
  path: string
  /** JSON text, unless `contentType` says otherwise. */
  body?: string
  contentType?: string
  /** Maximum size of the answer, in bytes. */
  maxBytes?: number
}

/** An error or a reason of Marketo's. `message` may quote values and cookies: it is read, and never told. */
export interface MarketoReason {
  /** Code of one to five digits; undefined if there is none. */
  code: string | undefined
  message: string
}

export type Failure =
  | HttpFailure
  /** There was no access token, and no request was sent. */
  | TokenFailure
  /** Marketo answered with `success: false`. */
  | { kind: 'error'; error: MarketoReason }

/** `next` is the token of the next page, where there is one. */
export type CallResult = { kind: 'done'; result: unknown; next?: unknown } | Failure

/** Makes one call, at most this many milliseconds long, or until the signal aborts. Never rejects. */
export type Call = (request: RestRequest, timeout: number, signal?: AbortSignal) => Promise<CallResult>

/** Errors "Access token not specified", "invalid" and "expired". */
const TOKEN_ERRORS: ReadonlySet<string | undefined> = new Set(['600', '601', '602'])

/** A call that has waited for its token for its whole time. */
const NOT_SENT: FailureClass = { kind: 'failed', fault: 'account', arrived: 'no' }

/** Creates the call function of one account. */
export function createCall({ fetch, now, ...client }: CallConfig): Call {
  const tokens = createTokens(client, fetch, now)

  async function attempt(request: RestRequest, token: string, signal: AbortSignal): Promise<CallResult> {
    const { method, path, body, contentType = 'application/json', maxBytes } = request
    const headers = {
      Authorization: `Bearer ${token}`,
      Accept: 'application/json',
      // Marketo answers a POST without this header, even one without a body, with error 612.
      ...(method === 'POST' && { 'Content-Type': contentType }),
    }
    const init = { method, headers, signal, ...(body !== undefined && { body }) }
    const answer = await exchange(fetch, `${client.endpoint}${path}`, init, maxBytes)
    return answer.kind === 'json' ? readEnvelope(answer) : answer
  }

  return (request, timeout, outer) => {
    let isSent = false
    return withTimeout<CallResult>(
      { timeout, signal: outer },
      async (signal) => {
        const first = await tokens.get()
        if (first.kind !== 'token') return first
        isSent = !signal.aborted
        const result = await attempt(request, first.token, signal)
        if (result.kind !== 'error' || !TOKEN_ERRORS.has(result.error.code)) return result
        isSent = false
        const second = await tokens.renew(first.token)
        if (second.kind !== 'token') return second
        isSent = !signal.aborted
        return attempt(request, second.token, signal)
      },
      (stop) => {
        if (stop === 'aborted') return { kind: 'aborted', error: outer?.reason as unknown, sent: isSent }
        return isSent
          ? { kind: 'late', timeout }
          : { kind: 'no-token', failureClass: NOT_SENT, reason: `no access token within ${timeout / 1000} s` }
      },
    )
  }
}

/** Reads an envelope under any status; a success only with 2xx. */
function readEnvelope({ status, ok, value }: { status: number; ok: boolean; value: Json }): CallResult {
  const [error] = reasonsIn(value.errors)
  if (error) return { kind: 'error', error }
  if (value.success === false) return { kind: 'error', error: { code: undefined, message: '' } }
  if (value.success === true && ok) return { kind: 'done', result: value.result, next: value.nextPageToken }
  return { kind: 'unreadable', status, cause: 'not a reply of the REST API' }
}

/** Maximum number of characters that are read of a message: it is searched for the names and values of 300 leads. */
const MAX_MESSAGE_LENGTH = 2_000

/** Reads a list of `{code, message}`, or a lone one. A code may be a number; a list may hold plain texts. */
export function reasonsIn(list: unknown): MarketoReason[] {
  const entries = Array.isArray(list) ? list : list === undefined || list === null ? [] : [list]
  return entries.map((entry: unknown) => {
    const { code, message } = isObject(entry) ? entry : { code: undefined, message: entry }
    const digits = typeof code === 'number' || typeof code === 'string' ? String(code).trim() : ''
    return {
      code: /^[0-9]{1,5}$/.test(digits) ? digits : undefined,
      message: typeof message === 'string' ? message.slice(0, MAX_MESSAGE_LENGTH) : '',
    }
  })
}
