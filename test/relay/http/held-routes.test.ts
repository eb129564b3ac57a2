import { describe, expect, it } from 'vitest'
import type { HeldPage } from '../../../relay/admin/held-leads.ts'
import { createApiKeys, type Lead } from '../../../relay/index.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { lead } from '../../suites/outbox/leads.ts'
import { NOW, relayUnderTest } from '../../support/relay.ts'

const TOKEN = 'a-token-of-twenty-characters'
const BEARER = { authorization: `Bearer ${TOKEN}` }

function held(id: string, more: Partial<Lead> = {}): Lead {
  return lead(id, {
    hold: 'links: a link in FirstName',
    rules: ['links', 'free-mail'],
    email: `${id}@acme.example`,
    attributes: [{ name: 'FirstName', value: 'https://spam.example' }],
    acceptedAt: NOW,
    ...more,
  })
}

async function operatorUnderTest(...leads: Lead[]) {
  const outbox = createMemoryOutbox()
  for (const [at, each] of leads.entries()) await outbox.add([each], NOW + at)
  const { app, woken } = relayUnderTest({ outbox, operator: { keys: createApiKeys([TOKEN]), outbox } })
  const list = (query = '', headers: Record<string, string> = BEARER) => app.request(`/v1/held${query}`, { headers })
  const post = (path: string, body: object) =>
    app.request(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { ...BEARER, 'content-type': 'application/json' },
    })
  return { outbox, woken, list, post, listed: async (query = '') => (await (await list(query)).json()) as HeldPage }
}

const idsOf = ({ held }: HeldPage) => held.map(({ id }) => id)

describe('GET /v1/held', () => {
  it('lists the held leads with their rules and reasons, and with no value of the visitor', async () => {
    const { list } = await operatorUnderTest(held('a'), lead('waits'))

    const response = await list()
    const text = await response.clone().text()

    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toEqual({
      total: 1,
      held: [
        {
          id: 'a',
          form: 'contact',
          acceptedAt: '2026-11-23T09:30:00.000Z',
          heldAt: '2026-11-23T09:30:00.000Z',
          reason: 'links: a link in FirstName',
          rules: ['links', 'free-mail'],
          attributes: ['FirstName'],
          notes: [],
        },
      ],
    })
    expect(text).not.toMatch(/spam\.example|acme\.example/)
  })

  it('has the values where they are asked for', async () => {
    const { listed } = await operatorUnderTest(held('a'))

    expect((await listed('?values=1')).held[0]?.values).toEqual({
      email: 'a@acme.example',
      attributes: { FirstName: 'https://spam.example' },
    })
  })

  it('goes on after a page, and each lead is on one page', async () => {
    const { listed } = await operatorUnderTest(held('a'), held('b'), held('c'))

    const first = await listed('?limit=2')
    const second = await listed(`?limit=2&after=${first.next}`)

    expect([idsOf(first), idsOf(second), second.next]).toEqual([['a', 'b'], ['c'], undefined])
  })

  it.each([
    ['?rule=honeypot', ['b']],
    ['?rule=honey', []],
    ['?form=demo', ['c']],
    ['?domain=OTHER.example', ['d']],
    ['?id=c', ['c']],
    ['?id=waits', []],
    ['?from=2026-11-24', ['e']],
    ['?until=2026-11-24', ['a', 'b', 'c', 'd']],
  ])('lists those that a condition selects: %s', async (query, ids) => {
    const { listed } = await operatorUnderTest(
      held('a'),
      held('b', { rules: ['honeypot'] }),
      held('c', { form: 'demo' }),
      held('d', { email: 'd@other.example' }),
      held('e', { acceptedAt: NOW + 86_400_000 }),
      lead('waits'),
    )

    expect(idsOf(await listed(query))).toEqual(ids)
  })

  it('needs the token', async () => {
    const { list } = await operatorUnderTest(held('a'))

    expect((await list('', {})).status).toBe(401)
  })

  it.each([
    ['?limit=0', 'limit must be a whole number from 1 to 200.'],
    ['?values=yes', 'values must be 0 or 1.'],
    ['?after=x', 'after must be the "next" of the previous reply, unchanged.'],
    [
      '?state=held',
      'state is unknown; allowed are id, form, rule, from, until, domain, limit, after, values, account.',
    ],
    ['?account=none', 'account must be one of default.'],
  ])('says what is wrong and what is allowed: %s', async (query, message) => {
    const { list } = await operatorUnderTest()

    const response = await list(query)

    expect([response.status, ((await response.json()) as { detail: string }).detail]).toEqual([422, message])
  })
})

describe('held leads', () => {
  it('are released by a replay of their ids, which a dry run predicts', async () => {
    const { post, outbox, woken } = await operatorUnderTest(held('a'))

    const dry = await (await post('/v1/replay', { ids: ['a'], dryRun: true })).json()
    const before = await outbox.status(NOW)
    await post('/v1/replay', { ids: ['a'] })

    expect(dry).toMatchObject({ results: [{ id: 'a', result: 'replayed' }] })
    expect(before).toMatchObject({ held: 1, waiting: 0 })
    expect(await outbox.status(NOW)).toMatchObject({ held: 0, waiting: 1 })
    expect(woken()).toBe(1)
  })

  it('are counted for each rule that has fired, and once in all', async () => {
    const outbox = createMemoryOutbox()
    await outbox.add([held('a'), held('b', { rules: ['links'] }), lead('plain')], NOW)
    const { app } = relayUnderTest({ outbox, operator: { keys: createApiKeys([TOKEN]), outbox } })

    const survey = await (await app.request('/v1/waiting?by=rule', { headers: BEARER })).json()

    expect(survey).toEqual({
      by: 'rule',
      waiting: 1,
      held: 2,
      parked: 0,
      groups: [
        { value: 'links', waiting: 0, held: 2, parked: 0 },
        { value: null, waiting: 1, held: 0, parked: 0 },
        { value: 'free-mail', waiting: 0, held: 1, parked: 0 },
      ],
    })
  })

  it('are discarded by their id or a rule', async () => {
    const { post, outbox } = await operatorUnderTest(held('a'), held('b'), held('c', { rules: ['honeypot'] }))
    const discard = { dryRun: false, reason: 'spam' }

    await post('/v1/discard', { ...discard, id: 'a' })
    await post('/v1/discard', { ...discard, rule: 'honeypot' })

    expect((await outbox.list('held', 9)).map(({ id }) => id)).toEqual(['b'])
  })
})
