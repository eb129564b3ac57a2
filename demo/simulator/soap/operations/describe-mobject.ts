/** Implements `describeMObject`: fields of an object with types and sizes. For leads, the fields that `syncLead` uses. */
import type { Marketo } from '../../marketo.ts'
import { sizeOf, type Field } from '../../people/fields.ts'
import type { Envelope } from '../envelope.ts'
import { SoapFault } from '../fault.ts'
import { requiredText } from '../parameters.ts'
import { writeElement, writeSuccess } from '../write-xml.ts'
import { OBJECTS } from './list-mobjects.ts'

/** Time of the last change of the fields. Fixed, because the fields do not change. */
const UPDATED_AT = '2026-01-15T09:00:00+00:00'

export function describeMObject({ rules }: Marketo, { params }: Envelope): { body: string; leadId: null } {
  const wanted = requiredText(params, 'objectName')
  const name = OBJECTS.find((object) => object === wanted)
  // Code and text were captured from Marketo.
  if (name === undefined) throw new SoapFault('20110', 'Object name is not valid')

  const fields = name === 'LeadRecord' ? [...LEAD_KEYS, ...[...rules.fields.values()].map(describeField)] : OTHERS[name]
  const metadata =
    writeElement('name', name) +
    writeElement('description', undefined) +
    writeElement('isCustom', false) +
    writeElement('isVirtual', name === 'ActivityRecord') +
    `<fieldList>${fields.map((field) => writeField(field, name)).join('')}</fieldList>` +
    writeElement('updatedAt', UPDATED_AT)
  return { body: writeSuccess('DescribeMObject', `<metadata>${metadata}</metadata>`), leadId: null }
}

interface Description {
  name: string
  displayName: string
  dataType: string
  size: number | null
  readOnly?: true
  key?: true
  custom?: true
}

function describeField(field: Field): Description {
  const { name, label = name, type, readOnly, custom } = field
  const displayed = { name, displayName: label, dataType: type, size: sizeOf(field) }
  return { ...displayed, ...(readOnly && { readOnly }), ...(custom && { custom }) }
}

/** Fields of a lead record that are not attributes. */
const LEAD_KEYS: readonly Description[] = [
  { name: 'Id', displayName: 'Id', dataType: 'integer', size: null, readOnly: true, key: true },
  { name: 'ForeignSysPersonId', displayName: 'Foreign Sys Person Id', dataType: 'string', size: 50 },
  { name: 'ForeignSysType', displayName: 'Foreign Sys Type', dataType: 'string', size: 50 },
]

/** The simulator stores no such objects, so only their main fields are described. */
const OTHERS: Readonly<Record<Exclude<(typeof OBJECTS)[number], 'LeadRecord'>, readonly Description[]>> = {
  ActivityRecord: [
    { name: 'Id', displayName: 'Id', dataType: 'integer', size: null, readOnly: true, key: true },
    { name: 'ActivityDateTime', displayName: 'Activity Date Time', dataType: 'datetime', size: null, readOnly: true },
    { name: 'ActivityType', displayName: 'Activity Type', dataType: 'string', size: 255, readOnly: true },
    { name: 'PersonId', displayName: 'Person Id', dataType: 'reference', size: null, readOnly: true },
  ],
  Opportunity: [
    { name: 'Id', displayName: 'Id', dataType: 'integer', size: null, readOnly: true, key: true },
    { name: 'Name', displayName: 'Name', dataType: 'string', size: 255 },
    { name: 'Amount', displayName: 'Amount', dataType: 'currency', size: null },
    { name: 'CloseDate', displayName: 'Close Date', dataType: 'date', size: null },
    { name: 'Stage', displayName: 'Stage', dataType: 'string', size: 255 },
  ],
  OpportunityPersonRole: [
    { name: 'Id', displayName: 'Id', dataType: 'integer', size: null, readOnly: true, key: true },
    { name: 'OpportunityId', displayName: 'Opportunity Id', dataType: 'reference', size: null },
    { name: 'PersonId', displayName: 'Person Id', dataType: 'reference', size: null },
    { name: 'Role', displayName: 'Role', dataType: 'string', size: 50 },
    { name: 'IsPrimary', displayName: 'Is Primary', dataType: 'boolean', size: null },
  ],
}

/** Writes all elements of a field. Elements without a value are nil. */
function writeField({ name, displayName, dataType, size, ...is }: Description, object: string): string {
  return (
    '<field>' +
    writeElement('name', name) +
    writeElement('description', undefined) +
    writeElement('displayName', displayName) +
    writeElement('sourceObject', object === 'LeadRecord' ? 'Lead' : undefined) +
    writeElement('dataType', dataType) +
    writeElement('size', size) +
    writeElement('isReadonly', is.readOnly === true) +
    writeElement('isUpdateBlocked', false) +
    writeElement('isName', undefined) +
    writeElement('isPrimaryKey', is.key === true) +
    writeElement('isCustom', is.custom === true) +
    writeElement('isDynamic', false) +
    writeElement('dynamicFieldRef', undefined) +
    writeElement('updatedAt', UPDATED_AT) +
    '</field>'
  )
}
