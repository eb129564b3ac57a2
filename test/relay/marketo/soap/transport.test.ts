import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Lead } from '../../../../relay/intake/lead.ts'
import { createSoapTransport } from '../../../../relay/marketo/soap/transport.ts'
import { ACCOUNT, ANA, COOKIE, CREATED, ENDPOINT, deliverAlone, transportTo, verdictOn } from './samples.ts'

const HOST = '123-abc-456.mktoapi.example'
const PAGE = '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>'

/** A failure of the account, and one of the lead. */
/** Something on the way answers, or cuts the connection: for all leads, or for what this one holds. */
const STOPPED = { kind: 'failed', fault: 'account', gateway: true, maxAttempts: 8 }
const REFUSED = { kind: 'blocked', gateway: true, maxAttempts: 3 }

/** The verdict after a time-out of 10 ms. */
const LATE = { kind: 'failed', fault: 'lead', arrived: 'maybe', reason: `no reply from ${HOST} within 0.01 s` }

describe('an HTTP response that is not SOAP', () => {
  it.each([
    [
      '502 with a page: the account fails, and the lead may have arrived',
      502,
      PAGE,
      { ...STOPPED, arrived: 'maybe', reason: `HTTP 502 from ${HOST}: an HTML page` },
    ],
    [
      '503 without a body: the account fails',
      503,
      '',
      { ...STOPPED, arrived: 'yes', reason: `HTTP 503 from ${HOST}: empty` },
    ],
    [
      '504 with text: the account fails, and the lead may have arrived',
      504,
      'time',
      { ...STOPPED, arrived: 'maybe', reason: `HTTP 504 from ${HOST}: malformed XML` },
    ],
    [
      '429: the rate limit is met',
      429,
      '',
      { kind: 'limited', limit: 'rate', waitMs: 20_000, reason: `HTTP 429 from ${HOST}: empty` },
    ],
    ['413: the lead is parked', 413, '', { kind: 'park', reason: `HTTP 413 from ${HOST}: the request is too large` }],
    [
      '500 with a page: the account fails',
      500,
      PAGE,
      { ...STOPPED, arrived: 'yes', reason: `HTTP 500 from ${HOST}: an HTML page` },
    ],
    ['400: the account fails', 400, '', { ...STOPPED, arrived: 'yes', reason: `HTTP 400 from ${HOST}: empty` }],
    [
      '200 with a page: the account fails',
      200,
      PAGE,
      { ...STOPPED, arrived: 'yes', reason: `HTTP 200 from ${HOST}: an HTML page` },
    ],
    ['204: the account fails', 204, null, { ...STOPPED, arrived: 'yes', reason: `HTTP 204 from ${HOST}: empty` }],
    [
      '401: the account is blocked by a gateway',
      401,
      '',
      { ...REFUSED, reason: `HTTP 401 from ${HOST}: empty; a gateway before the API refuses access` },
    ],
    [
      '403: the account is blocked by a gateway',
      403,
      PAGE,
      { ...REFUSED, reason: `HTTP 403 from ${HOST}: an HTML page; a gateway before the API refuses access` },
    ],
    [
      '404: the account is blocked by a wrong endpoint',
      404,
      PAGE,
      { ...REFUSED, reason: `HTTP 404 from ${HOST}: an HTML page; there is no SOAP API at this endpoint` },
    ],
  ])('%s', async (_title, status, body, verdict) => {
    expect(await verdictOn(body, { status })).toEqual(verdict)
  })

  it.each([
    [429, '7', { kind: 'limited', limit: 'rate', waitMs: 7_000 }],
    [429, '0', { kind: 'limited', limit: 'rate', waitMs: 0 }],
    [429, 'Wed, 21 Oct 2026 07:28:00 GMT', { kind: 'limited', limit: 'rate', waitMs: 20_000 }],
    [503, '7', { ...STOPPED, arrived: 'yes', waitMs: 7_000 }],
    [502, '7', { ...STOPPED, arrived: 'maybe', waitMs: 7_000 }],
    [500, '7', { ...STOPPED, arrived: 'yes', waitMs: 7_000 }],
  ])('%i may have a Retry-After header: %s', async (status, header, expected) => {
    const verdict = await verdictOn('', { status, headers: { 'Retry-After': header } })

    expect(verdict).toEqual({ ...expected, reason: `HTTP ${status} from ${HOST}: empty` })
  })

  it.each([
    [301, 'https://login.example/?next=ana', 'login.example'],
    [302, '/login?user=ana', HOST],
    [307, 'https://user:secret@other.example:8443/x', 'other.example:8443'],
    [308, 'http://[', 'elsewhere'],
    [303, undefined, 'elsewhere'],
  ])('%i to %s is not followed, and the reason names only the host', async (status, location, host) => {
    const headers = new Headers(location === undefined ? [] : [['Location', location]])
    const { transport, calls } = transportTo(() => new Response('moved', { status, headers }))

    const verdict = await deliverAlone(transport)

    expect(verdict).toEqual({ ...REFUSED, reason: `HTTP ${status} from ${HOST}: a redirect to ${host}` })
    expect(calls).toHaveLength(1)
  })

  it('is a redirect when the runtime hides what it is', async () => {
    const { transport } = transportTo(() => Response.error())

    expect(await deliverAlone(transport)).toMatchObject({ kind: 'blocked' })
  })
})

describe('a network failure', () => {
  it.each([
    [
      'with a code',
      Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { code: 'ECONNREFUSED' }),
      'ECONNREFUSED',
      'no',
    ],
    [
      'with a code inside',
      new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ENOTFOUND' }) }),
      'ENOTFOUND',
      'no',
    ],
    [
      'before there is a connection',
      new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'UND_ERR_CONNECT_TIMEOUT' }) }),
      'UND_ERR_CONNECT_TIMEOUT',
      'no',
    ],
    [
      'after the call was sent',
      new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNRESET' }) }),
      'ECONNRESET',
      'maybe',
    ],
    ['without a code', new TypeError('Network connection lost, ana@acme.example'), 'TypeError', 'maybe'],
    ['that is not an error', 'ana@acme.example', 'unknown error', 'maybe'],
  ])('is a failure of the account: %s', async (_how, error, name, arrived) => {
    const { transport } = transportTo(() => Promise.reject(error))

    // A call that was never sent cannot have failed for what it holds.
    const expected = arrived === 'no' ? { kind: 'failed', fault: 'account' } : STOPPED
    expect(await deliverAlone(transport)).toEqual({
      ...expected,
      arrived,
      reason: `cannot reach ${HOST} (${name})`,
    })
  })

  it('in the middle of the reply is a failure of the account', async () => {
    const half = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(CREATED.slice(0, 300)))
        controller.error(new Error('reset'))
      },
    })
    const { transport } = transportTo(() => new Response(half))

    expect(await deliverAlone(transport)).toEqual({
      ...STOPPED,
      arrived: 'yes',
      reason: `HTTP 200 from ${HOST}: the reply broke off`,
    })
  })

  it.each([
    ['no answer comes', () => new Promise<Response>(() => {})],
    [
      'the answer never ends',
      () => new Response(new ReadableStream({ start: (c) => c.enqueue(new Uint8Array([60])) })),
    ],
  ])('ends in time when %s and fetch ignores its signal', async (_what, marketo) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const called = Promise.withResolvers<void>()
    const answer = (...call: Parameters<typeof marketo>) => {
      called.resolve()
      return marketo(...call)
    }
    const { transport, calls } = transportTo(answer, { timeout: 10 })

    const verdict = deliverAlone(transport)
    await called.promise
    vi.advanceTimersByTime(10)

    expect(await verdict).toEqual(LATE)
    expect(calls[0]?.init.signal?.aborted).toBe(true)
  })

  it('ends in time, with the same verdict, when fetch follows its signal', async () => {
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

    expect(await deliverAlone(transport)).toEqual(LATE)
  })
})

describe('the body of a reply', () => {
  it('may come in pieces, cut inside a character', async () => {
    const bytes = new TextEncoder().encode(CREATED.replace('<result>', '<!-- 😀 --><result>'))
    const pieces = new ReadableStream({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 3) controller.enqueue(bytes.subarray(at, at + 3))
        controller.close()
      },
    })
    const { transport } = transportTo(() => new Response(pieces))

    expect(await deliverAlone(transport)).toEqual({ kind: 'delivered', leadId: 700123 })
  })

  it('may start with the three bytes of a byte-order mark', async () => {
    const { transport } = transportTo(
      () => new Response(new Uint8Array([0xef, 0xbb, 0xbf, ...new TextEncoder().encode(CREATED)])),
    )

    expect(await deliverAlone(transport)).toEqual({ kind: 'delivered', leadId: 700123 })
  })

  it('is refused when it is not UTF-8', async () => {
    const { transport } = transportTo(() => new Response(new Uint8Array([0xff, 0xfe, 0x3c, 0x00])))

    expect(await deliverAlone(transport)).toEqual({
      ...STOPPED,
      arrived: 'yes',
      reason: `HTTP 200 from ${HOST}: not UTF-8`,
    })
  })

  it('is read up to a megabyte, and no further', async () => {
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

    expect(verdict).toEqual({ ...STOPPED, arrived: 'yes', reason: `HTTP 200 from ${HOST}: longer than 1048576 bytes` })
    expect(cancelled).toBe(true)
    expect(megabytes).toBeLessThan(5)
  })
})

describe('the transport', () => {
  it('has the name soap', () => {
    expect(transportTo(() => new Response(CREATED)).transport.name).toBe('soap')
  })

  it.each([
    ['with neither cookie nor workspace shares calls', {}, 'soap'],
    ['with a cookie goes alone', { cookie: COOKIE }, null],
    ['with a workspace goes alone', { workspace: 'Europe' }, null],
  ])('has batch keys by which a lead %s', (_what, needs, key) => {
    const { cookie: _cookie, ...bare } = ANA
    const { transport } = transportTo(() => new Response(CREATED))

    expect(transport.batchKey({ ...bare, ...needs })).toBe(key)
  })

  it('cannot be created for an endpoint that is not a URL', () => {
    expect(() => createSoapTransport({ ...ACCOUNT, endpoint: 'mktoapi', fetch, now: () => 0 })).toThrow(TypeError)
  })

  it('blocks the account when the key cannot sign', async () => {
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
  ])('parks a lead with neither e-mail address nor cookie without a call: %s', async (_what, cookie) => {
    const { transport, calls } = transportTo(() => new Response(CREATED))
    const { cookie: _cookie, ...bare } = ANA

    const verdict = await deliverAlone(transport, { ...bare, email: '', ...(cookie && { cookie }) })

    expect(verdict).toEqual({ kind: 'park', reason: 'the lead has no key: neither an e-mail address nor a cookie' })
    expect(calls).toHaveLength(0)
  })

  it.each([
    ['a lead that is broken in the store', { ...ANA, attributes: [null] } as unknown as Lead, () => 0],
    ['a clock without a time', ANA, () => Number.NaN],
  ])('has a verdict for %s', async (_what, lead, now) => {
    const { transport } = transportTo(() => new Response(CREATED), { now })

    const verdict = await deliverAlone(transport, lead)

    expect(verdict).toMatchObject({ kind: 'failed', fault: 'lead', maxAttempts: 5 })
    expect(JSON.stringify(verdict)).toMatch(/the attempt failed \((?:Type|Range)Error\)/)
  })
})
