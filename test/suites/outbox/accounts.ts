/** Several accounts in one database: each has its own jobs, limits and circuit breaker. */
import { describe, expect, it } from 'vitest'
import { AFTER_LEAD, TEST_BATCH_KEYS } from '../../oracle/memory-outbox.ts'
import type { Limits } from '../../../relay/outbox/limits/limits.ts'
import { createMoveJob } from '../../../relay/outbox/move-job.ts'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import {
  addAll,
  attributesOf,
  claimBatch,
  idsOf,
  LATER,
  lead,
  park,
  SECOND,
  settleBatch,
  settleNext,
  T,
  valuesOf,
  WIDE,
  WIDE_BATCHES,
} from './leads.ts'
import type { OpenDurable } from './suite.ts'

const MINUTE = 60 * SECOND
const DELIVERED = { kind: 'delivered', leadId: 7 } as const
const EMPTY = { waiting: 0, held: 0, parked: 0, delivered: 0 }

/** Settings of the form of the leads, which has this account today. */
const contactIn = (account: string) => ({ contact: { account, constants: [], associate: 'always' as const } })

export function accounts(open: OpenDurable): void {
  /** Opens the outboxes of two accounts in one database. */
  async function openTwo(limits: Limits): Promise<[Outbox, Outbox]> {
    const { outbox, openAccount } = await open({ limits, batchKeys: TEST_BATCH_KEYS })
    return [outbox, await openAccount('second')]
  }

  describe('two accounts in one database', () => {
    it('lease and count their own jobs alone', async () => {
      const [first, second] = await openTwo(WIDE_BATCHES)
      await first.add([lead('a1'), lead('a2'), lead('a3', { cookie: 'c' })], T)
      await second.add([lead('b1'), lead('b2', { acceptedAt: T - 9 })], T - 1)

      const due = [await first.nextDueAt(T - 5), await second.nextDueAt(T - 5)]
      const [status, other] = [await first.status(T), await second.status(T)]
      const batches = [await first.claim(T, LATER, 10), await second.claim(T, LATER, 10)]

      expect(due).toStrictEqual([T, T - 1])
      expect(status).toMatchObject({ ...EMPTY, waiting: 3, oldestAt: T })
      expect(other).toMatchObject({ ...EMPTY, waiting: 2, oldestAt: T - 9 })
      expect(batches.map(idsOf)).toStrictEqual([[['a1', 'a2'], ['a3']], [['b1', 'b2']]])
    })

    it('are one empty and one full', async () => {
      const [first, second] = await openTwo(WIDE)
      await first.add([lead('a')], T)

      expect(await second.nextDueAt(T)).toBeUndefined()
      expect(await second.claim(T, LATER, 10)).toStrictEqual([])
      expect(await second.status(T)).toMatchObject(EMPTY)
      expect(await second.sweep(LATER, 10)).toBe(0)
    })

    it('send leads of the same person independently', async () => {
      const [first, second] = await openTwo(WIDE)
      await park(first, [lead('a1', { person: 'p', ...attributesOf({ City: 'Ulm' }) })])
      await first.add([lead('a2', { person: 'p' })], T)
      await second.add([lead('b1', { person: 'p', ...attributesOf({ City: 'Bonn' }) }), lead('b2', { person: 'p' })], T)

      const batches = [await first.claim(T, LATER, 10), await second.claim(T, LATER, 10)]
      await settleBatch(second, batches[1]![0]!, DELIVERED)

      expect(batches.map(idsOf)).toStrictEqual([[['a2']], [['b1']]])
      expect(idsOf(await second.claim(T, LATER, 10))).toStrictEqual([['b2']])
      expect(await first.find('a1')).toMatchObject({ state: 'parked', staleAttributes: [] })
    })

    it('have circuit breakers of their own', async () => {
      const [first, second] = await openTwo(WIDE)
      await addAll(first, lead('a1'), lead('a2'))
      await addAll(second, lead('b1'), lead('b2'))

      await settleNext(first, { kind: 'stopped', retryAt: T + MINUTE, reason: 'bad key', blocked: true })

      expect(await first.claim(T, LATER, 10)).toStrictEqual([])
      expect((await first.status(T)).breaker).toMatchObject({ reason: 'bad key' })
      expect((await second.status(T)).breaker).toBeUndefined()
      expect(await second.nextDueAt(T)).toBe(T)
      expect(idsOf(await second.claim(T, LATER, 10))).toStrictEqual([['b1'], ['b2']])
    })

    it.each<[string, Partial<Limits>, number]>([
      ['calls in 20 seconds', { callsPer20s: 4 }, 2],
      ['concurrent calls', { concurrency: 2 }, 2],
      ['calls in a day', { callsPerDay: 2 }, 2],
    ])('have a limit of %s of their own', async (_, limits, count) => {
      const [first, second] = await openTwo({ ...WIDE, ...limits })
      await addAll(first, ...['a1', 'a2', 'a3'].map((id) => lead(id)))
      await addAll(second, ...['b1', 'b2', 'b3'].map((id) => lead(id)))

      const leased = [await first.claim(T, LATER, 10), await second.claim(T, LATER, 10)]

      expect(leased.map(({ length }) => length)).toStrictEqual([count, count])
      expect(await first.acquireSlot(T, LATER)).toHaveProperty('retryAt')
      expect((await second.status(T)).day.spent).toBe(count)
    })

    it('are limited by Marketo each on its own', async () => {
      const [first, second] = await openTwo(WIDE)
      await addAll(first, lead('a'))
      await addAll(second, lead('b'))

      await settleNext(first, { kind: 'limited', limit: 'rate', retryAt: T + MINUTE, reason: 'too fast' })

      expect(await first.acquireSlot(T, LATER)).toStrictEqual({ retryAt: T + MINUTE })
      expect(await second.acquireSlot(T, LATER)).toHaveProperty('slot')
      expect(await second.nextDueAt(T)).toBe(T)
    })

    it('have batch sizes of their own', async () => {
      const [first, second] = await openTwo({ ...WIDE_BATCHES, leadsPerCall: 4 })
      await first.add(
        ['a1', 'a2', 'a3', 'a4'].map((id) => lead(id)),
        T,
      )
      await second.add(
        ['b1', 'b2', 'b3', 'b4'].map((id) => lead(id)),
        T,
      )

      await settleNext(first, { kind: 'requeue', dueAt: T, reason: 'no answer', batch: 'unanswered' })

      expect(idsOf(await first.claim(T, LATER, 10))).toStrictEqual([['a1', 'a2']])
      expect(idsOf(await second.claim(T, LATER, 10))).toStrictEqual([['b1', 'b2', 'b3', 'b4']])
    })

    it('list, find, replay and sweep their own jobs alone', async () => {
      const [first, second] = await openTwo(WIDE)
      await addAll(first, lead('waits'), lead('held', { hold: 'spam' }))
      await park(second, [lead('parked')])
      await addAll(second, lead('delivered'), lead('held-2', { hold: 'spam' }))
      await settleNext(second, DELIVERED)

      const lists = await Promise.all(
        [first, second].map((outbox) =>
          Promise.all(
            (['waiting', 'held', 'parked'] as const).map(async (state) =>
              (await outbox.list(state, 10)).map(({ id }) => id),
            ),
          ),
        ),
      )
      const replayed = [await first.replay(['parked', 'held'], {}, T), await second.replay(['held'], {}, T)]
      const swept = [await first.sweep(LATER, 10), await second.sweep(LATER, 10)]

      expect(lists).toStrictEqual([
        [['waits'], ['held'], []],
        [[], ['held-2'], ['parked']],
      ])
      expect(replayed).toStrictEqual([
        [
          { id: 'parked', result: 'unknown' },
          { id: 'held', result: 'replayed' },
        ],
        [{ id: 'held', result: 'unknown' }],
      ])
      expect(await first.find('parked')).toBeUndefined()
      expect(await second.find('parked')).toMatchObject({ state: 'parked' })
      expect(swept).toStrictEqual([0, 1])
      expect(await first.status(T)).toMatchObject({ ...EMPTY, waiting: 2 })
      expect(await second.status(T)).toMatchObject({ ...EMPTY, held: 1, parked: 1, delivered: 1 })
    })

    it('have no id in common: a lead whose id the other one knows is stored under an id of its own', async () => {
      const [first, second] = await openTwo(WIDE)
      await first.add([lead('a')], T)

      await second.add([lead('a'), lead('b')], T)
      await second.add([lead('a')], T)

      expect(await first.find('a')).toMatchObject({ notes: [] })
      expect(await second.find('a')).toBeUndefined()
      expect(await first.status(T)).toMatchObject({ ...EMPTY, waiting: 1 })
      expect(await second.status(T)).toMatchObject({ ...EMPTY, waiting: 2, reusedIds: 1 })
    })

    it('ignore settlements of the jobs of the other one', async () => {
      const [first, second] = await openTwo({ ...WIDE, concurrency: 1 })
      await addAll(first, lead('a'), lead('a2'))
      const batch = await claimBatch(first)

      await settleBatch(second, batch, DELIVERED)

      expect(await first.find('a')).toMatchObject({ state: 'waiting', attempts: 1 })
      expect(await first.claim(T, LATER, 10)).toStrictEqual([])
      expect(await second.status(T)).toMatchObject(EMPTY)
    })

    it('resume independently of each other', async () => {
      const [first, second] = await openTwo(WIDE)
      await addAll(first, lead('a', attributesOf({ City: 'Ulm' })))
      await addAll(second, lead('b'))
      const now = T - 24 * 60 * MINUTE

      await first.resume(now)

      expect(await first.nextDueAt(now)).toBe(now + 5 * MINUTE)
      expect(await second.nextDueAt(now)).toBe(T)
      expect((await settleNext(first, DELIVERED)).map(valuesOf)).toStrictEqual([{ City: 'Ulm' }])
    })
  })

  describe('a lead whose form has another account today', () => {
    /** Opens two outboxes of which each may replay leads for the other. The second one lets cookies follow. */
    async function openBoth(limits: Limits = WIDE): Promise<[Outbox, Outbox]> {
      const moveJob = createMoveJob((account) => ({ default: TEST_BATCH_KEYS, second: AFTER_LEAD })[account])
      const { outbox, openAccount } = await open({ limits, batchKeys: TEST_BATCH_KEYS, moveJob })
      return [outbox, await openAccount('second')]
    }

    it('goes there when it is replayed, once, with the batch key of that account and a note', async () => {
      const [first, second] = await openBoth(WIDE_BATCHES)
      await park(first, [lead('a', attributesOf({ City: 'Ulm' }))], [lead('b')])
      await addAll(first, lead('c', { hold: 'spam' }))

      const replayed = await first.replay(['a', 'c', 'a'], { forms: contactIn('second') }, T)
      const batches = [await first.claim(T, LATER, 10), await second.claim(T, LATER, 10)]

      expect(replayed).toStrictEqual([
        { id: 'a', result: 'replayed' },
        { id: 'c', result: 'replayed' },
        { id: 'a', result: 'unknown' },
      ])
      expect(batches.map(idsOf)).toStrictEqual([[], [['a', 'c']]])
      expect(valuesOf(batches[1]![0]!.jobs[0]!.lead)).toStrictEqual({ City: 'Ulm' })
      expect(await first.find('a')).toBeUndefined()
      expect(await second.find('a')).toMatchObject({
        state: 'waiting',
        history: [{ reason: 'no such attribute' }],
        notes: ['account changed: default to second'],
      })
    })

    it('is counted there, and no longer where it was', async () => {
      const [first, second] = await openBoth()
      await park(first, [lead('a')], [lead('b')])
      await addAll(first, lead('c', { hold: 'spam' }))

      await first.replay(['a', 'c'], { forms: contactIn('second') }, T)
      await settleNext(second, DELIVERED)

      expect(await first.status(T)).toMatchObject({ ...EMPTY, parked: 1 })
      expect(await second.status(T)).toMatchObject({ ...EMPTY, waiting: 1, delivered: 1 })
    })

    it('finds its place in the order of that account', async () => {
      const [first, second] = await openBoth()
      await park(first, [lead('a1', { person: 'p' })])
      await addAll(second, lead('b1', { person: 'p' }), lead('b2', { person: 'p' }))
      await addAll(first, lead('a2', { person: 'p' }))
      const leased = await claimBatch(second, T, T + MINUTE)

      await first.replay(['a1'], { forms: contactIn('second') }, T)

      expect(await second.claim(T, LATER, 10)).toStrictEqual([])
      await settleBatch(second, leased, DELIVERED)
      const sent = [
        ...(await settleNext(second, DELIVERED, T + MINUTE)),
        ...(await settleNext(second, DELIVERED, T + MINUTE)),
      ]
      expect(sent.map(({ id }) => id)).toStrictEqual(['a1', 'b2'])
      expect(idsOf([await claimBatch(first)])).toStrictEqual([['a2']])
    })

    it('leaves its cookie behind, which is of the other Marketo, and sends what was stale there', async () => {
      const [first, second] = await openBoth()
      await park(first, [lead('a', { person: 'p', cookie: 'c', ...attributesOf({ City: 'Ulm' }) })])
      await park(first, [lead('b', { person: 'q', cookie: 'd', ...attributesOf({ City: 'Jena' }) })])
      await addAll(first, lead('a2', { person: 'p', ...attributesOf({ City: 'Bonn' }) }))
      await settleNext(first, DELIVERED)

      await first.replay(['a'], { forms: contactIn('second') }, T)
      await first.replay(['b'], { forms: contactIn('second'), cookie: 'e' }, T)
      const sent = [...(await settleNext(second, DELIVERED)), ...(await settleNext(second, DELIVERED))]

      expect(sent.map(valuesOf)).toStrictEqual([{ City: 'Ulm' }, { City: 'Jena' }])
      expect(await second.status(T)).toMatchObject({ delivered: 2, owed: 1 })
      expect((await second.claim(T, LATER, 1))[0]?.owed?.cookie).toMatchObject({ id: 'b', cookie: 'e' })
    })

    it('stays where it is when no settings are given, or those of other forms', async () => {
      const [first] = await openBoth()
      await park(first, [lead('a')], [lead('b')])

      await first.replay(['a'], {}, T)
      await first.replay(['b'], { forms: { other: contactIn('second').contact } }, T)

      expect(await first.status(T)).toMatchObject({ ...EMPTY, waiting: 2 })
    })

    it('stays parked when the other account is in another database', async () => {
      const [first, second] = await openTwo(WIDE)
      await park(first, [lead('a')])

      const replayed = await first.replay(['a', 'b'], { forms: contactIn('second') }, T)

      expect(replayed).toStrictEqual([
        { id: 'a', result: 'other-account', account: 'second' },
        { id: 'b', result: 'unknown' },
      ])
      expect(await first.find('a')).toMatchObject({ state: 'parked' })
      expect(await second.status(T)).toMatchObject(EMPTY)
    })

    it('stays parked when it is delivered but for some attributes, unless it keeps its settings', async () => {
      const [first] = await openBoth()
      await first.add([lead('a', attributesOf({ City: 'Ulm', Nope: 'x' }))], T)
      await settleNext(first, { kind: 'requeue', dueAt: T, reason: 'Nope', rejectedAttributes: ['Nope'] })
      await settleNext(first, DELIVERED)

      const replayed = [
        await first.replay(['a'], { forms: contactIn('second') }, T),
        await first.replay(['a'], {}, T),
      ].flat()

      expect(replayed).toStrictEqual([
        { id: 'a', result: 'other-account', account: 'second' },
        { id: 'a', result: 'replayed' },
      ])
    })
  })
}
