/**
 * Calls that got no answer of Marketo's: what such a failure means for its lead, and its reason in a sentence. The same for
 * SOAP and REST. Pure.
 */
import { DOUBTFUL, NEVER, RATE_WINDOW_MS, type FailureClass } from './failure-class.ts'
import { BAD_PORT, neverConnected } from './never-connected.ts'

export type HttpFailure =
  /** The response was not a reply of Marketo's. `after` is its `Retry-After`, in milliseconds. */
  | { kind: 'unreadable'; status: number; cause: string; after?: number }
  /** The endpoint redirected. Redirects are not followed, because a call carries personal data and credentials. */
  | { kind: 'redirect'; status: number; host: string }
  /** The connection failed, or was lost before the response began. */
  | { kind: 'unreachable'; error: unknown }
  /** The call took longer than `timeout`, in milliseconds. */
  | { kind: 'late'; timeout: number }
  /** The caller aborted. `sent` is true if the request may have reached Marketo by then. */
  | { kind: 'aborted'; error: unknown; sent: boolean }

/**
 * Statuses of a gateway that refuses: all calls (401 and 403: no access; 404, 405 and 410: no API at this address; 451), or
 * those whose text its rules forbid.
 */
const REFUSALS = new Set([401, 403, 404, 405, 410, 451])

/** A gateway refuses this lead, or every lead. */
const REFUSED: FailureClass = { kind: 'blocked', gateway: true, maxAttempts: 3 }

/** Number of attempts of a lead that is lost on the way, or answered by something else, while others get through. */
const MAX_GATEWAY_ATTEMPTS = 8

/** Statuses of a gateway that no longer waits for Marketo, or has lost it. Marketo may be processing the call. */
const GATEWAY_TIMEOUTS = new Set([502, 504])

const TOO_MANY_REQUESTS = 429

/** The answer is not Marketo's, or there is none. */
const LOST = { kind: 'failed', fault: 'account', maxAttempts: MAX_GATEWAY_ATTEMPTS, gateway: true } as const

/** Statuses of a gateway that takes no request of this size (RFC 9110, 15.5.14 and 15.5.15). */
const TOO_LARGE = new Set([413, 414])

/** Returns what a failure means for a lead that went alone. */
export function classifyHttpFailure(failure: HttpFailure): FailureClass {
  switch (failure.kind) {
    case 'unreadable':
      return classifyHttpStatus(failure)
    case 'unreachable':
      if (neverConnected(failure.error)) return { kind: 'failed', fault: 'account', arrived: 'no' }
      // Something on the way may cut the connection for what this lead holds.
      return { ...LOST, arrived: 'maybe' }
    case 'late':
      return { kind: 'failed', fault: 'lead', arrived: 'maybe' }
    case 'redirect':
      return REFUSED
    case 'aborted':
      return failure.sent ? { ...DOUBTFUL, arrived: 'maybe' } : DOUBTFUL
    default:
      return failure satisfies never
  }
}

/**
 * Classifies a reply by its HTTP status. A server that answers, even with half a reply or a page of its own, has finished
 * with the request: only a gateway's time-out leaves open whether Marketo has.
 */
function classifyHttpStatus({ status, after }: { status: number; after?: number }): FailureClass {
  if (REFUSALS.has(status)) return REFUSED
  if (TOO_LARGE.has(status)) return NEVER
  if (status === TOO_MANY_REQUESTS) return { kind: 'limited', limit: 'rate', waitMs: after ?? RATE_WINDOW_MS }
  const arrived = GATEWAY_TIMEOUTS.has(status) ? 'maybe' : 'yes'
  return { ...LOST, arrived, ...(after !== undefined && { waitMs: after }) }
}

/**
 * Returns the reason of a failure, for a person. It quotes nothing of the reply.
 *
 * @param host the host that was called
 * @param api name of the API that was called
 */
export function explainHttpFailure(failure: HttpFailure, host: string, api: 'SOAP' | 'REST'): string {
  switch (failure.kind) {
    case 'unreadable': {
      if (TOO_LARGE.has(failure.status)) return `HTTP ${failure.status} from ${host}: the request is too large`
      const advice = blockedBy(failure.status, api)
      return `HTTP ${failure.status} from ${host}: ${failure.cause}${advice && `; ${advice}`}`
    }
    case 'redirect':
      return `HTTP ${failure.status} from ${host}: a redirect to ${failure.host || 'elsewhere'}`
    case 'unreachable':
      return `cannot reach ${host} (${nameOf(failure.error)})`
    case 'late':
      return `no reply from ${host} within ${failure.timeout / 1000} s`
    case 'aborted':
      return 'the call was aborted'
    default:
      return failure satisfies never
  }
}

/** Returns `head: words (advice)`, each part where there is one. */
export function sentence(head: string, words: string, advice = ''): string {
  return `${head.trim()}${words && `: ${words}`}${advice && ` (${advice})`}`
}

/**
 * Returns an error's code, such as ECONNREFUSED, or else its class. Never its message, which may quote anything; one known
 * message alone stands for the code that its error lacks.
 */
export function nameOf(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(inner instanceof Error)) return 'unknown error'
  if (inner.message === BAD_PORT) return BAD_PORT
  return 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.name
}

/** Returns why a status means that no call gets through; empty for other statuses. */
function blockedBy(status: number, api: string): string {
  if (status === 401 || status === 403) return 'a gateway before the API refuses access'
  if (status === 451) return 'a gateway before the API refuses access for legal reasons'
  return REFUSALS.has(status) ? `there is no ${api} API at this endpoint` : ''
}

/** Returns whether a status is a redirect. Some runtimes return one without its status for `redirect: 'manual'`. */
export function isRedirect(status: number): boolean {
  return status === 0 || (status >= 300 && status < 400)
}

/** Maximum pause that a `Retry-After` header can ask for, in seconds. */
const MAX_RETRY_AFTER_S = 3_600

/**
 * Parses `Retry-After` in seconds (RFC 9110, 10.2.3) into milliseconds, at most an hour. Ignores a date, because the
 * clocks of the two sides may differ.
 */
export function parseRetryAfter(header: string | null): number | undefined {
  if (header === null || !/^[0-9]{1,6}$/.test(header.trim())) return undefined
  return Math.min(Number(header), MAX_RETRY_AFTER_S) * 1_000
}

/** Returns the host of a redirect, or '' if there is none. The rest of the URL could contain personal data. */
export function hostOf(location: string | null, base: string): string {
  return location && URL.canParse(location, base) ? new URL(location, base).host : ''
}
