import { describe, expect, it } from 'vitest'
import { DEMO_ACCOUNT } from '../../../demo/simulator/account.ts'
import { createSimulator, type Simulator } from '../../../demo/simulator/index.ts'
import type { PersonView } from '../../../demo/simulator/view.ts'
import {
  createApiKeys,
  createLeadMarketo,
  createMarketo,
  LIMITS,
  type Limits,
  type Marketo,
} from '../../../relay/index.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { callSlotOf, NOW, relayUnderTest } from '../../support/relay.ts'
import { lead } from '../../suites/outbox/leads.ts'

const KEY = 'a-key-of-twenty-characters'

/** Creates a relay with `/v1/leads`, and a simulator in place of the network. */
function serversUnderTest(account: { secretKey?: string } = {}, limits: Limits = LIMITS) {
  const simulator = createSimulator({ now: () => NOW, account: DEMO_ACCOUNT })
  const marketo = createMarketo({
    endpoint: 'https://marketo.example/soap/mktows/3_1',
    userId: DEMO_ACCOUNT.userId,
    secretKey: account.secretKey ?? DEMO_ACCOUNT.secretKey,
    fetch: async (url, init) => simulator.app.request(url, init),
    now: () => NOW,
  })
  return relayWith(marketo, simulator, limits)
}

/** Creates the same relay over REST. */
function restServersUnderTest(limits: Limits = LIMITS) {
  const simulator = createSimulator({ now: () => NOW, account: DEMO_ACCOUNT })
  const marketo = createLeadMarketo({
    ...DEMO_ACCOUNT,
    endpoint: 'https://marketo.example/rest',
    fetch: async (url, init) => simulator.app.request(url, init),
    now: () => NOW,
  })
  return relayWith(marketo, simulator, limits)
}

function relayWith(marketo: Pick<Marketo, 'syncLead'>, simulator: Simulator, limits: Limits) {
  const outbox = createMemoryOutbox(limits)
  const { app, events } = relayUnderTest({
    outbox,
    servers: { keys: createApiKeys([KEY]), marketo, callSlot: callSlotOf(outbox) },
  })
  return {
    events,
    outbox,
    post: async (body: unknown, headers: Record<string, string> = {}) =>
      app.request('/v1/leads', {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
      }),
    people: async () => (await (await simulator.app.request('/sim/leads')).json()) as PersonView[],
    fault: (fault: object) =>
      simulator.app.request('/sim/faults', {
        method: 'POST',
        body: JSON.stringify(fault),
        headers: { 'content-type': 'application/json' },
      }),
  }
}

describe('POST /v1/leads?account=…', () => {
  it('calls the account that the address names, within its own limits', async () => {
    const called: string[] = []
    const callerOf = (name: string) => {
      const syncLead: Marketo['syncLead'] = async (_, options) => {
        await options?.runCall?.(async () => called.push(name))
        return { leadId: 7, status: 'CREATED', error: null, leadRecord: null }
      }
      return { marketo: { syncLead }, callSlot: callSlotOf(createMemoryOutbox(LIMITS)) }
    }
    const { app } = relayUnderTest({
      outbox: createMemoryOutbox(LIMITS),
      servers: {
        keys: createApiKeys([KEY]),
        ...callerOf('default'),
        accounts: new Map([['sandbox', callerOf('sandbox')]]),
      },
    })
    const post = async (query: string) => {
      const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }
      const body = JSON.stringify({ email: 'ana@acme.example' })
      return (await app.request(`/v1/leads${query}`, { method: 'POST', headers, body })).status
    }

    expect(await post('?account=sandbox')).toBe(200)
    expect(await post('')).toBe(200)
    expect(await post('?account=staging')).toBe(404)

    expect(called).toEqual(['sandbox', 'default'])
  })
})

describe('POST /v1/leads', () => {
  it('uses the calls that leads leave to servers', async () => {
    const { post, outbox } = serversUnderTest({}, { ...LIMITS, callsPerDay: 2, serverShare: 50 })
    await outbox.acquireSlot(NOW, NOW + 1)

    const [first, second] = [await post({ email: 'ana@acme.example' }), await post({ email: 'bob@acme.example' })]

    expect([first.status, second.status]).toEqual([200, 429])
    expect((await outbox.status(NOW)).day).toMatchObject({ spent: 2, servers: { spent: 1, of: 1 } })
  })

  it('makes a complete syncLead call and returns Marketo’s result', async () => {
    const { post, people } = serversUnderTest()

    const created = await post({
      email: 'ana@acme.example',
      attributes: { FirstName: 'Ana', Company: 'Söhne & Co' },
      foreignSysPersonId: 'crm-7',
      foreignSysType: 'CUSTOM',
    })
    const updated = await post({
      email: 'ana@acme.example',
      attributes: [{ name: 'Title', value: 'CTO' }],
      returnLead: true,
    })

    expect(created.status).toBe(200)
    const [ana] = await people()
    expect(await created.json()).toEqual({ leadId: ana?.id, status: 'CREATED', error: null, leadRecord: null })
    expect(ana).toMatchObject({ email: 'ana@acme.example', foreignIds: [{ id: 'crm-7', type: 'CUSTOM' }] })
    const answer = (await updated.json()) as {
      status: string
      leadRecord: { attributes: { name: string; value: string }[] }
    }
    expect(answer.status).toBe('UPDATED')
    const values = Object.fromEntries(answer.leadRecord.attributes.map(({ name, value }) => [name, value]))
    expect(values).toMatchObject({ FirstName: 'Ana', Company: 'Söhne & Co', Title: 'CTO' })
  })

  it.each([
    ['as it is', (cookie: string) => cookie],
    ['percent-encoded', encodeURIComponent],
  ])('associates a Munchkin cookie that is posted %s', async (_, write) => {
    const { post, people } = serversUnderTest()
    const cookie = `id:${DEMO_ACCOUNT.munchkinId}&token:_mch-acme.example-1764000000000-54321`

    const response = await post({ email: 'ana@acme.example', marketoCookie: write(cookie) })

    expect(await response.json()).toMatchObject({ status: 'CREATED' })
    expect(await people()).toMatchObject([{ email: 'ana@acme.example', cookies: [cookie] }])
  })

  it.each([
    ['no key', { authorization: '' }],
    ['a wrong key', { authorization: 'Bearer another-key-of-a-server' }],
  ])('rejects a request with %s', async (_, headers) => {
    const { post, people } = serversUnderTest()

    const response = await post({ email: 'ana@acme.example' }, headers)

    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect(await people()).toEqual([])
  })

  it('does not exist if no keys are set', async () => {
    const { app } = relayUnderTest()

    const response = await app.request('/v1/leads', { method: 'POST', headers: { authorization: 'Bearer ' } })

    expect(response.status).toBe(404)
  })

  it.each([
    ['invalid JSON', '{"email"', 400, 'unreadable'],
    ['a list', '[]', 400, 'unreadable'],
    ['a lead without a key', { attributes: { FirstName: 'Ana' } }, 422, 'fields'],
    ['an unknown field', { email: 'ana@acme.example', leadid: 7 }, 422, 'fields'],
    ['an attribute that is not a string', { email: 'ana@acme.example', attributes: { Score: 7 } }, 422, 'fields'],
    ['more than a megabyte', { email: 'a'.repeat(1_100_000) }, 413, 'too-large'],
  ])('rejects %s without a call to Marketo', async (_, body, status, code) => {
    const { post, people, events } = serversUnderTest()

    const response = await post(body)

    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ status, code })
    expect(await people()).toEqual([])
    expect(JSON.stringify(events)).not.toContain('ana@')
  })

  it('does not count a rejected request as a call, and rejects it also when no call is left', async () => {
    const { post, outbox, events } = serversUnderTest({}, { ...LIMITS, callsPerDay: 1 })

    const invalid = await post({ email: 'ana@acme.example', attributes: { Score: 7 } })
    const { day } = await outbox.status(NOW)
    await post({ email: 'ana@acme.example' })
    const invalidAgain = await post({})

    expect([invalid.status, invalidAgain.status]).toEqual([422, 422])
    expect(day.spent).toBe(0)
    expect(events.filter(({ event }) => event === 'called')).toHaveLength(1)
  })

  it('names the invalid field', async () => {
    const { post } = serversUnderTest()

    const response = await post({ email: 'ana@acme.example', foreignSysPersonId: 'crm-7' })

    const { errors } = (await response.json()) as { errors: { field: string }[] }
    expect(errors.map(({ field }) => field)).toEqual(['foreignSysType'])
  })

  it.each([
    ['an unknown attribute', { attributes: { NoSuchField: 'x' } }, undefined, 502, '20105', false],
    ['an exhausted quota', {}, { fault: '20015' }, 503, '20015', true],
    ['an error page of a proxy', {}, { fault: 'html502' }, 503, 'unreadable', true],
  ])('returns Marketo’s error and whether a retry makes sense: %s', async (_, more, fault, status, code, retryable) => {
    const { post, fault: ask } = serversUnderTest()
    if (fault) await ask(fault)

    const response = await post({ email: 'ana@acme.example', ...more })

    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ code: 'marketo', marketo: { code, retryable } })
    expect(response.headers.has('retry-after')).toBe(retryable)
  })

  it('logs neither the key nor personal data', async () => {
    const { post, events } = serversUnderTest({ secretKey: 'a-wrong-secret' })

    const response = await post({ email: 'ana@acme.example' })

    expect(await response.text()).not.toContain('a-wrong-secret')
    expect(events).toEqual([{ event: 'called', operation: 'syncLead', ok: false, code: '20014', ms: 0 }])
  })

  it('shares the call budget with the waiting leads, and replies 429 when it is used up', async () => {
    const { post, events } = serversUnderTest({}, { ...LIMITS, callsPerDay: 1 })

    const first = await post({ email: 'ana@acme.example' })
    const second = await post({ email: 'bob@acme.example' })

    expect([first.status, second.status]).toEqual([200, 429])
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(3_600)
    expect(await second.json()).toMatchObject({ code: 'rate' })
    expect(events.at(-1)).toMatchObject({ event: 'called', ok: false, code: 'rate' })
  })

  it.each<[what: string, fault: string, until: number]>([
    ['calls in 20 seconds', '20023', NOW + 20_000],
    ['concurrent calls', '20024', NOW + 2_000],
  ])('slows down the waiting leads too if Marketo reports too many %s', async (_, fault, until) => {
    const { post, fault: ask, outbox, events } = serversUnderTest()
    await ask({ fault })
    await outbox.add([lead('ben')], NOW)

    const response = await post({ email: 'ana@acme.example' })

    expect(response.status).toBe(503)
    expect(await outbox.claim(until - 1, until + 60_000, 1)).toEqual([])
    expect(await outbox.claim(until, until + 60_000, 1)).toHaveLength(1)
    expect(events).toContainEqual({
      event: 'limited',
      limit: fault === '20023' ? 'rate' : 'concurrency',
      reason: expect.stringContaining(fault) as string,
    })
  })

  it('starts no further call on a day whose quota Marketo reports as used up', async () => {
    const { post, fault: ask } = serversUnderTest()
    await ask({ fault: '20015' })

    const answers = [await post({ email: 'ana@acme.example' }), await post({ email: 'ana@acme.example' })]

    expect(answers.map(({ status }) => status)).toEqual([503, 429])
  })

  it('pauses for 20 seconds after an HTTP 429 without Retry-After', async () => {
    const outbox = createMemoryOutbox()
    const marketo = createMarketo({
      endpoint: 'https://marketo.example/soap/mktows/3_1',
      userId: DEMO_ACCOUNT.userId,
      secretKey: DEMO_ACCOUNT.secretKey,
      fetch: async () => new Response('', { status: 429 }),
      now: () => NOW,
    })
    const { app, events } = relayUnderTest({
      outbox,
      servers: { keys: createApiKeys([KEY]), marketo, callSlot: callSlotOf(outbox) },
    })

    await app.request('/v1/leads', {
      method: 'POST',
      body: JSON.stringify({ email: 'ana@acme.example' }),
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    })

    expect(await outbox.acquireSlot(NOW, NOW + 1)).toEqual({ retryAt: NOW + 20_000 })
    expect(events).toContainEqual({ event: 'limited', limit: 'rate', reason: 'HTTP 429' })
  })
})

describe('POST /v1/leads over REST', () => {
  const COOKIE = `id:${DEMO_ACCOUNT.munchkinId}&token:_mch-acme.example-1764000000000-54321`

  it('replies as over SOAP, and associates the cookie in a call of its own', async () => {
    const { post, people, outbox, events } = restServersUnderTest()

    const created = await post({
      email: 'ana@acme.example',
      attributes: { FirstName: 'Ana', Company: 'Söhne & Co' },
      marketoCookie: COOKIE,
    })

    expect(created.status).toBe(200)
    const [ana] = await people()
    expect(await created.json()).toEqual({ leadId: ana?.id, status: 'CREATED', error: null, leadRecord: null })
    expect(ana).toMatchObject({ attributes: { FirstName: 'Ana', Company: 'Söhne & Co' }, cookies: [COOKIE] })
    expect((await outbox.status(NOW)).day.spent).toBe(2)
    expect(events).toEqual([{ event: 'called', operation: 'syncLead', ok: true, ms: 0 }])
  })

  it('replies with the id of the lead if no call is left for its cookie', async () => {
    const { post, people } = restServersUnderTest({ ...LIMITS, callsPerDay: 1 })

    const response = await post({ email: 'ana@acme.example', marketoCookie: COOKIE })

    const [ana] = await people()
    expect(response.status).toBe(200)
    const error = expect.stringContaining('No call is left') as string
    expect(await response.json()).toMatchObject({ leadId: ana?.id, status: 'CREATED', error })
  })

  it('replies FAILED with Marketo’s reason, which is not logged', async () => {
    const { post, events } = restServersUnderTest()

    const response = await post({ email: 'ana@acme.example', attributes: { NoSuchField: 'x' } })

    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ leadId: null, status: 'FAILED' })
    expect(JSON.stringify(events)).not.toMatch(/NoSuchField|ana@/)
  })

  it('replies 422 for what REST lacks, and says what to use instead', async () => {
    const { post, outbox } = restServersUnderTest()

    const response = await post({ email: 'ana@acme.example', foreignSysPersonId: 'crm-7', foreignSysType: 'CUSTOM' })

    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({
      errors: [{ field: 'foreignSysPersonId', message: 'is of SOAP only; use lookup' }],
    })
    expect((await outbox.status(NOW)).day.spent).toBe(0)
  })

  it.each([
    ['603', 502, false],
    ['606', 503, true],
    ['html502', 503, true],
  ])('returns Marketo’s error %s with the status %i', async (fault, status, retryable) => {
    const { post, fault: ask, outbox } = restServersUnderTest()
    await ask({ fault })

    const response = await post({ email: 'ana@acme.example' })

    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ code: 'marketo', marketo: { retryable } })
    const slot = await outbox.acquireSlot(NOW, NOW + 1)
    expect('retryAt' in slot).toBe(fault === '606')
  })
})
