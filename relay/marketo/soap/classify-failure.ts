/**
 * Failed calls: what a failure means for its lead, and its reason in a sentence. For the relay's verdicts and for the
 * client's errors. Pure.
 */
import type { Failure } from './call-result.ts'
import { DOUBTFUL, NEVER, RATE_WINDOW_MS, ruleFor, type FailureClass } from './fault-codes.ts'
import { BAD_PORT, neverConnected } from './never-connected.ts'

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
export function classifyFailure(failure: Failure): FailureClass {
  switch (failure.kind) {
    case 'fault':
      return ruleFor(failure.fault.code).failureClass
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
    case 'unsigned':
      return { kind: 'blocked' }
    case 'aborted':
      return failure.sent ? { ...DOUBTFUL, arrived: 'maybe' } : DOUBTFUL
    default:
      return failure satisfies never
  }
}

/**
 * Classifies a reply by its HTTP status. A server that answers, even with half a reply or a page of its own, has finished with the request: only
 * a gateway's time-out leaves open whether Marketo has.
 */
function classifyHttpStatus({ status, after }: { status: number; after?: number }): FailureClass {
  if (REFUSALS.has(status)) return REFUSED
  if (TOO_LARGE.has(status)) return NEVER
  if (status === TOO_MANY_REQUESTS) return { kind: 'limited', limit: 'rate', waitMs: after ?? RATE_WINDOW_MS }
  const arrived = GATEWAY_TIMEOUTS.has(status) ? 'maybe' : 'yes'
  return { ...LOST, arrived, ...(after !== undefined && { waitMs: after }) }
}

/**
 * Returns the reason of a failure, for a person. Of the reply it quotes nothing but `words`.
 *
 * @param host the host that was called
 * @param words of a fault's message, as far as the reader may see them
 */
export function explain(failure: Failure, host: string, words = ''): string {
  switch (failure.kind) {
    case 'fault': {
      const { code } = failure.fault
      const { name, advice = '' } = ruleFor(code)
      const news = words.toLowerCase() === name.toLowerCase() ? '' : words
      return sentence(code ? `${code} ${name}` : 'a fault without a code', news, advice)
    }
    case 'unreadable': {
      if (TOO_LARGE.has(failure.status)) return `HTTP ${failure.status} from ${host}: the request is too large`
      const advice = blockedBy(failure.status)
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
    case 'unsigned':
      return `the request cannot be signed (${nameOf(failure.error)}): check the secret key`
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
function blockedBy(status: number): string {
  if (status === 401 || status === 403) return 'a gateway before the API refuses access'
  if (status === 451) return 'a gateway before the API refuses access for legal reasons'
  return REFUSALS.has(status) ? 'there is no SOAP API at this endpoint' : ''
}
