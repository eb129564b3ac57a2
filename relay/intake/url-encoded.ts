/**
 * `application/x-www-form-urlencoded` (WHATWG URL, 5.1) → names and values, or undefined where it is broken.
 *
 * `URLSearchParams` takes anything: a broken escape, or an escape that is no UTF-8, would be kept as mojibake. Every lead
 * goes through here, so it decodes only what is written in escapes.
 */

/** What a decoder writes for bytes that are no UTF-8. Whoever means the character itself writes it as an escape. */
const BROKEN = '\uFFFD'

/** Reads a whole body. */
export function parseUrlEncoded(text: string): [name: string, value: string][] | undefined {
  if (text.includes(BROKEN)) return undefined
  try {
    // A plus that someone typed is an escape.
    return parse(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

function parse(text: string): [name: string, value: string][] {
  const pairs: [string, string][] = []
  for (const piece of text.split('&')) {
    if (piece === '') continue
    const at = piece.indexOf('=')
    pairs.push(at < 0 ? [decode(piece), ''] : [decode(piece.slice(0, at)), decode(piece.slice(at + 1))])
  }
  return pairs
}

/** Throws where an escape is broken. */
function decode(text: string): string {
  return text.includes('%') ? decodeURIComponent(text) : text
}
