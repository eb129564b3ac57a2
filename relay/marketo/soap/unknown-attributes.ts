/**
 * Finds the attributes that a fault names: unknown ones, and those whose value Marketo refuses. Pure; returns only names
 * that the lead has, so that nothing else of a message is told.
 */
import type { Lead } from '../../intake/lead.ts'

/** Parses the names that fault 20105 ("Lead Attribute Bad") lists, in lower case: `… unknown fields for import: nosuchfield, other (20105)`. */
export function parseUnknownNames(message: string): ReadonlySet<string> {
  const list = message
    .slice(message.lastIndexOf(':') + 1)
    .replace(/\([0-9]{5}\)\s*$/, '')
    .split(',')
  return new Set(list.map((name) => name.trim().toLowerCase()))
}

/** Returns the lead's attribute names that are in the set, spelled as in the form's configuration. */
export function selectAttributes(
  lowerCaseNames: ReadonlySet<string>,
  { attributes }: Pick<Lead, 'attributes'>,
): string[] {
  return attributes.map(({ name }) => name).filter((name) => lowerCaseNames.has(name.toLowerCase()))
}

/**
 * Returns the words of a message in lower case: `NumberOfEmployees is not a valid integer (20110)`. A word of a message
 * that happens to be the name of an attribute costs one more attempt, and no value is lost.
 */
export function parseWords(message: string): ReadonlySet<string> {
  return new Set(message.toLowerCase().match(/[\p{L}\p{N}_]+/gu))
}
