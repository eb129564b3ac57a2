/** The switch that holds all new leads of a form. */
import { describe, expect, it } from 'vitest'
import { AFTER_LEAD, TEST_BATCH_KEYS } from '../../oracle/memory-outbox.ts'
import { addAll, idsOf, LATER, lead, ofOnePerson, SECOND, settleNext, T, WIDE } from './leads.ts'
import type { Open, OpenDurable } from './suite.ts'

const FLOOD = { by: 'ana', reason: 'a flood' }
const REASON = 'all leads of the form are held: a flood'

export function heldForms(open: Open): void {
  describe('the panic switch of a form', () => {
    it('holds each lead of the form that is added from then on, and no other', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('before'))

      const isChanged = await outbox.holdForm('contact', FLOOD, T)
      await outbox.add([lead('a'), lead('other', { form: 'demo' }), lead('b')], T + SECOND)

      expect(isChanged).toBe(true)
      expect(await outbox.find('a')).toStrictEqual({
        id: 'a',
        form: 'contact',
        state: 'held',
        attempts: 0,
        acceptedAt: T,
        settledAt: T + SECOND,
        reason: REASON,
        history: [],
        rejectedAttributes: [],
        staleAttributes: [],
        notes: [],
        lead: lead('a'),
      })
      expect(await outbox.find('b')).toMatchObject({ state: 'held', reason: REASON })
      expect(idsOf(await outbox.claim(T + SECOND, LATER, 10))).toStrictEqual([['before'], ['other']])
      expect(await outbox.status(T)).toMatchObject({ waiting: 2, held: 2 })
    })

    it('is told by the status, with who has begun it first, when, and why', async () => {
      const outbox = await open(WIDE)
      await outbox.holdForm('demo', FLOOD, T)
      await outbox.holdForm('contact', FLOOD, T + SECOND)

      await outbox.holdForm('demo', { by: 'bo', reason: 'still a flood' }, T + 2 * SECOND)

      expect((await outbox.status(T)).heldForms).toStrictEqual([
        { form: 'contact', ...FLOOD, since: T + SECOND },
        { form: 'demo', by: 'bo', reason: 'still a flood', since: T },
      ])
    })

    it('ends, and what was held stays held until it is replayed', async () => {
      const outbox = await open(WIDE)
      await outbox.holdForm('contact', FLOOD, T)
      await addAll(outbox, lead('held'))

      const ended = [await outbox.holdForm('contact', undefined, T), await outbox.holdForm('contact', undefined, T)]
      await addAll(outbox, lead('after'))

      expect(ended).toStrictEqual([true, false])
      expect(await outbox.status(T)).not.toHaveProperty('heldForms')
      expect(idsOf(await outbox.claim(T, LATER, 10))).toStrictEqual([['after']])
      expect(await outbox.find('held')).toMatchObject({ state: 'held' })
      await outbox.replay(['held'], {}, T)
      expect(idsOf(await outbox.claim(T, LATER, 10))).toStrictEqual([['held']])
    })

    it('keeps the reason of a lead that is held anyway', async () => {
      const outbox = await open(WIDE)
      await outbox.holdForm('contact', FLOOD, T)

      await addAll(outbox, lead('a', { hold: 'spam score 9' }))

      expect(await outbox.find('a')).toMatchObject({ state: 'held', reason: 'spam score 9' })
    })

    it('neither holds a replayed lead, nor delays one that waits, nor stores a known id again', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, ...ofOnePerson('first', 'second'), lead('held', { hold: 'spam' }))
      await outbox.holdForm('contact', FLOOD, T)

      await outbox.replay(['held'], {}, T)
      await addAll(outbox, ...ofOnePerson('first'))
      const sent = []
      for (const _ of [1, 2, 3]) sent.push(...(await settleNext(outbox, { kind: 'delivered', leadId: 7 })))

      expect(sent.map(({ id }) => id).toSorted()).toStrictEqual(['first', 'held', 'second'])
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, held: 0 })
    })

    it('counts a lead whose id was used before with another content as held', async () => {
      const outbox = await open(WIDE, AFTER_LEAD)
      await addAll(outbox, lead('a', { form: 'demo' }))
      await outbox.holdForm('contact', FLOOD, T)

      await addAll(outbox, lead('a'))

      expect(await outbox.status(T)).toMatchObject({ waiting: 1, held: 1, reusedIds: 1 })
    })
  })
}

export function durableHeldForms(open: OpenDurable): void {
  describe('the panic switch of a form', () => {
    it('is on after a restart', async () => {
      const { outbox, reopen } = await open({ limits: WIDE, batchKeys: TEST_BATCH_KEYS })
      await outbox.holdForm('contact', FLOOD, T)

      const reopened = await reopen()
      await addAll(reopened, lead('a'))

      expect(await reopened.find('a')).toMatchObject({ state: 'held', reason: REASON })
    })

    it('works at once in the other accounts of the database, and is reported once', async () => {
      const { outbox, openAccount } = await open({ limits: WIDE, batchKeys: TEST_BATCH_KEYS })
      const sandbox = await openAccount('sandbox')

      await sandbox.holdForm('contact', FLOOD, T)
      await addAll(outbox, lead('a'))
      await addAll(sandbox, lead('b'))

      expect([await outbox.find('a'), await sandbox.find('b')]).toMatchObject([{ state: 'held' }, { state: 'held' }])
      expect(await outbox.status(T)).toHaveProperty('heldForms')
      expect(await sandbox.status(T)).not.toHaveProperty('heldForms')
    })
  })
}
