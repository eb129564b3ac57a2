/**
 * Which leads a call brought, and what became of each: for `/sim/calls`, so that whoever called can be judged. It reads
 * what was sent and refuses nothing; that a record is wrong is told by its status.
 */
import type { RecordView } from '../view.ts'
import type { Message } from './handle-message.ts'
import type { LeadStatus } from './operations/sync-lead.ts'
import { leadRecordsOf } from './operations/sync-multiple-leads.ts'
import { childOf, textOf, type XmlElement } from './read-xml.ts'

/** `statuses` are in the order of the records; without them nothing was done. None for a call that brings no leads. */
export function recordsOf(message: Message, statuses: readonly LeadStatus[] = []): RecordView[] {
  if ('fault' in message) return []
  const { operation, params } = message.envelope
  const records = operation === 'syncLead' ? [childOf(params, 'leadRecord')] : []
  if (operation === 'syncMultipleLeads') records.push(...leadRecordsOf(params))
  return records.flatMap((record, index) => (record ? recordView(record, statuses[index]) : []))
}

function recordView(record: XmlElement, done: LeadStatus | undefined): RecordView {
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
    status: done?.status ?? null,
    // A record that failed has none, and the schema's 0 in its place.
    leadId: done?.leadId || null,
  }
}
