import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../../relay/outbox/outbox.ts'
import { addAll, claimOne, ids, LATER, lead, ofOnePerson, SECOND, settlement, T } from './leads.ts'
import type { Open } from './suite.ts'

export function settling(open: Open): void {
  describe('settling', () => {
    it('counts the failures that are its own, since the first, and no others', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'))
      const outcomes: Outcome[] = [
        { kind: 'again', dueAt: T, reason: 'another of its call' },
        { kind: 'halted', until: T, reason: 'no answer', blocked: false },
        { kind: 'limited', limit: 'day', until: T, reason: 'too many' },
        { kind: 'retry', dueAt: T, reason: 'busy' },
        { kind: 'retry', dueAt: T, reason: 'busy' },
      ]
      const DAY = 26 * 3_600 * SECOND

      const counted: (number | undefined)[][] = []
      for (const [at, outcome] of outcomes.entries()) {
        const job = await claimOne(outbox, T + at * DAY, T + at * DAY + SECOND)
        counted.push([job.failures, job.failingSince])
        await outbox.settle([settlement(job, outcome)], T + at * DAY)
      }
      const last = await claimOne(outbox, T + 5 * DAY, T + 6 * DAY)

      expect(counted).toStrictEqual([
        [0, undefined],
        [0, undefined],
        [0, undefined],
        [0, undefined],
        [1, T + 3 * DAY],
      ])
      expect([last.failures, last.failingSince]).toStrictEqual([2, T + 3 * DAY])
    })

    it('tells the attempts that came to nothing, those that came to the same in a row as one', async () => {
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

    it('keeps a receipt of what was delivered, and nothing of the person', async () => {
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
        refused: [],
        superseded: [],
        notes: ['cookie left out: foreign'],
      })
    })

    it('keeps what was parked whole, with the reason, and out of the queue', async () => {
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
        refused: [],
        superseded: [],
        notes: [],
        lead: lead('a'),
      })
      expect(await outbox.claim(LATER * 2, LATER * 3, 10)).toStrictEqual([])
      expect(await outbox.nextDueAt()).toBeUndefined()
    })

    it('hands out again when the retry is due, and tells why it is one', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'))
      const job = await claimOne(outbox)

      await outbox.settle([settlement(job, { kind: 'retry', dueAt: T + SECOND, reason: 'HTTP 502' })], T)

      expect(await outbox.find('a')).toMatchObject({
        state: 'waiting',
        attempts: 1,
        dueAt: T + SECOND,
        reason: 'HTTP 502',
      })
      expect(await outbox.claim(T + SECOND - 1, LATER, 10)).toStrictEqual([])
      expect(await outbox.claim(T + SECOND, LATER, 10)).toStrictEqual([
        { lead: lead('a'), attempt: 2, failures: 1, failingSince: T },
      ])
    })

    it('puts a retry behind what was due before it', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'), lead('b'))
      const job = await claimOne(outbox)
      await outbox.settle([settlement(job, { kind: 'retry', dueAt: T + 1, reason: 'busy' })], T)

      const jobs = await outbox.claim(T + SECOND, LATER, 10)

      expect(ids(jobs)).toStrictEqual(['b', 'a'])
    })

    it('takes several settlements at once, each for its own job', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'), lead('b'), lead('c'), lead('d'))
      const [a, b, c] = await outbox.claim(T, LATER, 3)
      if (!a || !b || !c) throw new Error('three were due')

      await outbox.settle(
        [
          settlement(a, { kind: 'delivered', leadId: 7 }),
          settlement(b, { kind: 'parked', reason: 'no e-mail' }),
          settlement(c, { kind: 'retry', dueAt: T + SECOND, reason: 'busy' }),
        ],
        T,
      )

      expect(await outbox.status()).toStrictEqual({ waiting: 2, parked: 1, delivered: 1, oldestAt: T, parkedAt: T })
      expect(await outbox.find('d')).toMatchObject({ state: 'waiting', attempts: 0 })
    })

    it('changes nothing for an id it does not know, nor for an attempt that never was', async () => {
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

    it('stays delivered when the same attempt is settled once more', async () => {
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

    describe('when the next job is due', () => {
      it('is the earliest of those that may go', async () => {
        const outbox = await open()
        await outbox.add([lead('a')], T + 2)
        await outbox.add([lead('b')], T + 1)

        const next = await outbox.nextDueAt()

        expect(next).toBe(T + 1)
      })

      it("is not that of a person's second one", async () => {
        const outbox = await open()
        const [first, second] = ofOnePerson('a1', 'a2')
        if (!first || !second) throw new Error('two leads')
        await outbox.add([first], T + SECOND)
        await outbox.add([second], T)

        const next = await outbox.nextDueAt()

        expect(next).toBe(T + SECOND)
      })

      it('is the end of the lease while all that wait are out', async () => {
        const outbox = await open()
        await addAll(outbox, ...ofOnePerson('a1', 'a2'))
        await claimOne(outbox, T, T + SECOND)

        const next = await outbox.nextDueAt()

        expect(next).toBe(T + SECOND)
      })

      it("is the retry's time after a retry", async () => {
        const outbox = await open()
        await addAll(outbox, lead('a'))
        const job = await claimOne(outbox)
        await outbox.settle([settlement(job, { kind: 'retry', dueAt: T + 5 * SECOND, reason: 'busy' })], T)

        const next = await outbox.nextDueAt()

        expect(next).toBe(T + 5 * SECOND)
      })

      it('is never once all are delivered', async () => {
        const outbox = await open()
        await addAll(outbox, lead('a'))
        await outbox.settle([settlement(await claimOne(outbox), { kind: 'delivered', leadId: 7 })], T)

        const next = await outbox.nextDueAt()

        expect(next).toBeUndefined()
      })
    })
  })
}
