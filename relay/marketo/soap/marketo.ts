/** Declares the client of the SOAP API: one method for each operation. Types only; long, because it documents every method. */
import type { DescribeMObject, MObject } from './operations/describe-m-object.ts'
import type { GetLeadResult } from './operations/get-lead.ts'
import type { LeadKey } from './operations/lead-key.ts'
import type { ListOperation, ListOperationResult } from './operations/list-operation.ts'
import type { RequestCampaign } from './operations/request-campaign.ts'
import type { SyncLead, SyncLeadResult, SyncStatus } from './operations/sync-lead.ts'
import type { SyncMultipleLeads } from './operations/sync-multiple-leads.ts'

/**
 * Options of one call.
 *
 * @example
 *
 * ```ts
 * const options: CallOptions = { timeout: 30_000, signal: new AbortController().signal }
 * ```
 */
export interface CallOptions {
  /**
   * Timeout in milliseconds, from 1 to 2,147,483,647, until the reply is complete. Includes the attempt with a second
   * key. Defaults to the client's.
   */
  timeout?: number | undefined
  /** Ends the call when it aborts; the call then rejects with the code `aborted`. */
  signal?: AbortSignal | undefined
  /**
   * Runs each request of the call, such as when a limiter permits it. Some methods make up to three over REST. Rejects as
   * `request` does. By default each runs at once.
   */
  runCall?: (<T>(request: () => Promise<T>) => Promise<T>) | undefined
}

/**
 * Methods of Marketo's SOAP API. `syncLead` and `requestCampaign` work over REST too.
 *
 * Each method checks its input and then makes one call, or two if `nextSecretKey` is set and Marketo rejects the first
 * key. It rejects with a {@link MarketoError}. Calls may run concurrently. In every result, null stands for a value that
 * was `xsi:nil` or absent.
 *
 * Source: Marketo's WSDL, versions 2_1 and 2_7, and the page named at each method.
 *
 * @example
 *
 * ```ts
 * async function countObjects(client: SoapMarketo): Promise<number> {
 *   return (await client.listMObjects()).length
 * }
 * ```
 */
export interface SoapMarketo {
  /**
   * Creates or updates one lead. A Munchkin cookie also makes its anonymous visitor known.
   *
   * `FAILED` is a status of the result, not an error. `UPDATED` does not prove that every value was stored: Marketo
   * returns it for read-only attributes too.
   *
   * Over REST this is Sync Leads, then Associate Lead for the cookie, then Get Lead by Id if `returnLead` is true.
   *
   * Source: Marketo's page "syncLead"; Adobe's page "Leads".
   *
   * @example
   *
   * ```ts
   * const { status, leadId, error } = await marketo.syncLead({
   *   email: 'ana@acme.example',
   *   attributes: { FirstName: 'Ana', LastName: 'Silva' },
   *   marketoCookie: 'id:123-ABC-456&token:_mch-acme.example-1764000000000-54321',
   * })
   * if (status === 'FAILED') console.error(leadId, error)
   * ```
   *
   * @param lead - a lead with at least one key
   * @param options - timeout and abort signal of this call
   * @returns status and id of the lead, and its record if `returnLead` is true
   * @throws {MarketoError} With the code `input` if the lead is invalid, `unsupported` if it has a field that the transport
   *   lacks, `20105` if Marketo does not know an attribute (over REST the status is `FAILED`), or another code of
   *   {@link MarketoErrorCode}.
   */
  syncLead(lead: SyncLead, options?: CallOptions): Promise<SyncLeadResult>

  /**
   * Creates or updates 1 to 300 leads in one call, without cookies and without a workspace.
   *
   * Source: Marketo's page "syncMultipleLeads".
   *
   * @example
   *
   * ```ts
   * const statuses = await marketo.syncMultipleLeads({
   *   leads: [{ email: 'ana@acme.example', attributes: { FirstName: 'Ana' } }, { id: 1_000_042 }],
   *   dedupEnabled: true,
   * })
   * const failed = statuses.filter(({ status }) => status === 'FAILED')
   * ```
   *
   * @param leads - the leads, each with at least one key
   * @param options - timeout and abort signal of this call
   * @returns one status for each lead, in the order of `leads`
   * @throws {MarketoError} With the code `input` if any lead is invalid, `unreadable` if the reply has more or fewer
   *   statuses than leads, or another code of {@link MarketoErrorCode}. An error concerns all leads of the call.
   */
  syncMultipleLeads(leads: SyncMultipleLeads, options?: CallOptions): Promise<SyncStatus[]>

  /**
   * Gets all leads that a key matches, with all their attributes that are not empty.
   *
   * Returns a count of 0 if none matches; Marketo's fault 20103 is not passed on.
   *
   * Source: Marketo's page "getLead".
   *
   * @example
   *
   * ```ts
   * const { count, leadRecords } = await marketo.getLead({ email: 'ana@acme.example' })
   * const company = leadRecords[0]?.attributes.find(({ name }) => name === 'Company')?.value
   * ```
   *
   * @param key - one key
   * @param options - timeout and abort signal of this call
   * @returns the number of leads, and their records
   * @throws {MarketoError} With the code `input` if the key is invalid, or another code of {@link MarketoErrorCode}.
   */
  getLead(key: LeadKey, options?: CallOptions): Promise<GetLeadResult>

  /**
   * Gets the fields of an object, with their types, sizes and flags.
   *
   * Source: Marketo's page "describeMObject".
   *
   * @example
   *
   * ```ts
   * const { fields } = await marketo.describeMObject({ objectName: 'LeadRecord' })
   * const writable = fields.filter(({ isReadonly }) => !isReadonly).map(({ name }) => name)
   * ```
   *
   * @param object - the name of the object
   * @param options - timeout and abort signal of this call
   * @returns the object and its fields
   * @throws {MarketoError} With the code `input` if the name is missing, or another code of {@link MarketoErrorCode}.
   */
  describeMObject(object: DescribeMObject, options?: CallOptions): Promise<MObject>

  /**
   * Lists the names of the objects that `describeMObject` can describe. It changes nothing and takes no input, so it is
   * the cheapest way to check the key and the endpoint.
   *
   * Source: Marketo's page "listMObjects".
   *
   * @example
   *
   * ```ts
   * const names = await marketo.listMObjects({ timeout: 10_000 })
   * ```
   *
   * @param options - timeout and abort signal of this call
   * @returns the names, for example `LeadRecord`
   * @throws {MarketoError} With the code `20014` if the user id or the key is wrong, or another code of
   *   {@link MarketoErrorCode}.
   */
  listMObjects(options?: CallOptions): Promise<string[]>

  /**
   * Runs a campaign for 1 to 100 leads. Calling it twice runs the campaign twice.
   *
   * The campaign needs the trigger "Campaign is Requested" with the source "Web Service API". Over REST it is given by its
   * `campaignId`, and the leads by their `id`.
   *
   * Source: Marketo's page "requestCampaign".
   *
   * @example
   *
   * ```ts
   * await marketo.requestCampaign({ campaignId: 1001, leads: [{ email: 'ana@acme.example' }] })
   * await marketo.requestCampaign({
   *   programName: 'Trade Show',
   *   campaignName: 'Thank you',
   *   tokens: { '{{my.Place}}': 'Hamburg' },
   *   leads: [{ id: 1_000_042 }],
   * })
   * ```
   *
   * @param request - the campaign and the leads
   * @param options - timeout and abort signal of this call
   * @returns whether Marketo accepted the request
   * @throws {MarketoError} With the code `input` if the request is invalid, `20113` if there is no such campaign, or
   *   another code of {@link MarketoErrorCode}. Check `uncertain` before calling again.
   */
  requestCampaign(request: RequestCampaign, options?: CallOptions): Promise<{ success: boolean }>

  /**
   * Adds 1 to 1,000 leads to a static list, removes them from it, or checks whether they are on it. Only lists of the
   * lead database can be used, not those of a program.
   *
   * Source: Marketo's page "listOperation".
   *
   * @example
   *
   * ```ts
   * const { statuses } = await marketo.listOperation({
   *   operation: 'ISMEMBEROFLIST',
   *   list: 'Newsletter',
   *   leads: [{ email: 'ana@acme.example' }],
   * })
   * const isMember = statuses[0]?.status ?? false
   * ```
   *
   * @param request - operation, list and leads
   * @param options - timeout and abort signal of this call
   * @returns the success of the call, and a status for each key
   * @throws {MarketoError} With the code `input` if the request is invalid, `20111` if there is no such list, or another
   *   code of {@link MarketoErrorCode}.
   */
  listOperation(request: ListOperation, options?: CallOptions): Promise<ListOperationResult>
}
