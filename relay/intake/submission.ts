/**
 * Reads the body of a form post in any of its three encodings: names and values as they were posted.
 *
 * Knows the encodings, but not the fields of any form.
 */
import type { FieldProblem, ProblemCode } from '../protocol.ts'
import { charsetOf, decoderOf, isUtf8, latin1 } from './charset.ts'
import { COMPRESSED, isCompressed, readBytes, readText } from './read-body.ts'
import { parseMultipart } from './multipart.ts'
import { parseUrlEncoded, parseUrlEncodedIn } from './url-encoded.ts'

/** Maximum number of characters of all names and values. A form of text has far fewer. */
const MAX_CHARACTERS = 64 * 1024

/** Maximum size of a body, in bytes. One character of Chinese takes nine when it is percent-encoded. */
const MAX_BODY_BYTES = 9 * MAX_CHARACTERS

export interface Submission {
  /** Values by field name, in the order posted. */
  fields: Map<string, string[]>
  /**
   * Fields whose names start with `_`. If one is repeated, its first value; of `_visitor` all values with spaces between,
   * because a page can have several cookies, and no cookie has a space; of `_consent` the last, as a ticked check box comes
   * after its hidden companion.
   */
  extras: Map<string, string>
}

interface Rejection {
  code: ProblemCode
  detail: string
  /** Problem with the field that caused the rejection, if one did. */
  problem?: Omit<FieldProblem, 'message'>
}

/** Value of a field in JSON. */
type Scalar = string | number | boolean
type Pairs = [name: string, value: string][]
type Read<T> = { ok: true; value: T } | { ok: false; rejection: Rejection }

/** Reads the body of a request. Rejects only if the connection breaks. */
export async function readBody(request: Request): Promise<Read<Submission>> {
  if (isCompressed(request.headers)) return reject('type', COMPRESSED)
  const type = request.headers.get('content-type') ?? ''
  const format = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const charset = format === URL_ENCODED ? charsetOf(type) : undefined
  let pairs: Read<Pairs>
  if (format === URL_ENCODED && (charset === undefined || isUtf8(charset))) {
    const text = await readText(request, MAX_BODY_BYTES)
    pairs = text === undefined ? TOO_LARGE : readUrlEncoded(text)
  } else {
    const read = READERS.get(format)
    if (!read) {
      return reject('type', `The Content-Type must be ${URL_ENCODED}, multipart/form-data or application/json.`)
    }
    const bytes = await readBytes(request, MAX_BODY_BYTES)
    pairs = bytes ? read(bytes, type) : TOO_LARGE
  }
  if (!pairs.ok) return pairs
  return tooLong(pairs.value) ?? { ok: true, value: sort(pairs.value) }
}

const URL_ENCODED = 'application/x-www-form-urlencoded'

const READERS = new Map<string, (bytes: Uint8Array, type: string) => Read<Pairs>>([
  [URL_ENCODED, (bytes, type) => readUrlEncodedIn(latin1(bytes), charsetOf(type) ?? '')],
  ['multipart/form-data', readMultipart],
  ['application/json', readJson],
])

const TOO_LARGE = reject('too-large', `The body must not be larger than ${MAX_BODY_BYTES / 1024} KB.`)

/** Rejects a submission that is too long in all, and names the longest field. Undefined if it is not. */
function tooLong(pairs: Pairs): Read<never> | undefined {
  let characters = 0
  for (const [name, value] of pairs) characters += name.length + value.length
  if (characters <= MAX_CHARACTERS) return undefined
  const [field] = pairs.reduce((longest, pair) => (pair[1].length > longest[1].length ? pair : longest))
  const problem = { field: field.slice(0, MAX_SHOWN_NAME), code: 'too-long' as const }
  const limit = `The form must not have more than ${MAX_CHARACTERS.toLocaleString('en')} characters in all`
  return reject('too-large', `${limit}; "${problem.field}" is the longest field.`, problem)
}

/** Maximum length of a field's name in a message, in characters. */
const MAX_SHOWN_NAME = 64

function readUrlEncoded(text: string): Read<Pairs> {
  // In a browser's post all bytes that are not ASCII are escapes.
  const charset = text.includes('_charset_=') ? /(?:^|&)_charset_=([\w.:-]{1,40})/.exec(text)?.[1] : undefined
  if (charset !== undefined && !isUtf8(charset)) return readUrlEncodedIn(text, charset)
  const pairs = parseUrlEncoded(text)
  if (pairs) return { ok: true, value: pairs }
  return reject('unreadable', 'The body is not valid application/x-www-form-urlencoded in UTF-8.')
}

/** @param latin the body, one character per byte */
function readUrlEncodedIn(latin: string, charset: string): Read<Pairs> {
  const decode = decoderOf(charset)
  if (!decode) return unknownCharset(charset)
  const pairs = parseUrlEncodedIn(latin, decode)
  if (pairs) return { ok: true, value: pairs }
  return reject('unreadable', `The body is not valid application/x-www-form-urlencoded in ${charset}.`)
}

function unknownCharset(charset: string): Read<never> {
  return reject('unreadable', `There is no character encoding "${charset}"; send the form in UTF-8.`)
}

function readMultipart(bytes: Uint8Array, type: string): Read<Pairs> {
  const multipart = parseMultipart(bytes, type)
  if (multipart.ok) return { ok: true, value: multipart.parts }
  const { file, charset } = multipart
  if (charset !== undefined) return unknownCharset(charset)
  if (file !== undefined) {
    return reject('type', `Files are not accepted; remove the file in "${file}".`, { field: file, code: 'file' })
  }
  return reject('unreadable', 'The body is not valid multipart/form-data in its character encoding.')
}

function readJson(bytes: Uint8Array): Read<Pairs> {
  let body: unknown
  try {
    body = parseJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes))
  } catch {
    return reject('unreadable', 'The body is not valid JSON in UTF-8.')
  }
  const shape = 'The body must look like {"fields": {"Email": "ana@acme.example"}, "_id": "…"}.'
  if (!isObject(body) || !isObject(body.fields)) return reject('unreadable', shape)
  const { fields, ...extras } = body
  const stray = Object.keys(extras).find((name) => !name.startsWith('_'))
  if (stray !== undefined) return reject('unreadable', `${shape} "${stray.slice(0, 64)}" belongs in "fields".`)
  const pairs: Pairs = []
  for (const posted of [fields, extras]) {
    for (const [name, value] of Object.entries(posted)) {
      if (typeof value === 'string') {
        pairs.push([name, value])
        continue
      }
      for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
        if (one === null) continue
        if (one === INEXACT) {
          const detail = `The number in "${name}" has more digits than JSON keeps; send it as a string.`
          return reject('unreadable', detail, { field: name, code: 'format' })
        }
        // An id of any other kind is not a UUID, which `intake.ts` notes.
        if (!isScalar(one) && name !== '_id')
          return reject('unreadable', `${shape} "${name}" must be a string, a number, a boolean or a list of these.`)
        pairs.push([name, isScalar(one) ? String(one) : JSON.stringify(one)])
      }
    }
  }
  return { ok: true, value: pairs }
}

/** Stands for a number with more digits than a double holds (RFC 8259, section 6): sent on, it would be another number. */
const INEXACT = Symbol('inexact number')

function parseJson(text: string): unknown {
  // Only a text with that many digits in a row can have one.
  if (!/\d[\d.]{15}/.test(text)) return JSON.parse(text)
  const check = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && digitsOf(context?.source ?? '') !== digitsOf(String(value)) ? INEXACT : value
  return JSON.parse(text, check)
}

/** Returns the digits of a number without its point, its exponent and the zeros around them. */
function digitsOf(number: string): string {
  return number
    .replace(/e.*$/i, '')
    .replace(/\D/g, '')
    .replace(/^0+|0+$/g, '')
}

function sort(pairs: Pairs): Submission {
  const fields = new Map<string, string[]>()
  const extras = new Map<string, string>()
  for (const [name, value] of pairs) {
    if (name.startsWith('_')) {
      const first = extras.get(name)
      if (first === undefined || name === '_consent') extras.set(name, value)
      else if (name === '_visitor') extras.set(name, `${first} ${value}`)
    } else {
      const values = fields.get(name)
      if (values) values.push(value)
      else fields.set(name, [value])
    }
  }
  return { fields, extras }
}

function reject(
  code: ProblemCode,
  detail: string,
  problem?: Rejection['problem'],
): { ok: false; rejection: Rejection } {
  return { ok: false, rejection: { code, detail, ...(problem && { problem }) } }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isScalar(value: unknown): value is Scalar {
  return ['string', 'number', 'boolean'].includes(typeof value)
}
