/** Replies of the routes for operators. They are never cached. */
import type { FieldProblem } from '../protocol.ts'
import { problem } from './responses.ts'

/** Returns the reply to a request without the operator's token. */
export function unauthorized(): Response {
  return problem('key', 'Send "Authorization: Bearer <token>" with a token of an operator of this relay.', {
    'www-authenticate': 'Bearer',
  })
}

/** Returns the reply to an operator whose role is not enough. */
export function forbidden(what: string): Response {
  return problem('role', `${what} needs a token with the role "act"; this one has the role "look".`, {})
}

/** Returns the reply to a source that has sent many wrong tokens. */
export function slowedDown(retryAfterS: number): Response {
  const detail = 'Too many wrong tokens came from your network. Try again after the time in Retry-After.'
  return problem('rate', detail, { 'retry-after': String(retryAfterS) })
}

/** Returns the reply to a request with these problems. */
export function invalid(problems: FieldProblem[]): Response {
  return problem('fields', problems.map(({ message }) => message).join(' '), {}, problems)
}

/** Returns the reply to a request that names no account of this relay. */
export function unknownAccount(accounts: ReadonlyMap<string, unknown>): Response {
  const message = `account must be one of ${[...accounts.keys()].join(', ')}.`
  return problem('fields', message, {}, [{ field: 'account', code: 'format', message }])
}

/** Returns a reply with a body. */
export function json(body: object): Response {
  return Response.json(body, { headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } })
}
