/**
 * `syncLead`: creates or updates one lead, and makes an anonymous visitor known by the cookie. Source: Marketo's page
 * "syncLead", and the WSDL's types of these names.
 *
 * Names and order of the elements matter: Marketo's server ignores an unknown element, and without its key an update
 * creates a second lead.
 */
import { parseMunchkinCookie } from '../../../intake/munchkin-cookie.ts'
import { child, type Element } from '../xml/reader.ts'
import { xmlText } from '../xml/escape.ts'
import { checkBoolean, checkObject, checkText, isBlank, type InputProblem } from './check.ts'
import {
  checkFields,
  hasKey,
  LEAD_FIELDS,
  readRecord,
  writeRecord,
  type LeadFields,
  type LeadRecord,
} from './lead-record.ts'
import { SMALL_REPLY_BYTES, type Operation } from './operation.ts'
import { idOf, textOf, trimmedTextOf } from './values.ts'

/**
 * Input of {@link Marketo.syncLead}: one lead with at least one key.
 *
 * If there are several keys, Marketo uses the first of `id`, `foreignSysPersonId`, `marketoCookie`, `email`, and writes a
 * foreign id or an e-mail address after it to that lead. Over REST it uses the first of `id`, `lookup`, `email`; there are
 * no foreign ids, and a cookie is no key.
 *
 * Source: Marketo's page "syncLead".
 *
 * @example
 *
 * ```ts
 * const lead: SyncLead = {
 *   email: 'ana@acme.example',
 *   attributes: { FirstName: 'Ana' },
 *   marketoCookie: 'id:123-ABC-456&token:_mch-acme.example-1764000000000-54321',
 *   returnLead: true,
 * }
 * ```
 */
export interface SyncLead extends LeadFields {
  /**
   * True to get the whole record back, which is much personal data; over REST only the address and the written attributes.
   * Defaults to false.
   */
  returnLead?: boolean | undefined
  /** Munchkin cookie: `id:123-ABC-456&token:_mch-…`. A percent-encoded one is decoded. */
  marketoCookie?: string | undefined
  /** Marketo's `targetWorkspace`, over SOAP only. Defaults to the client's; '' for none. */
  workspace?: string | undefined
  /** Name of the lead partition, over REST only. */
  partition?: string | undefined
  /** API name of the attribute by which Marketo finds the lead, over REST only. Defaults to the e-mail address. */
  lookup?: string | undefined
}

/**
 * Status of one lead.
 *
 * Source: `SyncStatus` in Marketo's WSDL.
 *
 * @example
 *
 * ```ts
 * const status: SyncStatus = { leadId: 1_000_042, status: 'CREATED', error: null }
 * ```
 */
export interface SyncStatus {
  /** Marketo's id of the lead; null if the reply has no positive whole number. */
  leadId: number | null
  /** `CREATED`, `UPDATED` or `FAILED`; any other status is passed on as text. `FAILED` is not thrown as an error. */
  status: 'CREATED' | 'UPDATED' | 'FAILED' | (string & {})
  /**
   * Marketo's message for a failure, which may contain personal data; otherwise null. Over REST also the reason why the
   * cookie of a lead that was written was not associated.
   */
  error: string | null
}

/**
 * Result of {@link Marketo.syncLead}.
 *
 * Source: `ResultSyncLead` in Marketo's WSDL.
 *
 * @example
 *
 * ```ts
 * const result: SyncLeadResult = { leadId: 1_000_042, status: 'UPDATED', error: null, leadRecord: null }
 * ```
 */
export interface SyncLeadResult extends SyncStatus {
  /** The lead's record after the update; null unless `returnLead` was true. */
  leadRecord: LeadRecord | null
}

const FIELDS = [...LEAD_FIELDS, 'returnLead', 'marketoCookie', 'workspace', 'partition', 'lookup']

export const syncLead: Operation<SyncLead, SyncLeadResult> = {
  name: 'syncLead',
  maxBytes: SMALL_REPLY_BYTES,

  check(input, addIssue) {
    const fields = checkObject(input, FIELDS, '', addIssue)
    if (!fields) return
    if (!hasKey(fields) && isBlank(fields.marketoCookie) && isBlank(fields.lookup)) {
      addIssue('', 'a key is missing: id, email, foreignSysPersonId or marketoCookie')
    }
    checkFields(fields, '', addIssue)
    checkBoolean(fields.returnLead, 'returnLead', addIssue)
    checkText(fields.marketoCookie, 'marketoCookie', addIssue)
    for (const name of ['workspace', 'partition', 'lookup']) checkText(fields[name], name, addIssue)
  },

  write(input) {
    const { returnLead = false } = input
    const marketoCookie = decodedCookie(input.marketoCookie)
    const cookie = isBlank(marketoCookie) ? '' : `<marketoCookie>${xmlText(marketoCookie)}</marketoCookie>`
    return `${writeRecord(input)}<returnLead>${returnLead}</returnLead>${cookie}`
  },

  read(result) {
    const status = readStatus(child(result, 'syncStatus'))
    return status && { ...status, leadId: idOf(result, 'leadId'), leadRecord: readRecord(child(result, 'leadRecord')) }
  },
}

/**
 * Returns a Munchkin cookie decoded: Marketo answers a percent-encoded one with success and associates nothing. Any other
 * text is left as it is, for Marketo to judge.
 */
export function decodedCookie(cookie: string | undefined): string | undefined {
  return (cookie && parseMunchkinCookie(cookie)?.cookie) ?? cookie
}

/** Reads a `syncStatus` element; returns undefined if it has no status. */
export function readStatus(syncStatus: Element | undefined): SyncStatus | undefined {
  const status = trimmedTextOf(syncStatus, 'status')
  return status === null
    ? undefined
    : { leadId: idOf(syncStatus, 'leadId'), status, error: textOf(syncStatus, 'error') || null }
}

/** Fields of a lead that a transport lacks, with what to use instead. */
export type LackingFields = Readonly<Record<string, string>>

/** Reports every field that the transport lacks and that is not blank. */
export function findLacking(lead: object, lacking: LackingFields): InputProblem[] {
  return Object.entries(lacking).flatMap(([field, message]) =>
    isBlank((lead as Readonly<Record<string, unknown>>)[field]) ? [] : [{ field, message }],
  )
}
