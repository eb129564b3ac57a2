import { describe, expect, it } from 'vitest'
import type { Lead } from '../../../../relay/intake/lead.ts'
import { createSoapTransport } from '../../../../relay/marketo/soap/transport.ts'
import { ACCOUNT, ANA, CREATED, ENDPOINT, deliverAlone, transportTo, verdictOn } from './samples.ts'

const HOST = '123-abc-456.mktoapi.example'
const PAGE = '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>'

describe('an HTTP answer that is no SOAP', () => {
  it.each([
    [
      '502 with a page: all wait, and Marketo may be at work on it',
      502,
      PAGE,
      { kind: 'retry', everyone: true, uncertain: true, reason: `HTTP 502 from ${HOST}: an HTML page` },
    ],
    ['503 with nothing: all wait', 503, '', { kind: 'retry', everyone: true, reason: `HTTP 503 from ${HOST}: empty` }],
    [
      '504 with text: all wait, and Marketo may be at work on it',
      504,
      'time',
      { kind: 'retry', everyone: true, uncertain: true, reason: `HTTP 504 from ${HOST}: malformed XML` },
    ],
    [
      '429: all go slower',
      429,
      '',
      { kind: 'limited', limit: 'rate', after: 20_000, reason: `HTTP 429 from ${HOST}: empty` },
    ],
    ['413: parked', 413, '', { kind: 'park', reason: `HTTP 413 from ${HOST}: the request is too large` }],
    ['500 with a page: tried again', 500, PAGE, { kind: 'retry', reason: `HTTP 500 from ${HOST}: an HTML page` }],
    ['400: tried again', 400, '', { kind: 'retry', reason: `HTTP 400 from ${HOST}: empty` }],
    ['200 with a page: tried again', 200, PAGE, { kind: 'retry', reason: `HTTP 200 from ${HOST}: an HTML page` }],
    ['204: tried again', 204, null, { kind: 'retry', reason: `HTTP 204 from ${HOST}: empty` }],
    [
      '401: blocked, and it is the door',
      401,
      '',
      { kind: 'blocked', reason: `HTTP 401 from ${HOST}: empty; the door before the API is shut` },
    ],
    [
      '403: blocked, and it is the door',
      403,
      PAGE,
      { kind: 'blocked', reason: `HTTP 403 from ${HOST}: an HTML page; the door before the API is shut` },
    ],
    [
      '404: blocked, and it is the endpoint',
      404,
      PAGE,
      { kind: 'blocked', reason: `HTTP 404 from ${HOST}: an HTML page; there is no SOAP API at this endpoint` },
    ],
  ])('%s', async (_title, status, body, verdict) => {
    expect(await verdictOn(body, { status })).toEqual(verdict)
  })

  it.each([
    [429, '7', { kind: 'limited', limit: 'rate', after: 7_000 }],
    [429, '0', { kind: 'limited', limit: 'rate', after: 0 }],
    [429, 'Wed, 21 Oct 2026 07:28:00 GMT', { kind: 'limited', limit: 'rate', after: 20_000 }],
    [503, '7', { kind: 'retry', everyone: true, after: 7_000 }],
    [502, '7', { kind: 'retry', everyone: true, uncertain: true, after: 7_000 }],
  ])('%i may ask to be left alone: %s', async (status, header, fate) => {
    const verdict = await verdictOn('', { status, headers: { 'Retry-After': header } })

    expect(verdict).toEqual({ ...fate, reason: `HTTP ${status} from ${HOST}: empty` })
  })

  it.each([
    [301, 'https://login.example/?next=ana', 'login.example'],
    [302, '/login?user=ana', HOST],
    [307, 'https://user:secret@other.example:8443/x', 'other.example:8443'],
    [308, 'http://[', 'elsewhere'],
    [303, undefined, 'elsewhere'],
  ])('%i to %s is not followed, and only the host is told', async (status, location, host) => {
    const headers = new Headers(location === undefined ? [] : [['Location', location]])
    const { transport, calls } = transportTo(() => new Response('moved', { status, headers }))

    const verdict = await deliverAlone(transport)

    expect(verdict).toEqual({ kind: 'blocked', reason: `HTTP ${status} from ${HOST}: a redirect to ${host}` })
    expect(calls).toHaveLength(1)
  })

  it('a redirect that the runtime hides is one', async () => {
    const { transport } = transportTo(() => Response.error())

    expect(await deliverAlone(transport)).toMatchObject({ kind: 'blocked' })
  })
})

describe('a network that fails', () => {
  it.each([
    [
      'with a code',
      Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { code: 'ECONNREFUSED' }),
      'ECONNREFUSED',
      true,
    ],
    [
      'with a code inside',
      new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ENOTFOUND' }) }),
      'ENOTFOUND',
      true,
    ],
    [
      'before there is a connection',
      new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'UND_ERR_CONNECT_TIMEOUT' }) }),
      'UND_ERR_CONNECT_TIMEOUT',
      true,
    ],
    [
      'after the call was sent',
      new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNRESET' }) }),
      'ECONNRESET',
      false,
    ],
    ['without a code', new TypeError('Network connection lost, ana@acme.example'), 'TypeError', false],
    ['with something strange', 'ana@acme.example', 'unknown error', false],
  ])('makes all wait: %s', async (_how, error, name, neverArrived) => {
    const { transport } = transportTo(() => Promise.reject(error))

    expect(await deliverAlone(transport)).toEqual({
      kind: 'retry',
      everyone: true,
      reason: `cannot reach ${HOST} (${name})`,
      ...(neverArrived ? { neverArrived } : { uncertain: true }),
    })
  })

  it('is tried again when the reply breaks off', async () => {
    const half = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(CREATED.slice(0, 300)))
        controller.error(new Error('reset'))
      },
    })
    const { transport } = transportTo(() => new Response(half))

    expect(await deliverAlone(transport)).toEqual({
      kind: 'retry',
      reason: `HTTP 200 from ${HOST}: the reply broke off`,
    })
  })

  it.each([
    ['no answer comes', () => new Promise<Response>(() => {})],
    [
      'the answer never ends',
      () => new Response(new ReadableStream({ start: (c) => c.enqueue(new Uint8Array([60])) })),
    ],
  ])('is given up in time when %s and nobody heeds the signal', async (_what, marketo) => {
    const { transport, calls } = transportTo(marketo, { timeout: 10 })

    const verdict = await deliverAlone(transport)

    expect(verdict).toEqual({ kind: 'retry', uncertain: true, reason: `no reply from ${HOST} within 0.01 s` })
    expect(calls[0]?.init.signal?.aborted).toBe(true)
  })

  it('is given up in time by a fetch that heeds the signal, with the same verdict', async () => {
    const transport = createSoapTransport({
      ...ACCOUNT,
      endpoint: ENDPOINT,
      now: () => 0,
      timeout: 10,
      fetch: (_url, { signal }) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason as Error))
        }),
    })

    expect(await deliverAlone(transport)).toEqual({
      kind: 'retry',
      uncertain: true,
      reason: `no reply from ${HOST} within 0.01 s`,
    })
  })
})

describe('a reply’s body', () => {
  it('may come in pieces, cut inside a character', async () => {
    const bytes = new TextEncoder().encode(CREATED.replace('<result>', '<!-- 😀 --><result>'))
    const pieces = new ReadableStream({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 3) controller.enqueue(bytes.subarray(at, at + 3))
        controller.close()
      },
    })
    const { transport } = transportTo(() => new Response(pieces))

    expect(await deliverAlone(transport)).toEqual({ kind: 'sent', leadId: 700123 })
  })

  it('may start with the three bytes of a byte-order mark', async () => {
    const { transport } = transportTo(
      () => new Response(new Uint8Array([0xef, 0xbb, 0xbf, ...new TextEncoder().encode(CREATED)])),
    )

    expect(await deliverAlone(transport)).toEqual({ kind: 'sent', leadId: 700123 })
  })

  it('is refused when it is not UTF-8', async () => {
    const { transport } = transportTo(() => new Response(new Uint8Array([0xff, 0xfe, 0x3c, 0x00])))

    expect(await deliverAlone(transport)).toEqual({ kind: 'retry', reason: `HTTP 200 from ${HOST}: not UTF-8` })
  })

  it('is read no further than a megabyte', async () => {
    let megabytes = 0
    let cancelled = false
    const endless = new ReadableStream({
      pull(controller) {
        megabytes += 1
        controller.enqueue(new Uint8Array(2 ** 20).fill(0x20))
      },
      cancel() {
        cancelled = true
      },
    })
    const { transport } = transportTo(() => new Response(endless))

    const verdict = await deliverAlone(transport)

    expect(verdict).toEqual({ kind: 'retry', reason: `HTTP 200 from ${HOST}: longer than 1048576 bytes` })
    expect(cancelled).toBe(true)
    expect(megabytes).toBeLessThan(5)
  })
})

describe('the transport', () => {
  it('calls itself soap', () => {
    expect(transportTo(() => new Response(CREATED)).transport.name).toBe('soap')
  })

  it('is not made for an endpoint that is no address', () => {
    expect(() => createSoapTransport({ ...ACCOUNT, endpoint: 'mktoapi', fetch, now: () => 0 })).toThrow(TypeError)
  })

  it('blocks when the key cannot sign', async () => {
    const { transport, calls } = transportTo(() => new Response(CREATED), { secretKey: '' })

    const verdict = await deliverAlone(transport)

    expect(verdict).toEqual({
      kind: 'blocked',
      reason: 'the request cannot be signed (DataError): check the secret key',
    })
    expect(calls).toHaveLength(0)
  })

  it.each([
    ['no cookie', undefined],
    ['a blank cookie', ' '],
  ])('spends no call on a lead with neither e-mail nor cookie: %s', async (_what, cookie) => {
    const { transport, calls } = transportTo(() => new Response(CREATED))
    const { cookie: _cookie, ...bare } = ANA

    const verdict = await deliverAlone(transport, { ...bare, email: '', ...(cookie && { cookie }) })

    expect(verdict).toEqual({ kind: 'park', reason: 'the lead has no key: neither an e-mail address nor a cookie' })
    expect(calls).toHaveLength(0)
  })

  it.each([
    ['a lead that is broken in the store', { ...ANA, attributes: [null] } as unknown as Lead, () => 0],
    ['a clock that has no time', ANA, () => Number.NaN],
  ])('has a verdict for %s', async (_what, lead, now) => {
    const { transport } = transportTo(() => new Response(CREATED), { now })

    const verdict = await deliverAlone(transport, lead)

    expect(verdict).toMatchObject({ kind: 'retry', atMost: 5 })
    expect(JSON.stringify(verdict)).toMatch(/the attempt failed \((?:Type|Range)Error\)/)
  })
})
