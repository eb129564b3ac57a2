/**
 * Parses `multipart/form-data` bodies (RFC 7578) strictly.
 *
 * The parsers of the runtimes differ in what they treat as a file and in how they repair broken text, but a form must give
 * the same lead on every runtime. This parser reads bytes, so that it can reject invalid UTF-8.
 */
import { decoderOf, decodeUtf8, latin1, type Decode } from './charset.ts'

type Part = [name: string, value: string]

/**
 * Names and values of the parts, or a failure. `file` is the field of the first file that has a name or content, and
 * `charset` an encoding that nobody knows.
 */
export type Multipart = { ok: true; parts: Part[] } | { ok: false; file?: string; charset?: string }

/** Parses a body. */
export function parseMultipart(bytes: Uint8Array, contentType: string): Multipart {
  const boundary = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType)
  if (!boundary) return { ok: false }
  // One character per byte, so that positions in the text are positions in the bytes.
  const body = `\r\n${latin1(bytes)}`
  const delimiter = `\r\n--${boundary[1] ?? boundary[2]}`
  const [, ...sections] = body.split(delimiter)
  const end = sections.pop()
  if (end === undefined || !/^--[ \t]*(\r\n|$)/.test(end)) return { ok: false }

  const charset = CHARSET_PART.exec(body)?.[1]
  const decode = charset === undefined ? decodeUtf8 : decoderOf(charset)
  if (!decode) return { ok: false, ...(charset !== undefined && { charset }) }
  const parts: Part[] = []
  for (const section of sections) {
    const part = parsePart(section, decode)
    if (!part) return { ok: false }
    if (part.file) return { ok: false, file: part.name }
    if (part.value !== undefined) parts.push([part.name, part.value])
  }
  return { ok: true, parts }
}

/** The part in which a browser says how it has encoded the others (HTML, 4.10.22.4). */
const CHARSET_PART =
  /\r\ncontent-disposition:[ \t]*form-data;[ \t]*name="?_charset_"?[^\r\n]*\r\n\r\n([\w.:-]{1,40})\r\n--/i

/** Parses a part. A file control that was left empty has neither a file name nor content, and gets no value. */
function parsePart(section: string, decode: Decode): { name: string; value?: string; file?: true } | undefined {
  const start = /^[ \t]*\r\n/.exec(section)?.[0].length ?? 0
  const gap = section.indexOf('\r\n\r\n', start - 2)
  if (start === 0 || gap < 0) return undefined
  const headers = section.slice(start, Math.max(start, gap))
  const content = section.slice(gap + 4)
  const disposition = /^content-disposition:[ \t]*form-data([^\r\n]*)/im.exec(headers)?.[1]
  const name = disposition === undefined ? undefined : parameter(disposition, 'name', decode)
  if (disposition === undefined || name === undefined) return undefined

  const filename = parameter(disposition, 'filename', decode)
  const isFile = filename !== undefined || /;[ \t]*filename\*=/i.test(disposition)
  if (isFile) return filename === '' && content === '' ? { name } : { name, file: true }
  const value = decode(content)
  return value === undefined ? undefined : { name, value }
}

/** Returns a parameter of the header. Browsers write `"`, CR and LF as `%22`, `%0D` and `%0A` (HTML, 4.10.22.7). */
function parameter(disposition: string, name: string, decode: Decode): string | undefined {
  const found = new RegExp(`;[ \\t]*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;"]+))`, 'i').exec(disposition)
  if (!found) return undefined
  const text = decode(found[1] ?? found[2] ?? '')
  return text?.replace(/%22/g, '"').replace(/%0D/gi, '\r').replace(/%0A/gi, '\n')
}
