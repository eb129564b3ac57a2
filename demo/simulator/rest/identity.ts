/**
 * Answers requests for an access token as Marketo's identity service does. Takes parameters from the query and from a
 * form body. Counts against no limit.
 *
 * The two bodies of a 401 were recorded from Marketo. The other errors are those of OAuth 2 (RFC 6749, section 5.2).
 */
import type { Marketo } from '../marketo.ts'
import type { Reply } from '../serve-call.ts'
import { jsonReply } from './reply.ts'
import type { RestRequest } from './request.ts'

/** The API-only user to whom the service belongs. */
export const API_USER = 'form-sync@simulator.example'

export function answerIdentity({ account, tokens, now }: Marketo, request: RestRequest): Reply {
  if (request.method !== 'GET' && request.method !== 'POST')
    return oauthError(405, 'method_not_allowed', request.method)
  const parameters = new URLSearchParams(request.query)
  if (request.method === 'POST' && request.contentType === 'application/x-www-form-urlencoded')
    for (const [name, value] of new URLSearchParams(request.body ?? '')) parameters.set(name, value)

  const clientId = parameters.get('client_id')
  if (clientId === null || clientId === '')
    return oauthError(401, 'unauthorized', 'Full authentication is required to access this resource')
  if (clientId !== account.clientId) return oauthError(401, 'unauthorized', `No client with requested id: ${clientId}`)
  if (parameters.get('client_secret') !== account.clientSecret)
    return oauthError(401, 'invalid_client', 'Bad client credentials')
  const grant = parameters.get('grant_type')
  if (!grant) return oauthError(400, 'invalid_request', 'Missing grant type')
  if (grant !== 'client_credentials')
    return oauthError(400, 'unsupported_grant_type', `Unsupported grant type: ${grant}`)

  const { value, expiresIn } = tokens.issue(now())
  return jsonReply({ access_token: value, token_type: 'bearer', expires_in: expiresIn, scope: API_USER })
}

function oauthError(status: number, error: string, description: string): Reply {
  return jsonReply({ error, error_description: description }, status)
}
