/**
 * What Marketo's fault codes say, and what a caller does about each.
 * Source: the error codes page of Adobe's SOAP documentation. The wording is ours.
 */
export interface FaultCode {
  name: string
  meaning: string
}

const TRY_LATER = 'Trying again later may help.'
const NO_RETRY = 'Trying again as it is will not help.'

const FAULT_CODES: Record<string, FaultCode> = {
  10001: { name: 'Internal error', meaning: `Marketo failed severely. ${TRY_LATER}` },
  20011: { name: 'Internal error', meaning: `The API service failed. ${TRY_LATER}` },
  20012: { name: 'Request not understood', meaning: `The message was not one Marketo expects. ${NO_RETRY}` },
  20013: {
    name: 'Access denied',
    meaning: 'This client is shut out of the API. Somebody must change that in Marketo.',
  },
  20014: {
    name: 'Authentication failed',
    meaning: 'User id or signature is wrong. No call gets through until the key is right.',
  },
  20015: { name: 'Request limit exceeded', meaning: "The day's quota is spent. It is back at midnight, US Central." },
  20016: { name: 'Request expired', meaning: 'The time stamp was too old. Signed anew, the same request will do.' },
  20017: { name: 'Invalid request', meaning: `A parameter is missing. ${NO_RETRY}` },
  20018: { name: 'Bad encoding', meaning: `The message could not be decoded. ${NO_RETRY}` },
  20019: { name: 'Unsupported operation', meaning: `This version has no such call. ${NO_RETRY}` },
  20022: { name: 'Time range exceeded', meaning: `A query may span 30 days. ${NO_RETRY}` },
  20023: {
    name: 'Rate limit exceeded',
    meaning: 'More calls in 20 seconds than the account allows. It passes by itself.',
  },
  20024: {
    name: 'Concurrency limit exceeded',
    meaning: 'More calls at the same time than the account allows. It passes by itself.',
  },
  20101: { name: 'Lead key required', meaning: `Neither id, foreign id, cookie nor e-mail was given. ${NO_RETRY}` },
  20102: { name: 'Lead key bad', meaning: `There is no key of that kind. ${NO_RETRY}` },
  20103: { name: 'Lead not found', meaning: `Nobody has that key. ${NO_RETRY}` },
  20104: { name: 'Lead detail required', meaning: `The leadRecord is missing. ${NO_RETRY}` },
  20105: {
    name: 'Lead attribute bad',
    meaning: 'An attribute has a name Marketo does not know. Nothing of the call was kept.',
  },
  20106: { name: 'Lead sync failed', meaning: 'The lead could neither be created nor updated. Once more may help.' },
  20107: { name: 'Activity key bad', meaning: `There is no activity of that kind. ${NO_RETRY}` },
  20108: { name: 'Lead owner not found', meaning: NO_RETRY },
  20109: { name: 'Parameter required', meaning: `A parameter is missing or null. ${NO_RETRY}` },
  20110: { name: 'Bad parameter', meaning: `A parameter has a value Marketo does not take. ${NO_RETRY}` },
  20111: { name: 'List not found', meaning: NO_RETRY },
  20113: { name: 'Campaign not found', meaning: NO_RETRY },
  20114: { name: 'Bad parameter', meaning: `A parameter has a value Marketo does not take. ${NO_RETRY}` },
}

/** Undefined for a code that the page does not list. */
export function faultCode(code: string): FaultCode | undefined {
  return Object.hasOwn(FAULT_CODES, code) ? FAULT_CODES[code] : undefined
}
