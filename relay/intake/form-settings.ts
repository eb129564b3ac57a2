/**
 * The settings of a form that apply to a lead whatever was posted: workspace, constants, and whether the cookie is sent.
 * Intake applies them to a new lead, and a replay applies those of today to a stored one. Pure.
 */
import type { Form } from '../config/forms.ts'
import type { Lead } from './lead.ts'

export type FormSettings = Pick<Form, 'workspace' | 'constants' | 'associate'>

/** Settings by the name of the form. Plain data, so that it can be sent to another process. */
export type SettingsByForm = Readonly<Record<string, FormSettings>>

/** Returns the settings of each form. */
export function settingsOf(forms: Iterable<Form>): SettingsByForm {
  return Object.fromEntries(
    Array.from(forms, ({ name, workspace, constants, associate }) => [
      name,
      { constants, associate, ...(workspace !== undefined && { workspace }) },
    ]),
  )
}

/**
 * Returns the lead with these settings. An attribute that a constant names gets its value; names are compared without
 * case. A cookie is never added.
 */
export function applySettings(lead: Lead, { workspace, constants, associate }: FormSettings): Lead {
  const { workspace: _, cookie, ...rest } = lead
  const fixed = new Map(constants.map((constant) => [constant.name.toLowerCase(), constant]))
  const attributes = lead.attributes.map((attribute) => {
    const constant = fixed.get(attribute.name.toLowerCase())
    fixed.delete(attribute.name.toLowerCase())
    return constant ?? attribute
  })
  return {
    ...rest,
    attributes: [...attributes, ...fixed.values()],
    ...(cookie !== undefined && associate === 'always' && { cookie }),
    ...(workspace !== undefined && { workspace }),
  }
}
