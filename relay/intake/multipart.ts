/**
 * `multipart/form-data` (RFC 7578) → names and values, or why not.
 *
 * The runtimes' own readers differ in what they take for a file and in how they mend broken text; a form must come to
 * the same on each of them. It reads bytes, so that broken UTF-8 is refused and not mended.
 */

type Part = [name: string, value: string]

export type Multipart = { ok: true; parts: Part[] } | { ok: false; file?: string }

/** Reads a whole body. `file` names the field of the first file that has a name or content. */
export function parseMultipart(bytes: Uint8Array, contentType: string): Multipart {
  const boundary = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType)
  if (!boundary) return { ok: false }
  // One character a byte: whatever the text is, its places are the bytes' places.
  const body = `\r\n${latin1(bytes)}`
  const delimiter = `\r\n--${boundary[1] ?? boundary[2]}`
  const [, ...sections] = body.split(delimiter)
  const end = sections.pop()
  if (end === undefined || !/^--[ \t]*(\r\n|$)/.test(end)) return { ok: false }

  const parts: Part[] = []
  for (const section of sections) {
    const part = parsePart(section)
    if (!part) return { ok: false }
    if (part.file) return { ok: false, file: part.name }
    if (part.value !== undefined) parts.push([part.name, part.value])
  }
  return { ok: true, parts }
}

/** A file control left empty has neither a name nor content: it has no value either. */
function parsePart(section: string): { name: string; value?: string; file?: true } | undefined {
  const start = /^[ \t]*\r\n/.exec(section)?.[0].length ?? 0
  const gap = section.indexOf('\r\n\r\n', start - 2)
  if (start === 0 || gap < 0) return undefined
  const headers = section.slice(start, Math.max(start, gap))
  const content = section.slice(gap + 4)
  const disposition = /^content-disposition:[ \t]*form-data([^\r\n]*)/im.exec(headers)?.[1]
  const name = disposition === undefined ? undefined : parameter(disposition, 'name')
  if (disposition === undefined || name === undefined) return undefined

  const filename = parameter(disposition, 'filename')
  const isFile = filename !== undefined || /;[ \t]*filename\*=/i.test(disposition)
  if (isFile) return filename === '' && content === '' ? { name } : { name, file: true }
  const value = utf8(content)
  return value === undefined ? undefined : { name, value }
}

/** Browsers write `"`, CR and LF in a name as `%22`, `%0D` and `%0A` (HTML, 4.10.22.7). */
function parameter(disposition: string, name: string): string | undefined {
  const found = new RegExp(`;[ \\t]*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;"]+))`, 'i').exec(disposition)
  if (!found) return undefined
  const text = utf8(found[1] ?? found[2] ?? '')
  return text?.replace(/%22/g, '"').replace(/%0D/gi, '\r').replace(/%0A/gi, '\n')
}

function latin1(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192))
  return text
}

/** The text whose bytes these are; undefined for bytes that are no UTF-8. */
function utf8(latin: string): string | undefined {
  try {
    const bytes = Uint8Array.from(latin, (character) => character.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
