/** Rules that the tables of the outbox on PostgreSQL enforce by themselves, and the cost of its statements. */
import { describe, expect, it } from 'vitest'
import type { Limits } from '../../../../relay/outbox/limits/limits.ts'
import type { Outbox, Outcome } from '../../../../relay/outbox/outbox.ts'
import type { Database, Transaction, Value } from '../../../../relay/outbox/postgres/database.ts'
import { createPostgresOutbox } from '../../../../relay/outbox/postgres/outbox.ts'
import { withPostgres, type PostgresServer } from '../../../support/postgres.ts'
import {
  claimBatch,
  ids,
  LATER,
  lead,
  ofOnePerson,
  settleBatch,
  settlement,
  T,
  WIDE,
  WIDE_BATCHES,
} from '../../../suites/outbox/leads.ts'
import { connect, optionsOf, startNode } from './nodes.ts'

const DELIVERED = { kind: 'delivered', leadId: 7 } as const

/** Opens an outbox and records its statements from then on. */
async function openRecorded(server: PostgresServer, limits: Limits = WIDE) {
  const url = await server.schema()
  const database = connect(url)
  const statements: { text: string; values: Value[] }[] = []
  const recorded = (sql: Transaction): Transaction => ({
    run(text, ...values) {
      statements.push({ text, values })
      return sql.run(text, ...values)
    },
    send(text, ...values) {
      statements.push({ text, values })
      sql.send(text, ...values)
    },
  })
  const recorder: Database = {
    run(text, ...values) {
      statements.push({ text, values })
      return database.run(text, ...values)
    },
    transaction: (work, patient) => database.transaction((sql) => work(recorded(sql)), patient),
  }
  const outbox = await createPostgresOutbox(recorder, optionsOf(limits))
  statements.length = 0
  return { url, database, outbox, statements }
}

withPostgres({ fsync: 'off' }, (server) => {
  describe('the tables on PostgreSQL', () => {
    it.each([
      ['two jobs of one person that may be leased', `SET state = 'ready'`, 'unique constraint'],
      ['a receipt with a lead', `SET state = 'delivered'`, 'check constraint'],
      ['a receipt with a reason', `SET state = 'delivered', lead = NULL, reason = 'x'`, 'check constraint'],
      ['a receipt with a history', `SET state = 'delivered', lead = NULL, history = '[1]'`, 'check constraint'],
      ['a receipt with a source', `SET state = 'delivered', lead = NULL, source = 'x'`, 'check constraint'],
      ['a receipt with rules', `SET state = 'delivered', lead = NULL, rules = 'x'`, 'check constraint'],
      ['a waiting job that is never due', 'SET due_at = NULL', 'check constraint'],
      ['a parked job that is leased', `SET state = 'parked', batch = 1`, 'check constraint'],
      ['a held job that is leased', `SET state = 'held', batch = 1`, 'check constraint'],
      ['a state that is not known', `SET state = 'lost'`, 'check constraint'],
      ['an id twice', `SET id = 'a'`, 'unique constraint'],
      ['a job without an account', 'SET account = NULL', 'not-null constraint'],
    ])('never hold %s, whatever writes it', async (_, change, refusal) => {
      const { url, outbox } = await startNode(await server.schema())
      await outbox.add(ofOnePerson('a', 'b'), T)

      await expect(server.ask(`UPDATE form_sync_job ${change}`, url)).rejects.toThrow(refusal)
    })

    it('hold no address, no cookie and no word of a person outside of the lead, and none at all once it is delivered', async () => {
      const { database, outbox } = await startNode(await server.schema())
      const person = { person: 'zoe@example.com', email: 'zoe@example.com', cookie: 'id:1&token:_mch-zoe' }
      await outbox.add([lead('a', person)], T)
      const columns = `to_jsonb(job) - 'lead'`

      const [waiting] = await database.run(`SELECT ${columns} AS job FROM form_sync_job AS job`)
      await settleBatch(outbox, await claimBatch(outbox), { kind: 'retry', dueAt: T, reason: 'busy' })
      await settleBatch(outbox, await claimBatch(outbox), DELIVERED)
      const [delivered] = await database.run('SELECT to_jsonb(job) AS job FROM form_sync_job AS job')

      expect(JSON.stringify(waiting)).not.toMatch(/zoe|George/)
      expect(JSON.stringify(delivered)).not.toMatch(/zoe|George|busy/)
      const key = expect.stringMatching(/^[\w-]{22}$/) as string
      expect(delivered).toMatchObject({ job: { person_key: key, visitor_key: key } })
    })

    it('find a person by the same key in one database, and by another key in another one', async () => {
      const [one, two] = [await startNode(await server.schema()), await startNode(await server.schema())]
      for (const { outbox } of [one, two]) await outbox.add(ofOnePerson('a', 'b'), T)

      const keys = await Promise.all(
        [one, two].map(({ database }) => database.run<{ key: string }>('SELECT person_key AS key FROM form_sync_job')),
      )

      expect(keys.map((rows) => new Set(rows.map(({ key }) => key)).size)).toStrictEqual([1, 1])
      expect(keys[0]).not.toStrictEqual(keys[1])
    })

    it.each([
      ['is dropped', lead('b', { drop: true })],
      ['is stored already', lead('a')],
    ])('are written also for a lead that %s, so that its reply comes after the same wait', async (_, again) => {
      const { database, outbox } = await startNode(await server.schema())
      await outbox.add([lead('a')], T)
      const written = () => database.run('SELECT xmin::text, slot FROM form_sync_counter ORDER BY 1, 2')
      const before = await written()

      await outbox.add([again], T)

      expect(await written()).not.toStrictEqual(before)
    })

    it('count leads by form: those in each state now, and those of each outcome ever', async () => {
      const { database, outbox } = await startNode(await server.schema())
      const other = { form: 'event' }
      await outbox.add([lead('a'), lead('b'), lead('c'), lead('d', { ...other, hold: 'spam' }), lead('e', other)], T)
      for (const outcome of [DELIVERED, { kind: 'parked', reason: 'no e-mail' } as const]) {
        await settleBatch(outbox, await claimBatch(outbox), outcome)
      }
      await outbox.replay(['d'], {}, T)
      await outbox.sweep(T + 1, 10)

      const counters = await database.run(
        `SELECT form, sum(waiting) AS waiting, sum(held) AS held, sum(parked) AS parked,
           sum(accepted_total) AS accepted, sum(held_total) AS held_total, sum(parked_total) AS parked_total,
           sum(delivered_total) AS delivered
         FROM form_sync_counter GROUP BY form ORDER BY form`,
      )

      const numbers = counters.map(({ form, ...counts }) => [form, ...Object.values(counts).map(Number)])
      expect(numbers).toStrictEqual([
        // The forms take turns: the second batch is the one of `event`.
        ['contact', 2, 0, 0, 3, 0, 0, 1],
        ['event', 1, 0, 1, 2, 1, 1, 0],
      ])
    })

    it('make replayed leads wait while a younger one of the person is leased', async () => {
      const { outbox } = await startNode(await server.schema())
      await outbox.add(ofOnePerson('a', 'b', 'c'), T)
      for (const _ of ['a', 'b']) {
        await settleBatch(outbox, await claimBatch(outbox), { kind: 'parked', reason: 'no e-mail' })
      }
      await claimBatch(outbox)

      await outbox.replay(['b', 'a'], {}, T)

      expect(await outbox.claim(LATER - 1, LATER, 10)).toStrictEqual([])
      expect(ids((await claimBatch(outbox, LATER, LATER + 1)).jobs)).toStrictEqual(['a'])
    })

    it.each(['claim', 'acquireSlot'] as const)(
      'do not fill up with batches and slots that were never settled: %s',
      async (method) => {
        const { database, outbox } = await startNode(await server.schema())
        await outbox.add([lead('a'), lead('b')], T)
        await outbox.claim(T, T + 10, 1)
        await outbox.acquireSlot(T, T + 10)

        await outbox[method](T + 10, LATER, 1)

        const left = await database.run('SELECT lease_expires_at FROM form_sync_batch')
        expect(left).toStrictEqual([{ lease_expires_at: LATER }])
      },
    )

    it('take as many statements for 300 leads as for two', async () => {
      const { outbox, statements } = await openRecorded(server, WIDE_BATCHES)
      async function countFor(size: number): Promise<number[]> {
        const counts: number[] = []
        const count = () => void counts.push(statements.splice(0).length)
        const leads = Array.from({ length: size }, (_, n) => lead(`${size}-${n}`))
        await outbox.add(leads, T)
        count()
        const batch = await claimBatch(outbox)
        count()
        await settleBatch(outbox, batch, DELIVERED)
        count()
        expect(batch.jobs).toHaveLength(size)
        return counts
      }

      const [few, many] = [await countFor(2), await countFor(300)]

      expect(many).toStrictEqual(few)
    })

    it('are read by an index wherever there may be many rows', async () => {
      const { url, database, outbox, statements } = await openRecorded(server, { ...WIDE, leadsPerCall: 10 })
      await fill(server, url)
      await callAllMethods(outbox)

      const plans: string[] = []
      for (const { text, values } of statements) {
        const plan = await database.run<{ 'QUERY PLAN': string }>(`EXPLAIN (COSTS OFF) ${text}`, ...values)
        plans.push(plan.map((row) => row['QUERY PLAN']).join('\n'))
      }

      expect(plans.filter((plan) => /Seq Scan on form_sync_job|Bitmap|Hash|Merge Join/.test(plan))).toStrictEqual([])
      // Neither a sort nor an aggregate reads all that is due, or listed, for the sake of a few.
      const sorted =
        /(?:-> {2}Sort\n +Sort Key.*|Aggregate)\n +-> {2}Index.* using form_sync_job_(?:turn|later_\w+|source|age|listed|receipt)/
      expect(plans.filter((plan) => sorted.test(plan))).toStrictEqual([])
      const whole = plans.flatMap((plan) => [
        ...plan.matchAll(/Scan using form_sync_job_(\w+) on .*\n +Index Cond: \(account = '\w+'::text\)\n/g),
      ])
      // The few jobs that are leased; the first ones that have no turn; and all that wait, by `resume` alone.
      expect(new Set(whole.map(([, index]) => index))).toStrictEqual(
        new Set(['leased', 'later_alone', 'later_shared', 'age']),
      )
    })
  })
})

/** Adds some thousand jobs in each state. */
async function fill(server: PostgresServer, url: string): Promise<void> {
  const states = [
    ['ready', 4_000],
    ['queued', 4_000],
    ['held', 2_000],
    ['parked', 2_000],
    ['delivered', 6_000],
  ] as const
  for (const [state, count] of states) {
    const waits = state === 'ready' || state === 'queued'
    await server.ask(
      // Half of the jobs that are ready have a turn, each of a source of its own.
      `INSERT INTO form_sync_job (id, account, form, person_key, state, due_at, batch_key, lead, notes, accepted_at,
         settled_at, turn, source)
       SELECT '${state}-' || n, 'default', 'contact', 'person-' || n, '${state}',
         ${waits ? `${T} + n` : 'NULL'}, CASE n % 2 WHEN 1 THEN 'soap' END,
         ${state === 'delivered' ? 'NULL' : `'{"attributes":[]}'`}, '[]', ${T} + n,
         ${waits ? 'NULL' : `${T} + n`}, ${state === 'ready' ? 'CASE WHEN n % 4 < 2 THEN 0 END' : 'NULL'},
         ${waits ? `'source-' || n` : 'NULL'}
       FROM generate_series(1, ${count}) AS n`,
      url,
    )
  }
  await server.ask('ANALYZE', url)
}

/** Calls every method, and settles with each kind of outcome. */
async function callAllMethods(outbox: Outbox): Promise<void> {
  await outbox.add([...ofOnePerson('a1', 'a2'), lead('b', { cookie: 'id:1' }), lead('c'), lead('d')], T - 1)
  await outbox.add([lead('e', { hold: 'spam' })], T - 1)
  await outbox.add([], T)
  const batches = await outbox.claim(T, LATER, 4)
  const outcomes: Outcome[] = [
    DELIVERED,
    { kind: 'parked', reason: 'no e-mail' },
    { kind: 'retry', dueAt: T, reason: 'busy', suspect: true },
    { kind: 'requeue', dueAt: T, reason: '20109', batch: 'refused', rejectedAttributes: ['FirstName'] },
    { kind: 'limited', limit: 'rate', retryAt: T, reason: '20023' },
  ]
  let settled = 0
  for (const batch of batches) {
    const settlements = batch.jobs.map((job) => settlement(job, outcomes[settled++ % outcomes.length]!))
    await outbox.settle(batch.id, settlements, T)
  }
  await outbox.acquireSlot(T, LATER)
  await outbox.nextDueAt(T)
  await outbox.resume(T)
  await outbox.status(T)
  await outbox.find('a1')
  for (const state of ['waiting', 'held', 'parked'] as const) {
    await outbox.list(state, 10)
    await outbox.list(state, 10, { at: T + 5, id: `${state}-5` })
  }
  await outbox.replay(['parked-7', 'held-8'], {}, T)
  await outbox.sweep(T + 5, 10)
}
