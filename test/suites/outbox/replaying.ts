/** Replaying parked jobs: their edits, their place in the person's order. */
import { describe, expect, it } from 'vitest'
import type { LeadEdit } from '../../../relay/outbox/edit.ts'
import { BY_FORM } from './batching.ts'
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
  valuesOf,
  WIDE,
  WIDE_BATCHES,
} from './leads.ts'
import type { Open } from './suite.ts'

const DELIVERED = { kind: 'delivered', leadId: 7 } as const
const PARKED = { kind: 'parked', reason: 'no such attribute' } as const
const END = T + 10 * SECOND

export function replaying(open: Open): void {
  describe('a replay', () => {
    it('makes a job due at once, with its attempts and without its failures', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('a'))
      await settleNext(outbox, { kind: 'retry', dueAt: T, reason: 'busy' })
      await settleNext(outbox, PARKED)

      const result = await outbox.replay(['a'], {}, T + SECOND)

      expect(result).toStrictEqual([{ id: 'a', result: 'replayed' }])
      expect(await outbox.status(T)).toStrictEqual({
        waiting: 1,
        held: 0,
        parked: 0,
        delivered: 0,
        oldestAt: T,
        day: expect.anything(),
      })
      expect(await outbox.find('a')).toStrictEqual({
        id: 'a',
        form: 'contact',
        state: 'waiting',
        attempts: 2,
        acceptedAt: T,
        dueAt: T + SECOND,
        reason: 'no such attribute',
        history: [
          { reason: 'busy', times: 1, first: T, last: T },
          { reason: 'no such attribute', times: 1, first: T, last: T },
        ],
        rejectedAttributes: [],
        staleAttributes: [],
        notes: [],
        lead: lead('a'),
      })
      expect(await outbox.claim(T + SECOND - 1, LATER, 10)).toStrictEqual([])
      const batch = await claimBatch(outbox, T + SECOND)
      expect(batch.jobs).toStrictEqual([{ lead: lead('a'), attempt: 3, failures: 0 }])
    })

    it('returns one result for each id, in order', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [lead('parked-1')], [lead('parked-2')])
      await addAll(outbox, lead('delivered'), lead('leased'), lead('waits'))
      await settleNext(outbox, DELIVERED)
      await claimBatch(outbox)
      const before = await Promise.all(['delivered', 'leased', 'waits'].map((id) => outbox.find(id)))

      const result = await outbox.replay(
        ['parked-2', 'missing', 'waits', 'parked-1', 'leased', 'delivered', 'parked-2'],
        {},
        T,
      )

      expect(result).toStrictEqual([
        { id: 'parked-2', result: 'replayed' },
        { id: 'missing', result: 'unknown' },
        { id: 'waits', result: 'not-parked' },
        { id: 'parked-1', result: 'replayed' },
        { id: 'leased', result: 'not-parked' },
        { id: 'delivered', result: 'not-parked' },
        { id: 'parked-2', result: 'not-parked' },
      ])
      expect(await Promise.all(['delivered', 'leased', 'waits'].map((id) => outbox.find(id)))).toStrictEqual(before)
      expect(await outbox.status(T)).toMatchObject({ waiting: 4, parked: 0, delivered: 1 })
    })

    it('of no ids changes nothing', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [lead('a')])

      expect(await outbox.replay([], {}, T)).toStrictEqual([])
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, parked: 1 })
    })

    it('is not undone by a late settlement of the attempt that parked the job', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('a'))
      const batch = await claimBatch(outbox)
      await settleBatch(outbox, batch, PARKED)
      await outbox.replay(['a'], {}, T)

      await settleBatch(outbox, batch, DELIVERED)

      expect(await outbox.find('a')).toMatchObject({ state: 'waiting', attempts: 1 })
    })

    it('computes the batch key of the job again', async () => {
      const outbox = await open(WIDE_BATCHES, {
        name: 'by-attribute',
        batchKey: ({ attributes: [first] }) => first?.name ?? null,
        cookies: 'with-lead',
      })
      await park(outbox, [lead('a', attributesOf({ Colour: 'red' }))], [lead('b', attributesOf({ Size: 'L' }))])
      await park(outbox, [lead('c', attributesOf({ Weight: '1' }))])
      await addAll(outbox, lead('d', attributesOf({ Size: 'M' })))

      await outbox.replay(['a', 'b', 'c'], { rename: { Colour: 'Size' }, drop: ['Weight'] }, T)

      expect(idsOf(await outbox.claim(T, LATER, 10))).toStrictEqual([['c'], ['a', 'b', 'd']])
    })

    it('takes the settings of the forms today, so that a lead without a workspace shares a call again', async () => {
      const outbox = await open(WIDE_BATCHES)
      const forms = { contact: { associate: 'always', constants: [{ name: 'Source', value: 'Web' }] } } as const
      await park(outbox, [lead('a', { workspace: 'Erope' })], [lead('b', { workspace: 'Erope', form: 'other' })])

      await outbox.replay(['a', 'b'], { forms }, T)
      await addAll(outbox, lead('c'))

      expect(idsOf(await outbox.claim(T, LATER, 10))).toStrictEqual([['a', 'c'], ['b']])
      const values = { FirstName: 'George', Source: 'Web' }
      expect((await outbox.find('a'))?.lead).toStrictEqual(lead('a', attributesOf(values)))
      expect((await outbox.find('b'))?.lead?.workspace).toBe('Erope')
    })

    it('adds no constant to the rest of a lead that was delivered', async () => {
      const outbox = await open(WIDE_BATCHES)
      const forms = { contact: { associate: 'always', constants: [{ name: 'Source', value: 'Web' }] } } as const
      await addAll(outbox, lead('a', attributesOf({ FirstName: 'George', Hat__c: 'red' })))
      await settleNext(outbox, { kind: 'requeue', dueAt: T, reason: '20105', rejectedAttributes: ['Hat__c'] })
      await settleNext(outbox, DELIVERED)

      await outbox.replay(['a'], { forms, rename: { Hat__c: 'Hat' } }, T)

      expect((await settleNext(outbox, DELIVERED)).map(valuesOf)).toStrictEqual([{ Hat: 'red' }])
    })

    it('leaves jobs with their batch keys when the edit does not concern the key', async () => {
      const outbox = await open(WIDE_BATCHES, BY_FORM)
      await park(outbox, [lead('x', { form: 'x' })], [lead('alone', { form: 'alone' })], [lead('x2', { form: 'x' })])

      await outbox.replay(['x', 'alone', 'x2'], { drop: ['FirstName'] }, T)

      expect(idsOf(await outbox.claim(T, LATER, 10))).toStrictEqual([['x', 'x2'], ['alone']])
    })
  })

  describe('the edit of a replay', () => {
    const stored = lead('a', {
      ...attributesOf({ FirstName: 'George', Colour: 'red', Size: 'L' }),
      cookie: 'c',
      workspace: 'w',
      notes: ['a note'],
    })

    it.each<[string, LeadEdit, Record<string, string>]>([
      ['changes nothing when it is empty', {}, { FirstName: 'George', Colour: 'red', Size: 'L' }],
      ['drops attributes', { drop: ['Colour', 'Missing'] }, { FirstName: 'George', Size: 'L' }],
      ['drops attributes by names in another case', { drop: ['COLOUR'] }, { FirstName: 'George', Size: 'L' }],
      [
        'renames attributes, each in its place',
        { rename: { Colour: 'Colour__c', Missing: 'Other' } },
        { FirstName: 'George', Colour__c: 'red', Size: 'L' },
      ],
      [
        'renames attributes by names in another case',
        { rename: { colour: 'Colour__c' } },
        { FirstName: 'George', Colour__c: 'red', Size: 'L' },
      ],
      [
        'changes the case of a name',
        { rename: { Colour: 'colour' } },
        { FirstName: 'George', colour: 'red', Size: 'L' },
      ],
      [
        'gives an attribute the name of a dropped one',
        { drop: ['Size'], rename: { Colour: 'Size' } },
        { FirstName: 'George', Size: 'red' },
      ],
      [
        'exchanges two names',
        { rename: { Colour: 'Size', Size: 'Colour' } },
        { FirstName: 'George', Size: 'red', Colour: 'L' },
      ],
    ])('%s', async (_, edit, expected) => {
      const outbox = await open(WIDE)
      await park(outbox, [stored])

      await outbox.replay(['a'], edit, T)

      const [sent] = await settleNext(outbox, PARKED)
      expect(sent).toStrictEqual({ ...stored, ...attributesOf(expected) })
      expect((await outbox.find('a'))?.lead).toStrictEqual({ ...stored, ...attributesOf(expected) })
    })

    it.each([
      ['of another attribute', { Colour: 'Size' }, 'Size'],
      ['of another attribute in another case', { Colour: 'size' }, 'Size'],
      ['that another attribute gets, too', { Colour: 'New', Size: 'New' }, 'New'],
    ])('leaves a lead parked that would get the name %s, and replays the others', async (_, rename, name) => {
      const outbox = await open(WIDE)
      await park(outbox, [stored], [lead('b', attributesOf({ Colour: 'blue' }))])
      const before = await outbox.find('a')

      const result = await outbox.replay(['a', 'b'], { rename }, T)

      expect(result).toStrictEqual([
        { id: 'a', result: 'name-taken', name },
        { id: 'b', result: 'replayed' },
      ])
      expect(await outbox.find('a')).toStrictEqual(before)
      expect((await settleNext(outbox, DELIVERED)).map(valuesOf)).toStrictEqual([{ [rename.Colour]: 'blue' }])
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, parked: 1, delivered: 1 })
    })
  })

  describe('the place of a replayed job', () => {
    it('is before the later leads of its person that wait', async () => {
      const outbox = await open(WIDE_BATCHES)
      await park(outbox, [lead('a1', { person: 'one@example.com' })])
      await outbox.add(ofOnePerson('a2', 'a3'), T)

      await outbox.replay(['a1'], {}, T)

      const order: string[] = []
      for (const _ of [1, 2, 3]) order.push(...(await settleNext(outbox, DELIVERED)).map(({ id }) => id))
      expect(order).toStrictEqual(['a1', 'a2', 'a3'])
    })

    it('is the same among several replayed jobs, in whatever order they are named', async () => {
      const outbox = await open(WIDE)
      const person = 'p'
      await park(outbox, [lead('a1', { person })], [lead('a2', { person })], [lead('a3', { person })])

      await outbox.replay(['a3', 'a1', 'a2'], {}, T)

      const order: string[] = []
      for (const _ of [1, 2, 3]) order.push(...(await settleNext(outbox, DELIVERED)).map(({ id }) => id))
      expect(order).toStrictEqual(['a1', 'a2', 'a3'])
    })

    it('is before a later lead that waits for a retry, and it does not wait for that', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [lead('a1', { person: 'one@example.com' })])
      await outbox.add(ofOnePerson('a2'), T)
      await settleNext(outbox, { kind: 'retry', dueAt: END, reason: 'busy' })

      await outbox.replay(['a1'], {}, T)

      expect(idsOf([await claimBatch(outbox)])).toStrictEqual([['a1']])
      expect(await outbox.claim(END, LATER, 10)).toStrictEqual([])
    })

    it('is after a later lead that is leased: it waits until that lease ends', async () => {
      const outbox = await open(WIDE_BATCHES)
      await park(outbox, [lead('a1', { person: 'one@example.com' })])
      await outbox.add(ofOnePerson('a2', 'a3'), T)
      await claimBatch(outbox, T, END)

      await outbox.replay(['a1'], {}, T)

      expect(await outbox.claim(END - 1, LATER, 10)).toStrictEqual([])
      expect(await outbox.nextDueAt(T)).toBe(END)
      expect(idsOf(await outbox.claim(END, LATER, 10))).toStrictEqual([['a1']])
    })

    it('is after a later lead that is leased, and before it when that comes again', async () => {
      const outbox = await open(WIDE_BATCHES)
      await park(outbox, [lead('a1', { person: 'one@example.com' })])
      await outbox.add(ofOnePerson('a2', 'a3'), T)
      const batch = await claimBatch(outbox, T, END)
      await outbox.replay(['a1'], {}, T)
      await outbox.add(ofOnePerson('a4'), T)

      await settleBatch(outbox, batch, { kind: 'retry', dueAt: T + 1, reason: 'busy' })

      const order: string[] = []
      for (const _ of [1, 2, 3, 4]) order.push(...(await settleNext(outbox, DELIVERED, END)).map(({ id }) => id))
      expect(order).toStrictEqual(['a1', 'a2', 'a3', 'a4'])
    })
  })
}
