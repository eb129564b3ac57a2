/**
 * The frame around every call: envelope, authentication, workspace.
 *
 * Names and order are the WSDL's. Header blocks and the body's root stand in Marketo's namespace under the prefix
 * `ns1`; all that is inside them is unqualified.
 */
import { MKTOWS, SOAP } from './xml/namespaces.ts'
import { xmlText } from './xml/escape.ts'

export interface Frame {
  userId: string
  /** What `requestSignature` was made of, to the letter. */
  stamp: string
  signature: string
  /** Marketo's `targetWorkspace`; none when it is absent or empty. Only `syncLead` knows it. */
  workspace?: string | undefined
}

/**
 * A whole request.
 *
 * @param body the body's root, as XML, with the prefix `ns1`
 */
export function writeEnvelope({ userId, stamp, signature, workspace }: Frame, body: string): string {
  const context = workspace
    ? `<ns1:MktowsContextHeader><targetWorkspace>${xmlText(workspace)}</targetWorkspace></ns1:MktowsContextHeader>`
    : ''
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    `<SOAP-ENV:Envelope xmlns:SOAP-ENV="${SOAP}" xmlns:ns1="${MKTOWS}">` +
    '<SOAP-ENV:Header><ns1:AuthenticationHeader>' +
    `<mktowsUserId>${xmlText(userId)}</mktowsUserId>` +
    `<requestSignature>${signature}</requestSignature>` +
    `<requestTimestamp>${stamp}</requestTimestamp>` +
    `</ns1:AuthenticationHeader>${context}</SOAP-ENV:Header>` +
    `<SOAP-ENV:Body>${body}</SOAP-ENV:Body>` +
    '</SOAP-ENV:Envelope>'
  )
}
