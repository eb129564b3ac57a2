/** Who may do what over HTTP: operators with the roles `look` and `act`, and those with a wrong token. */
import { describe, expect, it } from 'vitest'
import type { ActPage } from '../../../relay/admin/audit-log.ts'
import { createOperatorTokens, createSourceCount } from '../../../relay/index.ts'
import { orderingKeyOf } from '../../../relay/intake/identity.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { NOW, relayUnderTest } from '../../support/relay.ts'
import { claimBatch, lead, settleBatch } from '../../suites/outbox/leads.ts'

const TOKENS = {
  look: 'token-of-ana-who-may-look',
  act: 'token-of-bo-who-may-act-x',
  single: 'token-without-any-name-xx',
}
/** printf %s token-of-ana-who-may-look | sha256sum */
const DIGEST = '184645dcdbae09b9c10c3330072a92fb383d717c647df28e413dffe4790ddb95'
const ZOE = 'zoe@secret.example'

/** Starts a relay with a parked lead of Zoe, a held one, and a wrong-token count that allows three. */
async function relayWithRoles() {
  const outbox = createMemoryOutbox()
  const ofZoe = {
    email: ZOE,
    person: orderingKeyOf(ZOE),
    cookie: 'secret-cookie',
    attributes: [{ name: 'LastName', value: 'Secret-Zander' }],
  }
  await outbox.add([lead('parked', ofZoe)], NOW)
  await settleBatch(outbox, await claimBatch(outbox, NOW, NOW + 1), { kind: 'parked', reason: 'no such hat' }, NOW)
  await outbox.add([lead('held', { ...ofZoe, hold: 'spam' })], NOW)
  const keys = createOperatorTokens({
    token: TOKENS.single,
    operators: [
      { name: 'ana', role: 'look', digest: DIGEST },
      { name: 'bo', role: 'act', token: TOKENS.act },
    ],
  })
  const { app, events } = relayUnderTest({
    outbox,
    operator: { keys, outbox },
    wrongTokens: createSourceCount(3, () => NOW),
    visitorAddress: ({ headers }) => headers.get('x-test-address') ?? '203.0.113.7',
  })
  const ask = (token: string, path: string, body?: object, address?: string) =>
    app.request(path, {
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...(address && { 'x-test-address': address }),
      },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    })
  return { outbox, events, ask }
}

const READS = [
  ['/v1/parked', undefined],
  ['/v1/parked?id=parked', undefined],
  ['/v1/lead?id=parked', undefined],
  ['/v1/held', undefined],
  ['/v1/waiting', undefined],
  ['/v1/waiting?by=reason', undefined],
  ['/v1/audit', undefined],
  ['/v1/hold', undefined],
  ['/v1/find', { id: 'parked' }],
  ['/v1/find', { email: ZOE }],
  ['/readyz', undefined],
] as const

const ACTS = [
  ['/v1/replay', { all: true }],
  ['/v1/replay', { ids: ['parked'], dryRun: true }],
  ['/v1/discard', { id: 'held', dryRun: false, reason: 'spam' }],
  ['/v1/erase', { email: ZOE, dryRun: false }],
  ['/v1/hold', { form: 'contact', reason: 'a flood' }],
  ['/v1/retry', {}],
] as const

const VALUES = [
  '/v1/export?state=held',
  '/v1/lead?id=parked&values=1',

  '/v1/parked?values=1',
  '/v1/held?values=1',
  '/v1/waiting?by=domain',
  '/v1/waiting?domain=secret.example',
]

describe('an operator with the role "look"', () => {
  it.each(READS)('sees %s %j, without a value of a lead', async (path, body) => {
    const { ask } = await relayWithRoles()

    const response = await ask(TOKENS.look, path, body)

    expect(response.status).toBe(200)
    expect(await response.text()).not.toMatch(/secret|zoe/i)
  })

  it.each(ACTS)('is refused %s %j, which changes nothing', async (path, body) => {
    const { outbox, ask } = await relayWithRoles()
    const before = await outbox.status(NOW)

    const response = await ask(TOKENS.look, path, body)

    expect([response.status, await response.json()]).toMatchObject([403, { code: 'role' }])
    expect(await outbox.status(NOW)).toEqual(before)
    expect(await outbox.listActs(1)).toEqual([])
  })

  it.each(VALUES)('is refused %s', async (path) => {
    const { ask } = await relayWithRoles()

    const response = await ask(TOKENS.look, path)

    expect([response.status, await response.json()]).toMatchObject([403, { code: 'role' }])
  })
})

describe('an operator with the role "act"', () => {
  it.each([
    ['a token of their own', TOKENS.act],
    ['the token without a name', TOKENS.single],
  ])('sees values, and acts, with %s', async (_, token) => {
    const { ask } = await relayWithRoles()

    const seen = await (await ask(token, '/v1/parked?values=1')).text()
    const statuses = await Promise.all(ACTS.map(async ([path, body]) => (await ask(token, path, body)).status))

    expect(seen).toContain(ZOE)
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200])
  })

  it('is recorded by the name of their token, whatever name the request gives', async () => {
    const { outbox, events, ask } = await relayWithRoles()

    await ask(TOKENS.act, '/v1/discard', { id: 'held', dryRun: false, reason: 'spam', by: 'ana' })
    await ask(TOKENS.act, '/v1/replay', { ids: ['parked'], by: 'ana' })
    await ask(TOKENS.act, '/v1/hold', { form: 'contact', reason: 'a flood', by: 'ana' })
    await ask(TOKENS.act, '/v1/erase', { email: ZOE, dryRun: false, by: 'ana' })

    const { acts } = (await (await ask(TOKENS.look, '/v1/audit')).json()) as ActPage
    expect(acts.map(({ by, kind }) => `${by} ${kind}`)).toEqual(['bo erase', 'bo hold', 'bo replay', 'bo discard'])
    expect(events.flatMap((event) => ('by' in event ? [event.by] : []))).toEqual(['bo', 'bo', 'bo', 'bo'])
    expect((await outbox.find('held'))?.notes.join()).toMatch(/by bo/)
  })
})

describe('a wrong token', () => {
  it('is refused and counted, and its network is slowed down after several, with the right token too', async () => {
    const { events, ask } = await relayWithRoles()

    const wrong = [
      await ask('wrong', '/v1/parked'),
      await ask('wrong', '/readyz'),
      await ask('wrong', '/v1/replay', {}),
    ]
    const slowed = await ask(TOKENS.act, '/v1/parked')
    const other = await ask(TOKENS.act, '/v1/parked', undefined, '198.51.100.9')

    expect(wrong.map(({ status }) => status)).toEqual([401, 401, 401])
    expect([slowed.status, slowed.headers.get('retry-after')]).toEqual([429, '300'])
    expect(other.status).toBe(200)
    expect(events.map((event) => event.event === 'refused' && event.code)).toEqual(['key', 'key', 'key', 'rate'])
  })

  it('does not count where the right one is sent', async () => {
    const { ask } = await relayWithRoles()

    const statuses: number[] = []
    for (let n = 0; n < 10; n += 1) statuses.push((await ask(TOKENS.look, '/v1/parked')).status)

    expect(new Set(statuses)).toEqual(new Set([200]))
  })

  it('leaves visitors alone', async () => {
    const { ask } = await relayWithRoles()
    for (let n = 0; n < 5; n += 1) await ask('wrong', '/v1/parked')

    expect((await ask('', '/healthz')).status).toBe(200)
  })
})
