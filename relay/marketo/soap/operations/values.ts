/** Reads values of a reply by the WSDL's types. Absent, nil and malformed values are null; nothing throws. */
import { child, type Element } from '../xml/reader.ts'

/** Returns a child's text; null if the child is nil, absent or repeated. */
export function textOf(parent: Element | undefined, name: string): string | null {
  const found = child(parent, name)
  return found && !found.nil ? found.text : null
}

/** Returns a child's text without surrounding white space; null if nothing is left. */
export function trimmedTextOf(parent: Element | undefined, name: string): string | null {
  return textOf(parent, name)?.trim() || null
}

/** Returns a child's whole number of at most 15 digits, which a `number` holds exactly. */
export function countOf(parent: Element | undefined, name: string): number | null {
  const digits = trimmedTextOf(parent, name) ?? ''
  return /^[0-9]{1,15}$/.test(digits) ? Number(digits) : null
}

/** Returns Marketo's id of a lead, a positive whole number. */
export function idOf(parent: Element | undefined, name: string): number | null {
  return countOf(parent, name) || null
}

/** Returns a child's boolean: `true`, `false`, `1` or `0`. */
export function booleanOf(parent: Element | undefined, name: string): boolean | null {
  const text = trimmedTextOf(parent, name)
  if (text === 'true' || text === '1') return true
  return text === 'false' || text === '0' ? false : null
}
