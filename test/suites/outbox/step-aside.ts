/** A job that fails by itself lets later jobs of its person go first; none waits for an event that does not come. */
import { describe, expect, it } from 'vitest'
import type { Lead } from '../../../relay/intake/lead.ts'
import type { Outcome } from '../../../relay/outbox/outbox.ts'
import {
  addAll,
  attributesOf,
  claimBatch,
  ids,
  idsOf,
  lead,
  ofOnePerson,
  SECOND,
  settleBatch,
  settleNext,
  T,
  valuesOf,
  WIDE,
  type AttemptEnd,
} from './leads.ts'
import type { Open } from './suite.ts'

const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Time from the first failure of a lead to its next attempt with which it steps aside, as the documentation states it. */
const ASIDE = 3 * MINUTE

/** Length of a lease: the time-out of `WIDE`, a tenth more, and a second. */
const LEASE = 100 * SECOND

const DELIVERED: Outcome = { kind: 'delivered', leadId: 7 }

function retryAt(dueAt: number): Outcome {
  return { kind: 'retry', dueAt, reason: 'HTTP 406' }
}

/** Returns an outcome that is no proof that the lead itself is at fault. */
function doubtful(id: string, dueAt: number): Outcome {
  return { kind: 'stopped', retryAt: T, reason: '20017', blocked: true, dueAt, doubt: { failed: 1, lead: id } }
}

export function stepAside(open: Open): void {
  /** Opens an outbox with a job that has failed at `T`, and is due again at a time. */
  async function openFailing(dueAt: number, first: Lead = ofOnePerson('a')[0]!) {
    const outbox = await open(WIDE)
    await outbox.add([first], T)
    await settleNext(outbox, retryAt(dueAt))
    return outbox
  }

  describe('a lead that fails by itself', () => {
    it('holds up a later lead of its person for less than three minutes', async () => {
      const outbox = await openFailing(T + ASIDE - 1)

      await outbox.add(ofOnePerson('b'), T + SECOND)

      expect(await outbox.nextDueAt(T + SECOND)).toBe(T + ASIDE - 1)
      expect(idsOf(await outbox.claim(T + HOUR, T + 2 * HOUR, 10))).toStrictEqual([['a']])
    })

    it('steps aside when its next attempt is three minutes after its first failure, for a lead that waits', async () => {
      const outbox = await open(WIDE)
      await outbox.add(ofOnePerson('a', 'b', 'c'), T)
      await settleNext(outbox, retryAt(T + MINUTE))

      await settleNext(outbox, retryAt(T + ASIDE), T + MINUTE)

      const order: string[] = []
      for (const now of [2, 2, 3].map((minutes) => T + minutes * MINUTE + 40 * SECOND)) {
        order.push(...(await settleNext(outbox, DELIVERED, now)).map(({ id }) => id))
      }
      expect(order).toStrictEqual(['b', 'c', 'a'])
    })

    it('steps aside for a lead that is added later', async () => {
      const outbox = await openFailing(T + HOUR)

      await outbox.add(ofOnePerson('b', 'c'), T + 10 * MINUTE)

      const now = T + 10 * MINUTE + LEASE
      expect(idsOf([await claimBatch(outbox, now, now + LEASE)])).toStrictEqual([['b']])
      expect(await outbox.claim(now, now + LEASE, 10)).toStrictEqual([])
    })

    it('steps aside for a lead that is replayed, younger or older', async () => {
      const outbox = await open(WIDE)
      const [oldest, a, youngest] = ofOnePerson('oldest', 'a', 'youngest')
      await outbox.add([{ ...oldest!, hold: 'spam' }, a!, { ...youngest!, hold: 'spam' }], T)
      await settleNext(outbox, retryAt(T + HOUR))

      await outbox.replay(['youngest', 'oldest'], {}, T + 10 * MINUTE)

      const order: string[] = []
      for (const now of [T + 20 * MINUTE, T + 20 * MINUTE, T + HOUR]) {
        order.push(...(await settleNext(outbox, DELIVERED, now)).map(({ id }) => id))
      }
      expect(order).toStrictEqual(['oldest', 'youngest', 'a'])
    })

    it('keeps its place when a known lead of its person is added again', async () => {
      const outbox = await open(WIDE)
      const [oldest, a, b] = ofOnePerson('oldest', 'a', 'b')
      await outbox.add([{ ...oldest!, hold: 'spam' }, a!, b!], T)
      await settleNext(outbox, retryAt(T + SECOND))
      await outbox.replay(['oldest'], {}, T)
      // The reply is lost: the failing lead waits until the lease has ended, for more than three minutes.
      const lost = await claimBatch(outbox, T, T + ASIDE + SECOND)
      await settleBatch(outbox, lost, { kind: 'parked', reason: 'no reply', lost: T + ASIDE + SECOND })

      await addAll(outbox, a!, b!)

      expect(await outbox.claim(T + ASIDE, T + HOUR, 10)).toStrictEqual([])
      expect(idsOf(await outbox.claim(T + ASIDE + SECOND, T + HOUR, 10))).toStrictEqual([['a']])
    })

    it('does not step aside while it is leased', async () => {
      const outbox = await openFailing(T + HOUR)
      await claimBatch(outbox, T + HOUR, T + HOUR + LEASE)

      await outbox.add(ofOnePerson('b'), T + HOUR)

      expect(await outbox.claim(T + HOUR + LEASE - 1, T + 2 * HOUR, 10)).toStrictEqual([])
      expect(await outbox.nextDueAt(T + HOUR)).toBe(T + HOUR + LEASE)
    })

    it('is not kept from its next attempt when no other lead of its person waits', async () => {
      const outbox = await openFailing(T + HOUR)
      await outbox.add(ofOnePerson('b'), T + 10 * MINUTE)
      await settleNext(outbox, DELIVERED, T + 15 * MINUTE)

      expect(await outbox.nextDueAt(T + 15 * MINUTE)).toBe(T + HOUR)
      expect(ids((await claimBatch(outbox, T + HOUR, T + 2 * HOUR)).jobs)).toStrictEqual(['a'])
    })

    it('goes after later leads that can be sent, also once it is due', async () => {
      const outbox = await openFailing(T + ASIDE)

      await outbox.add(ofOnePerson('b', 'c'), T + HOUR)

      const order: string[] = []
      for (const _ of [1, 2, 3]) order.push(...(await settleNext(outbox, DELIVERED, T + HOUR)).map(({ id }) => id))
      expect(order).toStrictEqual(['b', 'c', 'a'])
    })

    it('goes next when a later lead steps aside too, and neither keeps a third one waiting', async () => {
      const outbox = await openFailing(T + 20 * MINUTE)
      await outbox.add(ofOnePerson('b'), T + 10 * MINUTE)
      const now = T + 12 * MINUTE
      await settleNext(outbox, retryAt(T + 30 * MINUTE), now)

      expect(await outbox.nextDueAt(now)).toBe(T + 20 * MINUTE)
      await settleNext(outbox, retryAt(T + 40 * MINUTE), T + 20 * MINUTE)
      expect(await outbox.nextDueAt(T + 20 * MINUTE)).toBe(T + 30 * MINUTE)

      await outbox.add(ofOnePerson('c'), T + 25 * MINUTE)
      expect((await settleNext(outbox, DELIVERED, T + 27 * MINUTE)).map(({ id }) => id)).toStrictEqual(['c'])
      expect((await settleNext(outbox, DELIVERED, T + 30 * MINUTE)).map(({ id }) => id)).toStrictEqual(['b'])
      expect((await settleNext(outbox, DELIVERED, T + 40 * MINUTE)).map(({ id }) => id)).toStrictEqual(['a'])
    })

    it('is passed before it is known to be at fault, when it alone was tried', async () => {
      const outbox = await open(WIDE)
      await outbox.add(ofOnePerson('a'), T)
      await settleNext(outbox, doubtful('a', T + ASIDE))

      await outbox.add(ofOnePerson('b'), T + SECOND)

      const [next] = (await claimBatch(outbox, T + SECOND + LEASE, T + HOUR)).jobs
      expect(next?.lead.id).toBe('b')
    })

    it('is given up after five days of failures of its own, without those in doubt', async () => {
      const outbox = await open(WIDE)
      await outbox.add(ofOnePerson('a'), T)
      await settleNext(outbox, doubtful('a', T + HOUR))

      const inDoubt = await claimBatch(outbox, T + HOUR, T + 2 * HOUR)
      await settleBatch(outbox, inDoubt, retryAt(T + 2 * HOUR), T + HOUR)
      const failed = await claimBatch(outbox, T + 2 * HOUR, T + 3 * HOUR)

      expect(inDoubt.jobs[0]).not.toHaveProperty('failingSince')
      expect(failed.jobs[0]).toMatchObject({ failures: 1, failingSince: T + HOUR })
    })

    it.each<[string, Outcome]>([
      ['a limit', { kind: 'limited', limit: 'rate', retryAt: T, reason: 'too fast' }],
      ['a failure of the account', { kind: 'stopped', retryAt: T, reason: 'no address', blocked: false }],
    ])('keeps its place after %s', async (_, outcome) => {
      const outbox = await openFailing(T + HOUR)
      await settleNext(outbox, outcome, T + HOUR)

      await outbox.add(ofOnePerson('b'), T + HOUR)

      expect((await settleNext(outbox, DELIVERED, T + 2 * HOUR)).map(({ id }) => id)).toStrictEqual(['a'])
    })

    it('keeps its place after a limit, also when the clock was ahead at the time it was accepted', async () => {
      const outbox = await openFailing(T + HOUR, { ...ofOnePerson('a')[0]!, acceptedAt: T + HOUR })
      const limited: Outcome = { kind: 'limited', limit: 'rate', retryAt: T, reason: 'too fast' }
      await settleNext(outbox, limited, T + 2 * HOUR)

      await outbox.add(ofOnePerson('b'), T + 2 * HOUR)

      expect((await settleNext(outbox, DELIVERED, T + 3 * HOUR)).map(({ id }) => id)).toStrictEqual(['a'])
    })

    it('has its place again after a replay', async () => {
      const outbox = await openFailing(T + HOUR)
      await settleNext(outbox, { kind: 'parked', reason: 'no' }, T + HOUR)
      await outbox.add(ofOnePerson('b'), T + HOUR)

      await outbox.replay(['a'], {}, T + HOUR)

      expect((await settleNext(outbox, DELIVERED, T + HOUR)).map(({ id }) => id)).toStrictEqual(['a'])
    })

    it('keeps its place when the database is told of a lead that it knows, or of a held one', async () => {
      const outbox = await openFailing(T + HOUR)

      await outbox.add([...ofOnePerson('a'), { ...ofOnePerson('b')[0]!, hold: 'spam' }], T + 10 * MINUTE)

      expect(await outbox.nextDueAt(T + 10 * MINUTE)).toBe(T + HOUR)
      expect(idsOf(await outbox.claim(T + HOUR, T + 2 * HOUR, 10))).toStrictEqual([['a']])
    })
  })

  describe('a lead that passes an earlier one of its person', () => {
    it('waits until a call that got no reply must be over', async () => {
      const outbox = await open(WIDE)
      await outbox.add(ofOnePerson('a', 'b'), T)
      const batch = await claimBatch(outbox, T, T + LEASE)

      await settleBatch(outbox, batch, retryAt(T + ASIDE + 90 * SECOND), T + 90 * SECOND)

      expect(await outbox.nextDueAt(T + 90 * SECOND)).toBe(T + LEASE)
    })

    it.each<[string, AttemptEnd, number]>([
      [
        'until its lease ends, when the reply was lost',
        { kind: 'parked', reason: 'no answer', lost: T + LEASE },
        T + LEASE,
      ],
      ['no longer, when there was a reply', { kind: 'parked', reason: 'FAILED' }, T + SECOND],
    ])('waits after the earlier one was parked %s', async (_, outcome, dueAt) => {
      const outbox = await open(WIDE)
      await outbox.add(ofOnePerson('a', 'b'), T)

      await settleBatch(outbox, await claimBatch(outbox, T, T + LEASE), outcome, T + SECOND)

      expect(await outbox.nextDueAt(T + SECOND)).toBe(dueAt)
      expect(idsOf(await outbox.claim(dueAt, dueAt + LEASE, 10))).toStrictEqual([['b']])
    })

    it('goes at once when that call has ended', async () => {
      const outbox = await open(WIDE)
      await outbox.add(ofOnePerson('a', 'b'), T)
      const batch = await claimBatch(outbox, T, T + HOUR)

      await settleBatch(outbox, batch, retryAt(T + ASIDE + SECOND), T + SECOND)

      expect(idsOf([await claimBatch(outbox, T + SECOND)])).toStrictEqual([['b']])
    })

    it.each([
      ['when the earlier one is due', T + ASIDE, T + ASIDE - SECOND, T + ASIDE],
      ['when a lease has passed, if it is added later', T + HOUR, T + MINUTE, T + MINUTE + LEASE],
      ['at once, if the earlier one is due already', T + ASIDE, T + HOUR, T + HOUR],
    ])('goes %s', async (_, asideUntil, addedAt, goesAt) => {
      const outbox = await openFailing(asideUntil)

      await outbox.add(ofOnePerson('b'), addedAt)

      expect(await outbox.nextDueAt(addedAt)).toBe(goesAt)
      expect(idsOf([await claimBatch(outbox, goesAt, T + 2 * HOUR)])).toStrictEqual([['b']])
    })

    it('keeps its values and its cookie: the earlier one is sent without them', async () => {
      const person = 'one@example.com'
      const a = lead('a', { person, cookie: 'c', ...attributesOf({ Company: 'Old', Title: 'CTO' }) })
      const outbox = await openFailing(T + HOUR, a)
      await outbox.add([lead('b', { person, cookie: 'c', ...attributesOf({ Company: 'New' }) })], T + 10 * MINUTE)
      await settleNext(outbox, DELIVERED, T + 20 * MINUTE)

      const [sent] = await settleNext(outbox, DELIVERED, T + HOUR)

      expect(sent).not.toHaveProperty('cookie')
      expect(valuesOf(sent!)).toStrictEqual({ Title: 'CTO' })
      expect((await outbox.find('a'))?.notes).toStrictEqual([
        'cookie left out: a later lead of the same visitor was delivered with it',
      ])
    })

    it('is not passed by a lead of another person', async () => {
      const outbox = await openFailing(T + HOUR)

      await outbox.add([...ofOnePerson('b'), lead('other')], T + 10 * MINUTE)

      const now = T + 20 * MINUTE
      expect(
        idsOf(await outbox.claim(now, now + LEASE, 10))
          .flat()
          .toSorted(),
      ).toStrictEqual(['b', 'other'])
    })
  })
}
