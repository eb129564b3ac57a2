/** The shares of the day's calls: what leads with weak evidence use at most, and what leads leave to servers. */
import { describe, expect, it } from 'vitest'
import type { Lead } from '../../../relay/intake/lead.ts'
import type { Limits } from '../../../relay/outbox/limits/limits.ts'
import type { CallUse } from '../../../relay/outbox/limits/shares.ts'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import { AFTER_LEAD } from '../../oracle/memory-outbox.ts'
import { addAll, idsOf, lead, LATER, park, SECOND, settleBatch, T, WIDE_BATCHES } from './leads.ts'
import type { Open } from './suite.ts'

const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE
const DELIVERED = { kind: 'delivered', leadId: 7 } as const

/** A minute after midnight in Chicago of the day that `T` is in the afternoon of. */
const RESET = Date.UTC(2023, 10, 15, 6) + MINUTE

/** Ten calls a day, of which two are for leads with weak evidence. */
const LIMITS: Limits = { ...WIDE_BATCHES, callsPerDay: 10, weakShare: 20 }

/** Creates a lead that fills out a Marketo form, and so needs a call of its own. */
function ofForm(id: string, over: Partial<Lead> = {}): Lead {
  return lead(id, { marketoForm: 7, receipt: 'R', ...over })
}

const weak = (id: string, over: Partial<Lead> = {}) => ofForm(id, { weak: true, ...over })

/** Creates weak leads that may share a call. */
function sharingLeads(count: number, over: Partial<Lead> = {}): Lead[] {
  return Array.from({ length: count }, (_, at) => lead(`sharing-${at}`, { weak: true, ...over }))
}

function weakLeads(count: number): Lead[] {
  return Array.from({ length: count }, (_, at) => weak(`weak-${at}`))
}

/** Leases and delivers what may be, claim by claim. Returns the leads in their order. */
async function deliverAll(outbox: Outbox, now = T): Promise<string[]> {
  const sent: string[] = []
  for (let empty = 0; empty < 3;) {
    const batches = await outbox.claim(now, now + 100 * SECOND, 1)
    for (const batch of batches) await settleBatch(outbox, batch, DELIVERED, now)
    sent.push(...idsOf(batches).flat())
    empty = batches.length === 0 ? empty + 1 : 0
  }
  return sent
}

async function useSlot(outbox: Outbox, use?: CallUse, now = T): Promise<boolean> {
  const reserved = await outbox.acquireSlot(now, now + SECOND, 0, use)
  if ('slot' in reserved) await outbox.settle(reserved.slot, [], now)
  return 'slot' in reserved
}

export function shares(open: Open): void {
  describe('the share of the day’s calls for leads with weak evidence', () => {
    it('is used up by weak leads with a call of their own, and others go on', async () => {
      const outbox = await open(LIMITS, AFTER_LEAD)
      await addAll(outbox, ...weakLeads(5), ...['a', 'b', 'c'].map((id) => ofForm(id)))

      const sent = await deliverAll(outbox)

      expect(sent.toSorted()).toStrictEqual(['a', 'b', 'c', 'weak-0', 'weak-1'])
      expect((await outbox.status(T)).day).toStrictEqual({
        spent: 5,
        of: 10,
        endsAt: RESET,
        weak: { spent: 2, of: 2, putOff: 3 },
      })
    })

    it('leaves weak leads to the next day as they are, in their order, and no attempt counts', async () => {
      const outbox = await open(LIMITS, AFTER_LEAD)
      await addAll(outbox, ...weakLeads(5))
      await deliverAll(outbox)

      const waiting = await outbox.find('weak-2')
      const next = await outbox.nextDueAt(T)
      const early = await deliverAll(outbox, RESET - 1)
      const sent = await deliverAll(outbox, RESET)

      expect(waiting).toMatchObject({ state: 'waiting', attempts: 0, history: [], dueAt: RESET })
      expect(waiting).not.toHaveProperty('reason')
      expect(next).toBe(RESET)
      expect([early, sent]).toStrictEqual([[], ['weak-2', 'weak-3']])
      expect((await outbox.status(RESET)).day).toMatchObject({ spent: 2, weak: { spent: 2, of: 2, putOff: 1 } })
    })

    it('is not used by weak leads that share calls', async () => {
      const outbox = await open({ ...LIMITS, callsPerDay: 40 }, AFTER_LEAD)
      await addAll(outbox, ...sharingLeads(7))

      expect(await deliverAll(outbox)).toHaveLength(7)
      expect((await outbox.status(T)).day).toStrictEqual({ spent: 1, of: 40, endsAt: RESET })
    })

    it('lets no weak lead hold up a later lead of its person', async () => {
      const outbox = await open(LIMITS, AFTER_LEAD)
      const ofAna = { person: 'ana', email: 'ana@example.com' } as Partial<Lead>
      await addAll(outbox, ...weakLeads(2), weak('weak-ana', ofAna), ofForm('ana', ofAna))
      await deliverAll(outbox)

      await addAll(outbox, ofForm('ana-later', ofAna))
      const later = await deliverAll(outbox, T + 200 * SECOND)

      expect(await outbox.find('ana')).toMatchObject({ state: 'delivered' })
      expect(later).toStrictEqual(['ana-later'])
      expect(await outbox.find('weak-ana')).toMatchObject({ state: 'waiting', attempts: 0 })
    })

    it('counts further calls that a weak lead needs', async () => {
      const outbox = await open(LIMITS, AFTER_LEAD)
      await addAll(outbox, ...weakLeads(3))

      await useSlot(outbox, 'weak')
      await useSlot(outbox, 'weak')

      expect(await deliverAll(outbox)).toStrictEqual([])
      expect((await outbox.status(T)).day.weak).toMatchObject({ spent: 2, of: 2, putOff: 3 })
    })

    it('is not asked about a lead that a person has replayed', async () => {
      const outbox = await open({ ...LIMITS, callsPerDay: 20 }, AFTER_LEAD)
      await park(outbox, [weak('a')], [weak('b')])
      await useSlot(outbox, 'weak')
      await useSlot(outbox, 'weak')

      await outbox.replay(['a', 'b'], {}, T)

      expect((await deliverAll(outbox)).toSorted()).toStrictEqual(['a', 'b'])
    })

    it('is one call a day at least', async () => {
      const outbox = await open({ ...LIMITS, weakShare: 1 }, AFTER_LEAD)
      await addAll(outbox, ...weakLeads(2))

      expect(await deliverAll(outbox)).toStrictEqual(['weak-0'])
    })

    it('delays no lead of another form, however many weak leads wait', async () => {
      const outbox = await open(LIMITS, AFTER_LEAD)
      await outbox.add(weakLeads(450), T)
      await addAll(outbox, ofForm('a', { form: 'demo' }), lead('shared'))

      const first = await outbox.claim(T, LATER, 9)
      const second = await outbox.claim(T, LATER, 9)

      expect(
        idsOf([...first, ...second])
          .flat()
          .toSorted(),
      ).toStrictEqual(['a', 'shared', 'weak-0', 'weak-1'])
      for (const batch of [...first, ...second]) await settleBatch(outbox, batch, DELIVERED)

      const putOff = []
      for (const _ of [1, 2, 3]) {
        expect(await outbox.claim(T, LATER, 9)).toStrictEqual([])
        putOff.push((await outbox.status(T)).day.weak?.putOff)
      }
      // Each claim has looked at 200 of them.
      expect(putOff).toStrictEqual([400, 448, 448])
      expect(await outbox.nextDueAt(T)).toBe(RESET)
    })

    it('is looked at again at a start', async () => {
      const outbox = await open(LIMITS, AFTER_LEAD)
      await addAll(outbox, ...weakLeads(3))
      await deliverAll(outbox)

      await outbox.resume(T)

      expect(await outbox.nextDueAt(T)).toBe(T + 5 * MINUTE)
      expect(await deliverAll(outbox, T + 5 * MINUTE)).toStrictEqual([])
      expect((await outbox.status(T + 5 * MINUTE)).day.weak).toStrictEqual({ spent: 2, of: 2, putOff: 1 })
    })
  })

  describe('the calls that leads with weak evidence share', () => {
    /** Of 40 calls a day eight are for such leads: four of them at any time, and one more each six hours. */
    const SHARING: Limits = { ...WIDE_BATCHES, callsPerDay: 40, weakShare: 20, leadsPerCall: 2 }
    const SIX_HOURS = 360 * MINUTE

    it('go at once up to half of their share, and then evenly spread', async () => {
      const outbox = await open(SHARING, AFTER_LEAD)
      await addAll(outbox, ...sharingLeads(12))

      const sent = await deliverAll(outbox)
      const next = await outbox.nextDueAt(T)
      const early = await deliverAll(outbox, T + SIX_HOURS - 1)
      const later = await deliverAll(outbox, T + SIX_HOURS)

      expect(sent).toHaveLength(8)
      expect(next).toBe(T + SIX_HOURS)
      expect([early, later]).toStrictEqual([[], ['sharing-8', 'sharing-9']])
      expect((await outbox.status(T + SIX_HOURS)).day).toMatchObject({
        weak: { spent: 0, of: 8, putOff: 0, nextSharedAt: T + 2 * SIX_HOURS },
      })
    })

    it('are no more than their share in any 24 hours, however the leads come', async () => {
      const outbox = await open(SHARING, AFTER_LEAD)
      const calls: number[] = []

      for (let now = T, n = 0; now < T + 2 * DAY; now += 30 * MINUTE, n += 1) {
        // One person in two posts again and again.
        const who = n % 2 === 0 ? { person: 'ana', email: 'ana@example.com' } : {}
        await addAll(outbox, lead(`sharing-${n}`, { weak: true, ...(who as Partial<Lead>), acceptedAt: now }))
        for (const batch of await outbox.claim(now, now + 100 * SECOND, 9)) {
          calls.push(now)
          await settleBatch(outbox, batch, DELIVERED, now)
        }
      }

      const inADay = calls.map((first) => calls.filter((at) => at >= first && at < first + DAY).length)
      expect(calls.length).toBeGreaterThan(8)
      expect(Math.max(...inADay)).toBeLessThanOrEqual(8)
    })

    it('take no other lead along, and delay none', async () => {
      const outbox = await open(SHARING, AFTER_LEAD)
      await addAll(outbox, ...sharingLeads(9))
      await deliverAll(outbox)
      await addAll(outbox, lead('a'), lead('b', { workspace: 'w' }))

      const next = await outbox.nextDueAt(T)
      const sent = await deliverAll(outbox)

      expect(next).toBe(T)
      expect(sent.toSorted()).toStrictEqual(['a', 'b'])
      expect(await outbox.find('sharing-8')).toMatchObject({ state: 'waiting', attempts: 0, dueAt: T, history: [] })
    })

    it('hold up no later lead of a person, and keep the order of those that are weak', async () => {
      const outbox = await open(SHARING, AFTER_LEAD)
      const ofAna = { person: 'ana', email: 'ana@example.com' } as Partial<Lead>
      await addAll(outbox, ...sharingLeads(8))
      await deliverAll(outbox)
      await addAll(outbox, lead('first', { weak: true, ...ofAna }), lead('second', { weak: true, ...ofAna }))

      await addAll(outbox, lead('real', ofAna))
      const sent = await deliverAll(outbox)
      const later = [await deliverAll(outbox, T + SIX_HOURS), await deliverAll(outbox, T + 2 * SIX_HOURS)]

      expect(sent).toStrictEqual(['real'])
      expect(later).toStrictEqual([['first'], ['second']])
    })

    it('count the further calls that they need', async () => {
      const outbox = await open(SHARING, AFTER_LEAD)
      await addAll(outbox, ...sharingLeads(5))
      for (const _ of [1, 2, 3]) await useSlot(outbox, 'weak')

      expect(await deliverAll(outbox)).toHaveLength(2)
      expect(await outbox.nextDueAt(T)).toBe(T + SIX_HOURS)
    })

    it('are not those of leads that a person has replayed', async () => {
      const outbox = await open(SHARING, AFTER_LEAD)
      await park(outbox, [lead('sharing-0', { weak: true })])
      for (const _ of [1, 2, 3, 4]) await useSlot(outbox, 'weak')

      await outbox.replay(['sharing-0'], {}, T)

      expect(await deliverAll(outbox)).toStrictEqual(['sharing-0'])
    })

    it('are there again a day after the clock was set back at the latest', async () => {
      const outbox = await open(SHARING, AFTER_LEAD)
      await addAll(outbox, ...sharingLeads(9))
      await deliverAll(outbox)

      await outbox.resume(T - 7 * DAY)

      expect(await deliverAll(outbox, T - 7 * DAY + SIX_HOURS - 1)).toStrictEqual([])
      expect(await outbox.nextDueAt(T - 7 * DAY + SIX_HOURS - 1)).toBe(T - 7 * DAY + SIX_HOURS)
      expect(await deliverAll(outbox, T - 7 * DAY + SIX_HOURS)).toStrictEqual(['sharing-8'])
    })

    it('have no bound where weak leads may use all calls', async () => {
      const outbox = await open({ ...SHARING, weakShare: 100 }, AFTER_LEAD)
      await addAll(outbox, ...sharingLeads(60))

      expect(await deliverAll(outbox)).toHaveLength(60)
    })
  })

  describe('the share of the day’s calls that leads leave to servers', () => {
    const SHARED: Limits = { ...WIDE_BATCHES, callsPerDay: 10, serverShare: 30 }
    const leads = Array.from({ length: 12 }, (_, at) => ofForm(`lead-${at}`))

    it('is used by no lead, and by no other call', async () => {
      const outbox = await open(SHARED, AFTER_LEAD)
      await outbox.add(leads, T)

      const sent = await deliverAll(outbox)

      expect(sent).toHaveLength(7)
      expect(await useSlot(outbox)).toBe(false)
      expect(await outbox.nextDueAt(T)).toBe(RESET)
      expect((await outbox.status(T)).day).toStrictEqual({
        spent: 7,
        of: 10,
        endsAt: RESET,
        servers: { spent: 0, of: 3 },
      })
    })

    it('is left to servers, until all calls are spent', async () => {
      const outbox = await open(SHARED, AFTER_LEAD)
      await outbox.add(leads, T)
      await deliverAll(outbox)

      const used = []
      for (const _ of [1, 2, 3, 4]) used.push(await useSlot(outbox, 'server'))

      expect(used).toStrictEqual([true, true, true, false])
      expect(await outbox.acquireSlot(T, LATER, 0, 'server')).toStrictEqual({ retryAt: RESET })
      expect((await outbox.status(T)).day).toMatchObject({ spent: 10, servers: { spent: 3, of: 3 } })
    })

    it('is what servers have not used of it', async () => {
      const outbox = await open(SHARED, AFTER_LEAD)
      for (const _ of [1, 2]) await useSlot(outbox, 'server')
      await outbox.add(leads, T)

      // Of ten calls two are spent, and one is left to servers.
      expect(await deliverAll(outbox)).toHaveLength(7)
    })

    it('is no limit for servers', async () => {
      const outbox = await open(SHARED, AFTER_LEAD)
      for (const _ of [1, 2, 3, 4, 5]) await useSlot(outbox, 'server')
      await outbox.add(leads, T)

      expect(await deliverAll(outbox)).toHaveLength(5)
    })
  })
}
