/** Reads an address that an operator has typed, as a form reads one that a visitor posts. */
import type { Field } from '../config/forms.ts'
import { readFieldValue } from './field-value.ts'

const FIELD: Field = {
  name: 'email',
  attribute: 'Email',
  type: 'email',
  label: 'email',
  required: true,
  maxLength: 255,
  multiple: false,
  options: [],
  blank: 'skip',
}

/** Returns the address as a form would store it; undefined when it is none. */
export function readAddress(text: string): string | undefined {
  const read = readFieldValue(FIELD, [text])
  return read.ok ? read.value : undefined
}
