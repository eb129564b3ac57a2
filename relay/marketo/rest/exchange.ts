/** Sends one request and reads its answer as a JSON object, whatever its type says. It knows neither tokens nor codes. */
import { hostOf, isRedirect, parseRetryAfter, type HttpFailure } from '../http-failure.ts'
import { cancelStream, readBody } from '../response-body.ts'

/** Sends a request, as the Fetch standard's `fetch` does. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export type Json = Readonly<Record<string, unknown>>

/** Answer to a request. `ok` is true for a status of 2xx. */
export type Answer = { kind: 'json'; status: number; ok: boolean; value: Json } | HttpFailure

/** Default of the maximum size of an answer, in bytes: the results of 300 records with several reasons each. */
const MAX_BYTES = 1_000_000

const TOO_MANY_REQUESTS = 429

/** Sends a request without following redirects. Never rejects. */
export async function exchange(fetch: Fetch, url: string, init: RequestInit, maxBytes = MAX_BYTES): Promise<Answer> {
  let response: Response
  try {
    response = await fetch(url, { ...init, redirect: 'manual' })
  } catch (error) {
    return { kind: 'unreachable', error }
  }
  const { status, headers } = response
  if (isRedirect(status)) {
    cancelStream(response.body)
    return { kind: 'redirect', status, host: hostOf(headers.get('Location'), url) }
  }
  const after = parseRetryAfter(headers.get('Retry-After'))
  const body = await readBody(response, maxBytes)
  const read = body.kind === 'text' ? parseObject(body.text) : body.cause
  // A gateway's limit has its own header, whatever its page says.
  if (typeof read !== 'string' && status !== TOO_MANY_REQUESTS) {
    return { kind: 'json', status, ok: response.ok, value: read }
  }
  const cause = typeof read === 'string' ? read : 'too many requests'
  return { kind: 'unreadable', status, cause, ...(after !== undefined && { after }) }
}

/** Returns the object that a text holds, or the reason why it holds none. The reason never quotes the text. */
function parseObject(text: string): Json | string {
  if (text.trim() === '') return 'empty'
  if (/^\s*</.test(text)) return 'an HTML page'
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : 'not a JSON object'
  } catch {
    return 'malformed JSON'
  }
}

/** Returns the first record of a result; an empty object if there is none. */
export function firstRecord(result: unknown): Json {
  return Array.isArray(result) && isObject(result[0]) ? result[0] : {}
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
