/**
 * A call that came to nothing → what may become of it, and why in a sentence: for the relay's verdicts and the client's
 * errors alike. Pure.
 */
import { DOUBTFUL, NEVER, RATE_WINDOW, ruleFor, type FailureClass } from './fault-codes.ts'
import type { Failure } from './call-result.ts'

/** Statuses of a gateway, or of an overload: whoever asks next hears the same. */
const EVERYONE = new Set([502, 503, 504])

/** A gateway's, when it no longer waits for Marketo, or has lost it. Marketo may be at work all the same. */
const GATEWAY_TIMEOUTS = new Set([502, 504])

const TOO_MANY_REQUESTS = 429

/** Node's names for a connection that never was. Other runtimes have none. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])

/** Statuses of something before Marketo that takes no request of this size (RFC 9110, 15.5.14 and 15.5.15). */
const TOO_LARGE = new Set([413, 414])

export function classifyFailure(failure: Failure): FailureClass {
  switch (failure.kind) {
    case 'fault':
      return ruleFor(failure.fault.code).failureClass
    case 'unreadable':
      return classifyHttpStatus(failure)
    case 'unreachable':
      return NEVER_SENT.has(nameOf(failure.error))
        ? { kind: 'retry', everyone: true, neverArrived: true }
        : { kind: 'retry', everyone: true, uncertain: true }
    case 'late':
      return { kind: 'retry', uncertain: true }
    case 'redirect':
    case 'unsigned':
      return { kind: 'blocked' }
    case 'aborted':
      return failure.sent ? { ...DOUBTFUL, uncertain: true } : DOUBTFUL
    default:
      return failure satisfies never
  }
}

/**
 * By the status. Whoever answers, even with half a reply or a page of its own, is done with the request: only the
 * statuses of a gateway that gave up leave it open whether Marketo is.
 */
function classifyHttpStatus({ status, after }: { status: number; after?: number }): FailureClass {
  if (shutBy(status)) return { kind: 'blocked' }
  if (TOO_LARGE.has(status)) return NEVER
  if (status === TOO_MANY_REQUESTS) return { kind: 'limited', limit: 'rate', after: after ?? RATE_WINDOW }
  return {
    kind: 'retry',
    ...(after !== undefined && { after }),
    ...(EVERYONE.has(status) && { everyone: true }),
    ...(GATEWAY_TIMEOUTS.has(status) && { uncertain: true }),
  }
}

/**
 * Why, for a person. Nothing that came back is quoted but the words that are handed in.
 *
 * @param host who was asked
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
      const shut = shutBy(failure.status)
      return `HTTP ${failure.status} from ${host}: ${failure.cause}${shut && `; ${shut}`}`
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

/** `head: words (advice)`, each where there is one. */
export function sentence(head: string, words: string, advice = ''): string {
  return `${head.trim()}${words && `: ${words}`}${advice && ` (${advice})`}`
}

/** What kind of error it is: a code such as ECONNREFUSED, else its class. Never its message, which may quote anything. */
export function nameOf(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(inner instanceof Error)) return 'unknown error'
  return 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.name
}

/** What a status says about the way to Marketo; empty when it says nothing. */
function shutBy(status: number): string {
  if (status === 401 || status === 403) return 'the door before the API is shut'
  return status === 404 ? 'there is no SOAP API at this endpoint' : ''
}
