import { describe, expect, it } from 'vitest'
import type { Lead } from '../../../relay/intake/lead.ts'
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
  settlement,
  shapes,
  T,
} from './leads.ts'
import type { OpenOutbox } from './suite.ts'

const DELIVERED = { kind: 'delivered', leadId: 7 } as const
const AGAIN = { kind: 'again', dueAt: T, reason: 'another of its call' } as const
const END = T + 10 * SECOND

/** Two leads of one person, and how many turns they make. */
const PAIRS: [string, Partial<Lead>, Partial<Lead>, 'together' | 'apart'][] = [
  ['with neither cookie nor workspace', {}, {}, 'together'],
  ['with the same cookie', { cookie: 'c' }, { cookie: 'c' }, 'together'],
  ['of the same workspace', { workspace: 'w' }, { workspace: 'w' }, 'together'],
  ['with the same of both', { cookie: 'c', workspace: 'w' }, { cookie: 'c', workspace: 'w' }, 'together'],
  ['of two forms', { form: 'contact' }, { form: 'demo' }, 'together'],
  ['with two cookies', { cookie: 'c' }, { cookie: 'd' }, 'apart'],
  ['of which the first has a cookie', { cookie: 'c' }, {}, 'apart'],
  ['of which the second has a cookie', {}, { cookie: 'c' }, 'apart'],
  ['of two workspaces', { workspace: 'w' }, { workspace: 'x' }, 'apart'],
  ['of which the first has a workspace', { workspace: 'w' }, {}, 'apart'],
  ['of which the second has a workspace', {}, { workspace: 'w' }, 'apart'],
  ['with one cookie and two workspaces', { cookie: 'c', workspace: 'w' }, { cookie: 'c', workspace: 'x' }, 'apart'],
  ['with two cookies and one workspace', { cookie: 'c', workspace: 'w' }, { cookie: 'd', workspace: 'w' }, 'apart'],
]

/** A lead whose attributes have so many characters. */
function large(id: string, characters: number, over: Partial<Lead> = {}): Lead {
  return lead(id, { attributes: [{ name: 'Note', value: 'x'.repeat(characters) }], ...over })
}

export function sharing(open: OpenOutbox): void {
  describe('sharing: the turn of one person', () => {
    it.each(PAIRS)('two leads %s', async (_, first, second, expected) => {
      const outbox = await open(ROOMY)
      await addAll(outbox, lead('a1', { person: 'p', ...first }), lead('a2', { person: 'p', ...second }))

      const calls = await outbox.claim(T, LATER, 10)

      expect(shapes(calls)).toStrictEqual(expected === 'together' ? [[['a1', 'a2']]] : [[['a1']]])
    })

    it('hands out each lead of it just as it came', async () => {
      const outbox = await open(ROOMY)
      const leads = [
        lead('a1', { person: 'p', cookie: 'c', attributes: [{ name: 'City', value: 'Ulm' }], notes: ['a note'] }),
        lead('a2', { person: 'p', cookie: 'c', email: 'other@example.com', acceptedAt: T - 1, form: 'demo' }),
      ]
      await outbox.add(leads, T)

      const [call] = await outbox.claim(T, LATER, 10)

      expect(call).toStrictEqual({
        id: expect.any(Number),
        until: LATER,
        turns: [leads.map((lead) => ({ lead, attempt: 1, failures: 0 }))],
      })
      for (const id of ['a1', 'a2']) expect(await outbox.find(id)).toMatchObject({ attempts: 1, dueAt: LATER })
    })

    it('ends before the first that may not go with it, so that nobody is overtaken', async () => {
      const outbox = await open(ROOMY)
      const person = 'p'
      await addAll(outbox, lead('a1', { person }), lead('a2', { person, cookie: 'c' }), lead('a3', { person }))

      const order: string[][] = []
      for (const _ of ['a1', 'a2', 'a3']) {
        const call = await claimCall(outbox)
        order.push(ids(jobsOf(call)))
        await settleCall(outbox, call, DELIVERED)
      }

      expect(order).toStrictEqual([['a1'], ['a2'], ['a3']])
    })

    it('carries none that is not due', async () => {
      const outbox = await open(ROOMY)
      const [a1, a2, a3] = ofOnePerson('a1', 'a2', 'a3') as [Lead, Lead, Lead]
      await outbox.add([a1], T)
      await outbox.add([a2], T + 1)
      await outbox.add([a3], T)

      const first = await claimCall(outbox, T)
      await settleCall(outbox, first, DELIVERED)
      const second = await outbox.claim(T, LATER, 10)
      const third = await outbox.claim(T + 1, LATER, 10)

      expect(shapes([first])).toStrictEqual([[['a1']]])
      expect(second).toStrictEqual([])
      expect(shapes(third)).toStrictEqual([[['a2', 'a3']]])
    })

    it('keeps all others of the person back while it is out, those that come meanwhile too', async () => {
      const outbox = await open({ ...ROOMY, leadsPerCall: 2 })
      await outbox.add(ofOnePerson('a1', 'a2', 'a3'), T)
      const call = await claimCall(outbox)
      await outbox.add(ofOnePerson('a4'), T)

      const meanwhile = await outbox.claim(T, LATER, 10)
      await settleCall(outbox, call, DELIVERED)
      const after = await outbox.claim(T, LATER, 10)

      expect(shapes([call])).toStrictEqual([[['a1', 'a2']]])
      expect(meanwhile).toStrictEqual([])
      expect(shapes(after)).toStrictEqual([[['a3', 'a4']]])
    })

    it('comes to something for each of its leads', async () => {
      const outbox = await open(ROOMY)
      await outbox.add(ofOnePerson('a1', 'a2', 'a3'), T)
      const call = await claimCall(outbox)
      const [a1, a2, a3] = jobsOf(call)
      if (!a1 || !a2 || !a3) throw new Error('three were due')

      await outbox.settle(
        call.id,
        [
          settlement(a3, { kind: 'retry', dueAt: T + SECOND, reason: 'busy' }),
          settlement(a1, DELIVERED),
          settlement(a2, { kind: 'parked', reason: 'no e-mail' }),
        ],
        T,
      )

      expect(await outbox.find('a1')).toMatchObject({ state: 'delivered', leadId: 7 })
      expect(await outbox.find('a2')).toMatchObject({ state: 'parked', reason: 'no e-mail' })
      expect(await outbox.find('a3')).toMatchObject({ state: 'waiting', dueAt: T + SECOND })
      expect(await outbox.nextDueAt(T)).toBe(T + SECOND)
      expect(shapes(await outbox.claim(T + SECOND, LATER, 10))).toStrictEqual([[['a3']]])
    })

    it('is joined by what came since when it is tried again', async () => {
      const outbox = await open(ROOMY)
      await outbox.add(ofOnePerson('a1', 'a2'), T)
      const call = await claimCall(outbox)
      await settleCall(outbox, call, { kind: 'retry', dueAt: T + SECOND, reason: 'busy' })
      await outbox.add(ofOnePerson('a3'), T)

      const early = await outbox.claim(T, LATER, 10)
      const then = await outbox.claim(T + SECOND, LATER, 10)

      expect(early).toStrictEqual([])
      expect(shapes(then)).toStrictEqual([[['a1', 'a2', 'a3']]])
    })
  })

  describe('sharing: the turns of one call', () => {
    it('carries 300 leads at the most, oldest first', async () => {
      const outbox = await open(ROOMY)
      const many = Array.from({ length: 302 }, (_, at) => lead(`lead-${at}`))
      await outbox.add(many.slice(1), T + 1)
      await outbox.add(many.slice(0, 1), T)

      const calls = await outbox.claim(T + 1, LATER, 10)

      const all = many.map(({ id }) => [id])
      expect(shapes(calls)).toStrictEqual([all.slice(0, 300), all.slice(300)])
    })

    it('counts leads and not turns, and fills what room there is with the first of a person', async () => {
      const outbox = await open({ ...ROOMY, leadsPerCall: 3 })
      const person = (name: string) => ({ person: name })
      await addAll(outbox, lead('a1', person('a')), lead('a2', person('a')), lead('b1', person('b')))
      await addAll(outbox, lead('b2', person('b')), lead('c', person('c')))

      const calls = await outbox.claim(T, LATER, 10)

      expect(shapes(calls)).toStrictEqual([[['a1', 'a2'], ['b1']], [['c']]])
    })

    it('has no room for another where one person fills it', async () => {
      const outbox = await open({ ...ROOMY, leadsPerCall: 2 })
      await addAll(outbox, ...ofOnePerson('a1', 'a2', 'a3'), lead('b'), lead('c'))

      const calls = await outbox.claim(T, LATER, 10)

      expect(shapes(calls)).toStrictEqual([[['a1', 'a2']], [['b'], ['c']]])
    })

    it('leaves a call of their own to those with a cookie or a workspace', async () => {
      const outbox = await open(ROOMY)
      await addAll(
        outbox,
        lead('plain-1'),
        lead('cookie-1', { cookie: 'c' }),
        lead('plain-2'),
        lead('workspace', { workspace: 'w' }),
        lead('plain-3'),
        lead('cookie-2', { cookie: 'c' }),
      )

      const calls = await outbox.claim(T, LATER, 10)

      expect(shapes(calls)).toStrictEqual([
        [['plain-1'], ['plain-2'], ['plain-3']],
        [['cookie-1']],
        [['workspace']],
        [['cookie-2']],
      ])
    })

    it('goes by who is due longest, whether it shares its call or not', async () => {
      const outbox = await open(ROOMY)
      await outbox.add([lead('plain-2')], T + 2)
      await outbox.add([lead('cookie-1', { cookie: 'c' })], T)
      await outbox.add([lead('cookie-2', { cookie: 'c' })], T + 3)
      await outbox.add([lead('plain-1')], T + 1)

      const calls = await outbox.claim(T + 5, LATER, 10)

      expect(shapes(calls)).toStrictEqual([[['cookie-1']], [['plain-1'], ['plain-2']], [['cookie-2']]])
    })

    it('is one of those that were asked for, however many leads it carries', async () => {
      const outbox = await open({ ...ROOMY, leadsPerCall: 2 })
      await addAll(outbox, ...['a', 'b', 'c', 'd', 'e'].map((id) => lead(id)))

      const calls = await outbox.claim(T, LATER, 2)

      expect(shapes(calls)).toStrictEqual([
        [['a'], ['b']],
        [['c'], ['d']],
      ])
    })

    it('has a number that no other had', async () => {
      const outbox = await open(ROOMY)
      const numbers: number[] = []
      for (const id of ['a', 'b', 'c']) {
        await addAll(outbox, lead(id))
        const call = await claimCall(outbox)
        numbers.push(call.id)
        await settleCall(outbox, call, DELIVERED)
      }

      expect(new Set(numbers).size).toBe(3)
    })

    it('carries no more characters of leads than half a million', async () => {
      const outbox = await open(ROOMY)
      await addAll(outbox, large('a', 200_000), large('b', 200_000), large('c', 200_000), large('d', 100_000))

      const calls = await outbox.claim(T, LATER, 10)

      expect(shapes(calls)).toStrictEqual([
        [['a'], ['b']],
        [['c'], ['d']],
      ])
    })

    it('carries no more of one person than half a million characters, and one lead that has more', async () => {
      const outbox = await open(ROOMY)
      const person = 'p'
      await addAll(outbox, large('a1', 300_000, { person }), large('a2', 300_000, { person }), large('b', 600_000))
      await addAll(outbox, lead('c'))

      const calls = await outbox.claim(T, LATER, 10)

      expect(shapes(calls)).toStrictEqual([[['a1']], [['b']], [['c']]])
    })
  })

  describe('sharing: after a call that failed as a whole', () => {
    it.each([
      [1, [['a'], ['b'], ['c'], ['d'], ['e']]],
      [2, [['a', 'b'], ['c', 'd'], ['e']]],
      [30, [['a', 'b', 'c', 'd', 'e']]],
    ])('its leads go in calls of %i at the most', async (share, expected) => {
      const outbox = await open(ROOMY)
      await addAll(outbox, ...['a', 'b', 'c', 'd', 'e'].map((id) => lead(id)))
      await settleCall(outbox, await claimCall(outbox), { ...AGAIN, share })

      const calls = await outbox.claim(T, LATER, 10)

      expect(calls.map((call) => ids(jobsOf(call)))).toStrictEqual(expected)
    })

    it('those that came since go with them, within their share', async () => {
      const outbox = await open(ROOMY)
      await addAll(outbox, lead('a'), lead('b'))
      await settleCall(outbox, await claimCall(outbox), { ...AGAIN, share: 3 })
      await addAll(outbox, lead('c'), lead('d'), lead('e'), lead('f'))

      const calls = await outbox.claim(T, LATER, 10)

      expect(calls.map((call) => ids(jobsOf(call)))).toStrictEqual([
        ['a', 'b', 'c'],
        ['d', 'e', 'f'],
      ])
    })

    it('one that is to go alone holds up none that came after it', async () => {
      const outbox = await open(ROOMY)
      await addAll(outbox, ...['a', 'b', 'c', 'd'].map((id) => lead(id)))
      const call = await claimCall(outbox)
      await outbox.settle(
        call.id,
        jobsOf(call).map((job) => settlement(job, job.lead.id === 'b' ? { ...AGAIN, share: 1 } : AGAIN)),
        T,
      )

      const calls = await outbox.claim(T, LATER, 10)

      expect(shapes(calls)).toStrictEqual([[['a']], [['b']], [['c'], ['d']]])
    })

    it('what is of one person goes one by one too, in its order', async () => {
      const outbox = await open(ROOMY)
      await outbox.add(ofOnePerson('a1', 'a2', 'a3'), T)
      await settleCall(outbox, await claimCall(outbox), { ...AGAIN, share: 1 })

      const order: string[][] = []
      for (const _ of ['a1', 'a2', 'a3']) {
        const call = await claimCall(outbox)
        order.push(ids(jobsOf(call)))
        await settleCall(outbox, call, DELIVERED)
      }

      expect(order).toStrictEqual([['a1'], ['a2'], ['a3']])
    })

    it('the share stays through other outcomes, until another is told', async () => {
      const outbox = await open(ROOMY)
      await addAll(outbox, lead('a'), lead('b'), lead('c'))
      await settleCall(outbox, await claimCall(outbox), { ...AGAIN, share: 1 })

      for (const call of await outbox.claim(T, LATER, 10)) {
        await settleCall(outbox, call, { kind: 'retry', dueAt: T, reason: 'busy' })
      }
      const alone = await outbox.claim(T, LATER, 10)
      for (const call of alone) await settleCall(outbox, call, AGAIN)
      const stillAlone = await outbox.claim(T, LATER, 10)
      for (const call of stillAlone) await settleCall(outbox, call, { ...AGAIN, share: 2 })
      const inPairs = await outbox.claim(T, LATER, 10)

      expect(shapes(alone)).toStrictEqual([[['a']], [['b']], [['c']]])
      expect(shapes(stillAlone)).toStrictEqual([[['a']], [['b']], [['c']]])
      expect(shapes(inPairs)).toStrictEqual([[['a'], ['b']], [['c']]])
    })

    it('they are due when it was said', async () => {
      const outbox = await open(ROOMY)
      await addAll(outbox, lead('a'), lead('b'))
      await settleCall(outbox, await claimCall(outbox), { ...AGAIN, dueAt: T + SECOND })

      const early = await outbox.claim(T + SECOND - 1, LATER, 10)
      const then = await outbox.claim(T + SECOND, LATER, 10)

      expect(early).toStrictEqual([])
      expect(await outbox.find('a')).toMatchObject({ state: 'waiting', attempts: 2, reason: 'another of its call' })
      expect(shapes(then)).toStrictEqual([[['a'], ['b']]])
    })
  })

  describe('sharing: after a halt', () => {
    it('one turn tries alone, with all leads of its person', async () => {
      const outbox = await open(ROOMY)
      await addAll(outbox, ...ofOnePerson('a1', 'a2'), lead('b'), lead('c'), lead('d'), lead('e'))
      const halted = { kind: 'halted', until: T + SECOND, reason: 'no answer', blocked: false } as const
      await settleCall(outbox, await claimCall(outbox), halted)

      const probes: string[][][][] = []
      for (const _ of [1, 2, 3]) {
        const calls = await outbox.claim(T + SECOND, LATER, 10)
        probes.push(shapes(calls))
        for (const call of calls) await settleCall(outbox, call, DELIVERED, T + SECOND)
      }

      expect(probes).toStrictEqual([[[['a1', 'a2']]], [[['b']]], [[['c']]]])
      expect(shapes(await outbox.claim(T + SECOND, LATER, 10))).toStrictEqual([[['d'], ['e']]])
    })

    it('the turn has got through when one of its leads has', async () => {
      const outbox = await open(ROOMY)
      await addAll(outbox, ...ofOnePerson('a1', 'a2'), lead('b'))
      const halted = { kind: 'halted', until: T, reason: 'no answer', blocked: false } as const
      await settleCall(outbox, await claimCall(outbox), halted)
      const probe = await claimCall(outbox)

      await outbox.settle(
        probe.id,
        jobsOf(probe).map((job) =>
          settlement(job, job.lead.id === 'a1' ? DELIVERED : { kind: 'retry', dueAt: T, reason: 'busy' }),
        ),
        T,
      )

      expect((await outbox.status(T)).breaker).toBeUndefined()
    })

    it('a call that was out when it came neither ends it nor makes it longer', async () => {
      const outbox = await open({ ...ROOMY, leadsPerCall: 2 })
      await addAll(outbox, ...['a', 'b', 'c', 'd', 'e'].map((id) => lead(id)))
      const [first, second] = await outbox.claim(T, LATER, 2)
      if (!first || !second) throw new Error('two calls were due')
      await settleCall(outbox, first, { kind: 'halted', until: END, reason: 'no answer', blocked: false })

      await settleCall(outbox, second, DELIVERED)

      expect(await outbox.claim(END - 1, LATER, 10)).toStrictEqual([])
      expect(shapes(await outbox.claim(END, LATER, 10))).toStrictEqual([[['a']]])
    })
  })

  describe('sharing: what is settled in part', () => {
    it('leaves the others out until their call would have been over', async () => {
      const outbox = await open(ROOMY)
      await addAll(outbox, lead('a'), lead('b'), lead('c'))
      const call = await claimCall(outbox, T, END)

      await settleCall(outbox, call, DELIVERED, T, ['b'])
      const meanwhile = await outbox.claim(END - 1, LATER, 10)
      const then = await outbox.claim(END, LATER, 10)

      expect(await outbox.find('b')).toMatchObject({ state: 'delivered' })
      expect(meanwhile).toStrictEqual([])
      expect(shapes(then)).toStrictEqual([[['a'], ['c']]])
      expect(jobsOf(then[0]!).map(({ attempt }) => attempt)).toStrictEqual([2, 2])
    })

    it('takes the rest later', async () => {
      const outbox = await open(ROOMY)
      await addAll(outbox, ...ofOnePerson('a1', 'a2'), lead('b'))
      const call = await claimCall(outbox, T, END)

      await settleCall(outbox, call, DELIVERED, T, ['a1'])
      await settleCall(outbox, call, DELIVERED, T + 1, ['a2', 'b'])

      expect(await outbox.status(T)).toMatchObject({ waiting: 0, delivered: 3 })
    })

    it('keeps a person out while one of the turn is', async () => {
      const outbox = await open(ROOMY)
      await outbox.add(ofOnePerson('a1', 'a2', 'a3'), T)
      const call = await claimCall(outbox, T, END)

      await settleCall(outbox, call, DELIVERED, T, ['a1', 'a3'])
      await outbox.add(ofOnePerson('a4'), T)

      expect(await outbox.claim(END - 1, LATER, 10)).toStrictEqual([])
      expect(await outbox.nextDueAt(T)).toBe(END)
      expect(shapes(await outbox.claim(END, LATER, 10))).toStrictEqual([[['a2', 'a4']]])
    })

    it('lets none be overtaken by a younger one of its turn that is still out', async () => {
      const outbox = await open(ROOMY)
      await outbox.add(ofOnePerson('a1', 'a2'), T)
      const call = await claimCall(outbox, T, END)

      await settleCall(outbox, call, { kind: 'retry', dueAt: T + SECOND, reason: 'busy' }, T, ['a1'])
      const meanwhile = await outbox.claim(END - 1, LATER, 10)
      const next = await outbox.nextDueAt(T)
      const then = await outbox.claim(END, LATER, 10)

      expect(meanwhile).toStrictEqual([])
      expect(next).toBe(END)
      expect(shapes(then)).toStrictEqual([[['a1', 'a2']]])
    })

    it('lets a younger one wait for the retry of an older', async () => {
      const outbox = await open(ROOMY)
      await outbox.add(ofOnePerson('a1', 'a2'), T)
      const call = await claimCall(outbox, T, END)

      await settleCall(outbox, call, { kind: 'retry', dueAt: END + SECOND, reason: 'busy' }, T, ['a1'])

      expect(await outbox.claim(END, LATER, 10)).toStrictEqual([])
      expect(await outbox.nextDueAt(END)).toBe(END + SECOND)
      expect(shapes(await outbox.claim(END + SECOND, LATER, 10))).toStrictEqual([[['a1', 'a2']]])
    })

    it('counts the first of two settlements of one lead', async () => {
      const outbox = await open(ROOMY)
      await addAll(outbox, lead('a'))
      const call = await claimCall(outbox)
      const [job] = jobsOf(call)
      if (!job) throw new Error('one was due')

      const parked = settlement(job, { kind: 'parked', reason: 'no e-mail' })
      await outbox.settle(call.id, [settlement(job, DELIVERED), parked], T)

      expect(await outbox.find('a')).toMatchObject({ state: 'delivered', leadId: 7 })
      expect(await outbox.status(T)).toMatchObject({ parked: 0, delivered: 1 })
    })
  })

  describe('sharing: when a call is over', () => {
    it('all its leads are due again, and the late settlements of all are ignored once they are handed out', async () => {
      const outbox = await open(ROOMY)
      await addAll(outbox, ...ofOnePerson('a1', 'a2'), lead('b'))
      const dead = await claimCall(outbox, T, END)

      const early = await outbox.claim(END - 1, LATER, 10)
      const then = await claimCall(outbox, END)
      await settleCall(outbox, dead, DELIVERED, END)

      expect(early).toStrictEqual([])
      expect(shapes([then])).toStrictEqual([[['a1', 'a2'], ['b']]])
      expect(await outbox.status(END)).toMatchObject({ waiting: 3, delivered: 0 })
      await settleCall(outbox, then, DELIVERED, END)
      expect(await outbox.status(END)).toMatchObject({ waiting: 0, delivered: 3 })
    })

    it('the late settlements are believed while nobody else has the leads', async () => {
      const outbox = await open(ROOMY)
      await addAll(outbox, ...ofOnePerson('a1', 'a2'), lead('b'))
      const late = await claimCall(outbox, T, END)

      expect(await outbox.claim(END, LATER, 0)).toStrictEqual([])
      await settleCall(outbox, late, DELIVERED, END + SECOND)

      expect(await outbox.status(END)).toMatchObject({ waiting: 0, delivered: 3 })
    })

    it('what has been out with a lead is out no more when that lead goes again without it', async () => {
      const outbox = await open(ROOMY)
      await outbox.add(ofOnePerson('a1', 'a2'), T)
      const dead = await claimCall(outbox, T, END)
      await settleCall(outbox, dead, { ...AGAIN, share: 1 }, T, ['a1'])
      const again = await claimCall(outbox, END)

      await settleCall(outbox, dead, DELIVERED, END, ['a2'])
      await settleCall(outbox, again, DELIVERED, END)

      expect(shapes([again])).toStrictEqual([[['a1']]])
      expect(await outbox.find('a2')).toMatchObject({ state: 'waiting', attempts: 1 })
      expect(shapes(await outbox.claim(END, LATER, 10))).toStrictEqual([[['a2']]])
    })
  })
}
