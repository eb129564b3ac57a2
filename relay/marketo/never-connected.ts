/**
 * Tells by the error of `fetch` whether no connection was made, so that nothing of the call was sent. Pure.
 *
 * Only what is certain counts: an error that can also come after the request was sent, such as ECONNRESET, does not. The
 * errors of workerd are never certain. Its "Network connection lost." is about a refused connection and a broken one alike.
 */

/** System calls of Node that come before a connection. */
const BEFORE_CONNECTION = new Set(['connect', 'getaddrinfo'])

/** Codes that only a connection has which was never made. */
const CODES = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EMFILE',
  'ENFILE',
  'ENOTFOUND',
  'ERR_SOCKET_CONNECTION_TIMEOUT',
  'ERR_TLS_HANDSHAKE_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Codes of a certificate that was rejected: those of OpenSSL's X.509 checks, and Node's check of the host name. */
const REJECTED_CERTIFICATE =
  /^(CERT|CRL|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|ERROR_IN|PATH_LENGTH|INVALID_(CA|PURPOSE)|HOSTNAME_MISMATCH|ERR_TLS_CERT)/

/** The message of Node's `fetch` for a port that the Fetch standard blocks. This error has no code. */
export const BAD_PORT = 'bad port'

/** The messages of Deno's `fetch` for a connection that was not made, and for a blocked port. These errors have no code either. */
const NOT_MADE_BY_DENO = /: client error \(Connect\)|^Fetch failed: Requests to port \d+ are blocked$/

/** Returns whether the error, or the cause of it, means that no connection was made. */
export function neverConnected(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  // Node tries all addresses of a host, and reports one error for each.
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every(neverConnected)
  if (error.cause !== undefined) return neverConnected(error.cause)
  const { code, syscall, message } = error as { code?: unknown; syscall?: unknown; message: string }
  if (typeof code !== 'string') return message === BAD_PORT || NOT_MADE_BY_DENO.test(message)
  return BEFORE_CONNECTION.has(String(syscall)) || CODES.has(code) || REJECTED_CERTIFICATE.test(code)
}
