/** Values and cookies that a simulated Marketo refuses, from the outbox through the dispatcher and the SOAP transport. */
import { expect, it, onTestFinished, vi } from 'vitest'
import { createSimulator } from '../../../demo/simulator/index.ts'
import type { PersonView } from '../../../demo/simulator/view.ts'
import { createDispatcher } from '../../../relay/delivery/dispatcher.ts'
import { createSoapTransport } from '../../../relay/marketo/soap/transport.ts'
import type { LogEvent } from '../../../relay/monitoring/events.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { NOW } from '../../support/relay.ts'
import { attributesOf, lead, WIDE_BATCHES } from '../../suites/outbox/leads.ts'

const ACCOUNT = { userId: 'acme_1', secretKey: 'correct horse battery', munchkinId: '123-ABC-456' }

/** Starts a dispatcher with an outbox, and the simulator that it sends to. */
function startDelivery() {
  const now = () => NOW
  const { app } = createSimulator({ now, account: ACCOUNT, workspaces: ['Europe', 'Asia'] })
  const outbox = createMemoryOutbox(WIDE_BATCHES)
  const events: LogEvent[] = []
  const transport = createSoapTransport({
    ...ACCOUNT,
    endpoint: 'http://simulator.example/soap/mktows/3_1',
    now,
    fetch: async (url, init) => app.request(url, init),
  })
  const dispatcher = createDispatcher({
    outbox,
    transport,
    now,
    random: () => 0,
    wakeAt: () => {},
    log: (event) => events.push(event),
    limits: WIDE_BATCHES,
  })
  onTestFinished(() => dispatcher.stop())
  return {
    outbox,
    events,
    async deliverAll() {
      dispatcher.wake()
      await vi.waitFor(async () => expect((await outbox.status(NOW)).waiting).toBe(0))
    },
    people: async () => (await (await app.request('/sim/leads')).json()) as PersonView[],
  }
}

const ANA = lead('ana', attributesOf({ FirstName: 'Ana', NumberOfEmployees: '12.5' }))
const BEN = lead('ben', attributesOf({ FirstName: 'Ben', NumberOfEmployees: '12' }))

it.each([
  ['alone', [ANA]],
  ['with another lead in the call, which keeps its own', [ANA, BEN]],
])(
  'D11: a lead with a value that Marketo refuses is delivered without it, and the value is kept: %s',
  async (_, leads) => {
    const { outbox, events, deliverAll, people } = startDelivery()
    await outbox.add(leads, NOW)

    await deliverAll()

    const stored = Object.fromEntries((await people()).map(({ email, attributes }) => [email, attributes]))
    expect(stored).toEqual({
      'ana@example.com': { FirstName: 'Ana' },
      ...(leads.includes(BEN) && { 'ben@example.com': { FirstName: 'Ben', NumberOfEmployees: '12' } }),
    })
    expect(await outbox.find('ana')).toMatchObject({
      state: 'parked',
      leadId: expect.any(Number) as number,
      rejectedAttributes: ['NumberOfEmployees'],
      lead: attributesOf({ NumberOfEmployees: '12.5' }),
    })
    expect(events).toContainEqual(
      expect.objectContaining({
        event: 'attributes-rejected',
        id: 'ana',
        reason: '20110 Bad Parameter: NumberOfEmployees',
        attributes: ['NumberOfEmployees'],
      }),
    )
  },
)

it('D11: a kept value is delivered once it was corrected by a replay', async () => {
  const { outbox, deliverAll, people } = startDelivery()
  await outbox.add([ANA], NOW)
  await deliverAll()

  await outbox.replay(['ana'], { set: { NumberOfEmployees: '12' } }, NOW)
  await deliverAll()

  expect(await outbox.find('ana')).toMatchObject({ state: 'delivered' })
  expect(await people()).toMatchObject([{ attributes: { FirstName: 'Ana', NumberOfEmployees: '12' } }])
})

const COOKIE = 'id:123-ABC-456&token:_mch-acme.example-1700000000000-12345'

it('D10: a lead whose cookie belongs to a person in another workspace is delivered without the cookie', async () => {
  const { outbox, events, deliverAll, people } = startDelivery()
  const eva = { person: 'eva@example.com', email: 'eva@example.com', cookie: COOKIE }
  await outbox.add([lead('first', { ...eva, workspace: 'Europe' })], NOW)
  await deliverAll()
  await outbox.add([lead('second', { ...eva, workspace: 'Asia', ...attributesOf({ City: 'Cork' }) })], NOW)

  await deliverAll()

  expect(await outbox.find('second')).toMatchObject({
    state: 'delivered',
    attempts: 2,
    notes: ['cookie left out: Marketo refused the lead with it'],
  })
  expect(await people()).toMatchObject([{ workspace: 'Europe', attributes: { City: 'Cork' } }])
  expect(events).toContainEqual(
    expect.objectContaining({
      event: 'attributes-rejected',
      id: 'second',
      reason:
        '20110 Bad Parameter: The lead is not in the primary partition of the target workspace; ' +
        'tried again without the cookie',
      attributes: ['Munchkin cookie'],
    }),
  )
})

it('D10: a lead that is refused without its cookie too is parked, and a replay sends the cookie again', async () => {
  const { outbox, deliverAll, people } = startDelivery()
  await outbox.add([lead('eva', { cookie: COOKIE, workspace: 'Erope' })], NOW)
  await deliverAll()
  const parked = await outbox.find('eva')

  await outbox.replay(['eva'], { workspace: 'Europe' }, NOW)
  await deliverAll()

  expect(parked).toMatchObject({ state: 'parked', attempts: 2, rejectedAttributes: ['Munchkin cookie'] })
  expect(parked?.lead?.cookie).toBe(COOKIE)
  expect(await outbox.find('eva')).toMatchObject({ state: 'delivered', notes: [] })
  expect(await people()).toMatchObject([{ workspace: 'Europe', cookies: [expect.stringContaining('_mch-')] }])
})
