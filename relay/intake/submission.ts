/**
 * A posted body → names and values, as they were posted, or a refusal.
 *
 * It knows the three ways a form can be written and nothing of any form's rules.
 */
import type { ProblemCode } from '../protocol.ts'
import { readBytes, readText } from './read-body.ts'
import { parseMultipart } from './multipart.ts'
import { parseUrlEncoded } from './url-encoded.ts'

/** A form of text is small; whatever is larger is a mistake or an attack. */
const MAX_BODY = 64 * 1024

export interface Submission {
  /** In the order posted; a name may stand several times. */
  fields: Map<string, string[]>
  /** The wire's own fields, whose names start with `_`; of a repeated one the first. */
  extras: Map<string, string>
}

interface Refusal {
  code: ProblemCode
  detail: string
  /** The field at fault, where there is one. */
  field?: string
}

/** What an answer may be in JSON. */
type Scalar = string | number | boolean
type Pairs = [name: string, value: string][]
type Read<T> = { ok: true; value: T } | { ok: false; refusal: Refusal }

/** Reads a request's body. Never throws, except when the connection breaks. */
export async function readBody(request: Request): Promise<Read<Submission>> {
  const type = request.headers.get('content-type') ?? ''
  const format = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  let pairs: Read<Pairs>
  if (format === URL_ENCODED) {
    const text = await readText(request, MAX_BODY)
    pairs = text === undefined ? TOO_LARGE : readUrlEncoded(text)
  } else {
    const read = READERS[format]
    if (!read) return refuse('type', `Send ${URL_ENCODED}, multipart/form-data or application/json.`)
    const bytes = await readBytes(request, MAX_BODY)
    pairs = bytes ? read(bytes, type) : TOO_LARGE
  }
  return pairs.ok ? { ok: true, value: sort(pairs.value) } : pairs
}

const URL_ENCODED = 'application/x-www-form-urlencoded'

const READERS: Record<string, (bytes: Uint8Array, type: string) => Read<Pairs>> = {
  'multipart/form-data': readMultipart,
  'application/json': readJson,
}

const TOO_LARGE = refuse('too-large', `A submission has at most ${MAX_BODY / 1024} KB.`)

function readUrlEncoded(text: string): Read<Pairs> {
  const pairs = parseUrlEncoded(text)
  if (pairs) return { ok: true, value: pairs }
  return refuse('unreadable', 'The form body is not well-formed application/x-www-form-urlencoded in UTF-8.')
}

function readMultipart(bytes: Uint8Array, type: string): Read<Pairs> {
  const multipart = parseMultipart(bytes, type)
  if (multipart.ok) return { ok: true, value: multipart.parts }
  const { file } = multipart
  if (file !== undefined) return refuse('type', `Files are not taken here: "${file}" is one.`, file)
  return refuse('unreadable', 'The form body is not well-formed multipart/form-data in UTF-8.')
}

function readJson(bytes: Uint8Array): Read<Pairs> {
  let body: unknown
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes))
  } catch {
    return refuse('unreadable', 'The body is not well-formed JSON in UTF-8.')
  }
  const shape = 'The body must be {"fields": {"Email": "ana@acme.example"}, "_id": "…"}.'
  if (!isObject(body) || !isObject(body.fields)) return refuse('unreadable', shape)
  const { fields, ...extras } = body
  const stray = Object.keys(extras).find((name) => !name.startsWith('_'))
  if (stray !== undefined) return refuse('unreadable', `${shape} "${stray.slice(0, 64)}" stands outside of "fields".`)
  const pairs: Pairs = []
  for (const [name, value] of [...Object.entries(fields as object), ...Object.entries(extras)]) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value as unknown]) {
      if (one === null) continue
      if (!isScalar(one)) return refuse('unreadable', `${shape} "${name}" is neither text nor a list of texts.`)
      pairs.push([name, String(one)])
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

function refuse(code: ProblemCode, detail: string, field?: string): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { code, detail, ...(field !== undefined && { field }) } }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isScalar(value: unknown): value is Scalar {
  return ['string', 'number', 'boolean'].includes(typeof value)
}
