/** A lead that Marketo did not take, mended by hand before it is tried again: attributes dropped or renamed. */
import type { Lead } from '../intake/lead.ts'

export interface LeadEdit {
  /** Names of attributes to leave out. */
  drop?: readonly string[]
  /** Old names and the new ones. */
  rename?: Readonly<Record<string, string>>
}

/** The lead mended, or the name that would stand in it twice. A name that is not in it changes nothing. */
export function editLead(lead: Lead, { drop = [], rename = {} }: LeadEdit): { lead: Lead } | { taken: string } {
  const attributes = lead.attributes
    .filter(({ name }) => !drop.includes(name))
    .map(({ name, value }) => ({ name: Object.hasOwn(rename, name) ? (rename[name] ?? name) : name, value }))
  const names = attributes.map(({ name }) => name)
  const taken = names.find((name, at) => names.indexOf(name) !== at)
  return taken === undefined ? { lead: { ...lead, attributes } } : { taken }
}
