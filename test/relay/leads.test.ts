import { describe, expect, it } from 'vitest'
import { DEMO_ACCOUNT } from '../../demo/marketo/account.ts'
import { createSimulator } from '../../demo/marketo/index.ts'
import type { PersonView } from '../../demo/marketo/view.ts'
import { createApiKeys, createMarketo, createMemoryOutbox, LIMITS, type Limits } from '../../relay/index.ts'
import { allowingOf, NOW, relayUnderTest } from '../support/relay.ts'

const KEY = 'a-key-of-twenty-characters'

/** The relay's address for servers, with a simulator behind it in place of the network. */
function serversUnderTest(account: { secretKey?: string } = {}, limits: Limits = LIMITS) {
  const simulator = createSimulator({ now: () => NOW, account: DEMO_ACCOUNT })
  const marketo = createMarketo({
    endpoint: 'https://marketo.example/soap/mktows/3_1',
    userId: DEMO_ACCOUNT.userId,
    secretKey: account.secretKey ?? DEMO_ACCOUNT.secretKey,
    fetch: async (url, init) => simulator.app.request(url, init),
    now: () => NOW,
  })
  const outbox = createMemoryOutbox(limits)
  const { app, events } = relayUnderTest({
    outbox,
    servers: { keys: createApiKeys([KEY]), marketo, allowing: allowingOf(outbox) },
  })
  return {
    events,
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

describe('POST /v1/leads', () => {
  it('takes a whole syncLead and answers with Marketo’s own result', async () => {
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
    ['no key', { authorization: '' }],
    ['a wrong key', { authorization: 'Bearer another-key-of-a-server' }],
  ])('admits nobody with %s', async (_, headers) => {
    const { post, people } = serversUnderTest()

    const response = await post({ email: 'ana@acme.example' }, headers)

    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect(await people()).toEqual([])
  })

  it('is no address where no keys are set', async () => {
    const { app } = relayUnderTest()

    const response = await app.request('/v1/leads', { method: 'POST', headers: { authorization: 'Bearer ' } })

    expect(response.status).toBe(404)
  })

  it.each([
    ['no JSON', '{"email"', 400, 'unreadable'],
    ['a list', '[]', 400, 'unreadable'],
    ['a key that is missing', { attributes: { FirstName: 'Ana' } }, 422, 'fields'],
    ['an unknown field', { email: 'ana@acme.example', leadid: 7 }, 422, 'fields'],
    ['an attribute that is no text', { email: 'ana@acme.example', attributes: { Score: 7 } }, 422, 'fields'],
    ['more than a megabyte', { email: 'a'.repeat(1_100_000) }, 413, 'too-large'],
  ])('refuses %s before a call is spent', async (_, body, status, code) => {
    const { post, people, events } = serversUnderTest()

    const response = await post(body)

    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ status, code })
    expect(await people()).toEqual([])
    expect(JSON.stringify(events)).not.toContain('ana@')
  })

  it('names the field that is wrong', async () => {
    const { post } = serversUnderTest()

    const response = await post({ email: 'ana@acme.example', foreignSysPersonId: 'crm-7' })

    const { errors } = (await response.json()) as { errors: { field: string }[] }
    expect(errors.map(({ field }) => field)).toEqual(['foreignSysType'])
  })

  it.each([
    ['an unknown attribute', { attributes: { NoSuchField: 'x' } }, undefined, 502, '20105', false],
    ['a spent quota', {}, { fault: '20015' }, 503, '20015', true],
    ['a page of a proxy', {}, { fault: 'html502' }, 503, 'unreadable', true],
  ])('says what Marketo said, and whether a retry makes sense: %s', async (_, more, fault, status, code, retryable) => {
    const { post, fault: ask } = serversUnderTest()
    if (fault) await ask(fault)

    const response = await post({ email: 'ana@acme.example', ...more })

    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ code: 'marketo', marketo: { code, retryable } })
    expect(response.headers.has('retry-after')).toBe(retryable)
  })

  it('hides the key and the person from the log', async () => {
    const { post, events } = serversUnderTest({ secretKey: 'a-wrong-secret' })

    const response = await post({ email: 'ana@acme.example' })

    expect(await response.text()).not.toContain('a-wrong-secret')
    expect(events).toEqual([{ event: 'called', operation: 'syncLead', ok: false, code: '20014', ms: 0 }])
  })

  it('shares the limits with the leads that wait: 429 when they are used up', async () => {
    const { post, events } = serversUnderTest({}, { ...LIMITS, callsPerDay: 1 })

    const first = await post({ email: 'ana@acme.example' })
    const second = await post({ email: 'bob@acme.example' })

    expect([first.status, second.status]).toEqual([200, 429])
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(3_600)
    expect(await second.json()).toMatchObject({ code: 'rate' })
    expect(events.at(-1)).toMatchObject({ event: 'called', ok: false, code: 'rate' })
  })
})
