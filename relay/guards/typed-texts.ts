/** The texts that a visitor has typed into the fields of a form, with their attributes. Pure. */
import type { Field, Form } from '../config/forms.ts'
import type { Lead } from '../intake/lead.ts'

/** A text that is not empty. */
export interface TypedText {
  attribute: string
  type: Field['type']
  value: string
}

/** Types of fields whose values are free text. */
const TEXT_TYPES: ReadonlySet<Field['type']> = new Set(['text', 'textarea', 'tel', 'url'])

const fieldsOf = new WeakMap<Form, ReadonlyMap<string, Field>>()

/** Returns the values of the text fields of a lead. Constants and what is captured from the page are none. */
export function typedTexts(form: Form, lead: Lead): TypedText[] {
  const fields = fieldsOf.get(form) ?? textFields(form)
  const texts: TypedText[] = []
  for (const { name, value } of lead.attributes) {
    const field = fields.get(name)
    if (field && value !== '') texts.push({ attribute: name, type: field.type, value })
  }
  return texts
}

function textFields(form: Form): ReadonlyMap<string, Field> {
  const fields = form.fields
    .filter(({ type }) => TEXT_TYPES.has(type))
    .map((field) => [field.attribute, field] as const)
  const map = new Map(fields)
  fieldsOf.set(form, map)
  return map
}
