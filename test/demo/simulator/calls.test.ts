import { describe, expect, it } from 'vitest'
import { Calls } from '../../../demo/simulator/calls.ts'
import type { CallLine } from '../../../demo/simulator/view.ts'
import { element, message, openSimulator, START, nextTick, type SimulatorClient } from './simulator-client.ts'

const ANA = { email: 'ana@acme.example' }
const EVA = { email: 'eva@acme.example' }

describe('the times of a call', () => {
  it('are its arrival, its write and its answer, in epoch milliseconds', async () => {
    const simulator = openSimulator({ wait: async (ms) => void (simulator.clock.now += ms) })
    await simulator.control('/sim/faults', { fault: 'slow', ms: 1_500 })

    await simulator.sync(ANA)

    const [call] = await simulator.calls()
    expect(call).toMatchObject({ at: '2026-11-23T09:30:00.000Z', arrivedAt: START, ms: 1_500 })
    expect(call?.appliedAt).toBe(START + 1_500)
    expect(Math.floor(call?.endedAt ?? 0)).toBe(START + 1_500)
  })

  it('give the order of events within one millisecond', async () => {
    const simulator = openSimulator()
    await simulator.sync(ANA)
    await simulator.sync(EVA)

    const calls = await simulator.calls()

    const moments = calls.flatMap(({ arrivedAt, appliedAt, endedAt }) => [arrivedAt, appliedAt, endedAt])
    expect(moments).toEqual([...new Set(moments)].toSorted((a, b) => (a ?? 0) - (b ?? 0)))
    expect(moments).toHaveLength(6)
    expect(Math.max(...moments.map(Number))).toBeLessThan(START + 1)
  })

  it('show which calls overlap and which was answered first', async () => {
    const works = new Works()
    const simulator = openSimulator({ wait: works.wait })
    await simulator.control('/sim/faults', { fault: 'slow', times: 2 })
    const ana = simulator.sync(ANA)
    await simulator.waitForActiveCalls(1)
    const eva = simulator.sync(EVA)
    await simulator.waitForActiveCalls(2)

    works.done(1)
    await eva
    works.done(0)
    await ana
    await simulator.sync(ANA)

    const [first, second, third] = (await simulator.calls()) as [CallLine, CallLine, CallLine]
    expect([overlap(first, second), overlap(first, third), overlap(second, third)]).toEqual([true, false, false])
    expect(Number(second.endedAt)).toBeLessThan(Number(first.endedAt))
  })

  it('follow a clock that was set back', () => {
    let now = START
    const calls = new Calls(() => now)
    calls.timestamp()

    now -= 3_600_000

    expect(calls.timestamp()).toBe(START - 3_600_000)
  })
})

describe('the outcome of a call', () => {
  it.each([
    ['slow', { applied: true, answered: true, ok: true }],
    ['accepted-then-reset', { applied: true, answered: false, ok: false }],
    ['reset', { applied: false, answered: false, ok: false }],
    ['html502', { applied: false, answered: true, ok: false }],
    ['garbage', { applied: false, answered: true, ok: false }],
    ['empty', { applied: false, answered: true, ok: false }],
    ['failed', { applied: false, answered: true, ok: false }],
    ['20011', { applied: false, answered: true, ok: false }],
  ])('with the fault %s says whether the work was done and the answer was sent', async (fault, expected) => {
    const simulator = openSimulator()
    await simulator.control('/sim/faults', { fault, ms: 0 })

    await simulator.sync(ANA).catch(() => undefined)

    const [call] = await simulator.calls()
    expect(call).toMatchObject({ code: fault, ...expected })
    expect(call?.appliedAt !== null).toBe(expected.applied)
    expect(await simulator.leads()).toHaveLength(expected.applied ? 1 : 0)
    expect(call?.endedAt).toBeGreaterThan(call?.appliedAt ?? START)
  })

  it('without an answer is recorded at once, and its end when the caller disconnects', async () => {
    const simulator = openSimulator()
    await simulator.control('/sim/faults', { fault: 'accepted-then-timeout' })
    const caller = new AbortController()
    const waiting = simulator.sync(ANA, caller.signal).catch(() => undefined)
    while ((await simulator.calls()).length === 0) await nextTick()
    const [during] = await simulator.calls()

    simulator.clock.now += 5_000
    caller.abort()
    await waiting

    const [after] = await simulator.calls()
    expect(during).toMatchObject({ applied: true, answered: false, endedAt: null, code: 'accepted-then-timeout' })
    expect(after).toMatchObject({ applied: true, answered: false, endedAt: START + 5_000, ms: 5_000 })
  })

  it('whose caller disconnected shows the time of that, and that the work was done later', async () => {
    const works = new Works()
    const simulator = openSimulator({ wait: works.wait })
    await simulator.control('/sim/faults', { fault: 'slow' })
    const caller = new AbortController()
    const given = simulator.sync(ANA, caller.signal).catch(() => undefined)
    await simulator.waitForActiveCalls(1)

    simulator.clock.now += 1_000
    caller.abort()
    simulator.clock.now += 1_000
    works.done(0)
    await given

    const [call] = await simulator.calls()
    expect(call).toMatchObject({ applied: true, answered: false, endedAt: START + 1_000, appliedAt: START + 2_000 })
    expect(await simulator.leads()).toHaveLength(1)
  })

  it('is not recorded if the message is too long', async () => {
    const simulator = openSimulator()

    const answer = await simulator.post('x'.repeat(16 * 1024 * 1024 + 1))

    expect(answer.status).toBe(413)
    expect(await simulator.calls()).toEqual([])
    expect(await simulator.calls('?after=0')).toEqual([])
  })
})

describe('the records of a call', () => {
  it('are the lead of a syncLead with keys, attributes and status', async () => {
    const simulator = openSimulator()

    await simulator.sync({
      email: ' Ana@Acme.example',
      foreignId: 'crm-7',
      foreignType: 'CUSTOM',
      attributes: { LastName: 'Söhne & Co', City: '' },
    })

    expect((await simulator.calls('?records=1'))[0]?.records).toEqual([
      {
        email: 'ana@acme.example',
        foreignId: { id: 'crm-7', type: 'CUSTOM' },
        attributes: { LastName: 'Söhne & Co', City: '' },
        status: 'CREATED',
        leadId: 700001,
      },
    ])
  })

  it('are the leads of a syncMultipleLeads in order, each with its own status', async () => {
    const simulator = openSimulator()
    await simulator.sync(ANA)

    await syncAll(
      simulator,
      `${record('ANA@acme.example', '1')}<leadRecord><Id>42</Id></leadRecord>${record('e@f.g', '')}`,
    )

    expect((await simulator.calls('?records=1'))[1]?.records).toEqual([
      { email: 'ana@acme.example', attributes: { Berths__c: '1' }, status: 'UPDATED', leadId: 700001 },
      { email: null, id: 42, attributes: {}, status: 'FAILED', leadId: null },
      { email: 'e@f.g', attributes: { Berths__c: '' }, status: 'CREATED', leadId: 700002 },
    ])
  })

  it.each(['20023', 'reset', 'timeout', 'failed'])(
    'are listed without a status if the fault %s prevented the write',
    async (fault) => {
      const simulator = openSimulator()
      await simulator.control('/sim/faults', { fault, ms: 0 })

      await simulator.sync({ ...ANA, attributes: { City: 'Cork' } }).catch(() => undefined)

      expect((await simulator.calls('?records=1'))[0]?.records).toEqual([
        { email: 'ana@acme.example', attributes: { City: 'Cork' }, status: null, leadId: null },
      ])
    },
  )

  it.each([
    ['a call without leads', message({ root: 'paramsListMObjects' })],
    ['an unreadable message', 'hello'],
    ['a syncLead without a lead', message({ params: '<returnLead>false</returnLead>' })],
  ])('are empty for %s', async (_, sent) => {
    const simulator = openSimulator()

    await simulator.post(sent)

    expect((await simulator.calls('?records=1'))[0]?.records).toEqual([])
  })

  it('are sent only with ?records=1', async () => {
    const simulator = openSimulator()
    await simulator.sync(ANA)

    const [whole, page] = [await simulator.calls(), await simulator.calls('?after=0')]

    expect([whole, page].flat().filter((call) => 'records' in call)).toEqual([])
  })
})

describe('a page of calls', () => {
  it('starts after a number and has up to a limit, so that the next page continues there', async () => {
    const simulator = openSimulator()
    for (let n = 0; n < 5; n += 1) await simulator.sync(ANA)

    const pages = await Promise.all(
      ['?limit=2', '?after=2&limit=2', '?after=4&limit=2', '?after=5&limit=2'].map(simulator.calls),
    )

    expect(pages.map((page) => page.map(({ number }) => number))).toEqual([[1, 2], [3, 4], [5], []])
    expect(pages.flat()).toEqual(await simulator.calls())
  })

  it('has 1,000 calls by default', async () => {
    const simulator = openSimulator()
    for (let n = 0; n < 1_001; n += 1) await simulator.post('hello')

    const page = await simulator.calls('?after=0')

    expect([page.length, page.at(-1)?.number]).toEqual([1_000, 1_000])
  })

  it('includes calls in progress, without an end', async () => {
    const works = new Works()
    const simulator = openSimulator({ wait: works.wait })
    await simulator.control('/sim/faults', { fault: 'slow' })
    const slow = simulator.sync(ANA)
    await simulator.waitForActiveCalls(1)
    await simulator.sync(EVA)

    const during = await simulator.calls('?after=0&records=1')
    works.done(0)
    await slow
    const after = await simulator.calls('?after=0')

    expect(during).toMatchObject([
      { number: 1, operation: 'syncLead', ok: false, endedAt: null, applied: false, records: null },
      { number: 2, ok: true, records: [{ email: 'eva@acme.example' }] },
    ])
    expect(after).toMatchObject([{ number: 1, ok: true, applied: true, endedAt: expect.any(Number) }, { number: 2 }])
  })

  it('starts with the oldest stored call', () => {
    const calls = new Calls(() => START)
    for (let n = 0; n < 150_000; n += 1) calls.end(calls.begin('soap'), END)

    const page = calls.page(0, 2, true)

    expect(page).toMatchObject([
      { number: 50_001, records: [] },
      { number: 50_002, records: [] },
    ])
  })

  it('has fewer calls if their records are long, but at least one', () => {
    const calls = new Calls(() => START)
    const long = { email: null, attributes: { Message__c: 'x'.repeat(5 * 1024 * 1024) }, status: null, leadId: null }
    for (let n = 0; n < 3; n += 1) calls.end(calls.begin('soap'), { ...END, records: n === 1 ? [long, long] : [long] })

    const pages = [calls.page(0, 10, true), calls.page(1, 10, true), calls.page(2, 10, true)]

    expect(pages.map((page) => page.map(({ number }) => number))).toEqual([[1], [2], [3]])
    expect(calls.page(0, 10, false)).toHaveLength(3)
  })

  it.each([
    ['after=-1', ['after']],
    ['after=x&limit=0', ['after', 'limit']],
    ['limit=10001', ['limit']],
    ['after=1.5', ['after']],
    ['after=', ['after']],
    ['records=yes', ['records']],
    ['before=3', ['before']],
  ])('is rejected for the query ?%s, with the invalid fields', async (query, fields) => {
    const { app } = openSimulator()

    const response = await app.request(`/sim/calls?${query}`)

    const { errors } = (await response.json()) as { errors: { field: string }[] }
    expect(response.status).toBe(400)
    expect(errors.map(({ field }) => field)).toEqual(fields)
  })
})

const END = { ok: true, code: null, leadId: 1, appliedAt: START, records: [], status: 200, request: '', response: '' }

/** A `wait` whose delays end on demand. */
class Works {
  readonly #ends: (() => void)[] = []

  wait = (): Promise<void> => new Promise((resolve) => void this.#ends.push(resolve))

  /** Ends the nth delay, counted from 0. */
  done(nth: number): void {
    this.#ends[nth]?.()
  }
}

function overlap(one: CallLine, other: CallLine): boolean {
  return one.arrivedAt < Number(other.endedAt) && other.arrivedAt < Number(one.endedAt)
}

function record(email: string, berths: string): string {
  const attribute = `<attribute>${element('attrName', 'Berths__c')}${element('attrValue', berths)}</attribute>`
  return `<leadRecord>${element('Email', email)}<leadAttributeList>${attribute}</leadAttributeList></leadRecord>`
}

async function syncAll(simulator: SimulatorClient, records: string): Promise<void> {
  await simulator.ask('SyncMultipleLeads', `<leadRecordList>${records}</leadRecordList>`)
}
