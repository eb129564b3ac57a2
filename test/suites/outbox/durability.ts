/** Restarts, and operations that fail halfway. */
import { describe, expect, it } from 'vitest'
import { TEST_BATCH_KEYS } from '../../oracle/memory-outbox.ts'
import type { Limits } from '../../../relay/outbox/limits/limits.ts'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import { BY_FORM } from './batching.ts'
import {
  addAll,
  attributesOf,
  claimBatch,
  claimOne,
  ids,
  idsOf,
  LATER,
  lead,
  ofOnePerson,
  oneByOne,
  SECOND,
  settleBatch,
  settleNext,
  settlement,
  T,
  WIDE,
  WIDE_BATCHES,
} from './leads.ts'
import type { OpenDurable } from './suite.ts'

const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const WEEK = 7 * 24 * HOUR
const DELIVERED = { kind: 'delivered', leadId: 7 } as const

/** The midnight after `T` in Chicago. */
const MIDNIGHT = Date.UTC(2023, 10, 15, 6)

/** Returns triggers that make SQLite refuse to write the job with this id, as a full disk does halfway. */
export function refusingTriggers(id: string): string[] {
  return ['INSERT', 'UPDATE'].map(
    (write) =>
      `CREATE TRIGGER refuse_${write} BEFORE ${write} ON job WHEN new.id = '${id}' BEGIN SELECT RAISE(ABORT, 'refused'); END`,
  )
}

export function durability(openOutbox: OpenDurable): void {
  const open = async (limits: Limits, batchKeys = TEST_BATCH_KEYS) => openOutbox({ limits, batchKeys })

  /** Opens an outbox whose batches have one lead each. */
  async function openOneByOne() {
    const { outbox, reopen, refuse } = await open(WIDE)
    const batches = new Map<string, number>()
    return { outbox: oneByOne(outbox, batches), reopen: async () => oneByOne(await reopen(), batches), refuse }
  }

  /** Opens an outbox with leads that go alone and are due for a long time. */
  async function openLimited(limits: Partial<Limits>) {
    const durable = await open({ ...WIDE, ...limits })
    const leads = Array.from({ length: 12 }, (_, at) => lead(`lead-${at}`))
    await durable.outbox.add(leads, T - 2 * WEEK)
    return durable
  }

  const countLeased = async (outbox: Outbox, now: number) => (await outbox.claim(now, now + SECOND, 99)).length

  describe('after a restart, an outbox', () => {
    it('knows the contents of its ids, also of delivered leads', async () => {
      const { outbox, reopen } = await openOneByOne()
      const contents = ['contact', 'demo'].map((form) => lead('a', { form }))
      await addAll(outbox, contents[0]!)
      await outbox.settle([settlement(await claimOne(outbox), DELIVERED)], T)
      await addAll(outbox, contents[1]!)

      const again = await reopen()
      await addAll(again, ...contents, lead('a', { form: 'third' }))

      expect(await again.status()).toMatchObject({ waiting: 2, delivered: 1, reusedIds: 2 })
    })

    it('has the same jobs in the same states', async () => {
      const { outbox, reopen } = await openOneByOne()
      await addAll(
        outbox,
        ...['delivered', 'parked', 'retried', 'leased'].map((id) => lead(id)),
        ...ofOnePerson('a1', 'a2'),
        lead('held', { hold: 'spam' }),
      )
      const [delivered, parked, retried] = await outbox.claim(T, T + SECOND, 4)
      if (!delivered || !parked || !retried) throw new Error('four jobs were due')
      await outbox.settle(
        [
          settlement(delivered, DELIVERED),
          settlement(parked, { kind: 'parked', reason: 'no e-mail' }),
          settlement(retried, { kind: 'retry', dueAt: T + 5 * SECOND, reason: 'busy' }),
        ],
        T,
      )
      const all = ['delivered', 'parked', 'retried', 'leased', 'a1', 'a2', 'held']
      const before = [await Promise.all(all.map((id) => outbox.find(id))), await outbox.status()]

      const again = await reopen()

      expect([await Promise.all(all.map((id) => again.find(id))), await again.status()]).toStrictEqual(before)
      expect(ids(await again.claim(T, LATER, 10))).toStrictEqual(['a1'])
      expect(ids(await again.claim(T + 5 * SECOND, LATER, 10))).toStrictEqual(['leased', 'retried'])
    })

    it('has the same circuit breaker and the same probe', async () => {
      const { outbox, reopen } = await openOneByOne()
      await addAll(outbox, ...['a', 'b', 'c', 'd', 'e'].map((id) => lead(id)))
      const job = await claimOne(outbox)
      const retryAt = T + SECOND
      await outbox.settle([settlement(job, { kind: 'stopped', retryAt, reason: 'bad key', blocked: true })], T)

      const again = await reopen()
      const { breaker } = await again.status()
      const early = await again.claim(retryAt - 1, LATER, 10)
      for (const _ of ['a', 'b']) await again.settle([settlement(await claimOne(again, retryAt), DELIVERED)], retryAt)
      const probe = await claimOne(again, retryAt, retryAt + SECOND)
      const third = await reopen()
      const meanwhile = await third.claim(retryAt, LATER, 10)
      await third.settle([settlement(probe, DELIVERED)], retryAt)

      expect(breaker).toStrictEqual({ reason: 'bad key', retryAt, blocked: true })
      expect(early).toStrictEqual([])
      expect(meanwhile).toStrictEqual([])
      expect(ids(await third.claim(retryAt, LATER, 10))).toStrictEqual(['d', 'e'])
    })

    it('still has its batches leased: one is settled, one expires', async () => {
      const { outbox, reopen } = await open(WIDE_BATCHES)
      await addAll(outbox, lead('a'), lead('b'), lead('c', { cookie: 'c' }))
      const [batch, other] = await outbox.claim(T, T + SECOND, 2)
      if (!batch || !other) throw new Error('two batches were due')

      const again = await reopen()
      await again.resume(T)
      await settleBatch(again, batch, DELIVERED)
      const early = await again.claim(T + SECOND - 1, LATER, 10)
      const then = await again.claim(T + SECOND, LATER, 10)

      expect(await again.status(T)).toMatchObject({ waiting: 1, delivered: 2 })
      expect(early).toStrictEqual([])
      expect(idsOf(then)).toStrictEqual([['c']])
      expect(then[0]?.id).not.toBe(other.id)
    })

    it('has the same failures, batch sizes of suspect jobs and rejected attributes', async () => {
      const { outbox, reopen } = await open(WIDE_BATCHES)
      await addAll(outbox, lead('a', attributesOf({ Good: 'x', Bad: 'x' })), lead('b'))
      await settleNext(outbox, { kind: 'retry', dueAt: T, reason: 'busy' })
      const rejection = { kind: 'requeue', dueAt: T, reason: 'no such attribute', batch: 'refused' } as const
      await settleNext(outbox, { ...rejection, rejectedAttributes: ['Bad'] })
      const before = await outbox.find('a')

      const again = await reopen()

      expect(await again.find('a')).toStrictEqual(before)
      const batch = await claimBatch(again)
      const sent = lead('a', attributesOf({ Good: 'x' }))
      expect(batch.jobs).toStrictEqual([{ lead: sent, attempt: 3, failures: 1, failingSince: T }])
      await settleBatch(again, batch, DELIVERED)
      expect(await (await reopen()).find('a')).toMatchObject({ state: 'parked', leadId: 7 })
    })

    it('has the same stale attributes', async () => {
      const { outbox, reopen } = await open(WIDE)
      await outbox.add(ofOnePerson('a1', 'a2'), T)
      await settleNext(outbox, { kind: 'parked', reason: 'no' })
      await settleNext(outbox, DELIVERED)

      const again = await reopen()
      await again.replay(['a1'], {}, T)

      expect((await claimBatch(again)).jobs[0]?.lead.attributes).toStrictEqual([])
    })

    it('has no stale attributes of a lead that is added once the receipts of later ones were swept', async () => {
      const { outbox, reopen } = await open(WIDE)
      const ofPerson = (id: string) => lead(id, { person: 'p', ...attributesOf({ FirstName: id }) })
      await outbox.add([ofPerson('a')], T)
      await settleNext(outbox, { kind: 'parked', reason: 'no' })
      await outbox.add([lead('b'), lead('c'), ofPerson('d')], T)
      for (let n = 0; n < 3; n += 1) await settleNext(outbox, DELIVERED)
      await outbox.sweep(T + 1, 10)

      const again = await reopen()
      await again.add([ofPerson('e')], T)
      await settleNext(again, { kind: 'parked', reason: 'no' })

      expect((await again.find('a'))?.staleAttributes).toStrictEqual(['FirstName'])
      expect((await again.find('e'))?.staleAttributes).toStrictEqual([])
    })

    it('has the same batch size of the account, and still knows when a lead was delivered', async () => {
      const { outbox, reopen } = await open({ ...WIDE_BATCHES, leadsPerCall: 8 })
      const unanswered = { kind: 'requeue', dueAt: T, reason: 'no answer', batch: 'unanswered' } as const
      await outbox.add(
        Array.from({ length: 20 }, (_, at) => lead(`lead-${at}`)),
        T,
      )
      await settleNext(outbox, unanswered)

      const again = await reopen()
      const batch = await claimBatch(again)
      await addAll(again, lead('other', { cookie: 'c' }))
      await settleBatch(again, await claimBatch(again), DELIVERED, T + 1)
      const third = await reopen()
      await settleBatch(third, batch, { ...unanswered, dueAt: LATER }, T + 2)

      expect(batch.jobs).toHaveLength(4)
      // The four jobs are suspect now, and the account is not.
      expect(await settleNext(third, DELIVERED)).toHaveLength(4)
    })

    describe('keeps what was used of', () => {
      it.each<[string, Partial<Limits>, number, number]>([
        ['the calls in 20 seconds', { callsPer20s: 50 }, 5, T + 445],
        ['the concurrent calls', { concurrency: 2 }, 2, T + SECOND],
        ['the calls of the day', { callsPerDay: 3 }, 3, MIDNIGHT + MINUTE],
      ])('%s', async (_, limits, count, next) => {
        const { outbox, reopen } = await openLimited(limits)
        const before = await countLeased(outbox, T)

        const again = await reopen()
        const nextDueAt = await again.nextDueAt(T)
        const slot = await again.acquireSlot(T, LATER)
        const early = await countLeased(again, next - 1)
        const third = await reopen()

        expect([before, nextDueAt, slot, early]).toStrictEqual([count, next, { retryAt: next }, 0])
        expect((await third.status(next - 1)).day.spent).toBe(count)
        expect(await countLeased(third, next)).toBeGreaterThan(0)
      })

      it('the concurrent calls by a call slot, until it is settled', async () => {
        const { outbox, reopen } = await openLimited({ concurrency: 1 })
        const slot = await outbox.acquireSlot(T, LATER)
        if (!('slot' in slot)) throw new Error('a call slot was free')

        const again = await reopen()
        const none = await countLeased(again, T)
        await again.settle(slot.slot, [], T)

        expect(none).toBe(0)
        expect(await countLeased(again, T)).toBe(1)
      })

      it.each<[string, Partial<Limits>, 'rate' | 'concurrency' | 'day', number[]]>([
        // Four at once, and one each five seconds; halved, one each ten seconds.
        ['the calls in 20 seconds', { callsPer20s: 8 }, 'rate', [0, 1, 4]],
        ['the concurrent calls', { concurrency: 4 }, 'concurrency', [0, 2, 4]],
        ['the quota of the day', {}, 'day', [0, 0, 0]],
      ])('%s when Marketo reported that limit, until it has grown back', async (_, limits, limit, expected) => {
        const { outbox, reopen } = await openLimited(limits)
        const retryAt = T + 20 * SECOND
        await settleNext(outbox, { kind: 'limited', limit, retryAt, reason: 'too many' })

        const counts = []
        for (const at of [retryAt - 1, retryAt, retryAt + 10 * MINUTE])
          counts.push(await countLeased(await reopen(), at))

        expect(counts).toStrictEqual(expected)
      })

      it.each([HOUR, WEEK])('the limits no longer than a lease when the clock went backwards by %i ms', async (ms) => {
        const { outbox, reopen } = await openLimited({ callsPer20s: 50, concurrency: 5, timeout: 90_000 })
        await outbox.claim(T, T + 100 * SECOND, 99)
        const now = T - ms

        const again = await reopen()
        const stuck = await again.nextDueAt(now)
        await again.resume(now)
        const third = await reopen()

        expect(stuck).toBe(T + 100 * SECOND)
        expect(await third.nextDueAt(now)).toBe(now + 100 * SECOND)
        expect(await countLeased(third, now + 100 * SECOND - 1)).toBe(0)
        expect(await countLeased(third, now + 100 * SECOND)).toBe(5)
      })
    })

    it('never uses the id of a batch again', async () => {
      const { reopen } = await openLimited({})
      const used: number[] = []
      for (const _ of [1, 2, 3]) {
        const again = await reopen()
        const batch = await claimBatch(again)
        used.push(batch.id)
        await settleBatch(again, batch, DELIVERED)
      }

      expect(new Set(used).size).toBe(3)
    })
  })

  describe('batch keys after a restart', () => {
    it('are computed again by resume when the transport has changed', async () => {
      const { outbox, reopen } = await open(WIDE_BATCHES)
      await addAll(
        outbox,
        lead('x1', { form: 'x', cookie: 'c' }),
        lead('alone', { form: 'alone' }),
        lead('x2', { form: 'x' }),
        lead('x3', { form: 'x', person: 'x2@example.com' }),
        lead('y1', { form: 'y' }),
        lead('y2', { form: 'y', workspace: 'w' }),
      )

      const again = await reopen({ batchKeys: BY_FORM })
      await again.resume(T)
      const batches = await again.claim(T, LATER, 10)
      for (const batch of batches) await settleBatch(again, batch, DELIVERED)

      expect(idsOf(batches)).toStrictEqual([['x1', 'x2'], ['alone'], ['y1', 'y2']])
      expect(idsOf(await again.claim(T, LATER, 10))).toStrictEqual([['x3']])
    })

    it('are computed again of queued jobs, and back when the transport changes back', async () => {
      const { outbox, reopen } = await open(WIDE_BATCHES)
      const person = 'one@example.com'
      await addAll(outbox, lead('a1', { person }), lead('a2', { person, cookie: 'c', form: 'x' }))
      await addAll(outbox, lead('b', { form: 'x' }))

      const again = await reopen({ batchKeys: BY_FORM })
      await again.resume(T)
      await settleBatch(again, await claimBatch(again, T, LATER), DELIVERED)
      const third = await reopen({ batchKeys: TEST_BATCH_KEYS })
      await third.resume(T)

      expect(idsOf(await third.claim(T, LATER, 10))).toStrictEqual([['a2'], ['b']])
    })

    it('of held and parked jobs are computed again when they are replayed', async () => {
      const { outbox, reopen } = await open(WIDE_BATCHES)
      await addAll(outbox, lead('parked', { cookie: 'c', form: 'x' }))
      await settleNext(outbox, { kind: 'parked', reason: 'no' })
      await addAll(outbox, lead('held', { workspace: 'w', form: 'x', hold: 'spam' }))

      const again = await reopen({ batchKeys: BY_FORM })
      await again.resume(T)
      await again.replay(['parked', 'held'], {}, T)

      expect(idsOf(await again.claim(T, LATER, 10))).toStrictEqual([['parked', 'held']])
    })

    it('stay as they are when the transport is the same', async () => {
      const { outbox, reopen } = await open(WIDE_BATCHES)
      await addAll(outbox, lead('a'), lead('b'))

      // The same name promises the same keys.
      const again = await reopen({ batchKeys: { ...TEST_BATCH_KEYS, batchKey: () => null } })
      await again.resume(T)

      expect(idsOf(await again.claim(T, LATER, 10))).toStrictEqual([['a', 'b']])
    })
  })

  describe('when one job cannot be written', () => {
    it('an addition stores none of its leads', async () => {
      const { outbox, refuse } = await openOneByOne()
      await addAll(outbox, lead('before'))
      await refuse('b')

      await expect(outbox.add([lead('a'), lead('b'), lead('c')], T)).rejects.toThrow('refused')

      expect(await outbox.find('a')).toBeUndefined()
      expect(await outbox.status()).toStrictEqual({ waiting: 1, held: 0, parked: 0, delivered: 0, oldestAt: T })
      await outbox.add([lead('a'), lead('c')], T)
      expect(ids(await outbox.claim(T, LATER, 10))).toStrictEqual(['before', 'a', 'c'])
    })

    it('a claim leases no job and uses no call', async () => {
      const { outbox, refuse } = await open({ ...WIDE_BATCHES, concurrency: 2, leadsPerCall: 2 })
      await addAll(outbox, lead('a'), lead('b'), lead('c'))
      await refuse('c')

      await expect(outbox.claim(T, LATER, 10)).rejects.toThrow('refused')

      expect(await outbox.find('a')).toMatchObject({ attempts: 0, dueAt: T })
      expect((await outbox.status(T)).day.spent).toBe(0)
      expect(idsOf(await outbox.claim(T, LATER, 1))).toStrictEqual([['a', 'b']])
    })

    it('a settlement settles no job of the batch, and the batch stays leased', async () => {
      const { outbox, refuse } = await open({ ...WIDE_BATCHES, concurrency: 1 })
      await addAll(outbox, lead('a'), lead('b'))
      const batch = await claimBatch(outbox)
      await refuse('b')
      await addAll(outbox, lead('c'))

      await expect(settleBatch(outbox, batch, DELIVERED)).rejects.toThrow('refused')

      expect(await outbox.find('a')).toMatchObject({ state: 'waiting', lead: lead('a') })
      expect(await outbox.status(T)).toMatchObject({ waiting: 3, delivered: 0 })
      expect(await outbox.claim(T, LATER, 10)).toStrictEqual([])
    })

    it('a replay replays no job', async () => {
      const { outbox, refuse } = await open(WIDE_BATCHES)
      await addAll(outbox, lead('a'), lead('b', { hold: 'spam' }), lead('c'))
      await settleNext(outbox, { kind: 'parked', reason: 'no' })
      await refuse('c')

      await expect(outbox.replay(['a', 'b', 'c'], {}, T)).rejects.toThrow('refused')

      expect(await outbox.find('a')).toMatchObject({ state: 'parked' })
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, held: 1, parked: 2 })
    })
  })
}
