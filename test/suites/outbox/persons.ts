/** Finding and erasing what is stored about a person. */
import { describe, expect, it } from 'vitest'
import type { OrderingKey } from '../../../relay/intake/lead.ts'
import type { Batch, EraseStep, Outbox } from '../../../relay/outbox/outbox.ts'
import { AFTER_LEAD, TEST_BATCH_KEYS } from '../../oracle/memory-outbox.ts'
import {
  addAll,
  attributesOf,
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
import type { Open, OpenDurable } from './suite.ts'

const DELIVERED = { kind: 'delivered', leadId: 7 } as const
const ZOE = 'zoe@example.com' as OrderingKey
const NOTE = 'erased by ana at 2023-11-14T22:13:20.000Z'
const NONE = { waiting: 0, held: 0, parked: 0, receipts: 0, owed: 0, underWay: 0, ids: [], more: false }

/** Creates a lead of Zoe. */
function ofZoe(id: string, over: Parameters<typeof lead>[1] = {}) {
  return lead(id, { person: ZOE, email: ZOE, ...over })
}

/** Erases a person. */
function erase(
  outbox: Pick<Outbox, 'erase'>,
  { dryRun = false, person = ZOE, now = T }: { dryRun?: boolean; person?: OrderingKey; now?: number } = {},
): Promise<EraseStep> {
  return outbox.erase(person, { by: 'ana', dryRun }, now)
}

/** Returns the rows of a person, read in pages of two. */
async function rowsOf(outbox: Pick<Outbox, 'findPerson'>, person = ZOE) {
  const rows = []
  let after: string | undefined
  do {
    const page = await outbox.findPerson(person, 2, after)
    expect(page.rows.length).toBeLessThanOrEqual(2)
    rows.push(...page.rows)
    after = page.next
  } while (after !== undefined)
  return rows
}

/** Opens an outbox with leads of Zoe in each state, one of them in a batch, and one of another person. */
async function openMixed(open: Open): Promise<{ outbox: Outbox; batch: Batch }> {
  const outbox = await open(WIDE)
  await addAll(outbox, ofZoe('delivered'))
  await settleNext(outbox, DELIVERED)
  await park(outbox, [ofZoe('parked', { form: 'demo' })])
  await addAll(outbox, ofZoe('held', { hold: 'spam' }), ofZoe('out'), ofZoe('waits'), lead('other'))
  return { outbox, batch: await claimBatch(outbox) }
}

export function persons(open: Open): void {
  describe('finding a person', () => {
    it('lists the rows in every state, with times and reasons, and no value of a lead', async () => {
      const { outbox } = await openMixed(open)

      const rows = await rowsOf(outbox)

      const row = { form: 'contact', acceptedAt: T, attempts: 0 }
      expect(rows).toStrictEqual([
        { ...row, id: 'delivered', state: 'delivered', attempts: 1, settledAt: T, leadId: 7 },
        {
          ...row,
          id: 'parked',
          form: 'demo',
          state: 'parked',
          attempts: 1,
          settledAt: T,
          reason: 'no such attribute',
        },
        { ...row, id: 'held', state: 'held', settledAt: T, reason: 'spam' },
        { ...row, id: 'out', state: 'waiting', attempts: 1, dueAt: LATER, underWay: true },
        { ...row, id: 'waits', state: 'waiting', dueAt: T },
      ])
    })

    it('says of which leads the cookie is owed, and finds nothing of a person without leads', async () => {
      const outbox = await open(WIDE_BATCHES, AFTER_LEAD)
      await addAll(outbox, ofZoe('a', { cookie: 'c' }))
      await settleNext(outbox, DELIVERED)

      expect(await rowsOf(outbox)).toMatchObject([{ id: 'a', state: 'delivered', owesCookie: true }])
      expect(await outbox.findPerson('nobody' as OrderingKey, 10)).toStrictEqual({ rows: [] })
    })
  })

  describe('erasing a person', () => {
    it('leaves nothing that finds the person, and receipts without ids of Marketo', async () => {
      const { outbox, batch } = await openMixed(open)
      await settleBatch(outbox, batch, DELIVERED)

      const erased = await erase(outbox)

      const receipt = { form: 'contact', acceptedAt: T, settledAt: T }
      const empty = { history: [], rejectedAttributes: [], staleAttributes: [], notes: [NOTE] }
      expect(erased).toStrictEqual({
        ...NONE,
        waiting: 1,
        held: 1,
        parked: 1,
        receipts: 2,
        ids: ['delivered', 'parked', 'held', 'out', 'waits'],
      })
      expect(await rowsOf(outbox)).toStrictEqual([])
      expect(await Promise.all(['delivered', 'parked', 'waits'].map((id) => outbox.find(id)))).toStrictEqual([
        { ...receipt, ...empty, id: 'delivered', state: 'delivered', attempts: 1 },
        { ...receipt, ...empty, id: 'parked', form: 'demo', state: 'discarded', attempts: 1 },
        { ...receipt, ...empty, id: 'waits', state: 'discarded', attempts: 0 },
      ])
      expect(await outbox.status(T)).toMatchObject({ waiting: 1, held: 0, parked: 0, delivered: 2 })
      expect(await erase(outbox)).toStrictEqual(NONE)
    })

    it('does not touch another person, and sends none of the erased leads', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, ofZoe('a'), lead('other'), ofZoe('b'))

      await erase(outbox)

      expect(idsOf(await outbox.claim(T, LATER, 10))).toStrictEqual([['other']])
    })

    it('leaves a lead that is under way, says so, and erases its receipt the next time', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, ofZoe('out'), ofZoe('waits'))
      const batch = await claimBatch(outbox)

      const first = await erase(outbox)
      await settleBatch(outbox, batch, DELIVERED)
      const second = await erase(outbox)

      expect(first).toStrictEqual({ ...NONE, waiting: 1, underWay: 1, ids: ['waits'] })
      expect(second).toStrictEqual({ ...NONE, receipts: 1, ids: ['out'] })
      expect(await outbox.find('out')).not.toHaveProperty('leadId')
    })

    it('changes nothing in a dry run, which counts the same rows', async () => {
      const { outbox } = await openMixed(open)
      const all = () => Promise.all(['delivered', 'parked', 'held', 'out', 'waits'].map((id) => outbox.find(id)))
      const before = [await all(), await outbox.status(T)]

      const dry = await erase(outbox, { dryRun: true })

      expect(dry).toStrictEqual({ ...NONE, waiting: 1, held: 1, parked: 1, receipts: 1, underWay: 1 })
      expect([await all(), await outbox.status(T)]).toStrictEqual(before)
      expect({ ...(await erase(outbox)), ids: [] }).toStrictEqual(dry)
    })

    it('recognises the id of an erased lead, whatever its content is, and takes a new lead of the person', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, ofZoe('a'))
      await erase(outbox)

      await addAll(outbox, ofZoe('a'), ofZoe('a', attributesOf({ City: 'Ulm' })), ofZoe('new'))

      expect(await outbox.status(T)).toMatchObject({ waiting: 1 })
      expect(await outbox.status(T)).not.toHaveProperty('reusedIds')
      expect(await rowsOf(outbox)).toMatchObject([{ id: 'new', state: 'waiting' }])
    })

    it('does not associate an owed cookie, unless its call is under way', async () => {
      const outbox = await open(WIDE_BATCHES, AFTER_LEAD)
      await addAll(outbox, ofZoe('a', { cookie: 'c' }), ofZoe('b', { cookie: 'd' }))
      for (const _ of ['a', 'b']) await settleNext(outbox, DELIVERED)
      // That of the newest lead is leased first.
      const out = await claimBatch(outbox)

      const erased = await erase(outbox)

      expect(out.owed?.cookie.id).toBe('b')
      expect(erased).toStrictEqual({ ...NONE, receipts: 1, owed: 1, underWay: 1, ids: ['a'] })
      expect(await outbox.find('a')).toMatchObject({
        state: 'delivered',
        notes: ['cookie not associated: the person was erased', NOTE],
      })
      expect(await outbox.status(T)).toMatchObject({ owed: 1 })
    })

    it('keeps a receipt for as long as it was to be kept', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, ofZoe('a'))
      await settleNext(outbox, DELIVERED)

      await erase(outbox, { now: T + 50 * SECOND })

      expect([await outbox.sweep(T, 10), await outbox.sweep(T + 1, 10)]).toStrictEqual([0, 1])
    })

    it('takes several steps for a person with many leads', { timeout: 60_000 }, async () => {
      const outbox = await open(WIDE_BATCHES)
      await outbox.add(
        Array.from({ length: 1_100 }, (_, at) => ofZoe(`${at}`)),
        T,
      )

      const steps = [await erase(outbox), await erase(outbox), await erase(outbox), await erase(outbox)]

      expect(steps.map(({ waiting, more }) => [waiting, more])).toStrictEqual([
        [500, true],
        [500, true],
        [100, false],
        [0, false],
      ])
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, delivered: 0 })
      expect(await outbox.nextDueAt(T)).toBeUndefined()
    })

    it('lets the next lead of the person go that came after it', async () => {
      const outbox = await open(WIDE)
      const [first, second] = ofOnePerson('first', 'second')
      await addAll(outbox, first!)
      await erase(outbox, { person: first!.person })
      await addAll(outbox, second!)

      expect(idsOf(await outbox.claim(T, LATER, 10))).toStrictEqual([['second']])
    })
  })
}

export function durablePersons(open: OpenDurable): void {
  it('a person is found and erased after a restart, and in one account of several alone', async () => {
    const { outbox, reopen, openAccount } = await open({ limits: WIDE, batchKeys: TEST_BATCH_KEYS })
    const sandbox = await openAccount('sandbox')
    await addAll(outbox, ofZoe('a'))
    await addAll(sandbox, ofZoe('b'))

    const reopened = await reopen()
    const erased = await erase(reopened)

    expect(erased).toStrictEqual({ ...NONE, waiting: 1, ids: ['a'] })
    expect(await rowsOf(reopened)).toStrictEqual([])
    expect(await rowsOf(await openAccount('sandbox'))).toMatchObject([{ id: 'b', state: 'waiting' }])
  })
}
