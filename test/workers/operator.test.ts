/** The admin API as the Worker serves it, with the relay's own Durable Object. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { ActPage } from '../../relay/admin/audit-log.ts'
import type { DiscardResult, Survey } from '../../relay/admin/waiting-leads.ts'
import type { HeldPage } from '../../relay/admin/held-leads.ts'
import type { FoundPage } from '../../relay/admin/persons.ts'
import { orderingKeyOf } from '../../relay/intake/identity.ts'
import type { ParkedPage, ReplayStep } from '../../relay/admin/parked-leads.ts'
import { SOAP_BATCH_KEYS } from '../../relay/marketo/soap/transport.ts'
import { createSqliteOutbox } from '../../relay/outbox/sqlite/outbox.ts'
import { WORKERD_CRYPTO } from '../../relay/runtime/cloudflare/outbox-crypto.ts'
import worker from '../../relay/runtime/cloudflare/worker.ts'
import { durableObjectSql } from '../../relay/runtime/cloudflare/sql.ts'
import { FORMS } from '../support/relay.ts'
import { claimBatch, lead, settleBatch } from '../suites/outbox/leads.ts'
import type { LeadOutbox } from './worker.ts'

const TOKEN = 'a-token-of-twenty-characters'
const BEARER = { authorization: `Bearer ${TOKEN}` }
const LOOK_TOKEN = 'token-of-ana-who-may-look'
const MINUTE = 60_000

/** Only the Worker has a Marketo account. The object stores leads and delivers none. */
const VARIABLES = {
  OUTBOX: env.OUTBOX,
  FORM_SYNC_FORMS: FORMS,
  FORM_SYNC_CONSOLE_TOKEN: TOKEN,
  FORM_SYNC_OPERATORS: JSON.stringify([{ name: 'ana', role: 'look', token: LOOK_TOKEN }]),
  MARKETO_SOAP_ENDPOINT: 'https://marketo.example/soap/mktows/3_1',
  MARKETO_USER_ID: 'acme_1',
  MARKETO_SECRET_KEY: 'correct horse battery',
}

/** Returns the object that the Worker calls. */
function object(): DurableObjectStub<LeadOutbox> {
  return env.OUTBOX.get(env.OUTBOX.idFromName('outbox'))
}

/** Adds a lead and parks it, then evicts the object, as the runtime does when no lead waits. */
async function park(id: string, reason: string): Promise<void> {
  const now = Date.now() - MINUTE
  await object().add([lead(id, { attributes: [{ name: 'Hat__c', value: 'red' }], acceptedAt: now })], now)
  await runInDurableObject(object(), async (_: LeadOutbox, { storage }) => {
    const options = { batchKeys: SOAP_BATCH_KEYS, crypto: WORKERD_CRYPTO }
    const outbox = await createSqliteOutbox(durableObjectSql(storage), options)
    await settleBatch(outbox, await claimBatch(outbox, now, now + MINUTE), { kind: 'parked', reason }, now)
    await storage.deleteAlarm()
  })
  await evictDurableObject(object())
}

function alarm(): Promise<number | null> {
  return runInDurableObject(object(), (_: LeadOutbox, { storage }) => storage.getAlarm())
}

/** Sends a request to the Worker: a POST if there is a body, else a GET. */
async function ask<T>(path: string, headers: Record<string, string> = BEARER, body?: object): Promise<[number, T]> {
  const post = {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { ...headers, 'content-type': 'application/json' },
  }
  const request = new Request<unknown, IncomingRequestCfProperties>(
    `https://relay.example${path}`,
    body ? post : { headers },
  )
  const response = await worker.fetch(request, VARIABLES)
  return [response.status, (await response.json()) as T]
}

describe('the admin API in workerd', () => {
  it('refuses a request whose Host makes no URL', async () => {
    const request = new Request<unknown, IncomingRequestCfProperties>('https://relay.example/v1/parked')
    Object.defineProperty(request, 'url', { value: 'http://[::1/v1/parked' })

    const response = await worker.fetch(request, VARIABLES)

    expect([response.status, await response.json()]).toMatchObject([400, { code: 'unreadable' }])
  })

  it('lists a parked lead, and replays it with an edit: it waits, and its object has an alarm', async () => {
    await park('a', '20105 Lead Attribute Bad: Hat__c')
    const replay = { all: true, reason: 'hat__c', rename: { Hat__c: 'Hat_Colour__c' } }

    const listed = await ask<ParkedPage>('/v1/parked?values=1')
    const before = [await ask('/readyz'), await alarm()]
    const replayed = await ask<ReplayStep>('/v1/replay', BEARER, replay)
    const after = [await ask('/readyz'), await alarm()]
    const left = await ask<ParkedPage>('/v1/parked')

    expect(listed).toMatchObject([
      200,
      {
        total: 1,
        parked: [{ id: 'a', reason: '20105 Lead Attribute Bad: Hat__c', values: { attributes: { Hat__c: 'red' } } }],
      },
    ])
    expect(before).toMatchObject([[200, { ready: true, state: 'parked', parked: 1, backlog: 0 }], null])
    expect(replayed).toEqual([200, { replayed: 1, seen: 1, results: [{ id: 'a', result: 'replayed' }] }])
    expect(after).toMatchObject([[200, { ready: true, state: 'ok', parked: 0, backlog: 1 }], expect.any(Number)])
    expect(left).toEqual([200, { total: 0, parked: [] }])
    expect(await object().find('a')).toMatchObject({
      state: 'waiting',
      lead: {
        attributes: [
          { name: 'Hat_Colour__c', value: 'red' },
          // The constant of the form.
          { name: 'LeadSource', value: 'Web' },
        ],
      },
    })
  })

  it('counts the undelivered leads, and discards those that are selected', async () => {
    const now = Date.now() - MINUTE
    await object().add([lead('w1', { form: 'flood', acceptedAt: now }), lead('w2', { form: 'kept' })], now)
    const selection = { form: 'flood', by: 'ana', reason: 'a flood' }

    const before = await ask<Survey>('/v1/waiting?form=flood')
    const dry = await ask<DiscardResult>('/v1/discard', BEARER, selection)
    const found = await object().find('w1')
    const done = await ask<DiscardResult>('/v1/discard', BEARER, { ...selection, dryRun: false })

    expect(before).toMatchObject([200, { waiting: 1, groups: [{ value: 'flood', waiting: 1 }] }])
    expect(dry).toEqual([200, { dryRun: true, discarded: 1, underWay: 0 }])
    expect(found).toMatchObject({ state: 'waiting' })
    expect(done).toEqual([200, { dryRun: false, discarded: 1, underWay: 0 }])
    expect(await object().find('w1')).toMatchObject({ state: 'discarded' })
    expect(await object().find('w2')).toMatchObject({ state: 'waiting' })
  })

  it('has a panic switch: the next lead of the form is held, in an object that was evicted meanwhile too', async () => {
    const hold = { form: 'contact', by: 'ana', reason: 'a flood' }
    const now = Date.now()

    const on = await ask('/v1/hold', BEARER, hold)
    await evictDurableObject(object())
    await object().add([lead('h1'), lead('h2', { form: 'kept' })], now)
    const [, { issues }] = await ask<{ issues: { kind: string }[] }>('/readyz')
    const listed = await ask('/v1/hold')
    const off = await ask('/v1/hold', BEARER, { form: 'contact', off: true })
    await object().add([lead('h3')], now)

    expect(on).toEqual([200, { form: 'contact', on: true, changed: true, held: 0 }])
    expect(await object().find('h1')).toMatchObject({
      state: 'held',
      reason: 'all leads of the form are held: a flood',
    })
    expect(await object().find('h2')).toMatchObject({ state: 'waiting' })
    expect(issues.map(({ kind }) => kind)).toContain('form-held')
    expect(listed).toMatchObject([200, { forms: [hold] }])
    expect(off).toEqual([200, { form: 'contact', on: false, changed: true, held: 1 }])
    expect(await object().find('h3')).toMatchObject({ state: 'waiting' })
  })

  it('finds what is stored about a person, and erases it', async () => {
    const zoe = { email: 'zoe@acme.example', person: orderingKeyOf('zoe@acme.example') }
    const now = Date.now() - MINUTE
    await object().add([lead('z1', zoe), lead('z2', { ...zoe, hold: 'spam' }), lead('z3')], now)
    const email = 'Zoe@acme.example'

    const found = await ask<FoundPage>('/v1/find', BEARER, { email })
    const dry = await ask('/v1/erase', BEARER, { email })
    const erased = await ask('/v1/erase', BEARER, { email, dryRun: false, by: 'ana' })
    const after = await ask<FoundPage>('/v1/find', BEARER, { email })

    const counts = { waiting: 1, held: 1, parked: 0, receipts: 0, owedCookies: 0, underWay: 0 }
    expect(found[1].rows.map(({ id, state }) => [id, state])).toEqual([
      ['z1', 'waiting'],
      ['z2', 'held'],
    ])
    expect(dry).toEqual([200, { dryRun: true, ...counts }])
    expect(erased).toEqual([200, { dryRun: false, ...counts }])
    expect(after).toEqual([200, { rows: [] }])
    expect(await object().find('z3')).toMatchObject({ state: 'waiting' })
  })

  it('records what an operator does, also after the object was evicted', async () => {
    await object().add([lead('recorded', { hold: 'spam' })], Date.now())
    await ask('/v1/discard', BEARER, { id: 'recorded', reason: 'spam', by: 'ana', dryRun: false })
    await evictDurableObject(object())

    const [status, { acts }] = await ask<ActPage>('/v1/audit')

    expect([status, acts[0]]).toMatchObject([
      200,
      { kind: 'discard', by: 'ana', via: 'http', selector: { id: 'recorded' }, reason: 'spam', leads: 1 },
    ])
  })

  it('lets an operator with the role "look" see no value of a lead, and do nothing', async () => {
    await object().add([lead('masked', { hold: 'spam', attributes: [{ name: 'Hat__c', value: 'red' }] })], Date.now())
    const look = { authorization: `Bearer ${LOOK_TOKEN}` }

    const [status, page] = await ask<HeldPage>('/v1/held?id=masked', look)
    const refused = [
      await ask('/v1/held?values=1', look),
      await ask('/v1/export?state=held', look),
      await ask('/v1/discard', look, { id: 'masked', reason: 'spam', dryRun: false }),
    ]

    expect([status, page.held[0]?.attributes]).toEqual([200, ['Hat__c']])
    expect(JSON.stringify(page)).not.toMatch(/@example|"red"/)
    expect(refused).toMatchObject(Array.from({ length: 3 }, () => [403, { code: 'role' }]))
    expect(await object().find('masked')).toMatchObject({ state: 'held' })
  })

  it('makes the object call Marketo at once, and records it', async () => {
    const retried = await ask('/v1/retry?by=ana', BEARER, {})
    const [, { acts }] = await ask<ActPage>('/v1/audit?limit=1')

    expect(retried).toMatchObject([200, { quotaSpent: false, ownLimitMet: false }])
    expect(acts).toMatchObject([{ kind: 'retry', by: 'ana', via: 'http', selector: {} }])
  })

  it('rejects requests without the operator’s token', async () => {
    const [listed] = await ask('/v1/parked', { authorization: 'Bearer another-token-of-twenty' })
    const [replayed] = await ask('/v1/replay', { authorization: '' }, { all: true })

    expect([listed, replayed]).toEqual([401, 401])
  })
})
