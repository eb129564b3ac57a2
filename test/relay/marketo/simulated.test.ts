/** What must hold on either transport, in simulated time against the simulator: one switch, the same tests. */
import { describe, expect, it, onTestFinished } from 'vitest'
import type { CallLine, PersonView } from '../../../demo/simulator/view.ts'
import type { Lead } from '../../../relay/intake/lead.ts'
import { lead as createLead, type LeadParts } from '../../suites/outbox/leads.ts'
import type { Api } from '../../support/account-variables.ts'
import { makeFolder } from '../../support/folder.ts'
import { startSimulatedRelay, type SimulatedRelay, type SimulatedRelayOptions } from '../../support/simulated-relay.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Half past nine in the morning, UTC. */
const START = Date.UTC(2026, 10, 23, 9, 30)

const TOKEN_ENDS = 1_764_000_000_000

const cookieOf = (visitor: number) => `id:123-ABC-456&token:_mch-acme.example-${TOKEN_ENDS}-${10_000 + visitor}`

async function start(options: Omit<SimulatedRelayOptions, 'folder'>): Promise<SimulatedRelay> {
  const relay = await startSimulatedRelay({ folder: makeFolder(), start: START, ...options })
  onTestFinished(() => relay.close())
  return relay
}

/** Creates the numbered lead of a person of its own. Its id is a UUID. */
function lead(number: number, parts: LeadParts = {}): Lead {
  const id = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
  return createLead(id, { email: `p${number}@acme.example`, acceptedAt: START, ...parts })
}

const leads = (count: number, parts: (number: number) => LeadParts = () => ({})) =>
  Array.from({ length: count }, (_, at) => lead(at + 1, parts(at + 1)))

const callsOf = async (relay: SimulatedRelay): Promise<CallLine[]> => {
  const all: CallLine[] = []
  for (;;) {
    const page = await relay.read<CallLine[]>(`/sim/calls?limit=1000&records=1&after=${all.at(-1)?.number ?? 0}`)
    if (page.length === 0) return all
    all.push(...page)
  }
}

const peopleOf = (relay: SimulatedRelay) => relay.read<PersonView[]>('/sim/leads')

/** Operations that write leads, by API. */
const WRITES: Record<Api, readonly string[]> = {
  soap: ['syncLead', 'syncMultipleLeads'],
  rest: ['syncLeads'],
}

/** Largest number of calls that arrived within 20 seconds. */
function mostIn20s(calls: readonly CallLine[]): number {
  const times = calls.map(({ arrivedAt }) => Math.floor(arrivedAt))
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 20 * SECOND).length))
}

describe.each<Api>(['soap', 'rest'])('by %s', (api) => {
  it('the cookie of a mistyped address ends with the corrected person, when Marketo refuses five calls between', async () => {
    const relay = await start({ api })
    await relay.fault([{ fault: api === 'soap' ? '20016' : '713', times: 5 }])
    const attributes = (value: string) => [{ name: 'LastName', value }]

    await relay.add([lead(1, { email: 'ana@acme.exmaple', cookie: cookieOf(1), attributes: attributes('mistyped') })])
    relay.at(START + 8 * SECOND, () =>
      relay.add([
        lead(2, {
          email: 'ana@acme.example',
          cookie: cookieOf(1),
          attributes: attributes('corrected'),
          acceptedAt: relay.now(),
        }),
      ]),
    )
    await relay.runUntil(START + 2 * HOUR)

    const people = (await peopleOf(relay)).filter(({ known }) => known)
    expect(people.map(({ email, cookies }) => [email, cookies.length])).toEqual(
      expect.arrayContaining([
        ['ana@acme.exmaple', 0],
        ['ana@acme.example', 1],
      ]),
    )
    expect((await callsOf(relay)).filter(({ ok }) => !ok)).toHaveLength(5)
  })

  it('a spent day that Marketo tells just after our midnight is asked again within 61 minutes, and then hourly', async () => {
    // Midnight in US Central, half a minute ago.
    const midnight = Date.UTC(2026, 10, 24, 6, 0, 30)
    const relay = await start({ api, start: midnight })
    await relay.fault([{ fault: api === 'soap' ? '20015' : '607', rate: 1 }])

    await relay.add(leads(3, () => ({ acceptedAt: midnight })))
    await relay.runUntil(midnight + 5 * HOUR)
    const times = (await callsOf(relay)).filter(isWrite).map(({ arrivedAt }) => arrivedAt)
    const pauses = times.slice(1).map((at, before) => at - times[before]!)

    expect(times.length).toBeGreaterThanOrEqual(5)
    expect(pauses[0]).toBeLessThanOrEqual(61 * MINUTE)
    for (const pause of pauses.slice(1)) {
      expect(pause).toBeGreaterThanOrEqual(59 * MINUTE)
      expect(pause).toBeLessThanOrEqual(61 * MINUTE)
    }

    await relay.clearFaults()
    await relay.runUntil(midnight + 7 * HOUR)

    expect((await relay.outbox().status(relay.now())).waiting).toBe(0)
    expect(relay.events.filter(({ event }) => event === 'parked')).toEqual([])
  })

  it('an attribute that Marketo does not know costs no other lead of the call anything', async () => {
    const relay = await start({ api })
    const stray = { name: 'NoSuchField__c', value: 'x' }
    const all = leads(300, (number) => ({
      attributes: [{ name: 'LastName', value: `p${number}` }, ...(number === 150 ? [stray] : [])],
      ...(number === 150 && { cookie: cookieOf(1) }),
    }))

    await relay.add(all)
    await relay.runUntil(START + 10 * MINUTE)

    const people = (await peopleOf(relay)).filter(({ known }) => known)
    expect(people).toHaveLength(300)
    expect(people.find(({ email }) => email === 'p150@acme.example')).toMatchObject({
      attributes: expect.objectContaining({ LastName: 'p150' }),
      cookies: [cookieOf(1)],
    })
    const rejected = relay.events.filter(({ event }) => event === 'attributes-rejected')
    expect(rejected).toMatchObject([{ id: all[149]!.id, attributes: ['NoSuchField__c'] }])
    const sent = (await callsOf(relay)).filter(isWrite).flatMap(({ records }) => records ?? [])
    // By SOAP an answer names no record: what shared the call with it goes again.
    const others = sent.filter(({ email, status }) => email !== 'p150@acme.example' && status !== null)
    expect(others).toHaveLength(299)
    // The attribute waits for the operator, alone.
    const parked = relay.rows<{ id: string; lead: string }>("SELECT id, lead FROM job WHERE state = 'parked'")
    expect(parked.map(({ id }) => id)).toEqual([all[149]!.id])
    expect(JSON.parse(parked[0]!.lead)).toMatchObject({ attributes: [stray] })
  })

  it('an outage of a quarter of an hour parks nothing, and everything arrives once', async () => {
    const relay = await start({ api })
    await relay.fault([{ fault: 'reset', rate: 1 }])
    relay.at(START + 15 * MINUTE, relay.clearFaults)

    await relay.add(leads(20, (number) => ({ cookie: cookieOf(number) })))
    await relay.runUntil(START + HOUR)

    const people = (await peopleOf(relay)).filter(({ known }) => known)
    expect(people.map(({ cookies }) => cookies.length)).toEqual(Array.from({ length: 20 }, () => 1))
    expect(relay.events.filter(({ event }) => event === 'parked')).toEqual([])
    expect(relay.events.filter(({ event }) => event === 'delivered')).toHaveLength(20)
  })

  it('the limits are kept with one lead a call', async () => {
    const relay = await start({ api, limits: { leadsPerCall: 1 } })

    await relay.add(leads(120))
    await relay.runUntil(START + 5 * MINUTE)

    const calls = (await callsOf(relay)).filter(isWrite)
    expect(calls).toHaveLength(120)
    expect(calls.every(({ ok }) => ok)).toBe(true)
    expect(mostIn20s(calls)).toBeLessThanOrEqual(50)
  })

  it('a parked lead is replayed once, with the value that the operator sets and with its cookie', async () => {
    const relay = await start({ api })
    await relay.fault([{ fault: api === 'soap' ? 'failed' : '1007', email: 'p1@acme.example', rate: 1 }])
    const [one, other] = leads(2, (number) => ({ cookie: cookieOf(number) })) as [Lead, Lead]

    await relay.add([one, other])
    await relay.runUntil(START + 5 * HOUR)
    const parked = relay.events.filter(({ event }) => event === 'parked')
    await relay.clearFaults()
    const edit = { set: { LastName: 'Mended' } }
    const replayed = await relay.outbox().replay([one.id], edit, relay.now())
    await relay.restart()
    await relay.runUntil(START + 6 * HOUR)

    const people = (await peopleOf(relay)).filter(({ known }) => known)
    expect(parked).toMatchObject([{ id: one.id }])
    expect(replayed).toHaveLength(1)
    expect(people.find(({ email }) => email === one.email)).toMatchObject({
      attributes: expect.objectContaining({ LastName: 'Mended' }),
      cookies: [one.cookie],
    })
    expect(people.find(({ email }) => email === other.email)?.cookies).toEqual([other.cookie])
  })

  it('leads whose relay is killed after each delivery arrive once, each cookie with its person', async () => {
    // By REST a call for the cookie follows.
    const count = api === 'rest' ? 200 : 20
    const relay = await start({ api })
    const all = leads(count, (number) => ({ cookie: cookieOf(number) }))

    let kills = 0
    for (const one of all) {
      relay.killAfterSettle()
      await relay.add([{ ...one, acceptedAt: relay.now() }])
      await relay.runUntil(relay.now() + MINUTE)
      kills += relay.isKilled() ? 1 : 0
      await relay.restart()
      await relay.runUntil(relay.now() + MINUTE)
    }

    const people = (await peopleOf(relay)).filter(({ known }) => known)
    expect(kills).toBe(count)
    expect(Object.fromEntries(people.map(({ email, cookies }) => [email, cookies]))).toEqual(
      Object.fromEntries(all.map(({ email, cookie }) => [email, [cookie]])),
    )
    const writes = (await callsOf(relay)).filter(isWrite)
    expect(writes.flatMap(({ records }) => records ?? [])).toHaveLength(count)
  })
})

describe('by REST', () => {
  it('3,000 waiting leads with cookies take ten calls of Sync Leads, and a new lead does not wait for the cookies', async () => {
    const relay = await start({ api: 'rest' })

    await relay.add(leads(3_000, (number) => ({ cookie: cookieOf(number) })))
    await relay.runUntil(START + MINUTE)
    const cookiesBefore = (await callsOf(relay)).filter(({ operation }) => operation === 'associateLead').length
    const postedAt = relay.now()
    await relay.add([lead(3_001, { acceptedAt: postedAt, cookie: cookieOf(3_001) })])
    await relay.runUntil(postedAt + 2 * SECOND)
    const arrived = (await peopleOf(relay)).find(({ email }) => email === 'p3001@acme.example')
    await relay.runUntil(START + 2 * MINUTE)

    const calls = await callsOf(relay)
    expect(cookiesBefore).toBeGreaterThan(0)
    expect(arrived?.known).toBe(true)
    expect(calls.filter(({ operation }) => operation === 'syncLeads')).toHaveLength(11)
    // The newest goes first.
    expect(arrived?.cookies).toEqual([cookieOf(3_001)])
    expect(calls.every(({ ok }) => ok)).toBe(true)
    expect(mostIn20s(calls)).toBeLessThanOrEqual(50)
  })

  it('leads get the calls of a day before cookies do', async () => {
    const callsPerDay = 200
    const relay = await start({ api: 'rest', limits: { callsPerDay } })
    // A lead every fifteen minutes until an hour before midnight in US Central: no more than half of the day's calls.
    const midnight = Date.UTC(2026, 10, 24, 6)

    const late: number[] = []
    const postOne = (number: number, at: number) => {
      relay.at(at, () => relay.add([lead(number, { acceptedAt: at })]))
      relay.at(at + 2 * SECOND, async () => {
        if ((await relay.outbox().status(relay.now())).waiting > 0) late.push(number)
      })
    }

    await relay.add(leads(1_000, (number) => ({ cookie: cookieOf(number) })))
    for (let number = 1_001, at = START + MINUTE; at < midnight - HOUR; number += 1, at += 15 * MINUTE) {
      postOne(number, at)
    }
    await relay.runUntil(midnight - MINUTE)

    const calls = await callsOf(relay)
    expect(late).toEqual([])
    expect(calls.filter(({ operation }) => operation === 'associateLead').length).toBeGreaterThan(0)
    expect(calls.filter(({ operation }) => operation !== 'identity').length).toBeLessThanOrEqual(callsPerDay)
  })

  it('fifty leads whose token has expired cost one call for a token, and no attempt', async () => {
    const relay = await start({ api: 'rest', limits: { leadsPerCall: 1 } })
    await relay.add([lead(1)])
    await relay.runUntil(START + MINUTE)
    await relay.fault([{ fault: 'expired-token' }])

    await relay.add(leads(51).slice(1))
    await relay.runUntil(START + 10 * MINUTE)

    const calls = await callsOf(relay)
    const people = (await peopleOf(relay)).filter(({ known }) => known)
    expect(people).toHaveLength(51)
    expect(calls.filter(({ operation }) => operation === 'identity')).toHaveLength(2)
    expect(relay.events.filter(({ event }) => event === 'delivered')).toHaveLength(51)
    expect(relay.events.filter((event) => event.event === 'delivered' && event.attempt > 1)).toEqual([])
    expect(calls.filter(({ code }) => code === '602' || code === '601').length).toBeGreaterThan(0)
  })
})

it('leads of yesterday’s SOAP go by REST after a restart, and back, once each', async () => {
  const relay = await start({ api: 'soap' })
  const outage = (api: Api) => relay.fault([{ fault: api === 'soap' ? 'html503' : 'html502', rate: 1 }])
  const parked = lead(1, {
    attributes: [
      { name: 'NoSuchField__c', value: 'x' },
      { name: 'LastName', value: 'parked' },
    ],
  })

  await relay.add([parked])
  await relay.runUntil(START + MINUTE)
  await outage('soap')
  await relay.add(leads(21, (number) => ({ cookie: cookieOf(number), acceptedAt: START })).slice(1))
  await relay.runUntil(START + 2 * MINUTE)
  await relay.restart('rest')
  await relay.runUntil(START + 3 * MINUTE)
  await relay.restart('soap')
  await relay.runUntil(START + 4 * MINUTE)
  await relay.restart('rest')
  await relay.clearFaults()
  await relay.runUntil(START + 3 * HOUR)

  const people = (await peopleOf(relay)).filter(({ known }) => known)
  const written = (await callsOf(relay))
    .filter(isWrite)
    .flatMap(({ records }) => records ?? [])
    .filter(({ status }) => status === 'CREATED' || status === 'UPDATED')
  expect(people).toHaveLength(21)
  expect(written).toHaveLength(21)
  expect(people.filter(({ cookies }) => cookies.length === 1)).toHaveLength(20)
})

function isWrite({ api, operation }: CallLine): boolean {
  return WRITES[api].includes(operation)
}
