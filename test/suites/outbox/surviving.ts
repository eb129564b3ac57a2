import { describe, expect, it } from 'vitest'
import type { Limits } from '../../../relay/outbox/limits/limits.ts'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import {
  addAll,
  claimCall,
  claimOne,
  ids,
  jobsOf,
  LATER,
  lead,
  ofOnePerson,
  oneByOne,
  ROOMY,
  SECOND,
  settleCall,
  settlement,
  shapes,
  T,
  WIDE,
} from './leads.ts'
import type { OpenDurable } from './suite.ts'

const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const WEEK = 7 * 24 * HOUR
const DELIVERED = { kind: 'delivered', leadId: 7 } as const

/** The midnight after `T` in Chicago. */
const MIDNIGHT = Date.UTC(2023, 10, 15, 6)

/** What makes a SQL outbox fail halfway, as a full disk does. */
export function refusals(id: string): string[] {
  return ['INSERT', 'UPDATE'].map(
    (write) =>
      `CREATE TRIGGER refuse_${write} BEFORE ${write} ON job WHEN new.id = '${id}' BEGIN SELECT RAISE(ABORT, 'refused'); END`,
  )
}

/** With a call for each lead. */
async function opened(open: OpenDurable) {
  const { outbox, reopen, refuse } = await open(WIDE)
  const calls = new Map<string, number>()
  return { outbox: oneByOne(outbox, calls), reopen: async () => oneByOne(await reopen(), calls), refuse }
}

/** With leads that need a call each, due long ago. */
async function limited(open: OpenDurable, limits: Partial<Limits>) {
  const durable = await open({ ...WIDE, ...limits })
  const leads = Array.from({ length: 12 }, (_, at) => lead(`lead-${at}`))
  await durable.outbox.add(leads, T - 2 * WEEK)
  return durable
}

async function begun(outbox: Outbox, now: number): Promise<number> {
  return (await outbox.claim(now, now + SECOND, 99)).length
}

export function surviving(open: OpenDurable): void {
  describe('surviving', () => {
    it('knows after a restart what it knew before', async () => {
      const { outbox, reopen } = await opened(open)
      await addAll(outbox, lead('delivered'), lead('parked'), lead('retried'), lead('out'), ...ofOnePerson('a1', 'a2'))
      const [delivered, parked, retried] = await outbox.claim(T, T + SECOND, 4)
      if (!delivered || !parked || !retried) throw new Error('four were due')
      await outbox.settle(
        [
          settlement(delivered, DELIVERED),
          settlement(parked, { kind: 'parked', reason: 'no e-mail' }),
          settlement(retried, { kind: 'retry', dueAt: T + 5 * SECOND, reason: 'busy' }),
        ],
        T,
      )
      const all = ['delivered', 'parked', 'retried', 'out', 'a1', 'a2']
      const before = [await Promise.all(all.map((id) => outbox.find(id))), await outbox.status()]

      const again = await reopen()

      expect([await Promise.all(all.map((id) => again.find(id))), await again.status()]).toStrictEqual(before)
      expect(ids(await again.claim(T, LATER, 10))).toStrictEqual(['a1'])
      expect(ids(await again.claim(T + 5 * SECOND, LATER, 10))).toStrictEqual(['out', 'retried'])
    })

    it('goes on with a halt where it was', async () => {
      const { outbox, reopen } = await opened(open)
      await addAll(outbox, lead('a'), lead('b'), lead('c'), lead('d'), lead('e'))
      const job = await claimOne(outbox)
      const until = T + SECOND
      await outbox.settle([settlement(job, { kind: 'halted', until, reason: 'bad key', blocked: true })], T)

      const again = await reopen()
      const halt = (await again.status()).breaker
      const early = await again.claim(until - 1, LATER, 10)
      for (const _ of ['a', 'b']) await again.settle([settlement(await claimOne(again, until), DELIVERED)], until)
      const probe = await claimOne(again, until, until + SECOND)
      const third = await reopen()
      const meanwhile = await third.claim(until, LATER, 10)
      await third.settle([settlement(probe, DELIVERED)], until)

      expect(halt).toStrictEqual({ reason: 'bad key', until, blocked: true })
      expect(early).toStrictEqual([])
      expect(meanwhile).toStrictEqual([])
      expect(ids(await third.claim(until, LATER, 10))).toStrictEqual(['d', 'e'])
    })

    it('goes on with a call of several that was out: it is settled, or over', async () => {
      const { outbox, reopen } = await open(ROOMY)
      await addAll(outbox, ...ofOnePerson('a1', 'a2'), lead('b'), lead('c', { cookie: 'c' }))
      const [call, other] = await outbox.claim(T, T + SECOND, 2)
      if (!call || !other) throw new Error('two were due')

      const again = await reopen()
      await again.resume(T)
      await settleCall(again, call, DELIVERED)
      const early = await again.claim(T + SECOND - 1, LATER, 10)
      const then = await again.claim(T + SECOND, LATER, 10)

      expect(await again.status(T)).toMatchObject({ waiting: 1, delivered: 3 })
      expect(early).toStrictEqual([])
      expect(shapes(then)).toStrictEqual([[['c']]])
      expect(then[0]?.id).not.toBe(other.id)
    })

    it('knows after a restart what a lead failed with, how it may go, and what of it may not', async () => {
      const { outbox, reopen } = await open(ROOMY)
      const attributes = ['Good', 'Bad'].map((name) => ({ name, value: 'x' }))
      await addAll(outbox, lead('a', { attributes }), lead('b'))
      await settleCall(outbox, await claimCall(outbox), { kind: 'retry', dueAt: T, reason: 'busy' })
      const refusal = { kind: 'again', dueAt: T, reason: 'no such attribute', share: 1, refused: ['Bad'] } as const
      await settleCall(outbox, await claimCall(outbox), refusal)
      const before = await outbox.find('a')

      const again = await reopen()

      expect(await again.find('a')).toStrictEqual(before)
      const call = await claimCall(again)
      const travels = lead('a', { attributes: attributes.slice(0, 1) })
      expect(call.turns).toStrictEqual([[{ lead: travels, attempt: 3, failures: 1, failingSince: T }]])
      await settleCall(again, call, DELIVERED)
      expect(await (await reopen()).find('a')).toMatchObject({ state: 'parked', leadId: 7 })
    })

    it('knows after a restart what a later lead has brought', async () => {
      const { outbox, reopen } = await open(WIDE)
      await outbox.add(ofOnePerson('a1', 'a2'), T)
      await settleCall(outbox, await claimCall(outbox), { kind: 'parked', reason: 'no' })
      await settleCall(outbox, await claimCall(outbox), DELIVERED)

      const again = await reopen()
      await again.replay(['a1'], {}, T)

      expect(jobsOf(await claimCall(again))[0]?.lead.attributes).toStrictEqual([])
    })

    describe('what is used up of the limits', () => {
      it.each<[string, Partial<Limits>, number, number]>([
        ['in 20 seconds', { callsPer20s: 50 }, 5, T + 445],
        ['at once', { concurrency: 2 }, 2, T + SECOND],
        ['in a day', { callsPerDay: 3 }, 3, MIDNIGHT + MINUTE],
      ])('%s stays so', async (_, limits, count, next) => {
        const { outbox, reopen } = await limited(open, limits)
        const before = await begun(outbox, T)

        const again = await reopen()
        const nextDueAt = await again.nextDueAt(T)
        const permit = await again.acquireSlot(T, LATER)
        const early = await begun(again, next - 1)
        const third = await reopen()

        expect([before, nextDueAt, permit, early]).toStrictEqual([count, next, { at: next }, 0])
        expect((await third.status(next - 1)).day.spent).toBe(count)
        expect(await begun(third, next)).toBeGreaterThan(0)
      })

      it('by a call for something else stays so, until it is settled', async () => {
        const { outbox, reopen } = await limited(open, { concurrency: 1 })
        const permit = await outbox.acquireSlot(T, LATER)
        if (!('call' in permit)) throw new Error('one was free')

        const again = await reopen()
        const none = await begun(again, T)
        await again.settle(permit.call, [], T)

        expect(none).toBe(0)
        expect(await begun(again, T)).toBe(1)
      })

      it.each<[string, Partial<Limits>, 'rate' | 'concurrency' | 'day', number[]]>([
        // Four at once, and one each five seconds; halved, one each ten seconds.
        ['that too many began in 20 seconds', { callsPer20s: 8 }, 'rate', [0, 1, 4]],
        ['that too many are under way', { concurrency: 4 }, 'concurrency', [0, 2, 4]],
        ['that the day is used up', { callsPerDay: 4 }, 'day', [0, 0, 0]],
      ])('stays so where Marketo said %s, and what grows back goes on', async (_, limits, limit, expected) => {
        const { outbox, reopen } = await limited(open, limits)
        const until = T + 20 * SECOND
        await settleCall(outbox, await claimCall(outbox), { kind: 'limited', limit, until, reason: 'too many' })

        const counts = []
        for (const at of [until - 1, until, until + 10 * MINUTE]) counts.push(await begun(await reopen(), at))

        expect(counts).toStrictEqual(expected)
      })

      it.each([HOUR, WEEK])(
        'stays so no longer than it could if it began now, with the clock set back by %i',
        async (ms) => {
          const { outbox, reopen } = await limited(open, { callsPer20s: 50, concurrency: 5, timeout: 90_000 })
          await outbox.claim(T, T + 100 * SECOND, 99)
          const now = T - ms

          const again = await reopen()
          const stuck = await again.nextDueAt(now)
          await again.resume(now)
          const third = await reopen()

          expect(stuck).toBe(T + 100 * SECOND)
          expect(await third.nextDueAt(now)).toBe(now + 100 * SECOND)
          expect(await begun(third, now + 100 * SECOND - 1)).toBe(0)
          expect(await begun(third, now + 100 * SECOND)).toBe(5)
        },
      )
    })

    it('never gives the number of a call again', async () => {
      const { reopen } = await limited(open, {})
      const numbers: number[] = []
      for (const _ of [1, 2, 3]) {
        const again = await reopen()
        const call = await claimCall(again)
        numbers.push(call.id)
        await settleCall(again, call, DELIVERED)
      }

      expect(new Set(numbers).size).toBe(3)
    })

    it('keeps none of the leads of an addition when one of them cannot be written', async () => {
      const { outbox, refuse } = await opened(open)
      await addAll(outbox, lead('before'))
      await refuse('b')

      await expect(outbox.add([lead('a'), lead('b'), lead('c')], T)).rejects.toThrow('refused')

      expect(await outbox.find('a')).toBeUndefined()
      expect(await outbox.status()).toStrictEqual({ waiting: 1, parked: 0, delivered: 0, oldestAt: T })
      await outbox.add([lead('a'), lead('c')], T)
      expect(ids(await outbox.claim(T, LATER, 10))).toStrictEqual(['before', 'a', 'c'])
    })

    it('hands out none of the jobs of a claim when one of them cannot be written, and takes no call for it', async () => {
      const { outbox, refuse } = await open({ ...ROOMY, concurrency: 2, leadsPerCall: 2 })
      await addAll(outbox, lead('a'), lead('b'), lead('c'))
      await refuse('c')

      await expect(outbox.claim(T, LATER, 10)).rejects.toThrow('refused')

      expect(await outbox.find('a')).toMatchObject({ attempts: 0, dueAt: T })
      expect((await outbox.status(T)).day.spent).toBe(0)
      expect(shapes(await outbox.claim(T, LATER, 1))).toStrictEqual([[['a'], ['b']]])
    })

    it('settles none of the jobs of a call when one of them cannot be written, and it stays out', async () => {
      const { outbox, refuse } = await open({ ...ROOMY, concurrency: 1 })
      await addAll(outbox, lead('a'), lead('b'))
      const call = await claimCall(outbox)
      await refuse('b')
      await addAll(outbox, lead('c'))

      await expect(settleCall(outbox, call, DELIVERED)).rejects.toThrow('refused')

      expect(await outbox.find('a')).toMatchObject({ state: 'waiting', lead: lead('a') })
      expect(await outbox.status(T)).toMatchObject({ waiting: 3, delivered: 0 })
      expect(await outbox.claim(T, LATER, 10)).toStrictEqual([])
    })

    it('replays none when one of them cannot be written', async () => {
      const { outbox, refuse } = await open(ROOMY)
      await addAll(outbox, lead('a'), lead('b'))
      await settleCall(outbox, await claimCall(outbox), { kind: 'parked', reason: 'no' })
      await refuse('b')

      await expect(outbox.replay(['a', 'b'], {}, T)).rejects.toThrow('refused')

      expect(await outbox.find('a')).toMatchObject({ state: 'parked' })
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, parked: 2 })
    })
  })
}
