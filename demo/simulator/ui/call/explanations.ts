/**
 * Explains the elements of requests and replies, by local name. Data only.
 *
 * Sources: Adobe's syncLead page, the 2_1 WSDL, and captured replies.
 */
import { faultCode } from './fault-codes.ts'

const EXPLANATIONS: Record<string, string> = {
  Envelope: 'SOAP 1.1. The prefixes are arbitrary: only the namespaces count.',
  Header: 'Information about the call: the caller and the workspace.',
  Body: 'The call or its reply. The elements inside have no namespace.',

  AuthenticationHeader: 'Identifies the caller. Every call has it, and it is valid for a few minutes only.',
  mktowsUserId: 'The account that calls. It is not secret. The secret key that belongs to it is never sent.',
  requestSignature:
    'HMAC-SHA1 of time stamp and user id with the secret key. The body is not signed, so the signature would be valid for other calls too. Masked here.',
  requestTimestamp: 'Time of the signature. Marketo rejects an old one with 20016, so each attempt is signed again.',
  MktowsContextHeader: 'The place of the lead in Marketo. Only syncLead accepts it.',
  targetWorkspace: 'Name of the workspace in Marketo. A new lead is created in its primary partition.',

  paramsSyncLead: 'The call: creates this lead, or updates it if a key finds it.',
  leadRecord: 'The person: keys and attributes.',
  Id: "Marketo's own id of the lead. If present, it takes precedence over all other keys.",
  Email: 'A key, but not a unique one: several leads may have the same address.',
  ForeignSysPersonId:
    "The person's id in another system. It is unique and takes precedence over cookie and e-mail address.",
  ForeignSysType: 'The system that the foreign id belongs to: CUSTOM, SFDC or NETSUITE.',
  leadAttributeList: 'The values of the form, one attribute each.',
  attribute: 'One field of the form: its name and its value.',
  attrName: "The field's name in Marketo's SOAP API. A single unknown name makes the whole call fail with 20105.",
  attrType: 'The type of the value. Optional, because Marketo knows the type.',
  attrValue: 'The value as entered. An empty value clears the field.',
  returnLead: 'True: the reply contains the whole lead. A form does not need it, so it is false.',
  marketoCookie:
    "The browser's Munchkin cookie. It associates the earlier visits with the person, back to the first page.",

  successSyncLead: 'Marketo processed the call. The result may still be a failure: see status.',
  result: 'The result of the call.',
  leadId: "Marketo's id of the lead.",
  syncStatus: 'The result for this lead.',
  status: 'CREATED: a new lead. UPDATED: a lead that a key found. FAILED: not stored, in spite of HTTP 200.',
  error: 'The reason of a failure. Nil if there is none.',

  Fault: 'Marketo rejected the call. The HTTP status is always 500.',
  faultcode: 'Always SOAP-ENV:Client, even for errors of the server. It is of no use for decisions.',
  faultstring: 'The code with a short text.',
  detail: 'The reliable part of the fault.',
  serviceException: "Marketo's description of the fault.",
  name: 'The kind of exception. It is always the same.',
  message: 'The reason, with names if there are any.',
  code: 'Five digits that identify the fault. Clients decide by this code.',
}

/**
 * Returns the explanation of an element, if there is one.
 *
 * @param text the element's content, if it contains only text
 */
export function explain(element: string, text?: string): string | undefined {
  const explanation = Object.hasOwn(EXPLANATIONS, element) ? EXPLANATIONS[element] : undefined
  const fault = element === 'code' && text ? faultCode(text.trim()) : undefined
  return fault ? `${fault.name}. ${fault.meaning}` : explanation
}
