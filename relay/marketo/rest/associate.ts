/** The request of Associate Lead, for the transport and for the client. */
import type { RestRequest } from './call.ts'

export interface AssociateOptions {
  /** Text before the cookie; none by default. Marketo's samples have it, its documented examples have the value alone. */
  cookiePrefix?: '_mkto_trk='
}

/** Returns the request that connects a cookie to a lead. The cookie is percent-encoded once, with its prefix. */
export function associateRequest(leadId: number, cookie: string, { cookiePrefix }: AssociateOptions): RestRequest {
  const value = encodeURIComponent(`${cookiePrefix ?? ''}${cookie.toWellFormed()}`)
  return { method: 'POST', path: `/rest/v1/leads/${leadId}/associate.json?cookie=${value}` }
}
