/**
 * Redacts Marketo's messages for logs and for an operator.
 *
 * A message may quote the lead (`No lead found with EMAIL = …`). One that may contain personal data is dropped as a
 * whole; the fault's code and name explain enough without it.
 */
import type { Lead } from '../../intake/lead.ts'

/** The values that a message may quote. */
type RedactedLead = Pick<Lead, 'email' | 'attributes' | 'cookie'>

/** Maximum length of a message, in characters. Longer ones are dumps. */
const MAX_MESSAGE_LENGTH = 160
/** An e-mail address, a number that may be a phone number or an id, or a token as long as keys and cookies are. */
const SUSPECT = /@|[0-9]{4}|[A-Za-z0-9_-]{20}/
const WORDS = /[\p{L}\p{N}]+/gu

/**
 * Redacts one message about one lead.
 *
 * @returns the message on one line, without a trailing `(20105)`; or '' if it may contain personal data
 */
export function redact(text: string, lead: RedactedLead): string {
  const line = text
    .replace(/[\s\p{C}]+/gu, ' ')
    .replace(/ ?\([0-9]{1,6}\) ?$/, '')
    .trim()
  return line.length > MAX_MESSAGE_LENGTH || SUSPECT.test(line) || mentionsLead(lead, line) ? '' : line
}

/**
 * Returns true if the text contains any word of the lead's values. Words of one or two letters count only as whole
 * words, longer ones anywhere.
 */
function mentionsLead({ email, attributes, cookie = '' }: RedactedLead, text: string): boolean {
  const folded = fold(text)
  const textWords = new Set(folded.match(WORDS))
  const leadWords = fold([email, cookie, ...attributes.map(({ value }) => value)].join(' ')).match(WORDS) ?? []
  return leadWords.some((word) => textWords.has(word) || (word.length > 2 && folded.includes(word)))
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}
