import { describe, expect, it } from 'vitest'
import type { Lead } from '../../../relay/intake/lead.ts'
import type { JobRecord, Outbox } from '../../../relay/outbox/outbox.ts'
import {
  addAll,
  claimCall,
  ids,
  jobsOf,
  LATER,
  lead,
  ofOnePerson,
  ROOMY,
  SECOND,
  settleCall,
  shapes,
  T,
  WIDE,
} from './leads.ts'
import type { OpenOutbox } from './suite.ts'

const DELIVERED = { kind: 'delivered', leadId: 7 } as const
const PARKED = { kind: 'parked', reason: 'no such attribute' } as const
const END = T + 10 * SECOND

function attributes(values: Record<string, string>): Pick<Lead, 'attributes'> {
  return { attributes: Object.entries(values).map(([name, value]) => ({ name, value })) }
}

/** What of a lead travels, by name. */
function travels(lead: Lead | undefined): Record<string, string> | undefined {
  return lead && Object.fromEntries(lead.attributes.map(({ name, value }) => [name, value]))
}

/** Parks leads, each at its time. */
async function park(outbox: Outbox, ...parked: [Lead, number?][]): Promise<void> {
  for (const [lead, at = T] of parked) {
    await outbox.add([lead], T)
    await settleCall(outbox, await claimCall(outbox, at, at + SECOND), PARKED, at)
  }
}

/** Lets the next call come to this, and gives its leads. */
async function next(outbox: Outbox, outcome: Parameters<typeof settleCall>[2], now = T): Promise<Lead[]> {
  const call = await claimCall(outbox, now)
  await settleCall(outbox, call, outcome, now)
  return jobsOf(call).map(({ lead }) => lead)
}

/** All pages up to the first that is empty; ten at the most, for a list that never ends. */
async function all(outbox: Outbox, limit: number): Promise<string[][]> {
  const pages: string[][] = []
  let after: JobRecord | undefined
  do {
    const page = await outbox.parked(limit, after)
    pages.push(page.map(({ id }) => id))
    after = page.at(-1)
  } while (after && pages.length < 10)
  return pages
}

export function mending(open: OpenOutbox): void {
  describe('mending: the parked ones', () => {
    it('are listed by when they were parked, and by name where that is the same', async () => {
      const outbox = await open(ROOMY)
      await park(outbox, [lead('c'), T], [lead('b'), T + 1], [lead('e'), T + 2], [lead('a'), T + 2], [lead('d'), T + 2])

      const listed = await outbox.parked(10)

      expect(listed.map(({ id }) => id)).toStrictEqual(['c', 'b', 'a', 'd', 'e'])
      expect((await outbox.status(T)).parkedAt).toBe(T)
    })

    it('are told whole, as each by itself', async () => {
      const outbox = await open(ROOMY)
      await addAll(outbox, lead('a', { form: 'demo', notes: ['a note'], cookie: 'c' }))
      await next(outbox, { kind: 'retry', dueAt: T, reason: 'busy' })
      await next(outbox, { kind: 'retry', dueAt: T, reason: 'busy' }, T + 1)
      await next(outbox, PARKED, T + 2)

      const listed = await outbox.parked(10)

      expect(listed).toStrictEqual([
        {
          id: 'a',
          form: 'demo',
          state: 'parked',
          attempts: 3,
          acceptedAt: T,
          settledAt: T + 2,
          reason: 'no such attribute',
          history: [
            { reason: 'busy', times: 2, first: T, last: T + 1 },
            { reason: 'no such attribute', times: 1, first: T + 2, last: T + 2 },
          ],
          refused: [],
          superseded: [],
          notes: ['a note'],
          lead: lead('a', { form: 'demo', notes: ['a note'], cookie: 'c' }),
        },
      ])
      expect(await outbox.find('a')).toStrictEqual(listed[0])
    })

    it.each([
      [1, [['a'], ['b'], ['c'], ['d'], ['e'], []]],
      [2, [['a', 'b'], ['c', 'd'], ['e'], []]],
      [5, [['a', 'b', 'c', 'd', 'e'], []]],
      [6, [['a', 'b', 'c', 'd', 'e'], []]],
    ])('are listed in pages of %i, none twice and none left out', async (limit, expected) => {
      const outbox = await open(ROOMY)
      await park(outbox, [lead('b'), T], [lead('a'), T], [lead('d'), T + 1], [lead('c'), T + 1], [lead('e'), T + 1])

      expect(await all(outbox, limit)).toStrictEqual(expected)
    })

    it('are listed after one that is parked no more, too', async () => {
      const outbox = await open(ROOMY)
      await park(outbox, [lead('a')], [lead('b')], [lead('c')])
      const [, second] = await outbox.parked(2)
      await outbox.replay(['b'], {}, T)

      expect((await outbox.parked(10, second)).map(({ id }) => id)).toStrictEqual(['c'])
    })

    it('are those alone', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('delivered'), lead('parked'), lead('out'), lead('retried'), lead('waits'))
      await next(outbox, DELIVERED)
      await next(outbox, PARKED)
      await claimCall(outbox)
      await next(outbox, { kind: 'retry', dueAt: LATER, reason: 'busy' })

      expect((await outbox.parked(10)).map(({ id }) => id)).toStrictEqual(['parked'])
    })

    it('are none at first', async () => {
      const outbox = await open(ROOMY)

      expect(await outbox.parked(10)).toStrictEqual([])
      expect((await outbox.status(T)).parkedAt).toBeUndefined()
    })
  })

  describe('mending: a replay', () => {
    it('has a job due at once, with its attempts and without its failures', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('a'))
      await next(outbox, { kind: 'retry', dueAt: T, reason: 'busy' })
      await next(outbox, PARKED)

      const result = await outbox.replay(['a'], {}, T + SECOND)

      expect(result).toStrictEqual([{ id: 'a', result: 'replayed' }])
      expect(await outbox.status(T)).toStrictEqual({
        waiting: 1,
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
        refused: [],
        superseded: [],
        notes: [],
        lead: lead('a'),
      })
      expect(await outbox.claim(T + SECOND - 1, LATER, 10)).toStrictEqual([])
      const call = await claimCall(outbox, T + SECOND)
      expect(call.turns).toStrictEqual([[{ lead: lead('a'), attempt: 3, failures: 0 }]])
    })

    it('forgets that the job had to go alone', async () => {
      const outbox = await open(ROOMY)
      await addAll(outbox, lead('a'), lead('b'))
      await next(outbox, { kind: 'again', dueAt: T, reason: 'another of its call', share: 1 })
      await next(outbox, PARKED)
      await next(outbox, PARKED)

      await outbox.replay(['a', 'b'], {}, T)

      expect(shapes(await outbox.claim(T, LATER, 10))).toStrictEqual([[['a'], ['b']]])
    })

    it('says of each id what became of it, in their order', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [lead('parked-1')], [lead('parked-2')])
      await addAll(outbox, lead('delivered'), lead('out'), lead('waits'))
      await next(outbox, DELIVERED)
      await claimCall(outbox)
      const before = await Promise.all(['delivered', 'out', 'waits'].map((id) => outbox.find(id)))

      const result = await outbox.replay(
        ['parked-2', 'nobody', 'waits', 'parked-1', 'out', 'delivered', 'parked-2'],
        {},
        T,
      )

      expect(result).toStrictEqual([
        { id: 'parked-2', result: 'replayed' },
        { id: 'nobody', result: 'unknown' },
        { id: 'waits', result: 'not-parked' },
        { id: 'parked-1', result: 'replayed' },
        { id: 'out', result: 'not-parked' },
        { id: 'delivered', result: 'not-parked' },
        { id: 'parked-2', result: 'not-parked' },
      ])
      expect(await Promise.all(['delivered', 'out', 'waits'].map((id) => outbox.find(id)))).toStrictEqual(before)
      expect(await outbox.status(T)).toMatchObject({ waiting: 4, parked: 0, delivered: 1 })
    })

    it('of none changes nothing', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [lead('a')])

      expect(await outbox.replay([], {}, T)).toStrictEqual([])
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, parked: 1 })
    })

    it('ignores what the attempt came to after all that it was parked for', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('a'))
      const call = await claimCall(outbox)
      await settleCall(outbox, call, PARKED)
      await outbox.replay(['a'], {}, T)

      await settleCall(outbox, call, DELIVERED)

      expect(await outbox.find('a')).toMatchObject({ state: 'waiting', attempts: 1 })
    })
  })

  describe('mending: a lead', () => {
    const kept = lead('a', {
      ...attributes({ FirstName: 'George', Colour: 'red', Size: 'L' }),
      cookie: 'c',
      workspace: 'w',
      notes: ['a note'],
    })

    it.each([
      ['goes as it is where nothing is to be mended', {}, { FirstName: 'George', Colour: 'red', Size: 'L' }],
      ['goes without what is dropped', { drop: ['Colour', 'Nothing'] }, { FirstName: 'George', Size: 'L' }],
      [
        'goes with a new name in the place of the old',
        { rename: { Colour: 'Colour__c', Nothing: 'Else' } },
        { FirstName: 'George', Colour__c: 'red', Size: 'L' },
      ],
      [
        'takes a name that was dropped',
        { drop: ['Size'], rename: { Colour: 'Size' } },
        { FirstName: 'George', Size: 'red' },
      ],
      [
        'has two names changed for each other',
        { rename: { Colour: 'Size', Size: 'Colour' } },
        { FirstName: 'George', Size: 'red', Colour: 'L' },
      ],
    ])('%s', async (_, how, expected) => {
      const outbox = await open(WIDE)
      await park(outbox, [kept])

      await outbox.replay(['a'], how, T)

      const [travelling] = await next(outbox, PARKED)
      expect(travelling).toStrictEqual({ ...kept, ...attributes(expected) })
      expect((await outbox.find('a'))?.lead).toStrictEqual({ ...kept, ...attributes(expected) })
    })

    it.each([
      ['another has', { Colour: 'Size' }, 'Size'],
      ['another gets, too', { Colour: 'New', Size: 'New' }, 'New'],
    ])('stays as it is where it would get a name that %s, and the others do not', async (_, rename, name) => {
      const outbox = await open(WIDE)
      await park(outbox, [kept], [lead('b', attributes({ Colour: 'blue' }))])
      const before = await outbox.find('a')

      const result = await outbox.replay(['a', 'b'], { rename }, T)

      expect(result).toStrictEqual([
        { id: 'a', result: 'name-taken', name },
        { id: 'b', result: 'replayed' },
      ])
      expect(await outbox.find('a')).toStrictEqual(before)
      expect((await next(outbox, DELIVERED)).map(travels)).toStrictEqual([{ [rename.Colour]: 'blue' }])
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, parked: 1, delivered: 1 })
    })
  })

  describe('mending: the place of a job that is replayed', () => {
    it('is before what waits of its person and came later', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [lead('a1', { person: 'one@example.com' })])
      await outbox.add(ofOnePerson('a2', 'a3'), T)

      await outbox.replay(['a1'], {}, T)

      const order: string[] = []
      for (const _ of [1, 2, 3]) order.push(...(await next(outbox, DELIVERED)).map(({ id }) => id))
      expect(order).toStrictEqual(['a1', 'a2', 'a3'])
    })

    it('is first in the turn that it goes in', async () => {
      const outbox = await open(ROOMY)
      await park(outbox, [lead('a1', { person: 'one@example.com' })])
      await outbox.add(ofOnePerson('a2', 'a3'), T)

      await outbox.replay(['a1'], {}, T)

      expect(shapes(await outbox.claim(T, LATER, 10))).toStrictEqual([[['a1', 'a2', 'a3']]])
    })

    it('is as it was among several that are replayed, in whatever order', async () => {
      const outbox = await open(WIDE)
      const person = 'p'
      await park(outbox, [lead('a1', { person })], [lead('a2', { person })], [lead('a3', { person })])

      await outbox.replay(['a3', 'a1', 'a2'], {}, T)

      const order: string[] = []
      for (const _ of [1, 2, 3]) order.push(...(await next(outbox, DELIVERED)).map(({ id }) => id))
      expect(order).toStrictEqual(['a1', 'a2', 'a3'])
    })

    it('holds back what came later, where that waits for a retry, and does not wait for it', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [lead('a1', { person: 'one@example.com' })])
      await outbox.add(ofOnePerson('a2'), T)
      await next(outbox, { kind: 'retry', dueAt: END, reason: 'busy' })

      await outbox.replay(['a1'], {}, T)

      expect(ids(jobsOf(await claimCall(outbox)))).toStrictEqual(['a1'])
      expect(await outbox.claim(END, LATER, 10)).toStrictEqual([])
    })

    it('is after one of its person that is out: it waits until that call is over', async () => {
      const outbox = await open(ROOMY)
      await park(outbox, [lead('a1', { person: 'one@example.com' })])
      await outbox.add(ofOnePerson('a2', 'a3'), T)
      await claimCall(outbox, T, END)

      await outbox.replay(['a1'], {}, T)

      expect(await outbox.claim(END - 1, LATER, 10)).toStrictEqual([])
      expect(await outbox.nextDueAt(T)).toBe(END)
      expect(shapes(await outbox.claim(END, LATER, 10))).toStrictEqual([[['a1', 'a2', 'a3']]])
    })

    it('is after one of its person that is out: it goes with what is left once that call is settled', async () => {
      const outbox = await open(ROOMY)
      await park(outbox, [lead('a1', { person: 'one@example.com' })])
      await outbox.add(ofOnePerson('a2', 'a3'), T)
      const call = await claimCall(outbox, T, END)
      await outbox.replay(['a1'], {}, T)
      await outbox.add(ofOnePerson('a4'), T)

      await settleCall(outbox, call, { kind: 'retry', dueAt: T + 1, reason: 'busy' }, T, ['a3'])
      await settleCall(outbox, call, DELIVERED, T, ['a2'])

      expect(shapes(await outbox.claim(END, LATER, 10))).toStrictEqual([[['a1', 'a3', 'a4']]])
    })
  })

  describe('mending: what a later lead of the person has brought meanwhile', () => {
    const old = lead('old', { person: 'p', ...attributes({ FirstName: 'Georg', City: 'Ulm' }) })
    const young = lead('young', { person: 'p', ...attributes({ FirstName: 'George', Size: 'L' }) })

    it('does not travel again with an older one that is replayed', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [old])
      await addAll(outbox, young)
      await next(outbox, DELIVERED)

      await outbox.replay(['old'], {}, T)

      expect(await outbox.find('old')).toMatchObject({ superseded: ['FirstName', 'Size'], lead: old })
      expect((await next(outbox, DELIVERED)).map(travels)).toStrictEqual([{ City: 'Ulm' }])
      expect(await outbox.find('old')).toMatchObject({ state: 'delivered', superseded: [] })
    })

    it('does not travel again by a name that the older one is given', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [lead('old', { person: 'p', ...attributes({ Vorname: 'Georg', City: 'Ulm' }) })])
      await addAll(outbox, young)
      await next(outbox, DELIVERED)

      await outbox.replay(['old'], { rename: { Vorname: 'FirstName' } }, T)

      expect((await next(outbox, DELIVERED)).map(travels)).toStrictEqual([{ City: 'Ulm' }])
    })

    it('is all that any of several has brought, each name told once', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [old])
      await addAll(outbox, young, lead('youngest', { person: 'p', ...attributes({ City: 'Bonn', FirstName: 'G' }) }))
      await next(outbox, DELIVERED)
      await next(outbox, DELIVERED)

      await outbox.replay(['old'], {}, T)

      expect((await outbox.find('old'))?.staleAttributes).toStrictEqual(['FirstName', 'Size', 'City'])
      expect((await next(outbox, DELIVERED)).map(travels)).toStrictEqual([{}])
    })

    it('is nothing that was refused of the later one, nor superseded', async () => {
      const outbox = await open(WIDE)
      const oldest = lead('oldest', { person: 'p', ...attributes({ FirstName: 'G', City: 'Bonn', Size: 'S' }) })
      await park(outbox, [oldest], [old])
      await addAll(outbox, young)
      await next(outbox, { kind: 'again', dueAt: T, reason: 'no such attribute', refused: ['Size'] })
      await next(outbox, DELIVERED)

      await outbox.replay(['old'], {}, T)
      await next(outbox, DELIVERED)
      await outbox.replay(['oldest'], {}, T)

      expect((await outbox.find('oldest'))?.staleAttributes).toStrictEqual(['FirstName', 'City'])
      expect((await next(outbox, DELIVERED)).map(travels)).toStrictEqual([{ Size: 'S' }])
    })

    it('is nothing of one that was delivered before it came, nor of anyone else, nor of one that was parked', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('first', { person: 'p', ...attributes({ FirstName: 'G' }) }))
      await next(outbox, DELIVERED)
      await park(outbox, [old], [young])
      await addAll(outbox, lead('other', { person: 'q', ...attributes({ FirstName: 'Quentin' }) }))
      await next(outbox, DELIVERED)

      await outbox.replay(['old'], {}, T)

      expect((await next(outbox, DELIVERED)).map(travels)).toStrictEqual([{ FirstName: 'Georg', City: 'Ulm' }])
      expect(await outbox.find('young')).toMatchObject({ state: 'parked', superseded: [] })
    })

    it('does not travel with an older one of the same turn that goes again', async () => {
      const outbox = await open(ROOMY)
      await addAll(outbox, old, young)
      const call = await claimCall(outbox)
      await settleCall(outbox, call, { kind: 'retry', dueAt: T, reason: 'busy' }, T, ['old'])
      await settleCall(outbox, call, DELIVERED, T, ['young'])

      const [again] = await outbox.claim(LATER, LATER * 2, 10)

      expect(jobsOf(again!).map(({ lead }) => travels(lead))).toStrictEqual([{ City: 'Ulm' }])
    })
  })

  describe('mending: what Marketo refuses of a lead', () => {
    const refusal = { kind: 'again', dueAt: T, reason: 'no such attribute: Colour', refused: ['Colour'] } as const
    const whole = lead('a', {
      ...attributes({ FirstName: 'George', Colour: 'red', Size: 'L' }),
      cookie: 'c',
      workspace: 'w',
      notes: ['a note'],
    })
    const { cookie: _, ...rest } = { ...whole, ...attributes({ Colour: 'red' }) }

    it('does not travel any more, nor what was refused before', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, whole)

      const sent = [
        await next(outbox, refusal),
        await next(outbox, { ...refusal, refused: ['Size', 'Colour'] }),
        await next(outbox, { kind: 'retry', dueAt: T, reason: 'busy' }),
        await next(outbox, { kind: 'again', dueAt: T, reason: 'another of its call' }),
        await next(outbox, PARKED),
      ]

      expect(sent.flat().map(travels)).toStrictEqual([
        { FirstName: 'George', Colour: 'red', Size: 'L' },
        { FirstName: 'George', Size: 'L' },
        { FirstName: 'George' },
        { FirstName: 'George' },
        { FirstName: 'George' },
      ])
      expect(await outbox.find('a')).toMatchObject({ state: 'parked', refused: ['Colour', 'Size'], lead: whole })
    })

    it('is parked alone once the rest is delivered, without the cookie', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, whole)
      await next(outbox, refusal)

      await next(outbox, DELIVERED, T + SECOND)

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
        refused: ['Colour'],
        superseded: [],
        notes: ['a note'],
        lead: rest,
      })
      expect(await outbox.parked(10)).toStrictEqual([await outbox.find('a')])
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, parked: 1, delivered: 0, parkedAt: T + SECOND })
    })

    it('leaves nothing to park where it is not in the lead', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('a'))
      await next(outbox, refusal)

      await next(outbox, DELIVERED)

      expect(await outbox.find('a')).toMatchObject({ state: 'delivered', refused: [], history: [] })
    })

    it('holds back nobody of its person', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, whole, lead('a2', { person: whole.person }))
      await next(outbox, refusal)
      await next(outbox, DELIVERED)

      expect(ids(jobsOf(await claimCall(outbox)))).toStrictEqual(['a2'])
    })

    it('travels under a new name when it is replayed, and then a receipt remains', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, whole)
      await next(outbox, refusal)
      await next(outbox, DELIVERED)

      const result = await outbox.replay(['a'], { rename: { Colour: 'Colour__c' } }, T)
      const sent = await next(outbox, DELIVERED, T + SECOND)

      expect(result).toStrictEqual([{ id: 'a', result: 'replayed' }])
      expect(sent).toStrictEqual([{ ...rest, ...attributes({ Colour__c: 'red' }) }])
      expect(await outbox.find('a')).toStrictEqual({
        id: 'a',
        form: 'contact',
        state: 'delivered',
        attempts: 3,
        acceptedAt: T,
        settledAt: T + SECOND,
        leadId: 7,
        history: [],
        refused: [],
        superseded: [],
        notes: ['a note'],
      })
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, parked: 0, delivered: 1 })
    })

    it('travels under its own name when it is replayed as it is, for Marketo may know it by now', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, whole)
      await next(outbox, refusal)
      await next(outbox, DELIVERED)

      await outbox.replay(['a'], {}, T)
      const record = await outbox.find('a')
      const sent = await next(outbox, DELIVERED)

      expect(record).toMatchObject({ state: 'waiting', refused: [], lead: rest })
      expect(record).not.toHaveProperty('leadId')
      expect(sent.map(travels)).toStrictEqual([{ Colour: 'red' }])
    })

    it('is of the same person when it is parked again, however often, and tells of nobody while it waits', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, whole)
      await next(outbox, refusal)
      await next(outbox, DELIVERED)

      await outbox.replay(['a'], { rename: { Colour: 'Color' } }, T)
      await next(outbox, { kind: 'retry', dueAt: T, reason: 'busy' })
      const waiting = await outbox.find('a')
      await next(outbox, PARKED, T + SECOND)
      const parked = await outbox.find('a')
      await outbox.replay(['a'], {}, T + SECOND)
      await next(outbox, PARKED, T + 2 * SECOND)

      expect(waiting).not.toHaveProperty('leadId')
      expect(parked).toMatchObject({ state: 'parked', leadId: 7, lead: { ...rest, ...attributes({ Color: 'red' }) } })
      expect(await outbox.parked(10)).toStrictEqual([expect.objectContaining({ id: 'a', leadId: 7 })])
    })

    it('is of the person as whom Marketo knows it last', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, whole)
      await next(outbox, refusal)
      await next(outbox, DELIVERED)

      await outbox.replay(['a'], {}, T)
      await next(outbox, refusal)
      await next(outbox, { kind: 'delivered', leadId: 8 })

      expect(await outbox.find('a')).toMatchObject({ state: 'parked', leadId: 8, refused: ['Colour'] })
    })

    it('is of nobody where nothing of its lead was ever delivered', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [whole])

      await outbox.replay(['a'], {}, T)
      await next(outbox, PARKED)

      expect(await outbox.find('a')).not.toHaveProperty('leadId')
    })

    it('goes in one call with others then, its cookie being gone', async () => {
      const outbox = await open(ROOMY)
      await addAll(outbox, lead('a', { ...attributes({ Colour: 'red' }), cookie: 'c' }))
      await next(outbox, refusal)
      await next(outbox, DELIVERED)
      await addAll(outbox, lead('b'))

      await outbox.replay(['a'], {}, T)

      expect(shapes(await outbox.claim(T, LATER, 10))).toStrictEqual([[['a'], ['b']]])
    })

    it('does not travel where a later lead has brought it', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, whole, lead('a2', { person: whole.person, ...attributes({ Colour__c: 'blue' }) }))
      await next(outbox, refusal)
      await next(outbox, DELIVERED)
      await next(outbox, DELIVERED)

      await outbox.replay(['a'], { rename: { Colour: 'Colour__c' } }, T)

      expect((await next(outbox, DELIVERED)).map(travels)).toStrictEqual([{}])
    })
  })

  describe('mending: receipts', () => {
    async function delivered(...times: number[]): Promise<Outbox> {
      const outbox = await open(WIDE)
      for (const at of times) {
        await outbox.add([lead(`at-${at - T}`)], T)
        await next(outbox, DELIVERED, at)
      }
      return outbox
    }

    it('are swept once they are old, the oldest first, a few at a time', async () => {
      const outbox = await delivered(T, T + 1, T + 2, T + 3, T + 4)

      const swept = [await outbox.sweep(T + 4, 3), await outbox.find('at-2'), await outbox.find('at-3')]
      const rest = [await outbox.sweep(T + 4, 3), await outbox.sweep(T + 4, 3)]

      expect(swept).toStrictEqual([3, undefined, expect.objectContaining({ id: 'at-3' })])
      expect(rest).toStrictEqual([1, 0])
      expect(await outbox.find('at-3')).toBeUndefined()
      expect(await outbox.find('at-4')).toMatchObject({ state: 'delivered' })
    })

    it('stay counted', async () => {
      const outbox = await delivered(T, T + 1)

      await outbox.sweep(LATER, 10)

      expect(await outbox.status(T)).toMatchObject({ waiting: 0, parked: 0, delivered: 2 })
    })

    it('are all that is swept, however old the rest is', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('delivered'), lead('parked'), lead('refused'), lead('out'), lead('waits'))
      await next(outbox, DELIVERED)
      await next(outbox, PARKED)
      await next(outbox, { kind: 'again', dueAt: T - 1, reason: 'no such attribute', refused: ['FirstName'] })
      await next(outbox, DELIVERED)
      await claimCall(outbox)

      expect(await outbox.sweep(LATER, 10)).toBe(1)

      const found = await Promise.all(['delivered', 'parked', 'refused', 'out', 'waits'].map((id) => outbox.find(id)))
      expect(found.map((record) => record?.state)).toStrictEqual([undefined, 'parked', 'parked', 'waiting', 'waiting'])
    })

    it('once swept, leave their ids to new leads', async () => {
      const outbox = await open(WIDE)
      await addAll(outbox, lead('a'), lead('b'))
      const first = await claimCall(outbox)
      await settleCall(outbox, first, DELIVERED)
      await outbox.sweep(LATER, 10)

      await outbox.add([lead('a', { form: 'demo' })], T)
      await settleCall(outbox, first, DELIVERED)

      expect(await outbox.find('a')).toMatchObject({ state: 'waiting', attempts: 0, form: 'demo' })
      const order: string[] = []
      for (const _ of [1, 2]) order.push(...(await next(outbox, DELIVERED)).map(({ id }) => id))
      expect(order).toStrictEqual(['b', 'a'])
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, delivered: 3 })
    })
  })
}
