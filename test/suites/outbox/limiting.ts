import { describe, expect, it } from 'vitest'
import type { Limits } from '../../../relay/outbox/limits/limits.ts'
import type { Batch, Limited, Outbox } from '../../../relay/outbox/outbox.ts'
import { claimCall, lead, LATER, ROOMY, SECOND, settleCall, shapes, T, WIDE } from './leads.ts'
import type { OpenOutbox } from './suite.ts'

const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const WEEK = 7 * 24 * HOUR
const DELIVERED = { kind: 'delivered', leadId: 7 } as const

/** `T` is the afternoon of 14 November 2023 in Chicago, six hours behind UTC. */
const MIDNIGHT = Date.UTC(2023, 10, 15, 6)

/** Midnights in Chicago, in UTC, with the day before that has 23 or 25 hours, or 24 at another time of the year. */
const DAYS: [string, number, number][] = [
  ['in winter', Date.UTC(2026, 0, 15, 6), Date.UTC(2026, 0, 16, 6)],
  ['in summer', Date.UTC(2026, 6, 15, 5), Date.UTC(2026, 6, 16, 5)],
  ['when daylight saving begins', Date.UTC(2026, 2, 8, 6), Date.UTC(2026, 2, 9, 5)],
  ['when daylight saving ends', Date.UTC(2026, 10, 1, 5), Date.UTC(2026, 10, 2, 6)],
  ['at the end of a year', Date.UTC(2026, 11, 31, 6), Date.UTC(2027, 0, 1, 6)],
]

function limited(limit: 'rate' | 'concurrency' | 'day', until: number): Limited {
  return { kind: 'limited', limit, until, reason: 'too many' }
}

/** So many leads of as many people, with a cookie each: each needs a call. Due long ago, so that a clock may be set back. */
function some(count: number, name = 'lead') {
  return Array.from({ length: count }, (_, at) => lead(`${name}-${at}`, { cookie: `cookie-${at}` }))
}

async function opened(open: OpenOutbox, over: Partial<Limits>, leads = 12): Promise<Outbox> {
  const outbox = await open({ ...ROOMY, ...over })
  await outbox.add(some(leads), T - 2 * WEEK)
  return outbox
}

/** Takes each call as soon as it may be taken, and settles it at once. When each began, counted from `from`. */
async function rush(outbox: Outbox, from: number, until: number): Promise<number[]> {
  const begun: number[] = []
  for (let now = from; now <= until;) {
    const calls = await outbox.claim(now, now + 100 * SECOND, 99)
    for (const call of calls) {
      begun.push(now - from)
      await settleCall(outbox, call, DELIVERED, now)
    }
    now = Math.max(now + 1, (await outbox.nextDueAt(now)) ?? Infinity)
  }
  return begun
}

function count(calls: readonly Batch[]): number {
  return calls.length
}

export function limiting(open: OpenOutbox): void {
  describe('limiting: calls in 20 seconds', () => {
    it('lets a few begin at once after a quiet while, and then one every so often', async () => {
      const outbox = await opened(open, { callsPer20s: 50 })

      // 50 in 20 seconds: five at once, and 45 spread over the rest.
      expect(await rush(outbox, T, T + 2_000)).toStrictEqual([0, 0, 0, 0, 0, 445, 889, 1_334, 1_778])
    })

    it('counts calls and not leads', async () => {
      const outbox = await open({ ...ROOMY, callsPer20s: 2, leadsPerCall: 3 })
      await outbox.add(
        ['a', 'b', 'c', 'd', 'e'].map((id) => lead(id)),
        T,
      )

      const calls = await outbox.claim(T, LATER, 99)

      expect(shapes(calls)).toStrictEqual([[['a'], ['b'], ['c']]])
    })

    it('tells when the next may begin, and it may then and not before', async () => {
      const outbox = await opened(open, { callsPer20s: 50 })
      await outbox.claim(T, LATER, 99)

      const next = await outbox.nextDueAt(T)

      expect(next).toBe(T + 445)
      expect(await outbox.claim(T + 444, LATER, 99)).toStrictEqual([])
      expect(await outbox.claim(T + 445, LATER, 99)).toHaveLength(1)
    })

    it('is no reason to hurry when the next job is due later', async () => {
      const outbox = await open({ ...ROOMY, callsPer20s: 50 })
      await outbox.add([lead('a')], T + HOUR)

      expect(await outbox.nextDueAt(T)).toBe(T + HOUR)
    })

    it('takes nothing of it where nothing is due', async () => {
      const outbox = await open({ ...ROOMY, callsPer20s: 2 })
      await outbox.add(some(3), T + 1)
      await outbox.claim(T, LATER, 99)
      await outbox.claim(T, LATER, 99)

      expect(await outbox.claim(T + 1, LATER, 99)).toHaveLength(1)
    })
  })

  describe('limiting: calls at once', () => {
    it('hands out no more, and one for each that is settled', async () => {
      const outbox = await opened(open, { concurrency: 3 })

      const calls = await outbox.claim(T, LATER, 99)
      const none = await outbox.claim(T, LATER, 99)
      await settleCall(outbox, calls[1]!, DELIVERED)
      const more = await outbox.claim(T, LATER, 99)

      expect([calls, none, more].map(count)).toStrictEqual([3, 0, 1])
    })

    it('counts a call that nobody settles until it is over', async () => {
      const outbox = await opened(open, { concurrency: 2 })
      await outbox.claim(T, T + SECOND, 1)
      await outbox.claim(T, T + MINUTE, 1)

      expect(await outbox.nextDueAt(T)).toBe(T + SECOND)
      expect(await outbox.claim(T + SECOND - 1, LATER, 99)).toStrictEqual([])
      expect(await outbox.claim(T + SECOND, LATER, 99)).toHaveLength(1)
      expect(await outbox.nextDueAt(T + SECOND)).toBe(T + MINUTE)
    })

    it('counts a call no more that is settled without a word of its jobs', async () => {
      const outbox = await opened(open, { concurrency: 1 })
      const call = await claimCall(outbox)

      await outbox.settle(call.id, [], T)
      const next = await outbox.claim(T, LATER, 99)

      expect(shapes(next)).toStrictEqual([[['lead-1']]])
    })

    it('counts the one that goes on, though one that was over long ago is settled', async () => {
      const outbox = await opened(open, { concurrency: 1 })
      const over = await claimCall(outbox, T, T + SECOND)
      await claimCall(outbox, T + SECOND)

      await settleCall(outbox, over, DELIVERED, T + SECOND)

      expect(await outbox.claim(T + SECOND, LATER, 99)).toStrictEqual([])
    })

    it('counts a call once, though it is settled twice', async () => {
      const outbox = await opened(open, { concurrency: 2 })
      const [first] = await outbox.claim(T, LATER, 99)
      if (!first) throw new Error('one was due')

      await settleCall(outbox, first, DELIVERED)
      await settleCall(outbox, first, DELIVERED)

      expect(await outbox.claim(T, LATER, 99)).toHaveLength(1)
    })
  })

  describe('limiting: calls in a day', () => {
    it('tells how many of it are spent, of how many', async () => {
      const outbox = await opened(open, { callsPerDay: 4 })
      await outbox.claim(T, LATER, 3)

      expect((await outbox.status(T)).day).toStrictEqual({ spent: 3, of: 4, endsAt: MIDNIGHT + MINUTE })
    })

    it.each(DAYS)('hands out no more until midnight in Chicago and a minute, %s', async (_, midnight, next) => {
      const outbox = await open({ ...ROOMY, callsPerDay: 2 })
      await outbox.add(some(6), midnight)

      const calls = [
        await outbox.claim(midnight + MINUTE, next * 2, 99),
        await outbox.claim(next + MINUTE - 1, next * 2, 99),
        await outbox.claim(next + MINUTE, next * 2, 99),
      ]

      expect(calls.map(count)).toStrictEqual([2, 0, 2])
    })

    it.each(DAYS)('tells when that is, %s', async (_, midnight, next) => {
      const outbox = await open({ ...ROOMY, callsPerDay: 1 })
      await outbox.add(some(2), midnight)

      const before = (await outbox.status(midnight + MINUTE)).day
      await outbox.claim(midnight + MINUTE, next * 2, 99)

      expect(before).toStrictEqual({ spent: 0, of: 1, endsAt: next + MINUTE })
      expect(await outbox.nextDueAt(midnight + MINUTE)).toBe(next + MINUTE)
      expect((await outbox.status(next + MINUTE)).day.spent).toBe(0)
    })

    it('counts to the day that ends what begins in the minute after it: other clocks may be behind', async () => {
      const outbox = await opened(open, { callsPerDay: 2 })
      await outbox.claim(MIDNIGHT - 1, LATER * 2, 1)
      await outbox.claim(MIDNIGHT + MINUTE - 1, LATER * 2, 1)

      expect(await outbox.claim(MIDNIGHT + MINUTE - 1, LATER * 2, 99)).toStrictEqual([])
      expect(await outbox.claim(MIDNIGHT + MINUTE, LATER * 2, 99)).toHaveLength(2)
    })

    it('forgets none when the clock is a minute behind and then right again', async () => {
      const outbox = await opened(open, { callsPerDay: 2 })
      await outbox.claim(MIDNIGHT + MINUTE, LATER * 2, 99)

      await outbox.resume(MIDNIGHT)
      await outbox.resume(MIDNIGHT + 2 * MINUTE)

      expect(await outbox.claim(MIDNIGHT + 2 * MINUTE, LATER * 2, 99)).toStrictEqual([])
    })
  })

  describe('limiting: a call for something else', () => {
    it('counts as one of those at once, until it is settled', async () => {
      const outbox = await opened(open, { concurrency: 2 })

      const permit = await outbox.acquireSlot(T, LATER)
      const calls = await outbox.claim(T, LATER, 99)
      if (!('call' in permit)) throw new Error('one was free')
      await outbox.settle(permit.call, [], T)
      const more = await outbox.claim(T, LATER, 99)

      expect([calls, more].map(count)).toStrictEqual([1, 1])
    })

    it('counts until it is over where nobody settles it', async () => {
      const outbox = await opened(open, { concurrency: 1 })
      await outbox.acquireSlot(T, T + SECOND)

      expect(await outbox.claim(T + SECOND - 1, LATER, 99)).toStrictEqual([])
      expect(await outbox.claim(T + SECOND, LATER, 99)).toHaveLength(1)
    })

    it('counts as one of those in 20 seconds, and of the day', async () => {
      const outbox = await opened(open, { callsPer20s: 4, callsPerDay: 3 })

      await outbox.acquireSlot(T, LATER)
      const calls = await outbox.claim(T, LATER, 99)

      expect(calls).toHaveLength(1)
      expect((await outbox.status(T)).day.spent).toBe(2)
    })

    it.each<[string, Partial<Limits>, number]>([
      // Two at once and the other two spread over 20 seconds.
      ['in 20 seconds', { callsPer20s: 4 }, T + 10 * SECOND],
      ['at once', { concurrency: 2 }, T + 5 * SECOND],
      ['in a day', { callsPerDay: 2 }, MIDNIGHT + MINUTE],
    ])('waits its turn where the calls %s are used up', async (_, over, at) => {
      const outbox = await opened(open, over)
      await outbox.claim(T, T + 5 * SECOND, 1)
      await outbox.acquireSlot(T, T + 6 * SECOND)

      const permit = await outbox.acquireSlot(T, LATER)

      expect(permit).toStrictEqual({ at })
      expect(await outbox.acquireSlot(at - 1, LATER * 2)).toStrictEqual({ at })
      expect(await outbox.acquireSlot(at, LATER * 2)).toHaveProperty('call')
    })

    it('may begin where no lead waits', async () => {
      const outbox = await open(WIDE)

      expect(await outbox.acquireSlot(T, LATER)).toHaveProperty('call')
      expect(await outbox.nextDueAt(T)).toBeUndefined()
    })

    it('takes no job from its place, and settled with a lead of another call it settles that one alone', async () => {
      const outbox = await opened(open, { concurrency: 2 }, 2)
      const permit = await outbox.acquireSlot(T, LATER)
      if (!('call' in permit)) throw new Error('one was free')
      const call = await claimCall(outbox)

      await outbox.settle(permit.call, [], T)

      expect(permit.call).not.toBe(call.id)
      expect(await outbox.find('lead-0')).toMatchObject({ state: 'waiting', attempts: 1, dueAt: LATER })
      expect(shapes(await outbox.claim(T, LATER, 99))).toStrictEqual([[['lead-1']]])
    })
  })

  describe('limiting: when Marketo says so of a call for something else', () => {
    const until = T + 20 * SECOND

    /** Takes one, and ends it with a limit that was met. */
    async function meet(outbox: Outbox, limit: Limited['limit']): Promise<void> {
      const permit = await outbox.acquireSlot(T, LATER)
      if (!('call' in permit)) throw new Error('one was free')
      await outbox.settle(permit.call, [], T, limited(limit, until))
    }

    it('none begins before it was said to, and then half as many', async () => {
      const outbox = await opened(open, { callsPer20s: 8 }, 24)

      await meet(outbox, 'rate')

      expect(await outbox.acquireSlot(until - 1, LATER)).toStrictEqual({ at: until })
      expect(await outbox.claim(until - 1, LATER, 99)).toStrictEqual([])
      expect(await rush(outbox, until, until + 30 * SECOND)).toStrictEqual([0, 10, 20, 30].map((at) => at * SECOND))
    })

    it('half as many are under way', async () => {
      const outbox = await opened(open, { concurrency: 4 })

      await meet(outbox, 'concurrency')

      expect(await rushAtOnce(outbox, until)).toBe(2)
    })

    it('none begins until midnight, where it is the day that is used up', async () => {
      const outbox = await opened(open, { callsPerDay: 5 })

      await meet(outbox, 'day')

      expect((await outbox.status(T)).day).toStrictEqual({ spent: 5, of: 5, endsAt: MIDNIGHT + MINUTE })
    })

    it('no job is settled, and none loses its place', async () => {
      const outbox = await opened(open, {}, 2)
      await claimCall(outbox, T, LATER)
      const before = [await outbox.find('lead-0'), await outbox.find('lead-1')]

      await meet(outbox, 'rate')

      expect([await outbox.find('lead-0'), await outbox.find('lead-1')]).toStrictEqual(before)
      expect(await outbox.nextDueAt(T)).toBe(until)
    })
  })

  describe('limiting: when Marketo says that too many began in 20 seconds', () => {
    const until = T + 20 * SECOND

    it('none begins before it was said to, and then half as many, and all after ten minutes', async () => {
      // Four at once, and one each five seconds; half of it is two at once, and one each ten seconds.
      const outbox = await opened(open, { callsPer20s: 8 }, 24)
      await settleCall(outbox, await claimCall(outbox), limited('rate', until))

      const paused = await outbox.claim(until - 1, LATER, 99)
      const halved = await rush(outbox, until, until + 30 * SECOND)
      const grown = await rush(outbox, until + 10 * MINUTE, until + 10 * MINUTE + 15 * SECOND)

      expect(paused).toStrictEqual([])
      expect(halved).toStrictEqual([0, 10, 20, 30].map((at) => at * SECOND))
      expect(grown).toStrictEqual([0, 0, 0, 0, 5, 10, 15].map((at) => at * SECOND))
    })

    it('it is half of half when it is said again, and of all that has grown back', async () => {
      // 64 in 20 seconds: five at once, 59 spread. Then 32: 5 and 27. Five minutes later 48; then 24: 5 and 19.
      const outbox = await opened(open, { callsPer20s: 64 }, 30)
      await settleCall(outbox, await claimCall(outbox), limited('rate', T))
      await outbox.claim(T, T + 1, 99)
      const once = (await outbox.nextDueAt(T))! - T

      const again = T + 5 * MINUTE
      await settleCall(outbox, await claimCall(outbox, again), limited('rate', again), again)
      await outbox.claim(again, again + 1, 99)
      const twice = (await outbox.nextDueAt(again))! - again

      expect([once, twice]).toStrictEqual([Math.ceil(20_000 / 27), Math.ceil(20_000 / 19)])
    })

    it.each(['of one call', 'of two calls that were out'])(
      'it is half, though it is said of all leads %s',
      async (of) => {
        const outbox = await open({ ...ROOMY, callsPer20s: 8, leadsPerCall: of === 'of one call' ? 8 : 4 })
        await outbox.add(
          ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((id) => lead(id)),
          T,
        )
        const calls = await outbox.claim(T, LATER, 2)
        await outbox.add(some(8), T)

        for (const [at, call] of calls.entries()) await settleCall(outbox, call, limited('rate', until + at), T + at)

        const from = until + calls.length - 1
        expect(await rush(outbox, from, from + 20 * SECOND)).toStrictEqual([0, 10 * SECOND, 20 * SECOND])
      },
    )

    it('those who ask for a call wait too, and each lead keeps its place', async () => {
      const outbox = await open({ ...ROOMY, callsPer20s: 8 })
      await outbox.add(some(3), T)
      await settleCall(outbox, await claimCall(outbox), limited('rate', until))

      expect(await outbox.nextDueAt(T)).toBe(until)
      expect(await outbox.acquireSlot(T, LATER)).toStrictEqual({ at: until })
      expect(await outbox.find('lead-0')).toMatchObject({ state: 'waiting', attempts: 1, reason: 'too many' })
      expect(shapes(await outbox.claim(until, LATER, 9))).toStrictEqual([[['lead-0']]])
    })
  })

  describe('limiting: when Marketo says that too many are under way', () => {
    const until = T + 2 * SECOND

    it('none begins before it was said to, and then half as many at once, and all after ten minutes', async () => {
      const outbox = await opened(open, { concurrency: 4 })
      await settleCall(outbox, await claimCall(outbox), limited('concurrency', until))

      const paused = await outbox.claim(until - 1, LATER, 99)
      const halved = await rushAtOnce(outbox, until)
      const almost = await rushAtOnce(outbox, until + 10 * MINUTE - SECOND)
      const grown = await rushAtOnce(outbox, until + 10 * MINUTE)

      expect(paused).toStrictEqual([])
      expect([halved, almost, grown]).toStrictEqual([2, 3, 4])
    })

    it('one may always begin', async () => {
      const outbox = await opened(open, { concurrency: 2 }, 20)
      let now = T
      for (const _ of [1, 2, 3, 4, 5, 6]) {
        await settleCall(outbox, await claimCall(outbox, now, now + HOUR), limited('concurrency', now + 1), now)
        now += 1
      }

      expect(await rushAtOnce(outbox, now)).toBe(1)
    })

    it('it is half, though it is said of several calls that were out', async () => {
      const outbox = await opened(open, { concurrency: 4 })
      const calls = await outbox.claim(T, LATER, 99)

      for (const [at, call] of calls.entries())
        await settleCall(outbox, call, limited('concurrency', until + at), T + at)

      expect(await rushAtOnce(outbox, until + calls.length)).toBe(2)
    })

    it('none begins while more are out than may be', async () => {
      const outbox = await opened(open, { concurrency: 4 })
      const calls = await outbox.claim(T, LATER, 99)
      await settleCall(outbox, calls[0]!, limited('concurrency', until))

      const three = await outbox.claim(until, LATER, 99)
      await settleCall(outbox, calls[1]!, DELIVERED, until)
      const two = await outbox.claim(until, LATER, 99)
      await settleCall(outbox, calls[2]!, DELIVERED, until)
      const one = await outbox.claim(until, LATER, 99)

      expect([three, two, one].map(count)).toStrictEqual([0, 0, 1])
    })
  })

  describe('limiting: when Marketo says that the day is used up', () => {
    it('none begins until midnight, whatever we had of it left', async () => {
      const outbox = await opened(open, { callsPerDay: 5 })
      await settleCall(outbox, await claimCall(outbox), limited('day', T + SECOND))

      expect((await outbox.status(T)).day).toStrictEqual({ spent: 5, of: 5, endsAt: MIDNIGHT + MINUTE })
      expect(await outbox.nextDueAt(T)).toBe(MIDNIGHT + MINUTE)
      expect(await outbox.claim(MIDNIGHT + MINUTE - 1, LATER * 2, 99)).toStrictEqual([])
      expect(await outbox.claim(MIDNIGHT + MINUTE, LATER * 2, 99)).toHaveLength(5)
    })

    it('those that were out settle as ever', async () => {
      const outbox = await opened(open, { callsPerDay: 5 })
      const [first, second] = await outbox.claim(T, LATER, 2)
      if (!first || !second) throw new Error('two were due')
      await settleCall(outbox, first, limited('day', T))

      await settleCall(outbox, second, DELIVERED)

      expect(await outbox.status(T)).toMatchObject({ delivered: 1, day: { spent: 5 } })
    })
  })

  describe('limiting: when the clock was set back', () => {
    const BACK: [string, number][] = [
      ['an hour', HOUR],
      ['a week', WEEK],
    ]

    it.each(BACK)('by %s, none begins before a window of 20 seconds is over, and then they do', async (_, ms) => {
      const outbox = await opened(open, { callsPer20s: 50 })
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

    it.each(BACK)('by %s, what is under way is over after the longest time that a call may take', async (_, ms) => {
      // 90 seconds for a call, a tenth more to be sure, and a second.
      const outbox = await opened(open, { concurrency: 2, timeout: 90_000 })
      await outbox.claim(T, T + 100 * SECOND, 1)
      await outbox.acquireSlot(T, T + 100 * SECOND)
      const now = T - ms

      await outbox.resume(now)

      expect(await outbox.claim(now + 99_999, LATER, 99)).toStrictEqual([])
      expect(await outbox.nextDueAt(now)).toBe(now + 100_000)
      expect(shapes(await outbox.claim(now + 100_000, LATER, 99))).toStrictEqual([[['lead-1']], [['lead-2']]])
    })

    it.each(BACK)('by %s, a call that was over when another began counts no more', async (_, ms) => {
      const outbox = await opened(open, { concurrency: 1 })
      await outbox.claim(T, T + SECOND, 1)
      await settleCall(outbox, await claimCall(outbox, T + SECOND), DELIVERED, T + SECOND)
      const now = T - ms

      await outbox.resume(now)

      expect(await outbox.claim(now + 20 * SECOND, LATER, 99)).toHaveLength(1)
    })

    it.each(BACK)('by %s, what is out is due again by then', async (_, ms) => {
      const outbox = await opened(open, { timeout: 90_000 }, 1)
      await outbox.claim(T, T + 100 * SECOND, 1)
      const now = T - ms

      await outbox.resume(now)

      expect(await outbox.nextDueAt(now)).toBe(now + 100_000)
      expect(shapes(await outbox.claim(now + 100_000, LATER, 99))).toStrictEqual([[['lead-0']]])
    })

    it('by an hour, the day goes on as it was', async () => {
      const outbox = await opened(open, { callsPerDay: 2 })
      await outbox.claim(T, LATER, 99)

      await outbox.resume(T - HOUR)

      expect((await outbox.status(T - HOUR)).day).toStrictEqual({ spent: 2, of: 2, endsAt: MIDNIGHT + MINUTE })
      expect(await outbox.claim(T, LATER, 99)).toStrictEqual([])
    })

    it('by a week, a day of then begins', async () => {
      const outbox = await opened(open, { callsPerDay: 2 })
      await outbox.claim(T, T + SECOND, 99)
      const now = T - WEEK

      await outbox.resume(now)

      expect((await outbox.status(now)).day).toStrictEqual({ spent: 0, of: 2, endsAt: MIDNIGHT - WEEK + MINUTE })
      expect(await outbox.claim(now + 100 * SECOND, LATER, 99)).toHaveLength(2)
    })

    it.each(BACK)('by %s, the pace is all it was ten minutes later', async (_, ms) => {
      const outbox = await opened(open, { callsPer20s: 8 }, 24)
      await settleCall(outbox, await claimCall(outbox), limited('rate', T + 20 * SECOND))
      const now = T - ms

      await outbox.resume(now)

      const grown = now + 20 * SECOND + 10 * MINUTE
      expect(await rush(outbox, grown, grown + 5 * SECOND)).toStrictEqual([0, 0, 0, 0, 5 * SECOND])
    })

    it.each(BACK)('by %s, as many may be under way as before ten minutes later', async (_, ms) => {
      const outbox = await opened(open, { concurrency: 4 })
      await settleCall(outbox, await claimCall(outbox), limited('concurrency', T + 2 * SECOND))
      const now = T - ms

      await outbox.resume(now)

      expect(await rushAtOnce(outbox, now + 20 * SECOND + 10 * MINUTE)).toBe(4)
    })

    it('no time is put off that is as it should be', async () => {
      const outbox = await opened(open, { callsPer20s: 50, concurrency: 7, callsPerDay: 9 })
      await outbox.claim(T, T + SECOND, 99)
      const before = [await outbox.nextDueAt(T), (await outbox.status(T)).day]

      await outbox.resume(T)

      expect([await outbox.nextDueAt(T), (await outbox.status(T)).day]).toStrictEqual(before)
    })
  })
}

/** How many may be under way together at that time. All are settled again. */
async function rushAtOnce(outbox: Outbox, now: number): Promise<number> {
  const calls = await outbox.claim(now, now + SECOND, 99)
  for (const call of calls) await settleCall(outbox, call, { kind: 'retry', dueAt: now, reason: 'busy' }, now)
  return calls.length
}
