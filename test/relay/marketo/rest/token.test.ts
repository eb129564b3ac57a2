import { afterEach, describe, expect, it, vi } from 'vitest'
import { CANARIES, failure, HOST, json, leadOf, startMarketo, token } from './fake.ts'

const PAGE = '<html><body>502 Bad Gateway</body></html>'
const expired = (code = '602') => failure(code, 'Access token expired')

afterEach(() => vi.useRealTimers())

describe('the access token', () => {
  it('is fetched by a POST body and sent in the header alone', async () => {
    const { transport, calls, identities, problems } = startMarketo()

    const verdicts = await transport.deliver([leadOf('ana')])

    expect(verdicts).toEqual([{ kind: 'delivered', leadId: 700_001 }])
    expect(problems).toEqual([])
    expect(identities).toHaveLength(1)
    expect(calls[0]?.headers.get('Authorization')).toBe('Bearer canary-token:int')
    expect(calls[0]?.url.href).toBe(`https://${HOST}/rest/v1/leads.json`)
  })

  it('is fetched once for fifty calls that wait for it', async () => {
    const { transport, calls, identities } = startMarketo()

    await Promise.all(Array.from({ length: 50 }, (_, at) => transport.deliver([leadOf(`p${at}`)])))

    expect([identities.length, calls.length]).toEqual([1, 50])
  })

  it('is used until two seconds before its end, and then renewed', async () => {
    const { transport, identities, tokens, wait } = startMarketo({ identity: (n) => token(`t${n}`, 3_600) })

    await transport.deliver([leadOf('a')])
    wait(3_597_999)
    await transport.deliver([leadOf('b')])
    wait(1)
    await transport.deliver([leadOf('c')])

    expect(tokens()).toEqual(['t1', 't1', 't2'])
    expect(identities).toHaveLength(2)
  })

  it.each([
    ['is 0', 0],
    ['is negative', -5],
    ['is missing', undefined],
    ['is no number', 'soon'],
    ['is null', null],
  ])(
    'serves the calls that wait, and is fetched again for the next, when its remaining time %s',
    async (_, seconds) => {
      const { transport, identities, calls } = startMarketo({ identity: (n) => token(`t${n}`, seconds) })

      const both = await Promise.all([transport.deliver([leadOf('a')]), transport.deliver([leadOf('b')])])
      await transport.deliver([leadOf('c')])

      expect(both.flat().map(({ kind }) => kind)).toEqual(['delivered', 'delivered'])
      expect([identities.length, calls.length]).toEqual([2, 3])
    },
  )

  it('may give its remaining time as text', async () => {
    const { transport, identities } = startMarketo({ identity: () => token('t', '3599') })

    await transport.deliver([leadOf('a')])
    await transport.deliver([leadOf('b')])

    expect(identities).toHaveLength(1)
  })

  it.each(['600', '601', '602', 601, 602])('is renewed once after error %s, and the call is repeated', async (code) => {
    const { transport, tokens, identities } = startMarketo({
      identity: (n) => token(`t${n}`, 3_599),
      answer: (_, n) => (n === 1 ? failure(code) : undefined),
    })

    const verdicts = await transport.deliver([leadOf('ana')])

    expect(verdicts).toEqual([{ kind: 'delivered', leadId: 700_001 }])
    expect(tokens()).toEqual(['t1', 't2'])
    expect(identities).toHaveLength(2)
  })

  it('is renewed by one request when fifty calls find it expired', async () => {
    const { transport, calls, identities } = startMarketo({
      identity: (n) => token(`t${n}`, 3_599),
      answer: ({ headers }) => (headers.get('Authorization') === 'Bearer t1' ? expired() : undefined),
    })

    const verdicts = await Promise.all(Array.from({ length: 50 }, (_, at) => transport.deliver([leadOf(`p${at}`)])))

    expect(verdicts.flat().every(({ kind }) => kind === 'delivered')).toBe(true)
    expect([identities.length, calls.length]).toEqual([2, 100])
  })

  it('is not dropped by a late answer to a call with the token before it', async () => {
    let answerLate: (answer: Response) => void = () => {}
    const late = new Promise<Response>((resolve) => (answerLate = resolve))
    const { transport, identities, tokens } = startMarketo({
      identity: (n) => token(`t${n}`, 3_599),
      answer: ({ headers }, n) => {
        if (n === 1) return late
        return headers.get('Authorization') === 'Bearer t1' ? expired() : undefined
      },
    })

    const first = transport.deliver([leadOf('a')])
    await vi.waitFor(() => expect(tokens()).toEqual(['t1']))
    await transport.deliver([leadOf('b')])
    answerLate(expired())
    await first

    expect(tokens()).toEqual(['t1', 't1', 't2', 't2'])
    expect(identities).toHaveLength(2)
  })

  it('stops the account for a second, without blame, when Marketo gives out the rejected one again', async () => {
    const { transport, calls, identities } = startMarketo({
      identity: () => token('same', 3_599),
      answer: () => expired(),
    })

    const verdicts = await transport.deliver([leadOf('ana')])

    expect(verdicts).toEqual([
      {
        kind: 'failed',
        fault: 'account',
        arrived: 'yes',
        waitMs: 1_000,
        reason: `${HOST} gives out the access token again that it has rejected`,
      },
    ])
    expect([identities.length, calls.length]).toEqual([2, 1])
  })

  it.each([
    ['600', '600 Access token not specified (something on the way removes the access token)'],
    ['601', '601 Access token invalid'],
    ['602', '602 Access token expired'],
  ])('stops the account for a second, without blame, when the new one is rejected too by %s', async (code, reason) => {
    const { transport, calls } = startMarketo({ identity: (n) => token(`t${n}`, 3_599), answer: () => expired(code) })

    const verdicts = await transport.deliver([leadOf('ana')])

    expect(verdicts).toEqual([{ kind: 'failed', fault: 'account', arrived: 'yes', waitMs: 1_000, reason }])
    expect(calls).toHaveLength(2)
  })
})

describe('a client that the identity service refuses', () => {
  const words = (error: string) => ({ error, error_description: 'No client with requested id: canary-client-4711' })

  it.each([
    ['401 with a wrong id', () => json(words('unauthorized'), { status: 401 })],
    ['401 with a wrong secret', () => json(words('invalid_client'), { status: 401 })],
    ['401 with nothing', () => new Response('', { status: 401 })],
    ['an error with status 200', () => json(words('invalid_client'))],
    ['an error with status 400', () => json(words('invalid_request'), { status: 400 })],
  ])('blocks the account and names the variables: %s', async (_, identity) => {
    const { transport, calls } = startMarketo({ identity })

    const verdicts = await transport.deliver([leadOf('ana')])

    const reason = `${HOST} refuses the client (check MARKETO_CLIENT_ID and MARKETO_CLIENT_SECRET)`
    expect(verdicts).toEqual([{ kind: 'blocked', reason }])
    expect(calls).toEqual([])
  })
})

describe('an identity service that cannot be reached', () => {
  const OUTAGE = { kind: 'failed', fault: 'account', arrived: 'no' }

  it.each<[string, () => Response, object]>([
    ['a page with 401 is an outage', () => new Response(PAGE, { status: 401 }), OUTAGE],
    ['a page with 502 is an outage', () => new Response(PAGE, { status: 502 }), OUTAGE],
    ['a page with 200 is an outage', () => new Response(PAGE), OUTAGE],
    ['an error with 500 is an outage', () => json({ error: 'server_error' }, { status: 500 }), OUTAGE],
    ['nothing is an outage', () => new Response(''), OUTAGE],
    ['half a reply is an outage', () => new Response('{"access_token":"canary-tok'), OUTAGE],
    ['null is an outage', () => new Response('null'), OUTAGE],
    ['a reply without a token is an outage', () => json({ expires_in: 3_599 }), OUTAGE],
    ['an empty token is an outage', () => token(''), OUTAGE],
    [
      '503 says when to ask again',
      () => new Response(PAGE, { status: 503, headers: { 'Retry-After': '7' } }),
      { ...OUTAGE, waitMs: 7_000 },
    ],
    [
      '429 is the rate limit',
      () => new Response('', { status: 429, headers: { 'Retry-After': '9' } }),
      { kind: 'limited', limit: 'rate', waitMs: 9_000 },
    ],
    ['404 blocks the account', () => new Response(PAGE, { status: 404 }), { kind: 'blocked' }],
    ['403 blocks the account', () => new Response(PAGE, { status: 403 }), { kind: 'blocked' }],
    [
      'a redirect blocks the account',
      () => new Response('', { status: 302, headers: { Location: 'https://login.example/?canary-secret-0815' } }),
      { kind: 'blocked' },
    ],
  ])('%s, and no lead was sent', async (_, identity, expected) => {
    const { transport, calls } = startMarketo({ identity })

    const verdicts = await transport.deliver([leadOf('a'), leadOf('b')])

    const verdict = { ...expected, reason: expect.stringMatching(/^no access token: .+/) as string }
    expect(verdicts).toEqual([verdict, verdict])
    expect(calls).toEqual([])
    expect(CANARIES.filter((canary) => JSON.stringify(verdicts).includes(canary))).toEqual([])
  })

  it('whose connection breaks has got no lead', async () => {
    const reset = Object.assign(new Error('canary-secret-0815'), { code: 'ECONNRESET' })
    const { transport } = startMarketo({ identity: () => Promise.reject(reset) })

    const verdicts = await transport.deliver([leadOf('ana')])

    expect(verdicts).toEqual([{ ...OUTAGE, reason: `no access token: cannot reach ${HOST} (ECONNRESET)` }])
  })

  it('and does not answer in time has got no lead', async () => {
    vi.useFakeTimers()
    const { transport, calls } = startMarketo({ identity: () => new Promise(() => {}), options: { timeout: 10_000 } })

    const delivery = transport.deliver([leadOf('ana')])
    await vi.advanceTimersByTimeAsync(10_000)

    expect(await delivery).toEqual([{ ...OUTAGE, reason: 'no access token within 10 s' }])
    expect(calls).toEqual([])
  })

  it('is asked again after half a minute without an answer', async () => {
    vi.useFakeTimers()
    const { transport, identities } = startMarketo({
      identity: (n) => (n === 1 ? new Promise(() => {}) : token('canary-token:int', 3_599)),
    })

    const first = transport.deliver([leadOf('ana')])
    await vi.advanceTimersByTimeAsync(30_000)
    const second = await transport.deliver([leadOf('ana')])

    expect(await first).toEqual([{ ...OUTAGE, reason: `no access token: no reply from ${HOST} within 30 s` }])
    expect(second).toMatchObject([{ kind: 'delivered' }])
    expect(identities).toHaveLength(2)
  })
})
