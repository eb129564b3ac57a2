/** The texts that a visitor has typed into the fields of a form, with their attributes. Pure. */
import type { Field, Form } from '../config/forms.ts'
import type { ExaminedPost } from './guard.ts'

interface FieldValue {
  attribute: string
  type: Field['type']
  value: string
}

/** Types of fields whose values are free text. */
const TEXT_TYPES: ReadonlySet<Field['type']> = new Set(['text', 'textarea', 'tel', 'url'])

const fieldsOf = new WeakMap<Form, ReadonlyMap<string, Field>>()

/** Returns the values of the text fields of a post. Constants and what is captured from the page are none. */
export function fieldValues({ form, lead }: ExaminedPost): FieldValue[] {
  const fields = fieldsOf.get(form) ?? textFields(form)
  return lead.attributes.flatMap(({ name, value }) => {
    const field = fields.get(name)
    return field && value !== '' ? [{ attribute: name, type: field.type, value }] : []
  })
}

function textFields(form: Form): ReadonlyMap<string, Field> {
  const fields = form.fields
    .filter(({ type }) => TEXT_TYPES.has(type))
    .map((field) => [field.attribute, field] as const)
  const map = new Map(fields)
  fieldsOf.set(form, map)
  return map
}
