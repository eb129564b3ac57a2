/** Discarding leads that are not delivered. */
import { describe, expect, it } from 'vitest'
import { AFTER_LEAD } from '../../oracle/memory-outbox.ts'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import type { GroupKey, LeadGroup, LeadSelector } from '../../../relay/outbox/selection.ts'
import {
  addAll,
  claimBatch,
  idsOf,
  LATER,
  lead,
  ofOnePerson,
  park,
  SECOND,
  settleBatch,
  settleNext,
  T,
  WIDE,
  WIDE_BATCHES,
} from './leads.ts'
import type { Open } from './suite.ts'

const DELIVERED = { kind: 'delivered', leadId: 7 } as const
const SPAM = { by: 'ana', reason: 'a flood' }
const NOTE = 'discarded by ana at 2023-11-14T22:13:20.000Z: a flood'

/** Discards all leads that a selector matches, step by step. Returns how many were discarded, and how many left alone. */
export async function discardAll(
  outbox: Pick<Outbox, 'discard'>,
  selector: LeadSelector,
  { dryRun = false }: { dryRun?: boolean } = {},
  now = T,
): Promise<{ discarded: number; underWay: number }> {
  const total = { discarded: 0, underWay: 0 }
  let after: string | undefined
  do {
    const step = await outbox.discard(selector, { ...SPAM, dryRun }, now, after)
    total.discarded += step.discarded
    total.underWay += step.underWay
    after = step.next
  } while (after !== undefined)
  return total
}

/** Counts all leads that a selector matches, page by page. Returns the groups by value and state, null at the end. */
export async function surveyAll(
  outbox: Pick<Outbox, 'survey'>,
  selector: LeadSelector,
  by: GroupKey,
): Promise<LeadGroup[]> {
  const groups = new Map<string, LeadGroup>()
  let after: string | undefined
  do {
    const page = await outbox.survey(selector, by, after)
    for (const { value, state, leads } of page.groups) {
      const key = value === null ? `null ${state}` : `a ${value} ${state}`
      groups.set(key, { value, state, leads: leads + (groups.get(key)?.leads ?? 0) })
    }
    after = page.next
  } while (after !== undefined)
  return [...groups.keys()].toSorted().map((key) => groups.get(key)!)
}

export function discarding(open: Open): void {
  describe('discarding', () => {
    it('makes a receipt without personal data of each lead, whatever its state', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [lead('parked', { cookie: 'c', notes: ['a note'], network: '192.0.2.1' })])
      await addAll(outbox, lead('held', { hold: 'spam' }), lead('waits', { cookie: 'd' }))

      const done = await discardAll(outbox, { form: 'contact' })

      const receipt = {
        form: 'contact',
        state: 'discarded',
        attempts: 0,
        acceptedAt: T,
        settledAt: T,
        history: [],
        rejectedAttributes: [],
        staleAttributes: [],
        notes: [NOTE],
      }
      expect(done).toStrictEqual({ discarded: 3, underWay: 0 })
      expect(await Promise.all(['parked', 'held', 'waits'].map((id) => outbox.find(id)))).toStrictEqual([
        { ...receipt, id: 'parked', attempts: 1, notes: ['a note', NOTE] },
        { ...receipt, id: 'held' },
        { ...receipt, id: 'waits' },
      ])
    })

    it('changes the counters of what is left, and counts no delivery', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [lead('parked')], [lead('other', { form: 'demo' })])
      await addAll(outbox, lead('held', { hold: 'spam' }), lead('waits'), lead('also', { form: 'demo' }))

      await discardAll(outbox, { form: 'contact' })

      expect(await outbox.status(T)).toMatchObject({ waiting: 1, held: 0, parked: 1, delivered: 0, oldestAt: T })
      expect(await surveyAll(outbox, {}, 'form')).toStrictEqual([
        { value: 'demo', state: 'parked', leads: 1 },
        { value: 'demo', state: 'waiting', leads: 1 },
      ])
    })

    it('never sends a discarded lead, which is due no more', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('a'), lead('b'))

      await discardAll(outbox, { state: 'waiting' })

      expect(await outbox.nextDueAt(T)).toBeUndefined()
      expect(await outbox.claim(LATER, LATER * 2, 10)).toStrictEqual([])
      expect(await outbox.replay(['a'], {}, T)).toStrictEqual([{ id: 'a', result: 'not-parked' }])
    })

    it('leaves a leased lead alone, also when its lease has expired, and says so', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, lead('leased'), lead('other'))
      const batch = await claimBatch(outbox, T, T + SECOND)
      await addAll(outbox, lead('waits'))

      const done = [
        await discardAll(outbox, { form: 'contact' }),
        await discardAll(outbox, { form: 'contact' }, {}, T + 2 * SECOND),
      ]
      await settleBatch(outbox, batch, DELIVERED)

      expect(done).toStrictEqual([
        { discarded: 1, underWay: 2 },
        { discarded: 0, underWay: 2 },
      ])
      expect(await outbox.find('leased')).toMatchObject({ state: 'delivered', leadId: 7 })
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, delivered: 2 })
    })

    it('lets the next lead of the person go', async () => {
      const outbox = await open(WIDE)
      const [first, second, third] = ofOnePerson('first', 'second', 'third')
      await addAll(outbox, { ...first!, form: 'spam' }, { ...second!, form: 'spam' }, third!)

      await discardAll(outbox, { form: 'spam' })

      expect(await outbox.nextDueAt(T)).toBe(T)
      expect(idsOf(await outbox.claim(T, LATER, 10))).toStrictEqual([['third']])
    })

    it('keeps the order of the person when a lead is discarded that was not the next', async () => {
      const outbox = await open(WIDE)
      const [first, second, third] = ofOnePerson('first', 'second', 'third')
      await addAll(outbox, first!, { ...second!, form: 'spam' }, third!)

      await discardAll(outbox, { form: 'spam' })

      const sent = [...(await settleNext(outbox, DELIVERED)), ...(await settleNext(outbox, DELIVERED))]
      expect(sent.map(({ id }) => id)).toStrictEqual(['first', 'third'])
    })

    it('does not send the next lead of the person while Marketo may still be processing the discarded one', async () => {
      const outbox = await open(WIDE)
      const [first, second] = ofOnePerson('first', 'second')
      await addAll(outbox, { ...first!, form: 'spam' }, second!)
      await settleNext(outbox, { kind: 'retry', dueAt: T + 60 * SECOND, reason: 'no answer' })

      await discardAll(outbox, { form: 'spam' }, {}, T + SECOND)

      expect(await outbox.nextDueAt(T)).toBe(T + 60 * SECOND)
      expect(await outbox.claim(T + 59 * SECOND, LATER, 10)).toStrictEqual([])
      expect(idsOf(await outbox.claim(T + 60 * SECOND, LATER, 10))).toStrictEqual([['second']])
    })

    it('waits for a discarded lead no longer than a lease', async () => {
      const outbox = await open(WIDE)
      const [first, second] = ofOnePerson('first', 'second')
      await addAll(outbox, { ...first!, form: 'spam' })
      await settleNext(outbox, { kind: 'retry', dueAt: T + 150 * SECOND, reason: 'no answer' })
      await addAll(outbox, second!)

      await discardAll(outbox, { form: 'spam' })

      expect(await outbox.nextDueAt(T)).toBe(T + 100 * SECOND)
    })

    it('recognises the id of a discarded lead, which is not stored again', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('a'))
      await discardAll(outbox, { form: 'contact' })

      await addAll(outbox, lead('a'))

      expect(await outbox.find('a')).toMatchObject({ state: 'discarded' })
      expect(await outbox.status(T)).toMatchObject({ waiting: 0 })
    })

    it('changes nothing in a dry run, which counts the same leads', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [lead('parked')])
      await addAll(outbox, lead('leased'))
      await claimBatch(outbox)
      await addAll(outbox, lead('held', { hold: 'spam' }), ...ofOnePerson('waits', 'queued'))
      const all = () => Promise.all(['parked', 'leased', 'held', 'waits', 'queued'].map((id) => outbox.find(id)))
      const before = [await all(), await outbox.status(T)]

      const dry = await discardAll(outbox, { form: 'contact' }, { dryRun: true })

      expect([await all(), await outbox.status(T)]).toStrictEqual(before)
      expect(dry).toStrictEqual({ discarded: 4, underWay: 1 })
      expect(await discardAll(outbox, { form: 'contact' })).toStrictEqual(dry)
    })

    it('discards only leads that meet all conditions', async () => {
      const outbox = await open(WIDE)
      await addAll(
        outbox,
        lead('a', { email: 'a@spam.example', acceptedAt: T - 1 }),
        lead('b', { email: 'b@SPAM.example' }),
        lead('c', { email: 'c@spam.example', form: 'demo' }),
        lead('d', { email: 'd@spam.example.org' }),
        lead('e', { email: 'e@spam.example', acceptedAt: T + 10 }),
      )

      await discardAll(outbox, { domain: 'spam.example', form: 'contact', acceptedFrom: T, acceptedUntil: T + 10 })

      const states = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(async (id) => (await outbox.find(id))?.state))
      expect(states).toStrictEqual(['waiting', 'discarded', 'waiting', 'waiting', 'waiting'])
    })

    it('counts a lead as delivered that was delivered except for some attributes', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('a'))
      await settleNext(outbox, { kind: 'requeue', dueAt: T, reason: 'bad', rejectedAttributes: ['FirstName'] })
      await settleNext(outbox, DELIVERED)

      await discardAll(outbox, { state: 'parked' })

      expect(await outbox.find('a')).toMatchObject({
        state: 'delivered',
        leadId: 7,
        notes: [NOTE],
        history: [],
        rejectedAttributes: [],
      })
      expect(await outbox.find('a')).not.toHaveProperty('lead')
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, parked: 0, delivered: 1 })
    })

    it('does not associate the owed cookie of a discarded lead, unless its call is under way', async () => {
      const outbox = await open(WIDE_BATCHES, AFTER_LEAD)
      const rejected = { kind: 'requeue', dueAt: T, reason: 'bad', rejectedAttributes: ['FirstName'] } as const
      await addAll(outbox, lead('out', { cookie: 'c' }), lead('owed', { cookie: 'd' }))
      await settleNext(outbox, rejected)
      await settleNext(outbox, DELIVERED)
      // That of the newest lead is leased first.
      const leased = await claimBatch(outbox)

      const done = await discardAll(outbox, { state: 'parked' })

      expect(leased.owed?.cookie.id).toBe('owed')
      expect(done).toStrictEqual({ discarded: 1, underWay: 1 })
      expect(await outbox.find('out')).toMatchObject({
        state: 'delivered',
        notes: ['cookie not associated: the lead was discarded', NOTE],
      })
      expect(await outbox.find('owed')).toMatchObject({ state: 'parked' })
      expect(await outbox.status(T)).toMatchObject({ parked: 1, owed: 1 })
    })

    it('is swept with the receipts of deliveries', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('a'))
      await discardAll(outbox, { form: 'contact' })

      expect([await outbox.sweep(T, 10), await outbox.sweep(T + 1, 10)]).toStrictEqual([0, 1])
      expect(await outbox.find('a')).toBeUndefined()
    })

    it(
      'removes thousands of leads of one source, and the visitors between them stay',
      { timeout: 60_000 },
      async () => {
        const outbox = await open(WIDE_BATCHES)
        const leads = Array.from({ length: 2_050 }, (_, at) =>
          lead(`${at}`, { network: at % 41 === 0 ? `198.51.100.${at / 41}` : '192.0.2.1', acceptedAt: T + at }),
        )
        for (let at = 0; at < leads.length; at += 500) await outbox.add(leads.slice(at, at + 500), T + 10_000)
        const [flood] = (await surveyAll(outbox, {}, 'source')).toSorted((a, b) => b.leads - a.leads)

        const done = await discardAll(outbox, { source: flood!.value! })

        expect(done).toStrictEqual({ discarded: 2_000, underWay: 0 })
        expect(await outbox.status(T)).toMatchObject({ waiting: 50, delivered: 0 })
        const [batch] = await outbox.claim(LATER, LATER * 2, 1)
        expect(batch?.jobs.every(({ lead: { id } }) => Number(id) % 41 === 0)).toBe(true)
        expect(batch?.jobs).toHaveLength(50)
      },
    )
  })
}
