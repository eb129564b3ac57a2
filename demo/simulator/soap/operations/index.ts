/** The calls that this Marketo serves, by name. */
import type { Marketo } from '../../marketo.ts'
import type { Sight } from '../../people/people.ts'
import type { Envelope } from '../envelope.ts'
import { describeMObject } from './describe-mobject.ts'
import { getLead } from './get-lead.ts'
import { listMObjects } from './list-mobjects.ts'
import { listOperation } from './list-operation.ts'
import { requestCampaign } from './request-campaign.ts'
import { syncLead, type LeadStatus } from './sync-lead.ts'
import { syncMultipleLeads } from './sync-multiple-leads.ts'

/**
 * Does the work and gives the answer's body, with the lead's id where it is about one, and what became of each lead
 * where it writes leads. Throws a SoapFault, and then nothing was changed. `call` is the number of the call, `sight` what
 * people it saw when it began.
 */
type Operation = (
  marketo: Marketo,
  envelope: Envelope,
  { call, sight }: { call: number; sight: Sight },
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
