/** Declares the methods that only REST has. Types only; long, because it documents every method. */
import type { CallOptions } from '../soap/marketo.ts'
import type { SyncStatus } from '../soap/operations/sync-lead.ts'

/**
 * Field of a lead, as the tenant describes it.
 *
 * Source: Adobe's page "Leads", Describe Lead.
 *
 * @example
 *
 * ```ts
 * const field: LeadField = { name: 'firstName', label: 'First Name', dataType: 'string', length: 255, readOnly: false }
 * ```
 */
export interface LeadField {
  /** REST API name. */
  name: string
  /** Name in Marketo's pages. */
  label: string
  /** Type in lower case, for example `string`, `text`, `integer`, `boolean`, `date`. */
  dataType: string
  /** Maximum length in characters, for text; otherwise null. */
  length: number | null
  /** True if Marketo answers `updated` to a value and writes nothing. */
  readOnly: boolean
}

/**
 * Input of {@link RestMarketo.getLeads}.
 *
 * Source: Adobe's page "Leads", Get Leads by Filter Type.
 *
 * @example
 *
 * ```ts
 * const filter: GetLeads = { filterType: 'email', values: ['ana@acme.example'], fields: ['email', 'company'] }
 * ```
 */
export interface GetLeads {
  /** REST API name of a searchable field, for example `id`, `email` or `cookies`. */
  filterType: string
  /** 1 to 300 values. A value must not contain a comma. */
  values: readonly (string | number)[]
  /** REST API names of the fields to return. Marketo chooses six if they are absent. */
  fields?: readonly string[] | undefined
  /** Token of the page before. */
  nextPageToken?: string | undefined
}

/**
 * Result of {@link RestMarketo.getLeads}: a page of leads.
 *
 * @example
 *
 * ```ts
 * const found: GetLeadsResult = { leads: [{ id: 1_000_042, email: 'ana@acme.example' }], nextPageToken: null }
 * ```
 */
export interface GetLeadsResult {
  /** Values by REST API name, as JSON has them: text, numbers, booleans, and null for none. */
  leads: Readonly<Record<string, unknown>>[]
  /** Token of the next page; null if this is the last. */
  nextPageToken: string | null
}

/**
 * Input of {@link RestMarketo.submitForm}.
 *
 * Source: Adobe's page "Leads", Submit Form.
 *
 * @example
 *
 * ```ts
 * const submission: SubmitForm = {
 *   formId: 1029,
 *   fields: { email: 'ana@acme.example', firstName: 'Ana' },
 *   visitor: { pageURL: 'https://www.acme.example/contact' },
 * }
 * ```
 */
export interface SubmitForm {
  /** Id of an approved Marketo form. */
  formId: number
  /** Id of a program of the form's workspace. */
  programId?: number | undefined
  /** Values by name, SOAP or REST. Every field must be on the form: Marketo drops the whole submission otherwise. */
  fields: Readonly<Record<string, string | number | boolean>>
  /** What Marketo infers company and country from. `leadClientIpAddress` must be IPv4. */
  visitor?: {
    pageURL?: string | undefined
    queryString?: string | undefined
    leadClientIpAddress?: string | undefined
    userAgentString?: string | undefined
  }
  /** Munchkin cookie, decoded. */
  cookie?: string | undefined
}

/**
 * Input of {@link RestMarketo.addToList}.
 *
 * Source: Adobe's page "Static Lists", Add to List.
 *
 * @example
 *
 * ```ts
 * const request: AddToList = { listId: 1042, leadIds: [1_000_042] }
 * ```
 */
export interface AddToList {
  /** Id of a static list. */
  listId: number
  /** 1 to 300 ids of leads. */
  leadIds: readonly number[]
}

/**
 * Methods that only the REST API has. Over SOAP each rejects with the code `unsupported`.
 *
 * Source: Adobe's swagger of the REST API, and the page named at each method.
 *
 * @example
 *
 * ```ts
 * async function countFields(client: RestMarketo): Promise<number> {
 *   return (await client.describe()).length
 * }
 * ```
 */
export interface RestMarketo {
  /**
   * Lists the fields of a lead. Over SOAP use `describeMObject`.
   *
   * Source: Adobe's page "Leads", Describe Lead.
   *
   * @example
   *
   * ```ts
   * const writable = (await marketo.describe()).filter(({ readOnly }) => !readOnly).map(({ name }) => name)
   * ```
   *
   * @param options - timeout and abort signal of this call
   * @returns the fields, in Marketo's order
   * @throws {MarketoError} With the code `603` if the API user lacks the right, or another code of
   *   {@link MarketoErrorCode}.
   */
  describe(options?: CallOptions): Promise<LeadField[]>

  /**
   * Gets the leads whose field has one of the values, up to 300 a page. An empty list is a success. Over SOAP use
   * `getLead`.
   *
   * Source: Adobe's page "Leads", Get Leads by Filter Type.
   *
   * @example
   *
   * ```ts
   * const { leads } = await marketo.getLeads({ filterType: 'email', values: ['ana@acme.example'] })
   * const id = leads[0]?.id
   * ```
   *
   * @param filter - a field, its values, and the fields to return
   * @param options - timeout and abort signal of this call
   * @returns a page of leads
   * @throws {MarketoError} With the code `input` if the filter is invalid, `1003` if more than 1,000 leads match, `1006` for
   *   a field that is not there, or another code of {@link MarketoErrorCode}.
   */
  getLeads(filter: GetLeads, options?: CallOptions): Promise<GetLeadsResult>

  /**
   * Connects a visitor's cookie, with its earlier visits, to a lead. The last call for a cookie owns the visitor. Over SOAP
   * use `syncLead` with `marketoCookie`.
   *
   * Source: Adobe's page "Leads", Associate Lead.
   *
   * @example
   *
   * ```ts
   * await marketo.associate({ leadId: 1_000_042, cookie: 'id:123-ABC-456&token:_mch-acme.example-1764000000000-54321' })
   * ```
   *
   * @param visitor - id of the lead, and the Munchkin cookie; a percent-encoded one is decoded
   * @param options - timeout and abort signal of this call
   * @throws {MarketoError} With the code `1004` if there is no such lead, `1012` if the cookie is not valid, or another code
   *   of {@link MarketoErrorCode}.
   */
  associate(visitor: { leadId: number; cookie: string }, options?: CallOptions): Promise<void>

  /**
   * Creates or updates a lead as a Marketo form does, so that triggers of "Fills Out Form" run. A call whose reply is lost
   * must not be repeated blindly: each submission is an activity of its own. Over SOAP use `syncLead`.
   *
   * Source: Adobe's page "Leads", Submit Form.
   *
   * @example
   *
   * ```ts
   * const { status } = await marketo.submitForm({ formId: 1029, fields: { email: 'ana@acme.example' } })
   * ```
   *
   * @param submission - the form, its values, and the visitor
   * @param options - timeout and abort signal of this call
   * @returns status and id of the lead; `FAILED` if Marketo has dropped the submission
   * @throws {MarketoError} With the code `input` if the submission is invalid, `609` if there is no such form, `1003` if it
   *   is not valid, or another code of {@link MarketoErrorCode}. Check `uncertain` before calling again.
   */
  submitForm(submission: SubmitForm, options?: CallOptions): Promise<SyncStatus>

  /**
   * Adds 1 to 300 leads to a static list. Over SOAP use `listOperation`.
   *
   * Source: Adobe's page "Static Lists", Add to List.
   *
   * @example
   *
   * ```ts
   * const added = await marketo.addToList({ listId: 1042, leadIds: [1_000_042] })
   * const missing = added.filter(({ error }) => error !== null).map(({ leadId }) => leadId)
   * ```
   *
   * @param request - ids of list and leads
   * @param options - timeout and abort signal of this call
   * @returns for each lead whether it was added, or Marketo's reason why not
   * @throws {MarketoError} With the code `input` if the request is invalid, `1013` if there is no such list, or another code
   *   of {@link MarketoErrorCode}.
   */
  addToList(request: AddToList, options?: CallOptions): Promise<{ leadId: number | null; error: string | null }[]>
}
