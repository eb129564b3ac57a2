/**
 * Implements Describe Lead and Describe Lead 2: the very fields that the other calls go by. Changes nothing.
 *
 * Of a live account is known: describe leaves `soap` out for read-only fields, and says of the id that it is not
 * read-only.
 */
import type { Marketo } from '../../marketo.ts'
import { sizeOf, type Field } from '../../people/fields.ts'
import { restNameOf } from '../../people/rest-names.ts'
import { isSearchable } from '../searchable-fields.ts'
import type { Operation } from './operation.ts'

export const describeLead: Operation = {
  name: 'describeLead',
  method: 'GET',
  path: /^\/rest\/v1\/leads\/describe\.json$/,
  run: (marketo) => ({
    result: fieldsOf(marketo).map(({ name, soapName, label, dataType, size, readOnly }, index) => ({
      id: index + 2,
      displayName: label,
      dataType,
      ...(size !== null && { length: size }),
      rest: { name, readOnly },
      ...(!readOnly && soapName !== undefined && { soap: { name: soapName, readOnly } }),
    })),
  }),
}

export const describeLead2: Operation = {
  name: 'describeLead2',
  method: 'GET',
  path: /^\/rest\/v1\/leads\/describe2\.json$/,
  run: (marketo) => {
    const custom = [...marketo.rules.fields.values()].filter(isSearchable).map((field) => [restNameOf(field)])
    const fields = fieldsOf(marketo).map(({ name, label, dataType, size, readOnly }) => ({
      name,
      displayName: label,
      dataType,
      ...(size !== null && { length: size }),
      updateable: !readOnly && name !== 'id',
      crmManaged: false,
    }))
    return { result: [{ name: 'API Lead', searchableFields: [['id'], ['cookies'], ...custom], fields }] }
  },
}

interface Description {
  /** REST API name. */
  name: string
  /** Undefined if the SOAP API does not have the field as an attribute. */
  soapName: string | undefined
  label: string
  dataType: string
  size: number | null
  readOnly: boolean
}

function fieldsOf({ rules }: Marketo): Description[] {
  return [...SYSTEM_FIELDS, ...[...rules.fields.values()].map(describe)]
}

function describe(field: Field): Description {
  const { name, label = name, type, readOnly = false } = field
  return { name: restNameOf(field), soapName: name, label, dataType: type, size: sizeOf(field), readOnly }
}

const SYSTEM_FIELDS: readonly Description[] = [
  { name: 'id', soapName: undefined, label: 'Id', dataType: 'integer', size: null, readOnly: false },
  { name: 'createdAt', soapName: undefined, label: 'Created At', dataType: 'datetime', size: null, readOnly: true },
  { name: 'updatedAt', soapName: undefined, label: 'Updated At', dataType: 'datetime', size: null, readOnly: true },
]
