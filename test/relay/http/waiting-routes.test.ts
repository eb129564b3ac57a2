import { describe, expect, it } from 'vitest'
import type { DiscardResult, Survey } from '../../../relay/admin/waiting-leads.ts'
import { createApiKeys } from '../../../relay/index.ts'
import { createSqliteOutbox } from '../../../relay/outbox/sqlite/outbox.ts'
import { OUTBOX_OPTIONS } from '../../../relay/runtime/node/outbox-crypto.ts'
import { makeFolder } from '../../support/folder.ts'
import { NOW, relayUnderTest } from '../../support/relay.ts'
import { claimBatch, lead, ofOnePerson } from '../../suites/outbox/leads.ts'
import { openFile } from '../outbox/sqlite/open-file.ts'

const TOKEN = 'a-token-of-twenty-characters'
const BEARER = { authorization: `Bearer ${TOKEN}` }

/** Starts a relay with these leads and an operator's token, on a file. */
async function operatorUnderTest(...leads: ReturnType<typeof lead>[]) {
  const outbox = await createSqliteOutbox(openFile(`${makeFolder()}/outbox.sqlite`), OUTBOX_OPTIONS)
  await outbox.add(leads, NOW)
  const { app, events, woken } = relayUnderTest({ outbox, operator: { keys: createApiKeys([TOKEN]), outbox } })
  const survey = (query = '', headers: Record<string, string> = BEARER) =>
    app.request(`/v1/waiting${query}`, { headers })
  const discard = (body: unknown, headers: Record<string, string> = BEARER) =>
    app.request('/v1/discard', {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { ...headers, 'content-type': 'application/json' },
    })
  return {
    app,
    outbox,
    events,
    woken,
    survey,
    discard,
    surveyed: async (query = '') => (await (await survey(query)).json()) as Survey,
    discarded: async (body: unknown) => (await (await discard(body)).json()) as DiscardResult,
  }
}

async function problemsOf(response: Response): Promise<{ status: number; fields: string[] }> {
  const { errors = [] } = (await response.json()) as { errors?: { field: string }[] }
  return { status: response.status, fields: errors.map(({ field }) => field) }
}

const SPAM = { form: 'contact', dryRun: false, by: 'ana', reason: 'a flood' }

describe('the routes of undelivered leads', () => {
  it.each(['/v1/waiting', '/v1/discard'])('do not exist if no token is configured: %s', async (path) => {
    const { app } = relayUnderTest({ operator: null })

    const responses = [await app.request(path), await app.request(path, { method: 'POST', body: '{}' })]

    expect(responses.map(({ status }) => status)).toEqual([404, 404])
  })

  it('reject a request without the token, and change nothing', async () => {
    const { survey, discard, outbox } = await operatorUnderTest(lead('a'))

    const responses = [await survey('', {}), await discard(SPAM, { authorization: 'Bearer another' })]

    expect(responses.map(({ status }) => status)).toEqual([401, 401])
    expect(await outbox.find('a')).toMatchObject({ state: 'waiting' })
  })

  it('forbid caching of replies, and other methods', async () => {
    const { app, survey, discard } = await operatorUnderTest(lead('a'))

    const replies = [await survey(), await discard({ form: 'contact' })]
    const others = [
      await app.request('/v1/waiting', { method: 'POST', headers: BEARER }),
      await app.request('/v1/discard', { headers: BEARER }),
    ]

    expect(replies.map(({ headers }) => headers.get('cache-control'))).toEqual(['no-store', 'no-store'])
    expect(others.map(({ status, headers }) => [status, headers.get('allow')])).toEqual([
      [405, 'GET, HEAD'],
      [405, 'POST'],
    ])
  })
})

describe('GET /v1/waiting', () => {
  it('counts the leads by form, the largest group first, without personal data', async () => {
    const { survey } = await operatorUnderTest(
      lead('a', { cookie: 'id:x&token:y' }),
      lead('b', { form: 'demo', hold: 'spam' }),
      lead('c', { form: 'demo' }),
    )

    const text = await (await survey()).text()

    expect(JSON.parse(text)).toEqual({
      by: 'form',
      waiting: 2,
      held: 1,
      parked: 0,
      groups: [
        { value: 'demo', waiting: 1, held: 1, parked: 0 },
        { value: 'contact', waiting: 1, held: 0, parked: 0 },
      ],
    })
    expect(text).not.toMatch(/@|George|token/)
  })

  it('counts the selected leads by another key', async () => {
    const { surveyed } = await operatorUnderTest(lead('a', { acceptedAt: NOW }), lead('b', { form: 'demo' }))

    const hours = await surveyed('?by=hour&form=contact&from=2026-11-23&until=2026-11-24T00:00Z&domain=EXAMPLE.com')

    expect(hours.groups).toEqual([{ value: '2026-11-23T09:00:00.000Z', waiting: 1, held: 0, parked: 0 }])
  })

  it('lists 100 groups, and counts the others together', async () => {
    const { surveyed } = await operatorUnderTest(
      ...Array.from({ length: 103 }, (_, at) => lead(`${at}`, { email: `a@${at}.example` })),
    )

    const { groups, others, waiting } = await surveyed('?by=domain')

    expect([waiting, groups.length]).toEqual([103, 100])
    expect(others).toEqual({ groups: 3, waiting: 3, held: 0, parked: 0 })
  })

  it('reports each wrong parameter', async () => {
    const { survey } = await operatorUnderTest()

    const response = await survey('?by=email&state=leased&from=yesterday&origin=x&domain=a@b.example')

    expect(await problemsOf(response)).toEqual({ status: 422, fields: ['origin', 'by', 'state', 'domain', 'from'] })
  })

  it('reports an account that the relay does not have', async () => {
    const { survey } = await operatorUnderTest()

    expect(await problemsOf(await survey('?account=sandbox'))).toEqual({ status: 422, fields: ['account'] })
  })
})

describe('POST /v1/discard', () => {
  it('is a dry run unless the body says otherwise: it counts, shows no value and changes nothing', async () => {
    const { discard, outbox, events, woken } = await operatorUnderTest(lead('a'), lead('b', { form: 'demo' }))

    const text = await (await discard({ form: 'contact' })).text()

    expect(JSON.parse(text)).toEqual({ dryRun: true, discarded: 1, underWay: 0 })
    expect(await outbox.find('a')).toMatchObject({ state: 'waiting' })
    expect([events, woken()]).toEqual([[], 0])
  })

  it('discards the selected leads, logs who did it and why, and wakes the dispatcher', async () => {
    const { discarded, outbox, events, woken } = await operatorUnderTest(lead('a'), lead('b', { form: 'demo' }))

    const result = await discarded({ ...SPAM, from: '2023-01-01' })

    expect(result).toEqual({ dryRun: false, discarded: 1, underWay: 0 })
    expect(await outbox.find('a')).toMatchObject({
      state: 'discarded',
      notes: ['discarded by ana at 2026-11-23T09:30:00.000Z: a flood'],
    })
    expect(await outbox.find('b')).toMatchObject({ state: 'waiting' })
    expect(events).toEqual([
      {
        event: 'discarded',
        leads: 1,
        by: 'ana',
        reason: 'a flood',
        selector: { form: 'contact', from: '2023-01-01T00:00:00.000Z' },
      },
    ])
    expect(woken()).toBe(1)
  })

  it('says how many leads are under way, which stay', async () => {
    const { discarded, outbox } = await operatorUnderTest(...ofOnePerson('first', 'second'))
    await claimBatch(outbox, NOW, NOW + 60_000)

    expect(await discarded(SPAM)).toEqual({ dryRun: false, discarded: 1, underWay: 1 })
    expect(await outbox.find('first')).toMatchObject({ state: 'waiting', lead: { id: 'first' } })
  })

  it('discards a part of many leads, and goes on at the next one', async () => {
    const { discarded, outbox } = await operatorUnderTest(...Array.from({ length: 5_100 }, (_, at) => lead(`${at}`)))

    const { next, ...first } = await discarded(SPAM)
    const left = (await outbox.status(NOW)).waiting
    const second = await discarded({ ...SPAM, after: next })

    expect([first, left]).toEqual([{ dryRun: false, discarded: 5_000, underWay: 0 }, 100])
    expect(second).toEqual({ dryRun: false, discarded: 100, underWay: 0 })
    expect(await outbox.status(NOW)).toMatchObject({ waiting: 0, delivered: 0 })
  })

  it.each<[string, object, string[]]>([
    ['no condition', { dryRun: true }, ['form']],
    ['no condition but an account', { account: 'default' }, ['form']],
    ['no reason', { form: 'contact', dryRun: false }, ['reason']],
    ['a reason with an address', { ...SPAM, reason: 'spam of ana@acme.example' }, ['reason']],
    ['an operator with an address', { ...SPAM, by: 'ana@acme.example' }, ['by']],
    ['a condition that it does not know', { form: 'contact', origin: 'x' }, ['origin']],
    ['a list as condition', { form: ['contact'] }, ['form']],
    ['a text for dryRun', { form: 'contact', dryRun: 'no' }, ['dryRun']],
    ['a place that is none', { form: 'contact', after: 'x' }, ['after']],
  ])('refuses a request with %s', async (_, body, fields) => {
    const { discard, outbox } = await operatorUnderTest(lead('a'))

    const response = await discard(body)

    expect(await problemsOf(response)).toEqual({ status: 422, fields })
    expect(await outbox.find('a')).toMatchObject({ state: 'waiting' })
  })

  it('refuses a body that is not JSON, or not an object', async () => {
    const { discard } = await operatorUnderTest()

    expect([(await discard('{')).status, (await discard('[]')).status]).toEqual([400, 400])
  })
})
