/** Refuses requests that name a user in their target, before anything reads them. */
import { problem } from '../../http/responses.ts'

type Handler = (request: Request, env?: unknown) => Response | Promise<Response>

/**
 * Returns a handler that refuses a target such as `http://user:password@host/f/contact` with 400 (RFC 9110, 4.2.4). Fetch's
 * `Request` takes no such URL, so that reading the body would fail.
 */
export function refuseUsers(handle: Handler): Handler {
  return (request, env) =>
    /^https?:\/\/[^/?#]*@/.test(request.url)
      ? problem('unreadable', 'The request target must not name a user.', {})
      : handle(request, env)
}
