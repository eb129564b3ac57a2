/// <reference types="vite/client" />
/**
 * The upgrade of an outbox on SQLite from each version of its tables.
 *
 * The tables were written by the programs of their time, and the numbers that are expected are what those programs
 * answered about them. All three did the same at the same times, as far as they could: leads were delivered, parked,
 * retried, and delivered but for a rejected attribute; a call of three leads and a call slot were out when the program
 * ended, and no lead had got through since `T` + 29 s. The probe of version 3 was out, too. The tables of version 4 are those
 * of version 3 after the upgrade, with one lead more, which is held; those of version 5 are these after the upgrade, and
 * so are those of versions 6, 7 and 8.
 */
import { describe, expect, it } from 'vitest'
import { LIMITS, type Limits } from '../../../../relay/outbox/limits/limits.ts'
import type { Batch, Outbox, OutboxStatus } from '../../../../relay/outbox/outbox.ts'
import { attributesOf, idsOf, lead, LATER, SECOND, settleBatch, settleNext, T } from '../leads.ts'
import version1 from './version-1.sql?raw'
import version2 from './version-2.sql?raw'
import version3 from './version-3.sql?raw'
import version4 from './version-4.sql?raw'
import version5 from './version-5.sql?raw'
import version6 from './version-6.sql?raw'
import version7 from './version-7.sql?raw'
import version8 from './version-8.sql?raw'

const DELIVERED = { kind: 'delivered', leadId: 7 } as const

/** Ids of the leads that were added last. */
const NEWEST = ['another-1', 'another-2', 'cookie', 'plain']

/** Returns a time in seconds after `T`. */
const at = (seconds: number) => T + seconds * SECOND

/** When the old programs ended. */
const NOW = at(61)

interface OldTables {
  version: number
  /** Creates and fills the tables. */
  statements: string[]
  status: OutboxStatus
  nextDueAt: number
}

/** A day as the old programs counted it, until a minute after midnight in Chicago. */
function day(spent: number): OutboxStatus['day'] {
  return { spent, of: 5_000, endsAt: 1_700_028_060_000 }
}

const BLOCKED = { reason: 'bad key', blocked: true }
const COUNTS_1 = { waiting: 9, held: 0, parked: 2, delivered: 2, oldestAt: at(8), parkedAt: at(3) }
const ONE_HELD = { held: 1, heldByForm: [{ form: 'demo', leads: 1 }] }
const COUNTS_2 = { waiting: 12, held: 0, parked: 3, delivered: 3, oldestAt: at(8), parkedAt: at(3) }

export const OLD_TABLES: readonly OldTables[] = [
  {
    version: 1,
    statements: statementsOf(version1),
    // Version 1 counted no calls, and its probe was a lead.
    status: {
      ...COUNTS_1,
      breaker: { ...BLOCKED, retryAt: at(60) },
      day: day(0),
    },
    nextDueAt: NOW,
  },
  {
    version: 2,
    statements: statementsOf(version2),
    status: { ...COUNTS_2, breaker: { ...BLOCKED, retryAt: at(60) }, day: day(15) },
    nextDueAt: NOW,
  },
  {
    version: 3,
    statements: statementsOf(version3),
    status: { ...COUNTS_2, breaker: { ...BLOCKED, retryAt: at(160) }, day: day(16) },
    nextDueAt: at(160),
  },
  {
    version: 4,
    statements: statementsOf(version4),
    status: { ...COUNTS_2, ...ONE_HELD, breaker: { ...BLOCKED, retryAt: at(160) }, day: day(16) },
    nextDueAt: at(160),
  },
  {
    version: 5,
    statements: statementsOf(version5),
    status: { ...COUNTS_2, ...ONE_HELD, breaker: { ...BLOCKED, retryAt: at(160) }, day: day(16) },
    nextDueAt: at(160),
  },
  {
    version: 6,
    statements: statementsOf(version6),
    status: { ...COUNTS_2, ...ONE_HELD, breaker: { ...BLOCKED, retryAt: at(160) }, day: day(16) },
    nextDueAt: at(160),
  },
  {
    version: 7,
    statements: statementsOf(version7),
    status: { ...COUNTS_2, ...ONE_HELD, breaker: { ...BLOCKED, retryAt: at(160) }, day: day(16) },
    nextDueAt: at(160),
  },
  {
    version: 8,
    statements: statementsOf(version8),
    status: { ...COUNTS_2, ...ONE_HELD, breaker: { ...BLOCKED, retryAt: at(160) }, day: day(16) },
    nextDueAt: at(160),
  },
]

function statementsOf(text: string): string[] {
  return text
    .trim()
    .split(/;\n\n|;$/)
    .filter((statement) => statement !== '')
}

/** Opens the outbox in a database with these tables. */
export type OpenUpgraded = (tables: OldTables, limits: Limits) => Promise<Outbox>

/** Delivers all that waits, from a time on. Returns the batches. */
async function deliverWaiting(outbox: Outbox): Promise<Batch[]> {
  const delivered: Batch[] = []
  for (let now = NOW; ;) {
    const next = await outbox.nextDueAt(now)
    if (next === undefined) return delivered
    now = Math.max(now, next)
    const batches = await outbox.claim(now, now + SECOND, 10)
    if (batches.length === 0) throw new Error(`no batch was leased at T + ${now - T}`)
    for (const batch of batches) await settleBatch(outbox, batch, DELIVERED, now)
    delivered.push(...batches)
  }
}

export function upgrading(open: OpenUpgraded): void {
  describe.each(OLD_TABLES)('the upgrade of an outbox of version $version', (tables) => {
    const { version, status, nextDueAt } = tables
    const since2 = <Value>(value: Value, before: Value): Value => (version >= 2 ? value : before)

    it('keeps the numbers of jobs, the circuit breaker, the calls of the day, and when the next job is due', async () => {
      const outbox = await open(tables, LIMITS)

      expect(await outbox.status(NOW)).toStrictEqual(status)
      expect(await outbox.nextDueAt(NOW)).toBe(nextDueAt)
    })

    it('keeps the jobs of each state in their order', async () => {
      const outbox = await open(tables, LIMITS)

      const listed = await Promise.all(
        (['waiting', 'held', 'parked'] as const).map(async (state) =>
          (await outbox.list(state, 100)).map(({ id }) => id),
        ),
      )

      expect(listed).toStrictEqual([
        since2(
          ['retried', 'split-1', 'split-2', 'one-1', 'one-2', 'one-3', 'shared', 'stopped', ...NEWEST],
          ['retried', 'one-1', 'one-2', 'one-3', 'stopped', ...NEWEST],
        ),
        version >= 4 ? ['held'] : [],
        ['parked', 'older', ...since2(['partly'], [])],
      ])
    })

    it('keeps receipts, parked leads with their history, and retries', async () => {
      const outbox = await open(tables, LIMITS)
      const cookie = 'id:123-ABC-456&token:_mch-example.com-1-1'

      expect(await outbox.find('delivered')).toStrictEqual({
        id: 'delivered',
        form: 'demo',
        state: 'delivered',
        attempts: 1,
        acceptedAt: T,
        settledAt: T,
        leadId: 101,
        history: [],
        rejectedAttributes: [],
        staleAttributes: [],
        notes: ['cookie left out: foreign'],
      })
      expect(await outbox.find('parked')).toStrictEqual({
        id: 'parked',
        form: 'contact',
        state: 'parked',
        attempts: 3,
        acceptedAt: at(1),
        settledAt: at(3),
        reason: 'no such attribute: Colour',
        history: since2(
          [
            { reason: 'busy', times: 2, first: at(1), last: at(2) },
            { reason: 'no such attribute: Colour', times: 1, first: at(3), last: at(3) },
          ],
          [],
        ),
        rejectedAttributes: [],
        staleAttributes: [],
        notes: [],
        lead: lead('parked', { acceptedAt: at(1), cookie, ...attributesOf({ FirstName: 'Zoë', Colour: 'red' }) }),
      })
      expect(await outbox.find('retried')).toMatchObject({
        state: 'waiting',
        attempts: since2(2, 1),
        dueAt: at(300),
        reason: 'HTTP 502',
        history: since2(
          [
            { reason: 'too many calls', times: 1, first: at(8), last: at(8) },
            { reason: 'HTTP 502', times: 1, first: at(21), last: at(21) },
          ],
          [],
        ),
      })
      expect(await outbox.find('cookie')).toMatchObject({
        form: 'demo',
        notes: ["page left out: it's too long"],
        lead: { cookie: 'id:123-ABC-456&token:_mch-example.com-1-4', workspace: 'Europe' },
      })
    })

    it('delivers all that waits, in the order of each person, and leads with a cookie alone', async () => {
      const outbox = await open(tables, LIMITS)

      const batches = idsOf(await deliverWaiting(outbox))

      const order = batches.flat()
      const of = (name: string) => order.filter((id) => id.startsWith(name))
      expect(order.toSorted()).toStrictEqual(
        since2(
          [...NEWEST, 'one-1', 'one-2', 'one-3', 'retried', 'shared', 'split-1', 'split-2', 'stopped'],
          [...NEWEST, 'one-1', 'one-2', 'one-3', 'retried', 'stopped'],
        ).toSorted(),
      )
      expect([of('one'), of('another')]).toStrictEqual([
        ['one-1', 'one-2', 'one-3'],
        ['another-1', 'another-2'],
      ])
      expect(batches).toContainEqual(['cookie'])
      expect(batches).toContainEqual(['one-3'])
      // The size that a job of version 2 or 3 carried for ever is gone.
      if (version >= 2) expect(batches.find((batch) => batch.includes('split-1'))).toContain('split-2')
      expect(await outbox.status(NOW)).toMatchObject({
        waiting: 0,
        parked: status.parked,
        delivered: status.delivered + status.waiting,
      })
    })

    it('keeps the failures of a retried lead', async () => {
      const outbox = await open(tables, LIMITS)

      const jobs = (await deliverWaiting(outbox)).flatMap((batch) => batch.jobs)

      expect(jobs.find((job) => job.lead.id === 'retried')).toMatchObject(
        since2<object>({ attempt: 3, failures: 1, failingSince: at(21) }, { attempt: 2, failures: 0 }),
      )
    })

    it('knows the ids of the leads, whatever their content is, and counts what is added', async () => {
      const outbox = await open(tables, LIMITS)
      const known = ['delivered', 'parked', 'plain', 'one-2']

      await outbox.add(
        [...known, 'new'].map((id) => lead(id)),
        NOW,
      )
      await outbox.add(
        known.map((id) => lead(id, { form: 'another' })),
        NOW,
      )

      expect(await outbox.status(NOW)).toStrictEqual({ ...status, waiting: status.waiting + 1, oldestAt: T })
      expect(await outbox.find('delivered')).toMatchObject({ state: 'delivered' })
    })

    it('compares the contents of leads that are added from then on', async () => {
      const outbox = await open(tables, LIMITS)

      await outbox.add([lead('new'), lead('new'), lead('new', { form: 'another' })], NOW)

      expect(await outbox.status(NOW)).toStrictEqual({
        ...status,
        waiting: status.waiting + 2,
        reusedIds: 1,
        oldestAt: T,
      })
    })

    it('stores a new lead of a person after the leads that wait', async () => {
      const outbox = await open(tables, LIMITS)
      await outbox.add([lead('one-4', { person: 'one@example.com' })], T)

      const order = idsOf(await deliverWaiting(outbox)).flat()

      expect(order.filter((id) => id.startsWith('one'))).toStrictEqual(['one-1', 'one-2', 'one-3', 'one-4'])
    })

    it('replays a parked lead, edited', async () => {
      const outbox = await open(tables, LIMITS)
      await deliverWaiting(outbox)

      const result = await outbox.replay(['parked'], { rename: { Colour: 'Colour__c' } }, LATER)
      const [sent] = await settleNext(outbox, DELIVERED, LATER)

      expect(result).toStrictEqual([{ id: 'parked', result: 'replayed' }])
      expect(sent).toMatchObject(attributesOf({ FirstName: 'Zoë', Colour__c: 'red' }))
      expect(await outbox.find('parked')).toMatchObject({ state: 'delivered', leadId: 7 })
    })

    it('sweeps receipts', async () => {
      const outbox = await open(tables, LIMITS)

      expect(await outbox.sweep(NOW, 10)).toBe(2)
      expect(await outbox.find('delivered')).toBeUndefined()
      expect(await outbox.status(NOW)).toMatchObject({ delivered: status.delivered })
    })

    if (version === 1) return

    it('keeps rejected and stale attributes', async () => {
      const outbox = await open(tables, LIMITS)

      expect(await outbox.find('partly')).toMatchObject({
        state: 'parked',
        leadId: 103,
        rejectedAttributes: ['Colour'],
        lead: lead('partly', { acceptedAt: at(6), ...attributesOf({ Colour: 'red' }) }),
      })
      expect(await outbox.find('older')).toMatchObject({ state: 'parked', staleAttributes: ['FirstName', 'Size'] })
      await deliverWaiting(outbox)
      await outbox.replay(['older'], {}, LATER)
      expect((await settleNext(outbox, DELIVERED, LATER)).map(({ attributes }) => attributes)).toStrictEqual([
        [{ name: 'City', value: 'Ulm' }],
      ])
    })

    it('keeps the batch, the call slot and the probe that are out', async () => {
      const outbox = await open(tables, { ...LIMITS, concurrency: Math.min(version, 3) })

      // One more call may start when the batch has expired; in version 3 when the probe has.
      const end = version === 2 ? at(125) : at(160)
      expect(await outbox.claim(end - 1, end + SECOND, 10)).toStrictEqual([])
      expect(await outbox.acquireSlot(NOW, LATER)).toStrictEqual({ retryAt: at(125) })
      expect(await outbox.claim(end, end + SECOND, 10)).toHaveLength(1)
    })
  })
}
