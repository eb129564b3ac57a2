import { describe, expect, it } from 'vitest'
import { CANARIES, COOKIE, failure, HOST, json, startMarketo, token } from './fake.ts'

const OWED = { id: 'a', leadId: 700_123, email: 'canary@acme.example', cookie: COOKIE, acceptedAt: 0 }

describe('an owed cookie', () => {
  it('is sent percent-encoded once, in the address, without a body and with a JSON content type', async () => {
    const { transport, calls, problems } = startMarketo()

    const verdict = await transport.associate(OWED)

    expect(verdict).toEqual({ kind: 'delivered', leadId: 700_123 })
    expect(calls.map(({ method, url, text }) => [method, url.href, text])).toEqual([
      [
        'POST',
        `https://${HOST}/rest/v1/leads/700123/associate.json?cookie=id%3A123-ABC-456%26token%3A_mch-acme.example-1764000000000-54321`,
        '',
      ],
    ])
    expect(calls[0]?.headers.get('Content-Type')).toBe('application/json')
    expect(problems).toEqual([])
  })

  it('is sent after its prefix if the account has one, percent-encoded once with it', async () => {
    const { transport, calls, problems } = startMarketo({
      options: { cookiePrefix: '_mkto_trk=' },
      answer: ({ url }) =>
        url.searchParams.get('cookie') === `_mkto_trk=${COOKIE}` ? json({ success: true }) : failure('1012'),
    })

    const verdict = await transport.associate(OWED)

    expect(verdict).toEqual({ kind: 'delivered', leadId: 700_123 })
    expect(calls.map(({ url }) => url.search)).toEqual([
      '?cookie=_mkto_trk%3Did%3A123-ABC-456%26token%3A_mch-acme.example-1764000000000-54321',
    ])
    expect(problems).toEqual([])
  })

  it.each([
    ['1012', '1012 Invalid cookie value'],
    ['1004', '1004 Lead not found'],
  ])('that Marketo refuses by %s is refused for good, and nothing of it is told', async (code, reason) => {
    const { transport } = startMarketo({ answer: () => failure(code, `Invalid cookie value '${COOKIE}'`) })

    const verdict = await transport.associate(OWED)

    expect(verdict).toEqual({ kind: 'park', reason })
    expect(CANARIES.filter((canary) => JSON.stringify(verdict).includes(canary))).toEqual([])
  })

  it('needs no result, but a success', async () => {
    const { transport } = startMarketo({ answer: () => json({ requestId: 'a', success: 'true' }) })

    expect(await transport.associate(OWED)).toMatchObject({ kind: 'failed', arrived: 'maybe' })
  })

  it('that is broken in the store fails alone, and nothing is sent', async () => {
    const { transport, calls } = startMarketo()

    const verdict = await transport.associate({ ...OWED, cookie: undefined as unknown as string })

    expect(verdict).toMatchObject({ kind: 'failed', fault: 'lead', reason: 'the attempt failed (TypeError)' })
    expect(calls).toEqual([])
  })

  it('is sent again with a new token', async () => {
    const { transport, tokens } = startMarketo({
      identity: (n) => token(`t${n}`, 3_599),
      answer: (_, n) => (n === 1 ? failure('602') : undefined),
    })

    expect(await transport.associate(OWED)).toMatchObject({ kind: 'delivered' })
    expect(tokens()).toEqual(['t1', 't2'])
  })
})

describe('a probe', () => {
  it('asks for the usage of the day, which holds nothing of a lead and changes nothing', async () => {
    const { transport, calls, problems } = startMarketo()

    expect(await transport.probe(10_000)).toBe(true)
    expect(calls.map(({ method, url, text }) => [method, url.href, text])).toEqual([
      ['GET', `https://${HOST}/rest/v1/stats/usage.json`, ''],
    ])
    expect(problems).toEqual([])
  })

  it.each([
    ['an error', () => failure('603')],
    ['a page', () => new Response('<html>', { status: 403 })],
    ['a broken connection', () => Promise.reject(new Error('reset'))],
  ])('does not get through with %s', async (_, answer) => {
    expect(await startMarketo({ answer }).transport.probe(10_000)).toBe(false)
  })

  it('does not get through without a token', async () => {
    const { transport } = startMarketo({ identity: () => json({ error: 'invalid_client' }, { status: 401 }) })

    expect(await transport.probe(10_000)).toBe(false)
  })
})
