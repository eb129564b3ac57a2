/** Storing leads and finding them again. */
import { describe, expect, it } from 'vitest'
import { addAll, claimOne, ids, LATER, lead, ofOnePerson, SECOND, settlement, T, type LeadParts } from './leads.ts'
import type { OpenOneByOne } from './suite.ts'

const LEADS: [string, LeadParts][] = [
  ['without attributes', { attributes: [] }],
  ['with all fields', { cookie: 'id:123-ABC-456&token:_mch-example.com-1700000000000-12345', workspace: 'Europe' }],
  ['with notes', { notes: ['cookie left out: foreign', 'page left out: too long'] }],
  ['with text beyond ASCII', { attributes: [{ name: 'LastName', value: `Zoë O'Brien & <Söhne> "😀" 漢字 ‮` }] }],
  ['with control characters', { attributes: [{ name: 'Note', value: 'a\0b\u0001\n\r\t\u2028' }] }],
  ['with half a surrogate pair', { attributes: [{ name: 'Note', value: 'x\ud83d' }] }],
  ['of 64 KB', { attributes: [{ name: 'Note', value: 'ß'.repeat(32_768) }] }],
  ['whose person is an empty text', { person: '' }],
  ['whose person looks like SQL', { person: `'); DROP TABLE job; --` }],
]

export function storing(open: OpenOneByOne): void {
  describe('storing', () => {
    it.each(LEADS)('leases a lead %s unchanged', async (_, over) => {
      const outbox = await open()
      const stored = lead('a', over)

      await outbox.add([stored], T)

      expect(await outbox.claim(T, LATER, 1)).toStrictEqual([{ lead: stored, attempt: 1, failures: 0 }])
      expect((await outbox.find('a'))?.lead).toStrictEqual(stored)
    })

    it.each(['%', `'); DROP TABLE job; --`, '__proto__'])('compares the id %j with others as text', async (id) => {
      const outbox = await open()

      await outbox.add([lead(id, { person: 'p' }), lead('other')], T)
      const job = await claimOne(outbox)
      await outbox.settle([settlement(job, { kind: 'delivered', leadId: 7 })], T)

      expect(job.lead.id).toBe(id)
      expect(await outbox.find(id)).toMatchObject({ id, state: 'delivered', leadId: 7 })
      expect(await outbox.find('other')).toMatchObject({ state: 'waiting' })
    })

    it('keeps nothing of a lead that is dropped, and takes the same one when it is not', async () => {
      const outbox = await open()

      await outbox.add([lead('dropped', { drop: true }), lead('a'), lead('b', { drop: true }), lead('b')], T)

      expect(await outbox.find('dropped')).toBeUndefined()
      expect(await outbox.status()).toMatchObject({ waiting: 2, held: 0, parked: 0 })
      expect(await outbox.claim(T, LATER, 10)).toMatchObject([{ lead: lead('a') }, { lead: lead('b') }])
    })

    it('changes nothing of a lead that is stored, when it is sent again and dropped', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'))
      const before = await outbox.find('a')

      await outbox.add([lead('a', { drop: true, person: 'another' })], T + SECOND)

      expect(await outbox.find('a')).toStrictEqual(before)
      expect(await outbox.status()).toMatchObject({ waiting: 1 })
    })

    it('returns the whole record of a waiting lead', async () => {
      const outbox = await open()
      const stored = lead('a', { acceptedAt: T - 5, form: 'demo', notes: ['a note'] })

      await outbox.add([stored], T)

      expect(await outbox.find('a')).toStrictEqual({
        id: 'a',
        form: 'demo',
        state: 'waiting',
        attempts: 0,
        acceptedAt: T - 5,
        dueAt: T,
        history: [],
        rejectedAttributes: [],
        staleAttributes: [],
        notes: ['a note'],
        lead: stored,
      })
    })

    it('finds no job of an unknown id', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'))

      const found = await outbox.find('A')

      expect(found).toBeUndefined()
    })

    it('copies what it is given and what it returns', async () => {
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

    it('stores nothing when it is given an empty list', async () => {
      const outbox = await open()

      await outbox.add([], T)
      await outbox.settle([], T)

      expect(await outbox.status()).toStrictEqual({ waiting: 0, held: 0, parked: 0, delivered: 0 })
      expect(await outbox.nextDueAt()).toBeUndefined()
      expect(await outbox.claim(LATER, LATER * 2, 10)).toStrictEqual([])
    })

    describe('a lead whose id is known with the same content changes nothing', () => {
      it('while the first one waits', async () => {
        const outbox = await open()
        await outbox.add([lead('a')], T)

        await outbox.add([lead('a', { acceptedAt: T + SECOND, notes: ['cookie left out: malformed'] })], T - 1)

        expect(await outbox.status()).toStrictEqual({ waiting: 1, held: 0, parked: 0, delivered: 0, oldestAt: T })
        expect(await outbox.find('a')).toMatchObject({ dueAt: T, notes: [], lead: lead('a') })
        expect(await outbox.claim(T, LATER, 10)).toHaveLength(1)
      })

      it('while the first one is leased', async () => {
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
      ] as const)('when the first one was %s', async (state, outcome) => {
        const outbox = await open()
        await outbox.add([lead('a')], T)
        await outbox.settle([settlement(await claimOne(outbox), outcome)], T)

        await outbox.add([lead('a'), lead('b')], T)

        expect(await outbox.find('a')).toMatchObject({ state, settledAt: T })
        expect(ids(await outbox.claim(T, LATER, 10))).toStrictEqual(['b'])
      })

      it('when both come in one call', async () => {
        const outbox = await open()

        await outbox.add([lead('a'), lead('b'), lead('a', { acceptedAt: T + SECOND })], T)

        expect((await outbox.status()).waiting).toBe(2)
        expect(await outbox.find('a')).toMatchObject({ acceptedAt: T })
      })
    })

    it('counts jobs by state', async () => {
      const outbox = await open()
      await addAll(outbox, lead('a'), lead('b'), lead('c'), ...ofOnePerson('d', 'e'), lead('f', { hold: 'spam' }))
      const [a, b] = await outbox.claim(T, LATER, 2)
      if (!a || !b) throw new Error('two jobs were due')

      await outbox.settle([settlement(a, { kind: 'delivered', leadId: 7 })], T)
      await outbox.settle([settlement(b, { kind: 'parked', reason: 'no such attribute' })], T)

      expect(await outbox.status()).toStrictEqual({
        waiting: 3,
        held: 1,
        heldByForm: [{ form: 'contact', leads: 1 }],
        parked: 1,
        delivered: 1,
        oldestAt: T,
        parkedAt: T,
      })
    })

    it('reports when the oldest waiting lead was accepted, whether it is leased or queued or neither', async () => {
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
