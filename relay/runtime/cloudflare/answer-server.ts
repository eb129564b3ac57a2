/** The route of servers and the client that it calls, as a module that the Worker loads when a server sends a lead. */
export { postLead } from '../../http/leads-route.ts'
export { createAccountClient } from '../../marketo/client/lead-client.ts'
