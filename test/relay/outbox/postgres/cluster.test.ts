/** Several relays on one PostgreSQL, each with connections of its own. */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Batch, Job, Outbox, Outcome } from '../../../../relay/outbox/outbox.ts'
import { LIMITS, leaseOf, type Limits } from '../../../../relay/outbox/limits/limits.ts'
import { add } from '../../../../relay/outbox/postgres/add.ts'
import { claim } from '../../../../relay/outbox/postgres/claim.ts'
import type { Transaction } from '../../../../relay/outbox/postgres/database.ts'
import { holdDesk } from '../../../../relay/outbox/postgres/control-row.ts'
import { createPostgresOutbox } from '../../../../relay/outbox/postgres/outbox.ts'
import { replay } from '../../../../relay/outbox/postgres/replay.ts'
import { settle } from '../../../../relay/outbox/postgres/settle.ts'
import { connectPostgres, type PostgresDatabase } from '../../../../relay/runtime/node/postgres-pool.ts'
import { withPostgres, type PostgresServer } from '../../../support/postgres.ts'
import { jobsOf, LATER, lead, ofOnePerson, SECOND, settlement, T, WIDE } from '../../../suites/outbox/leads.ts'

const DELIVERED = { kind: 'delivered', leadId: 7 } as const

interface Node {
  url: string
  outbox: Outbox
  database: PostgresDatabase
}

/** So many nodes on one empty outbox. */
async function startNodes(server: PostgresServer, count: number, limits: Limits = WIDE): Promise<Node[]> {
  const url = await server.schema()
  return Promise.all(
    Array.from({ length: count }, async () => {
      const database = connectPostgres(url)
      onTestFinished(() => database.close())
      return { url, outbox: await createPostgresOutbox(database, limits), database }
    }),
  )
}

/** Numbers from 0 up to, not including, 1; the same for the same seed. Source: mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A transaction that has done its work and waits to commit. */
async function begun(database: PostgresDatabase, work: (sql: Transaction) => unknown) {
  const [done, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const whole = database.transaction(async (sql) => {
    await work(sql)
    await sql.run('SELECT 1 AS answered')
    done.resolve()
    await go.promise
  })
  await Promise.race([done.promise, whole])
  return {
    async commit() {
      go.resolve()
      await whole
    },
    async fail() {
      go.reject(new Error('failed'))
      await whole.catch(() => {})
    },
  }
}

/** Resolves when so many connections of ours wait for others. */
async function waitForWaiting(server: PostgresServer, count = 1): Promise<void> {
  await vi.waitFor(
    async () => {
      const waiting = await server.ask(
        `SELECT FROM pg_stat_activity WHERE application_name = 'form-sync' AND wait_event_type = 'Lock'`,
      )
      expect(waiting).toHaveLength(count)
    },
    { interval: 1, timeout: 10_000 },
  )
}

async function claimIds({ outbox }: Node, now = T): Promise<string[]> {
  return (await outbox.claim(now, LATER, 10)).flatMap(jobsOf).map(({ lead: { id } }) => id)
}

withPostgres({ fsync: 'off' }, (server) => {
  describe('relays on one PostgreSQL', () => {
    it.each([1, 2])(
      'keep the order of each person and the limits of all, whatever they do at once: %i',
      async (seed) => {
        const limits = { ...WIDE, callsPer20s: 40, concurrency: 4, leadsPerCall: 5 }
        const nodes = await startNodes(server, 3, limits)
        const random = randomFrom(seed)
        const pick = <T>(of: readonly T[]) => of[Math.floor(random() * of.length)]!
        const storm = watched(limits)
        let time = T
        let coming = nodes.length

        /** Adds the leads of some people, each one's in order, and now and then one that another node adds too. */
        async function adding(mine: number): Promise<void> {
          for (let n = 0; n < 20; n += 1) {
            const leads = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, at) => {
              const person = `${mine}-${Math.floor(random() * 4)}`
              return lead(`${mine}-${n}-${at}`, {
                person,
                ...(random() < 0.3 && { cookie: `id:${person}` }),
              })
            })
            storm.came(leads)
            await Promise.all([nodes[mine]!.outbox.add(leads, time), pick(nodes).outbox.add(leads.slice(0, 1), time)])
          }
          coming -= 1
        }

        async function delivering({ outbox }: Node): Promise<void> {
          while (coming > 0 || !storm.over()) {
            const now = (time += Math.floor(random() * 200))
            const calls = await outbox.claim(now, now + 5 * SECOND, 2)
            storm.began(calls, now)
            // One in ten is never settled: its node has died.
            for (const call of calls.filter(() => random() < 0.9)) {
              const settlements = jobsOf(call).map((job) => settlement(job, outcomeOf(random(), time)))
              storm.ended(call, settlements)
              await outbox.settle(call.id, settlements, time)
            }
          }
        }

        await Promise.all([...[0, 1, 2].map(adding), ...[...nodes, ...nodes].map(delivering)])

        expect(storm.faults).toStrictEqual([])
        const { waiting, parked, delivered } = await nodes[0]!.outbox.status(time)
        expect({ waiting, settled: parked + delivered }).toStrictEqual({ waiting: 0, settled: storm.all() })
        const [counted] = await nodes[0]!.database.run(
          `SELECT count(*) FILTER (WHERE state = 'parked') AS parked, count(*) FILTER (WHERE state = 'delivered') AS delivered
         FROM form_sync_job`,
        )
        expect(counted).toStrictEqual({ parked, delivered })
      },
    )

    it('call a lead that comes while the one before it is settled, though it was not seen', async () => {
      const [one, two] = await startNodes(server, 2)
      const [a, b] = ofOnePerson('a', 'b')
      await one!.outbox.add([a!], T)
      const [call] = await one!.outbox.claim(T, LATER, 1)
      const coming = await begun(two!.database, (sql) => add(sql, [b!], T))

      const settling = one!.outbox.settle(call!.id, [{ id: 'a', attempt: 1, ...DELIVERED }], T)
      await waitForWaiting(server)
      await coming.commit()
      await settling

      expect(await claimIds(two!)).toStrictEqual(['b'])
    })

    it('call a lead that comes while the one before it is settled, though that was not seen', async () => {
      const [one, two] = await startNodes(server, 2)
      const [a, b] = ofOnePerson('a', 'b')
      await one!.outbox.add([a!], T)
      const [call] = await one!.outbox.claim(T, LATER, 1)
      const settlements = [{ id: 'a', attempt: 1, ...DELIVERED }]
      const settling = await begun(one!.database, (sql) => settle(sql, WIDE, { call: call!.id, settlements, now: T }))

      const coming = two!.outbox.add([b!], T)
      await waitForWaiting(server)
      await settling.commit()
      await coming

      expect(await claimIds(two!)).toStrictEqual(['b'])
    })

    it('call a lead that comes while one before it is replayed', async () => {
      const [one, two] = await startNodes(server, 2)
      const [a, b] = ofOnePerson('a', 'b')
      await one!.outbox.add([a!], T)
      const [call] = await one!.outbox.claim(T, LATER, 1)
      await one!.outbox.settle(call!.id, [{ id: 'a', attempt: 1, kind: 'parked', reason: 'no e-mail' }], T)
      const coming = await begun(two!.database, (sql) => add(sql, [b!], T))

      let tries = 0
      const replaying = one!.database.transaction((sql) => {
        tries += 1
        return replay(sql, ['a'], {}, T)
      })
      await waitForWaiting(server)
      await coming.commit()
      await replaying

      expect(tries, 'done once').toBe(1)
      expect(await claimIds(one!)).toStrictEqual(['a'])
      expect(await one!.outbox.status(T)).toMatchObject({ waiting: 2 })
    })

    it('keep both of the first two leads of one person, in the order they came', async () => {
      const [one, two] = await startNodes(server, 2)
      const [a, b] = ofOnePerson('a', 'b')
      const first = await begun(one!.database, (sql) => add(sql, [a!], T))

      const second = two!.outbox.add([lead('other'), b!], T)
      await waitForWaiting(server)
      await first.commit()
      await second

      expect(await claimIds(one!)).toStrictEqual(['a', 'other'])
      expect(await two!.outbox.find('b')).toMatchObject({ state: 'waiting', lead: b })
    })

    it('keep a lead once that comes to two of them at the same time', async () => {
      const [one, two] = await startNodes(server, 2)
      const first = await begun(one!.database, (sql) => add(sql, [lead('a')], T))

      const second = two!.outbox.add([lead('a', { form: 'second', person: 'else' }), lead('b', { person: 'else' })], T)
      await waitForWaiting(server)
      await first.commit()
      await second

      expect(await one!.outbox.find('a')).toMatchObject({ form: 'contact' })
      expect(await claimIds(one!)).toStrictEqual(['a', 'b'])
    })

    it('keep a lead where another of them fails to keep the same one', async () => {
      const [one, two] = await startNodes(server, 2)
      const first = await begun(one!.database, (sql) => add(sql, [lead('a')], T))

      const second = two!.outbox.add([lead('a')], T)
      await waitForWaiting(server)
      await first.fail()
      await second

      expect(await claimIds(one!)).toStrictEqual(['a'])
    })

    it('take no more calls together than there may be, though they ask at the same time', async () => {
      const limits = { ...WIDE, concurrency: 3 }
      const nodes = await startNodes(server, 3, limits)
      await nodes[0]!.outbox.add(
        ['a', 'b', 'c', 'd'].map((id) => lead(id)),
        T,
      )
      const holding = await begun(nodes[0]!.database, (sql) => claim(sql, limits, { now: T, until: LATER, most: 2 }))

      const others = Promise.all([
        nodes[1]!.outbox.claim(T, LATER, 2),
        nodes[2]!.outbox.claim(T, LATER, 2),
        nodes[0]!.outbox.acquireSlot(T, LATER),
      ])
      await waitForWaiting(server, 3)
      await holding.commit()
      const [second, third, permit] = await others

      expect(second.length + third.length + ('call' in permit ? 1 : 0)).toBe(1)
    })

    it('keep a limit that one of them has met', async () => {
      const [one, two] = await startNodes(server, 2, { ...WIDE, callsPer20s: 40 })
      await one!.outbox.add([lead('a'), lead('b')], T)
      const [call] = await one!.outbox.claim(T, LATER, 1)

      const limited = { kind: 'limited', limit: 'rate', until: T + 5 * SECOND, reason: '606' } as const
      await one!.outbox.settle(call!.id, [{ id: 'a', attempt: 1, ...limited }], T)

      expect(await two!.outbox.claim(T + 5 * SECOND - 1, LATER, 1)).toStrictEqual([])
      expect(await two!.outbox.claim(T + 6 * SECOND, LATER, 1)).toHaveLength(1)
    })

    it('pass by a job that someone holds by hand, and do not wait for him', async () => {
      const [one, two] = await startNodes(server, 2)
      await one!.outbox.add([lead('a'), lead('b')], T)
      const byHand = await begun(two!.database, (sql) => sql.run(`SELECT FROM form_sync_job WHERE id = 'a' FOR UPDATE`))

      const claimed = await claimIds(one!)
      await byHand.commit()

      expect(claimed).toStrictEqual(['b'])
      expect(await claimIds(one!)).toStrictEqual(['a'])
    })

    it('hand out nothing of a call of which someone removes a job by hand', async () => {
      const limits = { ...WIDE, leadsPerCall: 10 }
      const [one] = await startNodes(server, 1, limits)
      await one!.outbox.add(ofOnePerson('a', 'b'), T)

      const claiming = one!.database.transaction((sql) =>
        claim(
          {
            ...sql,
            async run(text, ...values) {
              if (text.includes('INSERT INTO form_sync_call')) {
                await server.ask(`DELETE FROM form_sync_job WHERE id = 'b'`, one!.url)
              }
              return sql.run(text, ...values)
            },
          },
          limits,
          { now: T, until: LATER, most: 1 },
        ),
      )

      await expect(claiming).rejects.toThrow('a job went while it was being handed out')
      expect(await claimIds(one!)).toStrictEqual(['a'])
    })

    it('take over the calls of one that died when they are over, and not before', async () => {
      const [one, two] = await startNodes(server, 2)
      await one!.outbox.add(ofOnePerson('a', 'b'), T)
      await one!.outbox.claim(T, T + 100 * SECOND, 1)
      await one!.database.close()

      await two!.outbox.resume(T + SECOND)
      const before = await two!.outbox.claim(T + 100 * SECOND - 1, LATER, 10)
      const [call] = await two!.outbox.claim(T + 100 * SECOND, LATER, 10)

      expect(before).toStrictEqual([])
      expect(jobsOf(call!).map((job) => [job.lead.id, job.attempt])).toStrictEqual([['a', 2]])
    })

    it('leave each other the calls they are at when one starts', async () => {
      const [one] = await startNodes(server, 1, { ...LIMITS, concurrency: 1 })
      await one!.outbox.add([lead('a'), lead('b')], T)
      await one!.outbox.claim(T, T + leaseOf(LIMITS), 1)

      await one!.outbox.resume(T)

      expect(await one!.outbox.claim(T + leaseOf(LIMITS) - 1, LATER, 1)).toStrictEqual([])
      expect(await one!.outbox.find('a')).toMatchObject({ attempts: 1, dueAt: T + leaseOf(LIMITS) })
    })

    it('go on without one that hangs in the middle of something', async () => {
      const [one] = await startNodes(server, 1)
      await one!.outbox.add([lead('a')], T)
      const hanging = connectPostgres(one!.url, {
        connected: 4_000,
        statement: 4_000,
        nextStatement: 300,
        answered: 4_000,
      })
      onTestFinished(() => hanging.close())
      const hung = await begun(hanging, holdDesk)

      const claimed = await claimIds(one!)

      expect(claimed).toStrictEqual(['a'])
      await expect(hung.commit()).rejects.toThrow()
    })

    it('make the tables once, though they start at the same time', async () => {
      const nodes = await startNodes(server, 3)

      await Promise.all(nodes.map(({ outbox }, n) => outbox.add([lead(`lead-${n}`)], T)))

      expect(await nodes[0]!.database.run('SELECT version FROM form_sync_meta')).toStrictEqual([{ version: 2 }])
      expect(await nodes[2]!.outbox.status(T)).toMatchObject({ waiting: 3 })
    })

    it('are refused tables that a newer form-sync has written, and leave them as they are', async () => {
      const [one] = await startNodes(server, 1)
      await one!.database.run('UPDATE form_sync_meta SET version = 99')

      await expect(createPostgresOutbox(one!.database)).rejects.toThrow(
        'the outbox has version 99 and this form-sync knows up to 2: run a newer form-sync',
      )
      expect(await one!.database.run('SELECT version FROM form_sync_meta')).toStrictEqual([{ version: 99 }])
    })
  })
})

function outcomeOf(chance: number, now: number): Outcome {
  if (chance < 0.6) return { kind: 'delivered', leadId: 7 }
  if (chance < 0.75) return { kind: 'retry', dueAt: now + 300, reason: 'busy' }
  if (chance < 0.9) return { kind: 'again', dueAt: now, reason: 'apart', share: 1 }
  return { kind: 'parked', reason: 'no such attribute' }
}

interface Seen {
  id: string
  /** The call that it was last handed out with. */
  call?: number
  /** Once it was settled for good: until when its call was to last. A settlement that comes later may be ignored. */
  settled?: number
}

/** Sees what calls begin and end, and writes down what must never be. */
function watched({ callsPer20s, concurrency }: Limits) {
  const faults: string[] = []
  const seen = new Map<string, Seen>()
  const lines = new Map<string, Seen[]>()
  const out = new Map<number, Batch>()
  const begun: number[] = []

  function goes(turn: readonly Job[], call: number, now: number): void {
    const { person } = turn[0]!.lead
    const ids = turn.map((job) => job.lead.id)
    for (const id of ids) {
      const job = seen.get(id)!
      if (job.settled !== undefined && job.settled > now) faults.push(`${id} went again`)
      delete job.settled
      job.call = call
    }
    const waiting = lines.get(person)!.filter(({ settled }) => settled === undefined)
    const first = waiting.slice(0, ids.length).map(({ id }) => id)
    if (ids.join() !== first.join()) faults.push(`${ids.join()} went before ${first.join()}`)
    if ([...out.values()].some((call) => jobsOf(call).some((job) => job.lead.person === person))) {
      faults.push(`${person} was out twice`)
    }
  }

  return {
    faults,
    all: () => seen.size,
    over: () => [...seen.values()].every(({ settled }) => settled !== undefined),
    came(leads: Job['lead'][]) {
      for (const { id, person } of leads) {
        const job = { id }
        seen.set(id, job)
        lines.set(person, [...(lines.get(person) ?? []), job])
      }
    },
    began(calls: readonly Batch[], now: number) {
      for (const [id, call] of out) if (call.leaseExpiresAt <= now) out.delete(id)
      for (const call of calls) {
        for (const turn of call.turns) goes(turn, call.id, now)
        out.set(call.id, call)
        begun.push(now)
      }
      if (out.size > concurrency) faults.push(`${out.size} calls at once`)
      const window = begun.filter((at) => at > now - 20 * SECOND && at <= now).length
      if (window > callsPer20s) faults.push(`${window} calls in 20 seconds`)
    },
    ended(call: Batch, settlements: readonly { id: string; kind: string }[]) {
      out.delete(call.id)
      for (const { id, kind } of settlements) {
        const job = seen.get(id)!
        if (job.call === call.id && (kind === 'delivered' || kind === 'parked')) job.settled = call.leaseExpiresAt
      }
    },
  }
}
