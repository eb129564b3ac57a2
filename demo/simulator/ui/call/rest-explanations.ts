/**
 * Explains the properties of requests and answers of the REST API, by name. Data only.
 *
 * Sources: Adobe's pages on leads and authentication, and its REST contract.
 */
import { faultCode } from './fault-codes.ts'

const EXPLANATIONS: Record<string, string> = {
  input: 'The leads of the call, up to 300. The answer has an entry for each, in the same order.',
  action: 'Whether leads are created, updated, or both. Without it: createOrUpdate.',
  lookupField: 'The field by which a lead is found. Without it: email.',
  partitionName: 'The partition of new leads. A lead that exists in another one is skipped.',
  email: 'The address, by which the lead is found. Several leads may have the same address.',

  formId: 'The number of the form in Marketo. It must be approved.',
  programId: 'The program to which the lead is added.',
  leadFormFields: 'The values of the form. One field that the form does not have makes Marketo drop everything.',
  visitorData: 'What the browser said of the visit, for the activity "Fill Out Form".',
  pageURL: 'The page with the form.',
  queryString: 'The query of the page, without the question mark.',
  leadClientIpAddress: 'The address of the visitor. IPv4 only.',
  userAgentString: 'What the browser calls itself.',
  cookie: "The browser's Munchkin cookie, as it is. It associates the earlier visits with the person.",

  requestId: "Marketo's name for this call. Its support asks for it.",
  success: 'False: the whole call failed. True: each lead has its own status, which may still be a failure.',
  result: 'An entry for each lead, in the order of the call.',
  id: "Marketo's id of the lead.",
  status: 'created, updated, or skipped: not stored, in spite of HTTP 200 and success.',
  reasons: 'Why the lead was skipped.',
  errors: 'Why the whole call failed.',
  code: 'Identifies the error. Clients decide by this code.',
  message: 'The reason in words. It may quote a value.',
  nextPageToken: 'There are more results. The token asks for the next page.',

  access_token: 'The token for the calls of the next hour. Masked here.',
  token_type: 'Always bearer: who has the token may call.',
  expires_in: 'Seconds until the token ends. Asking again before gives the same token.',
  scope: 'The API-only user to whom the service belongs.',
  error: 'Why no token was given.',
  error_description: 'The reason in words. It may quote the client id.',
}

/**
 * Returns the explanation of a property, if there is one.
 *
 * @param text the property's value, if it is a single one
 */
export function explainRest(name: string, text?: string): string | undefined {
  const explanation = Object.hasOwn(EXPLANATIONS, name) ? EXPLANATIONS[name] : undefined
  const known = name === 'code' && text ? faultCode(text) : undefined
  return known ? `${known.name}. ${known.meaning}` : explanation
}
