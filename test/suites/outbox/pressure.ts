/** Pressure: more jobs wait for a call of their own than calls are left today, and leads with a cookie share calls. */
import { describe, expect, it } from 'vitest'
import { AFTER_LEAD } from '../../oracle/memory-outbox.ts'
import type { Lead } from '../../../relay/intake/lead.ts'
import { addAll, claimBatch, idsOf, lead, LATER, park, settleBatch, settleNext, T, WIDE_BATCHES } from './leads.ts'
import type { Open } from './suite.ts'

const DELIVERED = { kind: 'delivered', leadId: 7 } as const

/** Ten calls a day. */
const TEN = { ...WIDE_BATCHES, callsPerDay: 10 }

/** Creates leads with a cookie, each of another visitor. */
function cookies(count: number, over: Partial<Lead> = {}): Lead[] {
  return Array.from({ length: count }, (_, n) => lead(`c${n}`, { cookie: `cookie-${n}`, ...over }))
}

export function pressure(open: Open): void {
  describe('when more jobs wait for a call of their own than calls are left today', () => {
    it('leads with a cookie share calls with the others, without their cookies', async () => {
      const outbox = await open(TEN)
      await outbox.add([lead('plain'), ...cookies(11)], T)

      const batch = await claimBatch(outbox)

      expect(batch.jobs).toHaveLength(12)
      expect(batch.jobs.filter((job) => job.lead.cookie !== undefined)).toStrictEqual([])
      await settleBatch(outbox, batch, DELIVERED)
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, delivered: 12, owed: 11 })
    })

    it('and not when they are as many', async () => {
      const outbox = await open(TEN)
      await outbox.add([lead('plain'), ...cookies(10)], T)

      const batches = await outbox.claim(T, LATER, 10)

      expect(batches.map(({ jobs }) => jobs.length)).toStrictEqual(Array.from({ length: 10 }, () => 1))
      expect(batches.flatMap(({ jobs }) => jobs).filter((job) => job.lead.cookie !== undefined)).toHaveLength(9)
    })

    it('calls that are spent already do not count', async () => {
      const outbox = await open(TEN)
      for (const _ of [1, 2, 3]) {
        const reserved = await outbox.acquireSlot(T, LATER)
        if ('slot' in reserved) await outbox.settle(reserved.slot, [], T)
      }
      await outbox.add(cookies(8), T)

      expect((await claimBatch(outbox)).jobs).toHaveLength(8)
    })

    it('leads of a workspace and leads without an address go alone as before', async () => {
      const outbox = await open(TEN)
      await outbox.add(cookies(6, { workspace: 'Europe' }), T)
      await outbox.add([lead('none', { email: '', person: 'visitor', cookie: 'cookie-none' })], T)
      await addAll(
        outbox,
        lead('x', { cookie: 'x' }),
        ...['y1', 'y2', 'y3'].map((id) => lead(id, { workspace: 'Asia' })),
      )

      const batches = await outbox.claim(T, LATER, 10)

      const sent = batches.flatMap(({ jobs }) => jobs).map((job) => job.lead)
      expect(sent.find(({ id }) => id === 'c0')).toMatchObject({ cookie: 'cookie-0', workspace: 'Europe' })
      expect(batches.map(({ jobs }) => jobs.length)).toStrictEqual(Array.from({ length: 10 }, () => 1))
      expect(sent.find(({ id }) => id === 'x')).toStrictEqual(lead('x'))
    })

    it('later leads of a person do too, each in its turn', async () => {
      const outbox = await open(TEN)
      const own = ['o1', 'o2'].map((id) => lead(id, { person: 'one', cookie: 'one' }))
      await outbox.add([...cookies(11), ...own], T)

      const first = await claimBatch(outbox)
      await settleBatch(outbox, first, DELIVERED)
      const second = await claimBatch(outbox)

      expect(first.jobs.map((job) => job.lead.id)).toContain('o1')
      expect(second.jobs.map((job) => job.lead)).toStrictEqual([{ ...own[1], cookie: undefined }].map(withoutUndefined))
    })

    it('a claim examines 500 of them, so that it does not take long', async () => {
      const outbox = await open(TEN)
      await outbox.add(cookies(1_100), T)

      const batches = await outbox.claim(T, LATER, 4)

      // 300 of the 500, the other 200, and then two of those that were not examined yet: they go alone.
      expect(batches.map(({ jobs }) => jobs.length)).toStrictEqual([300, 200, 1, 1])
      expect((await outbox.claim(T, LATER, 2)).map(({ jobs }) => jobs.length)).toStrictEqual([300, 198])
      expect((await outbox.claim(T, LATER, 1)).map(({ jobs }) => jobs.length)).toStrictEqual([100])
    })

    it('it lasts until all were examined, although the calls are enough by then', async () => {
      const outbox = await open({ ...TEN, callsPerDay: 700 })
      await outbox.add(cookies(1_100), T)

      // 600 are left after the first claim, and 698 calls.
      const first = await outbox.claim(T, LATER, 2)
      const second = await outbox.claim(T, LATER, 1)

      expect([...first, ...second].map(({ jobs }) => jobs.length)).toStrictEqual([300, 200, 300])
    })

    it('it ends when the calls are enough: a new lead takes its cookie along', async () => {
      const outbox = await open({ ...TEN, callsPerDay: 30 })
      await outbox.add(cookies(31), T)
      await settleNext(outbox, DELIVERED)
      await outbox.add([lead('new', { cookie: 'new' })], T)

      expect(await settleNext(outbox, DELIVERED)).toStrictEqual([lead('new', { cookie: 'new' })])
      expect(await outbox.status(T)).toMatchObject({ owed: 31 })
    })

    it('a lead that is replayed meanwhile shares calls, too', async () => {
      const outbox = await open(TEN)
      await park(outbox, [lead('parked', { cookie: 'parked' })])
      await outbox.add([...cookies(11), ...['y1', 'y2'].map((id) => lead(id, { workspace: 'Asia' }))], T)
      await settleNext(outbox, DELIVERED)
      await outbox.add(
        Array.from({ length: 9 }, (_, n) => lead(`z${n}`, { workspace: 'Asia', cookie: `z${n}` })),
        T,
      )
      await outbox.claim(T, LATER, 1)

      await outbox.replay(['parked'], {}, T)
      const batches = await outbox.claim(T, LATER, 7)

      expect(batches.flatMap(({ jobs }) => jobs).find((job) => job.lead.id === 'parked')?.lead).toStrictEqual(
        lead('parked'),
      )
    })

    it('none shares a call where a call takes one lead only', async () => {
      const outbox = await open({ ...TEN, leadsPerCall: 1 })
      await outbox.add(cookies(11), T)

      const batches = await outbox.claim(T, LATER, 10)

      expect(batches.flatMap(({ jobs }) => jobs).every((job) => job.lead.cookie !== undefined)).toBe(true)
    })

    it('a transport whose cookies always follow knows no pressure', async () => {
      const outbox = await open({ ...TEN, callsPerDay: 2 }, AFTER_LEAD)
      await outbox.add(cookies(3), T)

      expect(idsOf(await outbox.claim(T, LATER, 1))).toStrictEqual([['c0', 'c1', 'c2']])
    })
  })
}

function withoutUndefined(value: object): object {
  return JSON.parse(JSON.stringify(value)) as object
}
