/**
 * Decodes the entities in a reply's text. A reply cannot declare its own, because a DOCTYPE is rejected before.
 *
 * The parser's decoder is not used: it skips `&#39;` and stops after 100,000 characters.
 */

/** A reference. After leading zeros, a number of more than eight digits is no character. */
const REFERENCE = /&(?:(amp|lt|gt|quot|apos)|#0*([0-9]{1,8})|#x0*([0-9A-Fa-f]{1,8}));/y
const STANDARD: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/**
 * Decodes the five standard entities and numeric references, once. Leaves any other reference, and a number that is no
 * XML character, as it is.
 */
export function decodeEntities(text: string): string {
  let at = text.indexOf('&')
  if (at < 0) return text
  // A loop, because `replace` keeps all matches in memory until it returns.
  let decoded = text.slice(0, at)
  while (at >= 0) {
    REFERENCE.lastIndex = at
    const reference = REFERENCE.exec(text)
    decoded += reference ? characterOf(reference) : '&'
    const from = reference ? REFERENCE.lastIndex : at + 1
    at = text.indexOf('&', from)
    decoded += text.slice(from, at < 0 ? text.length : at)
  }
  return decoded
}

function characterOf([reference, name, decimal, hexadecimal]: RegExpExecArray): string {
  if (name) return STANDARD[name] ?? reference
  const code = decimal ? Number(decimal) : Number.parseInt(hexadecimal ?? '', 16)
  return isCharacter(code) ? String.fromCodePoint(code) : reference
}

/** Returns true for a code point of XML 1.0's `Char` (2.2). */
function isCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd
  return code < 0xd800 || (code > 0xdfff && code < 0xfffe) || (code > 0xffff && code <= 0x10ffff)
}
