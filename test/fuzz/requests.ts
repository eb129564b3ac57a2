/** Makes malformed HTTP requests, as bytes: over all routes, methods, header fields and framings. Pure. */
import type { Chance } from '../chaos/chance.ts'
import { OPERATOR } from '../support/operator.ts'
import { makeBody, TYPES } from './bodies.ts'
import { ORIGIN, SERVER_KEY } from './forms.ts'

export interface FuzzRequest {
  /** The bytes of one or several requests. */
  bytes: Buffer
  /** True if the server has all that it needs for a reply, and closes the connection after it. */
  isComplete: boolean
}

const METHODS = [
  'POST',
  'POST',
  'POST',
  'POST',
  'POST',
  'GET',
  'GET',
  'HEAD',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'CONNECT',
  'post',
  'FOO',
  'M-SEARCH',
  '',
]

const TARGETS = [
  '/f/contact',
  '/f/contact',
  '/f/contact',
  '/f/contact',
  '/f/contact',
  '/f/plain',
  '/f/plain',
  '/f/nosuch',
  '/f/__proto__',
  '/f/constructor',
  '/f/',
  '/f/contact/',
  '/f//contact',
  '/f/contact/ticket',
  '/f/%63ontact',
  '/f/%00',
  '/f/%ff',
  '/f/%E0%A4%A',
  '/f/%',
  '/f/..%2f..%2fetc%2fpasswd',
  `/f/${'x'.repeat(3_000)}`,
  '/v1/leads',
  '/v1/leads',
  '/v1/parked',
  '/v1/parked/0193573a-1c00-7000-8000-0123456789ab',
  '/v1/parked/%00',
  '/v1/replay',
  '/v1/waiting',
  '/v1/discard',
  '/v1/retry',
  '/v1/hold',
  '/v1/held',
  '/v1/lead',
  '/v1/lead?id=%00',
  '/v1/export?state=held',
  '/v1/audit',
  '/v1/',
  '/v1/__proto__',
  '/v2/leads',
  '/healthz',
  '/readyz',
  '/readyz/',
  '/form-sync.js',
  '/form-sync.json',
  '/form-sync.__proto__.js',
  '/..%2fpackage.json',
  '/../../etc/passwd',
  '/',
  '//',
  '//evil.example/f/contact',
  '*',
  'http://x/f/contact',
  'http://u:p@x/f/contact',
  'https://x:99999/',
  'ftp://x/',
  'f/contact',
  '?',
  '/#',
  '/\\',
  '/f/contact\t',
  '/%2e%2e/',
]

const QUERIES = [
  '',
  '',
  '',
  '?',
  '?a=b',
  '?__proto__=1',
  '?limit=-1',
  '?limit=1e9',
  '?after=%00',
  '?values=1&values=2',
  `?${'q'.repeat(4_000)}`,
  '?%',
  '?account=constructor',
]

const ORIGINS = [
  ORIGIN,
  ORIGIN,
  ORIGIN,
  'null',
  'https://evil.example',
  'https://',
  'constructor',
  `${ORIGIN}.evil.example`,
  `${ORIGIN}, ${ORIGIN}`,
  '\u0080',
  'x'.repeat(3_000),
]

const TOKENS = [
  SERVER_KEY,
  SERVER_KEY,
  OPERATOR.FORM_SYNC_CONSOLE_TOKEN,
  OPERATOR.FORM_SYNC_CONSOLE_TOKEN,
  '',
  'x',
  '__proto__',
  'é',
  'x'.repeat(5_000),
]

const ODD_FIELDS = [
  '__proto__: x',
  'constructor: x',
  'X: \u0001',
  'X: a\0b',
  'X : y',
  ': y',
  'X',
  ' folded: x',
  `X: ${'y'.repeat(20_000)}`,
  'Expect: 100-continue',
  'Expect: 200-ok',
  'Upgrade: h2c\r\nConnection: Upgrade',
  'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x',
  'Content-Encoding: gzip',
  'Content-Encoding: constructor',
  'Content-Encoding: identity',
  'Cookie: _mkto_trk=id:123-ABC-456&token:_mch-acme.example-1-1',
  'Cookie: =;;=',
  'X-Forwarded-For: 1.2.3.4, ::1, constructor',
  'X-Forwarded-For: ' + '9.9.9.9, '.repeat(500),
  'Forwarded: for=_x',
  'CF-Connecting-IP: constructor',
  'Host: a',
  'Host: a@b',
  'Host: [::1',
  'Host:',
  'Referer: javascript:x',
  'Referer: https://www.acme.example/p',
  'Sec-Fetch-Site: cross-site',
  'Sec-Fetch-Site: constructor',
  'Range: bytes=0-1,2-3,-9',
  'If-None-Match: *',
  'Accept-Encoding: gzip, constructor',
  'TE: trailers',
  'Authorization: Basic eDp5',
  'Authorization:',
  'User-Agent: ' + 'u'.repeat(4_000),
  'Content-Length: 5',
  'Transfer-Encoding: identity',
  'Access-Control-Request-Method: PUT',
  'Prefer: x',
  'HTTP2-Settings: AAMAAABkAAQAAP__',
]

const ACCEPTS = [
  'application/json',
  'text/html,application/xhtml+xml',
  '*/*',
  'application/problem+json',
  'constructor',
  ';q=9',
  'text/html;'.repeat(300),
]

/** Returns one request, or several over one connection. */
export function makeRequest(chance: Chance): FuzzRequest {
  if (chance.happens(0.2)) return wellFormed(chance)
  if (!chance.happens(0.08)) return mangled(single(chance, true), chance)
  const count = chance.between(2, 6)
  const all = Array.from({ length: count }, (_, at) => single(chance, at === count - 1))
  return { bytes: Buffer.concat(all.map(({ bytes }) => bytes)), isComplete: all.every(({ isComplete }) => isComplete) }
}

/** Returns a post that only its body makes malformed, so that what a form takes reaches Marketo. */
function wellFormed(chance: Chance): FuzzRequest {
  const { type, bytes } = makeBody(chance)
  const target = chance.pick(['/f/contact', '/f/contact', '/f/plain', '/v1/leads'])
  const head = [
    `POST ${target} HTTP/1.1`,
    'Host: x',
    `Origin: ${ORIGIN}`,
    `Accept: ${chance.pick(['application/json', 'text/html'])}`,
    `Authorization: Bearer ${SERVER_KEY}`,
    `Content-Type: ${type.replaceAll(/[\r\n]/g, '')}`,
    `Content-Length: ${bytes.length}`,
    'Connection: close',
  ]
  return { bytes: Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes]), isComplete: true }
}

/** Flips, cuts or doubles bytes of some requests. */
function mangled(request: FuzzRequest, chance: Chance): FuzzRequest {
  if (!chance.happens(0.06)) return request
  const bytes = Buffer.from(request.bytes)
  const at = chance.between(0, Math.min(bytes.length - 1, 600))
  const change = chance.pick(['flip', 'cut', 'double'])
  if (change === 'flip') bytes[at] = chance.between(0, 255)
  const cut = change === 'cut' ? bytes.subarray(0, at) : bytes
  return { bytes: change === 'double' ? Buffer.concat([bytes, bytes.subarray(at)]) : cut, isComplete: false }
}

function single(chance: Chance, isLast: boolean): FuzzRequest {
  const method = chance.pick(METHODS)
  const target = chance.pick(TARGETS) + chance.pick(QUERIES)
  const { type, bytes: body } = makeBody(chance)
  const hasBody = method === 'POST' || chance.happens(0.3)
  const odd = chance.happens(0.25) ? Array.from({ length: chance.between(1, 2) }, () => chance.pick(ODD_FIELDS)) : []
  const framing = hasBody ? frame(body, chance) : { fields: [], bytes: Buffer.alloc(0), isComplete: true }
  const fields = [
    'Host: x',
    ...(chance.happens(0.7) ? [`Origin: ${chance.pick(ORIGINS)}`] : []),
    ...(chance.happens(0.7) ? [`Accept: ${chance.pick(ACCEPTS)}`] : []),
    ...(chance.happens(0.4) ? [`Authorization: Bearer ${chance.pick(TOKENS)}`] : []),
    ...(hasBody && chance.happens(0.95) ? [`Content-Type: ${type}`] : []),
    ...(chance.happens(0.01) ? Array.from({ length: 3_000 }, (_, at) => `X-${at}: y`) : []),
    ...odd,
    ...framing.fields,
    isLast ? 'Connection: close' : 'Connection: keep-alive',
  ]
  const version = chance.happens(0.97) ? 'HTTP/1.1' : chance.pick(['HTTP/1.0', 'HTTP/2.0', 'HTTP/9', 'http/1.1', ''])
  const head = `${method} ${target} ${version}\r\n${chance.shuffled(fields).join('\r\n')}\r\n\r\n`
  const isPlain = odd.length === 0 && /^(POST|GET|PUT|DELETE|OPTIONS|PATCH)$/.test(method) && version === 'HTTP/1.1'
  return { bytes: Buffer.concat([Buffer.from(head), framing.bytes]), isComplete: isPlain && framing.isComplete }
}

interface Framing {
  fields: string[]
  bytes: Buffer
  isComplete: boolean
}

/** Frames a body, mostly well. */
function frame(body: Buffer, chance: Chance): Framing {
  const { length } = body
  const whole = (...fields: string[]) => ({ fields, bytes: body, isComplete: true })
  const broken = (bytes: Buffer | string, ...fields: string[]) => ({
    fields,
    bytes: Buffer.from(bytes as string),
    isComplete: false,
  })
  if (chance.happens(0.7)) return whole(`Content-Length: ${length}`)
  const size = length.toString(16)
  const chunk = Buffer.concat([Buffer.from(`${size}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')])
  return chance.pick<() => Framing>([
    () => (length === 0 ? whole('Content-Length: 0') : { ...whole('Transfer-Encoding: chunked'), bytes: chunk }),
    () => broken(body, `Content-Length: ${length + chance.between(1, 1_000)}`),
    () => broken(body, `Content-Length: ${Math.max(0, length - chance.between(1, 100))}`),
    () =>
      broken(
        body,
        `Content-Length: ${chance.pick(['-1', '+5', '5, 5', '0x10', '1e3', '99999999999999999999', '', ' ', '5 5'])}`,
      ),
    () => broken(body, `Content-Length: ${length}`, `Content-Length: ${length + 1}`),
    () => broken(chunk, `Content-Length: ${length}`, 'Transfer-Encoding: chunked'),
    () =>
      broken(
        chunk,
        `Transfer-Encoding: ${chance.pick(['gzip, chunked', 'chunked, gzip', 'xchunked', ' chunked', 'chunked, chunked', 'cHuNkEd'])}`,
      ),
    () =>
      broken(
        chance.pick([
          'zz\r\n',
          'ffffffffffffffff\r\nx',
          '-1\r\n\r\n',
          '5\r\nabc',
          '5;ext="x"\r\nabcde\r\n0\r\nTrailer: x\r\n\r\n',
          '1\nx',
          `0\r\n${'T: x\r\n'.repeat(2_000)}\r\n`,
        ]),
        'Transfer-Encoding: chunked',
      ),
    () => broken(body),
  ])()
}

/** Returns the parts of a request that `fetch` can send. */
export function makeFetch(chance: Chance): { path: string; init: RequestInit } {
  const { type, bytes } = makeBody(chance)
  const method = chance.pick(['POST', 'POST', 'POST', 'PUT', 'GET', 'OPTIONS', 'DELETE'])
  const path = chance.pick(TARGETS.filter((target) => /^\/(?!\/)[\w./-]*$/.test(target)))
  const headers = {
    'content-type': chance.happens(0.1) ? chance.pick(TYPES) : type,
    origin: ORIGIN,
    accept: chance.pick(ACCEPTS),
  }
  return {
    path,
    init: { method, headers, redirect: 'manual', ...(method !== 'GET' && { body: new Uint8Array(bytes) }) },
  }
}
