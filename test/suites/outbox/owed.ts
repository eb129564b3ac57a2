/** Owed cookies: those that follow their leads, each in a call of its own. */
import { describe, expect, it } from 'vitest'
import { AFTER_LEAD, TEST_BATCH_KEYS } from '../../oracle/memory-outbox.ts'
import type { Batch, Limited, Outbox, Outcome, OwedJob } from '../../../relay/outbox/outbox.ts'
import {
  addAll,
  claimBatch,
  idsOf,
  lead,
  LATER,
  SECOND,
  settleBatch,
  settleNext,
  T,
  WIDE,
  WIDE_BATCHES,
} from './leads.ts'
import type { Open, OpenDurable } from './suite.ts'

const HOUR = 3_600 * SECOND
const DELIVERED = { kind: 'delivered', leadId: 7 } as const
const FOLLOWS = 'cookie follows in a call of its own'
const STALE = 'cookie left out: a later lead of the same visitor was delivered with it'

/** Claims one owed cookie; fails when none is leased. */
async function claimOwed(outbox: Outbox, now = T, leaseExpiresAt = LATER): Promise<Batch & { owed: OwedJob }> {
  const batch = await claimBatch(outbox, now, leaseExpiresAt)
  if (!batch.owed) throw new Error('a lead was leased, and no cookie')
  return { ...batch, owed: batch.owed }
}

async function settleOwed(outbox: Outbox, { id, owed }: Batch & { owed: OwedJob }, outcome: Outcome, now = T) {
  await outbox.settle(id, [{ id: owed.cookie.id, attempt: owed.attempt, owed: true, ...outcome }], now)
}

/** Returns the ids in these batches; an owed cookie by the id of its lead. */
function namesOf(batches: readonly Batch[]): string[] {
  return batches.map(({ jobs, owed }) => owed?.cookie.id ?? jobs.map((job) => job.lead.id).join())
}

/** Delivers leads whose cookies are owed then. */
async function deliver(outbox: Outbox, ...leads: Parameters<typeof lead>[]): Promise<void> {
  for (const given of leads) {
    await outbox.add([lead(...given)], T)
    await settleNext(outbox, { kind: 'delivered', leadId: Number(given[0].slice(-1)) || 7 })
  }
}

async function notesOf(outbox: Outbox, ...ids: string[]): Promise<(string[] | undefined)[]> {
  return Promise.all(ids.map(async (id) => (await outbox.find(id))?.notes))
}

export function owed(open: Open): void {
  const openAfter = () => open(WIDE_BATCHES, AFTER_LEAD)

  describe('an owed cookie', () => {
    it('follows its lead, which is sent without it, in a call of its own', async () => {
      const outbox = await openAfter()
      await outbox.add([lead('a', { cookie: 'c' }), lead('b', { cookie: 'd' }), lead('c')], T)

      const leads = await claimBatch(outbox)
      await settleBatch(outbox, leads, { kind: 'delivered', leadId: 70 })
      const status = await outbox.status(T)
      const cookie = await claimOwed(outbox)

      expect(leads.jobs.map((job) => job.lead)).toStrictEqual([lead('a'), lead('b'), lead('c')])
      expect(status).toMatchObject({ waiting: 0, delivered: 3, owed: 2 })
      expect(await outbox.find('a')).toMatchObject({
        state: 'delivered',
        leadId: 70,
        notes: [FOLLOWS],
        staleAttributes: [],
      })
      expect(cookie).toStrictEqual({
        id: cookie.id,
        leaseExpiresAt: LATER,
        jobs: [],
        owed: {
          cookie: { id: 'b', leadId: 70, email: 'b@example.com', cookie: 'd', acceptedAt: T },
          attempt: 1,
          failures: 0,
        },
      })
    })

    it('is associated once: its receipt says so, and it is no longer owed', async () => {
      const outbox = await openAfter()
      await deliver(outbox, ['a', { cookie: 'c' }])

      await settleOwed(outbox, await claimOwed(outbox), DELIVERED)

      expect(await notesOf(outbox, 'a')).toStrictEqual([['cookie associated in a call of its own']])
      expect(await outbox.status(T)).not.toHaveProperty('owed')
      expect(await outbox.nextDueAt(T)).toBeUndefined()
      expect(await outbox.claim(LATER, LATER + HOUR, 10)).toStrictEqual([])
    })

    it('is that of the newest lead first', async () => {
      const outbox = await openAfter()
      await deliver(outbox, ['1', { cookie: 'c1' }], ['2', { cookie: 'c2' }], ['3', { cookie: 'c3' }])

      expect(namesOf(await outbox.claim(T, LATER, 10))).toStrictEqual(['3', '2', '1'])
    })

    it('is leased after each lead that is due', async () => {
      const outbox = await openAfter()
      await deliver(outbox, ['1', { cookie: 'c1' }], ['2', { cookie: 'c2' }])
      await addAll(outbox, lead('new', { workspace: 'Europe' }), lead('other', { cookie: 'd' }))

      expect(namesOf(await outbox.claim(T, LATER, 3))).toStrictEqual(['new', 'other', '2'])
    })

    it('is due again when its lease expires, and its lead is not sent again', async () => {
      const outbox = await openAfter()
      await deliver(outbox, ['a', { cookie: 'c' }])
      const first = await claimOwed(outbox, T, T + 100 * SECOND)

      const meanwhile = await outbox.claim(T + 99 * SECOND, LATER, 10)
      const due = await outbox.nextDueAt(T)
      const second = await claimOwed(outbox, T + 100 * SECOND)
      await settleOwed(outbox, first, { kind: 'parked', reason: 'late' }, T + 101 * SECOND)
      await settleOwed(outbox, second, DELIVERED, T + 102 * SECOND)

      expect([meanwhile, due]).toStrictEqual([[], T + 100 * SECOND])
      expect(second.owed).toMatchObject({ attempt: 2, failures: 0, cookie: first.owed.cookie })
      expect(await notesOf(outbox, 'a')).toStrictEqual([['cookie associated in a call of its own']])
      expect(await outbox.claim(LATER, LATER + HOUR, 10)).toStrictEqual([])
    })

    it('is the last one of a visitor, whose older leads say that they go without it', async () => {
      const outbox = await openAfter()
      await deliver(outbox, ['1', { cookie: 'c' }], ['2', { cookie: 'c' }])
      await outbox.add([lead('3', { cookie: 'c', person: 'x' }), lead('4', { cookie: 'c', person: 'y' })], T)
      await settleNext(outbox, DELIVERED)
      await settleNext(outbox, DELIVERED)

      const claimed = await outbox.claim(T, LATER, 10)

      expect(namesOf(claimed)).toStrictEqual(['4'])
      expect(await outbox.status(T)).toMatchObject({ delivered: 4, owed: 1 })
      expect(await notesOf(outbox, '1', '2', '3', '4')).toStrictEqual([[STALE], [STALE], [STALE], [FOLLOWS]])
    })

    it('is not taken back by an older lead that is delivered later', async () => {
      const outbox = await openAfter()
      await addAll(outbox, lead('mistyped', { cookie: 'c', email: 'ana@acme.exmaple' }))
      await settleNext(outbox, { kind: 'retry', dueAt: T + 60 * SECOND, reason: 'FAILED' })
      await deliver(outbox, ['corrected', { cookie: 'c', email: 'ana@acme.example' }])

      const cookie = await claimOwed(outbox)
      await settleOwed(outbox, cookie, DELIVERED)
      const [late] = await settleNext(outbox, DELIVERED, T + 60 * SECOND)

      expect(cookie.owed.cookie).toMatchObject({ id: 'corrected', email: 'ana@acme.example' })
      expect(late).toStrictEqual(lead('mistyped', { email: 'ana@acme.exmaple' }))
      expect(await notesOf(outbox, 'mistyped')).toStrictEqual([[STALE]])
      expect(await outbox.status(T)).not.toHaveProperty('owed')
    })

    it('of an older lead that is out is over before that of the newer one begins', async () => {
      const outbox = await openAfter()
      await deliver(outbox, ['1', { cookie: 'c' }])
      const older = await claimOwed(outbox, T, T + 100 * SECOND)
      await deliver(outbox, ['2', { cookie: 'c' }])

      const due = await outbox.nextDueAt(T)
      await settleOwed(outbox, older, DELIVERED, T + SECOND)

      expect(due).toBe(T + 100 * SECOND)
      expect(await outbox.claim(T + 99 * SECOND, LATER, 10)).toStrictEqual([])
      expect((await claimOwed(outbox, T + 100 * SECOND)).owed.cookie.id).toBe('2')
      expect(await notesOf(outbox, '1')).toStrictEqual([[STALE]])
    })

    it('waits while another lead of the visitor is out, which may be newer', async () => {
      const outbox = await openAfter()
      await deliver(outbox, ['1', { cookie: 'c' }])
      await outbox.add([lead('2', { cookie: 'c', workspace: 'Europe' })], T)

      const claimed = await outbox.claim(T, T + 100 * SECOND, 2)

      expect(claimed.map(({ jobs }) => jobs.map(({ lead: { id } }) => id))).toStrictEqual([['2']])
      expect(await outbox.nextDueAt(T)).toBe(T + 100 * SECOND)
    })

    it('that Marketo refuses for good is given up, with a note and no effect on the lead', async () => {
      const outbox = await openAfter()
      await deliver(outbox, ['a', { cookie: 'c' }])

      await settleOwed(outbox, await claimOwed(outbox), { kind: 'parked', reason: '1012 Invalid Cookie' })

      expect(await outbox.find('a')).toMatchObject({
        state: 'delivered',
        notes: ['cookie not associated: Marketo did not take it'],
      })
      expect(await outbox.status(T)).toMatchObject({ parked: 0, delivered: 1 })
      expect(await outbox.claim(LATER, LATER + HOUR, 10)).toStrictEqual([])
    })

    it('has retries of its own, and knows its failures and whether leads were delivered since', async () => {
      const outbox = await openAfter()
      await deliver(outbox, ['a', { cookie: 'c' }])

      await settleOwed(outbox, await claimOwed(outbox), { kind: 'retry', dueAt: T + HOUR, reason: '611' }, T + 1)
      const due = await outbox.nextDueAt(T)
      await outbox.add([lead('b')], T)
      await settleNext(outbox, DELIVERED, T + 2)
      const second = await claimOwed(outbox, T + HOUR)
      await settleOwed(outbox, second, { kind: 'requeue', dueAt: T + 2 * HOUR, reason: '602' }, T + HOUR)
      const third = await claimOwed(outbox, T + 2 * HOUR)

      expect(due).toBe(T + HOUR)
      expect(second.owed).toMatchObject({ attempt: 2, failures: 1, failingSince: T + 1, othersDelivered: true })
      expect(third.owed).toMatchObject({ attempt: 3, failures: 1, failingSince: T + 1 })
      expect(third.owed).not.toHaveProperty('othersDelivered')
      expect(await outbox.find('a')).toMatchObject({ state: 'delivered', attempts: 1, history: [] })
    })

    it('that is associated does not tell that leads get through: they may take another way', async () => {
      const outbox = await openAfter()
      await deliver(outbox, ['a', { cookie: 'c' }])
      await outbox.add([lead('b')], T)
      await settleNext(outbox, { kind: 'retry', dueAt: T + SECOND, reason: 'FAILED' }, T + 1)

      await settleOwed(outbox, await claimOwed(outbox, T + 2), DELIVERED, T + 3)

      expect((await claimBatch(outbox, T + SECOND)).jobs[0]).not.toHaveProperty('othersDelivered')
    })

    it('is not leased while the circuit breaker is open, and may be its probe where no lead is due', async () => {
      const outbox = await openAfter()
      await deliver(outbox, ['a', { cookie: 'c' }], ['b', { cookie: 'd' }])

      const stopped = { kind: 'stopped', retryAt: T + 60 * SECOND, reason: 'no reply', blocked: false } as const
      await settleOwed(outbox, await claimOwed(outbox), stopped)
      const { breaker } = await outbox.status(T)
      const open = await outbox.claim(T + 59 * SECOND, LATER, 10)
      const due = await outbox.nextDueAt(T)
      const probes = await outbox.claim(T + 60 * SECOND, LATER, 10)

      expect(breaker).toMatchObject({ reason: 'no reply', retryAt: T + 60 * SECOND })
      expect([open, due]).toStrictEqual([[], T + 60 * SECOND])
      expect(namesOf(probes)).toStrictEqual(['b'])
    })

    it('meets the limits of leads', async () => {
      const outbox = await openAfter()
      await deliver(outbox, ['a', { cookie: 'c' }], ['b', { cookie: 'd' }])

      const limited: Limited = { kind: 'limited', limit: 'rate', retryAt: T + 20 * SECOND, reason: '606' }
      await settleOwed(outbox, await claimOwed(outbox), limited)
      await outbox.add([lead('new')], T)

      expect(await outbox.claim(T + 19 * SECOND, LATER, 10)).toStrictEqual([])
      expect(await outbox.nextDueAt(T)).toBe(T + 20 * SECOND)
    })

    it('leaves the calls to leads that half of the rest of the day would have', async () => {
      // The day ends at 06:01 UTC; at T, 22:13:20, 7 h 47 min 40 s of it are left.
      const outbox = await open({ ...WIDE_BATCHES, callsPerDay: 24 }, AFTER_LEAD)
      const cookies = Array.from({ length: 30 }, (_, n) => lead(`l${n}`, { cookie: `c${n}` }))
      await outbox.add(cookies, T)
      await settleNext(outbox, DELIVERED)

      const claimed = await outbox.claim(T, LATER, 100)
      const due = await outbox.nextDueAt(T)
      await outbox.add([lead('new')], T)
      const next = await outbox.claim(T, LATER, 100)

      // 3.9 of the 24 calls are for leads; one was used.
      expect(claimed).toHaveLength(20)
      // Three are left, which is half of what six hours have.
      expect(due).toBe(1_700_028_060_000 - 6 * HOUR + 1)
      expect(namesOf(next)).toStrictEqual(['new'])
    })

    it('is none where a lead has no address: the cookie is its only key', async () => {
      const outbox = await openAfter()
      await outbox.add([lead('a', { email: '', person: 'visitor', cookie: 'c' })], T)

      const [sent] = await settleNext(outbox, DELIVERED)

      expect(sent).toMatchObject({ cookie: 'c' })
      expect(await outbox.status(T)).not.toHaveProperty('owed')
    })

    it('is none where Marketo has refused the lead with the cookie', async () => {
      const outbox = await openAfter()
      await addAll(outbox, lead('a', { cookie: 'c' }))
      await settleNext(outbox, { kind: 'requeue', dueAt: T, reason: 'no', rejectedAttributes: ['Munchkin cookie'] })

      await settleNext(outbox, DELIVERED)

      expect(await outbox.status(T)).not.toHaveProperty('owed')
      expect(await notesOf(outbox, 'a')).toStrictEqual([['cookie left out: Marketo refused the lead with it']])
    })

    it('of a lead that was delivered but for an attribute is owed all the same', async () => {
      const outbox = await openAfter()
      await addAll(outbox, lead('a', { cookie: 'c' }))
      await settleNext(outbox, { kind: 'requeue', dueAt: T, reason: 'no', rejectedAttributes: ['FirstName'] })
      await settleNext(outbox, DELIVERED)

      await settleOwed(outbox, await claimOwed(outbox), DELIVERED)

      expect(await outbox.find('a')).toMatchObject({
        state: 'parked',
        leadId: 7,
        notes: ['cookie associated in a call of its own'],
      })
    })

    it('has the workspace of its lead', async () => {
      const outbox = await openAfter()
      await deliver(outbox, ['a', { cookie: 'c', workspace: 'Europe' }])

      expect((await claimOwed(outbox)).owed.cookie).toMatchObject({ cookie: 'c', workspace: 'Europe' })
    })

    it('that a person has set is as new as the delivery of its lead', async () => {
      const outbox = await openAfter()
      await outbox.add([lead('a', { cookie: 'c' }), lead('b', { cookie: 'd' })], T)
      await settleNext(outbox, { kind: 'parked', reason: 'no' })
      await outbox.replay(['a'], { cookie: 'e' }, T + SECOND)
      await outbox.replay(['b'], {}, T + SECOND)
      const waiting = await outbox.find('a')
      await settleNext(outbox, DELIVERED, T + HOUR)

      const claimed = await outbox.claim(T + HOUR, LATER + HOUR, 10)

      expect(waiting?.staleAttributes).toStrictEqual([])
      expect(claimed.map(({ owed }) => [owed?.cookie.cookie, owed?.cookie.acceptedAt])).toStrictEqual([
        ['d', T],
        ['e', T + HOUR],
      ])
    })

    it('that a newer lead has is owed no more, and tells nothing about the account', async () => {
      const outbox = await openAfter()
      await deliver(outbox, ['a', { cookie: 'c' }], ['b', { cookie: 'd' }])
      const stopped = { kind: 'stopped', retryAt: T + SECOND, reason: 'no reply', blocked: false } as const
      await settleOwed(outbox, await claimOwed(outbox), stopped)

      const probe = await claimOwed(outbox, T + SECOND)
      await settleOwed(
        outbox,
        probe,
        { kind: 'requeue', dueAt: T + SECOND, reason: STALE, overtaken: true },
        T + SECOND,
      )

      expect(await notesOf(outbox, 'b', 'a')).toStrictEqual([[STALE], [FOLLOWS]])
      expect(await outbox.status(T + SECOND)).toMatchObject({ owed: 1, breaker: { reason: 'no reply' } })
    })

    it('keeps its receipt from being swept', async () => {
      const outbox = await openAfter()
      await deliver(outbox, ['1', { cookie: 'c1' }], ['2'])

      const swept = [await outbox.sweep(LATER, 10), await outbox.find('1'), await outbox.find('2')]
      await settleOwed(outbox, await claimOwed(outbox), DELIVERED)

      expect(swept).toStrictEqual([1, expect.objectContaining({ notes: [FOLLOWS] }), undefined])
      expect(await outbox.sweep(LATER, 10)).toBe(1)
    })

    it('is not for a transport that sends cookies along, while calls are enough', async () => {
      const outbox = await open(WIDE, TEST_BATCH_KEYS)
      await outbox.add([lead('a', { cookie: 'c' }), lead('b', { cookie: 'd' })], T)

      const batches = await outbox.claim(T, LATER, 10)
      for (const batch of batches) await settleBatch(outbox, batch, DELIVERED)

      expect(batches.flatMap(({ jobs }) => jobs).map((job) => job.lead.cookie)).toStrictEqual(['c', 'd'])
      expect(await outbox.status(T)).not.toHaveProperty('owed')
      expect(await notesOf(outbox, 'a', 'b')).toStrictEqual([[], []])
    })

    it('is due within two hours when the clock went back, or when the lease that was begun has its length', async () => {
      const outbox = await openAfter()
      await deliver(outbox, ['1', { cookie: 'c1' }], ['2', { cookie: 'c2' }])
      await claimOwed(outbox, T, T + 100 * SECOND)
      await settleOwed(outbox, await claimOwed(outbox), { kind: 'retry', dueAt: T + HOUR, reason: '611' })

      await outbox.resume(T - 24 * HOUR)

      const claim = (now: number) => outbox.claim(now, now + SECOND, 10)
      expect(await claim(T - 24 * HOUR + 99 * SECOND)).toStrictEqual([])
      expect(namesOf(await claim(T - 24 * HOUR + 100 * SECOND))).toStrictEqual(['2'])
      expect(namesOf(await claim(T - 22 * HOUR))).toContain('1')
    })
  })
}

/** Owed cookies survive the end of the process, and its transport. */
export function durableOwed(openOutbox: OpenDurable): void {
  describe('an owed cookie', () => {
    it('survives a crash between its lead and its own call, and in its call', async () => {
      const { outbox, reopen } = await openOutbox({ limits: WIDE, batchKeys: AFTER_LEAD })
      await deliver(outbox, ['a', { cookie: 'c' }])

      const second = await reopen()
      const first = await claimOwed(second, T, T + 100 * SECOND)
      const third = await reopen()
      const again = await claimOwed(third, T + 100 * SECOND)
      await settleOwed(third, again, DELIVERED, T + 100 * SECOND)

      expect([first.owed.attempt, again.owed.attempt]).toStrictEqual([1, 2])
      expect(await third.status(T)).toMatchObject({ waiting: 0, delivered: 1 })
      expect(await third.claim(LATER, LATER + HOUR, 10)).toStrictEqual([])
    })

    it('is dropped when a later lead of the visitor is delivered with the cookie', async () => {
      const { outbox, reopen } = await openOutbox({ limits: WIDE, batchKeys: AFTER_LEAD })
      await deliver(outbox, ['1', { cookie: 'c' }])
      const withLead = await reopen({ batchKeys: TEST_BATCH_KEYS })
      await withLead.resume(T)

      await withLead.add([lead('2', { cookie: 'c' })], T)
      const batches = await withLead.claim(T, T + 100 * SECOND, 10)
      await settleBatch(withLead, batches[0]!, DELIVERED, T + SECOND)

      // The owed cookie waits for the call that may be newer.
      expect(idsOf(batches)).toStrictEqual([['2']])
      expect(batches[0]?.jobs[0]?.lead.cookie).toBe('c')
      expect(await withLead.status(T)).not.toHaveProperty('owed')
      expect(await notesOf(withLead, '1', '2')).toStrictEqual([[STALE], []])
    })

    it('that is out makes that of a later lead follow, whatever the transport is', async () => {
      const { outbox, reopen } = await openOutbox({ limits: WIDE, batchKeys: AFTER_LEAD })
      await deliver(outbox, ['1', { cookie: 'c' }])
      const older = await claimOwed(outbox, T, T + 100 * SECOND)
      const withLead = await reopen({ batchKeys: TEST_BATCH_KEYS })
      await withLead.resume(T)

      await withLead.add([lead('2', { cookie: 'c' })], T)
      const [sent] = await settleNext(withLead, DELIVERED, T + SECOND)
      await settleOwed(withLead, older, DELIVERED, T + 2 * SECOND)

      expect(sent).not.toHaveProperty('cookie')
      expect(await withLead.claim(T + 99 * SECOND, LATER, 10)).toStrictEqual([])
      expect((await claimOwed(withLead, T + 100 * SECOND)).owed.cookie.id).toBe('2')
    })

    it('belongs to its account', async () => {
      const { outbox, openAccount } = await openOutbox({ limits: WIDE, batchKeys: AFTER_LEAD })
      const other = await openAccount('other')
      await deliver(outbox, ['a', { cookie: 'c' }])
      await deliver(other, ['b', { cookie: 'c' }])

      expect(namesOf(await other.claim(T, LATER, 10))).toStrictEqual(['b'])
      expect(await outbox.status(T)).toMatchObject({ owed: 1 })
    })
  })
}
