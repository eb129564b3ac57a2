/** Batches: which jobs go together, how many, and how a batch of several is settled. */
import { describe, expect, it } from 'vitest'
import type { Lead } from '../../../relay/intake/lead.ts'
import type { BatchKeys } from '../../../relay/outbox/batch-planner.ts'
import {
  addAll,
  claimBatch,
  idsOf,
  LATER,
  lead,
  ofOnePerson,
  SECOND,
  settleBatch,
  settleNext,
  settlement,
  T,
  WIDE_BATCHES,
} from './leads.ts'
import type { Open } from './suite.ts'

const DELIVERED = { kind: 'delivered', leadId: 7 } as const
const END = T + 10 * SECOND

/** Leads of one form share batches; those of the form `alone` do not. */
export const BY_FORM: BatchKeys = {
  name: 'by-form',
  batchKey: ({ form }) => (form === 'alone' ? null : form),
  cookies: 'with-lead',
}

/** Two leads of one person. */
const PAIRS: [string, Partial<Lead>, Partial<Lead>][] = [
  ['with neither cookie nor workspace', {}, {}],
  ['with the same cookie', { cookie: 'c' }, { cookie: 'c' }],
  ['with two cookies', { cookie: 'c' }, { cookie: 'd' }],
  ['of which the first has a cookie', { cookie: 'c' }, {}],
  ['of which the second has a workspace', {}, { workspace: 'w' }],
  ['of two forms', { form: 'contact' }, { form: 'demo' }],
]

/** Creates a lead with one attribute of so many characters. */
function large(id: string, characters: number): Lead {
  return lead(id, { attributes: [{ name: 'Note', value: 'x'.repeat(characters) }] })
}

export function batching(open: Open): void {
  describe('the leads of one person', () => {
    it.each(PAIRS)('never share a batch: two leads %s', async (_, first, second) => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, lead('a1', { person: 'p', ...first }), lead('a2', { person: 'p', ...second }))

      const batches = await outbox.claim(T, LATER, 10)
      const meanwhile = await outbox.claim(T, LATER, 10)
      await settleBatch(outbox, batches[0]!, DELIVERED)
      const after = await outbox.claim(T, LATER, 10)

      expect([batches, meanwhile, after].map(idsOf)).toStrictEqual([[['a1']], [], [['a2']]])
    })

    it('are leased one after the other, each unchanged', async () => {
      const outbox = await open(WIDE_BATCHES)
      const leads = [
        lead('a1', { person: 'p', cookie: 'c', attributes: [{ name: 'City', value: 'Ulm' }], notes: ['a note'] }),
        lead('a2', { person: 'p', email: 'other@example.com', acceptedAt: T - 1, form: 'demo' }),
        lead('a3', { person: 'p', attributes: [{ name: 'City', value: 'Bonn' }] }),
      ]
      await outbox.add(leads, T)

      const sent: Lead[] = []
      for (const _ of leads) sent.push(...(await settleNext(outbox, DELIVERED)))

      expect(sent).toStrictEqual(leads)
    })

    it('let others go meanwhile, one of each person in a batch', async () => {
      const outbox = await open(WIDE_BATCHES)
      const of = (person: string, ...ids: string[]) => ids.map((id) => lead(id, { person }))
      await outbox.add([...of('a', 'a1', 'a2'), ...of('b', 'b1', 'b2', 'b3'), ...of('c', 'c1')], T)

      const rounds: string[][][] = []
      for (const _ of [1, 2, 3]) {
        const batches = await outbox.claim(T, LATER, 10)
        rounds.push(idsOf(batches))
        for (const batch of batches) await settleBatch(outbox, batch, DELIVERED)
      }

      expect(rounds).toStrictEqual([[['a1', 'b1', 'c1']], [['a2', 'b2']], [['b3']]])
    })
  })

  describe('a batch', () => {
    it('has an id, the end of its lease, and its jobs', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, lead('a'), lead('b'))

      const batches = await outbox.claim(T, LATER, 10)

      expect(batches).toStrictEqual([
        {
          id: expect.any(Number),
          leaseExpiresAt: LATER,
          jobs: ['a', 'b'].map((id) => ({ lead: lead(id), attempt: 1, failures: 0 })),
        },
      ])
      for (const id of ['a', 'b']) expect(await outbox.find(id)).toMatchObject({ attempts: 1, dueAt: LATER })
    })

    it('has 300 leads at most, oldest first', async () => {
      const outbox = await open(WIDE_BATCHES)
      const many = Array.from({ length: 302 }, (_, at) => lead(`lead-${at}`))
      await outbox.add(many.slice(1), T + 1)
      await outbox.add(many.slice(0, 1), T)

      const batches = await outbox.claim(T + 1, LATER, 10)

      const all = many.map(({ id }) => id)
      expect(idsOf(batches)).toStrictEqual([all.slice(0, 300), all.slice(300)])
    })

    it('has as many leads as configured, and claims count batches', async () => {
      const outbox = await open({ ...WIDE_BATCHES, leadsPerCall: 2 })
      await addAll(outbox, ...['a', 'b', 'c', 'd', 'e'].map((id) => lead(id)))

      const batches = await outbox.claim(T, LATER, 2)

      expect(idsOf(batches)).toStrictEqual([
        ['a', 'b'],
        ['c', 'd'],
      ])
    })

    it('has only jobs that are due', async () => {
      const outbox = await open(WIDE_BATCHES)
      await outbox.add([lead('a')], T)
      await outbox.add([lead('b')], T + 1)

      expect(idsOf(await outbox.claim(T, LATER, 10))).toStrictEqual([['a']])
    })

    it('has an id that no other batch has had', async () => {
      const outbox = await open(WIDE_BATCHES)
      const used: number[] = []
      for (const id of ['a', 'b', 'c']) {
        await addAll(outbox, lead(id))
        const batch = await claimBatch(outbox)
        used.push(batch.id)
        await settleBatch(outbox, batch, DELIVERED)
      }

      expect(new Set(used).size).toBe(3)
    })

    it('has half a million characters of leads at most', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, large('a', 200_000), large('b', 200_000), large('c', 200_000), large('d', 100_000))

      const batches = await outbox.claim(T, LATER, 10)

      expect(idsOf(batches)).toStrictEqual([
        ['a', 'b'],
        ['c', 'd'],
      ])
    })

    it('has one lead when that is larger, and no large lead is overtaken', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, large('a', 300_000), large('b', 300_000), lead('c'), large('d', 600_000), lead('e'))

      const batches = await outbox.claim(T, LATER, 10)

      expect(idsOf(batches)).toStrictEqual([['a'], ['b', 'c'], ['d'], ['e']])
    })
  })

  describe('batch keys', () => {
    it('let leads with a cookie or a workspace go alone, by the rules of SOAP', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(
        outbox,
        lead('plain-1'),
        lead('cookie-1', { cookie: 'c' }),
        lead('plain-2'),
        lead('workspace', { workspace: 'w' }),
        lead('plain-3'),
        lead('cookie-2', { cookie: 'd' }),
      )

      const batches = await outbox.claim(T, LATER, 10)

      expect(idsOf(batches)).toStrictEqual([
        ['plain-1', 'plain-2', 'plain-3'],
        ['cookie-1'],
        ['workspace'],
        ['cookie-2'],
      ])
    })

    it('let leads with the same key share a batch, whatever the keys are', async () => {
      const outbox = await open(WIDE_BATCHES, BY_FORM)
      const forms = ['x', 'y', 'alone', 'z', 'x', 'alone', 'y', 'x']
      await addAll(outbox, ...forms.map((form, at) => lead(`${form}-${at}`, { form, cookie: `c-${at}` })))

      const batches = await outbox.claim(T, LATER, 10)

      expect(idsOf(batches)).toStrictEqual([['x-0', 'x-4', 'x-7'], ['y-1', 'y-6'], ['alone-2'], ['z-3'], ['alone-5']])
    })

    it('do not change the order: the job that is due longest leads the first batch', async () => {
      const outbox = await open(WIDE_BATCHES, BY_FORM)
      await outbox.add([lead('y-3', { form: 'y' })], T + 3)
      await outbox.add([lead('alone-1', { form: 'alone' })], T + 1)
      await outbox.add([lead('x-4', { form: 'x' })], T + 4)
      await outbox.add([lead('x-2', { form: 'x' })], T + 2)

      const next = await outbox.nextDueAt(T)
      const batches = await outbox.claim(T + 5, LATER, 10)

      expect(next).toBe(T + 1)
      expect(idsOf(batches)).toStrictEqual([['alone-1'], ['x-2', 'x-4'], ['y-3']])
    })

    it('limit the batches of one claim together', async () => {
      const outbox = await open(WIDE_BATCHES, BY_FORM)
      await addAll(outbox, ...['z', 'y', 'x'].map((form) => lead(form, { form })))

      expect(idsOf(await outbox.claim(T, LATER, 2))).toStrictEqual([['z'], ['y']])
      expect(await outbox.nextDueAt(T)).toBe(T)
      expect(idsOf(await outbox.claim(T, LATER, 2))).toStrictEqual([['x']])
    })
  })

  describe('a batch that is settled in part', () => {
    it('leaves its other jobs leased until the lease expires', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, lead('a'), lead('b'), lead('c'))
      const batch = await claimBatch(outbox, T, END)

      await settleBatch(outbox, batch, DELIVERED, T, ['b'])
      const meanwhile = await outbox.claim(END - 1, LATER, 10)
      const then = await outbox.claim(END, LATER, 10)

      expect(await outbox.find('b')).toMatchObject({ state: 'delivered' })
      expect(meanwhile).toStrictEqual([])
      expect(idsOf(then)).toStrictEqual([['a', 'c']])
      expect(then[0]?.jobs.map(({ attempt }) => attempt)).toStrictEqual([2, 2])
    })

    it('takes the other settlements later', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, lead('a'), lead('b'), lead('c'))
      const batch = await claimBatch(outbox, T, END)

      await settleBatch(outbox, batch, DELIVERED, T, ['a'])
      await settleBatch(outbox, batch, DELIVERED, T + 1, ['b', 'c'])

      expect(await outbox.status(T)).toMatchObject({ waiting: 0, delivered: 3 })
    })

    it('does not let a later lead of a person go whose lead is still leased', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, ...ofOnePerson('a1'), lead('b'))
      const batch = await claimBatch(outbox, T, END)

      await settleBatch(outbox, batch, DELIVERED, T, ['b'])
      await outbox.add(ofOnePerson('a2'), T)

      expect(await outbox.claim(END - 1, LATER, 10)).toStrictEqual([])
      expect(await outbox.nextDueAt(T)).toBe(END)
      expect(idsOf(await outbox.claim(END, LATER, 10))).toStrictEqual([['a1']])
    })

    it('applies a different outcome to each of its jobs', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, lead('a'), lead('b'), lead('c'))
      const batch = await claimBatch(outbox)
      const [a, b, c] = batch.jobs
      if (!a || !b || !c) throw new Error('three jobs were due')

      await outbox.settle(
        batch.id,
        [
          settlement(c, { kind: 'retry', dueAt: T + SECOND, reason: 'busy' }),
          settlement(a, DELIVERED),
          settlement(b, { kind: 'parked', reason: 'no e-mail' }),
        ],
        T,
      )

      expect(await outbox.find('a')).toMatchObject({ state: 'delivered', leadId: 7 })
      expect(await outbox.find('b')).toMatchObject({ state: 'parked', reason: 'no e-mail' })
      expect(await outbox.find('c')).toMatchObject({ state: 'waiting', dueAt: T + SECOND })
      expect(await outbox.nextDueAt(T)).toBe(T + SECOND)
    })
  })

  describe('a batch whose lease has expired', () => {
    it('makes all of its jobs due again, and its late settlements are ignored once they were leased again', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, ...ofOnePerson('a1', 'a2'), lead('b'))
      const expired = await claimBatch(outbox, T, END)

      const early = await outbox.claim(END - 1, LATER, 10)
      const then = await claimBatch(outbox, END)
      await settleBatch(outbox, expired, DELIVERED, END)

      expect(early).toStrictEqual([])
      expect(idsOf([then])).toStrictEqual([['a1', 'b']])
      expect(await outbox.status(END)).toMatchObject({ waiting: 3, delivered: 0 })
      await settleBatch(outbox, then, DELIVERED, END)
      expect(await outbox.status(END)).toMatchObject({ waiting: 1, delivered: 2 })
    })

    it('is settled late as usual while none of its jobs was leased again', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, lead('a'), lead('b'))
      const late = await claimBatch(outbox, T, END)

      expect(await outbox.claim(END, LATER, 0)).toStrictEqual([])
      await settleBatch(outbox, late, DELIVERED, END + SECOND)

      expect(await outbox.status(END)).toMatchObject({ waiting: 0, delivered: 2 })
    })

    it('loses a job to the lease of an earlier lead of the same person', async () => {
      const outbox = await open(WIDE_BATCHES)
      await outbox.add([lead('a1', { person: 'p', hold: 'spam' }), lead('a2', { person: 'p' })], T)
      const expired = await claimBatch(outbox, T, END)
      await outbox.replay(['a1'], {}, T)
      const next = await claimBatch(outbox, END)

      await settleBatch(outbox, expired, DELIVERED, END)
      await settleBatch(outbox, next, DELIVERED, END)

      expect(idsOf([expired, next])).toStrictEqual([['a2'], ['a1']])
      expect(await outbox.find('a2')).toMatchObject({ state: 'waiting', attempts: 1 })
      expect(idsOf(await outbox.claim(END, LATER, 10))).toStrictEqual([['a2']])
    })
  })
}
