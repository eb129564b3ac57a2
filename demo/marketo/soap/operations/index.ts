/** The calls that this Marketo serves, by name. */
import type { Marketo } from '../../marketo.ts'
import type { Envelope } from '../envelope.ts'
import { describeMObject } from './describe-mobject.ts'
import { getLead } from './get-lead.ts'
import { listMObjects } from './list-mobjects.ts'
import { listOperation } from './list-operation.ts'
import { requestCampaign } from './request-campaign.ts'
import { syncLead } from './sync-lead.ts'
import { syncMultipleLeads } from './sync-multiple-leads.ts'

/**
 * Does the work and gives the answer's body, with the lead's id where it is about one. Throws a SoapFault, and then
 * nothing was changed. `call` is the number of the call.
 */
type Operation = (marketo: Marketo, envelope: Envelope, call: number) => { body: string; leadId: number | null }

export const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['syncLead', syncLead],
  ['syncMultipleLeads', syncMultipleLeads],
  ['getLead', getLead],
  ['describeMObject', describeMObject],
  ['listMObjects', listMObjects],
  ['requestCampaign', requestCampaign],
  ['listOperation', listOperation],
])
