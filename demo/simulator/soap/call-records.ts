/**
 * Extracts the leads of a call and their statuses for `/sim/calls`. Reads values as sent and rejects nothing: the status
 * shows whether a record was valid.
 */
import type { RecordView } from '../view.ts'
import type { Message } from './handle-message.ts'
import type { LeadStatus } from './operations/sync-lead.ts'
import { leadRecordsOf } from './operations/sync-multiple-leads.ts'
import { childOf, textOf, type XmlElement } from './read-xml.ts'

/** @param statuses in the order of the records; missing if nothing was written */
export function callRecords(message: Message, statuses: readonly LeadStatus[] = []): RecordView[] {
  if ('fault' in message) return []
  const { operation, params } = message.envelope
  const records = operation === 'syncLead' ? [childOf(params, 'leadRecord')] : []
  if (operation === 'syncMultipleLeads') records.push(...leadRecordsOf(params))
  return records.flatMap((record, index) => (record ? recordView(record, statuses[index]) : []))
}

function recordView(record: XmlElement, result: LeadStatus | undefined): RecordView {
  const id = Number(textOf(record, 'Id'))
  const foreignId = textOf(record, 'ForeignSysPersonId')
  const type = textOf(record, 'ForeignSysType')?.trim() ?? ''
  const attributes = childOf(record, 'leadAttributeList')?.children.filter(({ name }) => name === 'attribute') ?? []
  return {
    email: textOf(record, 'Email')?.trim().toLowerCase() || null,
    ...(Number.isInteger(id) && { id }),
    ...(foreignId !== undefined && { foreignId: { id: foreignId, type } }),
    attributes: Object.fromEntries(
      attributes.map((attribute) => [textOf(attribute, 'attrName') ?? '', childOf(attribute, 'attrValue')?.text ?? '']),
    ),
    status: result?.status ?? null,
    // The schema requires an id, so a failed record has 0.
    leadId: result?.leadId || null,
  }
}
