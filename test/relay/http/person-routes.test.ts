import { describe, expect, it } from 'vitest'
import type { EraseResult, FoundPage } from '../../../relay/admin/persons.ts'
import { createApiKeys, createSqliteOutbox } from '../../../relay/index.ts'
import { orderingKeyOf } from '../../../relay/intake/identity.ts'
import { OUTBOX_OPTIONS } from '../../../relay/runtime/node/outbox-crypto.ts'
import { makeFolder } from '../../support/folder.ts'
import { NOW, relayUnderTest } from '../../support/relay.ts'
import { claimBatch, lead, settleBatch } from '../../suites/outbox/leads.ts'
import { openFile } from '../outbox/sqlite/open-file.ts'

const TOKEN = 'a-token-of-twenty-characters'
const BEARER = { authorization: `Bearer ${TOKEN}` }
const ZOE = 'Zoe@acme.example'

/** Creates a lead of Zoe as the relay accepts it. */
function ofZoe(id: string, over: Parameters<typeof lead>[1] = {}) {
  return lead(id, { email: ZOE, person: orderingKeyOf(ZOE), acceptedAt: NOW, ...over })
}

/** Starts a relay with these leads and an operator's token, on a file. */
async function operatorUnderTest(...leads: ReturnType<typeof lead>[]) {
  const outbox = await createSqliteOutbox(openFile(`${makeFolder()}/outbox.sqlite`), OUTBOX_OPTIONS)
  await outbox.add(leads, NOW)
  const { app, events, woken } = relayUnderTest({ outbox, operator: { keys: createApiKeys([TOKEN]), outbox } })
  const ask = async (path: string, body: unknown, headers: Record<string, string> = BEARER) =>
    app.request(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { ...headers, 'content-type': 'application/json' },
    })
  const found = async (body: unknown) => (await (await ask('/v1/find', body)).json()) as FoundPage
  const erased = async (body: unknown) => (await (await ask('/v1/erase', body)).json()) as EraseResult
  return { app, outbox, events, woken, ask, found, erased }
}

describe('the routes of persons', () => {
  it('find all rows of a person by the address, in whatever case it is written, and no value of a lead', async () => {
    const { outbox, found, events } = await operatorUnderTest(ofZoe('a'), ofZoe('b', { hold: 'spam' }), lead('other'))
    await settleBatch(outbox, await claimBatch(outbox, NOW, NOW + 1), { kind: 'delivered', leadId: 7 }, NOW)

    const page = await found({ email: ' ZOE@ACME.example' })

    const at = '2026-11-23T09:30:00.000Z'
    expect(page).toEqual({
      rows: [
        { id: 'a', form: 'contact', state: 'delivered', attempts: 1, acceptedAt: at, settledAt: at, leadId: 7 },
        { id: 'b', form: 'contact', state: 'held', attempts: 0, acceptedAt: at, settledAt: at, reason: 'spam' },
      ],
    })
    expect(JSON.stringify([page, events])).not.toMatch(/zoe|George/i)
  })

  it('find the rows of a person by the id of a lead', async () => {
    const { found } = await operatorUnderTest(ofZoe('a'), ofZoe('b'), lead('of-another'))

    expect((await found({ id: 'b' })).rows).toMatchObject([{ id: 'a' }, { id: 'b', state: 'waiting' }])
    expect(await found({ id: 'c' })).toEqual({ rows: [] })
  })

  it('find many rows in pages', async () => {
    const { found } = await operatorUnderTest(...Array.from({ length: 600 }, (_, at) => ofZoe(`${at}`)))

    const { rows, next } = await found({ email: ZOE })
    const rest = await found({ email: ZOE, after: next })

    expect([rows.length, rest.rows.length, rest.next]).toEqual([500, 100, undefined])
  })

  it('only count the rows unless dryRun is false', async () => {
    const { outbox, erased, events, woken } = await operatorUnderTest(ofZoe('a'))

    const dry = await erased({ email: ZOE })

    const counts = { waiting: 1, held: 0, parked: 0, receipts: 0, owedCookies: 0, underWay: 0 }
    expect(dry).toEqual({ dryRun: true, ...counts })
    expect(await outbox.find('a')).toMatchObject({ state: 'waiting', lead: { email: ZOE } })
    expect([events, woken()]).toEqual([[], 0])
  })

  it('erase the rows, and log a receipt that does not name the person', async () => {
    const { outbox, found, erased, events, woken } = await operatorUnderTest(ofZoe('a'), ofZoe('b', { hold: 'spam' }))

    const result = await erased({ email: ZOE, dryRun: false, by: 'ana' })

    const counts = { waiting: 1, held: 1, parked: 0, receipts: 0, owedCookies: 0, underWay: 0 }
    expect(result).toEqual({ dryRun: false, ...counts })
    expect(await found({ email: ZOE })).toEqual({ rows: [] })
    expect(events).toEqual([{ event: 'erased', by: 'ana', ...counts }])
    expect(woken()).toBe(1)
    expect(await outbox.find('a')).toMatchObject({ notes: ['erased by ana at 2026-11-23T09:30:00.000Z'] })
  })

  it('say how many rows stay, because a call is under way', async () => {
    const { outbox, erased } = await operatorUnderTest(ofZoe('a'), ofZoe('b'))
    await claimBatch(outbox, NOW, NOW + 60_000)

    expect(await erased({ email: ZOE, dryRun: false })).toMatchObject({ waiting: 1, underWay: 1 })
    expect((await outbox.find('a'))?.lead).toMatchObject({ email: ZOE })
  })

  it('erase a person with thousands of rows in several requests', async () => {
    const { erased } = await operatorUnderTest(...Array.from({ length: 5_100 }, (_, at) => ofZoe(`${at}`)))
    const request = { email: ZOE, dryRun: false }

    expect(await erased(request)).toMatchObject({ waiting: 5_000, more: true })
    expect(await erased(request)).not.toHaveProperty('more')
    expect(await erased(request)).toMatchObject({ waiting: 0, underWay: 0 })
  })

  it('reject a request without the token, and change nothing', async () => {
    const { ask, outbox } = await operatorUnderTest(ofZoe('a'))

    const replies = [
      await ask('/v1/find', { email: ZOE }, {}),
      await ask('/v1/erase', { email: ZOE, dryRun: false }, { authorization: 'Bearer x' }),
    ]

    expect(replies.map(({ status }) => status)).toEqual([401, 401])
    expect(await replies[0]!.text()).not.toContain('waiting')
    expect(await outbox.find('a')).toMatchObject({ state: 'waiting' })
  })

  it('do not take an address in the URL, which is logged by servers', async () => {
    const { app } = await operatorUnderTest(ofZoe('a'))

    const replies = [
      await app.request(`/v1/find?email=${ZOE}`, { headers: BEARER }),
      await app.request(`/v1/erase?email=${ZOE}`, { headers: BEARER }),
    ]

    expect(replies.map(({ status }) => status)).toEqual([405, 405])
  })

  it.each<[string, string, object, string[]]>([
    ['/v1/find', 'no address', {}, ['email']],
    ['/v1/find', 'an address that is none', { email: 'zoe' }, ['email']],
    ['/v1/find', 'an address and an id', { email: ZOE, id: 'a' }, ['id']],
    ['/v1/find', 'an id that is no text', { id: 7 }, ['id']],
    ['/v1/find', 'a place that is none', { email: ZOE, after: 'x' }, ['after']],
    ['/v1/find', 'a member that it does not know', { email: ZOE, name: 'x' }, ['name']],
    ['/v1/find', 'an account that there is not', { email: ZOE, account: 'x' }, ['account']],
    ['/v1/erase', 'no address', { dryRun: false }, ['email']],
    ['/v1/erase', 'a text for dryRun', { email: ZOE, dryRun: 'no' }, ['dryRun']],
    ['/v1/erase', 'an operator with an address', { email: ZOE, by: 'ana@acme.example' }, ['by']],
    ['/v1/erase', 'an id', { email: ZOE, id: 'a' }, ['id']],
  ])('refuse a request to %s with %s', async (path, _, body, fields) => {
    const { ask, outbox } = await operatorUnderTest(ofZoe('a'))

    const response = await ask(path, body)
    const { errors } = (await response.json()) as { errors: { field: string }[] }

    expect([response.status, errors.map(({ field }) => field)]).toEqual([422, fields])
    expect(JSON.stringify(errors)).not.toMatch(/zoe@/i)
    expect(await outbox.find('a')).toMatchObject({ state: 'waiting' })
  })
})
