/** Leads that fill out a Marketo form: they go alone, with their cookies, and attempts without an answer are counted. */
import { describe, expect, it } from 'vitest'
import { AFTER_LEAD } from '../../oracle/memory-outbox.ts'
import type { Outbox, Outcome, Settlement } from '../../../relay/outbox/outbox.ts'
import { addAll, claimBatch, idsOf, lead, LATER, SECOND, settleBatch, T, WIDE_BATCHES } from './leads.ts'
import type { Open } from './suite.ts'

const DELIVERED = { kind: 'delivered', leadId: 7 } as const
const LOST = { kind: 'retry', dueAt: T, reason: 'no reply', unanswered: true } as const
const BUSY = { kind: 'retry', dueAt: T, reason: 'busy' } as const
const PARKED = { kind: 'parked', reason: 'no reply' } as const
const TWICE = 'the Marketo form may have been filled out twice: an earlier answer was lost'

const FORM = { marketoForm: 1029 } as const
const KEPT = { ...FORM, receipt: 'Form_Sync_Id__c' } as const
const VISIT = { pageURL: 'https://www.acme.example/', leadClientIpAddress: '203.0.114.7' }

async function settleNext(outbox: Outbox, ...outcomes: (Outcome & Pick<Settlement, 'unanswered'>)[]): Promise<void> {
  for (const outcome of outcomes) await settleBatch(outbox, await claimBatch(outbox), outcome)
}

async function unansweredNext(outbox: Outbox, now = T): Promise<number | undefined> {
  return (await claimBatch(outbox, now, LATER * 2)).jobs[0]?.unanswered
}

export function submissions(open: Open): void {
  const openRest = () => open(WIDE_BATCHES, AFTER_LEAD)

  describe('a lead that fills out a Marketo form', () => {
    it('goes alone and takes its cookie along, while that of others follows', async () => {
      const outbox = await openRest()
      await addAll(outbox, lead('a', { ...FORM, cookie: 'c' }), lead('b', { cookie: 'd' }), lead('c'))

      const batches = await outbox.claim(T, LATER, 10)
      for (const batch of batches) await settleBatch(outbox, batch, DELIVERED)

      expect(idsOf(batches).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))).toStrictEqual([['a'], ['b', 'c']])
      expect(batches.flatMap(({ jobs }) => jobs.flatMap((job) => job.lead.cookie ?? []))).toStrictEqual(['c'])
      expect(await outbox.status(T)).toMatchObject({ delivered: 3, owed: 1 })
      expect(await outbox.find('a')).toMatchObject({ notes: [] })
    })

    it('has the cookie that an older lead owes', async () => {
      const outbox = await openRest()
      await addAll(outbox, lead('a', { cookie: 'c' }))
      await settleNext(outbox, DELIVERED)
      await addAll(outbox, lead('b', { ...FORM, cookie: 'c' }))

      await settleNext(outbox, DELIVERED)

      expect(await outbox.status(T)).not.toHaveProperty('owed')
      expect(await outbox.find('a')).toMatchObject({
        notes: ['cookie left out: a later lead of the same visitor was delivered with it'],
      })
    })

    it.each([
      ['none before the first', [], undefined],
      ['none after an answer', [BUSY, BUSY], undefined],
      ['one after a lost answer', [LOST], 1],
      ['those that are mixed with answers', [LOST, BUSY, LOST, { ...BUSY, reason: 'no reply' }], 2],
      ['those in a row', [LOST, LOST, LOST], 3],
    ] as const)('is leased with the number of attempts that may have arrived: %s', async (_, outcomes, expected) => {
      const outbox = await openRest()
      await addAll(outbox, lead('a', FORM))

      await settleNext(outbox, ...outcomes)

      expect(await unansweredNext(outbox)).toBe(expected)
    })

    it('counts an attempt that was not settled, because its relay has ended', async () => {
      const outbox = await openRest()
      await addAll(outbox, lead('a', FORM))
      await settleNext(outbox, BUSY)
      await outbox.claim(T, T + SECOND, 1)
      await outbox.claim(T + SECOND, T + 2 * SECOND, 1)

      expect(await unansweredNext(outbox, T + 2 * SECOND)).toBe(2)
    })

    it('shows the attempts that may have arrived in its history', async () => {
      const outbox = await openRest()
      await addAll(outbox, lead('a', FORM))

      await settleNext(outbox, LOST, LOST, { ...BUSY, reason: 'no reply' })

      expect(await outbox.find('a')).toMatchObject({
        history: [
          { reason: 'no reply', times: 2, first: T, last: T, unanswered: true },
          { reason: 'no reply', times: 1, first: T, last: T },
        ],
      })
    })

    it.each([
      ['a lost answer', FORM, [LOST], [TWICE]],
      ['an answer', FORM, [BUSY], []],
      ['a lost answer, with a receipt', KEPT, [LOST], []],
      ['a lost answer, without a Marketo form', {}, [{ ...LOST, unanswered: undefined }], []],
    ])('says on its receipt whether it may be there twice: %s', async (_, settings, outcomes, notes) => {
      const outbox = await openRest()
      await addAll(outbox, lead('a', settings))

      await settleNext(outbox, ...(outcomes as Outcome[]), DELIVERED)

      expect(await outbox.find('a')).toMatchObject({ state: 'delivered', notes, history: [] })
    })

    it('says on its receipt what was left out of it', async () => {
      const outbox = await openRest()
      const attributes = [{ name: 'Company', value: 'Acme' }]
      await addAll(outbox, lead('a', { ...FORM, attributes, whenEmpty: ['Company', 'Phone'] }))

      const batch = await claimBatch(outbox)
      await settleBatch(outbox, batch, { ...DELIVERED, note: 'left out: Company, Phone' })

      expect(batch.jobs[0]?.lead).toMatchObject({ whenEmpty: ['Company', 'Phone'] })
      expect(await outbox.find('a')).toMatchObject({
        state: 'delivered',
        notes: ['left out: Company, Phone'],
      })
    })

    it('starts anew when a person replays it, who has looked', async () => {
      const outbox = await openRest()
      await addAll(outbox, lead('a', FORM))
      await settleNext(outbox, LOST)
      await outbox.claim(T, T + SECOND, 1)
      const then = T + SECOND
      await settleBatch(outbox, await claimBatch(outbox, then), PARKED, then)

      await outbox.replay(['a'], {}, then)

      expect(await unansweredNext(outbox, then)).toBeUndefined()
      expect(await outbox.find('a')).toMatchObject({
        attempts: 4,
        history: [
          { reason: 'no reply', times: 1, first: T, last: T },
          { reason: 'no reply', times: 1, first: then, last: then },
          { reason: 'no outcome was stored', times: 1, first: then, last: then },
        ],
      })
    })

    it('is looked for after a replay, too, where it has a receipt', async () => {
      const outbox = await openRest()
      await addAll(outbox, lead('a', KEPT))
      await settleNext(outbox, LOST, PARKED)

      await outbox.replay(['a'], {}, T)

      expect(await unansweredNext(outbox)).toBe(1)
    })

    it('keeps neither visit nor receipt with what was refused of it', async () => {
      const outbox = await openRest()
      const attributes = [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ]
      await addAll(outbox, lead('a', { ...KEPT, visit: VISIT, cookie: 'c', attributes }))
      await settleNext(outbox, { kind: 'requeue', dueAt: T, reason: 'B', rejectedAttributes: ['B'] }, DELIVERED)

      const left = await outbox.find('a')
      await outbox.replay(['a'], {}, T)

      expect(left).toMatchObject({ state: 'parked', lead: { ...FORM, attributes: [{ name: 'B', value: '2' }] } })
      expect(Object.keys(left?.lead ?? {})).not.toEqual(expect.arrayContaining(['visit']))
      expect(Object.keys(left?.lead ?? {})).not.toEqual(expect.arrayContaining(['receipt']))
      expect(await unansweredNext(outbox)).toBeUndefined()
      expect((await outbox.find('a'))?.history.at(-1)?.reason).toBe('delivered without these attributes')
    })
  })

  describe('a call slot of a batch whose call is not under way', () => {
    it('is free although the batch takes the only call at once, and takes one of the rate', async () => {
      const outbox = await open({ ...WIDE_BATCHES, concurrency: 1, callsPerDay: 2 }, AFTER_LEAD)
      await addAll(outbox, lead('a'))
      await claimBatch(outbox)

      const taken = await outbox.acquireSlot(T, LATER)
      const own = await outbox.acquireSlot(T, LATER, 1)
      const { day } = await outbox.status(T)

      expect(taken).toHaveProperty('retryAt')
      expect(own).toHaveProperty('slot')
      expect(day.spent).toBe(2)
      expect(await outbox.acquireSlot(T, LATER, 2)).toHaveProperty('retryAt')
    })
  })
}
