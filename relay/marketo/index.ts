/**
 * The door `form-sync/marketo`: Marketo's SOAP API for programs, on any runtime with `fetch` and Web Crypto.
 *
 * The only file of this room that reads globals, and only where nothing else was handed in.
 */
import { createClient, createLeadClient, type ClientOptions, type Marketo } from './soap/client.ts'

export { MarketoError, type MarketoErrorCode, type MarketoFault, type MarketoLimit } from './soap/error.ts'
export type { CallOptions, Marketo } from './soap/client.ts'
export type { InputProblem } from './soap/operations/check.ts'
export type { DescribeMObject, MObject, MObjectField } from './soap/operations/describe-m-object.ts'
export type { GetLeadResult } from './soap/operations/get-lead.ts'
export type { LeadKey, LeadKeyRecord, LeadKeyType } from './soap/operations/lead-key.ts'
export type {
  Attributes,
  ForeignSysType,
  LeadAttribute,
  LeadFields,
  LeadRecord,
} from './soap/operations/lead-record.ts'
export type { ListOperation, ListOperationResult } from './soap/operations/list-operation.ts'
export type { RequestCampaign } from './soap/operations/request-campaign.ts'
export type { SyncLead, SyncLeadResult, SyncStatus } from './soap/operations/sync-lead.ts'
export type { SyncMultipleLeads } from './soap/operations/sync-multiple-leads.ts'

/** Who calls, and where. `fetch` and the clock `now` are the runtime's, unless others are given. */
export type MarketoOptions = Omit<ClientOptions, 'fetch' | 'now'> & Partial<Pick<ClientOptions, 'fetch' | 'now'>>

/**
 * A Marketo to call.
 *
 * ```ts
 * const marketo = createMarketo({ endpoint, userId, secretKey })
 * const { status, leadId } = await marketo.syncLead({ email: 'ana@acme.example', attributes: { FirstName: 'Ana' } })
 * ```
 *
 * It keeps nothing but its keys and which of them works, so one serves a whole program.
 *
 * @throws {TypeError} for an endpoint that is no address of the web, and for an empty user id or key
 */
export function createMarketo(options: MarketoOptions): Marketo {
  return createClient(withGlobals(options))
}

/** A Marketo with syncLead alone, for a bundle in which every kilobyte counts. Otherwise as `createMarketo`. */
export function createLeadMarketo(options: MarketoOptions): Pick<Marketo, 'syncLead'> {
  return createLeadClient(withGlobals(options))
}

function withGlobals({
  fetch = (url, init) => globalThis.fetch(url, init),
  now = Date.now,
  ...options
}: MarketoOptions): ClientOptions {
  return { ...options, fetch, now }
}
