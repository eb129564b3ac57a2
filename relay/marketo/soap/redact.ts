/**
 * Marketo's own words, as far as an operator's screen or a log may hold them.
 *
 * They can quote the lead (`No lead found with EMAIL = …`). What might be a person's data is left out whole: the code
 * and its name say enough without it.
 */
import type { Lead } from '../../intake/lead.ts'

/** Longer texts are dumps, and hide things. */
const MAX_LENGTH = 160
/** An address, a number that could be a phone's or an id, or a token as long as keys, signatures and cookies are. */
const SUSPECT = /@|[0-9]{4}|[A-Za-z0-9_-]{20}/
const WORDS = /[\p{L}\p{N}]+/gu

/** A text on one line without its trailing `(20105)`, or nothing when it may speak of the person. */
export function redact(text: string, lead: Lead): string {
  const line = text
    .replace(/[\s\p{C}]+/gu, ' ')
    .replace(/ ?\([0-9]{1,6}\) ?$/, '')
    .trim()
  return line.length > MAX_LENGTH || SUSPECT.test(line) || speaksOf(lead, line) ? '' : line
}

/** True when any word of the lead's own values stands in the text; a word of one or two letters, as a word. */
function speaksOf({ email, attributes, cookie = '' }: Lead, text: string): boolean {
  const folded = fold(text)
  const spoken = new Set(folded.match(WORDS))
  const own = fold([email, cookie, ...attributes.map(({ value }) => value)].join(' ')).match(WORDS) ?? []
  return own.some((word) => spoken.has(word) || (word.length > 2 && folded.includes(word)))
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

/** The names that a 20105 complains of, in lower case: `… unknown fields for import: nosuchfield, other (20105)`. */
export function namesIn(message: string): ReadonlySet<string> {
  const listed = message
    .slice(message.lastIndexOf(':') + 1)
    .replace(/\([0-9]{5}\)\s*$/, '')
    .split(',')
  return new Set(listed.map((name) => name.trim().toLowerCase()))
}

/** The attributes of this lead that are so named. Only names that the form's configuration gave can come out, so spelt. */
export function attributesNamed(names: ReadonlySet<string>, { attributes }: Lead): string[] {
  return attributes.map(({ name }) => name).filter((name) => names.has(name.toLowerCase()))
}
