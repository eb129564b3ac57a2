/** Attributes that are not sent: those that Marketo rejected, and those that a later lead of the person has sent. */
import { describe, expect, it } from 'vitest'
import {
  addAll,
  attributesOf,
  claimBatch,
  idsOf,
  LATER,
  lead,
  park,
  SECOND,
  settleNext,
  T,
  valuesOf,
  WIDE,
  WIDE_BATCHES,
} from './leads.ts'
import type { Open } from './suite.ts'

const DELIVERED = { kind: 'delivered', leadId: 7 } as const
const PARKED = { kind: 'parked', reason: 'no such attribute' } as const

export function attributes(open: Open): void {
  describe('stale attributes', () => {
    const older = lead('older', { person: 'p', ...attributesOf({ FirstName: 'Georg', City: 'Ulm' }) })
    const later = lead('later', { person: 'p', ...attributesOf({ FirstName: 'George', Size: 'L' }) })

    it('are those that a later lead has sent: a replayed lead goes without them', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [older])
      await addAll(outbox, later)
      await settleNext(outbox, DELIVERED)

      await outbox.replay(['older'], {}, T)

      expect(await outbox.find('older')).toMatchObject({ staleAttributes: ['FirstName', 'Size'], lead: older })
      expect((await settleNext(outbox, DELIVERED)).map(valuesOf)).toStrictEqual([{ City: 'Ulm' }])
      expect(await outbox.find('older')).toMatchObject({ state: 'delivered', staleAttributes: [] })
    })

    it('are compared by name without case', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [older])
      await addAll(
        outbox,
        lead('later', { person: 'p', ...attributesOf({ FIRSTNAME: 'George' }) }),
        lead('latest', { person: 'p', ...attributesOf({ firstName: 'George' }) }),
      )
      await settleNext(outbox, DELIVERED)
      await settleNext(outbox, DELIVERED)

      await outbox.replay(['older'], {}, T)

      expect((await outbox.find('older'))?.staleAttributes).toStrictEqual(['FIRSTNAME'])
      expect((await settleNext(outbox, DELIVERED)).map(valuesOf)).toStrictEqual([{ City: 'Ulm' }])
    })

    it('are none of a lead that is added once the receipts of later ones were swept', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [older])
      await addAll(outbox, lead('b'), lead('c'), later)
      for (let n = 0; n < 3; n += 1) await settleNext(outbox, DELIVERED)
      await outbox.sweep(T + 1, 10)

      await park(outbox, [lead('newest', { person: 'p', ...attributesOf({ FirstName: 'Zoe' }) })])

      expect((await outbox.find('older'))?.staleAttributes).toStrictEqual(['FirstName', 'Size'])
      expect((await outbox.find('newest'))?.staleAttributes).toStrictEqual([])
    })

    it('include those of a name that the older lead is given by an edit', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [lead('older', { person: 'p', ...attributesOf({ Vorname: 'Georg', City: 'Ulm' }) })])
      await addAll(outbox, later)
      await settleNext(outbox, DELIVERED)

      await outbox.replay(['older'], { rename: { Vorname: 'FirstName' } }, T)

      expect((await settleNext(outbox, DELIVERED)).map(valuesOf)).toStrictEqual([{ City: 'Ulm' }])
    })

    it('are those of all later leads, each name once', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [older])
      await addAll(outbox, later, lead('latest', { person: 'p', ...attributesOf({ City: 'Bonn', FirstName: 'G' }) }))
      await settleNext(outbox, DELIVERED)
      await settleNext(outbox, DELIVERED)

      await outbox.replay(['older'], {}, T)

      expect((await outbox.find('older'))?.staleAttributes).toStrictEqual(['FirstName', 'Size', 'City'])
      expect((await settleNext(outbox, DELIVERED)).map(valuesOf)).toStrictEqual([{}])
    })

    it('do not include what was rejected or stale in the later lead', async () => {
      const outbox = await open(WIDE)
      const oldest = lead('oldest', {
        person: 'p',
        ...attributesOf({ FirstName: 'G', City: 'Bonn', Size: 'S' }),
      })
      await park(outbox, [oldest], [older])
      await addAll(outbox, later)
      await settleNext(outbox, { kind: 'requeue', dueAt: T, reason: 'no', rejectedAttributes: ['Size'] })
      await settleNext(outbox, DELIVERED)

      await outbox.replay(['older'], {}, T)
      await settleNext(outbox, DELIVERED)
      await outbox.replay(['oldest'], {}, T)

      expect((await outbox.find('oldest'))?.staleAttributes).toStrictEqual(['FirstName', 'City'])
      expect((await settleNext(outbox, DELIVERED)).map(valuesOf)).toStrictEqual([{ Size: 'S' }])
    })

    it('do not come from earlier leads, from other people or from parked leads', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('first', { person: 'p', ...attributesOf({ FirstName: 'G' }) }))
      await settleNext(outbox, DELIVERED)
      await park(outbox, [older], [later])
      await addAll(outbox, lead('other', { person: 'q', ...attributesOf({ FirstName: 'Quentin' }) }))
      await settleNext(outbox, DELIVERED)

      await outbox.replay(['older'], {}, T)

      expect((await settleNext(outbox, DELIVERED)).map(valuesOf)).toStrictEqual([{ FirstName: 'Georg', City: 'Ulm' }])
      expect(await outbox.find('later')).toMatchObject({ state: 'parked', staleAttributes: [] })
    })

    it('are found in an older lead that was replayed while the later one was leased', async () => {
      const outbox = await open(WIDE_BATCHES)
      await park(outbox, [older])
      await addAll(outbox, later)
      const batch = await claimBatch(outbox, T, T + SECOND)
      await outbox.replay(['older'], {}, T)

      await outbox.settle(batch.id, [{ id: 'later', attempt: 1, ...DELIVERED }], T)

      expect(await outbox.find('older')).toMatchObject({ state: 'waiting', staleAttributes: ['FirstName', 'Size'] })
      expect((await settleNext(outbox, DELIVERED, T + SECOND)).map(valuesOf)).toStrictEqual([{ City: 'Ulm' }])
    })
  })

  describe('rejected attributes', () => {
    const rejection = {
      kind: 'requeue',
      dueAt: T,
      reason: 'no such attribute: Colour',
      rejectedAttributes: ['Colour'],
    } as const
    const whole = lead('a', {
      ...attributesOf({ FirstName: 'George', Colour: 'red', Size: 'L' }),
      cookie: 'c',
      workspace: 'w',
      notes: ['a note'],
    })
    const { cookie: _, ...rest } = { ...whole, ...attributesOf({ Colour: 'red' }) }

    it('are not sent again, whatever the next outcomes are', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, whole)

      const sent = [
        await settleNext(outbox, rejection),
        await settleNext(outbox, { ...rejection, rejectedAttributes: ['Size', 'Colour'] }),
        await settleNext(outbox, { kind: 'retry', dueAt: T, reason: 'busy' }),
        await settleNext(outbox, { kind: 'requeue', dueAt: T, reason: 'batch refused', batch: 'refused' }),
        await settleNext(outbox, PARKED),
      ]

      expect(sent.flat().map(valuesOf)).toStrictEqual([
        { FirstName: 'George', Colour: 'red', Size: 'L' },
        { FirstName: 'George', Size: 'L' },
        { FirstName: 'George' },
        { FirstName: 'George' },
        { FirstName: 'George' },
      ])
      expect(await outbox.find('a')).toMatchObject({
        state: 'parked',
        rejectedAttributes: ['Colour', 'Size'],
        lead: whole,
      })
    })

    it('are compared by name without case', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, whole)

      await settleNext(outbox, { ...rejection, rejectedAttributes: ['COLOUR'] })
      const sent = await settleNext(outbox, rejection)
      await settleNext(outbox, DELIVERED)

      expect(sent.map(valuesOf)).toStrictEqual([{ FirstName: 'George', Size: 'L' }])
      expect(await outbox.find('a')).toMatchObject({ state: 'parked', rejectedAttributes: ['COLOUR'], lead: rest })
    })

    it('are parked alone, without the cookie, once the rest is delivered', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, whole)
      await settleNext(outbox, rejection)

      await settleNext(outbox, DELIVERED, T + SECOND)

      expect(await outbox.find('a')).toStrictEqual({
        id: 'a',
        form: 'contact',
        state: 'parked',
        attempts: 2,
        acceptedAt: T,
        settledAt: T + SECOND,
        leadId: 7,
        reason: 'no such attribute: Colour',
        history: [{ reason: 'no such attribute: Colour', times: 1, first: T, last: T }],
        rejectedAttributes: ['Colour'],
        staleAttributes: [],
        notes: ['a note'],
        lead: rest,
      })
      expect(await outbox.list('parked', 10)).toStrictEqual([await outbox.find('a')])
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, parked: 1, delivered: 0, parkedAt: T + SECOND })
    })

    it('leave nothing to park when the lead does not have them', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('a'))
      await settleNext(outbox, rejection)

      await settleNext(outbox, DELIVERED)

      expect(await outbox.find('a')).toMatchObject({ state: 'delivered', rejectedAttributes: [], history: [] })
    })

    it("do not delay the person's next lead once they are parked", async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, whole, lead('a2', { person: whole.person }))
      await settleNext(outbox, rejection)
      await settleNext(outbox, DELIVERED)

      expect(idsOf([await claimBatch(outbox)])).toStrictEqual([['a2']])
    })

    it('are sent under a new name when they are replayed so, and then a receipt remains', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, whole)
      await settleNext(outbox, rejection)
      await settleNext(outbox, DELIVERED)

      const result = await outbox.replay(['a'], { rename: { Colour: 'Colour__c' } }, T)
      const sent = await settleNext(outbox, DELIVERED, T + SECOND)

      expect(result).toStrictEqual([{ id: 'a', result: 'replayed' }])
      expect(sent).toStrictEqual([{ ...rest, ...attributesOf({ Colour__c: 'red' }) }])
      expect(await outbox.find('a')).toStrictEqual({
        id: 'a',
        form: 'contact',
        state: 'delivered',
        attempts: 3,
        acceptedAt: T,
        settledAt: T + SECOND,
        leadId: 7,
        history: [],
        rejectedAttributes: [],
        staleAttributes: [],
        notes: ['a note'],
      })
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, parked: 0, delivered: 1 })
    })

    it('are sent under their own name when they are replayed as they are, because Marketo may know it by now', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, whole)
      await settleNext(outbox, rejection)
      await settleNext(outbox, DELIVERED)

      await outbox.replay(['a'], {}, T)
      const record = await outbox.find('a')
      const sent = await settleNext(outbox, DELIVERED)

      expect(record).toMatchObject({ state: 'waiting', rejectedAttributes: [], lead: rest })
      expect(record).not.toHaveProperty('leadId')
      expect(sent.map(valuesOf)).toStrictEqual([{ Colour: 'red' }])
    })

    it("keep Marketo's id of the person when they are parked again, and do not show it while they wait", async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, whole)
      await settleNext(outbox, rejection)
      await settleNext(outbox, DELIVERED)

      await outbox.replay(['a'], { rename: { Colour: 'Color' } }, T)
      await settleNext(outbox, { kind: 'retry', dueAt: T, reason: 'busy' })
      const waiting = await outbox.find('a')
      await settleNext(outbox, PARKED, T + SECOND)
      const parked = await outbox.find('a')
      await outbox.replay(['a'], {}, T + SECOND)
      await settleNext(outbox, PARKED, T + 2 * SECOND)

      expect(waiting).not.toHaveProperty('leadId')
      expect(parked).toMatchObject({ state: 'parked', leadId: 7, lead: { ...rest, ...attributesOf({ Color: 'red' }) } })
      expect(await outbox.list('parked', 10)).toStrictEqual([expect.objectContaining({ id: 'a', leadId: 7 })])
    })

    it('have the id of the person that Marketo returned last', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, whole)
      await settleNext(outbox, rejection)
      await settleNext(outbox, DELIVERED)

      await outbox.replay(['a'], {}, T)
      await settleNext(outbox, rejection)
      await settleNext(outbox, { kind: 'delivered', leadId: 8 })

      expect(await outbox.find('a')).toMatchObject({ state: 'parked', leadId: 8, rejectedAttributes: ['Colour'] })
    })

    it('may name the cookie: the lead is sent and delivered without it, and has a note', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('a', { cookie: 'c', workspace: 'Asia', notes: ['first'] }))
      await settleNext(outbox, { kind: 'requeue', dueAt: T, reason: '20110', rejectedAttributes: ['Munchkin cookie'] })

      const sent = await settleNext(outbox, DELIVERED)

      expect(sent).toStrictEqual([lead('a', { workspace: 'Asia', notes: ['first'] })])
      expect(await outbox.find('a')).toMatchObject({
        state: 'delivered',
        notes: ['first', 'cookie left out: Marketo refused the lead with it'],
      })
    })

    it('keep a cookie that they name until the lead is delivered, and a replay sends it again', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('a', { cookie: 'c', workspace: 'Erope' }))
      await settleNext(outbox, { kind: 'requeue', dueAt: T, reason: '20110', rejectedAttributes: ['Munchkin cookie'] })
      await settleNext(outbox, PARKED)

      await outbox.replay(['a'], {}, T)

      expect((await settleNext(outbox, DELIVERED)).map(({ cookie }) => cookie)).toStrictEqual(['c'])
      expect(await outbox.find('a')).toMatchObject({ state: 'delivered', notes: [] })
    })

    it('have no id of a person when nothing of the lead was delivered', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [whole])

      await outbox.replay(['a'], {}, T)
      await settleNext(outbox, PARKED)

      expect(await outbox.find('a')).not.toHaveProperty('leadId')
    })

    it('share a batch when they are replayed, because their cookie is gone', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, lead('a', { ...attributesOf({ Colour: 'red' }), cookie: 'c' }))
      await settleNext(outbox, rejection)
      await settleNext(outbox, DELIVERED)
      await addAll(outbox, lead('b'))

      await outbox.replay(['a'], {}, T)

      expect(idsOf(await outbox.claim(T, LATER, 10))).toStrictEqual([['a', 'b']])
    })

    it('are not sent under a name that a later lead has sent', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, whole, lead('a2', { person: whole.person, ...attributesOf({ Colour__c: 'blue' }) }))
      await settleNext(outbox, rejection)
      await settleNext(outbox, DELIVERED)
      await settleNext(outbox, DELIVERED)

      await outbox.replay(['a'], { rename: { Colour: 'Colour__c' } }, T)

      expect((await settleNext(outbox, DELIVERED)).map(valuesOf)).toStrictEqual([{}])
    })
  })
}
