/**
 * Exports the package entry `form-sync/marketo`: a typed client of Marketo's REST API and of its SOAP API, for any runtime
 * with `fetch` and Web Crypto.
 *
 * This is the only file of the folder that reads globals (`fetch`, `Date.now`), and only for options that are absent.
 * "Marketo's page" in these comments is a page of the SOAP section of the Marketo Developer Guide, "Adobe's page" one of
 * the REST section of its successor, by its name.
 */
import { createAccountClient } from './client/lead-client.ts'
import { NOT_OVER_REST, NOT_OVER_SOAP } from './client/lacking.ts'
import { createRestClient } from './client/rest-client.ts'
import type { RestMarketo } from './client/rest-marketo.ts'
import type { RestClientOptions } from './client/run.ts'
import { withoutApiPath } from './endpoint.ts'
import { createClient, type ClientOptions } from './soap/client.ts'
import type { SoapMarketo } from './soap/marketo.ts'

export type { AddToList, GetLeads, GetLeadsResult, LeadField, RestMarketo, SubmitForm } from './client/rest-marketo.ts'

export { MarketoError, type MarketoErrorCode, type MarketoFault, type MarketoLimit } from './soap/marketo-error.ts'
export type { CallOptions, SoapMarketo } from './soap/marketo.ts'
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

type WithDefaults<Options extends { fetch: unknown; now: unknown }> = Omit<Options, 'fetch' | 'now'> &
  Partial<Pick<Options, 'fetch' | 'now'>>

/**
 * Options of a client over SOAP: endpoint, credentials and defaults for all its calls.
 *
 * `fetch` defaults to the runtime's, and the clock `now` (epoch milliseconds) to `Date.now`.
 *
 * @example
 *
 * ```ts
 * const options: SoapMarketoOptions = {
 *   endpoint: 'https://123-ABC-456.mktoapi.com/soap/mktows/3_1',
 *   userId: 'acmeweb_0A1B2C3D4E5F60718293A4',
 *   secretKey: 'correct horse battery',
 *   timeout: 30_000,
 * }
 * ```
 */
export type SoapMarketoOptions = WithDefaults<ClientOptions>

/**
 * Options of a client over REST: endpoint, and the credentials of a custom service (Admin > Integration > LaunchPoint).
 *
 * `fetch` defaults to the runtime's, and the clock `now` (epoch milliseconds) to `Date.now`.
 *
 * @example
 *
 * ```ts
 * const options: RestMarketoOptions = {
 *   endpoint: 'https://123-ABC-456.mktorest.com/rest',
 *   clientId: '4f6a1d3e-0000-4000-8000-5f6e7d8c9b0a',
 *   clientSecret: 'correct horse battery',
 * }
 * ```
 */
export type RestMarketoOptions = WithDefaults<RestClientOptions>

/**
 * Options of a client: those with a `clientId` are of REST, all others of SOAP.
 *
 * @example
 *
 * ```ts
 * const options: MarketoOptions = {
 *   endpoint: 'https://123-ABC-456.mktorest.com/rest',
 *   clientId: '4f6a1d3e-0000-4000-8000-5f6e7d8c9b0a',
 *   clientSecret: 'correct horse battery',
 * }
 * ```
 */
export type MarketoOptions = SoapMarketoOptions | RestMarketoOptions

/**
 * Client of Marketo, over SOAP or REST. `syncLead` and `requestCampaign` work over both, with the same results.
 *
 * A method that the transport lacks rejects with a {@link MarketoError} whose code is `unsupported` and whose message says
 * what to use instead.
 *
 * @example
 *
 * ```ts
 * async function createLead(client: Marketo, email: string): Promise<number | null> {
 *   return (await client.syncLead({ email })).leadId
 * }
 * ```
 */
export interface Marketo extends SoapMarketo, RestMarketo {}

/**
 * Creates a client of Marketo. Sends nothing.
 *
 * Over SOAP the client keeps its keys and which of them works; over REST its credentials and the current access token. So
 * one client serves a whole program.
 *
 * @example
 *
 * ```ts
 * const marketo = createMarketo({
 *   endpoint: 'https://123-ABC-456.mktorest.com/rest',
 *   clientId: '4f6a1d3e-0000-4000-8000-5f6e7d8c9b0a',
 *   clientSecret: 'correct horse battery',
 * })
 * const { status, leadId } = await marketo.syncLead({ email: 'ana@acme.example', attributes: { FirstName: 'Ana' } })
 * ```
 *
 * @param options - endpoint, credentials and defaults
 * @returns a client with a method for each operation
 * @throws {TypeError} When `endpoint` is not an http or https URL or contains a user name or password, or when one of the
 *   credentials is empty.
 */
export function createMarketo(options: MarketoOptions): Marketo {
  const all = withGlobals(options)
  return 'clientId' in all ? { ...NOT_OVER_REST, ...createRestClient(all) } : { ...NOT_OVER_SOAP, ...createClient(all) }
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
  return createAccountClient(withGlobals(options))
}

function withGlobals(options: MarketoOptions): ClientOptions | RestClientOptions {
  const { fetch = (url: string, init: RequestInit) => globalThis.fetch(url, init), now = Date.now } = options
  const given = options as Readonly<Record<string, unknown>>
  const isRest = 'clientId' in options
  checkEndpoint(options.endpoint, isRest ? 'mktorest.com/rest' : 'mktoapi.com/soap/mktows/3_1')
  for (const name of isRest ? ['clientId', 'clientSecret'] : ['userId', 'secretKey']) {
    if (!given[name]) throw new TypeError(`${name} must not be empty`)
  }
  if (!isRest) return { ...options, fetch, now }
  return { ...options, endpoint: withoutApiPath(options.endpoint), fetch, now }
}

/** Checks an endpoint. The error's message does not quote it, because it may contain a password. */
function checkEndpoint(endpoint: string, path: string): void {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new TypeError(
      `endpoint must be an http or https URL without user name and password, such as https://123-ABC-456.${path}`,
    )
  }
}
