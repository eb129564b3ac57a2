/** Replies that the HTTP server of a platform gives by itself, before the relay has the request. Pure. */
import type { Reply } from './connection.ts'

/** Statuses of Node's server for a request that it cannot parse. It sends no body. */
const OF_NODE = new Set([400, 408, 413, 414, 417, 431, 501])

export function isOfNode({ status, headers, body }: Reply): boolean {
  return body === '' && OF_NODE.has(status) && !headers.has('content-type')
}

/** Replies of workerd's server, which on Cloudflare is not reached by such requests: status, type and body. */
const OF_WORKERD = new Set([
  '400 text/plain invalid HTTP method parsed',
  '400 text/plain invalid HTTP version parsed',
  '400 text/plain invalid HTTP header parsed',
  '400 text/plain invalid URI',
  '400 text/plain invalid content-length parsed',
  '400 text/plain invalid transfer-encoding parsed',
  '400 text/plain unexpected transfer-encoding parsed',
  '414 text/plain URI too long',
  '431 text/plain message head is too large',
  // A request without a host.
  '400  Bad Request',
  '501 text/plain ERROR: Unrecognized request method.',
])

/** The same replies to a HEAD, which have no body. */
const TO_HEAD = new Set(['400 text/plain ', '400  '])

/** Reply of workerd to a request for a tunnel, for which it calls a handler that the Worker does not have. */
const NO_TUNNEL = '500  Internal Server Error'

/** @param request the bytes that were sent, as text */
export function isOfWorkerd({ status, headers, body }: Reply, request: string): boolean {
  const type = headers.get('content-type') ?? ''
  const reply = `${status} ${type} ${body}`
  if (reply === NO_TUNNEL) return request.includes('CONNECT ')
  return OF_WORKERD.has(reply) || (TO_HEAD.has(reply) && request.includes('HEAD '))
}
