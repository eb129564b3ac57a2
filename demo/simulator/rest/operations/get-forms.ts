/**
 * Implements Get Form by Id and Get Form Fields of the asset API. Changes nothing.
 *
 * Source: Adobe's page on forms. Its answers have `errors` and `warnings` always, its fields go by their SOAP API names,
 * and a pseudo-field `Profiling` is among them. Chosen: 702 for a form that is not there.
 */
import type { Marketo } from '../../marketo.ts'
import type { FieldType } from '../../people/field-types.ts'
import { sizeOf, type Field } from '../../people/fields.ts'
import type { Form } from '../../people/forms.ts'
import { RestError } from '../errors.ts'
import type { Operation } from './operation.ts'

export const getForm: Operation = {
  name: 'getForm',
  method: 'GET',
  path: /^\/rest\/asset\/v1\/form\/(\d{1,9})\.json$/,
  run: (marketo, { path }) => {
    const { id, name, status } = findForm(marketo, path[0])
    return {
      errors: [],
      warnings: [],
      result: [
        { id, name, description: '', status, language: 'English', locale: 'en_US', progressiveProfiling: false },
      ],
    }
  },
}

export const getFormFields: Operation = {
  name: 'getFormFields',
  method: 'GET',
  path: /^\/rest\/asset\/v1\/form\/(\d{1,9})\/fields\.json$/,
  run: (marketo, { path }) => {
    const { fields } = findForm(marketo, path[0])
    const profiling = { id: 'Profiling', dataType: 'profiling', rowNumber: fields.length, columnNumber: 0 }
    return {
      errors: [],
      warnings: [],
      result: [...fields.map((name, row) => fieldOutput(marketo, name, row)), profiling],
    }
  },
}

/** @throws RestError 702 if there is no such form */
function findForm({ settings }: Marketo, id: string | undefined): Form {
  const form = settings.current.forms.find((candidate) => candidate.id === Number(id))
  if (!form) throw new RestError('702')
  return form
}

function fieldOutput({ rules }: Marketo, name: string, row: number): object {
  const field: Field = rules.fields.get(name) ?? { name, type: 'string' }
  const { type, label = name } = field
  const size = sizeOf(field)
  return {
    id: name,
    label: `${label}:`,
    dataType: FORM_TYPES[type] ?? type,
    // Seen as an object too.
    validationMessage: 'This field is required.',
    rowNumber: row,
    columnNumber: 0,
    ...(size !== null && { maxLength: size }),
    required: name === 'Email',
    formPrefill: true,
    visibilityRules: { ruleType: 'alwaysShow' },
  }
}

/** Names of the types in Adobe's table of form fields, where they differ. */
const FORM_TYPES: Readonly<Partial<Record<FieldType, string>>> = {
  string: 'text',
  text: 'textarea',
  boolean: 'single_checkbox',
  integer: 'number',
  score: 'number',
  float: 'double',
  percent: 'double',
}
