/**
 * What each part of the envelope is for, in a sentence or two.
 * Sources: Adobe's syncLead page, the 2_1 WSDL, and captured replies. By local name; prefixes mean nothing.
 */
import { faultCode } from './fault-codes.ts'

const EXPLANATIONS: Record<string, string> = {
  Envelope: 'SOAP 1.1. The prefixes are free to choose: a reader goes by the namespaces behind them.',
  Header: 'What is said about the call: who makes it, and in which workspace.',
  Body: 'The call itself, or its answer. Its parts carry no namespace of their own.',

  AuthenticationHeader: 'Who is calling. Every call carries it, and it is good for a few minutes only.',
  mktowsUserId: 'The account that calls. It is no secret; the key that belongs to it never travels.',
  requestSignature:
    'HMAC-SHA1 of time stamp and user id under the secret key: who calls, and when. The body is not signed, so a copy would be good for another call. Masked here.',
  requestTimestamp: 'When the call was signed. Marketo refuses an old one with 20016, so each attempt is signed anew.',
  MktowsContextHeader: 'Where in Marketo the lead belongs. Only syncLead takes it.',
  targetWorkspace: 'The workspace, by the name it has in Marketo. A new lead goes into its primary partition.',

  paramsSyncLead: 'The call: create this lead, or update it when a key finds it.',
  leadRecord: 'The person: the keys to find them by, and what is known about them.',
  Id: "Marketo's own number for the lead. Where it is given, it alone decides who is meant.",
  Email: 'A key, though not a unique one: several leads may share an address.',
  ForeignSysPersonId: "The person's id in another system. It is unique, and wins over cookie and address.",
  ForeignSysType: 'Which system that id is from: CUSTOM, SFDC or NETSUITE.',
  leadAttributeList: 'What the form said, one attribute after the other.',
  attribute: 'One answer of the form: a name and a value.',
  attrName:
    "Marketo's name for the field, in the spelling of the SOAP API. One unknown name and the whole call fails with 20105.",
  attrType: 'The type of the value. Marketo knows it anyway.',
  attrValue: 'The answer as it was typed. Empty means: clear the field.',
  returnLead: 'Whether the reply should hold the whole lead. A form does not need it, so it stays false.',
  marketoCookie:
    'The Munchkin cookie of the browser. This line joins the visits to the person: whoever had this cookie is known now, back to the first page.',

  successSyncLead: 'Marketo understood the call and came to a result. That result may still be a failure: see status.',
  result: 'What came of it.',
  leadId: "Marketo's number for the person.",
  syncStatus: 'What became of this lead.',
  status:
    'CREATED is a new lead, UPDATED one that a key has found, FAILED one that was not kept, in spite of HTTP 200.',
  error: 'Why it failed. Nil when it did not.',

  Fault: 'Marketo refused the call. It always comes with HTTP 500, whatever the reason.',
  faultcode: 'It says Client whoever is to blame, so nobody should decide by it.',
  faultstring: 'The code again, with a few words.',
  detail: 'What can be relied on stands in here.',
  serviceException: "Marketo's own description of the fault.",
  name: 'The kind of exception. It is always the same.',
  message: 'What was wrong, with names where there are any.',
  code: 'Five digits that say what to do next.',
}

/** What there is to say of an element; `text` is its content, where it has nothing else. */
export function explain(element: string, text?: string): string | undefined {
  const explanation = Object.hasOwn(EXPLANATIONS, element) ? EXPLANATIONS[element] : undefined
  const fault = element === 'code' && text ? faultCode(text.trim()) : undefined
  return fault ? `${fault.name}. ${fault.meaning}` : explanation
}
