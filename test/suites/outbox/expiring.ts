/** The expiry of parked and held leads about which nobody decides. */
import { describe, expect, it } from 'vitest'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import { AFTER_LEAD, TEST_BATCH_KEYS } from '../../oracle/memory-outbox.ts'
import { addAll, claimBatch, lead, park, SECOND, settleNext, T, WIDE, WIDE_BATCHES } from './leads.ts'
import type { Open, OpenDurable } from './suite.ts'

const HOUR = 3_600 * SECOND
const DAY = 24 * HOUR
const KEEP = 30 * DAY

/** Returns a time in days after `T`. */
const day = (days: number) => T + days * DAY

/** Looks for expired leads every 12 hours, as a relay that runs. Returns what has expired, by the hour. */
async function runUntil(
  outbox: Outbox,
  from: number,
  until: number,
  keepMs = KEEP,
): Promise<[day: number, leads: number][]> {
  const expired: [number, number][] = []
  for (let now = from; now <= until; now += DAY / 2) {
    for (const { leads } of await outbox.expire(keepMs, now, 500)) expired.push([(now - T) / DAY, leads])
  }
  return expired
}

export function expiring(open: Open): void {
  describe('the expiry of parked and held leads', () => {
    it('discards each lead at its time, and leaves a receipt with a note', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [lead('parked')], [lead('later'), day(3)])
      await addAll(outbox, lead('held', { form: 'demo', hold: 'spam' }), lead('waits'))

      const expired = await runUntil(outbox, T, day(32))

      const note = 'expired at 2023-12-15T10:13:20.000Z: undecided for 30 days'
      expect(expired).toStrictEqual([
        [30.5, 1],
        [30.5, 1],
      ])
      expect(await outbox.find('parked')).toStrictEqual({
        id: 'parked',
        form: 'contact',
        state: 'discarded',
        attempts: 1,
        acceptedAt: T,
        settledAt: day(30.5),
        history: [],
        rejectedAttributes: [],
        staleAttributes: [],
        notes: [note],
      })
      expect(await outbox.find('held')).toMatchObject({ state: 'discarded', notes: [note] })
      expect(await outbox.find('later')).toMatchObject({ state: 'parked' })
      expect(await outbox.find('waits')).toMatchObject({ state: 'waiting' })
      expect(await outbox.status(T)).toMatchObject({ waiting: 1, held: 0, parked: 1 })
    })

    it('names the form of the leads, and takes several steps for many', async () => {
      const outbox = await open(WIDE)
      await outbox.add(
        ['a', 'b', 'c'].map((id) => lead(id, { hold: 'spam', form: id === 'c' ? 'demo' : 'contact' })),
        T,
      )
      await runUntil(outbox, T, day(30))

      const steps = [await outbox.expire(KEEP, day(31), 2), await outbox.expire(KEEP, day(31), 2)]

      expect(steps).toStrictEqual([[{ form: 'contact', leads: 2 }], [{ form: 'demo', leads: 1 }]])
    })

    it('is told a week before, with the number of leads and the first time', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [lead('parked')], [lead('later'), day(3)])
      await runUntil(outbox, T, day(22.5))

      const told = [await outbox.status(day(23)), await outbox.status(day(23) + 1), await outbox.status(day(26) + 1)]

      expect(told.map((status) => status.expiring)).toStrictEqual([
        undefined,
        { leads: 1, firstAt: day(30) },
        { leads: 2, firstAt: day(30) },
      ])
    })

    it('begins with a week of notice where leads were parked long before the first look', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [lead('old')])

      const first = await outbox.expire(KEEP, day(100), 500)
      const told = (await outbox.status(day(100))).expiring
      const expired = await runUntil(outbox, day(100), day(110))

      expect([first, told]).toStrictEqual([[], { leads: 1, firstAt: day(107) }])
      expect(expired).toStrictEqual([[107, 1]])
    })

    it('gives another week of notice after a day without a look, such as by a clock that was ahead', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [lead('a')])
      await runUntil(outbox, T, day(20))

      const jumped = await outbox.expire(KEEP, day(60), 500)
      const told = (await outbox.status(day(60))).expiring

      expect([jumped, told]).toStrictEqual([[], { leads: 1, firstAt: day(67) }])
      expect(await runUntil(outbox, day(60), day(70))).toStrictEqual([[67, 1]])
    })

    it('gives another week of notice when the time is shorter than before, and none when it is longer', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [lead('a')])
      await addAll(outbox, lead('b', { hold: 'spam' }))
      await runUntil(outbox, T, day(20))

      const shorter = await runUntil(outbox, day(20), day(26.5), 10 * DAY)
      const longer = await runUntil(outbox, day(26.5), day(29), 28 * DAY)

      expect(shorter).toStrictEqual([])
      expect(longer).toStrictEqual([[28.5, 2]])
    })

    it('ends with an infinite time', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [lead('a')])
      await runUntil(outbox, T, day(29))

      const expired = await runUntil(outbox, day(29), day(60), Infinity)

      expect(expired).toStrictEqual([])
      expect(await outbox.status(day(60))).not.toHaveProperty('expiring')
      expect(await outbox.find('a')).toMatchObject({ state: 'parked' })
    })

    it('begins anew for a lead that is replayed and parked again', async () => {
      const outbox = await open(WIDE)
      await park(outbox, [lead('a')])
      await runUntil(outbox, T, day(29))
      await outbox.replay(['a'], {}, day(29))
      await settleNext(outbox, { kind: 'parked', reason: 'again' }, day(29))

      expect(await runUntil(outbox, day(29.5), day(60))).toStrictEqual([[59.5, 1]])
    })

    it('leaves a lead alone whose owed cookie is under way', async () => {
      const outbox = await open(WIDE_BATCHES, AFTER_LEAD)
      const rejected = { kind: 'requeue', dueAt: T, reason: 'bad', rejectedAttributes: ['FirstName'] } as const
      await addAll(outbox, lead('a', { cookie: 'c' }))
      await settleNext(outbox, rejected)
      await settleNext(outbox, { kind: 'delivered', leadId: 7 })
      const out = await claimBatch(outbox, T, day(100))

      expect(out.owed?.cookie.id).toBe('a')
      expect(await runUntil(outbox, T, day(40))).toStrictEqual([])
      expect(await outbox.find('a')).toMatchObject({ state: 'parked' })
    })
  })
}

export function durableExpiring(open: OpenDurable): void {
  it('a restart neither repeats the notice of the expiry nor forgets it', async () => {
    const { outbox, reopen } = await open({ limits: WIDE, batchKeys: TEST_BATCH_KEYS })
    await park(outbox, [lead('a')])
    await outbox.expire(KEEP, day(100), 500)

    const reopened = await reopen()
    await reopened.resume(day(100))
    const expired = await runUntil(reopened, day(100), day(107))

    expect(expired).toStrictEqual([[107, 1]])
  })
}
