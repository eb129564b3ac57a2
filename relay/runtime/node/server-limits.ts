/**
 * The limits of the HTTP server on Node: how long a request may take to come, how many connections there may be, and how
 * many requests each of them may carry. A visitor who sends slowly takes a connection, and nothing else.
 */
import type { ServerOptions } from 'node:http'
import type { ServerType } from '@hono/node-server'
import type { Full } from '../../monitoring/full.ts'

export interface ServerLimits {
  /** Maximum time until all header fields of a request have come, in ms. */
  headersTimeoutMs: number
  /** Maximum time until a whole request has come, in ms. The time until the reply is not limited. */
  requestTimeoutMs: number
  /** Time between two searches for requests that take too long, in ms. */
  timeoutCheckMs: number
  /** Maximum number of requests over one connection. */
  requestsPerConnection: number
  maxConnections: number
}

/** Descriptors that are left for the outbox, the log, and the connections to Marketo and to a database. */
const RESERVED_DESCRIPTORS = 128

/** Maximum number of connections, however many descriptors there may be: each takes memory. */
const MAX_CONNECTIONS = 5_000

/** Number of descriptors that every system allows. */
const MIN_DESCRIPTORS = 256

/** Time for which refused connections are an issue, in ms. */
const REFUSED_ISSUE_MS = 60_000

/** Returns the default limits. They read the limit of descriptors of this process. */
export function defaultServerLimits(): ServerLimits {
  return {
    headersTimeoutMs: 10_000,
    requestTimeoutMs: 15_000,
    timeoutCheckMs: 2_000,
    requestsPerConnection: 1_000,
    maxConnections: connectionsWithin(descriptorLimit()),
  }
}

/** Returns the number of connections that a number of descriptors allows, with a reserve. */
export function connectionsWithin(descriptors: number): number {
  return Math.min(MAX_CONNECTIONS, descriptors - Math.min(RESERVED_DESCRIPTORS, Math.floor(descriptors / 2)))
}

function descriptorLimit(): number {
  const report = process.report as typeof process.report & { excludeNetwork: boolean }
  const wasExcluded = report.excludeNetwork
  // The names of the peers would be looked up.
  report.excludeNetwork = true
  const { userLimits } = report.getReport() as { userLimits?: { open_files?: { soft?: number | string } } }
  report.excludeNetwork = wasExcluded
  const soft = userLimits?.open_files?.soft
  if (soft === 'unlimited') return Infinity
  return typeof soft === 'number' ? soft : MIN_DESCRIPTORS
}

/** Returns the limits that a server must be created with. */
export function serverOptions({ headersTimeoutMs, requestTimeoutMs, timeoutCheckMs }: ServerLimits): ServerOptions {
  return {
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: timeoutCheckMs,
  }
}

/**
 * Sets the other limits of a server.
 *
 * @returns what is full: for a minute after a connection was refused
 */
export function limitConnections(
  server: ServerType,
  { maxConnections, requestsPerConnection }: ServerLimits,
  now: () => number,
): () => Full[] {
  let refused = { count: 0, at: -Infinity }
  server.maxConnections = maxConnections
  if ('maxRequestsPerSocket' in server) server.maxRequestsPerSocket = requestsPerConnection
  server.on('drop', () => {
    const at = now()
    refused = { count: at - refused.at < REFUSED_ISSUE_MS ? refused.count + 1 : 1, at }
  })
  return () => {
    if (now() - refused.at >= REFUSED_ISSUE_MS) return []
    const advice = 'find out who holds them open, or raise FORM_SYNC_MAX_CONNECTIONS and the limit of descriptors'
    const reason = `the server has ${maxConnections} connections, and refuses more: ${advice}`
    return [{ what: 'connections', count: refused.count, reason }]
  }
}
