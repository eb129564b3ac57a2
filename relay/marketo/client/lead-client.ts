/** Creates the client with `syncLead` alone, for an account of either API whose endpoint was checked before. */
import { HAS_REST, HAS_SOAP } from '../../config/transports.ts'
import { createLeadClient, type ClientOptions } from '../soap/client.ts'
import type { SoapMarketo } from '../soap/marketo.ts'
import { createSyncLead } from './rest-lead.ts'
import { createRun, type RestClientOptions } from './run.ts'

export function createAccountClient(options: ClientOptions | RestClientOptions): Pick<SoapMarketo, 'syncLead'> {
  if (HAS_REST && 'clientId' in options) return { syncLead: createSyncLead(createRun(options), options) }
  if (HAS_SOAP && 'userId' in options) return createLeadClient(options)
  throw new TypeError('this build does not have the transport of the account')
}
