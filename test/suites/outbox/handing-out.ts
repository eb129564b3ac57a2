import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../../relay/outbox/outbox.ts'
import { addAll, claimOne, ids, LATER, lead, ofOnePerson, SECOND, settlement, T } from './leads.ts'
import type { Open } from './suite.ts'

const OUTCOMES: [Outcome['kind'], Outcome][] = [
  ['delivered', { kind: 'delivered', leadId: 7 }],
  ['retry', { kind: 'retry', dueAt: T, reason: 'busy' }],
  ['again', { kind: 'again', dueAt: T, reason: 'another of its call', share: 1, refused: ['FirstName'] }],
  ['parked', { kind: 'parked', reason: 'no such attribute' }],
  ['halted', { kind: 'halted', until: LATER * 2, reason: 'no answer', blocked: true }],
  ['limited', { kind: 'limited', limit: 'rate', until: LATER * 2, reason: 'too fast' }],
]

export function handingOut(open: Open): void {
  describe('handing out', () => {
    it('hands out the oldest due first, and of those due at once the one that came first', async () => {
      const outbox = await open()
      await outbox.add([lead('late')], T + 2)
      await outbox.add([lead('first'), lead('second')], T + 1)
      await outbox.add([lead('early')], T)

      const jobs = await outbox.claim(T + 5, LATER, 10)

      expect(ids(jobs)).toStrictEqual(['early', 'first', 'second', 'late'])
    })

    it('hands out nothing before it is due', async () => {
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
    ])('hands out %i at the most where three are due', async (limit, expected) => {
      const outbox = await open()
      await addAll(outbox, lead('a'), lead('b'), lead('c'))

      const jobs = await outbox.claim(T, LATER, limit)

      expect(ids(jobs)).toStrictEqual(expected)
    })

    it('leaves what is out to whoever has it, though he may have died, until its call is over', async () => {
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

    it('believes after a start what became of a job that was out before it', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'))
      const job = await claimOne(outbox)

      await outbox.resume(T)
      await outbox.settle([settlement(job, { kind: 'delivered', leadId: 7 })], T)

      expect(await outbox.find('a')).toMatchObject({ state: 'delivered' })
    })

    it.each([
      ['an hour ahead stays so', 3_600 * SECOND, 3_600 * SECOND],
      ['two hours ahead stays so', 7_200 * SECOND, 7_200 * SECOND],
      ['more than two hours ahead is two hours ahead', 7_201 * SECOND, 7_200 * SECOND],
      ['a week ahead is two hours ahead', 168 * 3_600 * SECOND, 7_200 * SECOND],
    ])('what was due %s once the clock was set back', async (_, ahead, expected) => {
      const outbox = await open()
      await outbox.add([...ofOnePerson('a1', 'a2'), lead('b', { cookie: 'c' })], T)
      const now = T - ahead

      await outbox.resume(now)

      for (const id of ['a1', 'a2', 'b']) expect((await outbox.find(id))?.dueAt).toBe(now + expected)
      expect(await outbox.claim(now + expected - 1, LATER, 10)).toStrictEqual([])
      expect(ids(await outbox.claim(now + expected, LATER, 10))).toStrictEqual(['a1', 'b'])
    })

    it('hands a job out once', async () => {
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
      ['in one call', false],
      ['one after the other', true],
    ])('never hands out two of one person at once, added %s, and hands out the others meanwhile', async (_, single) => {
      const outbox = await open()
      const leads = [...ofOnePerson('a1', 'a2', 'a3'), lead('b')]
      if (single) await addAll(outbox, ...leads)
      else await outbox.add(leads, T)

      const now = await outbox.claim(T, LATER, 10)
      const then = await outbox.claim(T, LATER, 10)

      expect(ids(now)).toStrictEqual(['a1', 'b'])
      expect(then).toStrictEqual([])
    })

    it("keeps a person's order even where the later one was due earlier", async () => {
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
      "lets a person's next one go when the first is %s",
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

    it("holds back a person's next one while the first waits for its retry", async () => {
      const outbox = await open()
      await addAll(outbox, ...ofOnePerson('a1', 'a2'), lead('b'))
      const job = await claimOne(outbox)
      await outbox.settle([settlement(job, { kind: 'retry', dueAt: T + SECOND, reason: 'busy' })], T)

      const meanwhile = await outbox.claim(T, LATER, 10)
      const then = await outbox.claim(T + SECOND, LATER, 10)

      expect(ids(meanwhile)).toStrictEqual(['b'])
      expect(ids(then)).toStrictEqual(['a1'])
    })

    it('takes a lead of a person whose earlier ones are done', async () => {
      const outbox = await open()
      await addAll(outbox, ...ofOnePerson('a1'))
      await outbox.settle([settlement(await claimOne(outbox), { kind: 'delivered', leadId: 7 })], T)

      await addAll(outbox, ...ofOnePerson('a2'))

      expect(ids(await outbox.claim(T, LATER, 10))).toStrictEqual(['a2'])
    })

    describe('when the claimer dies', () => {
      it('hands the job out again when its time is over, and not before', async () => {
        const outbox = await open()
        await addAll(outbox, lead('a'))
        await claimOne(outbox, T, T + SECOND)

        const before = await outbox.claim(T + SECOND - 1, LATER, 10)
        const then = await outbox.claim(T + SECOND, LATER, 10)

        expect(before).toStrictEqual([])
        expect(then).toStrictEqual([{ lead: lead('a'), attempt: 2, failures: 0 }])
      })

      it('holds back the next one of that person until then', async () => {
        const outbox = await open()
        await addAll(outbox, ...ofOnePerson('a1', 'a2'))
        await claimOne(outbox, T, T + SECOND)

        const jobs = await outbox.claim(T + SECOND, LATER, 10)

        expect(ids(jobs)).toStrictEqual(['a1'])
      })

      it.each(OUTCOMES)('ignores that it was %s after all, once it was handed out again', async (_, outcome) => {
        const outbox = await open()
        await addAll(outbox, lead('a'), lead('b'))
        const [dead] = await outbox.claim(T, T + SECOND, 1)
        if (!dead) throw new Error('one was due')
        await outbox.claim(T + SECOND, LATER, 1)
        await outbox.claim(T + SECOND, LATER, 1)
        const before = [await outbox.find('a'), await outbox.find('b'), await outbox.status(), await outbox.nextDueAt()]

        await outbox.settle([settlement(dead, outcome)], T + 2 * SECOND)

        expect([
          await outbox.find('a'),
          await outbox.find('b'),
          await outbox.status(),
          await outbox.nextDueAt(),
        ]).toStrictEqual(before)
      })

      it('still believes the late one while nobody else has the job', async () => {
        const outbox = await open()
        await addAll(outbox, lead('a'))
        const job = await claimOne(outbox, T, T + SECOND)

        await outbox.settle([settlement(job, { kind: 'delivered', leadId: 7 })], T + 5 * SECOND)

        expect(await outbox.find('a')).toMatchObject({ state: 'delivered', settledAt: T + 5 * SECOND })
      })
    })
  })
}
