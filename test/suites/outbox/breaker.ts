/** The circuit breaker: when no lead gets through, no job is leased for a while, and then one at a time. */
import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../../relay/outbox/outbox.ts'
import {
  addAll,
  claimBatch,
  claimOne,
  ids,
  idsOf,
  LATER,
  lead,
  ofOnePerson,
  SECOND,
  settleBatch,
  settlement,
  T,
  WIDE_BATCHES,
  type OneByOne,
} from './leads.ts'
import type { Open, OpenOneByOne } from './suite.ts'

const RETRY_AT = T + 60 * SECOND
const STOPPED = { kind: 'stopped', retryAt: RETRY_AT, reason: 'no answer', blocked: false } as const
const DELIVERED = { kind: 'delivered', leadId: 7 } as const

/** Leases the oldest job and opens the breaker with it until `RETRY_AT`. */
async function trip(outbox: OneByOne, outcome: Outcome = STOPPED): Promise<void> {
  await outbox.settle([settlement(await claimOne(outbox), outcome)], T)
}

/** Leases one job and settles it. Returns its id. */
async function probe(outbox: OneByOne, now: number, outcome: Outcome = DELIVERED): Promise<string> {
  const job = await claimOne(outbox, now, now + SECOND)
  await outbox.settle([settlement(job, outcome)], now)
  return job.lead.id
}

export function breaker(open: OpenOneByOne, openOutbox: Open): void {
  describe('the circuit breaker', () => {
    const six = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => lead(id))

    it('lets no job be leased while it is open', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)

      await trip(outbox)

      expect(await outbox.claim(T, LATER, 10)).toStrictEqual([])
      expect(await outbox.claim(RETRY_AT - 1, LATER, 10)).toStrictEqual([])
      expect(await outbox.nextDueAt()).toBe(RETRY_AT)
      expect(await outbox.find('a')).toMatchObject({ state: 'waiting', attempts: 1, reason: 'no answer' })
    })

    it('lets no lead be leased that arrives while it is open', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'))
      await trip(outbox)

      await outbox.add([lead('new')], T)

      expect(await outbox.claim(RETRY_AT - 1, LATER, 10)).toStrictEqual([])
      expect(await outbox.nextDueAt()).toBe(RETRY_AT)
    })

    it('leaves a stopped job the place in which it was accepted, though it was retried before', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'), lead('b'))
      await outbox.settle([settlement(await claimOne(outbox), { kind: 'retry', dueAt: T + 1, reason: 'busy' })], T)
      const leased = await outbox.claim(T + 1, LATER, 2)

      await outbox.settle(
        leased.map((job) => settlement(job, STOPPED)),
        T + 1,
      )

      expect(ids(leased)).toStrictEqual(['b', 'a'])
      expect(await probe(outbox, RETRY_AT)).toBe('a')
      expect(await probe(outbox, RETRY_AT)).toBe('b')
    })

    it('probes with other jobs first when the stopped one is due later', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'), lead('b'), lead('c'))

      await trip(outbox, { ...STOPPED, dueAt: RETRY_AT + 1 })

      expect(await outbox.find('a')).toMatchObject({ state: 'waiting', dueAt: RETRY_AT + 1 })
      expect(await probe(outbox, RETRY_AT)).toBe('b')
      expect(await probe(outbox, RETRY_AT)).toBe('c')
      expect(await outbox.claim(RETRY_AT, LATER, 10)).toStrictEqual([])
      expect(await probe(outbox, RETRY_AT + 1)).toBe('a')
    })

    it('keeps the order of all jobs that wait', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      const leased = await outbox.claim(T, LATER, 3)
      await outbox.settle(
        leased.map((job) => settlement(job, STOPPED)),
        T,
      )

      const order: string[] = []
      for (const _ of six) order.push(await probe(outbox, RETRY_AT))

      expect(order).toStrictEqual(['a', 'b', 'c', 'd', 'e', 'f'])
    })

    it("does not probe with a person's second job before the first", async () => {
      const outbox = await open()
      await addAll(outbox, ...ofOnePerson('a1', 'a2'))
      await trip(outbox)

      const jobs = await outbox.claim(RETRY_AT, LATER, 10)

      expect(ids(jobs)).toStrictEqual(['a1'])
    })

    it('probes with one job at a time', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await trip(outbox)

      const jobs = await outbox.claim(RETRY_AT, RETRY_AT + SECOND, 10)
      const meanwhile = await outbox.claim(RETRY_AT + SECOND - 1, LATER, 10)

      expect(ids(jobs)).toStrictEqual(['a'])
      expect(meanwhile).toStrictEqual([])
      expect(await outbox.nextDueAt()).toBe(RETRY_AT + SECOND)
    })

    it('probes with a batch of one job when jobs may share batches', async () => {
      const outbox = await openOutbox(WIDE_BATCHES)
      await addAll(outbox, ...six)
      await settleBatch(outbox, await claimBatch(outbox), STOPPED)

      const probes: string[][][] = []
      for (const _ of [1, 2, 3]) {
        const batches = await outbox.claim(RETRY_AT, LATER, 10)
        probes.push(idsOf(batches))
        for (const batch of batches) await settleBatch(outbox, batch, DELIVERED, RETRY_AT)
      }

      expect(probes).toStrictEqual([[['a']], [['b']], [['c']]])
      expect(idsOf(await outbox.claim(RETRY_AT, LATER, 10))).toStrictEqual([['d', 'e', 'f']])
    })

    it('lets a probe be leased at once when a call is asked for', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await trip(outbox)

      await outbox.retryNow(T + SECOND)

      expect(await outbox.nextDueAt(T + SECOND)).toBe(T + SECOND)
      expect(ids(await outbox.claim(T + SECOND, RETRY_AT, 10))).toStrictEqual(['a'])
      expect(await outbox.claim(T + SECOND, RETRY_AT, 10)).toStrictEqual([])
    })

    it('opens again when a probe that was asked for is refused', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await trip(outbox)
      await outbox.retryNow(T)

      await probe(outbox, T, STOPPED)

      expect(await outbox.nextDueAt()).toBe(RETRY_AT)
    })

    it('lets no second probe be leased when a call is asked for while one is out', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await trip(outbox)
      await outbox.claim(RETRY_AT, RETRY_AT + SECOND, 1)

      await outbox.retryNow(RETRY_AT)

      expect(await outbox.claim(RETRY_AT, RETRY_AT + SECOND, 10)).toStrictEqual([])
    })

    it('stays closed when a call is asked for', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)

      await outbox.retryNow(T)

      expect(await outbox.claim(T, LATER, 10)).toHaveLength(6)
    })

    it.each<[string, string | undefined, number]>([
      ['closes at a start with other credentials (D8)', 'new key', 6],
      ['stays open at a start with the same credentials', 'old key', 0],
      ['stays open after the clock went backwards', undefined, 0],
    ])('%s', async (_, credentials, count) => {
      const outbox = await open()
      await outbox.resume(T, 'old key')
      await addAll(outbox, ...six)
      await trip(outbox, { ...STOPPED, blocked: true })

      await outbox.resume(T, credentials)

      expect(await outbox.claim(T, LATER, 10)).toHaveLength(count)
      expect('breaker' in (await outbox.status())).toBe(count === 0)
    })

    it('uses up no probe when no batch is asked for', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await trip(outbox)

      const none = await outbox.claim(RETRY_AT, LATER, 0)

      expect(none).toStrictEqual([])
      expect(await outbox.nextDueAt()).toBe(RETRY_AT)
    })

    it('probes again when the lease of a probe expires', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await trip(outbox)
      await outbox.claim(RETRY_AT, RETRY_AT + SECOND, 10)

      const next = await outbox.claim(RETRY_AT + SECOND, LATER, 10)

      expect(next).toHaveLength(1)
    })

    it.each([
      ['delivered', DELIVERED],
      ['parked', { kind: 'parked', reason: 'no such attribute' }],
    ] as [string, Outcome][])('closes when three consecutive probes were %s', async (_, outcome) => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await trip(outbox)

      const probed: string[] = []
      for (let n = 1; n <= 3; n += 1) probed.push(await probe(outbox, RETRY_AT, outcome))
      const after = await outbox.claim(RETRY_AT, LATER, 10)

      expect(probed).toStrictEqual(['a', 'b', 'c'])
      expect(ids(after)).toStrictEqual(['d', 'e', 'f'])
    })

    it('does not close after two probes', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await trip(outbox)

      await probe(outbox, RETRY_AT)
      await probe(outbox, RETRY_AT)

      expect(await outbox.claim(RETRY_AT, LATER, 10)).toHaveLength(1)
    })

    it('counts a probe that is retried neither as passed nor as failed', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await trip(outbox)
      await probe(outbox, RETRY_AT)
      await probe(outbox, RETRY_AT)

      await probe(outbox, RETRY_AT, { kind: 'retry', dueAt: LATER, reason: 'busy' })
      const third = await outbox.claim(RETRY_AT, LATER, 10)
      await outbox.settle(
        third.map((job) => settlement(job, DELIVERED)),
        RETRY_AT,
      )

      expect(ids(third)).toStrictEqual(['d'])
      expect(ids(await outbox.claim(RETRY_AT, LATER, 10))).toStrictEqual(['e', 'f'])
    })

    it('opens again when a probe is stopped, and then needs three probes', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await trip(outbox)
      await probe(outbox, RETRY_AT)
      await probe(outbox, RETRY_AT)

      const again = RETRY_AT + 30 * SECOND
      await probe(outbox, RETRY_AT, { ...STOPPED, retryAt: again })

      expect(await outbox.claim(again - 1, LATER, 10)).toStrictEqual([])
      expect(await probe(outbox, again)).toBe('c')
      expect(await probe(outbox, again)).toBe('d')
      expect(await outbox.claim(again, LATER, 10)).toHaveLength(1)
    })

    it('retries at the time of the stopped probe, though the lease of the probe was longer', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await trip(outbox)
      const job = await claimOne(outbox, RETRY_AT, RETRY_AT + 120 * SECOND)

      await outbox.settle([settlement(job, { ...STOPPED, retryAt: RETRY_AT + 5 * SECOND })], RETRY_AT)

      expect(await outbox.nextDueAt()).toBe(RETRY_AT + 5 * SECOND)
      expect(await outbox.claim(RETRY_AT + 5 * SECOND, LATER, 10)).toHaveLength(1)
    })

    it('is not closed by deliveries of batches that were leased before it opened', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      const [a, b, c, d] = await outbox.claim(T, LATER, 4)
      if (!a || !b || !c || !d) throw new Error('four jobs were due')

      await outbox.settle([settlement(a, STOPPED)], T)
      for (const job of [b, c, d]) await outbox.settle([settlement(job, DELIVERED)], T)

      expect((await outbox.status()).delivered).toBe(3)
      expect(await outbox.claim(RETRY_AT - 1, LATER, 10)).toStrictEqual([])
      expect(ids(await outbox.claim(RETRY_AT, LATER, 10))).toStrictEqual(['a'])
    })

    it('stays open longer when a batch that was leased before is stopped for longer', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      const [a, b] = await outbox.claim(T, LATER, 2)
      if (!a || !b) throw new Error('two jobs were due')
      await outbox.settle([settlement(a, STOPPED)], T)

      const longer = { kind: 'stopped', retryAt: RETRY_AT + 1, reason: 'bad key', blocked: true } as const
      await outbox.settle([settlement(b, longer)], T)

      expect((await outbox.status()).breaker).toStrictEqual({
        retryAt: RETRY_AT + 1,
        reason: 'bad key',
        blocked: true,
      })
    })

    it('stays as it is when a batch that was leased before is stopped for a shorter time', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      const [a, b] = await outbox.claim(T, LATER, 2)
      if (!a || !b) throw new Error('two jobs were due')
      await outbox.settle([settlement(a, { ...STOPPED, reason: 'bad key', blocked: true })], T)

      await outbox.settle([settlement(b, { ...STOPPED, retryAt: RETRY_AT - 1 })], T)

      expect((await outbox.status()).breaker).toStrictEqual({ retryAt: RETRY_AT, reason: 'bad key', blocked: true })
      expect(await outbox.find('b')).toMatchObject({ state: 'waiting', dueAt: T })
    })

    it('stays open for five minutes at most when the clock went backwards', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await trip(outbox)
      const now = T - 7 * 24 * 3_600 * SECOND

      await outbox.resume(now)

      expect((await outbox.status()).breaker?.retryAt).toBe(now + 300 * SECOND)
    })

    it('probes again after the length of the lease when the clock went backwards', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await trip(outbox, { ...STOPPED, retryAt: T - 3_600 * SECOND })
      await outbox.claim(T, T + 100 * SECOND, 10)

      await outbox.resume(T - 1_800 * SECOND)

      expect((await outbox.status()).breaker?.retryAt).toBe(T - 1_700 * SECOND)
    })

    it.each([true, false])('is reported with its reason, and whether a person must act: %s', async (blocked) => {
      const outbox = await open()
      await addAll(outbox, ...six)

      await trip(outbox, { kind: 'stopped', retryAt: RETRY_AT, reason: 'bad key', blocked })

      expect(await outbox.status()).toStrictEqual({
        waiting: 6,
        held: 0,
        parked: 0,
        delivered: 0,
        oldestAt: T,
        breaker: { reason: 'bad key', retryAt: RETRY_AT, blocked },
      })
    })

    it('is reported while a probe is leased, and no longer once a probe got through', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await trip(outbox)
      const job = await claimOne(outbox, RETRY_AT, RETRY_AT + SECOND)

      const during = await outbox.status()
      await outbox.settle([settlement(job, DELIVERED)], RETRY_AT)

      expect(during.breaker).toStrictEqual({ reason: 'no answer', retryAt: RETRY_AT + SECOND, blocked: false })
      expect((await outbox.status()).breaker).toBeUndefined()
    })
  })
}
