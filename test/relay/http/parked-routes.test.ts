import { describe, expect, it } from 'vitest'
import type { ParkedPage, ReplayStep } from '../../../relay/admin/parked-leads.ts'
import { createApiKeys, LIMITS, type Attribute, type Lead, type Outcome } from '../../../relay/index.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { NOW, relayUnderTest } from '../../support/relay.ts'
import { claimBatch, lead, settleBatch } from '../../suites/outbox/leads.ts'

const TOKEN = 'a-token-of-twenty-characters'
const BEARER = { authorization: `Bearer ${TOKEN}` }
const SECOND = 1_000

const COOKIE = 'id:123-ABC-456&token:_mch-acme.example-1'

/** The constant of the form `contact`. */
const WEB = { name: 'LeadSource', value: 'Web' }

const HAT = { name: 'Hat__c', value: 'red' }
const BAD_HAT = '20105 Lead Attribute Bad: Hat__c'

function leadOf(id: string, attributes: Attribute[] = [HAT], form = 'contact'): Lead {
  return lead(id, { form, email: `${id}@acme.example`, attributes, acceptedAt: NOW - 60 * SECOND })
}

/** Creates a relay with a token, and settles each lead with its outcomes, one per second. */
async function operatorUnderTest(...leads: [lead: Lead, ...outcomes: Outcome[]][]) {
  const outbox = createMemoryOutbox({ ...LIMITS, leadsPerCall: 1, callsPer20s: 1_000_000, concurrency: 1_000_000 })
  let at = NOW
  for (const [lead, ...outcomes] of leads) {
    await outbox.add([lead], at)
    for (const outcome of outcomes) {
      await settleBatch(outbox, await claimBatch(outbox, at, at + SECOND), outcome, at)
      at += SECOND
    }
  }
  const { app, events, woken } = relayUnderTest({ outbox, operator: { keys: createApiKeys([TOKEN]), outbox } })
  const replay = (body: unknown, headers: Record<string, string> = {}) =>
    app.request('/v1/replay', {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { ...BEARER, 'content-type': 'application/json', ...headers },
    })
  const list = (query = '', headers: Record<string, string> = BEARER) => app.request(`/v1/parked${query}`, { headers })
  return {
    app,
    outbox,
    events,
    woken,
    list,
    replay,
    listed: async (query = '') => (await (await list(query)).json()) as ParkedPage,
    replayed: async (body: unknown) => (await (await replay(body)).json()) as ReplayStep & { replayed: number },
  }
}

const parked = (reason = BAD_HAT): Outcome => ({ kind: 'parked', reason })

/** Returns leads to be parked one after the other. */
function many(count: number): [Lead, Outcome][] {
  return Array.from({ length: count }, (_, at) => [leadOf(`lead-${String(at).padStart(4, '0')}`), parked()])
}

async function problemOf(response: Response) {
  const { code, errors } = (await response.json()) as { code: string; errors?: { field: string }[] }
  return { status: response.status, code, ...(errors && { fields: errors.map(({ field }) => field) }) }
}

describe('the routes for operators', () => {
  it.each([
    ['/v1/parked', 'GET'],
    ['/v1/replay', 'POST'],
    ['/v1/retry', 'POST'],
  ])('do not exist if no token is configured: %s', async (path, method) => {
    const { app } = relayUnderTest({ operator: null })

    const response = await app.request(path, { method, headers: BEARER })
    const other = await app.request('/v1/other', { method, headers: BEARER })

    expect(response.status).toBe(404)
    expect(await response.json()).toEqual(await other.json())
  })

  it.each<[string, Record<string, string>]>([
    ['no token', {}],
    ['another token', { authorization: 'Bearer a-token-of-twenty-character' }],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
  ])('reject a request without the token: %s', async (_, headers) => {
    const { list, replay, outbox } = await operatorUnderTest([leadOf('a'), parked()])

    const listed = await list('', headers)
    const replayed = await replay({ all: true }, { authorization: '', ...headers })

    expect([listed.status, replayed.status]).toEqual([401, 401])
    expect(listed.headers.get('www-authenticate')).toBe('Bearer')
    expect(await listed.text()).not.toContain('Hat__c')
    expect(await outbox.find('a')).toMatchObject({ state: 'parked' })
  })

  it('forbid caching of every reply', async () => {
    const { list, replay } = await operatorUnderTest([leadOf('a'), parked()])

    const answers = [await list(), await list('', {}), await list('?limit=0'), await replay({ ids: ['a'] })]

    expect(answers.map(({ headers }) => headers.get('cache-control'))).toEqual(Array(4).fill('no-store'))
  })

  it.each(['POST', 'PUT', 'DELETE'])('reply 405 to %s of /v1/parked', async (method) => {
    const { app } = await operatorUnderTest([leadOf('a'), parked()])

    const response = await app.request('/v1/parked', { method, headers: BEARER })

    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, HEAD')
    expect(await response.json()).toMatchObject({ code: 'method', title: 'Method not allowed' })
  })

  it('reply to a HEAD as to a GET, without the body', async () => {
    const { app } = await operatorUnderTest([leadOf('a'), parked()])

    const response = await app.request('/v1/parked', { method: 'HEAD', headers: BEARER })

    expect([response.status, await response.text()]).toEqual([200, ''])
  })
})

describe('GET /v1/parked', () => {
  it('shows everything about a lead except personal data', async () => {
    const { list } = await operatorUnderTest([
      { ...leadOf('a', [{ name: 'FirstName', value: 'Anastasia' }, HAT]), cookie: 'id:x&token:y', notes: ['a note'] },
      { kind: 'retry', dueAt: NOW, reason: '20106 Lead Sync Failed' },
      { kind: 'retry', dueAt: NOW, reason: '20106 Lead Sync Failed' },
      parked(),
    ])

    const response = await list()

    const text = await response.text()
    expect(response.status).toBe(200)
    expect(JSON.parse(text)).toEqual({
      total: 1,
      parked: [
        {
          id: 'a',
          form: 'contact',
          acceptedAt: '2026-11-23T09:29:00.000Z',
          parkedAt: '2026-11-23T09:30:02.000Z',
          attempts: 3,
          reason: BAD_HAT,
          history: [
            {
              reason: '20106 Lead Sync Failed',
              times: 2,
              first: '2026-11-23T09:30:00.000Z',
              last: '2026-11-23T09:30:01.000Z',
            },
            { reason: BAD_HAT, times: 1, first: '2026-11-23T09:30:02.000Z', last: '2026-11-23T09:30:02.000Z' },
          ],
          attributes: ['FirstName', 'Hat__c'],
          rejectedAttributes: [],
          staleAttributes: [],
          notes: ['a note'],
        },
      ],
    })
    expect(text).not.toMatch(/a@acme|Anastasia|red|token:y/)
  })

  it('shows personal data with values=1', async () => {
    const lead = { ...leadOf('a'), cookie: 'id:x&token:y', workspace: 'Europe' }
    const { listed } = await operatorUnderTest([lead, parked()])

    const { parked: leads } = await listed('?values=1')

    expect(leads[0]?.values).toEqual({
      email: 'a@acme.example',
      cookie: 'id:x&token:y',
      workspace: 'Europe',
      attributes: { Hat__c: 'red' },
    })
  })

  it('shows the lead id and the rejected attribute of a lead that was delivered without it', async () => {
    const { listed } = await operatorUnderTest([
      leadOf('a', [{ name: 'FirstName', value: 'Ana' }, HAT]),
      { kind: 'requeue', dueAt: NOW, reason: BAD_HAT, rejectedAttributes: ['Hat__c'] },
      { kind: 'requeue', dueAt: NOW, reason: '20105 Lead Attribute Bad (in another lead of the call)' },
      { kind: 'delivered', leadId: 700_123 },
    ])

    const { parked: leads } = await listed()

    expect(leads[0]).toMatchObject({
      leadId: 700_123,
      reason: BAD_HAT,
      attributes: ['Hat__c'],
      rejectedAttributes: ['Hat__c'],
    })
  })

  it('returns pages, the longest parked lead first', async () => {
    const { listed } = await operatorUnderTest(...many(5))
    const pages: string[][] = []

    let after = ''
    do {
      const { total, parked: leads, next } = await listed(`?limit=2${after}`)
      pages.push([String(total), ...leads.map(({ id }) => id)])
      after = next === undefined ? '' : `&after=${encodeURIComponent(next)}`
    } while (after !== '')

    expect(pages).toEqual([
      ['5', 'lead-0000', 'lead-0001'],
      ['5', 'lead-0002', 'lead-0003'],
      ['5', 'lead-0004'],
    ])
  })

  it('returns 50 leads by default', async () => {
    const { listed } = await operatorUnderTest(...many(51))

    expect((await listed()).parked).toHaveLength(50)
  })

  it.each([
    ['a', 1],
    ['waiting', 0],
    ['no-such-lead', 0],
  ])('returns one lead by its id if it is parked: %s', async (id, total) => {
    const { listed } = await operatorUnderTest([leadOf('a'), parked()], [leadOf('b'), parked()], [leadOf('waiting')])

    const page = await listed(`?id=${id}`)

    expect(page).toMatchObject({ total, parked: total === 0 ? [] : [{ id }] })
  })

  it.each([
    ['?limit=0', ['limit']],
    ['?limit=201', ['limit']],
    ['?limit=ten&values=yes', ['limit', 'values']],
    ['?after=lead-0001', ['after']],
    ['?form=contact', ['form']],
  ])('rejects an invalid query and names its parameters: %s', async (query, fields) => {
    const { list } = await operatorUnderTest()

    expect(await problemOf(await list(query))).toEqual({ status: 422, code: 'fields', fields })
  })

  it('says what is wrong with a query and what is allowed', async () => {
    const { list } = await operatorUnderTest()

    const response = await list('?foo=1&limit=0')

    const messages = [
      'unknown query parameter: foo; allowed are limit, after, values, id, account.',
      'limit must be a whole number from 1 to 200.',
    ]
    expect(await response.json()).toMatchObject({
      title: 'Some fields are missing or not valid',
      detail: messages.join(' '),
      errors: messages.map((message) => ({ message })),
    })
  })
})

describe('POST /v1/replay', () => {
  it('makes parked leads wait again, wakes the dispatcher and logs the number of leads', async () => {
    const { replayed, outbox, woken, events } = await operatorUnderTest(
      [leadOf('a'), parked()],
      [leadOf('b'), parked()],
    )

    const step = await replayed({ ids: ['b', 'no-such-lead'] })

    expect(step).toEqual({
      replayed: 1,
      seen: 2,
      results: [
        { id: 'b', result: 'replayed' },
        { id: 'no-such-lead', result: 'unknown' },
      ],
    })
    expect(await outbox.find('a')).toMatchObject({ state: 'parked' })
    expect(await outbox.find('b')).toMatchObject({ state: 'waiting' })
    expect(woken()).toBe(1)
    expect(events).toEqual([{ event: 'replayed', leads: 1, by: 'operator' }])
  })

  it('edits the leads before they are sent again', async () => {
    const { replayed, outbox } = await operatorUnderTest(
      [leadOf('a', [{ name: 'Cap__c', value: 'x' }, HAT]), parked()],
      [leadOf('b', [HAT, { name: 'Hut__c', value: 'blue' }]), parked()],
    )

    const { results } = await replayed({ all: true, drop: ['Cap__c'], rename: { Hat__c: 'Hut__c' } })

    expect(results).toEqual([
      { id: 'a', result: 'replayed' },
      { id: 'b', result: 'name-taken', name: 'Hut__c' },
    ])
    expect((await outbox.find('a'))?.lead?.attributes).toEqual([{ name: 'Hut__c', value: 'red' }, WEB])
    expect(await outbox.find('b')).toMatchObject({ state: 'parked' })
  })

  it('takes workspace and constants of the form today, also in a dry run', async () => {
    const { replayed, outbox } = await operatorUnderTest([
      { ...leadOf('a'), workspace: 'Erope' },
      parked('unknown workspace'),
    ])

    const dry = await replayed({ all: true, rename: { Hat__c: 'LeadSource' }, dryRun: true })
    await replayed({ all: true })

    expect(dry.results).toEqual([{ id: 'a', result: 'name-taken', name: 'LeadSource' }])
    expect((await outbox.find('a'))?.lead).toMatchObject({ workspace: 'Europe', attributes: [HAT, WEB] })
  })

  it('keeps the stored settings with keepSettings', async () => {
    const stored = { ...leadOf('a'), workspace: 'Asia' }
    const { replayed, outbox } = await operatorUnderTest([stored, parked()])

    await replayed({ all: true, keepSettings: true })

    expect((await outbox.find('a'))?.lead).toEqual(stored)
  })

  it('drops the cookie of a form that no longer sends it', async () => {
    const { replayed, outbox } = await operatorUnderTest([{ ...leadOf('a', [HAT], 'plain'), cookie: COOKIE }, parked()])

    await replayed({ all: true })

    expect((await outbox.find('a'))?.lead).toEqual(leadOf('a', [HAT], 'plain'))
  })

  it('sets attributes, workspace and cookie, and drops them with null', async () => {
    const { replayed, outbox } = await operatorUnderTest([leadOf('a'), parked()], [leadOf('b'), parked()])

    await replayed({ ids: ['a'], set: { hat__c: 'blue', Cap__c: '' }, workspace: 'Asia', cookie: COOKIE })
    await replayed({ ids: ['b'], workspace: null, cookie: null })

    expect((await outbox.find('a'))?.lead).toMatchObject({
      workspace: 'Asia',
      cookie: COOKIE,
      attributes: [{ ...HAT, value: 'blue' }, WEB, { name: 'Cap__c', value: '' }],
    })
    expect((await outbox.find('b'))?.lead).toEqual(leadOf('b', [HAT, WEB]))
  })

  it.each([
    ['with a form', { form: 'contact' }, ['a', 'c']],
    ['with text of the reason', { reason: 'ATTRIBUTE bad' }, ['a', 'b']],
    ['with both', { form: 'contact', reason: '20105' }, ['a']],
    ['with no match', { reason: 'no such words' }, []],
    ['with neither', {}, ['a', 'b', 'c']],
  ])('selects among all leads %s', async (_, selection, ids) => {
    const { replayed } = await operatorUnderTest(
      [leadOf('a'), parked()],
      [leadOf('b', [HAT], 'plain'), parked()],
      [leadOf('c'), parked('20110 Bad Parameter')],
    )

    const { seen, results } = await replayed({ all: true, ...selection })

    expect(seen).toBe(3)
    expect(results.map(({ id }) => id)).toEqual(ids)
  })

  it('returns the results and changes nothing in a dry run', async () => {
    const { replayed, outbox, woken, events } = await operatorUnderTest(
      [leadOf('a'), parked()],
      [leadOf('b', [HAT, { name: 'Hut__c', value: 'blue' }]), parked()],
      [leadOf('waiting')],
    )
    const edit = { rename: { Hat__c: 'Hut__c' }, dryRun: true }
    const [a, b] = [
      { id: 'a', result: 'replayed' },
      { id: 'b', result: 'name-taken', name: 'Hut__c' },
    ]

    const all = await replayed({ all: true, ...edit })
    const some = await replayed({ ids: ['a', 'b', 'a', 'waiting', 'no-such-lead'], ...edit })

    expect(all.results).toEqual([a, b])
    expect(some.results).toEqual([
      a,
      b,
      { id: 'waiting', result: 'not-parked' },
      { id: 'no-such-lead', result: 'unknown' },
    ])
    expect(await outbox.find('a')).toMatchObject({ state: 'parked', lead: { attributes: [HAT] } })
    expect([woken(), events]).toEqual([0, []])
  })

  it('replays up to 200 leads in a step, and no lead twice if it is parked again meanwhile', async () => {
    const { replayed, outbox } = await operatorUnderTest(...many(450))
    const seen: number[] = []

    let after: string | undefined
    do {
      const step = await replayed({ all: true, ...(after !== undefined && { after }) })
      seen.push(step.seen)
      after = step.next
      for (const batch of await outbox.claim(NOW + 3_600_000, NOW + 3_700_000, 1_000)) {
        await settleBatch(outbox, batch, parked(), NOW + 3_600_000)
      }
    } while (after !== undefined)

    expect(seen).toEqual([200, 200, 50])
    expect((await outbox.status(NOW)).parked).toBe(450)
  })

  it.each<[string, unknown, string[]]>([
    ['neither ids nor all', {}, ['ids']],
    ['both', { ids: ['a'], all: true }, ['all']],
    ['an empty list of ids', { ids: [] }, ['ids']],
    ['ids that are not strings', { ids: [7] }, ['ids']],
    ['more than 200 ids', { ids: Array.from({ length: 201 }, (_, at) => `lead-${at}`) }, ['ids']],
    ['all that is not true', { all: 'yes' }, ['all']],
    ['ids with a form and a reason', { ids: ['a'], form: 'contact', reason: 'x' }, ['form', 'reason']],
    ['a form that is not a string', { all: true, form: 7 }, ['form']],
    ['an invalid cursor', { all: true, after: '7' }, ['after']],
    ['drop that is not a list', { all: true, drop: 'Hat__c' }, ['drop']],
    ['rename that is a list', { all: true, rename: ['Hat__c'] }, ['rename']],
    ['an empty new name', { all: true, rename: { Hat__c: '' } }, ['rename']],
    ['a name that is dropped and renamed', { all: true, drop: ['Hat__c'], rename: { Hat__c: 'Hut__c' } }, ['rename']],
    ['set that is a list', { all: true, set: ['Hat__c'] }, ['set']],
    ['a value that is not a string', { all: true, set: { Hat__c: 7 } }, ['set']],
    ['a name that is set and dropped', { all: true, set: { Hat__c: 'x' }, drop: ['Hat__c'] }, ['set']],
    ['a set e-mail address', { all: true, set: { EMAIL: 'ben@acme.example' } }, ['set']],
    ['an empty workspace', { all: true, workspace: '' }, ['workspace']],
    ['a cookie that is not one', { all: true, cookie: 'abc' }, ['cookie']],
    ['keepSettings that is not a boolean', { all: true, keepSettings: 1 }, ['keepSettings']],
    ['settings of forms', { all: true, forms: {} }, ['forms']],
    ['dryRun that is not a boolean', { all: true, dryRun: 'yes' }, ['dryRun']],
    ['an unknown field and an invalid one', { all: true, renam: {}, drop: 1 }, ['renam', 'drop']],
  ])('rejects an invalid body, names its fields and changes nothing: %s', async (_, body, fields) => {
    const { replay, outbox } = await operatorUnderTest([leadOf('a'), parked()])

    const response = await replay(body)

    expect(await problemOf(response)).toEqual({ status: 422, code: 'fields', fields })
    expect(await outbox.find('a')).toMatchObject({ state: 'parked' })
  })

  it.each<[string, string, Record<string, string>, number, string]>([
    ['invalid JSON', '{"all"', {}, 400, 'unreadable'],
    ['a list', '[]', {}, 400, 'unreadable'],
    ['a form-encoded body', 'all=true', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'type'],
    ['more than 64 KB', JSON.stringify({ ids: ['a'.repeat(66_000)] }), {}, 413, 'too-large'],
  ])('rejects %s', async (_, body, headers, status, code) => {
    const { replay } = await operatorUnderTest()

    expect(await problemOf(await replay(body, headers))).toEqual({ status, code })
  })

  it('replies 405 to a GET', async () => {
    const { app } = await operatorUnderTest()

    const response = await app.request('/v1/replay', { headers: BEARER })

    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST')
  })
})

describe('POST /v1/retry', () => {
  const retry = (app: { request: (path: string, init: RequestInit) => Response | Promise<Response> }, headers = {}) =>
    app.request('/v1/retry', { method: 'POST', headers: { ...BEARER, ...headers } })

  it('makes the next call possible at once, wakes the dispatcher, and says what had stopped it', async () => {
    const blocked: Outcome = { kind: 'stopped', retryAt: NOW + 300_000, reason: '20014', blocked: true }
    const { app, outbox, woken, events } = await operatorUnderTest([leadOf('a'), blocked])
    const before = await outbox.claim(NOW, NOW + SECOND, 1)

    const response = await retry(app)

    expect(before).toEqual([])
    expect(await response.json()).toEqual({
      waiting: 1,
      stopped: { reason: '20014', blocked: true },
      quotaSpent: false,
      ownLimitMet: false,
    })
    expect(await outbox.claim(NOW, NOW + SECOND, 1)).toHaveLength(1)
    expect([woken(), events]).toEqual([1, [{ event: 'retry-requested', waiting: 1, by: 'operator' }]])
  })

  it('makes a probe of Marketo’s quota possible at once', async () => {
    const { app, outbox } = await operatorUnderTest([
      leadOf('a'),
      { kind: 'limited', limit: 'day', retryAt: NOW, reason: '20015' },
    ])

    const response = await retry(app)

    expect(await response.json()).toEqual({ waiting: 1, quotaSpent: true, ownLimitMet: false })
    expect(await outbox.claim(NOW, NOW + SECOND, 1)).toHaveLength(1)
  })

  it('rejects a request without the token, and changes nothing', async () => {
    const blocked: Outcome = { kind: 'stopped', retryAt: NOW + 300_000, reason: '20014', blocked: true }
    const { app, outbox } = await operatorUnderTest([leadOf('a'), blocked])

    const response = await retry(app, { authorization: '' })

    expect(response.status).toBe(401)
    expect(await outbox.claim(NOW, NOW + SECOND, 1)).toEqual([])
  })

  it('replies 405 to a GET', async () => {
    const { app } = await operatorUnderTest()

    const response = await app.request('/v1/retry', { headers: BEARER })

    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })
})
