/** Changes to a lead before it is replayed: attributes are dropped or renamed. Pure; names are compared without case. */
import type { Lead } from '../intake/lead.ts'

export interface LeadEdit {
  /** Names of attributes to leave out. */
  drop?: readonly string[]
  /** Old names and the new ones. */
  rename?: Readonly<Record<string, string>>
}

/** Returns the edited lead, or the name that would stand in it twice. A name that is not in it changes nothing. */
export function editLead(lead: Lead, { drop = [], rename = {} }: LeadEdit): { lead: Lead } | { taken: string } {
  const dropped = new Set(drop.map(foldName))
  const renamed = new Map(Object.entries(rename).map(([from, to]) => [foldName(from), to]))
  const attributes = lead.attributes
    .filter(({ name }) => !dropped.has(foldName(name)))
    .map(({ name, value }) => ({ name: renamed.get(foldName(name)) ?? name, value }))
  const names = attributes.map(({ name }) => foldName(name))
  const taken = attributes.find(({ name }, at) => names.indexOf(foldName(name)) !== at)?.name
  return taken === undefined ? { lead: { ...lead, attributes } } : { taken }
}

/** Returns the form in which attribute names are compared: Marketo does not tell their case apart. */
export function foldName(name: string): string {
  return name.toLowerCase()
}
