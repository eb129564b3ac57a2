/**
 * `application/x-www-form-urlencoded` (WHATWG URL, 5.1) → names and values, or undefined where it is broken.
 *
 * `URLSearchParams` takes anything: a broken escape, or an escape that is no UTF-8, would be kept as mojibake. Every lead
 * goes through here, so it looks at each character once and decodes only what is written in escapes.
 */

const AMPERSAND = 0x26
const EQUALS = 0x3d
const PERCENT = 0x25

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
  let name: string | undefined
  let start = 0
  let escaped = false
  for (let at = 0; at <= text.length; at += 1) {
    const code = at < text.length ? text.charCodeAt(at) : AMPERSAND
    if (code === PERCENT) {
      escaped = true
    } else if (code === AMPERSAND || (code === EQUALS && name === undefined)) {
      const piece = text.slice(start, at)
      const plain = escaped ? decodeURIComponent(piece) : piece
      start = at + 1
      escaped = false
      if (code === EQUALS) {
        name = plain
      } else {
        if (name !== undefined) pairs.push([name, plain])
        else if (plain !== '') pairs.push([plain, ''])
        name = undefined
      }
    }
  }
  return pairs
}
