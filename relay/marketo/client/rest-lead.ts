/**
 * `syncLead` over REST, with the result of SOAP: Sync Leads, then Associate Lead for a cookie, then Get Lead by Id for a
 * record that is wanted back.
 *
 * Source: Adobe's page "Leads". REST has neither workspaces nor foreign ids: a lead that has them is refused.
 */
import { toRestName, toSoapName } from '../names.ts'
import { associateRequest, type AssociateOptions } from '../rest/associate.ts'
import { firstRecord } from '../rest/exchange.ts'
import { valueOf } from '../rest/record.ts'
import { leadIdIn, reasonsOf } from '../rest/verdicts.ts'
import { findProblems, refuseProblems } from '../soap/client.ts'
import type { CallOptions, SoapMarketo } from '../soap/marketo.ts'
import { MarketoError } from '../soap/marketo-error.ts'
import { isBlank } from '../soap/operations/check.ts'
import { toAttributeList, type LeadRecord } from '../soap/operations/lead-record.ts'
import {
  decodedCookie,
  findLacking,
  syncLead,
  type SyncLead,
  type SyncLeadResult,
  type SyncStatus,
} from '../soap/operations/sync-lead.ts'
import { describeReason, type Run } from './run.ts'

const LACKING = {
  foreignSysPersonId: 'is of SOAP only; use lookup',
  workspace: 'is of SOAP only; use partition',
}

/** Creates `syncLead` for a client. */
export function createSyncLead(run: Run, client: AssociateOptions): SoapMarketo['syncLead'] {
  async function write(lead: SyncLead, options?: CallOptions): Promise<SyncStatus> {
    const { id, email, partition, lookup } = lead
    const attributes = toAttributeList(lead.attributes ?? [])
    const byId = !isBlank(id)
    const values = attributes.map((attribute) => [toRestName(attribute.name), valueOf(attribute as never)] as const)
    // JSON leaves out what is undefined.
    const body = JSON.stringify({
      action: byId ? 'updateOnly' : 'createOrUpdate',
      lookupField: byId ? 'id' : toRestName(lookup?.trim() || 'email'),
      partitionName: partition?.trim() || undefined,
      input: [{ ...Object.fromEntries(values), ...(byId && { id }), ...(!isBlank(email) && { email }) }],
    })
    const { result } = await run('syncLead', { method: 'POST', path: '/rest/v1/leads.json', body }, options)
    return readStatus(result, 'syncLead')
  }

  return async (lead, options) => {
    refuseProblems('syncLead', findProblems(syncLead, lead))
    const lacking = findLacking(lead, LACKING)
    if ([lead.id, lead.email, lead.lookup].every(isBlank) && lacking.length === 0) {
      lacking.push({ field: 'marketoCookie', message: 'is no key over REST; add email' })
    }
    refuseProblems('syncLead', lacking, 'unsupported')

    const status: SyncLeadResult = { ...(await write(lead, options)), leadRecord: null }
    const { leadId } = status
    const cookie = decodedCookie(lead.marketoCookie)
    if (leadId === null) return status
    try {
      if (cookie?.trim()) await associate(run, { leadId, cookie }, client, options)
      if (lead.returnLead) status.leadRecord = await readBack(run, leadId, lead, options)
    } catch (error) {
      // The lead is written: its id must not be lost.
      if (!(error instanceof MarketoError)) throw error
      status.error = error.message
    }
    return status
  }
}

/** Connects a cookie to a lead. */
export async function associate(
  run: Run,
  { leadId, cookie }: { leadId: number; cookie: string },
  client: AssociateOptions,
  options?: CallOptions,
): Promise<void> {
  await run('associate', associateRequest(leadId, cookie, client), options)
}

/** Reads the result of a call for one lead. */
export function readStatus(result: unknown, operation: 'syncLead' | 'submitForm'): SyncStatus {
  const entry = firstRecord(result)
  const { id, status } = entry
  const [first] = reasonsOf(entry)
  const leadId = leadIdIn(id)
  if (first || status === 'skipped') {
    return { leadId: null, status: 'FAILED', error: first ? describeReason(first) : 'skipped' }
  }
  if ((status === 'created' || status === 'updated') && leadId !== undefined) {
    return { leadId, status: status === 'created' ? 'CREATED' : 'UPDATED', error: null }
  }
  const message = `${operation}: no result`
  throw new MarketoError(message, { code: 'unreadable', operation, retryable: true, uncertain: true })
}

/** Reads the address and the written attributes of a lead. Their names are those of SOAP, as in every result. */
async function readBack(run: Run, leadId: number, lead: SyncLead, options?: CallOptions): Promise<LeadRecord> {
  const names = ['email', ...toAttributeList(lead.attributes ?? []).map(({ name }) => toRestName(name))]
  const path = `/rest/v1/lead/${leadId}.json?fields=${encodeURIComponent(names.join())}`
  const { result } = await run('syncLead', { method: 'GET', path }, options)
  const { id: _, email, ...values } = firstRecord(result) as Readonly<Record<string, string | number | boolean | null>>
  return {
    id: leadId,
    email: email as string | null,
    foreignSysPersonId: null,
    foreignSysType: null,
    attributes: Object.entries(values).map(([name, value]) => ({
      name: toSoapName(name),
      value: value === null ? null : String(value),
      type: null,
    })),
  }
}
