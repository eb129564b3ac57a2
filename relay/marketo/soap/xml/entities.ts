/**
 * Entities in the text of a reply. Nothing can declare more of them: a DOCTYPE is refused before.
 *
 * Not left to the parser, whose own way passes over `&#39;` and ends at 100,000 characters.
 */

/** More digits than eight, but for zeros before them, are no character. */
const REFERENCE = /&(?:(amp|lt|gt|quot|apos)|#0*([0-9]{1,8})|#x0*([0-9A-Fa-f]{1,8}));/y
const STANDARD: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The five standard entities and the numeric ones, once. Any other, and a number that is no character, stays. */
export function decodeEntities(text: string): string {
  let at = text.indexOf('&')
  if (at < 0) return text
  // Piece by piece, because `replace` holds on to all it has found until it is done.
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

/** XML 1.0's `Char`. */
function isCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd
  return code < 0xd800 || (code > 0xdfff && code < 0xfffe) || (code > 0xffff && code <= 0x10ffff)
}
