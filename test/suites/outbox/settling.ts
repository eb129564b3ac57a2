/** Settling jobs one by one: failures, history, receipts, parked jobs, and when the next job is due. */
import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../../relay/outbox/outbox.ts'
import { addAll, claimOne, ids, LATER, lead, ofOnePerson, SECOND, settlement, T } from './leads.ts'
import type { OpenOneByOne } from './suite.ts'

export function settling(open: OpenOneByOne): void {
  describe('settling', () => {
    it("counts failures by the lead's own fault since the first of them, and no other failures", async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'))
      const outcomes: Outcome[] = [
        { kind: 'requeue', dueAt: T, reason: 'batch refused', batch: 'refused' },
        { kind: 'requeue', dueAt: T, reason: 'no answer', batch: 'unanswered' },
        { kind: 'stopped', retryAt: T, reason: 'no answer', blocked: false },
        { kind: 'limited', limit: 'day', retryAt: T, reason: 'too many' },
        { kind: 'retry', dueAt: T, reason: 'busy' },
        { kind: 'retry', dueAt: T, reason: 'busy', suspect: true },
      ]
      const DAY = 26 * 3_600 * SECOND

      const counted: (number | undefined)[][] = []
      for (const [at, outcome] of outcomes.entries()) {
        const job = await claimOne(outbox, T + at * DAY, T + at * DAY + SECOND)
        counted.push([job.failures, job.failingSince])
        await outbox.settle([settlement(job, outcome)], T + at * DAY)
      }
      const last = await claimOne(outbox, T + 6 * DAY, T + 7 * DAY)

      expect(counted).toStrictEqual([
        [0, undefined],
        [0, undefined],
        [0, undefined],
        [0, undefined],
        [0, undefined],
        [1, T + 4 * DAY],
      ])
      expect([last.failures, last.failingSince]).toStrictEqual([2, T + 4 * DAY])
    })

    it('records unsuccessful attempts, and consecutive ones with the same reason as one entry', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'))
      const reasons = ['busy', 'busy', 'HTTP 502', 'busy', 'busy', 'busy']

      for (const [at, reason] of reasons.entries()) {
        const job = await claimOne(outbox, T + at, T + at + 1)
        await outbox.settle([settlement(job, { kind: 'retry', dueAt: T + at, reason })], T + at)
      }

      expect((await outbox.find('a'))?.history).toStrictEqual([
        { reason: 'busy', times: 2, first: T, last: T + 1 },
        { reason: 'HTTP 502', times: 1, first: T + 2, last: T + 2 },
        { reason: 'busy', times: 3, first: T + 3, last: T + 5 },
      ])
    })

    it.each<[string, Outcome, number]>([
      ['retry', { kind: 'retry', dueAt: T + 9, reason: 'no' }, T + 9],
      ['requeue', { kind: 'requeue', dueAt: T + 9, reason: 'no' }, T + 9],
      ['stopped', { kind: 'stopped', retryAt: T + 8, reason: 'no', blocked: true, dueAt: T + 9 }, T + 9],
      ['stopped without a due time', { kind: 'stopped', retryAt: T + 8, reason: 'no', blocked: true }, T - 5],
      ['limited', { kind: 'limited', limit: 'rate', retryAt: T + 8, reason: 'no' }, T - 5],
    ])('records the reason and makes the job due again after the outcome %s', async (_, outcome, dueAt) => {
      const outbox = await open()
      await addAll(outbox, lead('a', { acceptedAt: T - 5 }))

      await outbox.settle([settlement(await claimOne(outbox), outcome)], T + 1)

      expect(await outbox.find('a')).toMatchObject({
        state: 'waiting',
        attempts: 1,
        dueAt,
        reason: 'no',
        history: [{ reason: 'no', times: 1, first: T + 1, last: T + 1 }],
      })
    })

    it('keeps a receipt of a delivered lead without personal data', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a', { notes: ['cookie left out: foreign'] }))
      const first = await claimOne(outbox)
      await outbox.settle([settlement(first, { kind: 'retry', dueAt: T, reason: 'George is locked' })], T)
      const second = await claimOne(outbox)

      await outbox.settle([settlement(second, { kind: 'delivered', leadId: 1_000_042 })], T + SECOND)

      expect(await outbox.find('a')).toStrictEqual({
        id: 'a',
        form: 'contact',
        state: 'delivered',
        attempts: 2,
        acceptedAt: T,
        settledAt: T + SECOND,
        leadId: 1_000_042,
        history: [],
        rejectedAttributes: [],
        staleAttributes: [],
        notes: ['cookie left out: foreign'],
      })
    })

    it('keeps a parked lead whole, with the reason, out of the queue', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'))

      await outbox.settle([settlement(await claimOne(outbox), { kind: 'parked', reason: 'no e-mail' })], T + SECOND)

      expect(await outbox.find('a')).toStrictEqual({
        id: 'a',
        form: 'contact',
        state: 'parked',
        attempts: 1,
        acceptedAt: T,
        settledAt: T + SECOND,
        reason: 'no e-mail',
        history: [{ reason: 'no e-mail', times: 1, first: T + SECOND, last: T + SECOND }],
        rejectedAttributes: [],
        staleAttributes: [],
        notes: [],
        lead: lead('a'),
      })
      expect(await outbox.claim(LATER * 2, LATER * 3, 10)).toStrictEqual([])
      expect(await outbox.nextDueAt()).toBeUndefined()
    })

    it('leases a job again when its retry is due', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'))
      const job = await claimOne(outbox)

      await outbox.settle([settlement(job, { kind: 'retry', dueAt: T + SECOND, reason: 'HTTP 502' })], T)

      expect(await outbox.claim(T + SECOND - 1, LATER, 10)).toStrictEqual([])
      expect(await outbox.claim(T + SECOND, LATER, 10)).toStrictEqual([
        { lead: lead('a'), attempt: 2, failures: 1, failingSince: T },
      ])
    })

    it('leases a retry after the jobs that were due before it', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'), lead('b'))
      const job = await claimOne(outbox)
      await outbox.settle([settlement(job, { kind: 'retry', dueAt: T + 1, reason: 'busy' })], T)

      const jobs = await outbox.claim(T + SECOND, LATER, 10)

      expect(ids(jobs)).toStrictEqual(['b', 'a'])
    })

    it('applies several settlements, each to its own job', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'), lead('b'), lead('c'), lead('d'))
      const [a, b, c] = await outbox.claim(T, LATER, 3)
      if (!a || !b || !c) throw new Error('three jobs were due')

      await outbox.settle(
        [
          settlement(a, { kind: 'delivered', leadId: 7 }),
          settlement(b, { kind: 'parked', reason: 'no e-mail' }),
          settlement(c, { kind: 'retry', dueAt: T + SECOND, reason: 'busy' }),
        ],
        T,
      )

      expect(await outbox.status()).toStrictEqual({
        waiting: 2,
        held: 0,
        parked: 1,
        delivered: 1,
        oldestAt: T,
        parkedAt: T,
      })
      expect(await outbox.find('d')).toMatchObject({ state: 'waiting', attempts: 0 })
    })

    it('ignores settlements of unknown ids and of attempts that were not made', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'))
      const job = await claimOne(outbox)
      const before = [await outbox.find('a'), await outbox.status()]

      await outbox.settle(
        [
          { id: 'b', attempt: 1, kind: 'delivered', leadId: 7 },
          { id: 'a', attempt: job.attempt + 1, kind: 'delivered', leadId: 7 },
        ],
        T,
      )

      expect([await outbox.find('a'), await outbox.status()]).toStrictEqual(before)
    })

    it('ignores a second settlement of the same attempt', async () => {
      const outbox = await open()
      await addAll(outbox, ...ofOnePerson('a1', 'a2'))
      const job = await claimOne(outbox)
      await outbox.settle([settlement(job, { kind: 'delivered', leadId: 7 })], T)
      const next = await claimOne(outbox)

      await outbox.settle([settlement(job, { kind: 'retry', dueAt: T, reason: 'busy' })], T)
      await outbox.settle([settlement(job, { kind: 'delivered', leadId: 8 })], T)

      expect(await outbox.find('a1')).toMatchObject({ state: 'delivered', leadId: 7 })
      expect(next.lead.id).toBe('a2')
      expect(await outbox.find('a2')).toMatchObject({ state: 'waiting', attempts: 1, dueAt: LATER })
    })

    it('applies the first of two settlements of a job in one call', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'))
      const job = await claimOne(outbox)

      await outbox.settle(
        [settlement(job, { kind: 'delivered', leadId: 7 }), settlement(job, { kind: 'parked', reason: 'no e-mail' })],
        T,
      )

      expect(await outbox.find('a')).toMatchObject({ state: 'delivered', leadId: 7 })
      expect(await outbox.status()).toMatchObject({ parked: 0, delivered: 1 })
    })
  })

  describe('the time when the next job is due', () => {
    it('is the earliest of the jobs that may be leased', async () => {
      const outbox = await open()
      await outbox.add([lead('a')], T + 2)
      await outbox.add([lead('b')], T + 1)

      const next = await outbox.nextDueAt()

      expect(next).toBe(T + 1)
    })

    it("is not that of a person's second job", async () => {
      const outbox = await open()
      const [first, second] = ofOnePerson('a1', 'a2')
      if (!first || !second) throw new Error('two leads')
      await outbox.add([first], T + SECOND)
      await outbox.add([second], T)

      const next = await outbox.nextDueAt()

      expect(next).toBe(T + SECOND)
    })

    it('is the end of the lease while all jobs that wait are leased', async () => {
      const outbox = await open()
      await addAll(outbox, ...ofOnePerson('a1', 'a2'))
      await claimOne(outbox, T, T + SECOND)

      const next = await outbox.nextDueAt()

      expect(next).toBe(T + SECOND)
    })

    it('is that of the retry after a retry', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'))
      const job = await claimOne(outbox)
      await outbox.settle([settlement(job, { kind: 'retry', dueAt: T + 5 * SECOND, reason: 'busy' })], T)

      const next = await outbox.nextDueAt()

      expect(next).toBe(T + 5 * SECOND)
    })

    it('is unknown when all jobs are delivered', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'))
      await outbox.settle([settlement(await claimOne(outbox), { kind: 'delivered', leadId: 7 })], T)

      const next = await outbox.nextDueAt()

      expect(next).toBeUndefined()
    })
  })
}
