import { describe, expect, it } from 'vitest'
import type { Lead } from '../../../relay/intake/lead.ts'
import { addAll, claimOne, ids, LATER, lead, ofOnePerson, SECOND, settlement, T } from './leads.ts'
import type { Open } from './suite.ts'

const LEADS: [string, Partial<Lead>][] = [
  ['without attributes', { attributes: [] }],
  ['with everything', { cookie: 'id:123-ABC-456&token:_mch-example.com-1700000000000-12345', workspace: 'Europe' }],
  ['with notes', { notes: ['cookie left out: foreign', 'page left out: too long'] }],
  ['beyond ASCII', { attributes: [{ name: 'LastName', value: `Zoë O'Brien & <Söhne> "😀" 漢字 ‮` }] }],
  ['with control characters', { attributes: [{ name: 'Note', value: 'a\0b\u0001\n\r\t\u2028' }] }],
  ['with half a character', { attributes: [{ name: 'Note', value: 'x\ud83d' }] }],
  ['of 64 KB', { attributes: [{ name: 'Note', value: 'ß'.repeat(32_768) }] }],
  ['whose person is empty', { person: '' }],
  ['whose person looks like SQL', { person: `'); DROP TABLE job; --` }],
]

const IDS = ['', ' ', '%', `'`, `"; DROP TABLE job; --`, '__proto__', 'constructor', '0', 'Ä', '😀', 'x'.repeat(5_000)]

export function keeping(open: Open): void {
  describe('keeping', () => {
    it.each(LEADS)('hands out a lead %s just as it came', async (_, over) => {
      const outbox = await open()
      const kept = lead('a', over)

      await outbox.add([kept], T)

      expect(await outbox.claim(T, LATER, 1)).toStrictEqual([{ lead: kept, attempt: 1, failures: 0 }])
      expect((await outbox.find('a'))?.lead).toStrictEqual(kept)
    })

    it.each(IDS)('takes %j for an id', async (id) => {
      const outbox = await open()

      await outbox.add([lead(id, { person: 'p' }), lead('other')], T)
      const job = await claimOne(outbox)
      await outbox.settle([settlement(job, { kind: 'delivered', leadId: 7 })], T)

      expect(job.lead.id).toBe(id)
      expect(await outbox.find(id)).toMatchObject({ id, state: 'delivered', leadId: 7 })
      expect(await outbox.find('other')).toMatchObject({ state: 'waiting' })
    })

    it('tells of a waiting lead all there is', async () => {
      const outbox = await open()
      const kept = lead('a', { acceptedAt: T - 5, form: 'demo', notes: ['a note'] })

      await outbox.add([kept], T)

      expect(await outbox.find('a')).toStrictEqual({
        id: 'a',
        form: 'demo',
        state: 'waiting',
        attempts: 0,
        acceptedAt: T - 5,
        dueAt: T,
        history: [],
        refused: [],
        superseded: [],
        notes: ['a note'],
        lead: kept,
      })
    })

    it('knows nothing of an id that never came', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'))

      const found = await outbox.find('A')

      expect(found).toBeUndefined()
    })

    it('is not changed by what becomes of the objects it was given and gave away', async () => {
      const outbox = await open()
      const given = lead('a')
      await outbox.add([given], T)

      given.attributes.push({ name: 'LastName', value: 'added later' })
      const found = await outbox.find('a')
      found?.notes.push('added later')
      const job = await claimOne(outbox, T, T + 1)
      job.lead.attributes.length = 0

      expect((await claimOne(outbox, T + 1)).lead).toStrictEqual(lead('a'))
    })

    it('takes no lead, and then nothing waits', async () => {
      const outbox = await open()

      await outbox.add([], T)
      await outbox.settle([], T)

      expect(await outbox.status()).toStrictEqual({ waiting: 0, parked: 0, delivered: 0 })
      expect(await outbox.nextDueAt()).toBeUndefined()
      expect(await outbox.claim(LATER, LATER * 2, 10)).toStrictEqual([])
    })

    describe('changes nothing when the id is known', () => {
      it('while the first waits', async () => {
        const outbox = await open()
        await outbox.add([lead('a')], T)

        await outbox.add([lead('a', { form: 'second', person: 'else' })], T - 1)

        expect((await outbox.status()).waiting).toBe(1)
        expect(await outbox.find('a')).toMatchObject({ form: 'contact', dueAt: T, lead: lead('a') })
        expect(await outbox.claim(T, LATER, 10)).toHaveLength(1)
      })

      it('while it is out', async () => {
        const outbox = await open()
        await outbox.add([lead('a')], T)
        await claimOne(outbox)

        await outbox.add([lead('a')], T)

        expect(await outbox.claim(T, LATER, 10)).toStrictEqual([])
        expect(await outbox.find('a')).toMatchObject({ attempts: 1, dueAt: LATER })
      })

      it.each([
        ['delivered', { kind: 'delivered', leadId: 7 }],
        ['parked', { kind: 'parked', reason: 'no such attribute' }],
      ] as const)('once it is %s', async (state, outcome) => {
        const outbox = await open()
        await outbox.add([lead('a')], T)
        await outbox.settle([settlement(await claimOne(outbox), outcome)], T)

        await outbox.add([lead('a'), lead('b')], T)

        expect(await outbox.find('a')).toMatchObject({ state, settledAt: T })
        expect(ids(await outbox.claim(T, LATER, 10))).toStrictEqual(['b'])
      })

      it('within one call', async () => {
        const outbox = await open()

        await outbox.add([lead('a', { form: 'first' }), lead('b'), lead('a', { form: 'second' })], T)

        expect((await outbox.status()).waiting).toBe(2)
        expect(await outbox.find('a')).toMatchObject({ form: 'first' })
      })
    })

    it('counts what stands where', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'), lead('b'), lead('c'), ...ofOnePerson('d', 'e'))
      const [a, b] = await outbox.claim(T, LATER, 2)
      if (!a || !b) throw new Error('two were due')

      await outbox.settle([settlement(a, { kind: 'delivered', leadId: 7 })], T)
      await outbox.settle([settlement(b, { kind: 'parked', reason: 'no such attribute' })], T)

      expect(await outbox.status()).toStrictEqual({ waiting: 3, parked: 1, delivered: 1, oldestAt: T, parkedAt: T })
    })

    it('tells since when the oldest waits, whoever it is and whether it is out or not', async () => {
      const outbox = await open()
      await outbox.add([lead('a', { acceptedAt: T - SECOND }), ...ofOnePerson('b', 'c')], T)
      await outbox.add([lead('d', { person: 'one@example.com', acceptedAt: T - 9 * SECOND })], T)
      const a = await claimOne(outbox)

      const before = (await outbox.status()).oldestAt
      for (const job of await outbox.claim(T, LATER, 10)) {
        await outbox.settle([settlement(job, { kind: 'retry', dueAt: T, reason: 'busy' })], T)
      }
      await outbox.settle([settlement(a, { kind: 'delivered', leadId: 7 })], T)
      for (const _ of ['b', 'c', 'd']) {
        await outbox.settle([settlement(await claimOne(outbox), { kind: 'delivered', leadId: 7 })], T)
      }

      expect(before).toBe(T - 9 * SECOND)
      expect((await outbox.status()).oldestAt).toBeUndefined()
    })
  })
}
