/**
 * Entities in the text of a reply. Nothing can declare more of them: a DOCTYPE is refused before.
 *
 * Not left to the parser, whose own way passes over `&#39;` and ends at 100,000 characters.
 */

const REFERENCES = /&(?:(amp|lt|gt|quot|apos)|#([0-9]+)|#x([0-9A-Fa-f]+));/g
const STANDARD: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The five standard entities and the numeric ones, once. Any other, and a number that is no character, stays. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(REFERENCES, (reference, name?: string, decimal?: string, hexadecimal?: string) => {
    if (name) return STANDARD[name] ?? reference
    const code = decimal ? Number(decimal) : Number.parseInt(hexadecimal ?? '', 16)
    return isCharacter(code) ? String.fromCodePoint(code) : reference
  })
}

/** XML 1.0's `Char`. */
function isCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd
  return code < 0xd800 || (code > 0xdfff && code < 0xfffe) || (code > 0xffff && code <= 0x10ffff)
}
