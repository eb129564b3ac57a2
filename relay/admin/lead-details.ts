/**
 * Shows one lead in full, whatever its state: the admin service behind HTTP and the command. It knows neither HTTP nor the
 * terminal, changes nothing, and returns personal data only when the caller asks for values.
 */
import { iso } from '../monitoring/events.ts'
import type { JobRecord, Outbox } from '../outbox/outbox.ts'
import { valuesOf, type Values } from './lead-values.ts'
import { parkedReasonOf, toHistoryEntry, type HistoryEntry } from './parked-leads.ts'

export interface LeadDetails {
  /** Returns the lead with this id; undefined when there is none. */
  show(id: string, values: boolean): Promise<ShownLead | undefined>
}

/** A lead as an operator sees it. Times are ISO 8601. */
export interface ShownLead extends Pick<
  JobRecord,
  'id' | 'form' | 'account' | 'state' | 'attempts' | 'leadId' | 'rejectedAttributes' | 'staleAttributes' | 'notes'
> {
  acceptedAt: string
  /** When a waiting lead is due. */
  dueAt?: string
  /** When it was delivered, discarded, parked or held. */
  settledAt?: string
  /** Why it is parked or held, or why its last attempt failed. */
  reason?: string
  /** Names of the rules that have fired for the post. */
  rules: readonly string[]
  /** Failed attempts. Consecutive ones with the same reason are one entry. */
  history: HistoryEntry[]
  /** Names of the attributes that the lead has. None once it is delivered or discarded, when they are wiped. */
  attributes: string[]
  /** Personal data, if the caller asked for it. */
  values?: Values
}

/** Creates the admin service of an outbox. */
export function createLeadDetails(outbox: Pick<Outbox, 'find'>): LeadDetails {
  return {
    async show(id, values) {
      const job = await outbox.find(id)
      return job && shown(job, values)
    },
  }
}

function shown(job: JobRecord, withValues: boolean): ShownLead {
  const { id, form, account, state, attempts, acceptedAt, dueAt, settledAt, leadId, lead, rules = [], notes } = job
  const reason = parkedReasonOf(job)
  return {
    id,
    form,
    ...(account !== undefined && { account }),
    state,
    acceptedAt: iso(acceptedAt),
    ...(dueAt !== undefined && { dueAt: iso(dueAt) }),
    ...(settledAt !== undefined && { settledAt: iso(settledAt) }),
    attempts,
    ...(leadId !== undefined && { leadId }),
    ...(reason !== undefined && { reason }),
    rules,
    history: job.history.map(toHistoryEntry),
    attributes: lead?.attributes.map(({ name }) => name) ?? [],
    rejectedAttributes: job.rejectedAttributes,
    staleAttributes: job.staleAttributes,
    notes,
    ...(withValues && lead && { values: valuesOf(lead) }),
  }
}
