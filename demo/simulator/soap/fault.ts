/**
 * Defines Marketo's SOAP faults: codes, texts and XML. Decides nothing about when a fault occurs.
 *
 * The codes come from Marketo's SOAP error table. The texts of 20014, 20103, 20105 and 20110 were captured from Marketo;
 * the others are the names in the table.
 */
import { escapeText, writeEnvelope } from './write-xml.ts'

/** Error that rejects a call. `handle-message.ts` turns it into the reply. */
export class SoapFault extends Error {
  override name = 'SoapFault'
  readonly code: string

  /** @param detail text of the message; defaults to the text of the table */
  constructor(code: string, detail?: string, options?: ErrorOptions) {
    super(`${detail ?? texts(code).detail} (${code})`, options)
    this.code = code
  }
}

/** Returns the body of the reply. */
export function writeFault({ code, message }: SoapFault): string {
  return writeEnvelope(
    '<SOAP-ENV:Fault>' +
      // Marketo always sends Client, even for server errors. Clients must use the code.
      '<faultcode>SOAP-ENV:Client</faultcode>' +
      `<faultstring>${code} - ${texts(code).title}</faultstring>` +
      '<detail><ns1:serviceException xmlns:ns1="http://www.marketo.com/mktows/">' +
      '<name>mktServiceException</name>' +
      `<message>${escapeText(message)}</message>` +
      `<code>${code}</code>` +
      '</ns1:serviceException></detail>' +
      '</SOAP-ENV:Fault>',
  )
}

interface Texts {
  /** Text of the faultstring. */
  title: string
  /** Default text of the message. */
  detail: string
}

function texts(code: string): Texts {
  const title = TITLES[code] ?? 'Unknown error'
  return { title, detail: title.charAt(0) + title.slice(1).toLowerCase() }
}

const TITLES: Readonly<Record<string, string>> = {
  10001: 'Internal Error',
  20011: 'Internal Error',
  20012: 'Request Not Understood',
  20013: 'Access Denied',
  20014: 'Authentication failed',
  20015: 'Request Limit Exceeded',
  20016: 'Request Expired',
  20017: 'Invalid Request',
  20018: 'Bad Encoding',
  20019: 'Unsupported Operation',
  20022: 'Time range exceeded',
  20023: 'Rate Limit Exceeded',
  20024: 'Concurrency Limit Exceeded',
  20101: 'Lead Key Required',
  20102: 'Lead Key Bad',
  20103: 'Lead not found',
  20104: 'Lead Detail Required',
  20105: 'Unknown lead field',
  20106: 'Lead Sync Failed',
  20107: 'Activity Key Bad',
  20108: 'Lead Owner Not Found',
  20109: 'Parameter Required',
  20110: 'Input error',
  20111: 'List Not Found',
  20113: 'Campaign Not Found',
  20114: 'Bad Parameter',
  20122: 'Bad Stream Position',
  20123: 'Stream at End',
}

/** All codes of the table. */
export const FAULT_CODES: readonly string[] = Object.keys(TITLES)
