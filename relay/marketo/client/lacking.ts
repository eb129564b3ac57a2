/** Methods that one transport lacks: each rejects with the code `unsupported`, and says what to use instead. */
import type { SoapMarketo } from '../soap/marketo.ts'
import { MarketoError } from '../soap/marketo-error.ts'
import type { OperationName } from '../soap/operations/operation.ts'
import type { RestMarketo } from './rest-marketo.ts'

function lacks(operation: OperationName, transport: 'SOAP' | 'REST', instead: string): () => Promise<never> {
  const message = `${operation}: not available over ${transport}; use ${instead}`
  return () => Promise.reject(new MarketoError(message, { code: 'unsupported', operation }))
}

/** What a client over SOAP lacks. */
export const NOT_OVER_SOAP: RestMarketo = {
  describe: lacks('describe', 'SOAP', 'describeMObject with the object LeadRecord'),
  getLeads: lacks('getLeads', 'SOAP', 'getLead'),
  associate: lacks('associate', 'SOAP', 'syncLead with marketoCookie'),
  submitForm: lacks('submitForm', 'SOAP', 'syncLead'),
  addToList: lacks('addToList', 'SOAP', 'listOperation with ADDTOLIST'),
}

/** What a client over REST lacks. */
export const NOT_OVER_REST: Omit<SoapMarketo, 'syncLead' | 'requestCampaign'> = {
  syncMultipleLeads: lacks('syncMultipleLeads', 'REST', 'syncLead for each lead'),
  getLead: lacks('getLead', 'REST', 'getLeads'),
  describeMObject: lacks('describeMObject', 'REST', 'describe'),
  listMObjects: lacks('listMObjects', 'REST', 'describe'),
  listOperation: lacks('listOperation', 'REST', 'addToList'),
}
