/**
 * `syncLead`: the message's parameters → what is asked of the people → the answer.
 *
 * Order of elements is not enforced and a mis-cased element is dropped without a word, as by the real one.
 */
import { publishPeople, type Marketo } from '../marketo.ts'
import { readCookie } from '../people/cookie.ts'
import type { ForeignId, Person } from '../people/person.ts'
import { syncPerson, type SyncOutcome, type SyncRequest } from '../people/sync.ts'
import type { Envelope } from './envelope.ts'
import { SoapFault } from './fault.ts'
import { childOf, textOf, type XmlElement } from './read.ts'
import { writeElement, writeEnvelope } from './write.ts'

/** Does the work and gives the answer's body with the lead's id. Throws a SoapFault, and then nothing was changed. */
export function syncLead(marketo: Marketo, envelope: Envelope, call: number): { body: string; leadId: number } {
  const returnLead = readReturnLead(envelope.params)
  const request = readSyncLead(envelope)
  const outcome = syncPerson(marketo.people, marketo.rules, request, { at: marketo.now(), call })
  if (outcome.kind !== 'synced') throw refusal(outcome, request)

  publishPeople(marketo)
  const { person, status } = outcome
  const record = returnLead ? writeLeadRecord(marketo, person) : undefined
  return { body: writeSyncResult({ leadId: person.id, status, record }), leadId: person.id }
}

/** The answer's body. Without an error and a record both are nil. */
export function writeSyncResult(result: {
  leadId: number
  status: string
  error?: string
  record?: string | undefined
}): string {
  const { leadId, status, error, record } = result
  return writeEnvelope(
    '<ns1:successSyncLead><result>' +
      writeElement('leadId', leadId) +
      '<syncStatus>' +
      writeElement('leadId', leadId) +
      writeElement('status', status) +
      writeElement('error', error) +
      '</syncStatus>' +
      (record ?? writeElement('leadRecord', undefined)) +
      '</result></ns1:successSyncLead>',
    ' xmlns:ns1="http://www.marketo.com/mktows/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
  )
}

function readSyncLead({ params, workspace }: Envelope): SyncRequest {
  const record = childOf(params, 'leadRecord')
  if (!record || record.nil) throw new SoapFault('20104')
  return {
    id: readId(record),
    foreignId: readForeignId(record),
    email: textOf(record, 'Email')?.trim() || undefined,
    // The page names no fault for a cookie that is none; such a one associates nothing.
    cookie: readCookie(textOf(params, 'marketoCookie') ?? ''),
    attributes: readAttributes(childOf(record, 'leadAttributeList')),
    workspace,
  }
}

function readReturnLead(params: XmlElement): boolean {
  const text = textOf(params, 'returnLead')?.trim()
  if (text === undefined) throw new SoapFault('20109', 'Parameter required: returnLead')
  if (!['true', 'false', '1', '0'].includes(text)) throw new SoapFault('20110', 'returnLead is not a boolean')
  return text === 'true' || text === '1'
}

function readId(record: XmlElement): number | undefined {
  const text = textOf(record, 'Id')?.trim()
  if (!text) return undefined
  if (!/^[+-]?\d{1,10}$/.test(text)) throw new SoapFault('20102', 'Id is not a number')
  return Number(text)
}

function readForeignId(record: XmlElement): ForeignId | undefined {
  const id = textOf(record, 'ForeignSysPersonId')
  if (id === undefined) return undefined
  const type = textOf(record, 'ForeignSysType')?.trim()
  if (!type) throw new SoapFault('20109', 'Parameter required: ForeignSysType')
  if (type !== 'CUSTOM' && type !== 'SFDC' && type !== 'NETSUITE') {
    throw new SoapFault('20110', 'ForeignSysType is not one of CUSTOM, SFDC, NETSUITE')
  }
  return { id, type }
}

function readAttributes(list: XmlElement | undefined): { name: string; value: string }[] {
  const attributes = list?.children.filter(({ name }) => name === 'attribute') ?? []
  return attributes.map((attribute) => {
    const name = textOf(attribute, 'attrName')
    const value = childOf(attribute, 'attrValue')
    if (name === undefined) throw new SoapFault('20109', 'Parameter required: attrName')
    if (!value || value.nil) throw new SoapFault('20109', 'Parameter required: attrValue')
    return { name, value: value.text }
  })
}

function refusal(outcome: Exclude<SyncOutcome, { kind: 'synced' }>, request: SyncRequest): SoapFault {
  switch (outcome.kind) {
    case 'no-key':
      return new SoapFault('20101')
    case 'no-such-id':
      return new SoapFault('20103', `No lead found with IDNUM = ${request.id}`)
    case 'unknown-fields':
      return new SoapFault('20105', `syncLead operation failed: unknown fields for import: ${outcome.names.join(', ')}`)
    case 'no-such-workspace':
      return new SoapFault('20110', 'The target workspace does not exist')
    case 'other-partition':
      return new SoapFault('20110', 'The lead is not in the primary partition of the target workspace')
    default:
      return outcome satisfies never
  }
}

function writeLeadRecord({ rules }: Marketo, { id, email, foreignIds, attributes }: Person): string {
  const foreignId = foreignIds.at(-1)
  const list = [...attributes].map(
    ([name, value]) =>
      '<attribute>' +
      writeElement('attrName', name) +
      writeElement('attrType', rules.fields.get(name)?.type ?? 'string') +
      writeElement('attrValue', value) +
      '</attribute>',
  )
  return (
    '<leadRecord>' +
    writeElement('Id', id) +
    writeElement('Email', email || undefined) +
    writeElement('ForeignSysPersonId', foreignId?.id) +
    writeElement('ForeignSysType', foreignId?.type) +
    (list.length > 0
      ? `<leadAttributeList>${list.join('')}</leadAttributeList>`
      : writeElement('leadAttributeList', undefined)) +
    '</leadRecord>'
  )
}
