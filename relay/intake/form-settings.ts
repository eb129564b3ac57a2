/**
 * The settings of a form that apply to a lead whatever was posted: account, workspace, partition, the field by
 * which a person is found, constants, and whether the cookie is sent.
 * Intake applies them to a new lead, and a replay applies those of today to a stored one. Pure.
 */
import type { Form } from '../config/forms.ts'
import type { Lead } from './lead.ts'

export type FormSettings = Pick<Form, 'workspace' | 'partition' | 'lookup' | 'constants' | 'associate'> &
  Partial<Pick<Form, 'account'>>

/** Settings by the name of the form. Plain data, so that it can be sent to another process. */
export type SettingsByForm = Readonly<Record<string, FormSettings>>

/** Returns the settings of each form. */
export function settingsOf(forms: Iterable<Form>): SettingsByForm {
  return Object.fromEntries(
    Array.from(forms, ({ name, account, workspace, partition, lookup, constants, associate }) => [
      name,
      { account, constants, associate, ...given({ workspace, partition, lookup }) },
    ]),
  )
}

/**
 * Returns the lead with these settings. An attribute that a constant names gets its value; names are compared without
 * case. A cookie is never added.
 */
export function applySettings(lead: Lead, { workspace, partition, lookup, constants, associate }: FormSettings): Lead {
  const { workspace: _workspace, partition: _partition, lookup: _lookup, cookie, ...rest } = lead
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
    ...given({ workspace, partition, lookup }),
  }
}

/** Returns the settings that are given. */
function given(settings: { [Key in 'workspace' | 'partition' | 'lookup']: string | undefined }): {
  [Key in 'workspace' | 'partition' | 'lookup']?: string
} {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
}
