/**
 * A life with the clock hours ahead: what it stored costs minutes once the clock is right again, not hours. And waits that
 * a right clock has set are kept at a start.
 */
import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../../relay/outbox/outbox.ts'
import { addAll, claimBatch, idsOf, LATER, lead, park, SECOND, settleBatch, settleNext, T, WIDE } from './leads.ts'
import type { Open } from './suite.ts'

const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const FIVE_MINUTES = 5 * MINUTE

/** The time by the wrong clock. */
const AHEAD = T + 3 * HOUR

const RETRY = { kind: 'retry', dueAt: AHEAD + HOUR, reason: 'busy' } as const
const DELIVERED: Outcome = { kind: 'delivered', leadId: 7 }

/** The midnight after `T` in Chicago. */
const MIDNIGHT = Date.UTC(2023, 10, 15, 6)

export function wrongClock(open: Open): void {
  describe('a life with the clock three hours ahead costs minutes once the clock is right:', () => {
    it.each<[string, Outcome]>([
      ['a retry of the lead', RETRY],
      ['a batch that was requeued', { kind: 'requeue', dueAt: AHEAD + HOUR, reason: 'no answer', batch: 'unanswered' }],
    ])('%s waits for five minutes at most', async (_, outcome) => {
      const outbox = await open(WIDE)
      await outbox.add([lead('a', { acceptedAt: AHEAD })], AHEAD)
      await settleNext(outbox, outcome, AHEAD)

      await outbox.resume(T)

      expect(await outbox.nextDueAt(T)).toBe(T + FIVE_MINUTES)
      expect(idsOf(await outbox.claim(T + FIVE_MINUTES, LATER, 10))).toStrictEqual([['a']])
    })

    it('a lead that fails again steps aside, whenever its failures began by the wrong clock', async () => {
      const outbox = await open(WIDE)
      await outbox.add([lead('a', { person: 'one' }), lead('b', { person: 'one' })], T)
      await settleNext(outbox, { ...RETRY, dueAt: AHEAD + SECOND }, AHEAD)
      await outbox.resume(T)

      const again = T + FIVE_MINUTES
      await settleNext(outbox, { ...RETRY, dueAt: again + HOUR }, again)

      // Until then the call may be under way.
      const leaseEnd = again + 100 * SECOND
      expect(await outbox.nextDueAt(again)).toBe(leaseEnd)
      expect(idsOf(await outbox.claim(leaseEnd, leaseEnd + MINUTE, 10))).toStrictEqual([['b']])
    })

    it('a lead that had failed before, and was replayed by the wrong clock, waits for five minutes at most', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [lead('a')])
      await outbox.replay(['a'], {}, AHEAD)

      await outbox.resume(T)

      expect(await outbox.nextDueAt(T)).toBe(T + FIVE_MINUTES)
    })

    it('a replayed lead still waits for the lease of a younger lead of its person, however long that is', async () => {
      const outbox = await open(WIDE)
      const [older, younger] = ['older', 'younger'].map((id) => lead(id, { person: 'one' }))
      await park(outbox, [older!, T])
      await addAll(outbox, younger!)
      await outbox.claim(AHEAD, AHEAD + 10 * MINUTE, 1)
      await outbox.replay(['older'], {}, AHEAD)

      await outbox.resume(T)

      expect(await outbox.claim(T + 10 * MINUTE - 1, LATER, 10)).toStrictEqual([])
      expect(idsOf(await outbox.claim(T + 10 * MINUTE, LATER, 10))).toStrictEqual([['older']])
    })

    it('the circuit breaker is half-open after five minutes at most', async () => {
      const outbox = await open(WIDE)
      await outbox.add([lead('a')], T)
      const stopped = { kind: 'stopped', retryAt: AHEAD + HOUR, reason: 'no answer', blocked: false } as const
      await settleNext(outbox, stopped, AHEAD)

      await outbox.resume(T)

      expect(await outbox.nextDueAt(T)).toBe(T + FIVE_MINUTES)
    })

    it('a quota that Marketo reported as spent is probed after five minutes at most', async () => {
      const outbox = await open(WIDE)
      await outbox.add([lead('a')], T)
      await settleNext(outbox, { kind: 'limited', limit: 'day', retryAt: AHEAD, reason: '20015' }, AHEAD)

      await outbox.resume(T)

      expect(await outbox.nextDueAt(T)).toBe(T + FIVE_MINUTES)
    })

    it('calls of the day after midnight count to the day before it, which ends at midnight', async () => {
      const outbox = await open({ ...WIDE, callsPerDay: 2 })
      await outbox.add([lead('a'), lead('b'), lead('c')], T)
      const now = MIDNIGHT - HOUR
      for (const _ of ['a', 'b']) await settleNext(outbox, DELIVERED, now + 3 * HOUR)

      await outbox.resume(now)

      expect((await outbox.status(now)).day).toStrictEqual({ spent: 2, of: 2, endsAt: MIDNIGHT + MINUTE })
      expect(await outbox.nextDueAt(now)).toBe(MIDNIGHT + MINUTE)
      expect(idsOf(await outbox.claim(MIDNIGHT + MINUTE, LATER * 2, 10))).toStrictEqual([['c']])
    })

    it('a call starts after twenty seconds at most, although the calls in any 20 seconds were used up', async () => {
      const outbox = await open({ ...WIDE, callsPer20s: 2 })
      await outbox.add([lead('a'), lead('b')], T)
      await settleNext(outbox, DELIVERED, AHEAD)

      await outbox.resume(T)

      expect(await outbox.nextDueAt(T)).toBeLessThanOrEqual(T + 40 * SECOND)
    })
  })

  describe('a start with a right clock', () => {
    it.each([50 * MINUTE, 2 * HOUR])('keeps a retry that is due in %i ms', async (ms) => {
      const outbox = await open(WIDE)
      await outbox.add([lead('a')], T)
      await settleBatch(outbox, await claimBatch(outbox), { ...RETRY, dueAt: T + ms })

      await outbox.resume(T + SECOND)

      expect(await outbox.nextDueAt(T + SECOND)).toBe(T + ms)
    })

    it('keeps the retry of a lead that may have filled out a Marketo form', async () => {
      const outbox = await open(WIDE)
      await outbox.add([lead('a')], T)
      await settleBatch(outbox, await claimBatch(outbox), { ...RETRY, dueAt: T + HOUR, unanswered: true })

      await outbox.resume(T + SECOND)

      expect(await outbox.nextDueAt(T + SECOND)).toBe(T + HOUR)
    })

    it('keeps the time of the next probe of a spent quota', async () => {
      const outbox = await open(WIDE)
      await outbox.add([lead('a')], T)
      await settleNext(outbox, { kind: 'limited', limit: 'day', retryAt: T, reason: '20015' })
      const before = await outbox.nextDueAt(T + SECOND)

      await outbox.resume(T + SECOND)

      expect(await outbox.nextDueAt(T + SECOND)).toBe(before)
    })
  })
}
