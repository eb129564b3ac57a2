/** Limits of API calls: how batches and call slots use them, and what happens when Marketo reports one. */
import { describe, expect, it } from 'vitest'
import { leaseOf, type Limits } from '../../../relay/outbox/limits/limits.ts'
import type { Batch, Limited, Outbox } from '../../../relay/outbox/outbox.ts'
import { claimBatch, lead, LATER, WIDE_BATCHES, SECOND, settleBatch, idsOf, T, WIDE } from './leads.ts'
import type { Open } from './suite.ts'

const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const WEEK = 7 * 24 * HOUR
const DELIVERED = { kind: 'delivered', leadId: 7 } as const

/** `T` is the afternoon of 14 November 2023 in Chicago, six hours behind UTC. */
const MIDNIGHT = Date.UTC(2023, 10, 15, 6)

/** Midnights in Chicago in UTC, and the next ones. A day has 23 or 25 hours when daylight saving begins or ends. */
const DAYS: [string, number, number][] = [
  ['in winter', Date.UTC(2026, 0, 15, 6), Date.UTC(2026, 0, 16, 6)],
  ['in summer', Date.UTC(2026, 6, 15, 5), Date.UTC(2026, 6, 16, 5)],
  ['when daylight saving begins', Date.UTC(2026, 2, 8, 6), Date.UTC(2026, 2, 9, 5)],
  ['when daylight saving ends', Date.UTC(2026, 10, 1, 5), Date.UTC(2026, 10, 2, 6)],
  ['at the end of a year', Date.UTC(2026, 11, 31, 6), Date.UTC(2027, 0, 1, 6)],
]

function limited(limit: 'rate' | 'concurrency' | 'day', retryAt: number): Limited {
  return { kind: 'limited', limit, retryAt, reason: 'too many' }
}

/** Creates leads of different people, each of a workspace, so that each needs a call of its own. */
function createLeads(count: number) {
  return Array.from({ length: count }, (_, at) => lead(`lead-${at}`, { workspace: `workspace-${at}` }))
}

async function openFilled(open: Open, over: Partial<Limits>, leads = 12): Promise<Outbox> {
  const outbox = await open({ ...WIDE_BATCHES, ...over })
  await outbox.add(createLeads(leads), T - 2 * WEEK)
  return outbox
}

/** Leases each batch as soon as possible and settles it at once. Returns when each was leased, in ms after `from`. */
async function leaseAll(outbox: Outbox, from: number, until: number): Promise<number[]> {
  const startedAt: number[] = []
  for (let now = from; now <= until;) {
    const batches = await outbox.claim(now, now + 100 * SECOND, 99)
    for (const batch of batches) {
      startedAt.push(now - from)
      await settleBatch(outbox, batch, DELIVERED, now)
    }
    now = Math.max(now + 1, (await outbox.nextDueAt(now)) ?? Infinity)
  }
  return startedAt
}

function count(batches: readonly Batch[]): number {
  return batches.length
}

export function limits(open: Open): void {
  describe('the limit of calls in 20 seconds', () => {
    it('allows a burst of calls after a pause, and then spreads them evenly', async () => {
      const outbox = await openFilled(open, { callsPer20s: 50 })

      // 50 in 20 seconds: five at once, and 45 spread over the rest.
      expect(await leaseAll(outbox, T, T + 2_000)).toStrictEqual([0, 0, 0, 0, 0, 445, 889, 1_334, 1_778])
    })

    it('counts calls, not leads', async () => {
      const outbox = await open({ ...WIDE_BATCHES, callsPer20s: 2, leadsPerCall: 3 })
      await outbox.add(
        ['a', 'b', 'c', 'd', 'e'].map((id) => lead(id)),
        T,
      )

      const batches = await outbox.claim(T, LATER, 99)

      expect(idsOf(batches)).toStrictEqual([['a', 'b', 'c']])
    })

    it('determines when the next job is due, and no batch is leased before', async () => {
      const outbox = await openFilled(open, { callsPer20s: 50 })
      await outbox.claim(T, LATER, 99)

      const next = await outbox.nextDueAt(T)

      expect(next).toBe(T + 445)
      expect(await outbox.claim(T + 444, LATER, 99)).toStrictEqual([])
      expect(await outbox.claim(T + 445, LATER, 99)).toHaveLength(1)
    })

    it('does not make a job due that is due later', async () => {
      const outbox = await open({ ...WIDE_BATCHES, callsPer20s: 50 })
      await outbox.add([lead('a')], T + HOUR)

      expect(await outbox.nextDueAt(T)).toBe(T + HOUR)
    })

    it('is not used up by claims when no job is due', async () => {
      const outbox = await open({ ...WIDE_BATCHES, callsPer20s: 2 })
      await outbox.add(createLeads(3), T + 1)
      await outbox.claim(T, LATER, 99)
      await outbox.claim(T, LATER, 99)

      expect(await outbox.claim(T + 1, LATER, 99)).toHaveLength(1)
    })
  })

  describe('the limit of concurrent calls', () => {
    it('allows no more batches until one is settled', async () => {
      const outbox = await openFilled(open, { concurrency: 3 })

      const batches = await outbox.claim(T, LATER, 99)
      const none = await outbox.claim(T, LATER, 99)
      await settleBatch(outbox, batches[1]!, DELIVERED)
      const more = await outbox.claim(T, LATER, 99)

      expect([batches, none, more].map(count)).toStrictEqual([3, 0, 1])
    })

    it('counts a batch that is not settled until its lease expires', async () => {
      const outbox = await openFilled(open, { concurrency: 2 })
      await outbox.claim(T, T + SECOND, 1)
      await outbox.claim(T, T + MINUTE, 1)

      expect(await outbox.nextDueAt(T)).toBe(T + SECOND)
      expect(await outbox.claim(T + SECOND - 1, LATER, 99)).toStrictEqual([])
      expect(await outbox.claim(T + SECOND, LATER, 99)).toHaveLength(1)
      expect(await outbox.nextDueAt(T + SECOND)).toBe(T + MINUTE)
    })

    it('no longer counts a batch that is settled without settlements', async () => {
      const outbox = await openFilled(open, { concurrency: 1 })
      const batch = await claimBatch(outbox)

      await outbox.settle(batch.id, [], T)
      const next = await outbox.claim(T, LATER, 99)

      expect(idsOf(next)).toStrictEqual([['lead-1']])
    })

    it('counts a current batch when an expired one is settled', async () => {
      const outbox = await openFilled(open, { concurrency: 1 })
      const expired = await claimBatch(outbox, T, T + SECOND)
      await claimBatch(outbox, T + SECOND)

      await settleBatch(outbox, expired, DELIVERED, T + SECOND)

      expect(await outbox.claim(T + SECOND, LATER, 99)).toStrictEqual([])
    })

    it('counts a batch once when it is settled twice', async () => {
      const outbox = await openFilled(open, { concurrency: 2 })
      const [first] = await outbox.claim(T, LATER, 99)
      if (!first) throw new Error('one batch was due')

      await settleBatch(outbox, first, DELIVERED)
      await settleBatch(outbox, first, DELIVERED)

      expect(await outbox.claim(T, LATER, 99)).toHaveLength(1)
    })
  })

  describe('the limit of calls in a day', () => {
    it('is reported with the calls spent and the next reset', async () => {
      const outbox = await openFilled(open, { callsPerDay: 4 })
      await outbox.claim(T, LATER, 3)

      expect((await outbox.status(T)).day).toStrictEqual({ spent: 3, of: 4, endsAt: MIDNIGHT + MINUTE })
    })

    it.each(DAYS)('allows no more batches until a minute after midnight in Chicago, %s', async (_, midnight, next) => {
      const outbox = await open({ ...WIDE_BATCHES, callsPerDay: 2 })
      await outbox.add(createLeads(6), midnight)

      const batches = [
        await outbox.claim(midnight + MINUTE, next * 2, 99),
        await outbox.claim(next + MINUTE - 1, next * 2, 99),
        await outbox.claim(next + MINUTE, next * 2, 99),
      ]

      expect(batches.map(count)).toStrictEqual([2, 0, 2])
    })

    it.each(DAYS)('reports the next reset, %s', async (_, midnight, next) => {
      const outbox = await open({ ...WIDE_BATCHES, callsPerDay: 1 })
      await outbox.add(createLeads(2), midnight)

      const before = (await outbox.status(midnight + MINUTE)).day
      await outbox.claim(midnight + MINUTE, next * 2, 99)

      expect(before).toStrictEqual({ spent: 0, of: 1, endsAt: next + MINUTE })
      expect(await outbox.nextDueAt(midnight + MINUTE)).toBe(next + MINUTE)
      expect((await outbox.status(next + MINUTE)).day.spent).toBe(0)
    })

    it('counts calls of the minute after midnight to the day before, because other clocks may be slow', async () => {
      const outbox = await openFilled(open, { callsPerDay: 2 })
      await outbox.claim(MIDNIGHT - 1, LATER * 2, 1)
      await outbox.claim(MIDNIGHT + MINUTE - 1, LATER * 2, 1)

      expect(await outbox.claim(MIDNIGHT + MINUTE - 1, LATER * 2, 99)).toStrictEqual([])
      expect(await outbox.claim(MIDNIGHT + MINUTE, LATER * 2, 99)).toHaveLength(2)
    })

    it('keeps the calls of the day when the clock was a minute slow for a while', async () => {
      const outbox = await openFilled(open, { callsPerDay: 2 })
      await outbox.claim(MIDNIGHT + MINUTE, LATER * 2, 99)

      await outbox.resume(MIDNIGHT)
      await outbox.resume(MIDNIGHT + 2 * MINUTE)

      expect(await outbox.claim(MIDNIGHT + 2 * MINUTE, LATER * 2, 99)).toStrictEqual([])
    })
  })

  describe('a call slot', () => {
    it('counts as a concurrent call until it is settled', async () => {
      const outbox = await openFilled(open, { concurrency: 2 })

      const slot = await outbox.acquireSlot(T, LATER)
      const batches = await outbox.claim(T, LATER, 99)
      if (!('slot' in slot)) throw new Error('a call slot was free')
      await outbox.settle(slot.slot, [], T)
      const more = await outbox.claim(T, LATER, 99)

      expect([batches, more].map(count)).toStrictEqual([1, 1])
    })

    it('counts until its lease expires when it is not settled', async () => {
      const outbox = await openFilled(open, { concurrency: 1 })
      await outbox.acquireSlot(T, T + SECOND)

      expect(await outbox.claim(T + SECOND - 1, LATER, 99)).toStrictEqual([])
      expect(await outbox.claim(T + SECOND, LATER, 99)).toHaveLength(1)
    })

    it('counts as a call in 20 seconds and of the day', async () => {
      const outbox = await openFilled(open, { callsPer20s: 4, callsPerDay: 3 })

      await outbox.acquireSlot(T, LATER)
      const batches = await outbox.claim(T, LATER, 99)

      expect(batches).toHaveLength(1)
      expect((await outbox.status(T)).day.spent).toBe(2)
    })

    it.each<[string, Partial<Limits>, number]>([
      // Two at once and the other two spread over 20 seconds.
      ['in 20 seconds', { callsPer20s: 4 }, T + 10 * SECOND],
      ['at once', { concurrency: 2 }, T + 5 * SECOND],
      ['in a day', { callsPerDay: 2 }, MIDNIGHT + MINUTE],
    ])('is not reserved while the calls %s are used up', async (_, over, retryAt) => {
      const outbox = await openFilled(open, over)
      await outbox.claim(T, T + 5 * SECOND, 1)
      await outbox.acquireSlot(T, T + 6 * SECOND)

      const slot = await outbox.acquireSlot(T, LATER)

      expect(slot).toStrictEqual({ retryAt })
      expect(await outbox.acquireSlot(retryAt - 1, LATER * 2)).toStrictEqual({ retryAt })
      expect(await outbox.acquireSlot(retryAt, LATER * 2)).toHaveProperty('slot')
    })

    it('is reserved when no lead waits', async () => {
      const outbox = await open(WIDE)

      expect(await outbox.acquireSlot(T, LATER)).toHaveProperty('slot')
      expect(await outbox.nextDueAt(T)).toBeUndefined()
    })

    it('is reserved while the circuit breaker is open', async () => {
      const outbox = await openFilled(open, {})
      const stopped = { kind: 'stopped', retryAt: T + MINUTE, reason: 'no answer', blocked: false } as const
      await settleBatch(outbox, await claimBatch(outbox), stopped)

      expect(await outbox.claim(T, LATER, 99)).toStrictEqual([])
      expect(await outbox.acquireSlot(T, LATER)).toHaveProperty('slot')
    })

    it('has an id of its own and leaves the jobs of batches alone', async () => {
      const outbox = await openFilled(open, { concurrency: 2 }, 2)
      const slot = await outbox.acquireSlot(T, LATER)
      if (!('slot' in slot)) throw new Error('a call slot was free')
      const batch = await claimBatch(outbox)

      await outbox.settle(slot.slot, [], T)

      expect(slot.slot).not.toBe(batch.id)
      expect(await outbox.find('lead-0')).toMatchObject({ state: 'waiting', attempts: 1, dueAt: LATER })
      expect(idsOf(await outbox.claim(T, LATER, 99))).toStrictEqual([['lead-1']])
    })
  })

  describe('a limit that a call outside of a batch has met', () => {
    const retryAt = T + 20 * SECOND

    /** Reserves a call slot and ends it with a limit that was met. */
    async function meet(outbox: Outbox, limit: Limited['limit']): Promise<void> {
      const slot = await outbox.acquireSlot(T, LATER)
      if (!('slot' in slot)) throw new Error('a call slot was free')
      await outbox.settle(slot.slot, [], T, limited(limit, retryAt))
    }

    it('pauses all calls, and then allows half of them', async () => {
      const outbox = await openFilled(open, { callsPer20s: 8 }, 24)

      await meet(outbox, 'rate')

      expect(await outbox.acquireSlot(retryAt - 1, LATER)).toStrictEqual({ retryAt })
      expect(await outbox.claim(retryAt - 1, LATER, 99)).toStrictEqual([])
      expect(await leaseAll(outbox, retryAt, retryAt + 30 * SECOND)).toStrictEqual(
        [0, 10, 20, 30].map((at) => at * SECOND),
      )
    })

    it('halves the concurrent calls', async () => {
      const outbox = await openFilled(open, { concurrency: 4 })

      await meet(outbox, 'concurrency')

      expect(await countConcurrent(outbox, retryAt)).toBe(2)
    })

    it('ends the calls until a probe an hour later', async () => {
      const outbox = await openFilled(open, {})

      await meet(outbox, 'day')

      expect((await outbox.status(T)).day.quotaRetryAt).toBe(T + HOUR)
      expect(await outbox.acquireSlot(T + HOUR - 1, LATER)).toStrictEqual({ retryAt: T + HOUR })
      expect(await outbox.acquireSlot(T + HOUR, LATER * 2)).toHaveProperty('slot')
      expect(await outbox.claim(T + HOUR, LATER * 2, 99)).toStrictEqual([])
    })

    it('settles no job', async () => {
      const outbox = await openFilled(open, {}, 2)
      await claimBatch(outbox, T, LATER)
      const before = [await outbox.find('lead-0'), await outbox.find('lead-1')]

      await meet(outbox, 'rate')

      expect([await outbox.find('lead-0'), await outbox.find('lead-1')]).toStrictEqual(before)
      expect(await outbox.nextDueAt(T)).toBe(retryAt)
    })
  })

  describe('when Marketo reports the limit of calls in 20 seconds', () => {
    const retryAt = T + 20 * SECOND

    it('pauses all calls, then allows half of them, and all after ten minutes', async () => {
      // Four at once, and one each five seconds; half of it is two at once, and one each ten seconds.
      const outbox = await openFilled(open, { callsPer20s: 8 }, 24)
      await settleBatch(outbox, await claimBatch(outbox), limited('rate', retryAt))

      const paused = await outbox.claim(retryAt - 1, LATER, 99)
      const halved = await leaseAll(outbox, retryAt, retryAt + 30 * SECOND)
      const grown = await leaseAll(outbox, retryAt + 10 * MINUTE, retryAt + 10 * MINUTE + 15 * SECOND)

      expect(paused).toStrictEqual([])
      expect(halved).toStrictEqual([0, 10, 20, 30].map((at) => at * SECOND))
      expect(grown).toStrictEqual([0, 0, 0, 0, 5, 10, 15].map((at) => at * SECOND))
    })

    it('halves what has grown back when it is reported again', async () => {
      // 64 in 20 seconds: five at once, 59 spread. Then 32: 5 and 27. Five minutes later 48; then 24: 5 and 19.
      const outbox = await openFilled(open, { callsPer20s: 64 }, 30)
      await settleBatch(outbox, await claimBatch(outbox), limited('rate', T))
      await outbox.claim(T, T + 1, 99)
      const once = (await outbox.nextDueAt(T))! - T

      const again = T + 5 * MINUTE
      await settleBatch(outbox, await claimBatch(outbox, again), limited('rate', again), again)
      await outbox.claim(again, again + 1, 99)
      const twice = (await outbox.nextDueAt(again))! - again

      expect([once, twice]).toStrictEqual([Math.ceil(20_000 / 27), Math.ceil(20_000 / 19)])
    })

    it.each(['of one batch', 'of two concurrent batches'])(
      'halves once when it is reported for all leads %s',
      async (of) => {
        const outbox = await open({ ...WIDE_BATCHES, callsPer20s: 8, leadsPerCall: of === 'of one batch' ? 8 : 4 })
        await outbox.add(
          ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((id) => lead(id)),
          T,
        )
        const batches = await outbox.claim(T, LATER, 2)
        await outbox.add(createLeads(8), T)

        for (const [at, batch] of batches.entries())
          await settleBatch(outbox, batch, limited('rate', retryAt + at), T + at)

        const from = retryAt + batches.length - 1
        expect(await leaseAll(outbox, from, from + 20 * SECOND)).toStrictEqual([0, 10 * SECOND, 20 * SECOND])
      },
    )

    it('pauses call slots too, and keeps the order of leads', async () => {
      const outbox = await open({ ...WIDE_BATCHES, callsPer20s: 8 })
      await outbox.add(createLeads(3), T)
      await settleBatch(outbox, await claimBatch(outbox), limited('rate', retryAt))

      expect(await outbox.nextDueAt(T)).toBe(retryAt)
      expect(await outbox.acquireSlot(T, LATER)).toStrictEqual({ retryAt })
      expect(await outbox.find('lead-0')).toMatchObject({ state: 'waiting', attempts: 1, reason: 'too many' })
      expect(idsOf(await outbox.claim(retryAt, LATER, 9))).toStrictEqual([['lead-0']])
    })
  })

  describe('when Marketo reports the limit of concurrent calls', () => {
    const retryAt = T + 2 * SECOND

    it('pauses all calls, then allows half of them at once, and all after ten minutes', async () => {
      const outbox = await openFilled(open, { concurrency: 4 })
      await settleBatch(outbox, await claimBatch(outbox), limited('concurrency', retryAt))

      const paused = await outbox.claim(retryAt - 1, LATER, 99)
      const halved = await countConcurrent(outbox, retryAt)
      const almost = await countConcurrent(outbox, retryAt + 10 * MINUTE - SECOND)
      const grown = await countConcurrent(outbox, retryAt + 10 * MINUTE)

      expect(paused).toStrictEqual([])
      expect([halved, almost, grown]).toStrictEqual([2, 3, 4])
    })

    it('always allows one call', async () => {
      const outbox = await openFilled(open, { concurrency: 2 }, 20)
      let now = T
      for (const _ of [1, 2, 3, 4, 5, 6]) {
        await settleBatch(outbox, await claimBatch(outbox, now, now + HOUR), limited('concurrency', now + 1), now)
        now += 1
      }

      expect(await countConcurrent(outbox, now)).toBe(1)
    })

    it('halves once when it is reported for several concurrent batches', async () => {
      const outbox = await openFilled(open, { concurrency: 4 })
      const batches = await outbox.claim(T, LATER, 99)

      for (const [at, batch] of batches.entries())
        await settleBatch(outbox, batch, limited('concurrency', retryAt + at), T + at)

      expect(await countConcurrent(outbox, retryAt + batches.length)).toBe(2)
    })

    it('leases no batch while more are leased than allowed', async () => {
      const outbox = await openFilled(open, { concurrency: 4 })
      const batches = await outbox.claim(T, LATER, 99)
      await settleBatch(outbox, batches[0]!, limited('concurrency', retryAt))

      const three = await outbox.claim(retryAt, LATER, 99)
      await settleBatch(outbox, batches[1]!, DELIVERED, retryAt)
      const two = await outbox.claim(retryAt, LATER, 99)
      await settleBatch(outbox, batches[2]!, DELIVERED, retryAt)
      const one = await outbox.claim(retryAt, LATER, 99)

      expect([three, two, one].map(count)).toStrictEqual([0, 0, 1])
    })
  })

  describe('when Marketo reports the limit of the day', () => {
    it('leases no batch for an hour, whatever was left of the day, and then one as a probe', async () => {
      const outbox = await openFilled(open, { callsPerDay: 5 })
      await settleBatch(outbox, await claimBatch(outbox), limited('day', T + SECOND))

      const day = { spent: 1, of: 5, endsAt: MIDNIGHT + MINUTE, quotaRetryAt: T + HOUR }
      expect((await outbox.status(T)).day).toStrictEqual(day)
      expect(await outbox.nextDueAt(T)).toBe(T + HOUR)
      expect(await outbox.claim(T + HOUR - 1, LATER * 2, 99)).toStrictEqual([])
      expect(await outbox.claim(T + HOUR, LATER * 2, 99)).toHaveLength(1)
      expect(await outbox.claim(T + HOUR, LATER * 2, 99)).toStrictEqual([])
    })

    it.each(['delivered', 'parked'] as const)('leases all again once a probe is %s', async (kind) => {
      const outbox = await openFilled(open, { callsPerDay: 9 })
      await settleBatch(outbox, await claimBatch(outbox), limited('day', T))
      const probe = await claimBatch(outbox, T + HOUR, T + 2 * HOUR)

      await settleBatch(outbox, probe, kind === 'delivered' ? DELIVERED : { kind, reason: 'bad' }, T + HOUR)

      expect((await outbox.status(T + HOUR)).day).toStrictEqual({ spent: 2, of: 9, endsAt: MIDNIGHT + MINUTE })
      expect(await outbox.claim(T + HOUR, T + 2 * HOUR, 99)).toHaveLength(7)
    })

    it('leases the next probe at once when one says nothing about the quota', async () => {
      const outbox = await openFilled(open, { callsPerDay: 9 })
      await settleBatch(outbox, await claimBatch(outbox), limited('day', T))
      const probe = await claimBatch(outbox, T + HOUR, T + 2 * HOUR)

      await settleBatch(outbox, probe, { kind: 'retry', dueAt: T + 9 * HOUR, reason: 'no reply' }, T + HOUR)

      expect(await outbox.claim(T + HOUR, T + 2 * HOUR, 99)).toHaveLength(1)
    })

    it.each<[string, (outbox: Outbox) => Promise<void>]>([
      ['when a call is asked for', (outbox) => outbox.retryNow(T + SECOND)],
      ['at a start with other credentials', (outbox) => outbox.resume(T + SECOND, 'another key')],
    ])('leases a probe at once %s', async (_, act) => {
      const outbox = await openFilled(open, {})
      await settleBatch(outbox, await claimBatch(outbox), limited('day', T))

      await act(outbox)

      expect(await outbox.claim(T + SECOND, LATER, 99)).toHaveLength(1)
      expect(await outbox.claim(T + SECOND, LATER, 99)).toStrictEqual([])
    })

    it('never exceeds our own limit by a probe', async () => {
      const outbox = await openFilled(open, { callsPerDay: 2 })
      await settleBatch(outbox, await claimBatch(outbox), limited('day', T))
      await settleBatch(outbox, await claimBatch(outbox, T + HOUR), limited('day', T + HOUR), T + HOUR)

      expect(await outbox.nextDueAt(T + HOUR)).toBe(MIDNIGHT + MINUTE)
      expect(await outbox.claim(MIDNIGHT + MINUTE - 1, LATER * 2, 99)).toStrictEqual([])
      expect(await outbox.claim(MIDNIGHT + MINUTE, LATER * 2, 99)).toHaveLength(1)
    })

    it('leases the next probe when the lease is over of one whose process has died', async () => {
      const outbox = await openFilled(open, {})
      await settleBatch(outbox, await claimBatch(outbox), limited('day', T))
      const over = T + HOUR + leaseOf(WIDE_BATCHES)
      await outbox.claim(T + HOUR, over, 1)

      expect(await outbox.nextDueAt(T + HOUR + SECOND)).toBe(over)
      expect(await outbox.claim(over - 1, LATER * 2, 99)).toStrictEqual([])
      expect(await outbox.claim(over, LATER * 2, 99)).toHaveLength(1)
    })

    // Midnight in Chicago is at 05:00 UTC in July. `reset` is when Marketo's quota day really begins, by our clock.
    it.each([
      ['ignores daylight saving', '2026-07-15T05:01:00Z', '2026-07-15T06:00:00Z', '2026-07-15T06:01:00Z'],
      [
        'begins late, because our clock is ahead',
        '2026-07-15T05:01:00Z',
        '2026-07-15T05:01:30Z',
        '2026-07-15T06:01:00Z',
      ],
      [
        'had begun while the answer was on its way',
        '2026-07-15T05:01:00Z',
        '2026-07-15T05:00:00Z',
        '2026-07-15T06:01:00Z',
      ],
      ['is given more calls at noon', '2026-07-15T14:30:00Z', '2026-07-15T17:00:00Z', '2026-07-15T17:30:00Z'],
      ['begins on time', '2026-07-15T03:30:00Z', '2026-07-15T05:00:00Z', '2026-07-15T05:01:00Z'],
    ])('D14: delivers within an hour of the reset when the quota day %s', async (_, met, reset, delivered) => {
      const from = Date.parse(met)
      const outbox = await open({ ...WIDE_BATCHES, leadsPerCall: 1 })
      await outbox.add(createLeads(9), from)
      await settleBatch(outbox, await claimBatch(outbox, from, from + MINUTE), limited('day', from), from)

      const probes = []
      for (let now = from; probes.length < 30;) {
        now = (await outbox.nextDueAt(now))!
        const batches = await outbox.claim(now, now + MINUTE, 99)
        probes.push([now, batches.length])
        const isReset = now >= Date.parse(reset)
        await settleBatch(outbox, batches[0]!, isReset ? DELIVERED : limited('day', now), now)
        if (isReset) break
      }

      const times = [from, ...probes.map(([at]) => at!)]
      expect(times.slice(1).map((at, before) => at - times[before]! <= HOUR)).not.toContain(false)
      expect(probes.map(([, count]) => count)).toStrictEqual(probes.map(() => 1))
      expect(new Date(times.at(-1)!).toISOString()).toBe(new Date(delivered).toISOString())
      expect(await outbox.claim(times.at(-1)!, LATER * 2, 99)).toHaveLength(8)
    })

    it('settles batches that were leased before as usual', async () => {
      const outbox = await openFilled(open, { callsPerDay: 5 })
      const [first, second] = await outbox.claim(T, LATER, 2)
      if (!first || !second) throw new Error('two batches were due')
      await settleBatch(outbox, first, limited('day', T))

      await settleBatch(outbox, second, DELIVERED)

      expect(await outbox.status(T)).toMatchObject({ delivered: 1, day: { spent: 2, quotaRetryAt: T + HOUR } })
    })
  })

  describe('the limits when the clock went backwards', () => {
    const BACK: [string, number][] = [
      ['an hour', HOUR],
      ['a week', WEEK],
    ]

    it.each(BACK)('by %s, allow calls again after a window of 20 seconds', async (_, ms) => {
      const outbox = await openFilled(open, { callsPer20s: 50 })
      await outbox.claim(T, LATER, 99)
      const now = T - ms

      const before = await outbox.claim(now, now + 1, 99)
      const nextBefore = await outbox.nextDueAt(now)
      await outbox.resume(now)

      expect(before).toStrictEqual([])
      expect(nextBefore).toBe(T + 445)
      expect(await outbox.nextDueAt(now)).toBe(now + 20_445)
      expect(await outbox.claim(now + 20_444, LATER, 99)).toStrictEqual([])
      expect(await outbox.claim(now + 20_445, LATER, 99)).toHaveLength(1)
    })

    it.each(BACK)('by %s, end all leases after the longest possible lease', async (_, ms) => {
      // 90 seconds for a call, a tenth more, and a second.
      const outbox = await openFilled(open, { concurrency: 2, timeout: 90_000 })
      await outbox.claim(T, T + 100 * SECOND, 1)
      await outbox.acquireSlot(T, T + 100 * SECOND)
      const now = T - ms

      await outbox.resume(now)

      expect(await outbox.claim(now + 99_999, LATER, 99)).toStrictEqual([])
      expect(await outbox.nextDueAt(now)).toBe(now + 100_000)
      expect(idsOf(await outbox.claim(now + 100_000, LATER, 99))).toStrictEqual([['lead-1'], ['lead-2']])
    })

    it.each(BACK)('by %s, do not count a batch that had expired when another one was leased', async (_, ms) => {
      const outbox = await openFilled(open, { concurrency: 1 })
      await outbox.claim(T, T + SECOND, 1)
      await settleBatch(outbox, await claimBatch(outbox, T + SECOND), DELIVERED, T + SECOND)
      const now = T - ms

      await outbox.resume(now)

      expect(await outbox.claim(now + 20 * SECOND, LATER, 99)).toHaveLength(1)
    })

    it.each(BACK)('by %s, make leased jobs due again after the longest possible lease', async (_, ms) => {
      const outbox = await openFilled(open, { timeout: 90_000 }, 1)
      await outbox.claim(T, T + 100 * SECOND, 1)
      const now = T - ms

      await outbox.resume(now)

      expect(await outbox.nextDueAt(now)).toBe(now + 100_000)
      expect(idsOf(await outbox.claim(now + 100_000, LATER, 99))).toStrictEqual([['lead-0']])
    })

    it('by an hour, keep the calls of the day', async () => {
      const outbox = await openFilled(open, { callsPerDay: 2 })
      await outbox.claim(T, LATER, 99)

      await outbox.resume(T - HOUR)

      expect((await outbox.status(T - HOUR)).day).toStrictEqual({ spent: 2, of: 2, endsAt: MIDNIGHT + MINUTE })
      expect(await outbox.claim(T, LATER, 99)).toStrictEqual([])
    })

    it('by a week, begin a day of that time', async () => {
      const outbox = await openFilled(open, { callsPerDay: 2 })
      await outbox.claim(T, T + SECOND, 99)
      const now = T - WEEK

      await outbox.resume(now)

      expect((await outbox.status(now)).day).toStrictEqual({ spent: 0, of: 2, endsAt: MIDNIGHT - WEEK + MINUTE })
      expect(await outbox.claim(now + 100 * SECOND, LATER, 99)).toHaveLength(2)
    })

    it.each(BACK)('by %s, return to the full rate within ten minutes', async (_, ms) => {
      const outbox = await openFilled(open, { callsPer20s: 8 }, 24)
      await settleBatch(outbox, await claimBatch(outbox), limited('rate', T + 20 * SECOND))
      const now = T - ms

      await outbox.resume(now)

      const grown = now + 20 * SECOND + 10 * MINUTE
      expect(await leaseAll(outbox, grown, grown + 5 * SECOND)).toStrictEqual([0, 0, 0, 0, 5 * SECOND])
    })

    it.each(BACK)('by %s, return to the full concurrency within ten minutes', async (_, ms) => {
      const outbox = await openFilled(open, { concurrency: 4 })
      await settleBatch(outbox, await claimBatch(outbox), limited('concurrency', T + 2 * SECOND))
      const now = T - ms

      await outbox.resume(now)

      expect(await countConcurrent(outbox, now + 20 * SECOND + 10 * MINUTE)).toBe(4)
    })

    it.each(BACK)('by %s, probe a spent quota within an hour', async (_, ms) => {
      const outbox = await openFilled(open, {})
      await settleBatch(outbox, await claimBatch(outbox), limited('day', T))
      const now = T - ms

      await outbox.resume(now)
      const probe = await claimBatch(outbox, now + HOUR, LATER)
      await settleBatch(outbox, probe, DELIVERED, now + HOUR)

      expect(count(await outbox.claim(now + HOUR, LATER, 99))).toBeGreaterThan(1)
    })

    it('stay as they are when no time lies too far ahead', async () => {
      const outbox = await openFilled(open, { callsPer20s: 50, concurrency: 7, callsPerDay: 9 })
      await outbox.claim(T, T + SECOND, 99)
      const before = [await outbox.nextDueAt(T), (await outbox.status(T)).day]

      await outbox.resume(T)

      expect([await outbox.nextDueAt(T), (await outbox.status(T)).day]).toStrictEqual(before)
    })
  })
}

/** Returns how many batches can be leased together at that time, and settles them. */
async function countConcurrent(outbox: Outbox, now: number): Promise<number> {
  const batches = await outbox.claim(now, now + SECOND, 99)
  for (const batch of batches) await settleBatch(outbox, batch, { kind: 'retry', dueAt: now, reason: 'busy' }, now)
  return batches.length
}
