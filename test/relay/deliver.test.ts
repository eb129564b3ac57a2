import { describe, expect, it, vi } from 'vitest'
import {
  createDeliverer,
  createMemoryOutbox,
  SCHEDULE,
  type Lead,
  type LogEvent,
  type Verdict,
} from '../../relay/index.ts'
import { judge } from '../../relay/deliver.ts'
import { NOW } from '../support/relay.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

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
function deliveryUnderTest({ random = 1 }: { random?: number } = {}) {
  const outbox = createMemoryOutbox()
  const events: LogEvent[] = []
  const calls: { id: string; answer: (verdict: Verdict) => void }[] = []
  let now = NOW
  let wakesAt: number | undefined
  const deliverer = createDeliverer({
    outbox,
    transport: {
      name: 'soap',
      deliver: ({ id }) => new Promise((answer) => calls.push({ id, answer })),
    },
    now: () => now,
    random: () => random,
    wakeAt: (time) => (wakesAt = time),
    log: (event) => events.push(event),
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
    expect((await outbox.status()).halt).toMatchObject({ blocked: true, reason: '20014 Authentication failed' })
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
    const deliverer = createDeliverer({
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
    const deliverer = createDeliverer({
      outbox,
      transport: { name: 'soap', deliver: () => Promise.resolve(SENT) },
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
    expect(events).toContainEqual({ event: 'trouble', where: 'clock', reason: 'Error: database or disk is full' })
  })

  it('asks again in five seconds when the outbox does not answer', async () => {
    const events: LogEvent[] = []
    const times: (number | undefined)[] = []
    const deliverer = createDeliverer({
      outbox: { ...createMemoryOutbox(), claim: () => Promise.reject(new Error('disk I/O error')) },
      transport: { name: 'soap', deliver: () => Promise.resolve(SENT) },
      now: () => NOW,
      random: () => 1,
      wakeAt: (time) => times.push(time),
      log: (event) => events.push(event),
    })

    deliverer.wake()

    await vi.waitFor(() => expect(times).toEqual([NOW + 5 * SECOND]))
    expect(events).toEqual([{ event: 'trouble', where: 'claim', reason: 'Error: disk I/O error' }])
  })
})

describe('what a verdict does', () => {
  const at = (attempt: number, acceptedAt = NOW) => ({ lead: lead('a', 'a', acceptedAt), attempt })
  const clock = (random: number) => ({ now: () => NOW, random: () => random, schedule: SCHEDULE })

  it.each([
    [1, 4 * SECOND],
    [2, 8 * SECOND],
    [5, 64 * SECOND],
    [10, 2048 * SECOND],
    [11, HOUR],
    [500, HOUR],
  ])('a lead’s attempt %i waits anything up to %i ms', (attempt, limit) => {
    const retry: Verdict = { kind: 'retry', reason: 'x' }

    expect(judge(retry, at(attempt), clock(1))).toEqual({ kind: 'retry', dueAt: NOW + limit, reason: 'x' })
    expect(judge(retry, at(attempt), clock(0.25))).toEqual({ kind: 'retry', dueAt: NOW + limit / 4, reason: 'x' })
    expect(judge(retry, at(attempt), clock(0))).toEqual({ kind: 'retry', dueAt: NOW, reason: 'x' })
  })

  it('waits at the least as long as Marketo’s answer implies', () => {
    const verdict: Verdict = { kind: 'retry', reason: '20023', after: 20 * SECOND, everyone: true }

    expect(judge(verdict, at(1), clock(0))).toMatchObject({ kind: 'halted', until: NOW + 20 * SECOND, blocked: false })
  })

  it('parks after as many attempts as the answer is worth', () => {
    const verdict: Verdict = { kind: 'retry', reason: 'FAILED', atMost: 5 }

    expect(judge(verdict, at(4), clock(1))).toMatchObject({ kind: 'retry' })
    expect(judge(verdict, at(5), clock(1))).toEqual({ kind: 'parked', reason: 'FAILED; tried 5 times' })
  })

  it('parks a lead that was tried for five days', () => {
    const verdict: Verdict = { kind: 'retry', reason: 'timed out' }

    expect(judge(verdict, at(99, NOW - 5 * DAY), clock(1))).toMatchObject({ kind: 'retry' })
    expect(judge(verdict, at(99, NOW - 5 * DAY - 1), clock(1))).toEqual({
      kind: 'parked',
      reason: 'timed out; tried 99 times since 2026-11-18T09:29:59.999Z',
    })
  })

  it('never parks for an outage or a refused account, however long', () => {
    const old = at(99, NOW - 30 * DAY)

    expect(judge({ kind: 'retry', reason: 'down', everyone: true }, old, clock(1))).toMatchObject({ kind: 'halted' })
    expect(judge({ kind: 'blocked', reason: '20014' }, old, clock(1))).toMatchObject({ kind: 'halted' })
  })

  it('lets another lead try when one has kept the line waiting thirty times', () => {
    const down: Verdict = { kind: 'retry', reason: 'down', everyone: true }

    expect(judge(down, at(29), clock(1))).toMatchObject({ kind: 'halted', until: NOW + MINUTE })
    expect(judge(down, at(30), clock(1))).toMatchObject({ kind: 'retry', dueAt: NOW + 2 * MINUTE })
    expect(judge(down, at(31), clock(1))).toMatchObject({ kind: 'halted' })
  })

  it('never takes a lead for the cause that was not even sent: it keeps its place', () => {
    const refused: Verdict = { kind: 'retry', reason: 'ECONNREFUSED', everyone: true, neverArrived: true }

    expect(judge(refused, at(30), clock(1))).toMatchObject({ kind: 'halted', until: NOW + MINUTE })
  })
})
