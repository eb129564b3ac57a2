/** What every reply of the relay must be, whatever the request was. Pure. */
import type { Exchange, Reply } from './connection.ts'
import { isOfNode } from './server-replies.ts'

/** A connection that the server did not end in time. */
export const HUNG = 'a connection that hangs'

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/

/** Parts of the relay's insides. */
const INSIDES = /node_modules|\.ts:\d|\bat (?:async )?[\w.<>]+ \(|\/work\/|\/tmp\/|SQLITE_|TypeError|RangeError/

/** Detail of the reply to a request that made the relay fail. */
const UNEXPECTED = 'An unexpected error occurred. Please send the request again.'

/**
 * Returns what is wrong with the replies of a connection, or undefined.
 *
 * @param isOfServer true for a reply that the HTTP server gives by itself
 */
export function violationOf(
  { replies, hung, rest }: Exchange,
  isOfServer: (reply: Reply) => boolean = isOfNode,
): string | undefined {
  if (hung) return HUNG
  if (rest !== '') return 'bytes that are no reply'
  return replies
    .filter((reply) => !isOfServer(reply))
    .map(replyViolation)
    .find((found) => found !== undefined)
}

function replyViolation(reply: Reply): string | undefined {
  const { status, headers, body } = reply
  if (INSIDES.test(body)) return `the insides of the relay in a reply ${status}`
  for (const name of headers.keys()) if (name === 'x-injected') return 'a header field that the request has injected'
  if (status >= 400) return failureViolation(reply)
  if (status === 202) return acceptedViolation(reply)
  if (status === 204 || status === 304) return body === '' ? undefined : `a body with the status ${status}`
  if (status === 303) return headers.has('location') ? undefined : 'a redirect without Location'
  return status === 200 ? undefined : `the status ${status}`
}

function failureViolation({ status, headers, body }: Reply): string | undefined {
  const type = headers.get('content-type') ?? ''
  if (type.startsWith('text/html')) {
    if (status >= 500 && status !== 503) return `the status ${status}`
    return headers.has('content-security-policy') ? undefined : `a page without a policy, with the status ${status}`
  }
  // The reply to a HEAD.
  if (body === '' && type.startsWith('application/problem+json') && status !== 500) return undefined
  const problem = parse(body)
  if (status === 503 && problem?.ready === false) return undefined
  if (!type.startsWith('application/problem+json') || problem === undefined)
    return `no problem, with the status ${status}`
  if (status >= 500 && status !== 503 && problem.code !== 'marketo') return `the status ${status}`
  if (status === 503 && !headers.has('retry-after')) return 'the status 503 without Retry-After'
  if (problem.detail === UNEXPECTED) return 'a failure of the relay that it did not expect'
  const isComplete = problem.status === status && typeof problem.code === 'string' && typeof problem.detail === 'string'
  return isComplete ? undefined : `an incomplete problem, with the status ${status}`
}

function acceptedViolation({ headers, body }: Reply): string | undefined {
  if ((headers.get('content-type') ?? '').startsWith('text/html')) return undefined
  const accepted = parse(body)
  return accepted?.ok === true && UUID.test(String(accepted.id)) ? undefined : 'a reply 202 without an id'
}

function parse(body: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(body) as Record<string, unknown>
  } catch {
    return undefined
  }
}
