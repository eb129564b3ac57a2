/**
 * Ends an HTTP server gracefully: requests that it has begun to handle are finished, and no other is taken.
 *
 * A closed server accepts no new connection, but Node would go on to take requests on connections that are kept alive. A
 * request that comes too late gets a 503 reply with `Retry-After`. Every reply closes its connection from then on, so
 * that a load balancer or the widget tries again elsewhere.
 */
import type { ServerType } from '@hono/node-server'
import { problem } from '../../http/responses.ts'

/** `env` is what the server passes with a request. */
type Handler = (request: Request, env?: unknown) => Response | Promise<Response>

export interface Drain {
  /** Replies as `handle` does, until the server ends. */
  fetch: Handler
  /** Ends the server. Resolves when every connection is closed, at the latest after `timeoutMs`. */
  end(server: ServerType, timeoutMs: number): Promise<void>
}

/** Creates the drain of one server, whose requests `handle` replies to. */
export function createDrain(handle: Handler): Drain {
  let isEnding = false

  function closing(response: Response): Response {
    if (isEnding) response.headers.set('connection', 'close')
    return response
  }

  return {
    fetch(request, env) {
      if (isEnding) return closing(problem('unavailable', 'The relay is stopping. Please send the request again.', {}))
      const response = handle(request, env)
      return response instanceof Promise ? response.then(closing) : response
    },
    async end(server, timeoutMs) {
      isEnding = true
      const timeout = setTimeout(() => {
        if ('closeAllConnections' in server) server.closeAllConnections()
      }, timeoutMs)
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        if ('closeIdleConnections' in server) server.closeIdleConnections()
      })
      clearTimeout(timeout)
    },
  }
}
