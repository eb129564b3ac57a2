/**
 * Writes the SOAP envelope of a call: authentication header, workspace header and body.
 *
 * Names and order of the elements are the WSDL's. The header blocks and the body's root element are in Marketo's
 * namespace, with the prefix `ns1`; all elements inside them are unqualified.
 */
import { MKTOWS, SOAP } from './xml/namespaces.ts'
import { xmlText } from './xml/escape.ts'

export interface EnvelopeHeader {
  userId: string
  /** The exact timestamp that was signed. */
  timestamp: string
  signature: string
  /** Marketo's `targetWorkspace`, which only `syncLead` accepts. Left out if absent or empty. */
  workspace?: string | undefined
}

/**
 * Writes a whole request.
 *
 * @param body - the body's root element as XML, with the prefix `ns1`
 */
export function writeEnvelope({ userId, timestamp, signature, workspace }: EnvelopeHeader, body: string): string {
  const context = workspace
    ? `<ns1:MktowsContextHeader><targetWorkspace>${xmlText(workspace)}</targetWorkspace></ns1:MktowsContextHeader>`
    : ''
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    `<SOAP-ENV:Envelope xmlns:SOAP-ENV="${SOAP}" xmlns:ns1="${MKTOWS}">` +
    '<SOAP-ENV:Header><ns1:AuthenticationHeader>' +
    `<mktowsUserId>${xmlText(userId)}</mktowsUserId>` +
    `<requestSignature>${signature}</requestSignature>` +
    `<requestTimestamp>${timestamp}</requestTimestamp>` +
    `</ns1:AuthenticationHeader>${context}</SOAP-ENV:Header>` +
    `<SOAP-ENV:Body>${body}</SOAP-ENV:Body>` +
    '</SOAP-ENV:Envelope>'
  )
}
