/**
 * A form that sends attributes only where Marketo has no value: posted to the relay by anybody, and delivered to a simulated
 * Marketo by either API.
 */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createSimulator } from '../../../demo/simulator/index.ts'
import { DEMO_ACCOUNT } from '../../../demo/simulator/account.ts'
import { FORMS } from '../../../demo/simulator/people/forms.ts'
import type { CallLine, PersonView } from '../../../demo/simulator/view.ts'
import { readConfig } from '../../../relay/config/config.ts'
import { createDispatcher } from '../../../relay/delivery/dispatcher.ts'
import { createApp } from '../../../relay/http/app.ts'
import { batchKeysOf, createTransport } from '../../../relay/marketo/transport.ts'
import type { LogEvent } from '../../../relay/monitoring/events.ts'
import type { Limits } from '../../../relay/outbox/limits/limits.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { WIDE_BATCHES } from '../../suites/outbox/leads.ts'
import { accountVariables, APIS, type Api } from '../../support/account-variables.ts'
import { ACME, NOW } from '../../support/relay.ts'
import { SOON } from './start-dispatcher.ts'

const SIMULATOR = 'http://127.0.0.1'
const EMAIL = { type: 'email', required: true }
const KEPT = { overwrite: 'when-empty' }
const CONTACT = {
  origins: [ACME],
  fields: { Email: EMAIL, FirstName: {}, Company: KEPT, Phone: KEPT },
}
const RELAY_FORMS = {
  contact: CONTACT,
  open: { origins: [ACME], fields: { Email: EMAIL, FirstName: {}, Company: {}, Phone: {} } },
}
const ANA = { Email: 'ana@acme.example', FirstName: 'Ana' }
const LOOK_UPS: Record<Api, string> = { soap: 'getLead', rest: 'getLeadsByFilter' }

async function start(api: Api, forms: object = RELAY_FORMS, over: Partial<Limits> = {}) {
  let now = NOW
  let wakesAt: number | undefined
  let posts = 0
  const limits = { ...WIDE_BATCHES, ...over }
  const simulator = createSimulator({ now: () => now, account: DEMO_ACCOUNT, forms: FORMS }).app
  const config = readConfig(accountVariables(api, SIMULATOR), { forms })
  const outbox = createMemoryOutbox(limits, batchKeysOf(api))
  const events: LogEvent[] = []
  const log = (event: LogEvent) => void events.push(event)
  const out = new Set<number>()
  const dispatcher = createDispatcher({
    outbox: {
      ...outbox,
      async claim(...args) {
        const batches = await outbox.claim(...args)
        for (const { id } of batches) out.add(id)
        return batches
      },
      async settle(id, ...args) {
        await outbox.settle(id, ...args)
        out.delete(id)
      },
    },
    transport: createTransport(config.marketo, {
      timeout: limits.timeout,
      now: () => now,
      onKey: () => {},
      fetch: async (url, init) => simulator.request(url, init),
    }),
    now: () => now,
    wait: async (ms) => void (now += ms),
    random: () => 0,
    wakeAt: (time) => (wakesAt = time),
    log,
    limits,
  })
  onTestFinished(() => dispatcher.stop())
  const app = createApp({
    config,
    outbox,
    wake: () => {},
    now: () => now,
    randomBytes: (length) => new Uint8Array(length).fill((posts += 1)),
    log,
  })
  const read = async <Body>(path: string) => (await (await simulator.request(path)).json()) as Body

  return {
    outbox,
    events,
    async post(form: string, body: Record<string, string>): Promise<string> {
      const headers = { origin: ACME, accept: 'application/json' }
      const response = await app.request(`/f/${form}`, { method: 'POST', body: new URLSearchParams(body), headers })
      return ((await response.json()) as { id: string }).id
    },
    fault: (fault: object) => simulator.request('/sim/faults', { method: 'POST', body: JSON.stringify(fault) }),
    /** Lets time pass until no lead waits. */
    async deliverAll(): Promise<void> {
      for (;;) {
        wakesAt = undefined
        const settled = events.length
        dispatcher.wake()
        await vi.waitFor(() => expect(wakesAt !== undefined || events.length > settled).toBe(true), SOON)
        await vi.waitFor(() => expect(out).toEqual(new Set()), SOON)
        const { waiting } = await outbox.status(now)
        if (waiting === 0) return
        const next = await outbox.nextDueAt(now)
        if (next !== undefined && next > now) now = next
      }
    },
    async person(): Promise<PersonView | undefined> {
      return (await read<PersonView[]>('/sim/leads')).find(({ email }) => email === ANA.Email)
    },
    /** Returns the operations in their order, without tokens and probes. */
    async calls(): Promise<string[]> {
      const lines = (await read<CallLine[]>('/sim/calls')).toSorted((a, b) => a.number - b.number)
      return lines.map(({ operation }) => operation ?? '').filter((name) => !['identity', 'getUsage'].includes(name))
    },
  }
}

describe.each(APIS)('a stranger who posts the address of a known person (%s)', (api) => {
  it('cannot change the company that Marketo has, and fills the phone that it has not', async () => {
    const relay = await start(api)
    await relay.post('open', { ...ANA, Company: 'Acme' })
    await relay.deliverAll()

    const id = await relay.post('contact', { ...ANA, Company: 'Globex', Phone: '030 1' })
    await relay.deliverAll()

    expect((await relay.person())?.attributes).toMatchObject({ FirstName: 'Ana', Company: 'Acme', Phone: '030 1' })
    const note = 'left out, because Marketo has a value: Company'
    expect(await relay.outbox.find(id)).toMatchObject({ state: 'delivered', notes: [note] })
    expect(relay.events).toContainEqual(expect.objectContaining({ event: 'delivered', id, note }) as LogEvent)
    expect(JSON.stringify(relay.events)).not.toContain('Globex')
  })

  it('creates the person with all values where Marketo knows none, by one look-up', async () => {
    const relay = await start(api)

    const id = await relay.post('contact', { ...ANA, Company: 'Globex', Phone: '030 1' })
    await relay.deliverAll()

    expect((await relay.person())?.attributes).toMatchObject({ Company: 'Globex', Phone: '030 1' })
    expect(await relay.outbox.find(id)).toMatchObject({ state: 'delivered', notes: [] })
    expect(await relay.calls()).toEqual([LOOK_UPS[api], api === 'soap' ? 'syncLead' : 'syncLeads'])
    expect((await relay.outbox.status(NOW)).day.spent).toBe(2)
  })

  it('is looked up again where a look-up fails, and changes nothing meanwhile', async () => {
    const relay = await start(api)
    await relay.post('open', { ...ANA, Company: 'Acme' })
    await relay.deliverAll()
    await relay.fault({ fault: api === 'soap' ? '20011' : '611', operation: LOOK_UPS[api], times: 2 })

    const id = await relay.post('contact', { ...ANA, Company: 'Globex' })
    await relay.deliverAll()

    expect((await relay.person())?.attributes).toMatchObject({ Company: 'Acme' })
    expect(await relay.outbox.find(id)).toMatchObject({ state: 'delivered', attempts: 3 })
    expect((await relay.calls()).filter((name) => name === LOOK_UPS[api])).toHaveLength(3)
  })

  it('waits for the limits, of which each lead takes two calls, and no lead fails by them', async () => {
    const relay = await start(api, RELAY_FORMS, { callsPer20s: 4, leadsPerCall: 1 })
    for (const name of ['a', 'b', 'c', 'd']) {
      await relay.post('contact', { Email: `${name}@acme.example`, Phone: '030 1' })
    }

    await relay.deliverAll()

    expect(await relay.outbox.status(NOW)).toMatchObject({ delivered: 4, parked: 0 })
    expect((await relay.calls()).filter((name) => name === LOOK_UPS[api])).toHaveLength(4)
  })
})

describe('a stranger who posts the address of a known person (a Marketo form)', () => {
  it('cannot change the name that Marketo has by the form', async () => {
    const fields = { Email: EMAIL, FirstName: KEPT }
    const pilot = { origins: [ACME], fields, marketoForm: 1029 }
    const relay = await start('rest', { pilot, open: { ...pilot, fields: { Email: EMAIL, FirstName: {} } } })
    await relay.post('open', ANA)
    await relay.deliverAll()

    const id = await relay.post('pilot', { ...ANA, FirstName: 'Mallory' })
    await relay.deliverAll()

    expect((await relay.person())?.attributes).toMatchObject({ FirstName: 'Ana' })
    expect(await relay.outbox.find(id)).toMatchObject({
      state: 'delivered',
      notes: ['left out, because Marketo has a value: FirstName'],
    })
  })
})
