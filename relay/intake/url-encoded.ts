/**
 * Parses `application/x-www-form-urlencoded` bodies (WHATWG URL, 5.1) strictly.
 *
 * `URLSearchParams` accepts everything: it would store broken escapes, and escapes that are not UTF-8, as mojibake. Every
 * lead passes through here, so only text that contains escapes is decoded.
 */
import type { Decode } from './charset.ts'

/** Character that a UTF-8 decoder writes for invalid bytes. Browsers send the character itself as an escape. */
const REPLACEMENT_CHARACTER = '\uFFFD'

type Pairs = [name: string, value: string][]

/** Parses a body in UTF-8 into names and values. Returns undefined if it is malformed. */
export function parseUrlEncoded(text: string): Pairs | undefined {
  if (text.includes(REPLACEMENT_CHARACTER)) return undefined
  try {
    return parse(text, decode)
  } catch {
    return undefined
  }
}

/**
 * Parses a body in another encoding.
 *
 * @param latin the body, one character per byte
 */
export function parseUrlEncodedIn(latin: string, decodeBytes: Decode): Pairs | undefined {
  try {
    return parse(latin, (text) => {
      const bytes = text.replace(/%([\da-f]{2})?/gi, (_escape, digits: string | undefined) => {
        if (digits === undefined) throw new Error('a broken escape')
        return String.fromCharCode(Number.parseInt(digits, 16))
      })
      const decoded = decodeBytes(bytes)
      if (decoded === undefined) throw new Error('bytes that the encoding does not have')
      return decoded
    })
  } catch {
    return undefined
  }
}

/** @param decodePart decodes a name or a value; throws if it cannot */
function parse(text: string, decodePart: (text: string) => string): Pairs {
  const pairs: Pairs = []
  // A typed plus is sent as an escape.
  for (const piece of text.replaceAll('+', ' ').split('&')) {
    if (piece === '') continue
    const at = piece.indexOf('=')
    pairs.push(at < 0 ? [decodePart(piece), ''] : [decodePart(piece.slice(0, at)), decodePart(piece.slice(at + 1))])
  }
  return pairs
}

/** @throws {URIError} for a broken escape */
function decode(text: string): string {
  return text.includes('%') ? decodeURIComponent(text) : text
}
