/** Tells whether a lead is one that is stored already, so that it takes no room. Pure. */
import type { Lead } from '../intake/lead.ts'

/**
 * Returns whether a stored lead has the id and the content of another one, by the rule of the outbox: a known id with another
 * content is another lead. A lead that was delivered has no content any more, and counts as another one.
 */
export function isSameLead(stored: Lead | undefined, lead: Lead): boolean {
  return stored !== undefined && contentOf(stored) === contentOf(lead)
}

/** Returns the id and the content of a lead as one text. */
export function contentOf({ id, form, person, email, attributes, cookie, workspace }: Lead): string {
  const values = attributes.map(({ name, value }) => [name, value])
  return JSON.stringify([id, form, person, email, values, cookie, workspace])
}
