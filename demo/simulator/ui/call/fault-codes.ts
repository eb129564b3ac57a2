/**
 * Describes Marketo's error codes and what a caller can do about each. Data only.
 *
 * Source: the error codes page of Adobe's SOAP documentation, in this project's words. The codes of the REST API, which
 * have fewer digits, are in `rest-codes.ts`.
 */
import { REST_CODES } from './rest-codes.ts'

export interface FaultCode {
  name: string
  meaning: string
}

const RETRY_LATER = 'A later retry may succeed.'
const NO_RETRY = 'A retry without a change fails again.'

const FAULT_CODES: Record<string, FaultCode> = {
  10001: { name: 'Internal error', meaning: `Marketo had a severe error. ${RETRY_LATER}` },
  20011: { name: 'Internal error', meaning: `The API service had an error. ${RETRY_LATER}` },
  20012: { name: 'Request not understood', meaning: `The message is not one that Marketo expects. ${NO_RETRY}` },
  20013: {
    name: 'Access denied',
    meaning: 'This client is blocked from the API. An administrator of Marketo must allow it.',
  },
  20014: {
    name: 'Authentication failed',
    meaning: 'User id or signature is wrong. Every call fails until they are corrected.',
  },
  20015: { name: 'Request limit exceeded', meaning: "The day's quota is used up. It resets at midnight US Central." },
  20016: { name: 'Request expired', meaning: 'The time stamp is too old. Sign the request again.' },
  20017: { name: 'Invalid request', meaning: `A parameter is missing. ${NO_RETRY}` },
  20018: { name: 'Bad encoding', meaning: `The message is not valid UTF-8. ${NO_RETRY}` },
  20019: { name: 'Unsupported operation', meaning: `This version of the API does not have the call. ${NO_RETRY}` },
  20022: { name: 'Time range exceeded', meaning: `The query spans more than 30 days. ${NO_RETRY}` },
  20023: {
    name: 'Rate limit exceeded',
    meaning: 'More calls in 20 seconds than the account allows. Wait, then retry.',
  },
  20024: {
    name: 'Concurrency limit exceeded',
    meaning: 'More calls at the same time than the account allows. Wait, then retry.',
  },
  20101: { name: 'Lead key required', meaning: `Id, foreign id, cookie and e-mail are all missing. ${NO_RETRY}` },
  20102: { name: 'Lead key bad', meaning: `The key is invalid or of an unknown type. ${NO_RETRY}` },
  20103: { name: 'Lead not found', meaning: `No lead has this key. ${NO_RETRY}` },
  20104: { name: 'Lead detail required', meaning: `The leadRecord is missing. ${NO_RETRY}` },
  20105: {
    name: 'Lead attribute bad',
    meaning: 'An attribute has a name that Marketo does not know. Nothing was stored.',
  },
  20106: { name: 'Lead sync failed', meaning: `The lead could not be created or updated. ${RETRY_LATER}` },
  20107: { name: 'Activity key bad', meaning: `The activity type is unknown. ${NO_RETRY}` },
  20108: { name: 'Lead owner not found', meaning: NO_RETRY },
  20109: { name: 'Parameter required', meaning: `A parameter is missing or null. ${NO_RETRY}` },
  20110: { name: 'Bad parameter', meaning: `A parameter has an invalid value. ${NO_RETRY}` },
  20111: { name: 'List not found', meaning: NO_RETRY },
  20113: { name: 'Campaign not found', meaning: NO_RETRY },
  20114: { name: 'Bad parameter', meaning: `A parameter has an invalid value. ${NO_RETRY}` },
}

/** Returns undefined if the code is in neither table. */
export function faultCode(code: string): FaultCode | undefined {
  const codes = Object.hasOwn(FAULT_CODES, code) ? FAULT_CODES : REST_CODES
  return Object.hasOwn(codes, code) ? codes[code] : undefined
}
