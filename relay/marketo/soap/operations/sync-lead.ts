/**
 * `syncLead`: creates or updates one person, and makes an anonymous visitor known by their cookie. Source: Marketo's
 * page "Sync Lead" and the WSDL's types of these names.
 *
 * Names and order matter. Marketo's server drops an element that it does not know without a word, and an update becomes
 * a second person.
 */
import { child, type Element } from '../xml/reader.ts'
import { xmlText } from '../xml/escape.ts'
import { checkBoolean, checkText, fieldsOf, isBlank } from './check.ts'
import {
  checkFields,
  hasKey,
  LEAD_FIELDS,
  readRecord,
  writeRecord,
  type LeadFields,
  type LeadRecord,
} from './lead-record.ts'
import { SMALL_REPLY, type Operation } from './operation.ts'
import { idOf, textOf, wordOf } from './values.ts'

/** At least one key: `id`, `foreignSysPersonId`, `marketoCookie` or `email`. */
export interface SyncLead extends LeadFields {
  /** True asks for the whole record back: much of a person's data. The default is false. */
  returnLead?: boolean | undefined
  /** The Munchkin cookie, decoded: `id:123-ABC-456&token:_mch-…`. */
  marketoCookie?: string | undefined
  /** Marketo's `targetWorkspace`; empty for none, whatever the default is. */
  workspace?: string | undefined
}

/** What became of one person. */
export interface SyncStatus {
  /** Marketo's id of the person; null where the reply has no positive whole number. */
  leadId: number | null
  /** A status that is none of the three is kept as its text. FAILED comes without a fault, and is no error here. */
  status: 'CREATED' | 'UPDATED' | 'FAILED' | (string & {})
  /** Marketo's words for a failure; they may hold a person's data. */
  error: string | null
}

export interface SyncLeadResult extends SyncStatus {
  /** The record as it is now, if it was asked for. */
  leadRecord: LeadRecord | null
}

const FIELDS = [...LEAD_FIELDS, 'returnLead', 'marketoCookie', 'workspace']

export const syncLead: Operation<SyncLead, SyncLeadResult> = {
  name: 'syncLead',
  maxBytes: SMALL_REPLY,

  check(input, complain) {
    const fields = fieldsOf(input, FIELDS, '', complain)
    if (!fields) return
    if (!hasKey(fields) && isBlank(fields.marketoCookie)) {
      complain('', 'a key is missing: id, email, foreignSysPersonId or marketoCookie')
    }
    checkFields(fields, '', complain)
    checkBoolean(fields.returnLead, 'returnLead', complain)
    checkText(fields.marketoCookie, 'marketoCookie', complain)
    checkText(fields.workspace, 'workspace', complain)
  },

  write(input) {
    const { returnLead = false, marketoCookie } = input
    const cookie = isBlank(marketoCookie) ? '' : `<marketoCookie>${xmlText(marketoCookie)}</marketoCookie>`
    return `${writeRecord(input)}<returnLead>${returnLead}</returnLead>${cookie}`
  },

  read(result) {
    const status = readStatus(child(result, 'syncStatus'))
    return status && { ...status, leadId: idOf(result, 'leadId'), leadRecord: readRecord(child(result, 'leadRecord')) }
  },
}

/** Undefined for one that says nothing. */
export function readStatus(syncStatus: Element | undefined): SyncStatus | undefined {
  const status = wordOf(syncStatus, 'status')
  return status === null
    ? undefined
    : { leadId: idOf(syncStatus, 'leadId'), status, error: textOf(syncStatus, 'error') || null }
}
