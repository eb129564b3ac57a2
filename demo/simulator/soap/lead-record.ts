/** Reads and writes Marketo's `leadRecord`, and maps a rejected lead to its fault. Changes no person. */
import type { Marketo } from '../marketo.ts'
import { FIELD_TYPES } from '../people/field-types.ts'
import type { ForeignId, Person } from '../people/person.ts'
import type { SyncOutcome, SyncRequest } from '../people/sync.ts'
import { SoapFault } from './fault.ts'
import { childOf, textOf, type XmlElement } from './read-xml.ts'
import { writeElement, writeList } from './write-xml.ts'

type LeadRecord = Pick<SyncRequest, 'id' | 'foreignId' | 'email' | 'attributes'>

/** Size of this field in the reply of `describeMObject`. */
const MAX_FOREIGN_ID_CHARS = 50

/** @throws fault 20102, 20109 or 20110 if a value is invalid */
export function readLeadRecord(record: XmlElement): LeadRecord {
  return {
    id: readId(record),
    foreignId: readForeignId(record),
    email: textOf(record, 'Email')?.trim() || undefined,
    attributes: readAttributes(childOf(record, 'leadAttributeList')),
  }
}

/** Writes the complete record of a person. Captured: the attributes are in alphabetical order, with a derived website. */
export function writeLeadRecord({ rules }: Marketo, person: Person): string {
  const { id, email, foreignIds } = person
  const foreignId = foreignIds.at(-1)
  const list = allAttributes(rules, person).map(
    ([name, value]) =>
      '<attribute>' +
      writeElement('attrName', name) +
      writeElement('attrType', FIELD_TYPES[rules.fields.get(name)?.type ?? 'string'].attrType) +
      writeElement('attrValue', value) +
      '</attribute>',
  )
  return (
    '<leadRecord>' +
    writeElement('Id', id) +
    writeElement('Email', email || undefined) +
    writeElement('ForeignSysPersonId', foreignId?.id) +
    writeElement('ForeignSysType', foreignId?.type) +
    writeList('leadAttributeList', list) +
    '</leadRecord>'
  )
}

/** Returns the attributes in alphabetical order. Without a website it is the domain of the address. */
function allAttributes({ fields }: Marketo['rules'], { email, attributes }: Person): [string, string][] {
  const domain = email.split('@')[1] ?? ''
  const website: [string, string][] = fields.has('Website') && domain !== '' ? [['Website', domain]] : []
  return [...new Map([...website, ...attributes])].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** Returns the fault for a rejected lead. `syncMultipleLeads` uses its message as the error of that lead. */
export function rejectionFault(
  operation: string,
  outcome: Exclude<SyncOutcome, { kind: 'synced' }>,
  { id }: LeadRecord,
): SoapFault {
  switch (outcome.kind) {
    case 'no-key':
      return new SoapFault('20101')
    case 'no-such-id':
      return new SoapFault('20103', `No lead found with IDNUM = ${id}`)
    case 'unknown-fields':
      return unknownFieldsFault(operation, outcome.names)
    case 'bad-value':
      return new SoapFault('20110', outcome.problem)
    case 'no-such-workspace':
      return new SoapFault('20110', 'The target workspace does not exist')
    case 'other-partition':
      return new SoapFault('20110', 'The lead is not in the primary partition of the target workspace')
    default:
      return outcome satisfies never
  }
}

export function unknownFieldsFault(operation: string, names: readonly string[]): SoapFault {
  return new SoapFault('20105', `${operation} operation failed: unknown fields for import: ${names.join(', ')}`)
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
  if (Array.from(id).length > MAX_FOREIGN_ID_CHARS) {
    throw new SoapFault('20110', `ForeignSysPersonId is longer than ${MAX_FOREIGN_ID_CHARS} characters`)
  }
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
