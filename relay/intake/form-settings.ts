/**
 * The settings of a form that apply to a lead whatever was posted: account, workspace, partition, the field by which a
 * person is found, what is sent only where Marketo has no value, the Marketo form that it fills out, constants, and whether the cookie is sent.
 * Intake applies them to a new lead, and a replay applies those of today to a stored one. Pure.
 */
import type { Form } from '../config/forms.ts'
import type { Lead } from './lead.ts'

/** Settings that a lead has as they are, or lacks. */
const GIVEN = [
  'workspace',
  'partition',
  'lookup',
  'duplicates',
  'whenEmpty',
  'marketoForm',
  'program',
  'receipt',
] as const

export type FormSettings = Pick<Form, (typeof GIVEN)[number] | 'constants' | 'associate'> &
  Partial<Pick<Form, 'account'>>

/** Settings by the name of the form. Plain data, so that it can be sent to another process. */
export type SettingsByForm = Readonly<Record<string, FormSettings>>

/** Returns the settings of each form. */
export function settingsOf(forms: Iterable<Form>): SettingsByForm {
  return Object.fromEntries(
    Array.from(forms, (form) => [
      form.name,
      { account: form.account, constants: form.constants, associate: form.associate, ...given(form) },
    ]),
  )
}

/**
 * Returns the lead with these settings. An attribute that a constant names gets its value; names are compared without
 * case. A cookie is never added, and the visit is kept only for a Marketo form.
 */
export function applySettings(lead: Lead, settings: FormSettings): Lead {
  const fixed = new Map(settings.constants.map((constant) => [constant.name.toLowerCase(), constant]))
  const attributes = lead.attributes.map((attribute) => {
    const name = attribute.name.toLowerCase()
    const constant = fixed.get(name)
    if (constant === undefined) return attribute
    fixed.delete(name)
    return constant
  })
  attributes.push(...fixed.values())
  // A new lead has none of these properties: a copy that leaves them out would take longer.
  const applied = { ...lead, attributes }
  for (const key of GIVEN) if (key in applied) delete applied[key]
  if (settings.associate === 'never') delete applied.cookie
  if (settings.marketoForm === undefined && 'visit' in applied) delete applied.visit
  return Object.assign(applied, given(settings))
}

/** Returns the settings that are given. */
function given(settings: Pick<Form, (typeof GIVEN)[number]>): Pick<Form, (typeof GIVEN)[number]> {
  const found = {}
  for (const key of GIVEN) if (settings[key] !== undefined) Object.assign(found, { [key]: settings[key] })
  return found
}
