/** Leads that are held for a person before they are sent. */
import { describe, expect, it } from 'vitest'
import {
  addAll,
  attributesOf,
  claimBatch,
  idsOf,
  LATER,
  lead,
  SECOND,
  settleBatch,
  settleNext,
  T,
  valuesOf,
  WIDE,
  WIDE_BATCHES,
} from './leads.ts'
import type { Open } from './suite.ts'

const DELIVERED = { kind: 'delivered', leadId: 7 } as const

export function holding(open: Open): void {
  describe('holding', () => {
    const held = lead('held', { person: 'p', hold: 'spam score 9', notes: ['a note'], acceptedAt: T - 5 })
    const { hold: _, ...released } = held

    it('counts held leads by form, in the order of their names', async () => {
      const outbox = await open(WIDE)

      await outbox.add([lead('a', { form: 'demo', hold: 'x' }), lead('b', { hold: 'x' }), lead('c', { hold: 'x' })], T)
      await outbox.add([lead('d', { form: 'event' })], T)
      const before = (await outbox.status(T)).heldByForm
      await outbox.replay(['a', 'b', 'c'], {}, T)

      expect(before).toStrictEqual([
        { form: 'contact', leads: 2 },
        { form: 'demo', leads: 1 },
      ])
      expect(await outbox.status(T)).not.toHaveProperty('heldByForm')
    })

    it('stores a lead with a reason to hold it as held', async () => {
      const outbox = await open(WIDE)

      await outbox.add([held], T)

      expect(await outbox.find('held')).toStrictEqual({
        id: 'held',
        form: 'contact',
        state: 'held',
        attempts: 0,
        acceptedAt: T - 5,
        settledAt: T,
        reason: 'spam score 9',
        history: [],
        rejectedAttributes: [],
        staleAttributes: [],
        notes: ['a note'],
        lead: held,
      })
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, held: 1, parked: 0, delivered: 0 })
      expect(await outbox.status(T)).not.toHaveProperty('oldestAt')
      expect(await outbox.status(T)).not.toHaveProperty('parkedAt')
    })

    it('keeps the rules that have fired for a lead until it is delivered or discarded, and not as a part of it', async () => {
      const outbox = await open(WIDE)
      await addAll(
        outbox,
        lead('delivered', { rules: ['links', 'markup'] }),
        lead('discarded', { hold: 'spam', rules: ['links'] }),
      )
      const rulesOf = async (id: string) => (await outbox.find(id))!.rules
      const before = [await rulesOf('delivered'), await rulesOf('discarded')]
      const stored = (await outbox.find('delivered'))!.lead

      await settleNext(outbox, DELIVERED)
      await outbox.discard({ state: 'held' }, { by: 'ana', reason: 'spam', dryRun: false }, T)

      expect(before).toStrictEqual([['links', 'markup'], ['links']])
      expect(stored).not.toHaveProperty('rules')
      expect([await rulesOf('delivered'), await rulesOf('discarded')]).toStrictEqual([undefined, undefined])
    })

    it('neither leases a held lead nor is due for it', async () => {
      const outbox = await open(WIDE)
      await outbox.add([held], T)

      await outbox.resume(T)

      expect(await outbox.nextDueAt(T)).toBeUndefined()
      expect(await outbox.claim(LATER, LATER * 2, 10)).toStrictEqual([])
    })

    it('ignores a settlement of a held lead', async () => {
      const outbox = await open(WIDE)
      await outbox.add([held], T)

      await outbox.settle(0, [{ id: 'held', attempt: 0, ...DELIVERED }], T)

      expect(await outbox.find('held')).toMatchObject({ state: 'held' })
    })

    it('sends the other leads of the person meanwhile', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('before', { person: 'p' }), held, lead('after', { person: 'p' }))

      const sent = [...(await settleNext(outbox, DELIVERED)), ...(await settleNext(outbox, DELIVERED))]

      expect(sent.map(({ id }) => id)).toStrictEqual(['before', 'after'])
      expect(await outbox.find('held')).toMatchObject({ state: 'held' })
    })

    it('holds a lead whose id is known no more than it was', async () => {
      const outbox = await open(WIDE)
      await outbox.add([held, lead('waiting')], T)

      await outbox.add([released, lead('waiting', { hold: 'spam' })], T + 1)

      expect(await outbox.find('held')).toMatchObject({ state: 'held', settledAt: T })
      expect(await outbox.find('waiting')).toMatchObject({ state: 'waiting', dueAt: T })
    })

    it('releases a held lead by a replay, edited, in its place of the order', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, held, lead('after', { person: 'p' }))

      const replayed = await outbox.replay(['held'], { rename: { FirstName: 'Nickname' } }, T + SECOND)
      const record = await outbox.find('held')
      const jobs = [await claimBatch(outbox, T + SECOND), ...(await outbox.claim(T + SECOND, LATER, 10))]

      const edited = { ...released, ...attributesOf({ Nickname: 'George' }) }
      expect(replayed).toStrictEqual([{ id: 'held', result: 'replayed' }])
      expect(record).toStrictEqual({
        id: 'held',
        form: 'contact',
        state: 'waiting',
        attempts: 0,
        acceptedAt: T - 5,
        dueAt: T + SECOND,
        reason: 'spam score 9',
        history: [],
        rejectedAttributes: [],
        staleAttributes: [],
        notes: ['a note'],
        lead: edited,
      })
      expect(jobs.map((batch) => batch.jobs)).toStrictEqual([[{ lead: edited, attempt: 1, failures: 0 }]])
      expect(await outbox.status(T)).toMatchObject({ waiting: 2, held: 0 })
    })

    it('releases a held lead when the lease of a later lead of its person ends', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, held, lead('after', { person: 'p' }))
      await claimBatch(outbox, T, T + 10 * SECOND)

      await outbox.replay(['held'], {}, T)

      expect(await outbox.nextDueAt(T)).toBe(T + 10 * SECOND)
      expect(await outbox.claim(T + 10 * SECOND - 1, LATER, 10)).toStrictEqual([])
      expect(idsOf(await outbox.claim(T + 10 * SECOND, LATER, 10))).toStrictEqual([['held']])
    })

    it('does not send attributes of a held lead that a later lead of its person has sent meanwhile', async () => {
      const outbox = await open(WIDE)
      await addAll(
        outbox,
        lead('old', { person: 'p', hold: 'spam', ...attributesOf({ FirstName: 'Georg', City: 'Ulm' }) }),
        lead('new', { person: 'p', ...attributesOf({ firstname: 'George' }) }),
      )
      await settleNext(outbox, DELIVERED)

      const record = await outbox.find('old')
      await outbox.replay(['old'], {}, T)

      expect(record).toMatchObject({ state: 'held', staleAttributes: ['firstname'] })
      expect((await settleNext(outbox, DELIVERED)).map(valuesOf)).toStrictEqual([{ City: 'Ulm' }])
    })

    it('shares a batch once it is released', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, held, lead('other'))

      await outbox.replay(['held'], {}, T)
      const batch = await claimBatch(outbox)
      await settleBatch(outbox, batch, DELIVERED)

      expect(idsOf([batch])).toStrictEqual([['held', 'other']])
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, held: 0, delivered: 2 })
    })
  })
}
