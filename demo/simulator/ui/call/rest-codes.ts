/**
 * Describes the codes of Marketo's REST API and what a caller can do about each. Data only.
 *
 * Source: Adobe's page of REST error codes, in this project's words.
 */
import type { FaultCode } from './fault-codes.ts'

const RETRY_LATER = 'A later retry may succeed.'
const NO_RETRY = 'A retry without a change fails again.'

export const REST_CODES: Record<string, FaultCode> = {
  500: { name: 'Internal server error', meaning: RETRY_LATER },
  502: { name: 'Bad gateway', meaning: `The work may have been done. ${RETRY_LATER}` },
  600: { name: 'Access token missing', meaning: 'The token must be in the Authorization header.' },
  601: { name: 'Access token invalid', meaning: 'Get a new token, then repeat the call once.' },
  602: { name: 'Access token expired', meaning: 'Get a new token, then repeat the call once.' },
  603: { name: 'Access denied', meaning: `The user lacks a permission, or the address is not allowed. ${NO_RETRY}` },
  604: { name: 'Request timed out', meaning: `The work may have been done. ${RETRY_LATER}` },
  605: { name: 'Method not supported', meaning: NO_RETRY },
  606: { name: 'Rate limit exceeded', meaning: 'More calls in 20 seconds than the account allows. Wait, then retry.' },
  607: { name: 'Daily quota reached', meaning: 'The quota of the day is used up. It resets at midnight US Central.' },
  608: { name: 'API temporarily unavailable', meaning: RETRY_LATER },
  609: { name: 'Invalid JSON', meaning: `The body is not JSON, or there is no such form. ${NO_RETRY}` },
  610: { name: 'Resource not found', meaning: `The address is wrong. ${NO_RETRY}` },
  611: { name: 'System error', meaning: RETRY_LATER },
  612: { name: 'Invalid content type', meaning: 'The header Content-Type must be application/json.' },
  614: { name: 'Subscription unreachable', meaning: RETRY_LATER },
  615: { name: 'Concurrency limit exceeded', meaning: 'More calls at once than the account allows. Wait, then retry.' },
  702: { name: 'No data found', meaning: NO_RETRY },
  713: { name: 'Transient error', meaning: RETRY_LATER },
  719: { name: 'Lock wait timeout', meaning: RETRY_LATER },
  1001: { name: 'Wrong type', meaning: 'A value does not have the type of its field. The lead was not stored.' },
  1002: { name: 'Value missing', meaning: 'A required value is missing. The lead was not stored.' },
  1003: { name: 'Invalid data', meaning: `The data does not fit the call. ${NO_RETRY}` },
  1004: { name: 'Lead not found', meaning: NO_RETRY },
  1005: { name: 'Lead already exists', meaning: 'The action creates leads only.' },
  1006: { name: 'Field not found', meaning: 'A name is not that of a field. The lead was not stored.' },
  1007: { name: 'Several leads match', meaning: 'Merge the leads in Marketo, then retry.' },
  1008: { name: 'No access to the partition', meaning: NO_RETRY },
  1009: { name: 'Partition missing', meaning: 'The call must name a partition.' },
  1010: { name: 'Lead in another partition', meaning: NO_RETRY },
  1011: { name: 'Field not supported', meaning: 'Leads cannot be looked up by this field.' },
  1012: { name: 'Invalid cookie', meaning: 'The value is no Munchkin cookie of this account, or was encoded twice.' },
  1013: { name: 'Object not found', meaning: NO_RETRY },
  1016: { name: 'Too many imports', meaning: RETRY_LATER },
  1021: { name: 'Company update not allowed', meaning: 'Send the lead without the fields of its company.' },
  1029: { name: 'Too many jobs in queue', meaning: RETRY_LATER },
  1077: { name: 'Value too long', meaning: 'A value is longer than its field. Nothing was stored.' },
}
