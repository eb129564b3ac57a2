/** Writes the HTML of an imported form. Every text enters through `escapeHtml`. Pure. */
import { escapeHtml } from '../escape-html.ts'
import { toRestName } from '../marketo/names.ts'
import type { ImportedField, ImportedForm } from './convert.ts'

/** Writes the lines to paste: the script, and the form in the widget's element. */
export function writeHtml({ fields, buttonLabel }: ImportedForm, name: string, relay: string): string {
  const base = relay.replace(/\/+$/, '')
  return [
    `<script type="module" src="${escapeHtml(base)}/form-sync.js"></script>`,
    '',
    '<form-sync theme="plain">',
    `  <form method="post" action="${escapeHtml(base)}/f/${escapeHtml(name)}">`,
    ...fields.flatMap(writeField).map((line) => `    ${line}`),
    `    <button>${escapeHtml(buttonLabel)}</button>`,
    '  </form>',
    '</form-sync>',
  ].join('\n')
}

function writeField(field: ImportedField): string[] {
  const { type, label, multiple, options } = field
  if (type === 'boolean')
    return [`<label>${input(field, { type: 'checkbox', value: 'yes' })} ${escapeHtml(label)}</label>`]
  if (type === 'choice' && multiple) {
    return [
      '<fieldset>',
      `  <legend>${escapeHtml(label)}</legend>`,
      ...options.map((option) => {
        // A browser would require each of the boxes.
        const box = input({ ...field, required: false }, { type: 'checkbox', value: option.value })
        return `  <label>${box} ${escapeHtml(option.label)}</label>`
      }),
      '</fieldset>',
    ]
  }
  if (type === 'choice') {
    return [
      `<label>${escapeHtml(label)}`,
      `  <select${attributes(field)}>`,
      '    <option value=""></option>',
      ...options.map(
        ({ value, label: text }) => `    <option value="${escapeHtml(value)}">${escapeHtml(text)}</option>`,
      ),
      '  </select>',
      '</label>',
    ]
  }
  if (type === 'textarea') return [`<label>${escapeHtml(label)} <textarea${attributes(field)}></textarea></label>`]
  return [`<label>${escapeHtml(label)} ${input(field, type === 'text' ? {} : { type })}</label>`]
}

function input(field: ImportedField, own: Readonly<Record<string, string>>): string {
  const step = field.type === 'number' ? { step: 'any' } : {}
  return `<input${attributes(field, { ...own, ...step })} />`
}

function attributes(
  { name, required, maxLength, hint }: ImportedField,
  own: Readonly<Record<string, string>> = {},
): string {
  const autocomplete = own.type === 'checkbox' ? undefined : AUTOCOMPLETE[toRestName(name)]
  const all = {
    name,
    ...own,
    ...(autocomplete !== undefined && { autocomplete }),
    ...(maxLength !== undefined && { maxlength: String(maxLength) }),
    ...(hint !== '' && own.type !== 'checkbox' && { placeholder: hint }),
  }
  const texts = Object.entries(all).map(([key, value]) => ` ${key}="${escapeHtml(value)}"`)
  return `${texts.join('')}${required ? ' required' : ''}`
}

/** HTML's autofill names by REST name. */
const AUTOCOMPLETE: Readonly<Record<string, string>> = {
  email: 'email',
  firstName: 'given-name',
  lastName: 'family-name',
  phone: 'tel',
  company: 'organization',
  title: 'organization-title',
  address: 'street-address',
  city: 'address-level2',
  postalCode: 'postal-code',
  country: 'country-name',
  website: 'url',
}
