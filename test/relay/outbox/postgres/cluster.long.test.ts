/** Several nodes on one PostgreSQL, each with connections of its own. */
import { TEST_BATCH_KEYS } from '../../../oracle/memory-outbox.ts'
import { describe, expect, it, vi } from 'vitest'
import { seeded } from '../../../../demo/simulator/random.ts'
import type { ReusedId } from '../../../../relay/outbox/content-key.ts'
import type { Batch, Job, Outcome } from '../../../../relay/outbox/outbox.ts'
import { LIMITS, leaseOf, type Limits } from '../../../../relay/outbox/limits/limits.ts'
import { claim } from '../../../../relay/outbox/postgres/claim.ts'
import { FIRST_ACCOUNT } from '../../../../relay/account-name.ts'
import { VERSION } from '../../../../relay/outbox/postgres/schema.ts'
import { withPostgres, type PostgresServer } from '../../../support/postgres.ts'
import {
  claimBatch,
  idsOf,
  LATER,
  lead,
  ofOnePerson,
  SECOND,
  settleBatch,
  settlement,
  T,
  WIDE,
} from '../../../suites/outbox/leads.ts'
import { connect, optionsOf, startNode, startNodes, type Node } from './nodes.ts'

const DELIVERED = { kind: 'delivered', leadId: 7 } as const

const HALF_AN_HOUR_LATER = T + 1_800 * SECOND
const AN_HOUR_LATER = T + 3_600 * SECOND

/** With it a lead steps aside. */
const FAILED = { kind: 'retry', dueAt: AN_HOUR_LATER, reason: 'HTTP 406' } as const

/** Resolves when this many connections of form-sync wait for the locks of others. */
async function waitForBlocked(server: PostgresServer, count = 1): Promise<void> {
  await vi.waitFor(
    async () => {
      const blocked = await server.ask(
        `SELECT FROM pg_stat_activity WHERE application_name = 'form-sync' AND wait_event_type = 'Lock'`,
      )
      expect(blocked).toHaveLength(count)
    },
    { interval: 1, timeout: 20_000 },
  )
}

/** Claims all that is due; returns the ids in alphabetical order, because different people have no order. */
async function claimAll({ outbox }: Node, now = T): Promise<string[]> {
  return idsOf(await outbox.claim(now, LATER, 10))
    .flat()
    .toSorted()
}

withPostgres({ fsync: 'off' }, (server) => {
  describe('nodes on one PostgreSQL', () => {
    it.each([1, 2])(
      'keep the order of each person and the limits of the account, whatever they do at once: seed %i',
      async (seed) => {
        const limits = { ...WIDE, callsPer20s: 40, concurrency: 4, leadsPerCall: 5 }
        const nodes = await startNodes(server, 3, limits)
        const random = seeded(seed)
        const pick = <T>(of: readonly T[]) => of[Math.floor(random() * of.length)]!
        const check = createCheck(limits)
        let time = T
        let adding = nodes.length

        /** Adds leads of some people, those of each person in order; another node adds some of them as well. */
        async function addLeads(node: number): Promise<void> {
          for (let n = 0; n < 20; n += 1) {
            const leads = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, at) => {
              const person = `${node}-${Math.floor(random() * 4)}`
              return lead(`${node}-${n}-${at}`, { person, ...(random() < 0.3 && { cookie: `id:${person}` }) })
            })
            check.add(leads)
            await Promise.all([nodes[node]!.outbox.add(leads, time), pick(nodes).outbox.add(leads.slice(0, 1), time)])
          }
          adding -= 1
        }

        async function deliver({ outbox }: Node): Promise<void> {
          while (adding > 0 || !check.isDone()) {
            const now = (time += Math.floor(random() * 200))
            const batches = await outbox.claim(now, now + 5 * SECOND, 2)
            check.claim(batches, now)
            // One batch in ten is never settled, as when its node has crashed.
            for (const batch of batches.filter(() => random() < 0.9)) {
              const settlements = batch.jobs.map((job) => settlement(job, outcomeOf(random(), time)))
              check.settle(batch, settlements)
              await outbox.settle(batch.id, settlements, time)
            }
          }
        }

        await Promise.all([...[0, 1, 2].map(addLeads), ...[...nodes, ...nodes].map(deliver)])

        expect(check.violations).toStrictEqual([])
        const { waiting, parked, delivered } = await nodes[0]!.outbox.status(time)
        expect({ waiting, settled: parked + delivered }).toStrictEqual({ waiting: 0, settled: check.count() })
        const [counted] = await nodes[0]!.database.run(
          `SELECT count(*) FILTER (WHERE state = 'parked') AS parked,
             count(*) FILTER (WHERE state = 'delivered') AS delivered
           FROM form_sync_job`,
        )
        expect(counted).toStrictEqual({ parked, delivered })
      },
    )

    it('lease a lead that is added while the one before it is settled: the settlement does not see it yet', async () => {
      const [one, two] = await startNodes(server, 2)
      const [a, b] = ofOnePerson('a', 'b')
      await one!.outbox.add([a!], T)
      const batch = await claimBatch(one!.outbox)
      const adding = await two!.hold((outbox) => outbox.add([b!], T))

      const settling = settleBatch(one!.outbox, batch, DELIVERED)
      await waitForBlocked(server)
      await adding.commit()
      await settling

      expect(await claimAll(two!)).toStrictEqual(['b'])
    })

    it('lease a lead that is added while the one before it is settled: the addition does not see that yet', async () => {
      const [one, two] = await startNodes(server, 2)
      const [a, b] = ofOnePerson('a', 'b')
      await one!.outbox.add([a!], T)
      const batch = await claimBatch(one!.outbox)
      const settling = await one!.hold((outbox) => settleBatch(outbox, batch, DELIVERED))

      const adding = two!.outbox.add([b!], T)
      await waitForBlocked(server)
      await settling.commit()
      await adding

      expect(await claimAll(two!)).toStrictEqual(['b'])
    })

    it('lease the older lead first when it is replayed while a younger one is added', async () => {
      const [one, two] = await startNodes(server, 2)
      const [a, b] = ofOnePerson('a', 'b')
      await one!.outbox.add([a!], T)
      await settleBatch(one!.outbox, await claimBatch(one!.outbox), { kind: 'parked', reason: 'no e-mail' })
      const adding = await two!.hold((outbox) => outbox.add([b!], T))

      const replaying = one!.hold((outbox) => outbox.replay(['a'], {}, T))
      await waitForBlocked(server)
      await adding.commit()
      const replayed = await replaying
      await replayed.commit()

      expect(replayed.runs(), 'no collision').toBe(1)
      expect(await claimAll(one!)).toStrictEqual(['a'])
      expect(await one!.outbox.status(T)).toMatchObject({ waiting: 2 })
    })

    it('store both of the first two leads of one person, in the order in which they were stored', async () => {
      const [one, two] = await startNodes(server, 2)
      const [a, b] = ofOnePerson('a', 'b')
      const first = await one!.hold((outbox) => outbox.add([a!], T))

      const second = two!.outbox.add([lead('other'), b!], T)
      await waitForBlocked(server)
      await first.commit()
      await second

      expect(await claimAll(one!)).toStrictEqual(['a', 'other'])
      expect(await two!.outbox.find('b')).toMatchObject({ state: 'waiting', lead: b })
    })

    it('make one of two leads ready that they add at once to a person whose first lead has stepped aside', async () => {
      const [one, two] = await startNodes(server, 2)
      const [a, b, c] = ofOnePerson('a', 'b', 'c')
      await one!.outbox.add([a!], T)
      await settleBatch(one!.outbox, await claimBatch(one!.outbox), FAILED)
      const first = await one!.hold((outbox) => outbox.add([b!], HALF_AN_HOUR_LATER))

      const second = two!.outbox.add([c!], HALF_AN_HOUR_LATER)
      await waitForBlocked(server)
      await first.commit()
      await second

      const claimed = await two!.outbox.claim(AN_HOUR_LATER, AN_HOUR_LATER + 100 * SECOND, 10)
      expect(idsOf(claimed)).toStrictEqual([['b']])
      expect(await one!.outbox.status(T)).toMatchObject({ waiting: 3 })
    })

    it('do not lease a second lead that is added while the first one, which had stepped aside, is leased', async () => {
      const [one, two] = await startNodes(server, 2)
      const [a, b] = ofOnePerson('a', 'b')
      await one!.outbox.add([a!], T)
      await settleBatch(one!.outbox, await claimBatch(one!.outbox), FAILED)
      const end = AN_HOUR_LATER + 100 * SECOND
      const claiming = await one!.hold((outbox) => outbox.claim(AN_HOUR_LATER, end, 10))

      const adding = two!.outbox.add([b!], AN_HOUR_LATER)
      await waitForBlocked(server)
      await claiming.commit()
      await adding

      expect(await two!.outbox.claim(end - 1, end + SECOND, 10)).toStrictEqual([])
    })

    it('store a lead once that two of them add at the same time', async () => {
      const [one, two] = await startNodes(server, 2)
      const first = await one!.hold((outbox) => outbox.add([lead('a')], T))

      const second = two!.outbox.add([lead('a'), lead('b', { person: 'other@example.com' })], T)
      await waitForBlocked(server)
      await first.commit()
      await second

      expect(await claimAll(one!)).toStrictEqual(['a', 'b'])
      expect(await one!.outbox.status(T)).toStrictEqual(expect.not.objectContaining({ reusedIds: expect.anything() }))
      expect(await one!.outbox.status(T)).toMatchObject({ waiting: 2 })
    })

    it('store two leads when two of them add one id with different contents at the same time', async () => {
      const url = await server.schema()
      const one = await startNode(url)
      const reused: ReusedId[] = []
      const two = await startNode(url, { ...optionsOf(), onReusedId: (event) => reused.push(event) })
      const first = await one.hold((outbox) => outbox.add([lead('a')], T))

      const again = lead('a', { form: 'second', person: 'other@example.com' })
      const second = two.outbox.add([again, lead('b', { person: 'other@example.com' })], T)
      await waitForBlocked(server)
      await first.commit()
      await second
      await two.outbox.add([again], T)

      expect(await one.outbox.find('a')).toMatchObject({ form: 'contact' })
      const listed = await one.outbox.list('waiting', 10)
      expect(listed.map(({ form }) => form).toSorted()).toStrictEqual(['contact', 'contact', 'second'])
      const storedAs = listed.find(({ form }) => form === 'second')?.id
      expect(reused).toStrictEqual([{ id: 'a', form: 'second', storedAs }])
      expect(await one.outbox.status(T)).toMatchObject({ waiting: 3, reusedIds: 1 })
    })

    it('store two leads when the addition of the first content fails meanwhile', async () => {
      const [one, two] = await startNodes(server, 2)
      const first = await one!.hold((outbox) => outbox.add([lead('a'), lead('a', { form: 'third' })], T))

      const second = two!.outbox.add([lead('a', { form: 'second' })], T)
      await waitForBlocked(server)
      await first.fail()
      await second

      expect(await one!.outbox.find('a')).toMatchObject({ form: 'second', notes: [] })
      expect(await one!.outbox.status(T)).toStrictEqual(expect.not.objectContaining({ reusedIds: expect.anything() }))
    })

    it('store a lead of which the addition fails on another node at the same time', async () => {
      const [one, two] = await startNodes(server, 2)
      const first = await one!.hold((outbox) => outbox.add([lead('a')], T))

      const second = two!.outbox.add([lead('a')], T)
      await waitForBlocked(server)
      await first.fail()
      await second

      expect(await claimAll(one!)).toStrictEqual(['a'])
    })

    it('start no more calls together than the limit, though they claim at the same time', async () => {
      const nodes = await startNodes(server, 3, { ...WIDE, concurrency: 3 })
      const leads = ['a', 'b', 'c', 'd'].map((id) => lead(id))
      await nodes[0]!.outbox.add(leads, T)
      const claiming = await nodes[0]!.hold((outbox) => outbox.claim(T, LATER, 2))

      const others = Promise.all([
        nodes[1]!.outbox.claim(T, LATER, 2),
        nodes[2]!.outbox.claim(T, LATER, 2),
        nodes[0]!.outbox.acquireSlot(T, LATER),
      ])
      await waitForBlocked(server, 3)
      await claiming.commit()
      const [second, third, slot] = await others

      expect(second.length + third.length + ('slot' in slot ? 1 : 0)).toBe(1)
    })

    it('start one call with the cookie of a visitor, though they claim its leads at the same time', async () => {
      const [one, two] = await startNodes(server, 2)
      await one!.outbox.add([lead('a', { cookie: 'id:1' }), lead('b', { cookie: 'id:1' })], T)
      const claiming = await one!.hold((outbox) => outbox.claim(T, LATER, 1))

      const other = two!.outbox.claim(T, LATER, 2)
      await waitForBlocked(server)
      await claiming.commit()

      expect(await other).toStrictEqual([])
    })

    it('keep a limit that one of them has met', async () => {
      const [one, two] = await startNodes(server, 2, { ...WIDE, callsPer20s: 40 })
      await one!.outbox.add([lead('a'), lead('b')], T)

      const limited = { kind: 'limited', limit: 'rate', retryAt: T + 5 * SECOND, reason: '20023' } as const
      await settleBatch(one!.outbox, await claimBatch(one!.outbox), limited)

      expect(await two!.outbox.claim(T + 5 * SECOND - 1, LATER, 1)).toStrictEqual([])
      expect(await two!.outbox.claim(T + 6 * SECOND, LATER, 1)).toHaveLength(1)
    })

    it('keep a circuit breaker that one of them has opened', async () => {
      const [one, two] = await startNodes(server, 2)
      await one!.outbox.add([lead('a'), lead('b')], T)

      const stopped = { kind: 'stopped', retryAt: T + 5 * SECOND, reason: 'down', blocked: false } as const
      await settleBatch(one!.outbox, await claimBatch(one!.outbox), stopped)

      expect(await two!.outbox.claim(T + 5 * SECOND - 1, LATER, 10)).toStrictEqual([])
      expect(await two!.outbox.claim(T + 5 * SECOND, LATER, 10)).toHaveLength(1)
    })

    it('skip a job that a person has locked by hand, and lease the others', async () => {
      const [one, two] = await startNodes(server, 2)
      await one!.outbox.add([lead('a'), lead('b')], T)
      const unlock = await lockByHand(two!, `SELECT FROM form_sync_job WHERE id = 'a' FOR UPDATE`)

      const claimed = await claimAll(one!)
      await unlock()

      expect(claimed).toStrictEqual(['b'])
      expect(await claimAll(one!)).toStrictEqual(['a'])
    })

    it('pass over a form whose turn it is while a person has locked all of its jobs by hand', async () => {
      const [one, two] = await startNodes(server, 2)
      await one!.outbox.add([lead('a'), lead('b', { form: 'demo' })], T)
      const unlock = await lockByHand(two!, `SELECT FROM form_sync_job WHERE form = 'contact' FOR UPDATE`)

      const claimed = await claimAll(one!)
      await unlock()

      expect(claimed).toStrictEqual(['b'])
      expect(await claimAll(one!)).toStrictEqual(['a'])
    })

    it('lease nothing of a batch of which a person removes a job by hand', async () => {
      const limits = { ...WIDE, leadsPerCall: 10 }
      const [one] = await startNodes(server, 1, limits)
      await one!.outbox.add([lead('a'), lead('b')], T)

      const claiming = one!.database.transaction((sql) =>
        claim(
          {
            ...sql,
            account: FIRST_ACCOUNT,
            async run(text, ...values) {
              if (text.includes('INSERT INTO form_sync_batch')) sql.send(`DELETE FROM form_sync_job WHERE id = 'b'`)
              return sql.run(text, ...values)
            },
          },
          TEST_BATCH_KEYS,
          limits,
          undefined,
          T,
          LATER,
          1,
        ),
      )

      await expect(claiming).rejects.toThrow('a job disappeared while it was being leased')
      expect(await claimAll(one!)).toStrictEqual(['a', 'b'])
    })

    it('take over the batches of a node that crashed once their leases expire, and not before', async () => {
      const [one, two] = await startNodes(server, 2)
      await one!.outbox.add(ofOnePerson('a', 'b'), T)
      await one!.outbox.claim(T, T + 100 * SECOND, 1)
      await one!.database.close()

      await two!.outbox.resume(T + SECOND)
      const before = await two!.outbox.claim(T + 100 * SECOND - 1, LATER, 10)
      const batch = await claimBatch(two!.outbox, T + 100 * SECOND)

      expect(before).toStrictEqual([])
      expect(batch.jobs).toMatchObject([{ lead: { id: 'a' }, attempt: 2 }])
    })

    it('ignore a settlement of a node that was thought to have crashed', async () => {
      const [one, two] = await startNodes(server, 2)
      await one!.outbox.add([lead('a')], T)
      const late = await claimBatch(one!.outbox, T, T + 100 * SECOND)
      const current = await claimBatch(two!.outbox, T + 100 * SECOND)

      await settleBatch(one!.outbox, late, { kind: 'parked', reason: 'late' }, T + 101 * SECOND)
      await settleBatch(two!.outbox, current, DELIVERED, T + 102 * SECOND)

      expect(await one!.outbox.find('a')).toMatchObject({ state: 'delivered', attempts: 2 })
      expect(await one!.outbox.status(T)).toMatchObject({ waiting: 0, parked: 0, delivered: 1 })
    })

    it('leave each other the batches that are out when one of them starts', async () => {
      const [one] = await startNodes(server, 1, { ...LIMITS, concurrency: 1 })
      await one!.outbox.add([lead('a', { cookie: 'id:a' }), lead('b', { cookie: 'id:b' })], T)
      const batch = await claimBatch(one!.outbox, T, T + leaseOf(LIMITS))

      await one!.outbox.resume(T)

      expect(await one!.outbox.claim(T + leaseOf(LIMITS) - 1, LATER, 1)).toStrictEqual([])
      const [{ lead: leased }] = batch.jobs as [Job]
      expect(await one!.outbox.find(leased.id)).toMatchObject({ attempts: 1, dueAt: T + leaseOf(LIMITS) })
    })

    it('go on without a node that is suspended in the middle of a transaction', async () => {
      const [one] = await startNodes(server, 1)
      await one!.outbox.add([lead('a')], T)
      const suspended = await startNode(one!.url, optionsOf(), {
        connected: 30_000,
        statement: 30_000,
        nextStatement: 300,
        answered: 30_000,
      })
      const claiming = await suspended.hold((outbox) => outbox.claim(T, LATER, 1))

      const claimed = await claimAll(one!)

      expect(claimed).toStrictEqual(['a'])
      await expect(claiming.commit()).rejects.toThrow()
    })

    it('create the tables once, though they start at the same time', async () => {
      const nodes = await startNodes(server, 3)

      await Promise.all(nodes.map(({ outbox }, n) => outbox.add(ofOnePerson(`lead-${n}`), T)))

      const metas = await nodes[0]!.database.run<{ version: number; secret: string }>('SELECT * FROM form_sync_meta')
      expect(metas).toMatchObject([{ version: VERSION, secret: expect.stringMatching(/^[0-9a-f]{64}$/) as string }])
      // All have the same secret: to each of them these leads are of one person.
      expect(await claimAll(nodes[2]!)).toHaveLength(1)
      expect(await nodes[2]!.outbox.status(T)).toMatchObject({ waiting: 3 })
    })
  })

  /** Runs a statement in a transaction that stays open. Returns what ends it. */
  async function lockByHand({ url }: Node, statement: string): Promise<() => Promise<void>> {
    const [locked, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const transaction = connect(url).transaction(async (sql) => {
      await sql.run(statement)
      locked.resolve()
      await released.promise
    })
    await Promise.race([locked.promise, transaction])
    return async () => {
      released.resolve()
      await transaction
    }
  }
})

function outcomeOf(chance: number, now: number): Outcome {
  if (chance < 0.6) return DELIVERED
  if (chance < 0.7) return { kind: 'retry', dueAt: now + 300, reason: 'busy' }
  if (chance < 0.75) return { kind: 'retry', dueAt: now + 300, reason: 'late', suspect: true }
  if (chance < 0.85) return { kind: 'requeue', dueAt: now, reason: 'refused', batch: 'refused' }
  if (chance < 0.9) return { kind: 'requeue', dueAt: now + 300, reason: 'late', batch: 'unanswered' }
  return { kind: 'parked', reason: 'no such attribute' }
}

interface Seen {
  id: string
  /** The batch that it was leased in last. */
  batch?: number
  /** Set once it was settled for good: the end of that lease. A settlement that comes later may be ignored. */
  settled?: number
}

/** Follows what is claimed and settled, and collects violations of what the port promises. */
function createCheck({ callsPer20s, concurrency }: Limits) {
  const violations: string[] = []
  const seen = new Map<string, Seen>()
  const people = new Map<string, Seen[]>()
  const out = new Map<number, Batch>()
  const starts: number[] = []

  function leased({ lead: { id, person } }: Job, batch: number, now: number): void {
    const job = seen.get(id)!
    if (job.settled !== undefined && job.settled > now) violations.push(`${id} was leased again`)
    delete job.settled
    job.batch = batch
    const first = people.get(person)!.find(({ settled }) => settled === undefined)
    if (first !== job) violations.push(`${id} was leased before ${first?.id}`)
  }

  return {
    violations,
    count: () => seen.size,
    isDone: () => [...seen.values()].every(({ settled }) => settled !== undefined),
    add(leads: readonly Job['lead'][]) {
      for (const { id, person } of leads) {
        const job = { id }
        seen.set(id, job)
        people.set(person, [...(people.get(person) ?? []), job])
      }
    },
    claim(batches: readonly Batch[], now: number) {
      for (const [id, batch] of out) if (batch.leaseExpiresAt <= now) out.delete(id)
      for (const batch of batches) {
        for (const job of batch.jobs) leased(job, batch.id, now)
        out.set(batch.id, batch)
        starts.push(now)
      }
      const persons = [...out.values()].flatMap(({ jobs }) => jobs.map((job) => job.lead.person))
      if (new Set(persons).size < persons.length) violations.push('two leads of one person were out')
      if (out.size > concurrency) violations.push(`${out.size} calls at once`)
      const recent = starts.filter((at) => at > now - 20 * SECOND && at <= now).length
      if (recent > callsPer20s) violations.push(`${recent} calls in 20 seconds`)
    },
    settle(batch: Batch, settlements: readonly { id: string; kind: string }[]) {
      out.delete(batch.id)
      for (const { id, kind } of settlements) {
        const job = seen.get(id)!
        if (job.batch === batch.id && (kind === 'delivered' || kind === 'parked')) job.settled = batch.leaseExpiresAt
      }
    },
  }
}
