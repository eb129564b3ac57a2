/** Writes the entry of the forms file for an imported form, and checks it as the relay does. Pure. */
import { readForms } from '../config/forms.ts'
import type { ImportedForm } from './convert.ts'

export interface EntryOptions {
  name: string
  origins: readonly string[]
  marketoForm: number
  /** Name of the account, if it has one. */
  account?: string
}

/**
 * Returns the entry, which submits the Marketo form.
 *
 * @throws {Error} with what the forms file does not allow
 */
export function writeEntry(form: ImportedForm, { name, origins, marketoForm, account }: EntryOptions): object {
  const entry = {
    marketoForm,
    ...(account !== undefined && { account }),
    origins,
    fields: Object.fromEntries(form.fields.map((field) => [field.name, fieldEntry(field)])),
    ...(Object.keys(form.constants).length > 0 && { constants: form.constants }),
    ...(Object.keys(form.capture).length > 0 && { capture: form.capture }),
    ...(form.thanks !== undefined && { thanks: form.thanks }),
  }
  const problems = problemsOf(name, entry)
  if (problems.length > 0) throw new Error(problems.join('; '))
  return entry
}

function problemsOf(name: string, entry: object): string[] {
  const problems: string[] = []
  readForms(
    { forms: { [name]: entry } },
    (place, problem) => problems.push(`${place}: ${problem}`),
    () => 'rest',
  )
  return problems
}

function fieldEntry({
  type,
  label,
  required,
  maxLength,
  multiple,
  options,
  name,
}: ImportedForm['fields'][number]): object {
  return {
    ...(type !== 'text' && { type }),
    ...(label !== name && { label }),
    ...(required && { required }),
    ...(maxLength !== undefined && { maxLength }),
    ...(multiple && { multiple }),
    ...(options.length > 0 && { options: options.map((each) => (each.value === each.label ? each.value : each)) }),
  }
}

/** Returns a name for the form's address: letters, digits and hyphens of Marketo's name. */
export function nameFor(name: string, id: number): string {
  const slug = name
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64)
  return slug || `form-${id}`
}
