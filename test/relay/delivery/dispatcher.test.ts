import { describe, expect, it, vi } from 'vitest'
import { createDispatcher, LIMITS, type Lead, type Limits, type LogEvent, type Verdict } from '../../../relay/index.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { NOW } from '../../support/relay.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

const SENT: Verdict = { kind: 'sent', leadId: 700_123 }

function lead(name: string, person = name, acceptedAt = NOW): Lead {
  return {
    id: name,
    form: 'contact',
    person: `email:${person}@acme.example`,
    email: `${person}@acme.example`,
    attributes: [],
    acceptedAt,
    notes: [],
  }
}

/** A deliverer on a memory outbox, whose clock moves by hand and whose Marketo answers what it is told. */
function deliveryUnderTest({ random = 1, ...over }: { random?: number } & Partial<Limits> = {}) {
  const limits = { ...LIMITS, leadsPerCall: 1, ...over }
  const outbox = createMemoryOutbox(limits)
  const events: LogEvent[] = []
  const calls: { id: string; leads: readonly Lead[]; answer: (...verdicts: [Verdict, ...Verdict[]]) => void }[] = []
  let now = NOW
  let wakesAt: number | undefined
  const deliverer = createDispatcher({
    outbox,
    transport: {
      name: 'soap',
      deliver: (leads) =>
        new Promise((resolve) => {
          // The last verdict holds for all that follow.
          const answer = (...verdicts: [Verdict, ...Verdict[]]) =>
            resolve(leads.map((_, at) => verdicts[at] ?? verdicts.at(-1) ?? verdicts[0]))
          calls.push({ id: leads[0].id, leads, answer })
        }),
    },
    now: () => now,
    random: () => random,
    wakeAt: (time) => (wakesAt = time),
    log: (event) => events.push(event),
    limits,
  })
  return {
    outbox,
    events,
    calls,
    deliverer,
    ids: () => calls.map(({ id }) => id),
    wakesAt: () => wakesAt,
    /** Waits until Marketo was called so often, and answers the last call. */
    async called(times: number, verdict?: Verdict) {
      await vi.waitFor(() => expect(calls.length).toBe(times), { interval: 1 })
      if (verdict) calls[times - 1]?.answer(verdict)
    },
    /** Waits until the job stands as said. */
    async stands(id: string, state: object) {
      await vi.waitFor(async () => expect(await outbox.find(id)).toMatchObject(state), { interval: 1 })
    },
    /** Moves the clock to the time that the deliverer asked for, and wakes it. */
    async passTime() {
      await vi.waitFor(() => expect(wakesAt ?? 0).toBeGreaterThan(now), { interval: 1 })
      now = wakesAt ?? now
      deliverer.wake()
      return now - NOW
    },
  }
}

describe('the deliverer', () => {
  it('brings what waits to Marketo and writes the receipt', async () => {
    const { outbox, deliverer, called, stands, events, wakesAt } = deliveryUnderTest()
    await outbox.add([lead('a')], NOW)

    deliverer.wake()
    await called(1, SENT)

    await stands('a', { state: 'delivered', leadId: 700_123, attempts: 1 })
    await vi.waitFor(() => expect(wakesAt()).toBeUndefined())
    expect(events).toEqual([{ event: 'delivered', id: 'a', form: 'contact', attempt: 1, ms: 0 }])
  })

  it('sends one person’s leads one after the other, in order, and others’ meanwhile', async () => {
    const { outbox, deliverer, called, calls, ids, stands } = deliveryUnderTest()
    await outbox.add([lead('ana-1', 'ana'), lead('ana-2', 'ana'), lead('bob')], NOW)

    deliverer.wake()
    await called(2)
    const atFirst = ids()
    calls[0]?.answer(SENT)
    await called(3)

    expect(atFirst).toEqual(['ana-1', 'bob'])
    expect(ids()).toEqual(['ana-1', 'bob', 'ana-2'])
    await stands('ana-1', { state: 'delivered' })
  })

  it('never calls Marketo more than five times at once', async () => {
    const { outbox, deliverer, called, calls, ids, passTime } = deliveryUnderTest()
    await outbox.add(
      Array.from({ length: 7 }, (_, index) => lead(`p${index}`)),
      NOW,
    )

    deliverer.wake()
    await called(5)
    await passTime()
    const atOnce = ids().length
    calls[2]?.answer(SENT)
    await called(6)

    expect(atOnce).toBe(5)
  })

  it('never calls Marketo more than fifty times in 20 seconds', async () => {
    const { outbox, deliverer, called, calls, passTime, stands } = deliveryUnderTest()
    await outbox.add(
      Array.from({ length: 7 }, (_, index) => lead(`p${index}`)),
      NOW,
    )

    deliverer.wake()
    await called(5)
    for (const { answer } of calls) answer(SENT)
    await stands('p4', { state: 'delivered' })
    const waited = await passTime()
    await called(6, SENT)

    // Five at once, and the other 45 of the 20 seconds one after the other.
    expect(waited).toBe(Math.ceil(20_000 / 45))
  })

  it('tries again later, with others going on meanwhile', async () => {
    const { outbox, deliverer, called, stands, passTime, wakesAt } = deliveryUnderTest()
    await outbox.add([lead('a')], NOW)

    deliverer.wake()
    await called(1, { kind: 'retry', reason: '20106 Lead Sync Failed' })
    await stands('a', { state: 'waiting', reason: '20106 Lead Sync Failed', attempts: 1 })
    await outbox.add([lead('b')], NOW)
    deliverer.wake()
    await called(2, SENT)
    await vi.waitFor(() => expect(wakesAt()).toBe(NOW + 4 * SECOND))
    const waited = await passTime()
    await called(3, SENT)

    expect(waited).toBe(4 * SECOND)
    await stands('a', { state: 'delivered', attempts: 2 })
  })

  it('loses nothing while Marketo is down, and goes on in the order in which the leads came', async () => {
    const { outbox, deliverer, called, ids, passTime, stands } = deliveryUnderTest()
    const down: Verdict = { kind: 'retry', reason: 'Marketo can’t be reached', everyone: true }
    await outbox.add([lead('a')], NOW)

    deliverer.wake()
    await called(1, down)
    await stands('a', { state: 'waiting', reason: 'Marketo can’t be reached' })
    await outbox.add([lead('b'), lead('c')], NOW + SECOND)
    await passTime()
    await called(2, down)
    await passTime()
    await called(3, SENT)
    await called(4, SENT)
    await called(5, SENT)

    await stands('c', { state: 'delivered' })
    expect(ids()).toEqual(['a', 'a', 'a', 'b', 'c'])
  })

  it('stops for all when the account is refused, tells it, and tries one lead after five minutes', async () => {
    const { outbox, deliverer, called, ids, passTime, events, stands } = deliveryUnderTest()
    const refused: Verdict = { kind: 'blocked', reason: '20014 Authentication failed' }
    await outbox.add([lead('a')], NOW)

    deliverer.wake()
    await called(1, refused)
    await stands('a', { state: 'waiting', reason: '20014 Authentication failed' })
    await outbox.add([lead('b'), lead('c')], NOW)
    deliverer.wake()
    const waited = await passTime()
    await called(2)

    expect(waited).toBe(5 * MINUTE)
    expect(ids()).toEqual(['a', 'a'])
    expect(events).toEqual([
      { event: 'blocked', reason: '20014 Authentication failed', until: '2026-11-23T09:35:00.000Z' },
    ])
    expect((await outbox.status(NOW)).breaker).toMatchObject({ blocked: true, reason: '20014 Authentication failed' })
  })

  it('parks what will never do, with the reason, and lets the person’s next lead go', async () => {
    const { outbox, deliverer, called, stands, ids } = deliveryUnderTest()
    await outbox.add([lead('a-1', 'a'), lead('a-2', 'a')], NOW)

    deliverer.wake()
    await called(1, { kind: 'park', reason: '20105 Lead Attribute Bad: nosuchfield' })
    await called(2, SENT)

    await stands('a-1', { state: 'parked', reason: '20105 Lead Attribute Bad: nosuchfield' })
    expect(ids()).toEqual(['a-1', 'a-2'])
  })

  it('asks to be woken every ten seconds while Marketo takes its time', async () => {
    const { outbox, deliverer, called, passTime } = deliveryUnderTest()
    await outbox.add([lead('a')], NOW)

    deliverer.wake()
    await called(1)

    expect(await passTime()).toBe(10 * SECOND)
    expect(await passTime()).toBe(20 * SECOND)
    await called(1)
  })

  it('finishes what is in flight when it is stopped, and takes nothing new', async () => {
    const { outbox, deliverer, called, calls, ids } = deliveryUnderTest()
    await outbox.add([lead('a')], NOW)
    deliverer.wake()
    await called(1)
    await outbox.add([lead('b')], NOW)

    let stopped = false
    const stopping = deliverer.stop().then(() => (stopped = true))
    deliverer.wake()
    await Promise.resolve()
    expect(stopped).toBe(false)
    calls[0]?.answer(SENT)
    await stopping

    expect(ids()).toEqual(['a'])
    expect(await outbox.find('a')).toMatchObject({ state: 'delivered' })
    expect(await outbox.find('b')).toMatchObject({ state: 'waiting' })
  })

  it('survives a transport that throws', async () => {
    const outbox = createMemoryOutbox()
    const events: LogEvent[] = []
    const deliverer = createDispatcher({
      outbox,
      transport: { name: 'soap', deliver: () => Promise.reject(new TypeError('ana@acme.example is odd')) },
      now: () => NOW,
      random: () => 1,
      wakeAt: () => {},
      log: (event) => events.push(event),
    })
    await outbox.add([lead('a')], NOW)

    deliverer.wake()

    await vi.waitFor(() => expect(events).toHaveLength(1))
    expect(events[0]).toMatchObject({ event: 'retry', reason: 'the transport failed: TypeError' })
  })

  it('survives a clock that throws, as when the disk is full', async () => {
    const outbox = createMemoryOutbox()
    const events: LogEvent[] = []
    const deliverer = createDispatcher({
      outbox,
      transport: { name: 'soap', deliver: () => Promise.resolve([SENT]) },
      now: () => NOW,
      random: () => 1,
      wakeAt: () => {
        throw new Error('database or disk is full')
      },
      log: (event) => events.push(event),
    })
    await outbox.add([lead('a')], NOW)

    deliverer.wake()

    await vi.waitFor(async () => expect(await outbox.find('a')).toMatchObject({ state: 'delivered' }), { interval: 1 })
    expect(events).toContainEqual({ event: 'error', where: 'clock', reason: 'Error: database or disk is full' })
  })

  it('asks again in five seconds when the outbox does not answer', async () => {
    const events: LogEvent[] = []
    const times: (number | undefined)[] = []
    const deliverer = createDispatcher({
      outbox: { ...createMemoryOutbox(), claim: () => Promise.reject(new Error('disk I/O error')) },
      transport: { name: 'soap', deliver: () => Promise.resolve([SENT]) },
      now: () => NOW,
      random: () => 1,
      wakeAt: (time) => times.push(time),
      log: (event) => events.push(event),
    })

    deliverer.wake()

    await vi.waitFor(() => expect(times).toEqual([NOW + 5 * SECOND]))
    expect(events).toEqual([{ event: 'error', where: 'outbox', reason: 'Error: disk I/O error' }])
  })
})

describe('a call of several leads', () => {
  it('settles each by its own verdict', async () => {
    const { outbox, deliverer, called, calls, stands } = deliveryUnderTest({ leadsPerCall: 300 })
    await outbox.add([lead('a'), lead('b'), lead('c')], NOW)

    deliverer.wake()
    await called(1)
    calls[0]?.answer(SENT, { kind: 'park', reason: '20110 Bad Parameter' }, { kind: 'retry', reason: 'FAILED' })

    expect(calls[0]?.leads.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    await stands('a', { state: 'delivered', leadId: 700_123 })
    await stands('b', { state: 'parked', reason: '20110 Bad Parameter' })
    await stands('c', { state: 'waiting', reason: 'FAILED' })
  })

  it('carries one person’s waiting answers as one lead, and accounts for each', async () => {
    const { outbox, deliverer, called, calls, stands } = deliveryUnderTest({ leadsPerCall: 300 })
    const answered = (id: string, value: string): Lead => ({
      ...lead(id, 'ana'),
      attributes: [{ name: 'Title', value }],
    })
    await outbox.add([answered('ana-1', 'CTO'), answered('ana-2', 'CEO')], NOW)

    deliverer.wake()
    await called(1, SENT)

    expect(calls[0]?.leads.map(({ attributes }) => attributes)).toEqual([[{ name: 'Title', value: 'CEO' }]])
    await stands('ana-1', { state: 'delivered', leadId: 700_123 })
    await stands('ana-2', { state: 'delivered', leadId: 700_123 })
  })

  it('goes without the attributes that Marketo refused, and then stands parked with them alone', async () => {
    const { outbox, deliverer, called, calls, stands, events } = deliveryUnderTest()
    const attributes = [
      { name: 'FirstName', value: 'Ana' },
      { name: 'Hat__c', value: 'red' },
    ]
    await outbox.add([{ ...lead('a'), attributes }], NOW)

    deliverer.wake()
    await called(1, { kind: 'refused', reason: '20105 Lead Attribute Bad: Hat__c', attributes: ['Hat__c'] })
    await called(2, SENT)

    expect(calls[1]?.leads[0]?.attributes).toEqual([{ name: 'FirstName', value: 'Ana' }])
    await stands('a', { state: 'parked', leadId: 700_123, lead: { attributes: [{ name: 'Hat__c', value: 'red' }] } })
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'attributes-rejected', id: 'a', attributes: ['Hat__c'] }),
    )
  })

  it('tells what holds for all of them once', async () => {
    const { outbox, deliverer, called, events } = deliveryUnderTest({ leadsPerCall: 300 })
    await outbox.add([lead('a'), lead('b'), lead('c')], NOW)

    deliverer.wake()
    await called(1, { kind: 'blocked', reason: '20014 Authentication failed' })

    await vi.waitFor(() => expect(events).toHaveLength(1), { interval: 1 })
    expect(events[0]).toMatchObject({ event: 'blocked' })
  })

  it('tries all again when the transport gives a verdict too few', async () => {
    const outbox = createMemoryOutbox()
    const deliverer = createDispatcher({
      outbox,
      transport: { name: 'soap', deliver: () => Promise.resolve([SENT]) },
      now: () => NOW,
      random: () => 1,
      wakeAt: () => {},
      log: () => {},
    })
    await outbox.add([lead('a'), lead('b')], NOW)

    deliverer.wake()

    await vi.waitFor(async () => expect((await outbox.find('b'))?.reason).toBe('the transport gave no verdict'))
    expect(await outbox.find('a')).toMatchObject({ state: 'waiting', reason: 'the transport gave no verdict' })
  })
})

describe('what the outbox cannot write down', () => {
  it('is written down when it can again, and nothing is sent twice', async () => {
    const outbox = createMemoryOutbox()
    const events: LogEvent[] = []
    let full = true
    let calls = 0
    const deliverer = createDispatcher({
      outbox: {
        ...outbox,
        settle: (...of) => (full ? Promise.reject(new Error('disk full')) : outbox.settle(...of)),
      },
      transport: { name: 'soap', deliver: () => Promise.resolve([SENT]).finally(() => (calls += 1)) },
      now: () => NOW,
      random: () => 1,
      wakeAt: () => {},
      log: (event) => events.push(event),
    })
    await outbox.add([lead('a')], NOW)
    deliverer.wake()
    await vi.waitFor(() => expect(events).toContainEqual(expect.objectContaining({ where: 'settle' })), { interval: 1 })

    full = false
    deliverer.wake()

    await vi.waitFor(async () => expect(await outbox.find('a')).toMatchObject({ state: 'delivered' }), { interval: 1 })
    expect(calls).toBe(1)
  })
})

it('sweeps old receipts in small steps, at the most every minute', async () => {
  const outbox = createMemoryOutbox()
  const swept: [number, number][] = []
  let now = NOW
  const deliverer = createDispatcher({
    outbox: { ...outbox, sweep: async (...of) => (swept.push(of), swept.length === 1 ? of[1] : 0) },
    transport: { name: 'soap', deliver: () => Promise.resolve([SENT]) },
    now: () => now,
    random: () => 1,
    wakeAt: () => {},
    log: () => {},
    keepReceipts: 3 * MINUTE,
  })

  // A full step: there may be more. One that is not: there is none.
  for (const wait of [0, 1, 59_999, 1]) {
    now += wait
    deliverer.wake()
    await vi.waitFor(() => expect(swept.length).toBeGreaterThan(0), { interval: 1 })
    await new Promise(setImmediate)
  }

  expect(swept).toEqual([
    [NOW - 3 * MINUTE, 500],
    [NOW + 1 - 3 * MINUTE, 500],
    [NOW + 60_001 - 3 * MINUTE, 500],
  ])
})
