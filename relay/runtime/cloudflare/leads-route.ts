/**
 * Replaces `relay/http/leads-route.ts` in the Worker's bundle: the route of servers and Marketo's client are loaded with
 * the first request, so that no start waits for their code.
 */
import type { AccountCaller, postLead as post } from '../../http/leads-route.ts'
import type { createAccountClient } from '../../marketo/client/lead-client.ts'

/** Answers a request of a server. */
export const postLead: typeof post = async (request, options) => {
  const route = await import('./answer-server.ts')
  return route.postLead(request, options)
}

/** Returns the client of an account, which is created with its first call. */
export function loadClient(options: Parameters<typeof createAccountClient>[0]): AccountCaller['marketo'] {
  let client: AccountCaller['marketo'] | undefined
  return {
    async syncLead(lead, call) {
      const { createAccountClient } = await import('./answer-server.ts')
      client ??= createAccountClient(options)
      return client.syncLead(lead, call)
    },
  }
}
