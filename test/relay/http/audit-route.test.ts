import { describe, expect, it } from 'vitest'
import type { ActPage } from '../../../relay/admin/audit-log.ts'
import { createApiKeys } from '../../../relay/index.ts'
import { orderingKeyOf } from '../../../relay/intake/identity.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { NOW, relayUnderTest } from '../../support/relay.ts'
import { claimBatch, lead, settleBatch } from '../../suites/outbox/leads.ts'

const TOKEN = 'a-token-of-twenty-characters'
const BEARER = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
const ZOE = 'zoe@acme.example'

/** Starts a relay with a parked, a held and a waiting lead. */
async function relayWithLeads() {
  const outbox = createMemoryOutbox()
  await outbox.add([lead('parked', { attributes: [{ name: 'Hat__c', value: 'red' }] })], NOW)
  await settleBatch(outbox, await claimBatch(outbox, NOW, NOW + 1), { kind: 'parked', reason: 'no such hat' }, NOW)
  const zoe = { email: ZOE, person: orderingKeyOf(ZOE) }
  await outbox.add([lead('held', { hold: 'spam' }), lead('waits', zoe)], NOW)
  const { app } = relayUnderTest({ outbox, operator: { keys: createApiKeys([TOKEN]), outbox } })
  const post = async (path: string, body?: object) => {
    const { status } = await app.request(path, { method: 'POST', headers: BEARER, body: JSON.stringify(body ?? {}) })
    return status
  }
  const audit = async (query = '') => app.request(`/v1/audit${query}`, { headers: BEARER })
  const acts = async () => ((await (await audit()).json()) as ActPage).acts
  return { app, outbox, post, audit, acts }
}

describe('GET /v1/audit', () => {
  it('lists each act with who, when, what, how many and why, and no value of a lead', async () => {
    const { post, acts } = await relayWithLeads()

    await post('/v1/replay', { ids: ['parked'], set: { Hat__c: 'secret-value' }, by: 'ana' })
    await post('/v1/replay', { ids: ['held'], release: true })
    await post('/v1/hold', { form: 'contact', reason: 'a flood', by: 'bo' })
    await post('/v1/hold', { form: 'contact', off: true, by: 'bo' })
    await post('/v1/erase', { email: ZOE, dryRun: false, by: 'ana' })
    await post('/v1/discard', { form: 'contact', reason: 'spam', dryRun: false, by: 'ana' })
    await post('/v1/retry?by=cy')

    const own = { at: '2026-11-23T09:30:00.000Z', via: 'http' }
    const listed = await acts()
    expect(listed.toReversed()).toMatchObject([
      { ...own, id: 1, by: 'ana', kind: 'edit', selector: { ids: ['parked'], set: ['Hat__c'] }, leads: 1 },
      { ...own, id: 2, by: 'operator', kind: 'release', selector: { ids: ['held'] }, leads: 1 },
      { ...own, id: 3, by: 'bo', kind: 'hold', selector: { form: 'contact' }, reason: 'a flood', leads: 0 },
      { ...own, id: 4, by: 'bo', kind: 'end-hold', selector: { form: 'contact' }, leads: 0 },
      { ...own, id: 5, by: 'ana', kind: 'erase', selector: {}, personKey: expect.any(String) as string, leads: 1 },
      { ...own, id: 6, by: 'ana', kind: 'discard', selector: { form: 'contact' }, reason: 'spam', leads: 2 },
      { ...own, id: 7, by: 'cy', kind: 'retry', selector: {}, leads: 0 },
    ])
    expect(JSON.stringify(listed)).not.toMatch(/secret-value|red/)
  })

  it('has nothing of a preview, and of a request that is refused', async () => {
    const { post, acts } = await relayWithLeads()

    await post('/v1/replay', { all: true, dryRun: true })
    await post('/v1/discard', { form: 'contact' })
    await post('/v1/erase', { email: ZOE })
    const refused = await post('/v1/discard', { dryRun: false, reason: 'spam' })

    expect(refused).toBe(422)
    expect(await acts()).toEqual([])
  })

  it('leaves out an address that was typed in place of an id', async () => {
    const { post, acts } = await relayWithLeads()

    await post('/v1/replay', { ids: [ZOE] })

    expect(await acts()).toMatchObject([{ selector: { ids: ['(has an address)'] }, leads: 0 }])
  })

  it('tells of an act that failed that it was begun', async () => {
    const { outbox, post, acts } = await relayWithLeads()
    outbox.replay = async () => Promise.reject(new Error('the disk is gone'))

    const status = await post('/v1/replay', { ids: ['parked'] })

    expect(status).toBe(503)
    const [act] = await acts()
    expect(act).toMatchObject({ kind: 'replay', selector: { ids: ['parked'] } })
    expect(act).not.toHaveProperty('leads')
  })

  it('does nothing that it cannot record', async () => {
    const { outbox, post } = await relayWithLeads()
    outbox.beginAct = async () => Promise.reject(new Error('the disk is full'))

    const statuses = [
      await post('/v1/replay', { ids: ['parked'] }),
      await post('/v1/discard', { form: 'contact', reason: 'spam', dryRun: false }),
      await post('/v1/erase', { email: ZOE, dryRun: false }),
      await post('/v1/hold', { form: 'contact', reason: 'a flood' }),
    ]

    expect(statuses).toEqual([503, 503, 503, 503])
    expect(await outbox.status(NOW)).toMatchObject({ waiting: 1, held: 1, parked: 1 })
    expect((await outbox.status(NOW)).heldForms).toBeUndefined()
  })

  it('lists in pages', async () => {
    const { post, audit } = await relayWithLeads()
    for (let n = 0; n < 3; n += 1) await post('/v1/retry')

    const first = (await (await audit('?limit=2')).json()) as ActPage
    const second = (await (await audit(`?limit=2&before=${first.next}`)).json()) as ActPage

    expect([first, second].map(({ acts, next }) => [acts.map(({ id }) => id), next])).toEqual([
      [[3, 2], 2],
      [[1], undefined],
    ])
  })

  it.each(['?limit=0', '?limit=201', '?before=x', '?form=contact'])('refuses %s', async (query) => {
    const { audit } = await relayWithLeads()

    expect((await audit(query)).status).toBe(422)
  })

  it('is for operators alone', async () => {
    const { app } = await relayWithLeads()

    expect((await app.request('/v1/audit')).status).toBe(401)
  })
})
