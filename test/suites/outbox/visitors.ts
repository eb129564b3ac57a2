/** The leads of one visitor, who may be several people: none of them is under way together with another one. */
import { describe, expect, it } from 'vitest'
import { BY_FORM } from './batching.ts'
import {
  addAll,
  claimBatch,
  idsOf,
  LATER,
  lead,
  ofOnePerson,
  settleBatch,
  settleNext,
  SECOND,
  T,
  WIDE,
  WIDE_BATCHES,
} from './leads.ts'
import type { Open } from './suite.ts'

const DELIVERED = { kind: 'delivered', leadId: 7 } as const
const RETRY = { kind: 'retry', dueAt: T, reason: 'busy' } as const

/** Creates leads of one visitor, each of another person. */
const ofVisitor = (...ids: string[]) => ids.map((id) => lead(id, { cookie: 'id:1' }))

export function visitors(open: Open): void {
  describe('leads with the cookie of one visitor', () => {
    it('are leased one at a time although they are of several people, and others meanwhile', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, ...ofVisitor('a', 'b', 'c'), lead('other', { cookie: 'id:2' }), lead('none'))

      const now = idsOf(await outbox.claim(T, LATER, 10))
      const then = idsOf(await outbox.claim(T, LATER, 10))

      expect(now.flat().toSorted()).toStrictEqual(['a', 'none', 'other'])
      expect(then).toStrictEqual([])
    })

    it.each([
      ['delivered', DELIVERED],
      ['parked', { kind: 'parked', reason: 'no' } as const],
      ['to be tried again later', { ...RETRY, dueAt: T + 60 * SECOND }],
    ])('follow each other when the one before is %s', async (_, outcome) => {
      const outbox = await open(WIDE)
      await addAll(outbox, ...ofVisitor('a', 'b', 'c'))

      const order: string[] = []
      for (const _each of ['a', 'b', 'c']) {
        const batch = await claimBatch(outbox)
        order.push(...batch.jobs.map((job) => job.lead.id))
        expect(await outbox.claim(T, LATER, 10)).toStrictEqual([])
        await settleBatch(outbox, batch, outcome)
      }

      expect(order).toStrictEqual(['a', 'b', 'c'])
    })

    it('are due when the lease of the one under way ends, and not before', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, ...ofVisitor('a', 'b'))
      await outbox.claim(T, T + 100 * SECOND, 1)

      const next = await outbox.nextDueAt(T)
      const early = await outbox.claim(T + 100 * SECOND - 1, LATER, 10)
      const then = await outbox.claim(T + 100 * SECOND, LATER, 10)

      expect(next).toBe(T + 100 * SECOND)
      expect(early).toStrictEqual([])
      expect(idsOf(then)).toStrictEqual([['b']])
    })

    it('are never in one batch, where leads with a cookie may share one', async () => {
      const outbox = await open(WIDE_BATCHES, BY_FORM)
      await addAll(outbox, ...ofVisitor('a', 'b'), lead('c', { cookie: 'id:2' }), lead('d'))

      const first = await outbox.claim(T, LATER, 10)
      for (const batch of first) await settleBatch(outbox, batch, DELIVERED)

      expect(idsOf(first)).toStrictEqual([['a', 'c', 'd']])
      expect(idsOf(await outbox.claim(T, LATER, 10))).toStrictEqual([['b']])
    })

    it('do not wait for an older one that is tried again while a younger one is under way: it waits', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, ...ofVisitor('older', 'younger'))
      await settleNext(outbox, { ...RETRY, dueAt: T + SECOND })
      const younger = await claimBatch(outbox)

      const meanwhile = await outbox.claim(T + SECOND, LATER, 10)
      await settleBatch(outbox, younger, DELIVERED, T + SECOND)
      const older = await claimBatch(outbox, T + SECOND)

      expect(idsOf([younger])).toStrictEqual([['younger']])
      expect(meanwhile).toStrictEqual([])
      // The visitor is the person of the newest answer.
      expect(older.jobs[0]?.lead).not.toHaveProperty('cookie')
    })

    it('are kept apart from an older one under way when a younger one is settled after its lease, and goes again', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, ...ofVisitor('older', 'younger'))
      await settleNext(outbox, { ...RETRY, dueAt: T + SECOND })
      const younger = await claimBatch(outbox, T, T + SECOND)
      const older = await claimBatch(outbox, T + SECOND)

      await settleBatch(outbox, younger, DELIVERED, T + SECOND)
      await addAll(outbox, ...ofVisitor('newest'))
      const meanwhile = await outbox.claim(T + SECOND, LATER, 10)
      await settleBatch(outbox, older, DELIVERED, T + SECOND)
      const next = [await claimBatch(outbox, T + SECOND)]
      await settleBatch(outbox, next[0]!, DELIVERED, T + SECOND)
      next.push(await claimBatch(outbox, T + SECOND))

      expect(idsOf([younger, older])).toStrictEqual([['younger'], ['older']])
      expect(meanwhile).toStrictEqual([])
      expect(idsOf(next).flat().toSorted()).toStrictEqual(['newest', 'younger'])
    })

    it('end the lease of a failing one that has expired, which keeps its place all the same', async () => {
      const outbox = await open(WIDE)
      const [failing, later, latest] = ofOnePerson('failing', 'later', 'latest')
      await addAll(outbox, ...ofVisitor('of-visitor'), { ...failing!, cookie: 'id:1' }, later!)
      await settleNext(outbox, { ...RETRY, dueAt: T + 300 * SECOND })
      await settleNext(outbox, { ...RETRY, dueAt: T + 100 * SECOND })
      await claimBatch(outbox, T + 100 * SECOND, T + 300 * SECOND)
      const other = await claimBatch(outbox, T + 300 * SECOND)

      await outbox.add([latest!], T + 300 * SECOND)
      await settleBatch(outbox, other, DELIVERED, T + 300 * SECOND)

      expect(idsOf([other])).toStrictEqual([['of-visitor']])
      expect(idsOf(await outbox.claim(T + 300 * SECOND, LATER, 10))).toStrictEqual([['failing']])
    })

    it('are due when the lease of a younger one ends, also where an older one of the same person was replayed', async () => {
      const outbox = await open(WIDE)
      const [older, younger] = ofOnePerson('older', 'younger').map((each) => ({ ...each, cookie: 'id:1' }))
      await addAll(outbox, { ...older!, hold: 'spam' }, younger!)
      await outbox.claim(T, T + 100 * SECOND, 1)

      await outbox.replay(['older'], {}, T)

      expect(await outbox.nextDueAt(T)).toBe(T + 100 * SECOND)
      expect(idsOf(await outbox.claim(T + 100 * SECOND, LATER, 10))).toStrictEqual([['older']])
    })

    it('are not kept apart from a lead that is sent without its cookie', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, ...ofVisitor('stale', 'newer'))
      await settleNext(outbox, { ...RETRY, dueAt: T + SECOND })
      await settleNext(outbox, DELIVERED)
      await addAll(outbox, ...ofVisitor('newest'))

      const batches = await outbox.claim(T + SECOND, LATER, 10)

      expect(idsOf(batches)).toStrictEqual([['newest'], ['stale']])
      expect(batches[1]?.jobs[0]?.lead).not.toHaveProperty('cookie')
    })

    it('do not wait for a lead under way whose cookie was rejected', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, ...ofVisitor('a'))
      const rejected = { kind: 'requeue', dueAt: T, reason: '20110', rejectedAttributes: ['Munchkin cookie'] } as const
      await settleNext(outbox, rejected)
      await outbox.claim(T, LATER, 1)
      await addAll(outbox, ...ofVisitor('b'))

      expect(idsOf(await outbox.claim(T, LATER, 10))).toStrictEqual([['b']])
    })

    it('leave the rest of their form its turn, however many of them wait', async () => {
      const outbox = await open(WIDE)
      await outbox.add(ofVisitor(...Array.from({ length: 300 }, (_, at) => `of-visitor-${at}`)), T)
      await addAll(outbox, lead('other', { cookie: 'id:2' }))

      expect(idsOf(await outbox.claim(T, LATER, 10))).toStrictEqual([['of-visitor-0'], ['other']])
    })
  })
}
