/** Values of a reply by the WSDL's types. What a reply lacks, and what is nil in it, is null. */
import { child, type Element } from '../xml/reader.ts'

/** A child's text; null when it is nil, not there, or there twice. */
export function textOf(parent: Element | undefined, name: string): string | null {
  const found = child(parent, name)
  return found && !found.nil ? found.text : null
}

/** A child that says more than blanks, without the blanks at its ends. */
export function wordOf(parent: Element | undefined, name: string): string | null {
  return textOf(parent, name)?.trim() || null
}

/** Digits alone, at most fifteen: every such number is exact. */
export function countOf(parent: Element | undefined, name: string): number | null {
  const digits = wordOf(parent, name) ?? ''
  return /^[0-9]{1,15}$/.test(digits) ? Number(digits) : null
}

/** Marketo's id of a person: a positive whole number. */
export function idOf(parent: Element | undefined, name: string): number | null {
  return countOf(parent, name) || null
}

/** `true`, `false`, `1` or `0`. */
export function booleanOf(parent: Element | undefined, name: string): boolean | null {
  const word = wordOf(parent, name)
  if (word === 'true' || word === '1') return true
  return word === 'false' || word === '0' ? false : null
}
