/**
 * Decodes posted text by its character encoding (WHATWG Encoding). A form with `accept-charset`, or a page that is not in
 * UTF-8, posts in another one, and says so in the field `_charset_` or in the `Content-Type`.
 *
 * Strict: bytes that the encoding does not have are an error, and no text is repaired.
 */

/** Decodes bytes, given one character per byte. Returns undefined if they are not valid in the encoding. */
export type Decode = (latin: string) => string | undefined

/** Returns the encoding that a `Content-Type` names; undefined if it names none. */
export function charsetOf(contentType: string): string | undefined {
  const [, quoted, plain] = /;\s*charset=(?:"([^"]{1,40})"|([^\s;"]{1,40}))/i.exec(contentType) ?? []
  return quoted ?? plain
}

/** Returns whether a label means UTF-8. */
export function isUtf8(label: string): boolean {
  return /^utf-?8$/i.test(label.trim())
}

/** Returns the decoder of an encoding, by any of its labels; undefined if no encoding has the label. */
export function decoderOf(label: string): Decode | undefined {
  if (isUtf8(label)) return decodeUtf8
  let decoder: TextDecoder
  try {
    decoder = new TextDecoder(label.trim(), { fatal: true, ignoreBOM: true })
  } catch {
    return undefined
  }
  const decode: Decode = (latin) => decodeWith(decoder, latin)
  return (latin) => {
    const text = decode(latin)
    return text?.includes('&#') ? withReferences(text, decode) : text
  }
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Decodes UTF-8. */
export const decodeUtf8: Decode = (latin) => decodeWith(UTF_8, latin)

function decodeWith(decoder: TextDecoder, latin: string): string | undefined {
  try {
    return decoder.decode(Uint8Array.from(latin, (character) => character.charCodeAt(0)))
  } catch {
    return undefined
  }
}

/**
 * Replaces the references by which browsers write what an encoding of one byte a character lacks (`&#28207;`, WHATWG
 * Encoding, 4.2). A reference to a character that it has was typed by the visitor, and stays.
 */
function withReferences(text: string, decode: Decode): string {
  return text.replace(/&#(\d{3,7});/g, (reference, digits: string) => {
    const code = Number(digits)
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return reference
    const character = String.fromCodePoint(code)
    return has(decode, character) ? reference : character
  })
}

/** Returns whether an encoding has the character as one byte. */
function has(decode: Decode, character: string): boolean {
  for (let byte = 0; byte < 256; byte += 1) if (decode(String.fromCharCode(byte)) === character) return true
  return false
}

/** Returns bytes as text with one character per byte, in which positions are those of the bytes. */
export function latin1(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192))
  return text
}
