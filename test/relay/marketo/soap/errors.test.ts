import { afterEach, describe, expect, it, vi } from 'vitest'
import { createMarketo, MarketoError } from '../../../../relay/marketo/index.ts'
import { marketoOf, replyOf } from './calls.ts'
import { ACCOUNT, ENDPOINT, fault, faultOf } from './samples.ts'
import { xmlText } from '../../../../relay/marketo/soap/xml/escape.ts'

const HOST = '123-abc-456.mktoapi.example'
const ANA = { email: 'ana@acme.example' }

async function errorOn(answer: () => Response | Promise<Response>, options = {}): Promise<MarketoError> {
  const error: unknown = await marketoOf(answer, options)
    .marketo.syncLead(ANA)
    .catch((thrown: unknown) => thrown)
  if (!(error instanceof MarketoError)) throw new Error('the call did not reject with a MarketoError')
  return error
}

const onFault = (code: string, message?: string) => errorOn(() => new Response(faultOf(code, message), { status: 500 }))

describe('an error', () => {
  it("has Marketo's code, name and message, and the operation", async () => {
    const error = await onFault('20105', 'syncLead operation failed: unknown fields for import: nosuchfield')

    expect(error).toMatchObject({
      name: 'MarketoError',
      message: 'syncLead: 20105 Lead Attribute Bad: syncLead operation failed: unknown fields for import: nosuchfield',
      code: '20105',
      operation: 'syncLead',
      retryable: false,
      uncertain: false,
      status: 500,
      fault: {
        code: '20105',
        name: 'Lead Attribute Bad',
        message: 'syncLead operation failed: unknown fields for import: nosuchfield',
      },
    })
  })

  // By Marketo's page of error codes. Errors of the server, its limits or a stale timestamp pass; errors of the request do not.
  it.each([
    ['10001', true, undefined],
    ['20011', true, undefined],
    ['20012', false, undefined],
    ['20013', false, undefined],
    ['20014', false, undefined],
    ['20015', true, 3_600_000],
    ['20016', true, 1_000],
    ['20017', false, undefined],
    ['20018', false, undefined],
    ['20019', false, undefined],
    ['20022', false, undefined],
    ['20023', true, 20_000],
    ['20024', true, 2_000],
    ['20101', false, undefined],
    ['20102', false, undefined],
    ['20104', false, undefined],
    ['20105', false, undefined],
    ['20106', true, undefined],
    ['20107', false, undefined],
    ['20108', false, undefined],
    ['20109', false, undefined],
    ['20110', false, undefined],
    ['20111', false, undefined],
    ['20113', false, undefined],
    ['20114', false, undefined],
    ['29999', true, undefined],
  ])('with the code %s has retryable: %s', async (code, retryable, retryAfter) => {
    expect(await onFault(code)).toMatchObject({ code, retryable, retryAfter })
  })

  it.each([
    ['20015', 'day'],
    ['20023', 'rate'],
    ['20024', 'concurrency'],
    ['20105', undefined],
    ['29999', undefined],
  ])('with the code %s has limit: %s', async (code, limit) => {
    expect((await onFault(code)).limit).toBe(limit)
  })

  it.each(['10001', '20011'])(
    'with the code %s is uncertain, because the call may have been executed',
    async (code) => {
      expect(await onFault(code)).toMatchObject({ uncertain: true })
    },
  )

  it('for a fault without a number has the code fault', async () => {
    const error = await errorOn(
      () => new Response(fault('Parameter required', '<message>x</message>'), { status: 500 }),
    )

    expect(error).toMatchObject({ code: 'fault', retryable: true, fault: { code: null, message: 'x' } })
  })

  it.each([
    [502, '<html></html>', { code: 'unreadable', status: 502, retryable: true, uncertain: true }, 'an HTML page'],
    [
      429,
      '',
      { code: 'unreadable', status: 429, retryable: true, retryAfter: undefined, limit: 'rate', uncertain: true },
      'empty',
    ],
    [401, '', { code: 'unreadable', status: 401, retryable: false }, 'empty; a gateway before the API refuses access'],
    [
      404,
      'x',
      { code: 'unreadable', status: 404, retryable: false },
      'malformed XML; there is no SOAP API at this endpoint',
    ],
  ])('for HTTP %i has the status and the cause', async (status, body, expected, cause) => {
    const error = await errorOn(() => new Response(body, { status }))

    expect(error).toMatchObject({ ...expected, message: `syncLead: HTTP ${status} from ${HOST}: ${cause}` })
  })

  it('for a redirect names only the other host, and the redirect is not followed', async () => {
    const { marketo, requests } = marketoOf(
      () => new Response('', { status: 302, headers: { Location: 'https://login.example/?next=ana' } }),
    )

    await expect(marketo.syncLead(ANA)).rejects.toMatchObject({
      code: 'redirect',
      status: 302,
      retryable: false,
      uncertain: false,
      message: `syncLead: HTTP 302 from ${HOST}: a redirect to login.example`,
    })
    expect(requests).toHaveLength(1)
  })

  it('for a network failure has the thrown error as its cause, but not in its message', async () => {
    const cause = new TypeError('fetch failed for ana@acme.example', {
      cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
    })
    const error = await errorOn(() => Promise.reject(cause))

    expect(error).toMatchObject({ code: 'unreachable', retryable: true, cause })
    expect(error.message).toBe(`syncLead: cannot reach ${HOST} (ECONNREFUSED)`)
    expect(JSON.stringify(error)).not.toContain('ana@')
  })

  it.each([
    ['false for a refused connection', 'ECONNREFUSED', false],
    ['false for an unknown host', 'ENOTFOUND', false],
    ['false when no descriptor was left for a connection', 'EMFILE', false],
    ['false for a rejected certificate', 'CERT_HAS_EXPIRED', false],
    ['true for a lost connection', 'ECONNRESET', true],
  ])('has uncertain %s', async (_, code, uncertain) => {
    const error = await errorOn(() =>
      Promise.reject(new TypeError('x', { cause: Object.assign(new Error(), { code }) })),
    )

    expect(error.uncertain).toBe(uncertain)
  })

  it.each([413, 414])('for HTTP %i says that the request is too large, and is not retryable', async (status) => {
    const error = await errorOn(() => new Response('too large', { status }))

    expect(error).toMatchObject({ code: 'unreadable', status, retryable: false, uncertain: false })
    expect(error.message).toBe(`syncLead: HTTP ${status} from ${HOST}: the request is too large`)
  })

  it.each([
    ['7', 7_000],
    ['86400', 3_600_000],
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
  ])('has retryAfter from a gateway’s Retry-After header: %s', async (header, wait) => {
    const error = await errorOn(() => new Response('busy', { status: 503, headers: { 'Retry-After': header } }))

    expect(error).toMatchObject({ retryable: true, retryAfter: wait })
  })

  it('for a truncated reply says so', async () => {
    const half = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('<?xml'))
        controller.error(new Error('reset'))
      },
    })

    expect(await errorOn(() => new Response(half))).toMatchObject({
      code: 'unreadable',
      uncertain: true,
      message: `syncLead: HTTP 200 from ${HOST}: the reply broke off`,
    })
  })

  it('has all fields but its cause in its JSON', async () => {
    const error = await onFault('20023', 'Rate')

    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'MarketoError',
      message: 'syncLead: 20023 Rate Limit Exceeded: Rate',
      code: '20023',
      operation: 'syncLead',
      retryable: true,
      retryAfter: 20_000,
      limit: 'rate',
      uncertain: false,
      status: 500,
      fault: { code: '20023', name: 'Rate Limit Exceeded', message: 'Rate' },
    })
  })

  it.each([
    ['as a message', (request: string) => faultOf('20012', xmlText(request))],
    ['as a faultstring', (request: string) => fault(xmlText(request), '')],
    ['as the reply', (request: string) => request],
    ['as a page', (request: string) => `<html>${request}</html>`],
  ])('contains neither key nor signature if the reply quotes the request %s', async (_how, echo) => {
    const { marketo } = marketoOf((request) => new Response(echo(request), { status: 500 }))

    const error: unknown = await marketo.syncLead(ANA).catch((thrown: unknown) => thrown)

    const text = JSON.stringify(error) + String(error) + String((error as Error).stack)
    // printf '2026-11-23T09:30:01+00:00acmeweb_0A1B2C3D4E5F60718293A4' | openssl dgst -sha1 -hmac 'correct horse battery'
    for (const secret of ['275482698c811283885025c1004238581cb1ff56', ACCOUNT.secretKey]) {
      expect(text.toLowerCase()).not.toContain(secret)
    }
  })
})

describe('a call that takes too long', () => {
  const never = () => new Promise<Response>(() => {})

  it('fails after the timeout of the client', async () => {
    expect(await errorOn(never, { timeout: 10 })).toMatchObject({
      code: 'timeout',
      retryable: true,
      uncertain: true,
      message: `syncLead: no reply from ${HOST} within 0.01 s`,
    })
  })

  it('fails after its own timeout', async () => {
    const { marketo } = marketoOf(never)

    await expect(marketo.getLead({ id: 1 }, { timeout: 10 })).rejects.toMatchObject({ code: 'timeout' })
  })

  it('fails when its signal aborts, with the reason as the cause', async () => {
    const controller = new AbortController()
    let inner: AbortSignal | null | undefined
    const { marketo } = marketoOf((_request, { signal }) => {
      inner = signal
      controller.abort('enough')
      return never()
    })

    const call = marketo.syncLead(ANA, { signal: controller.signal })

    await expect(call).rejects.toMatchObject({ code: 'aborted', retryable: false, uncertain: true, cause: 'enough' })
    expect(inner?.aborted).toBe(true)
  })

  it('is not sent if its signal has already aborted', async () => {
    const { marketo, requests } = marketoOf(never)

    await expect(marketo.listMObjects({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'aborted',
      uncertain: false,
    })
    expect(requests).toEqual([])
  })
})

describe('a client without the options fetch and now', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.useRealTimers()
  })

  it('uses those of the runtime', async () => {
    const fetch = vi.fn(async (_url: string, _init: RequestInit) => new Response(replyOf('listMObjects', '')))
    vi.stubGlobal('fetch', fetch)
    vi.useFakeTimers({ now: Date.parse('2026-11-23T09:30:01.789Z'), toFake: ['Date'] })

    expect(await createMarketo({ ...ACCOUNT, endpoint: ENDPOINT }).listMObjects()).toEqual([])
    expect(fetch.mock.calls[0]?.[1].body).toContain('<requestTimestamp>2026-11-23T09:30:01+00:00</requestTimestamp>')
  })
})
