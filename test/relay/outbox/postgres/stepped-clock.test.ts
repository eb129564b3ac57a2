/** Nodes whose database's clock is set while they run, and nodes with different time-outs. */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { leaseOf, type Limits } from '../../../../relay/outbox/limits/limits.ts'
import type { Batch, Outbox } from '../../../../relay/outbox/outbox.ts'
import { createSharedClock } from '../../../../relay/outbox/postgres/shared-clock.ts'
import { OUTBOX_OPTIONS } from '../../../../relay/runtime/node/outbox-crypto.ts'
import { openPostgres } from '../../../../relay/runtime/node/postgres.ts'
import { withPostgres } from '../../../support/postgres.ts'
import {
  claimBatch,
  idsOf,
  lead,
  ofOnePerson,
  SECOND,
  settleBatch,
  settlement,
  T,
  WIDE,
} from '../../../suites/outbox/leads.ts'
import { LONG_TIMEOUTS, optionsOf, startNode } from './nodes.ts'

const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const LEASE_MS = 100 * SECOND

/** A node with its view of the database's clock. */
interface ClockedNode {
  outbox: Outbox
  /** Claims all that is due, by this node's clock. */
  claim(): Promise<Batch[]>
  /** Sets this node's clock by that of the database, as a relay does once a minute. */
  follow(): Promise<void>
  now(): number
}

/** Time as it passes, and the clock of a database, which may be set. */
function createTime(url: string) {
  let passed = 0
  let ahead = T
  return {
    wait: (ms: number) => void (passed += ms),
    step: (ms: number) => void (ahead += ms),
    async start(limits: Limits = WIDE): Promise<ClockedNode> {
      // Each node's monotonic clock began at another time.
      const began = passed - 7 * SECOND
      const elapsed = () => passed - began
      const clock = await createSharedClock(async () => passed + ahead, elapsed)
      const { outbox } = await startNode(url, optionsOf(limits), LONG_TIMEOUTS, elapsed)
      await outbox.resume(clock.now())
      const lease = limits === WIDE ? LEASE_MS : leaseOf(limits)
      return {
        outbox,
        claim: () => outbox.claim(clock.now(), clock.now() + lease, 10),
        async follow() {
          if ((await clock.set()) < 0) await outbox.resume(clock.now())
        },
        now: clock.now,
      }
    },
  }
}

withPostgres({ fsync: 'off' }, (server) => {
  const startTime = async () => createTime(await server.schema())

  describe('the database’s clock is set while batches are out, and', () => {
    it.each([
      ['a minute forward', MINUTE],
      ['an hour forward', HOUR],
      ['a week forward', 168 * HOUR],
      ['a minute back', -MINUTE],
      ['an hour back', -HOUR],
      ['a week back', -168 * HOUR],
    ])('no node ends a lease early or late: by %s', async (_, ms) => {
      const time = await startTime()
      const [one, two] = [await time.start(), await time.start()]
      await one.outbox.add(ofOnePerson('a1', 'a2'), one.now())

      const first = await one.claim()
      const sightings = [await one.claim(), await two.claim()]
      time.wait(10 * SECOND)
      time.step(ms)
      for (const node of [two, one]) {
        await node.follow()
        sightings.push(await one.claim(), await two.claim())
      }
      time.wait(LEASE_MS - 10 * SECOND - 1)
      sightings.push(await one.claim(), await two.claim())
      time.wait(1)
      const second = await two.claim()

      expect(idsOf(first)).toStrictEqual([['a1']])
      expect(sightings).toStrictEqual([[], [], [], [], [], [], [], []])
      expect(idsOf(second)).toStrictEqual([['a1']])
      expect(second[0]?.jobs[0]?.attempt).toBe(2)
    })

    it('a node that starts afterwards ends no lease of a call that is under way', async () => {
      const time = await startTime()
      const one = await time.start()
      await one.outbox.add([lead('a')], one.now())
      await one.claim()

      time.step(HOUR)
      const two = await time.start()
      const atOnce = await two.claim()
      time.wait(LEASE_MS - 1)
      const later = await two.claim()
      time.wait(1)

      expect([atOnce, later]).toStrictEqual([[], []])
      expect(idsOf(await two.claim())).toStrictEqual([['a']])
    })

    it('a node that has not noticed yet, and one that has, leave each other the leases that they begin', async () => {
      const time = await startTime()
      const [one, two] = [await time.start(), await time.start()]
      await one.outbox.add([lead('a'), lead('b')], one.now())
      const batches: Batch[][] = []
      time.step(HOUR)
      await two.follow()

      batches.push(await one.outbox.claim(one.now(), one.now() + LEASE_MS, 1), await two.claim())
      for (let at = 0; at < 9; at += 1) {
        time.wait(10 * SECOND)
        batches.push(await one.claim(), await two.claim())
      }

      expect(batches.map(idsOf).flat(2)).toStrictEqual(['a', 'b'])
    })

    it('the calls at once stay within the limit', async () => {
      const time = await startTime()
      const limits = { ...WIDE, concurrency: 1, timeout: 90 * SECOND }
      const [one, two] = [await time.start(limits), await time.start(limits)]
      await one.outbox.add([lead('a'), lead('b')], one.now())
      await one.claim()

      time.step(HOUR)
      await two.follow()

      expect(await two.claim()).toStrictEqual([])
      expect(await two.outbox.acquireSlot(two.now(), two.now() + SECOND)).toStrictEqual({
        retryAt: two.now() + LEASE_MS,
      })
    })

    it('the circuit breaker has one probe at a time', async () => {
      const time = await startTime()
      const [one, two] = [await time.start(), await time.start()]
      await one.outbox.add([lead('a'), lead('b')], one.now())
      const stopped = { kind: 'stopped', retryAt: one.now(), reason: 'no answer', blocked: false } as const
      await settleBatch(one.outbox, await claimBatch(one.outbox, one.now(), one.now() + LEASE_MS), stopped, one.now())
      const probe = await one.claim()

      time.step(HOUR)
      await two.follow()

      expect(probe).toHaveLength(1)
      expect(await two.claim()).toStrictEqual([])
      expect(await two.outbox.nextDueAt(two.now())).toBe(two.now() + LEASE_MS)
    })

    it('a node asks again when the lease really ends', async () => {
      const time = await startTime()
      const [one, two] = [await time.start(), await time.start()]
      await one.outbox.add([lead('a')], one.now())
      await one.claim()
      await two.claim()

      time.wait(10 * SECOND)
      time.step(HOUR)
      await two.follow()
      await two.claim()

      expect(await two.outbox.nextDueAt(two.now())).toBe(two.now() + LEASE_MS - 10 * SECOND)
    })

    it('a late settlement is applied, because the job was not leased again', async () => {
      const time = await startTime()
      const [one, two] = [await time.start(), await time.start()]
      await one.outbox.add([lead('a')], one.now())
      const [batch] = await one.claim()
      time.step(HOUR)
      await two.follow()
      await two.claim()

      await one.outbox.settle(
        batch!.id,
        batch!.jobs.map((job) => settlement(job, { kind: 'delivered', leadId: 7 })),
        one.now(),
      )

      expect(await two.outbox.find('a')).toMatchObject({ state: 'delivered', attempts: 1 })
    })
  })

  describe('the database’s clock is set after an attempt got no answer, and before its call must be over:', () => {
    /** Settles the call without an answer, as a dispatcher does: by its own clock. */
    function lose({ outbox, now }: ClockedNode, batch: Batch, kind: 'retry' | 'requeue' | 'parked'): Promise<void> {
      const end = batch.leaseExpiresAt
      return settleBatch(outbox, batch, { kind, dueAt: end, reason: 'no answer', lost: end }, now())
    }

    it.each([
      ['30 hours forward', 30 * HOUR],
      ['a minute forward', MINUTE],
      ['an hour back', -HOUR],
    ])('no node sends the lead again meanwhile: %s', async (_, ms) => {
      const time = await startTime()
      const [one, two] = [await time.start(), await time.start()]
      await one.outbox.add(ofOnePerson('a1', 'a2'), one.now())
      const [batch] = await one.claim()
      time.wait(10 * SECOND)
      await lose(one, batch!, 'retry')

      const early: Batch[] = []
      time.step(ms)
      for (const node of [two, one]) {
        await node.follow()
        early.push(...(await one.claim()), ...(await two.claim()))
      }
      time.wait(LEASE_MS - 10 * SECOND - 1)
      early.push(...(await one.claim()), ...(await two.claim()))
      // The clock was set back: no job waits for longer than five minutes.
      time.wait(ms < 0 ? 5 * MINUTE : 10 * SECOND)

      expect(early).toStrictEqual([])
      expect(idsOf(await two.claim())).toStrictEqual([['a1']])
    })

    it('a node that starts afterwards does not send it again', async () => {
      const time = await startTime()
      const one = await time.start()
      await one.outbox.add([lead('a')], one.now())
      const [batch] = await one.claim()
      await lose(one, batch!, 'retry')

      time.step(30 * HOUR)
      const two = await time.start()
      const atOnce = await two.claim()
      time.wait(LEASE_MS - 1)
      const later = await two.claim()
      time.wait(1)

      expect([atOnce, later]).toStrictEqual([[], []])
      expect(await two.outbox.nextDueAt(two.now())).toBe(two.now())
      expect(idsOf(await two.claim())).toStrictEqual([['a']])
    })

    it('one that settles by the old clock does not shorten the wait', async () => {
      const time = await startTime()
      const [one, two] = [await time.start(), await time.start()]
      await one.outbox.add([lead('a')], one.now())
      const [batch] = await one.claim()
      time.step(30 * HOUR)
      await two.follow()
      await two.claim()
      await lose(one, batch!, 'requeue')

      time.wait(LEASE_MS - 1)
      const early = await two.claim()
      time.wait(1)

      expect(early).toStrictEqual([])
      expect(idsOf(await two.claim())).toStrictEqual([['a']])
    })

    it('a longer time-out than a wait after a wrong clock is kept when it is set back', async () => {
      const time = await startTime()
      const limits: Limits = { ...WIDE, timeout: 600 * SECOND }
      const node = await time.start(limits)
      await node.outbox.add([lead('a')], node.now())
      const [batch] = await node.claim()
      await lose(node, batch!, 'retry')

      time.step(-HOUR)
      await node.follow()
      await node.claim()
      time.wait(leaseOf(limits) - 1)
      const early = await node.claim()
      time.wait(1)

      expect(early).toStrictEqual([])
      expect(idsOf(await node.claim())).toStrictEqual([['a']])
    })

    it('the next lead of the person waits as well, and leads of others do not', async () => {
      const time = await startTime()
      const [one, two] = [await time.start(), await time.start()]
      await one.outbox.add(ofOnePerson('a1', 'a2'), one.now())
      const [batch] = await one.claim()
      await lose(one, batch!, 'parked')

      time.step(30 * HOUR)
      await two.follow()
      await two.outbox.add([lead('b')], two.now())
      const first = await two.claim()
      time.wait(LEASE_MS)

      expect(idsOf(first)).toStrictEqual([['b']])
      expect(idsOf(await two.claim()).flat()).toContain('a2')
    })
  })

  it('leases end although nodes crash again and again, and none of them runs for the length of a lease', async () => {
    const time = await startTime()
    const one = await time.start()
    await one.outbox.add([lead('a')], one.now())
    await one.claim()
    let [batches, lives] = [[] as Batch[], 0]

    while (batches.length === 0 && lives < 20) {
      const node = await time.start()
      lives += 1
      for (let seconds = 0; seconds < 25 && batches.length === 0; seconds += 5) {
        batches = await node.claim()
        time.wait(5 * SECOND)
      }
    }

    expect(idsOf(batches)).toStrictEqual([['a']])
    // A hundred seconds, of which each node counts 20.
    expect(lives).toBe(5)
  })

  describe('no node ends the lease of another one early', () => {
    const [SHORT, LONG] = [10, 600].map((seconds): Limits => ({ ...WIDE, timeout: seconds * SECOND })) as [
      Limits,
      Limits,
    ]

    it('when it has a shorter MARKETO_TIMEOUT', async () => {
      const time = await startTime()
      const [long, short] = [await time.start(LONG), await time.start(SHORT)]
      await long.outbox.add([lead('a')], long.now())
      await long.claim()
      const early = [await short.claim()]

      for (const ms of [leaseOf(SHORT), SECOND, 600 * SECOND - 1]) {
        time.wait(ms)
        await short.outbox.resume(short.now())
        early.push(await short.claim())
      }
      time.wait(leaseOf(LONG))

      expect(early.flat()).toStrictEqual([])
      expect(idsOf(await short.claim())).toStrictEqual([['a']])
    })

    it('while MARKETO_TIMEOUT is changed on one node after the other', async () => {
      const time = await startTime()
      const old = await time.start(LONG)
      await old.outbox.add([lead('a'), lead('b')], old.now())
      await old.outbox.claim(old.now(), old.now() + leaseOf(LONG), 1)

      // The first node of the new time-out starts, then the second one takes the place of the old one.
      const first = await time.start(SHORT)
      const [batch] = await first.claim()
      time.wait(leaseOf(SHORT) - 1)
      const second = await time.start(SHORT)
      const early = [await first.claim(), await second.claim()]
      time.wait(leaseOf(SHORT))
      const then = await first.claim()
      time.wait(leaseOf(LONG) - 3 * leaseOf(SHORT))
      early.push(await second.claim())

      expect(idsOf([batch!])).toStrictEqual([['b']])
      expect(early.flat().map(({ jobs }) => jobs.map((job) => job.lead.id))).not.toContainEqual(['a'])
      expect(idsOf(then)).toStrictEqual([['b']])
      time.wait(leaseOf(LONG))
      expect(idsOf(await second.claim()).flat()).toContain('a')
    })
  })
})

// A relay does not start where fsync is off.
withPostgres({}, (server) => {
  it('a relay whose database’s clock is set back makes no lead wait longer than minutes', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const url = (await server.schema()).replace(/search_path%3Dtest_\d+/, '$&%2Cpg_catalog')
    await server.ask(
      `CREATE TABLE step (ms bigint);
       INSERT INTO step VALUES (0);
       CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql
         AS 'SELECT pg_catalog.clock_timestamp() + ms * interval ''1 millisecond'' FROM step'`,
      url,
    )
    const { outbox, now, close } = await openPostgres(url, { ...OUTBOX_OPTIONS, limits: WIDE })
    onTestFinished(close)
    await outbox.add([lead('a')], now())
    const before = now()

    await server.ask(`UPDATE step SET ms = -3 * 3600000`, url)
    vi.advanceTimersByTime(MINUTE)

    await vi.waitFor(async () => expect((await outbox.find('a'))?.dueAt).toBeLessThan(before - 2 * HOUR), {
      timeout: 20_000,
    })
    expect(now()).toBeLessThan(before - 2 * HOUR)
    expect((await outbox.find('a'))?.dueAt).toBeLessThanOrEqual(now() + 5 * MINUTE)
  })
})
