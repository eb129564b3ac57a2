/** Leasing jobs one by one: what is due, the order of a person's leads, leases that expire. */
import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../../relay/outbox/outbox.ts'
import { addAll, claimOne, ids, LATER, lead, ofOnePerson, SECOND, settlement, T, type OneByOne } from './leads.ts'
import type { OpenOneByOne } from './suite.ts'

const OUTCOMES: [Outcome['kind'], Outcome][] = [
  ['delivered', { kind: 'delivered', leadId: 7 }],
  ['retry', { kind: 'retry', dueAt: T, reason: 'busy', suspect: true }],
  [
    'requeue',
    { kind: 'requeue', dueAt: T, reason: 'batch refused', batch: 'refused', rejectedAttributes: ['FirstName'] },
  ],
  ['parked', { kind: 'parked', reason: 'no such attribute' }],
  ['stopped', { kind: 'stopped', retryAt: LATER * 2, reason: 'no answer', blocked: true }],
  ['limited', { kind: 'limited', limit: 'rate', retryAt: LATER * 2, reason: 'too fast' }],
]

export function leasing(open: OpenOneByOne): void {
  describe('leasing', () => {
    it('leases the job that is due longest first, and of those due at once the one that was accepted first', async () => {
      const outbox = await open()
      await outbox.add([lead('late')], T + 2)
      await outbox.add([lead('first'), lead('second')], T + 1)
      await outbox.add([lead('early')], T)

      const jobs = await outbox.claim(T + 5, LATER, 10)

      expect(ids(jobs)).toStrictEqual(['early', 'first', 'second', 'late'])
    })

    it('leases no job before it is due', async () => {
      const outbox = await open()
      await outbox.add([lead('a')], T)

      const before = await outbox.claim(T - 1, LATER, 10)
      const then = await outbox.claim(T, LATER, 10)

      expect(before).toStrictEqual([])
      expect(ids(then)).toStrictEqual(['a'])
    })

    it.each([
      [-1, []],
      [0, []],
      [1, ['a']],
      [2, ['a', 'b']],
      [9, ['a', 'b', 'c']],
    ])('leases at most %i batches when three jobs are due', async (max, expected) => {
      const outbox = await open()
      await addAll(outbox, lead('a'), lead('b'), lead('c'))

      const jobs = await outbox.claim(T, LATER, max)

      expect(ids(jobs)).toStrictEqual(expected)
    })

    it('leaves jobs that were leased before a restart leased until their lease expires', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'), ...ofOnePerson('b1', 'b2'), lead('c'))
      const before = await outbox.claim(T, T + SECOND, 2)

      await outbox.resume(T)
      const meanwhile = await outbox.claim(T + SECOND - 1, LATER, 10)
      const after = await outbox.claim(T + SECOND, LATER, 10)

      expect(ids(before)).toStrictEqual(['a', 'b1'])
      expect(ids(meanwhile)).toStrictEqual(['c'])
      expect(after.map((job) => [job.lead.id, job.attempt])).toStrictEqual([
        ['a', 2],
        ['b1', 2],
      ])
    })

    it('gives a job that was leased before the clock went back as long as its call may take, and no longer', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'))
      await claimOne(outbox, T, T + 400 * SECOND)
      const now = T - 3_600 * SECOND

      await outbox.resume(now)
      await outbox.resume(now + 60 * SECOND)

      expect(await outbox.claim(now + 400 * SECOND - 1, LATER, 10)).toStrictEqual([])
      expect(ids(await outbox.claim(now + 400 * SECOND, LATER, 10))).toStrictEqual(['a'])
    })

    it('keeps the lease of a call that may take longer than its own, as of a relay with another time-out', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'))
      await claimOne(outbox, T, T + 661 * SECOND)

      await outbox.resume(T + SECOND)

      expect(await outbox.claim(T + 661 * SECOND - 1, LATER, 10)).toStrictEqual([])
      expect(ids(await outbox.claim(T + 661 * SECOND, LATER, 10))).toStrictEqual(['a'])
    })

    it('applies a settlement of a job that was leased before a restart', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'))
      const job = await claimOne(outbox)

      await outbox.resume(T)
      await outbox.settle([settlement(job, { kind: 'delivered', leadId: 7 })], T)

      expect(await outbox.find('a')).toMatchObject({ state: 'delivered' })
    })

    it.each([
      ['a minute', 60 * SECOND, 60 * SECOND],
      ['five minutes', 300 * SECOND, 300 * SECOND],
      ['a second more than five minutes', 301 * SECOND, 300 * SECOND],
      ['an hour', 3_600 * SECOND, 300 * SECOND],
      ['a week', 168 * 3_600 * SECOND, 300 * SECOND],
    ])('delays no new job by more than five minutes when the clock went back by %s', async (_, back, expected) => {
      const outbox = await open()
      await outbox.add([...ofOnePerson('a1', 'a2'), lead('b', { cookie: 'c' })], T)
      const now = T - back

      await outbox.resume(now)

      for (const id of ['a1', 'a2', 'b']) expect((await outbox.find(id))?.dueAt).toBe(now + expected)
      expect(await outbox.claim(now + expected - 1, LATER, 10)).toStrictEqual([])
      expect(ids(await outbox.claim(now + expected, LATER, 10))).toStrictEqual(['a1', 'b'])
    })

    it('leases a job once', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'), lead('b'))

      const [first, second, third] = [
        await outbox.claim(T, LATER, 1),
        await outbox.claim(T, LATER, 1),
        await outbox.claim(T, LATER, 1),
      ]

      expect([first, second, third].map(ids)).toStrictEqual([['a'], ['b'], []])
    })

    it.each([
      ['together', false],
      ['one after the other', true],
    ])('leases one job of a person at a time, and others meanwhile, when leads are added %s', async (_, single) => {
      const outbox = await open()
      const leads = [...ofOnePerson('a1', 'a2', 'a3'), lead('b')]
      if (single) await addAll(outbox, ...leads)
      else await outbox.add(leads, T)

      const now = await outbox.claim(T, LATER, 10)
      const then = await outbox.claim(T, LATER, 10)

      expect(ids(now)).toStrictEqual(['a1', 'b'])
      expect(then).toStrictEqual([])
    })

    it("keeps the order of a person's leads when the later one was due earlier", async () => {
      const outbox = await open()
      const [first, second] = ofOnePerson('a1', 'a2')
      if (!first || !second) throw new Error('two leads')
      await outbox.add([first], T + SECOND)
      await outbox.add([second], T)

      const before = await outbox.claim(T, LATER, 10)
      const then = await outbox.claim(T + SECOND, LATER, 10)

      expect(before).toStrictEqual([])
      expect(ids(then)).toStrictEqual(['a1'])
    })

    it.each(OUTCOMES.filter(([kind]) => kind === 'delivered' || kind === 'parked'))(
      "leases a person's next job when the one before is %s",
      async (_, outcome) => {
        const outbox = await open()
        await addAll(outbox, ...ofOnePerson('a1', 'a2', 'a3'))

        const order: string[] = []
        for (const _each of ['a1', 'a2', 'a3']) {
          const jobs = await outbox.claim(T, LATER, 10)
          order.push(...ids(jobs))
          await outbox.settle(
            jobs.map((job) => settlement(job, outcome)),
            T,
          )
        }

        expect(order).toStrictEqual(['a1', 'a2', 'a3'])
        expect(await outbox.claim(T, LATER, 10)).toStrictEqual([])
      },
    )

    it("does not lease a person's next job while the one before waits for a retry", async () => {
      const outbox = await open()
      await addAll(outbox, ...ofOnePerson('a1', 'a2'), lead('b'))
      const job = await claimOne(outbox)
      await outbox.settle([settlement(job, { kind: 'retry', dueAt: T + SECOND, reason: 'busy' })], T)

      const meanwhile = await outbox.claim(T, LATER, 10)
      const then = await outbox.claim(T + SECOND, LATER, 10)

      expect(ids(meanwhile)).toStrictEqual(['b'])
      expect(ids(then)).toStrictEqual(['a1'])
    })

    it('leases a new lead of a person whose earlier ones were delivered', async () => {
      const outbox = await open()
      await addAll(outbox, ...ofOnePerson('a1'))
      await outbox.settle([settlement(await claimOne(outbox), { kind: 'delivered', leadId: 7 })], T)

      await addAll(outbox, ...ofOnePerson('a2'))

      expect(ids(await outbox.claim(T, LATER, 10))).toStrictEqual(['a2'])
    })

    describe('when a call got no answer', () => {
      const END = T + 10 * SECOND

      /** Leases a lead until `END`, and settles its call without an answer. */
      async function lose(outbox: OneByOne, outcome: Outcome): Promise<void> {
        const job = await claimOne(outbox, T, END)
        await outbox.settle([{ ...settlement(job, outcome), lost: END }], T)
      }

      it.each(OUTCOMES.filter(([kind]) => ['retry', 'requeue', 'stopped'].includes(kind)))(
        'does not lease the job again before the lease would have ended: %s',
        async (_, outcome) => {
          const outbox = await open()
          await addAll(outbox, lead('a'))
          await lose(outbox, outcome)
          await outbox.retryNow(T)

          const early = await outbox.claim(END - 1, LATER, 10)
          await outbox.retryNow(END)

          expect(early).toStrictEqual([])
          expect(ids(await outbox.claim(END, LATER, 10))).toStrictEqual(['a'])
        },
      )

      it('does not lease a parked job that is replayed before', async () => {
        const outbox = await open()
        await addAll(outbox, lead('a'))
        await lose(outbox, { kind: 'parked', reason: 'no answer' })
        await outbox.replay(['a'], {}, T)

        const early = await outbox.claim(END - 1, LATER, 10)

        expect(early).toStrictEqual([])
        expect(await outbox.nextDueAt(END - 1)).toBe(END)
        expect(ids(await outbox.claim(END, LATER, 10))).toStrictEqual(['a'])
      })

      it('does not lease a lead of the person that is added before, and leases those of others', async () => {
        const outbox = await open()
        await addAll(outbox, ...ofOnePerson('a1'))
        await lose(outbox, { kind: 'parked', reason: 'no answer' })
        await addAll(outbox, ...ofOnePerson('a2'), lead('b'))

        const early = await outbox.claim(END - 1, LATER, 10)

        expect(ids(early)).toStrictEqual(['b'])
        expect(ids(await outbox.claim(END, LATER, 10))).toStrictEqual(['a2'])
      })

      it('does not lease a later lead of the person, though that of the call was discarded and swept', async () => {
        const outbox = await open()
        await addAll(outbox, ...ofOnePerson('a1'))
        await lose(outbox, { kind: 'parked', reason: 'no answer' })
        await outbox.discard({ id: 'a1' }, { by: 'ana', reason: 'a test', dryRun: false }, T)
        await outbox.sweep(T + 1, 10)
        await addAll(outbox, lead('b'), ...ofOnePerson('a2'))

        const early = await outbox.claim(END - 1, LATER, 10)

        expect(ids(early)).toStrictEqual(['b'])
        expect(ids(await outbox.claim(END, LATER, 10))).toStrictEqual(['a2'])
      })

      it('does not lease the job for the length of a long lease, when the clock was set back meanwhile', async () => {
        const outbox = await open()
        await addAll(outbox, lead('a'))
        const job = await claimOne(outbox, T, T + 661 * SECOND)
        const outcome = { kind: 'retry', dueAt: T + 661 * SECOND, reason: 'no answer', lost: T + 661 * SECOND } as const
        await outbox.settle([settlement(job, outcome)], T)
        const now = T - 3_600 * SECOND

        await outbox.resume(now)
        const early = await outbox.claim(now + 661 * SECOND - 1, LATER, 10)

        expect(early).toStrictEqual([])
        expect(ids(await outbox.claim(now + 661 * SECOND, LATER, 10))).toStrictEqual(['a'])
      })
    })

    describe('when a batch is not settled in time', () => {
      it('leases the job again when the lease expires, and not before', async () => {
        const outbox = await open()
        await addAll(outbox, lead('a'))
        await claimOne(outbox, T, T + SECOND)

        const before = await outbox.claim(T + SECOND - 1, LATER, 10)
        const then = await outbox.claim(T + SECOND, LATER, 10)

        expect(before).toStrictEqual([])
        expect(then).toStrictEqual([{ lead: lead('a'), attempt: 2, failures: 0 }])
      })

      it("does not lease the person's next job instead", async () => {
        const outbox = await open()
        await addAll(outbox, ...ofOnePerson('a1', 'a2'))
        await claimOne(outbox, T, T + SECOND)

        const jobs = await outbox.claim(T + SECOND, LATER, 10)

        expect(ids(jobs)).toStrictEqual(['a1'])
      })

      it.each(OUTCOMES)('ignores a late settlement as %s once the job was leased again', async (_, outcome) => {
        const outbox = await open()
        await addAll(outbox, lead('a'), lead('b'))
        const [expired] = await outbox.claim(T, T + SECOND, 1)
        if (!expired) throw new Error('one job was due')
        await outbox.claim(T + SECOND, LATER, 1)
        await outbox.claim(T + SECOND, LATER, 1)
        const before = [await outbox.find('a'), await outbox.find('b'), await outbox.status(), await outbox.nextDueAt()]

        await outbox.settle([settlement(expired, outcome)], T + 2 * SECOND)

        expect([
          await outbox.find('a'),
          await outbox.find('b'),
          await outbox.status(),
          await outbox.nextDueAt(),
        ]).toStrictEqual(before)
      })

      it('applies a late settlement while the job was not leased again', async () => {
        const outbox = await open()
        await addAll(outbox, lead('a'))
        const job = await claimOne(outbox, T, T + SECOND)

        await outbox.settle([settlement(job, { kind: 'delivered', leadId: 7 })], T + 5 * SECOND)

        expect(await outbox.find('a')).toMatchObject({ state: 'delivered', settledAt: T + 5 * SECOND })
      })
    })
  })
}
