/**
 * Parses `application/x-www-form-urlencoded` bodies (WHATWG URL, 5.1) strictly.
 *
 * `URLSearchParams` accepts everything: it would store broken escapes, and escapes that are not UTF-8, as mojibake. Every
 * lead passes through here, so only text that contains escapes is decoded.
 */

/** Character that a UTF-8 decoder writes for invalid bytes. Browsers send the character itself as an escape. */
const REPLACEMENT_CHARACTER = '\uFFFD'

/** Parses a body into names and values. Returns undefined if it is malformed. */
export function parseUrlEncoded(text: string): [name: string, value: string][] | undefined {
  if (text.includes(REPLACEMENT_CHARACTER)) return undefined
  try {
    // A typed plus is sent as an escape.
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

/** @throws {URIError} for a broken escape */
function decode(text: string): string {
  return text.includes('%') ? decodeURIComponent(text) : text
}
