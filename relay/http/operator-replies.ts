/** Replies of the routes for operators. They are never cached. */
import type { FieldProblem } from '../protocol.ts'
import { problem } from './responses.ts'

/** Returns the reply to a request without the operator's token. */
export function unauthorized(): Response {
  return problem('key', 'Send "Authorization: Bearer <token>" with the FORM_SYNC_CONSOLE_TOKEN of this relay.', {
    'www-authenticate': 'Bearer',
  })
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
