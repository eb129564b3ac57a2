/** What the tables of the outbox on PostgreSQL keep by themselves, and what they cost. */
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Limits } from '../../../../relay/outbox/limits/limits.ts'
import type { Outbox, Outcome } from '../../../../relay/outbox/outbox.ts'
import type { Database, Transaction, Value } from '../../../../relay/outbox/postgres/database.ts'
import { createPostgresOutbox } from '../../../../relay/outbox/postgres/outbox.ts'
import { connectPostgres } from '../../../../relay/runtime/node/postgres-pool.ts'
import { withPostgres, type PostgresServer } from '../../../support/postgres.ts'
import { jobsOf, LATER, lead, ofOnePerson, settlement, T, WIDE } from '../../../suites/outbox/leads.ts'

const DELIVERED = { kind: 'delivered', leadId: 7 } as const

/** An outbox whose statements are written down once it is open. */
async function open(server: PostgresServer, limits: Limits = WIDE) {
  const url = await server.schema()
  const database = connectPostgres(url)
  onTestFinished(() => database.close())
  await createPostgresOutbox(database, limits)
  const statements: { text: string; values: Value[] }[] = []
  const listening = (sql: Transaction): Transaction => ({
    run(text, ...values) {
      statements.push({ text, values })
      return sql.run(text, ...values)
    },
    send(text, ...values) {
      statements.push({ text, values })
      sql.send(text, ...values)
    },
  })
  const heard: Database = {
    run(text, ...values) {
      statements.push({ text, values })
      return database.run(text, ...values)
    },
    transaction: (work, patient) => database.transaction((sql) => work(listening(sql)), patient),
  }
  const outbox = await createPostgresOutbox(heard, limits)
  statements.length = 0
  return { url, database, outbox, statements }
}

withPostgres({ fsync: 'off' }, (server) => {
  describe('the tables on PostgreSQL', () => {
    it.each([
      ['two jobs of one person that could go', `UPDATE form_sync_job SET state = 'ready'`, 'unique constraint'],
      ['a receipt with a person on it', `UPDATE form_sync_job SET state = 'delivered'`, 'check constraint'],
      ['a waiting job that is never due', 'UPDATE form_sync_job SET due_at = NULL', 'check constraint'],
      ['a parked job that is out', `UPDATE form_sync_job SET state = 'parked', call = 1`, 'check constraint'],
      ['a state that nobody knows', `UPDATE form_sync_job SET state = 'lost'`, 'check constraint'],
      ['an id twice', `UPDATE form_sync_job SET id = 'a'`, 'unique constraint'],
      ['a second desk', `INSERT INTO form_sync_desk VALUES (false)`, 'check constraint'],
    ])('never hold %s, whatever writes it', async (_, statement, refusal) => {
      const { url, outbox } = await open(server)
      await outbox.add(ofOnePerson('a', 'b'), T)

      await expect(server.ask(statement, url)).rejects.toThrow(refusal)
    })

    it('count what is added and removed by hand, too', async () => {
      const { url, outbox } = await open(server)
      await outbox.add([lead('a'), lead('b'), lead('c')], T)

      await server.ask(`DELETE FROM form_sync_job WHERE id = 'b'`, url)
      await server.ask(`UPDATE form_sync_job SET state = 'parked', settled_at = 1 WHERE id = 'c'`, url)

      expect(await outbox.status(T)).toMatchObject({ waiting: 1, parked: 1, delivered: 0 })
    })

    it('hold ids and persons of any length, as often as they differ', async () => {
      const { outbox } = await open(server)
      // Noise, so that it cannot be made shorter than it is.
      const noise = Array.from({ length: 6_000 }, (_, n) => String.fromCodePoint(0x4e00 + ((n * 7_919) % 20_000))).join(
        '',
      )
      const leads = ['1', '2'].map((end) => lead(`${noise}${end}`, { person: `${noise}${end}` }))

      await outbox.add(leads, T)
      await outbox.add(leads, T)

      expect((await outbox.claim(T, LATER, 10)).flatMap(jobsOf).map((job) => job.lead)).toStrictEqual(leads)
    })

    it('have two people of the same number wait for each other, and never go as one', async () => {
      const { url, outbox } = await open(server, { ...WIDE, leadsPerCall: 10 })
      await server.ask(
        `CREATE OR REPLACE FUNCTION form_sync_line(person text) RETURNS bigint LANGUAGE sql IMMUTABLE
         AS $$ SELECT CASE WHEN person IS NULL THEN NULL ELSE 7::bigint END $$`,
        url,
      )
      await outbox.add([lead('a'), lead('b', { person: 'b' }), lead('c', { person: 'b' })], T)

      const [first] = await outbox.claim(T, LATER, 10)
      await outbox.settle(
        first!.id,
        jobsOf(first!).map((job) => settlement(job, DELIVERED)),
        T,
      )
      const [second] = await outbox.claim(T, LATER, 10)
      await outbox.settle(
        second!.id,
        jobsOf(second!).map((job) => settlement(job, DELIVERED)),
        T,
      )

      expect([first!, second!].map((call) => jobsOf(call).map((job) => job.lead.id))).toStrictEqual([['a'], ['b', 'c']])
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, delivered: 3 })
    })

    it('do not tell one of two people of the same number what the other has brought', async () => {
      const { url, outbox } = await open(server)
      await server.ask(
        `CREATE OR REPLACE FUNCTION form_sync_line(person text) RETURNS bigint LANGUAGE sql IMMUTABLE
         AS $$ SELECT CASE WHEN person IS NULL THEN NULL ELSE 7::bigint END $$`,
        url,
      )
      await outbox.add([lead('a'), lead('b')], T)
      const [first] = await outbox.claim(T, LATER, 10)
      await outbox.settle(first!.id, [{ id: 'a', attempt: 1, kind: 'parked', reason: 'no e-mail' }], T)
      const [second] = await outbox.claim(T, LATER, 10)

      await outbox.settle(second!.id, [{ id: 'b', attempt: 1, ...DELIVERED }], T)

      expect(await outbox.find('a')).toMatchObject({ superseded: [] })
    })

    it('let all that one person has sent go as one, also in a call of others', async () => {
      const { outbox } = await open(server, { ...WIDE, leadsPerCall: 12 })
      const many = ofOnePerson('b1', 'b2', 'b3', 'b4', 'b5', 'b6', 'b7', 'b8', 'b9')
      await outbox.add([lead('a'), ...many, lead('c'), lead('d')], T)

      const calls = await outbox.claim(T, LATER, 1)

      const turns = calls.flatMap(({ turns }) => turns.map((turn) => turn.map((job) => job.lead.id)))
      expect(turns).toStrictEqual([['a'], many.map(({ id }) => id), ['c'], ['d']])
    })

    it('have each of several that are replayed wait while a younger one of the person is out', async () => {
      const { outbox } = await open(server)
      await outbox.add(ofOnePerson('a', 'b', 'c'), T)
      for (const id of ['a', 'b']) {
        const [call] = await outbox.claim(T, LATER, 1)
        await outbox.settle(call!.id, [{ id, attempt: 1, kind: 'parked', reason: 'no e-mail' }], T)
      }
      await outbox.claim(T, LATER, 1)

      await outbox.replay(['b', 'a'], {}, T)

      expect((await outbox.find('a'))?.dueAt).toBe(LATER)
      expect((await outbox.find('b'))?.dueAt).toBe(LATER)
    })

    it.each(['claim', 'acquireSlot'] as const)(
      'do not fill up with calls that nobody has settled: %s',
      async (method) => {
        const { outbox, database } = await open(server)
        await outbox.add([lead('a'), lead('b')], T)
        await outbox.claim(T, T + 10, 1)
        await outbox.acquireSlot(T, T + 10)

        await outbox[method](T + 10, LATER, 1)

        expect(await database.run('SELECT until FROM form_sync_call')).toStrictEqual([{ until: LATER }])
      },
    )

    it('take as many statements for 300 leads of 300 people as for two of two', async () => {
      const limits = { ...WIDE, leadsPerCall: 300 }
      const { outbox, statements } = await open(server, limits)
      async function statementsFor(count: number): Promise<number[]> {
        const steps: number[] = []
        const step = () => void steps.push(statements.splice(0).length)
        await outbox.add(
          Array.from({ length: count }, (_, n) => lead(`${count}-${n}`)),
          T,
        )
        step()
        const [call] = await outbox.claim(T, LATER, 1)
        step()
        expect(jobsOf(call!)).toHaveLength(count)
        await outbox.settle(
          call!.id,
          jobsOf(call!).map((job) => settlement(job, DELIVERED)),
          T,
        )
        step()
        return steps
      }

      const [few, many] = [await statementsFor(2), await statementsFor(300)]

      expect(many).toStrictEqual(few)
    })

    it('are asked by an index for whatever may be many', async () => {
      const { url, database, outbox, statements } = await open(server, { ...WIDE, leadsPerCall: 10 })
      await fill(server, url)
      await everything(outbox)

      const plans: string[] = []
      for (const { text, values } of statements) {
        const plan = await database.run<{ 'QUERY PLAN': string }>(`EXPLAIN (COSTS OFF) ${text}`, ...values)
        plans.push(plan.map((row) => row['QUERY PLAN']).join('\n'))
      }

      expect(plans.filter((plan) => /Seq Scan on form_sync_job|Bitmap|Hash|Merge/.test(plan))).toStrictEqual([])
      // What is out, and who waits behind another: looked through once, at a start.
      const whole = plans.flatMap((plan) => [
        ...plan.matchAll(/Scan using (\w+) on form_sync_job.*\n(?! +Index Cond)/g),
      ])
      expect(whole.map(([, index]) => index)).toStrictEqual(['form_sync_job_out', 'form_sync_job_behind'])
    })
  })
})

/** Some thousand jobs in each state that there is. */
async function fill(server: PostgresServer, url: string): Promise<void> {
  const states = [
    ['ready', 1, 4_000],
    ['behind', 2, 4_000],
    ['parked', 2, 2_000],
    ['delivered', 3, 6_000],
  ] as const
  for (const [state, place, count] of states) {
    const waits = state === 'ready' || state === 'behind'
    await server.ask(
      `INSERT INTO form_sync_job (id, form, person, state, due_at, sociable, lead, notes, accepted_at, settled_at)
       SELECT '${state}-' || n, 'contact', ${state === 'delivered' ? 'NULL' : `'person-' || n`}, '${state}',
         ${waits ? `${T} + n` : 'NULL'}, n % 2, ${state === 'delivered' ? 'NULL' : `'{"attributes":[]}'`}, '[]',
         ${T} + ${place}, ${waits ? 'NULL' : `${T} + n`}
       FROM generate_series(1, ${count}) AS n`,
      url,
    )
  }
  await server.ask('ANALYZE', url)
}

/** Calls every method, and has each kind of outcome. */
async function everything(outbox: Outbox): Promise<void> {
  await outbox.add([...ofOnePerson('a1', 'a2'), lead('b', { cookie: 'id:1' }), lead('c')], T - 1)
  await outbox.add([], T)
  const calls = await outbox.claim(T, LATER, 4)
  const outcomes: Outcome[] = [
    DELIVERED,
    { kind: 'parked', reason: 'no e-mail' },
    { kind: 'retry', dueAt: T, reason: 'busy' },
    { kind: 'limited', limit: 'rate', until: T, reason: '606' },
  ]
  for (const call of calls) {
    const settlements = jobsOf(call).map((job, n) => settlement(job, outcomes[n % 4]!))
    await outbox.settle(call.id, settlements, T)
  }
  await outbox.acquireSlot(T, LATER)
  await outbox.nextDueAt(T)
  await outbox.resume(T)
  await outbox.status(T)
  await outbox.find('a1')
  await outbox.parked(10, { id: 'parked-5', settledAt: T + 5 })
  await outbox.replay(['parked-7', 'parked-8'], {}, T)
  await outbox.sweep(T + 5, 10)
}
