/**
 * Changes to a lead before it is replayed: today's settings of its form, and then what the operator asks for. Pure; names
 * are compared without case.
 */
import { applySettings, type SettingsByForm } from '../intake/form-settings.ts'
import type { Attribute, Lead } from '../intake/lead.ts'

/** Plain data, so that it can be sent to another process. Applied in the order of its members. */
export interface LeadEdit {
  /** Settings of the forms today. A lead of another form keeps those that it was accepted with. */
  forms?: SettingsByForm
  /** Names of attributes to leave out. */
  drop?: readonly string[]
  /** Old names and the new ones. */
  rename?: Readonly<Record<string, string>>
  /** Values by attribute name. An attribute that the lead does not have is added. */
  set?: Readonly<Record<string, string>>
  /** Workspace to send the lead to; null for none. */
  workspace?: string | null
  /** Cookie to send with the lead; null for none. */
  cookie?: string | null
}

/** Returns the account to which a lead of this form goes with these settings, if it has this one now. */
export function accountOfToday({ forms = {} }: LeadEdit, form: string, account: string): string {
  return (Object.hasOwn(forms, form) && forms[form]?.account) || account
}

/**
 * Returns the edited lead, or the name that would stand in it twice. A name that is not in it changes nothing.
 *
 * @param isRest true for a lead that was delivered but for these attributes: constants are not added to it
 */
export function editLead(
  stored: Lead,
  { forms = {}, drop = [], rename = {}, set = {}, workspace, cookie }: LeadEdit,
  isRest = false,
): { lead: Lead } | { taken: string } {
  const lead = withSettings(stored, forms, isRest)
  const dropped = new Set(drop.map(foldName))
  const renamed = new Map(Object.entries(rename).map(([from, to]) => [foldName(from), to]))
  const attributes = lead.attributes
    .filter(({ name }) => !dropped.has(foldName(name)))
    .map((attribute) => ({ ...attribute, name: renamed.get(foldName(attribute.name)) ?? attribute.name }))
  const names = attributes.map(({ name }) => foldName(name))
  const taken = attributes.find(({ name }, at) => names.indexOf(foldName(name)) !== at)?.name
  if (taken !== undefined) return { taken }
  const edited = { ...lead, attributes: withValues(attributes, set) }
  return { lead: withOrWithout(withOrWithout(edited, 'workspace', workspace), 'cookie', cookie) }
}

function withSettings(lead: Lead, forms: SettingsByForm, isRest: boolean): Lead {
  const settings = Object.hasOwn(forms, lead.form) ? forms[lead.form] : undefined
  if (!settings) return lead
  if (!isRest) return applySettings(lead, settings)
  const names = new Set(lead.attributes.map(({ name }) => foldName(name)))
  const constants = settings.constants.filter(({ name }) => names.has(foldName(name)))
  // The lead itself has a receipt already.
  const { receipt: _, ...others } = settings
  return applySettings(lead, { ...others, constants })
}

/** Returns the attributes with these values: in their place, or at the end. */
function withValues(attributes: readonly Attribute[], set: Readonly<Record<string, string>>): Attribute[] {
  const values = new Map(Object.entries(set).map(([name, value]) => [foldName(name), { name, value }]))
  const changed = attributes.map((attribute) => {
    const given = values.get(foldName(attribute.name))
    values.delete(foldName(attribute.name))
    return { ...attribute, value: given?.value ?? attribute.value }
  })
  return [...changed, ...values.values()]
}

function withOrWithout(lead: Lead, key: 'workspace' | 'cookie', value: string | null | undefined): Lead {
  if (value === undefined) return lead
  const { [key]: _, ...rest } = lead
  return value === null ? rest : { ...rest, [key]: value }
}

/** Returns the form in which attribute names are compared: Marketo does not tell their case apart. */
export function foldName(name: string): string {
  return name.toLowerCase()
}
