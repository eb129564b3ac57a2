/** Smaller batches: of suspect jobs after a batch has failed, and of the whole account while Marketo is slow. */
import { describe, expect, it } from 'vitest'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import {
  addAll,
  claimBatch,
  idsOf,
  LATER,
  lead,
  SECOND,
  settleBatch,
  settleNext,
  settlement,
  T,
  WIDE_BATCHES,
} from './leads.ts'
import type { Open } from './suite.ts'

const DELIVERED = { kind: 'delivered', leadId: 7 } as const
const REFUSED = { kind: 'requeue', dueAt: T, reason: 'batch refused', batch: 'refused' } as const
const UNANSWERED = { kind: 'requeue', dueAt: T, reason: 'no answer', batch: 'unanswered' } as const
const SUSPECT = { kind: 'retry', dueAt: T, reason: 'no answer', suspect: true } as const
const END = T + 10 * SECOND

function leads(...names: string[]) {
  return names.map((id) => lead(id))
}

/** Creates so many leads of different people. */
function many(count: number, name = 'lead') {
  return Array.from({ length: count }, (_, at) => lead(`${name}-${at}`))
}

/** Opens an outbox in which a batch of the leads a, b, c and so on gets no answer while a lead with a cookie is delivered. */
async function openSuspect(open: Open, ...names: string[]): Promise<Outbox> {
  const outbox = await open(WIDE_BATCHES)
  await addAll(outbox, ...leads(...names), lead('other', { cookie: 'c' }))
  const [batch, other] = await outbox.claim(T, LATER, 2)
  await settleBatch(outbox, other!, DELIVERED, T + 1)
  await settleBatch(outbox, batch!, UNANSWERED, T + 2)
  return outbox
}

/** Returns the sizes of the batches that can be leased now, and requeues their jobs, whose batch size stays the same. */
async function sizes(outbox: Outbox, now = T + SECOND): Promise<number[]> {
  const batches = await outbox.claim(now, LATER, 99)
  for (const batch of batches) await settleBatch(outbox, batch, { kind: 'requeue', dueAt: T, reason: 'busy' }, now)
  return batches.map(({ jobs }) => jobs.length)
}

export function batchSize(open: Open): void {
  describe('the jobs of a batch that was refused', () => {
    it.each([
      [1, [1]],
      [2, [1, 1]],
      [3, [1, 1, 1]],
      [4, [2, 2]],
      [5, [2, 2, 1]],
      [9, [4, 4, 1]],
    ])('go in batches of half its size: %i jobs', async (count, expected) => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, ...many(count))
      await settleNext(outbox, REFUSED)

      expect(await sizes(outbox)).toStrictEqual(expected)
    })

    it('are halved each time, until each goes alone', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, ...leads('a', 'b', 'c', 'd'))

      const seen: string[][][] = []
      for (const _ of [1, 2, 3]) {
        const batches = await outbox.claim(T, LATER, 10)
        seen.push(idsOf(batches))
        for (const batch of batches) await settleBatch(outbox, batch, REFUSED)
      }

      expect(seen).toStrictEqual([
        [['a', 'b', 'c', 'd']],
        [
          ['a', 'b'],
          ['c', 'd'],
        ],
        [['a'], ['b'], ['c'], ['d']],
      ])
    })

    it('are due at the time of the outcome', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, ...leads('a', 'b'))
      await settleNext(outbox, { ...REFUSED, dueAt: T + SECOND })

      const early = await outbox.claim(T + SECOND - 1, LATER, 10)

      expect(early).toStrictEqual([])
      expect(await outbox.find('a')).toMatchObject({ state: 'waiting', attempts: 1, reason: 'batch refused' })
      expect(idsOf(await outbox.claim(T + SECOND, LATER, 10))).toStrictEqual([['a'], ['b']])
    })

    it('share batches with later leads, within their size', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, ...leads('a', 'b', 'c', 'd'))
      await settleNext(outbox, REFUSED)
      await addAll(outbox, ...leads('e', 'f', 'g', 'h'))

      expect(idsOf(await outbox.claim(T, LATER, 10))).toStrictEqual([
        ['a', 'b'],
        ['c', 'd'],
        ['e', 'f', 'g', 'h'],
      ])
    })
  })

  describe('the jobs of a batch that got no answer', () => {
    it('go in batches of half its size when a lead of another batch was delivered meanwhile', async () => {
      const outbox = await openSuspect(open, 'a', 'b', 'c', 'd')
      await addAll(outbox, ...many(6))

      expect(await sizes(outbox)).toStrictEqual([2, 2, 6])
    })

    it('are not suspect when a lead was delivered before the batch was leased', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, lead('other', { cookie: 'c' }))
      await settleNext(outbox, DELIVERED)
      await addAll(outbox, ...leads('a', 'b', 'c', 'd'))
      await settleNext(outbox, UNANSWERED, T + 1)

      // Marketo answers no batch: all batches of the account are half as large.
      await addAll(outbox, ...many(4))
      expect(await sizes(outbox)).toStrictEqual([2])
    })
  })

  describe('a suspect job', () => {
    it('goes alone after a failure of its own without an answer', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, ...leads('a', 'b', 'c', 'd'))
      const batch = await claimBatch(outbox)
      await outbox.settle(
        batch.id,
        batch.jobs.map((job) =>
          settlement(job, job.lead.id === 'b' ? SUSPECT : { kind: 'requeue', dueAt: T, reason: 'busy' }),
        ),
        T,
      )

      expect(idsOf(await outbox.claim(T, LATER, 10))).toStrictEqual([['a'], ['b'], ['c', 'd']])
    })

    it('is a retried one only when the outcome says so', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, ...leads('a', 'b'))
      await settleNext(outbox, { kind: 'retry', dueAt: T, reason: 'busy' })

      expect(await sizes(outbox)).toStrictEqual([2])
    })

    it('is not a requeued one when the culprit is known', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, ...leads('a', 'b'))
      await settleNext(outbox, { kind: 'requeue', dueAt: T, reason: 'no such attribute: X', rejectedAttributes: ['X'] })

      expect(await sizes(outbox)).toStrictEqual([2])
    })

    it('stays suspect through other outcomes', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, ...leads('a', 'b', 'c'))
      await settleNext(outbox, SUSPECT)

      const seen: number[][] = []
      for (const outcome of [
        { kind: 'requeue', dueAt: T, reason: 'busy' },
        { kind: 'retry', dueAt: T, reason: 'busy' },
        { kind: 'limited', limit: 'concurrency', retryAt: T, reason: 'too many' },
      ] as const) {
        for (const batch of await outbox.claim(T, LATER, 10)) await settleBatch(outbox, batch, outcome)
        seen.push(await sizes(outbox))
      }

      expect(seen).toStrictEqual([
        [1, 1, 1],
        [1, 1, 1],
        [1, 1, 1],
      ])
    })

    it('is suspect no longer once it was parked and replayed', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, ...leads('a', 'b'))
      await settleNext(outbox, SUSPECT)
      await settleNext(outbox, { kind: 'parked', reason: 'no' })
      await settleNext(outbox, { kind: 'parked', reason: 'no' })

      await outbox.replay(['a', 'b'], {}, T)

      expect(await sizes(outbox)).toStrictEqual([2])
    })

    it('is suspect no longer once the rest of it was delivered', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, ...leads('a', 'b'))
      await settleNext(outbox, { ...REFUSED, rejectedAttributes: ['FirstName'] })
      await settleNext(outbox, DELIVERED)
      await settleNext(outbox, DELIVERED)

      await outbox.replay(['a', 'b'], {}, T)

      expect(await sizes(outbox)).toStrictEqual([2])
    })
  })

  describe("the account's batch size", () => {
    /** Opens an outbox with 100 leads, of which a batch of 8 got no answer. */
    async function openSlow(): Promise<Outbox> {
      const outbox = await open({ ...WIDE_BATCHES, leadsPerCall: 8 })
      await outbox.add(many(100), T)
      await settleNext(outbox, UNANSWERED)
      return outbox
    }

    it('halves each time when a batch gets no answer, down to one', async () => {
      const outbox = await openSlow()

      const seen: number[] = []
      for (const _ of [1, 2, 3, 4]) seen.push((await settleNext(outbox, UNANSWERED)).length)

      expect(seen).toStrictEqual([4, 2, 1, 1])
    })

    it('halves once when several batches of the same size get no answer', async () => {
      const outbox = await open({ ...WIDE_BATCHES, leadsPerCall: 8 })
      await outbox.add(many(100), T)
      const batches = await outbox.claim(T, LATER, 3)

      for (const batch of batches) await settleBatch(outbox, batch, UNANSWERED)

      expect(await settleNext(outbox, DELIVERED)).toHaveLength(4)
    })

    it('does not halve when a batch is refused', async () => {
      const outbox = await open({ ...WIDE_BATCHES, leadsPerCall: 8 })
      await outbox.add(many(100), T)
      await settleNext(outbox, { ...REFUSED, dueAt: LATER })

      expect(await settleNext(outbox, DELIVERED)).toHaveLength(8)
    })

    it('does not halve when a lead of another batch was delivered meanwhile', async () => {
      const outbox = await openSuspect(open, 'a', 'b', 'c', 'd')
      await settleNext(outbox, DELIVERED)
      await settleNext(outbox, DELIVERED)
      await addAll(outbox, ...many(9))

      expect(await sizes(outbox)).toStrictEqual([9])
    })

    it('grows to four times an answered batch, up to the configured size', async () => {
      const outbox = await openSlow()
      for (const _ of [1, 2, 3]) await settleNext(outbox, UNANSWERED)

      const seen: number[] = []
      for (const _ of [1, 2, 3, 4]) seen.push((await settleNext(outbox, DELIVERED)).length)

      expect(seen).toStrictEqual([1, 4, 8, 8])
    })

    it('lets one shared batch go at a time while it grows', async () => {
      const outbox = await openSlow()
      await addAll(outbox, lead('alone', { cookie: 'c' }))

      const batches = await outbox.claim(T, END, 10)
      const meanwhile = await outbox.claim(T, END, 10)
      const next = await outbox.nextDueAt(T)
      await settleBatch(outbox, batches[0]!, DELIVERED)
      const then = await outbox.claim(T, LATER, 10)

      // A lead that goes alone shares nothing.
      expect(batches.map(({ jobs }) => jobs.length)).toStrictEqual([4, 1])
      expect(idsOf(batches)[1]).toStrictEqual(['alone'])
      expect(meanwhile).toStrictEqual([])
      expect(next).toBe(END)
      expect(then).not.toHaveLength(1)
      expect(then[0]?.jobs).toHaveLength(8)
    })

    it('lets a job that goes alone be leased when it is due, while a shared batch is out', async () => {
      const outbox = await openSlow()
      await claimBatch(outbox, T, END)
      await outbox.add([lead('alone', { cookie: 'c' })], T + SECOND)

      expect(await outbox.nextDueAt(T)).toBe(T + SECOND)
      expect(await outbox.claim(T + SECOND - 1, END, 10)).toStrictEqual([])
      expect(idsOf(await outbox.claim(T + SECOND, END, 10))).toStrictEqual([['alone']])
      expect(await outbox.nextDueAt(T + SECOND)).toBe(END)
    })

    it('is not tried again for ten minutes when it proved too large', async () => {
      const outbox = await open({ ...WIDE_BATCHES, leadsPerCall: 64 })
      await outbox.add(many(1_000), T)
      for (const _ of [64, 32, 16, 8]) await settleNext(outbox, UNANSWERED)
      await settleNext(outbox, DELIVERED)
      // Four leads were answered, 16 are not.
      const tooLarge = await settleNext(outbox, UNANSWERED)

      const minutes = [0, 5, 9.9, 10, 10].map((minutes) => T + minutes * 60 * SECOND)
      const seen: number[] = []
      for (const now of minutes) seen.push((await settleNext(outbox, DELIVERED, now)).length)

      expect(tooLarge).toHaveLength(16)
      expect(seen).toStrictEqual([4, 4, 4, 4, 16])
    })

    it('lets several batches of the size that was answered go at once meanwhile', async () => {
      const outbox = await open({ ...WIDE_BATCHES, leadsPerCall: 64 })
      await outbox.add(many(1_000), T)
      for (const _ of [64, 32, 16, 8]) await settleNext(outbox, UNANSWERED)
      await settleNext(outbox, DELIVERED)
      await settleNext(outbox, UNANSWERED)

      const batches = await outbox.claim(T, LATER, 3)

      expect(batches.map(({ jobs }) => jobs.length)).toStrictEqual([4, 4, 4])
    })

    it('grows again within ten minutes when the clock went backwards', async () => {
      const outbox = await open({ ...WIDE_BATCHES, leadsPerCall: 64 })
      const past = T - 7 * 24 * 3_600 * SECOND
      await outbox.add(many(1_000), past)
      for (const _ of [64, 32, 16, 8]) await settleNext(outbox, { ...UNANSWERED, dueAt: past })
      await settleNext(outbox, DELIVERED)
      await settleNext(outbox, { ...UNANSWERED, dueAt: past })

      await outbox.resume(past)
      const seen: number[] = []
      for (const minutes of [9.9, 10, 10]) {
        seen.push((await settleNext(outbox, DELIVERED, past + minutes * 60 * SECOND)).length)
      }

      expect(seen).toStrictEqual([4, 4, 16])
    })
  })
}
