/** Finds the attributes that fault 20105 ("Lead Attribute Bad") names. Pure; returns only names that the lead has. */
import type { Lead } from '../../intake/lead.ts'

/** Parses the listed names, in lower case: `… unknown fields for import: nosuchfield, other (20105)`. */
export function parseUnknownNames(message: string): ReadonlySet<string> {
  const list = message
    .slice(message.lastIndexOf(':') + 1)
    .replace(/\([0-9]{5}\)\s*$/, '')
    .split(',')
  return new Set(list.map((name) => name.trim().toLowerCase()))
}

/** Returns the lead's attribute names that are in the set, spelled as in the form's configuration. */
export function selectAttributes(lowerCaseNames: ReadonlySet<string>, { attributes }: Lead): string[] {
  return attributes.map(({ name }) => name).filter((name) => lowerCaseNames.has(name.toLowerCase()))
}
