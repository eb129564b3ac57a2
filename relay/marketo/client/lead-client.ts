/** Creates the client with `syncLead` alone, for an account of either API whose endpoint was checked before. */
import { createLeadClient, type ClientOptions } from '../soap/client.ts'
import type { SoapMarketo } from '../soap/marketo.ts'
import { createSyncLead } from './rest-lead.ts'
import { createRun, type RestClientOptions } from './run.ts'

export function createAccountClient(options: ClientOptions | RestClientOptions): Pick<SoapMarketo, 'syncLead'> {
  return 'clientId' in options ? { syncLead: createSyncLead(createRun(options)) } : createLeadClient(options)
}
