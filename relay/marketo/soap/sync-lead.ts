/**
 * The operation `syncLead`: what is asked and what is answered. Source: the WSDL's types of the same names.
 *
 * Names and order matter. Marketo's server drops an element it does not know without a word, and an update becomes a
 * second person.
 */
import type { Lead } from '../../lead.ts'
import { MKTOWS } from './namespaces.ts'
import { child, type Element } from './tree.ts'
import { xmlText } from './xml.ts'

/** The HTTP header `SOAPAction`, without its quotes. */
export const SYNC_LEAD = `${MKTOWS}syncLead`

/**
 * `paramsSyncLead` for a lead. Attributes keep their order and carry no `attrType`, which Marketo does not need. The
 * record is not asked back: it would be a person's data that nobody here reads.
 */
export function writeSyncLead({ email, attributes, cookie }: Pick<Lead, 'email' | 'attributes' | 'cookie'>): string {
  let list = ''
  for (const { name, value } of attributes) {
    list += `<attribute><attrName>${xmlText(name)}</attrName><attrValue>${xmlText(value)}</attrValue></attribute>`
  }
  return (
    '<ns1:paramsSyncLead>' +
    `<leadRecord><Email>${xmlText(email)}</Email>` +
    (list && `<leadAttributeList>${list}</leadAttributeList>`) +
    '</leadRecord><returnLead>false</returnLead>' +
    (cookie ? `<marketoCookie>${xmlText(cookie)}</marketoCookie>` : '') +
    '</ns1:paramsSyncLead>'
  )
}

export interface SyncLeadResult {
  /** `CREATED`, `UPDATED` or `FAILED`; whatever else a later Marketo says. */
  status: string
  /** Marketo's id of the person; undefined where the reply has no positive whole number. */
  leadId: number | undefined
  /** Marketo's words for a failure; empty when there are none. */
  error: string
}

/** What `successSyncLead` says; undefined when the element is another or has no status. */
export function readSyncLead(body: Element): SyncLeadResult | undefined {
  if (body.namespace !== MKTOWS || body.name !== 'successSyncLead') return undefined
  const result = child(body, 'result')
  const syncStatus = child(result, 'syncStatus')
  const status = child(syncStatus, 'status')?.text.trim()
  if (!status) return undefined
  return { status, leadId: wholeNumber(child(result, 'leadId')?.text), error: child(syncStatus, 'error')?.text ?? '' }
}

function wholeNumber(text = ''): number | undefined {
  const digits = text.trim()
  const number = /^[0-9]{1,15}$/.test(digits) ? Number(digits) : 0
  return number > 0 ? number : undefined
}
