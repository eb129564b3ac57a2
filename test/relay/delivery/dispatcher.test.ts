import { describe, expect, it, vi } from 'vitest'
import type { Verdict } from '../../../relay/index.ts'
import { NOW } from '../../support/relay.ts'
import { DELIVERED, lead, MINUTE, SECOND, SOON, startDispatcher } from './start-dispatcher.ts'

/** Returns a failure of this lead that was answered. */
function failed(reason: string): Verdict {
  return { kind: 'failed', reason, fault: 'lead', arrived: 'yes' }
}

const REFUSED: Verdict = { kind: 'blocked', reason: '20014 Authentication Failed' }

describe('the dispatcher', () => {
  it('does nothing until it is woken', async () => {
    const { outbox, calls, wakesAt } = startDispatcher()

    await outbox.add([lead('a')], NOW)
    await new Promise(setImmediate)

    expect(calls).toEqual([])
    expect(wakesAt()).toBeUndefined()
  })

  it('delivers what waits, and then sets no clock', async () => {
    const { outbox, dispatcher, called, becomes, events, wakesAt } = startDispatcher()
    await outbox.add([lead('a')], NOW)

    dispatcher.wake()
    await called(1, DELIVERED)

    await becomes('a', { state: 'delivered', leadId: 700_123, attempts: 1 })
    await vi.waitFor(() => expect(wakesAt()).toBeUndefined(), SOON)
    expect(events).toEqual([{ event: 'delivered', id: 'a', form: 'contact', attempt: 1, ms: 0 }])
  })

  it('logs how long an attempt took', async () => {
    const { outbox, dispatcher, called, moveClock, logged } = startDispatcher()
    await outbox.add([lead('a')], NOW)

    dispatcher.wake()
    await called(1)
    moveClock(1_234)
    await called(1, DELIVERED)

    await logged({ event: 'delivered', ms: 1_234 })
  })

  it('sends the leads of one person one after the other in order, and those of others meanwhile', async () => {
    const { outbox, dispatcher, called, calls, sent, becomes } = startDispatcher()
    await outbox.add([lead('ana-1', 'ana'), lead('ana-2', 'ana'), lead('bob')], NOW)

    dispatcher.wake()
    await called(2)
    const first = sent()
    calls[0]?.answer(DELIVERED)
    await called(3)

    expect(first).toEqual(['ana-1', 'bob'])
    expect(sent()).toEqual(['ana-1', 'bob', 'ana-2'])
    await becomes('ana-1', { state: 'delivered' })
  })

  it('calls Marketo at most five times at once', async () => {
    const { outbox, dispatcher, called, calls, passTime } = startDispatcher()
    await outbox.add(
      ['1', '2', '3', '4', '5', '6', '7'].map((id) => lead(id)),
      NOW,
    )

    dispatcher.wake()
    await called(5)
    await passTime()
    const atOnce = calls.length
    calls[2]?.answer(DELIVERED)
    await called(6)

    expect(atOnce).toBe(5)
  })

  it('calls Marketo at most fifty times in 20 seconds', async () => {
    const { outbox, dispatcher, called, calls, passTime, becomes } = startDispatcher()
    await outbox.add(
      ['1', '2', '3', '4', '5', '6', '7'].map((id) => lead(id)),
      NOW,
    )

    dispatcher.wake()
    await called(5)
    for (const { answer } of calls) answer(DELIVERED)
    for (const id of ['1', '2', '3', '4', '5']) await becomes(id, { state: 'delivered' })
    const waited = await passTime()
    await called(6)

    // Five start at once, and the other 45 of the 20 seconds one after the other.
    expect(waited).toBe(Math.ceil(20_000 / 45))
  })

  it('retries a failed lead later, and sends others meanwhile', async () => {
    const { outbox, dispatcher, called, becomes, passTime, wakesAt, events } = startDispatcher()
    await outbox.add([lead('a')], NOW)

    dispatcher.wake()
    await called(1, failed('20106 Lead Sync Failed'))
    await becomes('a', { state: 'waiting', reason: '20106 Lead Sync Failed', attempts: 1 })
    await outbox.add([lead('b')], NOW)
    dispatcher.wake()
    await called(2, DELIVERED)
    await becomes('b', { state: 'delivered' })
    await vi.waitFor(() => expect(wakesAt()).toBe(NOW + 4 * SECOND), SOON)
    const waited = await passTime()
    await called(3, DELIVERED)

    expect(waited).toBe(4 * SECOND)
    await becomes('a', { state: 'delivered', attempts: 2 })
    expect(events[0]).toEqual({
      event: 'retry',
      id: 'a',
      form: 'contact',
      attempt: 1,
      reason: '20106 Lead Sync Failed',
      dueAt: '2026-11-23T09:30:04.000Z',
    })
  })

  it('loses nothing while Marketo is down, and then goes on in the order in which leads were accepted', async () => {
    const { outbox, dispatcher, called, sent, passTime, becomes, events } = startDispatcher()
    const down: Verdict = { kind: 'failed', reason: 'cannot reach Marketo', fault: 'account', arrived: 'no' }
    await outbox.add([lead('a')], NOW)

    dispatcher.wake()
    await called(1, down)
    await becomes('a', { state: 'waiting', reason: 'cannot reach Marketo' })
    await outbox.add([lead('b'), lead('c')], NOW + SECOND)
    await passTime()
    await called(2, down)
    await passTime()
    await called(3, DELIVERED)
    await called(4, DELIVERED)
    await called(5, DELIVERED)

    await becomes('c', { state: 'delivered' })
    expect(sent()).toEqual(['a', 'a', 'a', 'b', 'c'])
    expect(events[0]).toEqual({ event: 'outage', reason: 'cannot reach Marketo', until: '2026-11-23T09:30:02.000Z' })
  })

  it('stops when the account is refused, logs it, and tries one lead after five minutes', async () => {
    const { outbox, dispatcher, called, sent, passTime, events, becomes } = startDispatcher()
    await outbox.add([lead('a')], NOW)

    dispatcher.wake()
    await called(1, REFUSED)
    await becomes('a', { state: 'waiting', reason: REFUSED.reason })
    await outbox.add([lead('b'), lead('c')], NOW)
    dispatcher.wake()
    const waited = await passTime()
    await called(2)

    expect(waited).toBe(5 * MINUTE)
    expect(sent()).toEqual(['a', 'a'])
    expect(events).toEqual([{ event: 'blocked', reason: REFUSED.reason, until: '2026-11-23T09:35:00.000Z' }])
    expect((await outbox.status(NOW)).breaker).toMatchObject({ blocked: true, reason: REFUSED.reason })
  })

  it('logs a limit that was met, and waits as long as it implies', async () => {
    const { outbox, dispatcher, called, passTime, logged } = startDispatcher()
    await outbox.add([lead('a')], NOW)

    dispatcher.wake()
    await called(1, { kind: 'limited', limit: 'concurrency', reason: '20024', waitMs: 2 * SECOND })
    await logged({ event: 'limited', limit: 'concurrency', reason: '20024' })

    expect(await passTime()).toBe(2 * SECOND)
    await called(2)
  })

  it('parks a lead that is never taken, and sends the next lead of the person', async () => {
    const { outbox, dispatcher, called, becomes, sent, events } = startDispatcher()
    await outbox.add([lead('a-1', 'a'), lead('a-2', 'a')], NOW)

    dispatcher.wake()
    await called(1, { kind: 'park', reason: '20110 Bad Parameter' })
    await called(2)

    await becomes('a-1', { state: 'parked', reason: '20110 Bad Parameter' })
    expect(sent()).toEqual(['a-1', 'a-2'])
    expect(events).toEqual([{ event: 'parked', id: 'a-1', form: 'contact', attempt: 1, reason: '20110 Bad Parameter' }])
  })

  it('sends a lead again without its rejected attributes, which then are parked alone', async () => {
    const { outbox, dispatcher, called, calls, becomes, logged } = startDispatcher()
    const attributes = [
      { name: 'FirstName', value: 'Ana' },
      { name: 'Hat__c', value: 'red' },
    ]
    await outbox.add([{ ...lead('a'), attributes }], NOW)

    dispatcher.wake()
    await called(1, { kind: 'rejected', reason: '20105: Hat__c', attributes: ['Hat__c'] })
    await called(2, DELIVERED)

    expect(calls[1]?.leads[0]?.attributes).toEqual([{ name: 'FirstName', value: 'Ana' }])
    await becomes('a', { state: 'parked', leadId: 700_123, lead: { attributes: [{ name: 'Hat__c', value: 'red' }] } })
    await logged({ event: 'attributes-rejected', id: 'a', attempt: 1, reason: '20105: Hat__c', attributes: ['Hat__c'] })
  })

  it('wakes every ten seconds while batches are out', async () => {
    const { outbox, dispatcher, called, passTime } = startDispatcher()
    await outbox.add([lead('a')], NOW)

    dispatcher.wake()
    await called(1)

    expect(await passTime()).toBe(10 * SECOND)
    expect(await passTime()).toBe(20 * SECOND)
    await called(1)
  })

  it('runs one claim at a time, and claims once more when it is woken meanwhile', async () => {
    let [claims, running, maxRunning] = [0, 0, 0]
    const { dispatcher } = startDispatcher({
      replaced: (outbox) => ({
        async claim(...args) {
          claims += 1
          maxRunning = Math.max(maxRunning, (running += 1))
          await new Promise(setImmediate)
          running -= 1
          return outbox.claim(...args)
        },
      }),
    })

    for (let n = 0; n < 10; n += 1) dispatcher.wake()
    await vi.waitFor(() => expect(claims).toBe(2), SOON)
    await dispatcher.stop()

    expect({ claims, maxRunning }).toEqual({ claims: 2, maxRunning: 1 })
  })

  it('waits at least 20 ms before the next claim when the last one gave nothing', async () => {
    const { dispatcher, wakesAt } = startDispatcher({ replaced: () => ({ nextDueAt: async () => NOW }) })

    dispatcher.wake()

    await vi.waitFor(() => expect(wakesAt()).toBe(NOW + 20), SOON)
  })

  it('has the monitor check each time after something was done', async () => {
    const check = vi.fn(async () => {})
    const { outbox, dispatcher, called, becomes } = startDispatcher({ monitor: { check } })

    dispatcher.wake()
    await vi.waitFor(() => expect(check).toHaveBeenCalledTimes(1), SOON)
    await outbox.add([lead('a')], NOW)
    dispatcher.wake()
    await called(1, DELIVERED)
    await becomes('a', { state: 'delivered' })

    // After the claim, and after the settlement.
    await vi.waitFor(() => expect(check).toHaveBeenCalledTimes(3), SOON)
  })

  it('finishes what is out when it is stopped, and claims no more', async () => {
    const { outbox, dispatcher, called, calls, sent } = startDispatcher()
    await outbox.add([lead('a')], NOW)
    dispatcher.wake()
    await called(1)
    await outbox.add([lead('b')], NOW)

    let stopped = false
    const stopping = dispatcher.stop().then(() => (stopped = true))
    dispatcher.wake()
    await new Promise(setImmediate)
    const stoppedEarly = stopped
    calls[0]?.answer(DELIVERED)
    await stopping

    expect(stoppedEarly).toBe(false)
    expect(sent()).toEqual(['a'])
    expect(await outbox.find('a')).toMatchObject({ state: 'delivered' })
    expect(await outbox.find('b')).toMatchObject({ state: 'waiting' })
  })

  it('sweeps old receipts in small steps, at most once a minute', async () => {
    const swept: [before: number, limit: number][] = []
    const { dispatcher, moveClock } = startDispatcher({
      keepReceipts: 3 * MINUTE,
      replaced: () => ({
        async sweep(...args) {
          swept.push(args)
          // A full step says that there may be more; an empty one, that there are none.
          return swept.length === 1 ? args[1] : 0
        },
      }),
    })

    for (const wait of [0, 1, 59_999, 1]) {
      moveClock(wait)
      dispatcher.wake()
      await new Promise(setImmediate)
    }
    await dispatcher.stop()

    expect(swept).toEqual([
      [NOW - 3 * MINUTE, 500],
      [NOW + 1 - 3 * MINUTE, 500],
      [NOW + 60_001 - 3 * MINUTE, 500],
    ])
  })
})

describe('the expiry of parked and held leads', () => {
  it('is looked after in small steps, at most once a minute, and each form is an event', async () => {
    const looks: [keepMs: number, now: number, limit: number][] = []
    const { dispatcher, moveClock, events } = startDispatcher({
      keepParked: 3 * MINUTE,
      replaced: () => ({
        async expire(...args) {
          looks.push(args)
          // A full step says that there may be more.
          return looks.length === 1
            ? [
                { form: 'contact', leads: 499 },
                { form: 'demo', leads: 1 },
              ]
            : []
        },
      }),
    })

    for (const wait of [0, 1, 59_999, 1]) {
      moveClock(wait)
      dispatcher.wake()
      await new Promise(setImmediate)
    }
    await dispatcher.stop()

    expect(looks).toEqual([NOW, NOW + 1, NOW + 60_001].map((now) => [3 * MINUTE, now, 500]))
    expect(events.filter(({ event }) => event === 'expired')).toEqual([
      { event: 'expired', form: 'contact', leads: 499 },
      { event: 'expired', form: 'demo', leads: 1 },
    ])
  })
})

describe('a batch of several leads', () => {
  const limits = { leadsPerCall: 300 }

  it('is settled lead by lead, each by its own verdict', async () => {
    const { outbox, dispatcher, called, sent, becomes } = startDispatcher({ limits })
    await outbox.add([lead('a'), lead('b'), lead('c')], NOW)

    dispatcher.wake()
    await called(1, DELIVERED, { kind: 'park', reason: '20110 Bad Parameter' }, failed('FAILED'))

    await becomes('a', { state: 'delivered', leadId: 700_123 })
    await becomes('b', { state: 'parked', reason: '20110 Bad Parameter' })
    await becomes('c', { state: 'waiting', reason: 'FAILED' })
    expect(sent()).toEqual(['a,b,c'])
  })

  it('never holds two leads of one person: the second one goes as it is, after the first', async () => {
    const { outbox, dispatcher, called, sent, becomes } = startDispatcher({ limits })
    await outbox.add([lead('ana-1', 'ana'), lead('ana-2', 'ana'), lead('bob')], NOW)

    dispatcher.wake()
    await called(1, DELIVERED)
    await called(2, DELIVERED)

    await becomes('ana-2', { state: 'delivered' })
    expect(sent()).toEqual(['ana-1,bob', 'ana-2'])
  })

  it.each<[string, Verdict]>([
    ['blocked', REFUSED],
    ['outage', { kind: 'failed', reason: 'down', fault: 'account', arrived: 'no' }],
    ['limited', { kind: 'limited', limit: 'rate', reason: '20023', waitMs: SECOND }],
  ])('logs once what concerns the account: %s', async (event, verdict) => {
    const { outbox, dispatcher, called, becomes, events } = startDispatcher({ limits })
    await outbox.add([lead('a'), lead('b'), lead('c')], NOW)

    dispatcher.wake()
    await called(1, verdict)
    await becomes('c', { reason: (verdict as { reason: string }).reason })

    expect(events).toMatchObject([{ event }])
  })

  it('stays together when all of it failed: its leads are due at the same time', async () => {
    const dice = [0.5, 0.25, 0.75]
    const { outbox, dispatcher, called, becomes } = startDispatcher({ limits, random: () => dice.shift() ?? 0 })
    await outbox.add([lead('a'), lead('b')], NOW)

    dispatcher.wake()
    await called(1, failed('10001'))

    await becomes('a', { reason: '10001', dueAt: NOW + 2 * SECOND })
    await becomes('b', { reason: '10001', dueAt: NOW + 2 * SECOND })
  })

  it('goes in two halves after it was refused as a whole, at once', async () => {
    const { outbox, dispatcher, called, sent, logged } = startDispatcher({ limits })
    await outbox.add([lead('a'), lead('b'), lead('c'), lead('d')], NOW)

    dispatcher.wake()
    await called(1, { kind: 'failed', reason: '20109', fault: 'batch', arrived: 'yes' })
    await called(3)

    expect(sent()).toEqual(['a,b,c,d', 'a,b', 'c,d'])
    await logged({ event: 'retry', id: 'd', reason: '20109', dueAt: '2026-11-23T09:30:00.000Z' })
  })
})
