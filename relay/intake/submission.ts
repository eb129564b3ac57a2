/**
 * Reads the body of a form post in any of its three encodings: names and values as they were posted.
 *
 * Knows the encodings, but not the fields of any form.
 */
import type { ProblemCode } from '../protocol.ts'
import { readBytes, readText } from './read-body.ts'
import { parseMultipart } from './multipart.ts'
import { parseUrlEncoded } from './url-encoded.ts'

/** Maximum size of a body, in bytes. A form of text is far smaller. */
const MAX_BODY_BYTES = 64 * 1024

export interface Submission {
  /** Values by field name, in the order posted. */
  fields: Map<string, string[]>
  /** Fields whose names start with `_`. If one is repeated, its first value. */
  extras: Map<string, string>
}

interface Rejection {
  code: ProblemCode
  detail: string
  /** Name of the field that caused the rejection, if one did. */
  field?: string
}

/** Value of a field in JSON. */
type Scalar = string | number | boolean
type Pairs = [name: string, value: string][]
type Read<T> = { ok: true; value: T } | { ok: false; rejection: Rejection }

/** Reads the body of a request. Rejects only if the connection breaks. */
export async function readBody(request: Request): Promise<Read<Submission>> {
  const type = request.headers.get('content-type') ?? ''
  const format = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  let pairs: Read<Pairs>
  if (format === URL_ENCODED) {
    const text = await readText(request, MAX_BODY_BYTES)
    pairs = text === undefined ? TOO_LARGE : readUrlEncoded(text)
  } else {
    const read = READERS[format]
    if (!read) {
      return reject('type', `The Content-Type must be ${URL_ENCODED}, multipart/form-data or application/json.`)
    }
    const bytes = await readBytes(request, MAX_BODY_BYTES)
    pairs = bytes ? read(bytes, type) : TOO_LARGE
  }
  return pairs.ok ? { ok: true, value: sort(pairs.value) } : pairs
}

const URL_ENCODED = 'application/x-www-form-urlencoded'

const READERS: Record<string, (bytes: Uint8Array, type: string) => Read<Pairs>> = {
  'multipart/form-data': readMultipart,
  'application/json': readJson,
}

const TOO_LARGE = reject('too-large', `The body must not be larger than ${MAX_BODY_BYTES / 1024} KB.`)

function readUrlEncoded(text: string): Read<Pairs> {
  const pairs = parseUrlEncoded(text)
  if (pairs) return { ok: true, value: pairs }
  return reject('unreadable', 'The body is not valid application/x-www-form-urlencoded in UTF-8.')
}

function readMultipart(bytes: Uint8Array, type: string): Read<Pairs> {
  const multipart = parseMultipart(bytes, type)
  if (multipart.ok) return { ok: true, value: multipart.parts }
  const { file } = multipart
  if (file !== undefined) return reject('type', `Files are not accepted; remove the file in "${file}".`, file)
  return reject('unreadable', 'The body is not valid multipart/form-data in UTF-8.')
}

function readJson(bytes: Uint8Array): Read<Pairs> {
  let body: unknown
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes))
  } catch {
    return reject('unreadable', 'The body is not valid JSON in UTF-8.')
  }
  const shape = 'The body must look like {"fields": {"Email": "ana@acme.example"}, "_id": "…"}.'
  if (!isObject(body) || !isObject(body.fields)) return reject('unreadable', shape)
  const { fields, ...extras } = body
  const stray = Object.keys(extras).find((name) => !name.startsWith('_'))
  if (stray !== undefined) return reject('unreadable', `${shape} "${stray.slice(0, 64)}" belongs in "fields".`)
  const pairs: Pairs = []
  for (const [name, value] of [...Object.entries(fields as object), ...Object.entries(extras)]) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value as unknown]) {
      if (one === null) continue
      // An id of any other kind is not a UUID, which `intake.ts` notes.
      if (!isScalar(one) && name !== '_id')
        return reject('unreadable', `${shape} "${name}" must be a string, a number, a boolean or a list of these.`)
      pairs.push([name, isScalar(one) ? String(one) : JSON.stringify(one)])
    }
  }
  return { ok: true, value: pairs }
}

function sort(pairs: Pairs): Submission {
  const fields = new Map<string, string[]>()
  const extras = new Map<string, string>()
  for (const [name, value] of pairs) {
    if (name.startsWith('_')) {
      if (!extras.has(name)) extras.set(name, value)
    } else {
      const values = fields.get(name)
      if (values) values.push(value)
      else fields.set(name, [value])
    }
  }
  return { fields, extras }
}

function reject(code: ProblemCode, detail: string, field?: string): { ok: false; rejection: Rejection } {
  return { ok: false, rejection: { code, detail, ...(field !== undefined && { field }) } }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isScalar(value: unknown): value is Scalar {
  return ['string', 'number', 'boolean'].includes(typeof value)
}
