import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../../relay/outbox/outbox.ts'
import { addAll, claimOne, ids, LATER, lead, ofOnePerson, SECOND, settlement, T, type OneByOne } from './leads.ts'
import type { Open } from './suite.ts'

const UNTIL = T + 60 * SECOND
const HALTED = { kind: 'halted', until: UNTIL, reason: 'no answer', blocked: false } as const
const DELIVERED = { kind: 'delivered', leadId: 7 } as const

/** Claims the oldest and lets it come to a halt until `UNTIL`. */
async function halt(outbox: OneByOne, outcome: Outcome = HALTED): Promise<void> {
  await outbox.settle([settlement(await claimOne(outbox), outcome)], T)
}

/** Claims one and settles it. Gives its id. */
async function pass(outbox: OneByOne, now: number, outcome: Outcome = DELIVERED): Promise<string> {
  const job = await claimOne(outbox, now, now + SECOND)
  await outbox.settle([settlement(job, outcome)], now)
  return job.lead.id
}

export function halting(open: Open): void {
  describe('a halt', () => {
    const six = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => lead(id))

    it('lets nothing out before its time', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)

      await halt(outbox)

      expect(await outbox.claim(T, LATER, 10)).toStrictEqual([])
      expect(await outbox.claim(UNTIL - 1, LATER, 10)).toStrictEqual([])
      expect(await outbox.nextDueAt()).toBe(UNTIL)
      expect(await outbox.find('a')).toMatchObject({ state: 'waiting', attempts: 1, reason: 'no answer' })
    })

    it('holds leads that come while it lasts, too', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'))
      await halt(outbox)

      await outbox.add([lead('new')], T)

      expect(await outbox.claim(UNTIL - 1, LATER, 10)).toStrictEqual([])
      expect(await outbox.nextDueAt()).toBe(UNTIL)
    })

    it('leaves the job the place it had when it came, though it was retried since', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'), lead('b'))
      await outbox.settle([settlement(await claimOne(outbox), { kind: 'retry', dueAt: T + 1, reason: 'busy' })], T)
      const out = await outbox.claim(T + 1, LATER, 2)

      await outbox.settle(
        out.map((job) => settlement(job, HALTED)),
        T + 1,
      )

      expect(ids(out)).toStrictEqual(['b', 'a'])
      expect(await pass(outbox, UNTIL)).toBe('a')
      expect(await pass(outbox, UNTIL)).toBe('b')
    })

    it('lets others try before the one that came to it, where that is due later', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'), lead('b'), lead('c'))

      await halt(outbox, { ...HALTED, dueAt: UNTIL + 1 })

      expect(await outbox.find('a')).toMatchObject({ state: 'waiting', dueAt: UNTIL + 1 })
      expect(await pass(outbox, UNTIL)).toBe('b')
      expect(await pass(outbox, UNTIL)).toBe('c')
      expect(await outbox.claim(UNTIL, LATER, 10)).toStrictEqual([])
      expect(await pass(outbox, UNTIL + 1)).toBe('a')
    })

    it('keeps the order of all that wait', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      const out = await outbox.claim(T, LATER, 3)
      await outbox.settle(
        out.map((job) => settlement(job, HALTED)),
        T,
      )

      const order: string[] = []
      for (const _ of six) order.push(await pass(outbox, UNTIL))

      expect(order).toStrictEqual(['a', 'b', 'c', 'd', 'e', 'f'])
    })

    it("does not let a person's second one pass the first", async () => {
      const outbox = await open()
      await addAll(outbox, ...ofOnePerson('a1', 'a2'))
      await halt(outbox)

      const probe = await outbox.claim(UNTIL, LATER, 10)

      expect(ids(probe)).toStrictEqual(['a1'])
    })

    it('is followed by one job at a time', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await halt(outbox)

      const probe = await outbox.claim(UNTIL, UNTIL + SECOND, 10)
      const meanwhile = await outbox.claim(UNTIL + SECOND - 1, LATER, 10)

      expect(ids(probe)).toStrictEqual(['a'])
      expect(meanwhile).toStrictEqual([])
      expect(await outbox.nextDueAt()).toBe(UNTIL + SECOND)
    })

    it('hands out none, and takes none for its probe, where none is asked for', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await halt(outbox)

      const none = await outbox.claim(UNTIL, LATER, 0)

      expect(none).toStrictEqual([])
      expect(await outbox.nextDueAt()).toBe(UNTIL)
    })

    it('lets the next one try when the first dies on the way', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await halt(outbox)
      await outbox.claim(UNTIL, UNTIL + SECOND, 10)

      const next = await outbox.claim(UNTIL + SECOND, LATER, 10)

      expect(next).toHaveLength(1)
    })

    it.each([
      ['delivered', DELIVERED],
      ['parked', { kind: 'parked', reason: 'no such attribute' }],
    ] as [string, Outcome][])('is over when three in a row were %s', async (_, outcome) => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await halt(outbox)

      const passed: string[] = []
      for (let n = 1; n <= 3; n += 1) passed.push(await pass(outbox, UNTIL, outcome))
      const after = await outbox.claim(UNTIL, LATER, 10)

      expect(passed).toStrictEqual(['a', 'b', 'c'])
      expect(ids(after)).toStrictEqual(['d', 'e', 'f'])
    })

    it('is not over after two', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await halt(outbox)

      await pass(outbox, UNTIL)
      await pass(outbox, UNTIL)

      expect(await outbox.claim(UNTIL, LATER, 10)).toHaveLength(1)
    })

    it('takes a retry for no sign either way', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await halt(outbox)
      await pass(outbox, UNTIL)
      await pass(outbox, UNTIL)

      await pass(outbox, UNTIL, { kind: 'retry', dueAt: LATER, reason: 'busy' })
      const probe = await outbox.claim(UNTIL, LATER, 10)
      await outbox.settle(
        probe.map((job) => settlement(job, DELIVERED)),
        UNTIL,
      )

      expect(ids(probe)).toStrictEqual(['d'])
      expect(ids(await outbox.claim(UNTIL, LATER, 10))).toStrictEqual(['e', 'f'])
    })

    it('starts over when the one that tries comes to a halt again', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await halt(outbox)
      await pass(outbox, UNTIL)
      await pass(outbox, UNTIL)

      const again = UNTIL + 30 * SECOND
      await pass(outbox, UNTIL, { ...HALTED, until: again })

      expect(await outbox.claim(again - 1, LATER, 10)).toStrictEqual([])
      expect(await pass(outbox, again)).toBe('c')
      expect(await pass(outbox, again)).toBe('d')
      expect(await outbox.claim(again, LATER, 10)).toHaveLength(1)
    })

    it('waits no longer than it was told, though the one that tried had more time', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await halt(outbox)
      const probe = await claimOne(outbox, UNTIL, UNTIL + 120 * SECOND)

      await outbox.settle([settlement(probe, { ...HALTED, until: UNTIL + 5 * SECOND })], UNTIL)

      expect(await outbox.nextDueAt()).toBe(UNTIL + 5 * SECOND)
      expect(await outbox.claim(UNTIL + 5 * SECOND, LATER, 10)).toHaveLength(1)
    })

    describe('and the jobs that were out when it came', () => {
      it('settle as ever, and say nothing about it', async () => {
        const outbox = await open()
        await addAll(outbox, ...six)
        const [a, b, c, d] = await outbox.claim(T, LATER, 4)
        if (!a || !b || !c || !d) throw new Error('four were due')

        await outbox.settle([settlement(a, HALTED)], T)
        for (const job of [b, c, d]) await outbox.settle([settlement(job, DELIVERED)], T)

        expect((await outbox.status()).delivered).toBe(3)
        expect(await outbox.claim(UNTIL - 1, LATER, 10)).toStrictEqual([])
        expect(ids(await outbox.claim(UNTIL, LATER, 10))).toStrictEqual(['a'])
      })

      it('make it longer when they come to a longer one', async () => {
        const outbox = await open()
        await addAll(outbox, ...six)
        const [a, b] = await outbox.claim(T, LATER, 2)
        if (!a || !b) throw new Error('two were due')
        await outbox.settle([settlement(a, HALTED)], T)

        await outbox.settle([settlement(b, { kind: 'halted', until: UNTIL + 1, reason: 'bad key', blocked: true })], T)

        expect((await outbox.status()).breaker).toStrictEqual({ until: UNTIL + 1, reason: 'bad key', blocked: true })
      })

      it('leave it as it is when they come to a shorter one', async () => {
        const outbox = await open()
        await addAll(outbox, ...six)
        const [a, b] = await outbox.claim(T, LATER, 2)
        if (!a || !b) throw new Error('two were due')
        await outbox.settle([settlement(a, { kind: 'halted', until: UNTIL, reason: 'bad key', blocked: true })], T)

        await outbox.settle([settlement(b, { ...HALTED, until: UNTIL - 1 })], T)

        expect((await outbox.status()).breaker).toStrictEqual({ until: UNTIL, reason: 'bad key', blocked: true })
        expect(await outbox.find('b')).toMatchObject({ state: 'waiting', dueAt: T })
      })
    })

    it('lasts two hours at the most once the clock was set back', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await halt(outbox)
      const now = T - 7 * 24 * 3_600 * SECOND

      await outbox.resume(now)

      expect((await outbox.status()).breaker?.until).toBe(now + 2 * 3_600 * SECOND)
    })

    it('is probed again, once the clock was set back, after the longest that a call may take', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await halt(outbox, { ...HALTED, until: T - 3_600 * SECOND })
      await outbox.claim(T, T + 100 * SECOND, 10)

      await outbox.resume(T - 1_800 * SECOND)

      expect((await outbox.status()).breaker?.until).toBe(T - 1_700 * SECOND)
    })

    it.each([true, false])('tells why and until when, and whether someone must act: %s', async (blocked) => {
      const outbox = await open()
      await addAll(outbox, ...six)

      await halt(outbox, { kind: 'halted', until: UNTIL, reason: 'bad key', blocked })

      expect(await outbox.status()).toStrictEqual({
        waiting: 6,
        parked: 0,
        delivered: 0,
        oldestAt: T,
        halt: { reason: 'bad key', until: UNTIL, blocked },
      })
    })

    it('is told while the one that tries is out, and no more once it got through', async () => {
      const outbox = await open()
      await addAll(outbox, ...six)
      await halt(outbox)
      const probe = await claimOne(outbox, UNTIL, UNTIL + SECOND)

      const during = await outbox.status()
      await outbox.settle([settlement(probe, DELIVERED)], UNTIL)

      expect(during.breaker).toStrictEqual({ reason: 'no answer', until: UNTIL + SECOND, blocked: false })
      expect((await outbox.status()).breaker).toBeUndefined()
    })
  })
}
