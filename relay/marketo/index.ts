/**
 * Exports the package entry `form-sync/marketo`: a typed client of Marketo's SOAP API for any runtime with `fetch` and
 * Web Crypto.
 *
 * This is the only file of the folder that reads globals (`fetch`, `Date.now`), and only for options that are absent.
 * "Marketo's page" in these comments is a page of the SOAP section of the Marketo Developer Guide, by its name.
 */
import { createClient, createLeadClient, type ClientOptions } from './soap/client.ts'
import type { Marketo } from './soap/marketo.ts'

export { MarketoError, type MarketoErrorCode, type MarketoFault, type MarketoLimit } from './soap/marketo-error.ts'
export type { CallOptions, Marketo } from './soap/marketo.ts'
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

/**
 * Options of a client: endpoint, credentials and defaults for all its calls.
 *
 * `fetch` defaults to the runtime's, and the clock `now` (epoch milliseconds) to `Date.now`.
 *
 * @example
 *
 * ```ts
 * const options: MarketoOptions = {
 *   endpoint: 'https://123-ABC-456.mktoapi.com/soap/mktows/3_1',
 *   userId: 'acmeweb_0A1B2C3D4E5F60718293A4',
 *   secretKey: 'correct horse battery',
 *   timeout: 30_000,
 * }
 * ```
 */
export type MarketoOptions = Omit<ClientOptions, 'fetch' | 'now'> & Partial<Pick<ClientOptions, 'fetch' | 'now'>>

/**
 * Creates a client of Marketo's SOAP API. Sends nothing.
 *
 * The client keeps its keys and which of them works, and nothing else, so one client serves a whole program.
 *
 * @example
 *
 * ```ts
 * const marketo = createMarketo({
 *   endpoint: 'https://123-ABC-456.mktoapi.com/soap/mktows/3_1',
 *   userId: 'acmeweb_0A1B2C3D4E5F60718293A4',
 *   secretKey: 'correct horse battery',
 * })
 * const { status, leadId } = await marketo.syncLead({ email: 'ana@acme.example', attributes: { FirstName: 'Ana' } })
 * ```
 *
 * @param options - endpoint, credentials and defaults
 * @returns a client with a method for each operation
 * @throws {TypeError} When `endpoint` is not an http or https URL or contains a user name or password, or when `userId`
 *   or `secretKey` is empty.
 */
export function createMarketo(options: MarketoOptions): Marketo {
  return createClient(withGlobals(options))
}

/**
 * Creates a client with `syncLead` alone, so that a bundle carries no other operation.
 *
 * @example
 *
 * ```ts
 * const marketo = createLeadMarketo({
 *   endpoint: 'https://123-ABC-456.mktoapi.com/soap/mktows/3_1',
 *   userId: 'acmeweb_0A1B2C3D4E5F60718293A4',
 *   secretKey: 'correct horse battery',
 * })
 * const { status } = await marketo.syncLead({ email: 'ana@acme.example' })
 * ```
 *
 * @param options - the same as for {@link createMarketo}
 * @returns a client with `syncLead` as its only method
 * @throws {TypeError} Under the same conditions as {@link createMarketo}.
 */
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
