import { describe, expect, it } from 'vitest'
import { addAll, claimOne, ids, LATER, lead, ofOnePerson, SECOND, settlement, T } from '../leads.ts'
import type { OpenDurable } from '../suite.ts'

/** What makes a SQL outbox fail halfway, as a full disk does. */
export function refusals(id: string): string[] {
  return ['INSERT', 'UPDATE'].map(
    (write) =>
      `CREATE TRIGGER refuse_${write} BEFORE ${write} ON job WHEN new.id = '${id}' BEGIN SELECT RAISE(ABORT, 'refused'); END`,
  )
}

export function surviving(open: OpenDurable): void {
  describe('surviving', () => {
    it('knows after a restart what it knew before', async () => {
      const { outbox, reopen } = await open()
      await addAll(outbox, lead('delivered'), lead('parked'), lead('retried'), lead('out'), ...ofOnePerson('a1', 'a2'))
      const [delivered, parked, retried] = await outbox.claim(T, T + SECOND, 4)
      if (!delivered || !parked || !retried) throw new Error('four were due')
      await outbox.settle(
        [
          settlement(delivered, { kind: 'delivered', leadId: 7 }),
          settlement(parked, { kind: 'parked', reason: 'no e-mail' }),
          settlement(retried, { kind: 'retry', dueAt: T + 5 * SECOND, reason: 'busy' }),
        ],
        T,
      )
      const all = ['delivered', 'parked', 'retried', 'out', 'a1', 'a2']
      const before = [await Promise.all(all.map((id) => outbox.find(id))), await outbox.status()]

      const again = await reopen()

      expect([await Promise.all(all.map((id) => again.find(id))), await again.status()]).toStrictEqual(before)
      expect(ids(await again.claim(T, LATER, 10))).toStrictEqual(['a1'])
      expect(ids(await again.claim(T + 5 * SECOND, LATER, 10))).toStrictEqual(['out', 'retried'])
    })

    it('goes on with a halt where it was', async () => {
      const { outbox, reopen } = await open()
      await addAll(outbox, lead('a'), lead('b'), lead('c'), lead('d'), lead('e'))
      const job = await claimOne(outbox)
      const until = T + SECOND
      await outbox.settle([settlement(job, { kind: 'halted', until, reason: 'bad key', blocked: true })], T)

      const again = await reopen()
      const halt = (await again.status()).halt
      const early = await again.claim(until - 1, LATER, 10)
      for (const _ of ['a', 'b']) {
        await again.settle([settlement(await claimOne(again, until), { kind: 'delivered', leadId: 7 })], until)
      }
      const probe = await claimOne(again, until, until + SECOND)
      const third = await reopen()
      const meanwhile = await third.claim(until, LATER, 10)
      await third.settle([settlement(probe, { kind: 'delivered', leadId: 7 })], until)

      expect(halt).toStrictEqual({ reason: 'bad key', until, blocked: true })
      expect(early).toStrictEqual([])
      expect(meanwhile).toStrictEqual([])
      expect(ids(await third.claim(until, LATER, 10))).toStrictEqual(['d', 'e'])
    })

    it('keeps none of the leads of a call when one of them cannot be written', async () => {
      const { outbox, refuse } = await open()
      await addAll(outbox, lead('before'))
      await refuse('b')

      await expect(outbox.add([lead('a'), lead('b'), lead('c')], T)).rejects.toThrow('refused')

      expect(await outbox.find('a')).toBeUndefined()
      expect(await outbox.status()).toStrictEqual({ waiting: 1, parked: 0, delivered: 0, oldestAt: T })
      await outbox.add([lead('a'), lead('c')], T)
      expect(ids(await outbox.claim(T, LATER, 10))).toStrictEqual(['before', 'a', 'c'])
    })

    it('hands out none of the jobs of a call when one of them cannot be written', async () => {
      const { outbox, refuse } = await open()
      await addAll(outbox, lead('a'), lead('b'))
      await refuse('b')

      await expect(outbox.claim(T, LATER, 10)).rejects.toThrow('refused')

      expect(await outbox.find('a')).toMatchObject({ attempts: 0, dueAt: T })
    })

    it('settles none of the jobs of a call when one of them cannot be written', async () => {
      const { outbox, refuse } = await open()
      await addAll(outbox, lead('a'), lead('b'))
      const jobs = await outbox.claim(T, LATER, 10)
      await refuse('b')
      const settlements = jobs.map((job) => settlement(job, { kind: 'delivered', leadId: 7 }))

      await expect(outbox.settle(settlements, T)).rejects.toThrow('refused')

      expect(await outbox.find('a')).toMatchObject({ state: 'waiting', lead: lead('a') })
      expect((await outbox.status()).delivered).toBe(0)
    })
  })
}
