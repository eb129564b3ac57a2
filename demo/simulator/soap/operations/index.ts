/** Lists the supported SOAP operations by name. */
import type { Marketo } from '../../marketo.ts'
import type { EmailSnapshot } from '../../people/people.ts'
import type { Envelope } from '../envelope.ts'
import { describeMObject } from './describe-mobject.ts'
import { getLead } from './get-lead.ts'
import { listMObjects } from './list-mobjects.ts'
import { listOperation } from './list-operation.ts'
import { requestCampaign } from './request-campaign.ts'
import { syncLead, type LeadStatus } from './sync-lead.ts'
import { syncMultipleLeads } from './sync-multiple-leads.ts'

/**
 * Performs an operation and returns the body of its reply, the id of its lead if it concerns one, and the status of each
 * lead if it writes leads.
 *
 * @param context `call`: number of the call; `snapshot`: taken when the call began
 * @throws SoapFault if the call is rejected; nothing has been changed then
 */
type Operation = (
  marketo: Marketo,
  envelope: Envelope,
  { call, snapshot }: { call: number; snapshot: EmailSnapshot },
) => { body: string; leadId: number | null; statuses?: LeadStatus[] }

export const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['syncLead', syncLead],
  ['syncMultipleLeads', syncMultipleLeads],
  ['getLead', getLead],
  ['describeMObject', describeMObject],
  ['listMObjects', listMObjects],
  ['requestCampaign', requestCampaign],
  ['listOperation', listOperation],
])
