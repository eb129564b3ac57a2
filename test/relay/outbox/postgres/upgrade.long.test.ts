/** Upgrades from the tables of each version that was ever released, with leads that wait in them. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Lead } from '../../../../relay/intake/lead.ts'
import { parseState } from '../../../../relay/outbox/account-state.ts'
import { LIMITS } from '../../../../relay/outbox/limits/limits.ts'
import type { JobRecord, Outbox } from '../../../../relay/outbox/outbox.ts'
import { VERSION } from '../../../../relay/outbox/postgres/schema.ts'
import { AFTER_LEAD } from '../../../oracle/memory-outbox.ts'
import { withPostgres, type PostgresServer } from '../../../support/postgres.ts'
import {
  claimBatch,
  ids,
  idsOf,
  lead as createLead,
  SECOND,
  settleBatch,
  T,
  type LeadParts,
} from '../../../suites/outbox/leads.ts'
import { connect, optionsOf, startNode } from './nodes.ts'

const HOUR = 3_600 * SECOND

/** Time of the last call of the old program. */
const NOW = T + 16 * SECOND

/** End of the lease of the batch that is out, and of the call slot. */
const LEASE_END = T + 115 * SECOND
const SLOT_END = T + 65 * SECOND

/** Time from which the circuit breaker is half-open. */
const RETRY_AT = T + HOUR

/** A time after all that any test waits for. */
const LATER = T + 24 * HOUR

const DELIVERED = { kind: 'delivered', leadId: 700 } as const
const BLOCKED = '20014 Authentication Failed (check the user id and the secret key)'
const QUOTED = '20109 Parameter Required: "Country" is C:\\temp'

/** Returns the id of the lead with this number. */
function uuid(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
}

/** Returns the numbers of leads with these ids. */
function numbers(of: readonly string[]): number[] {
  return of.map((id) => Number(id.slice(-12))).toSorted((a, b) => a - b)
}

/** Creates a lead as the old program has accepted it, some seconds after `T`. */
function lead(n: number, name: string, seconds: number, over: LeadParts = {}): Lead {
  const attributes = [{ name: 'FirstName', value: `First ${n}` }]
  return createLead(uuid(n), { email: `${name}@example.com`, attributes, acceptedAt: T + seconds * SECOND, ...over })
}

/** Returns attempts that failed for the same reason. */
function failed(reason: string, first: number, last = first, times = 1) {
  return { reason, times, first: T + first * SECOND, last: T + last * SECOND }
}

/** Returns a record with empty lists, unless `over` fills them. */
function record({ id, form, acceptedAt }: Lead, over: Partial<JobRecord> & Pick<JobRecord, 'state'>): JobRecord {
  const empty = { history: [], rejectedAttributes: [], staleAttributes: [], notes: [] }
  return { id, form, acceptedAt, attempts: 1, ...empty, ...over }
}

/** Returns a record of a lead that waits. */
function waiting(of: Lead, dueAt: number, over: Partial<JobRecord> = {}): JobRecord {
  return record(of, { state: 'waiting', dueAt, lead: of, ...over })
}

const event = { form: 'event' }
const [gus, hal, nia] = [lead(8, 'gus', 8), lead(9, 'hal', 8), lead(17, 'nia', 16, event)]
const dora = lead(4, 'dora', 3, event)
const emil = lead(5, 'emil', 5, { attributes: [{ name: 'Hat__c', value: 'red' }] })
const fay = lead(6, 'fay', 6, {
  attributes: [
    { name: 'FirstName', value: 'old' },
    { name: 'Title', value: 'CTO' },
  ],
})
const ida = lead(10, 'ida', 9, { cookie: 'id:123-ABC-456&token:_mch-example.com-10', workspace: 'Europe' })
const jo = lead(11, 'jo', 11, { attributes: [{ name: 'Shoe__c', value: '42' }] })
const kay = lead(12, '"k \\ l"', 12, {
  attributes: [{ name: 'LastName', value: 'nul \0 half \uD800 "quoted"' }],
})
const [lea1, lea3] = [lead(13, 'lea', 15), lead(16, 'lea', 15, event)]
const lea2 = lead(14, 'lea', 15, { attributes: [{ name: 'Title', value: 'CEO' }] })
const max = lead(15, 'max', 15)
const olga = lead(18, 'olga', 16)

/** Records of the old database: leads that wait, are leased, parked and delivered. */
const RECORDS: readonly JobRecord[] = [
  record(lead(2, 'ben', 2), { state: 'delivered', settledAt: T + 2 * SECOND, leadId: 702 }),
  record(lead(3, 'cleo', 2, event), {
    state: 'delivered',
    settledAt: T + 2 * SECOND,
    leadId: 703,
    notes: ['cookie left out: "x"'],
  }),
  record(dora, {
    state: 'parked',
    attempts: 2,
    settledAt: T + 4 * SECOND,
    reason: QUOTED,
    history: [failed('HTTP 500 from example.com: empty', 3), failed(QUOTED, 4)],
    lead: dora,
  }),
  record(emil, {
    state: 'parked',
    attempts: 2,
    settledAt: T + 5 * SECOND,
    leadId: 705,
    reason: '20105 Lead Attribute Bad: Hat__c',
    history: [failed('20105 Lead Attribute Bad: Hat__c', 5)],
    rejectedAttributes: ['Hat__c'],
    lead: emil,
  }),
  record(fay, {
    state: 'parked',
    settledAt: T + 6 * SECOND,
    reason: '20110 Bad Parameter',
    history: [failed('20110 Bad Parameter', 6)],
    staleAttributes: ['FirstName'],
    lead: fay,
  }),
  record(lead(7, 'fay', 7), { state: 'delivered', settledAt: T + 7 * SECOND, leadId: 707 }),
  ...[gus, hal].map((of) =>
    waiting(of, T + HOUR, { reason: '20109 Parameter Required', history: [failed('20109 Parameter Required', 8)] }),
  ),
  waiting(ida, T + 2 * HOUR, {
    attempts: 2,
    reason: '10001 Internal Error',
    history: [failed('10001 Internal Error', 9, 10, 2)],
  }),
  waiting(jo, T + 3 * HOUR, {
    attempts: 2,
    reason: '20105 Lead Attribute Bad: Shoe__c',
    history: [failed('20105 Lead Attribute Bad: Shoe__c', 11)],
  }),
  waiting(kay, T + HOUR, {
    attempts: 2,
    reason: 'HTTP 500 from example.com: empty',
    history: [failed('20023 Rate Limit Exceeded', 12), failed('HTTP 500 from example.com: empty', 14)],
  }),
  ...[lea1, lea2, max].map((of) => waiting(of, LEASE_END)),
  waiting(lea3, T + 15 * SECOND, { attempts: 0 }),
  waiting(nia, NOW, { reason: BLOCKED, history: [failed(BLOCKED, 16)] }),
  waiting(olga, NOW, { attempts: 0 }),
]

withPostgres({ fsync: 'off' }, (server) => {
  describe.each([1, 2, 3, 4, 5, 6, 7])('a database of version %i', (version) => {
    /** Runs for the oldest and the newest version; those between differ in nothing that these tests look at. */
    const itAtEnds = it.runIf(version === 1 || version === 7)

    /** Loads it into a schema of its own. */
    async function load(): Promise<string> {
      const url = await server.schema()
      await server.ask(readFileSync(new URL(`./version-${version}.sql`, import.meta.url), 'utf8'), url)
      return url
    }

    /** Loads it without its breaker, so that leads are leased at once. */
    async function loadWithoutBreaker(): Promise<string> {
      const url = await load()
      await setBreaker(url, undefined)
      return url
    }

    /** Writes the breaker as the old program does. */
    async function setBreaker(
      url: string,
      probe: { batch: number; leaseExpiresAt: number } | undefined,
    ): Promise<void> {
      const breaker = { reason: BLOCKED, blocked: true, passed: 1 }
      if (version >= 3) {
        const state = probe && { breaker: { ...breaker, retryAt: NOW, probe } }
        const budget = `(state::jsonb - 'breaker') || '${JSON.stringify(state ?? {})}'`
        await server.ask(`UPDATE form_sync_control SET state = ${budget}`, url)
      } else {
        const old = probe && { call: probe.batch, until: probe.leaseExpiresAt }
        const halt = old ? `'${JSON.stringify({ ...breaker, until: NOW, probe: old })}'` : 'NULL'
        await server.ask(`UPDATE form_sync_desk SET halt = ${halt}`, url)
      }
    }

    it('keeps every lead: its state, order, history and receipt', async () => {
      const { outbox } = await startNode(await load(), optionsOf(LIMITS))

      const found = await Promise.all(RECORDS.map(({ id }) => outbox.find(id)))

      expect(found).toStrictEqual(RECORDS)
      expect(numbers((await outbox.list('parked', 10)).map(({ id }) => id))).toStrictEqual([4, 5, 6])
      expect((await outbox.list('waiting', 20)).map(({ acceptedAt }) => acceptedAt - T)).toStrictEqual(
        [8, 8, 9, 11, 12, 15, 15, 15, 15, 16, 16].map((seconds) => seconds * SECOND),
      )
    })

    itAtEnds('keeps its counts, its breaker, and the calls of the day', async () => {
      const { database, outbox } = await startNode(await load(), optionsOf(LIMITS))

      expect(await outbox.status(NOW)).toStrictEqual({
        waiting: 11,
        held: 0,
        parked: 3,
        delivered: 4,
        oldestAt: T + 8 * SECOND,
        parkedAt: T + 4 * SECOND,
        breaker: { reason: BLOCKED, retryAt: RETRY_AT, blocked: true },
        day: { spent: 19, of: 5_000, endsAt: 1_700_028_060_000 },
      })
      const counters = await database.run(
        `SELECT form, waiting, parked, accepted_total, parked_total, delivered_total
         FROM form_sync_counter ORDER BY form`,
      )
      expect(counters.map((row) => Object.values(row))).toStrictEqual([
        // A lead that was delivered, and whose receipt was swept.
        ['', 0, 0, 1, 0, 1],
        ['contact', 9, 2, 13, 2, 2],
        ['event', 2, 1, 4, 1, 1],
      ])
    })

    itAtEnds('keeps what is used of the rate, and that it was reduced', async () => {
      const { database } = await startNode(await load(), optionsOf(LIMITS))

      const [control] = await database.run<{ account: string; transport: string; state: string }>(
        'SELECT account, transport, state FROM form_sync_control',
      )

      expect(control).toMatchObject({ account: 'default', transport: 'soap' })
      expect(parseState(control?.state)).toStrictEqual({
        budget: {
          tokens: 0,
          filledAt: NOW,
          rateShare: 0.5,
          rateReducedAt: T + 13 * SECOND,
          concurrencyShare: 1,
          concurrencyReducedAt: 0,
          spent: 19,
          dayEndsAt: 1_700_028_060_000,
        },
        breaker: { retryAt: RETRY_AT, reason: BLOCKED, blocked: true, passed: 0 },
      })
    })

    itAtEnds('leases nothing while its breaker is open, and then one lead at a time until it closes', async () => {
      const { outbox } = await startNode(await load(), optionsOf(LIMITS))
      const early = await outbox.claim(RETRY_AT - 1, LATER, 5)
      const dueAt = await outbox.nextDueAt(NOW)

      const probes: number[] = []
      for (let n = 0; n < 3; n += 1) {
        const batches = await outbox.claim(RETRY_AT, LATER, 5)
        probes.push(...batches.map(({ jobs }) => jobs.length))
        await settleBatch(outbox, batches[0]!, DELIVERED, RETRY_AT)
      }
      const batch = await claimBatch(outbox, RETRY_AT, LATER)

      expect(early).toStrictEqual([])
      expect(dueAt).toBe(RETRY_AT)
      expect(probes).toStrictEqual([1, 1, 1])
      expect(batch.jobs.length).toBeGreaterThan(1)
    })

    itAtEnds('leases nothing while the old program has a probe out', async () => {
      const url = await load()
      await setBreaker(url, { batch: 17, leaseExpiresAt: LEASE_END })
      const { outbox } = await startNode(url, optionsOf(LIMITS))

      expect(await outbox.claim(LEASE_END - 1, LATER, 5)).toStrictEqual([])
      expect(await outbox.claim(LEASE_END, LATER, 5)).toHaveLength(1)
    })

    itAtEnds('leaves the batch that is out to the old program until its lease expires', async () => {
      const { outbox } = await startNode(await loadWithoutBreaker(), optionsOf(LIMITS))

      const before = await claimBatch(outbox, LEASE_END - 1, LATER)
      const after = await claimBatch(outbox, LEASE_END, LATER)

      expect(numbers(ids(before.jobs))).toStrictEqual([17, 18])
      expect(after.jobs.map((job) => [...numbers([job.lead.id]), job.attempt])).toStrictEqual([
        [13, 2],
        [15, 2],
      ])
      // No number is used twice, so that a late settlement of the old program ends no other batch.
      expect(Math.min(before.id, after.id)).toBeGreaterThan(19)
    })

    itAtEnds('counts the batch and the call slot that are out', async () => {
      const limits = { ...LIMITS, concurrency: 2 }
      const { outbox } = await startNode(await loadWithoutBreaker(), optionsOf(limits))

      expect(await outbox.acquireSlot(SLOT_END - 1, LATER)).toStrictEqual({ retryAt: SLOT_END })
      expect(await outbox.acquireSlot(SLOT_END, LATER)).toHaveProperty('slot')
    })

    itAtEnds(
      'sends leads of one person that were leased merged one after the other, each as it was accepted',
      async () => {
        const { outbox } = await startNode(await loadWithoutBreaker(), optionsOf(LIMITS))
        await outbox.add([lead(19, 'lea', 17)], NOW)

        const sent: Lead[] = []
        for (let now = LEASE_END; sent.length < 4; now += SECOND) {
          const batch = await claimBatch(outbox, now, now + 100 * SECOND)
          sent.push(...batch.jobs.flatMap((job) => (job.lead.person === lea1.person ? [job.lead] : [])))
          await settleBatch(outbox, batch, DELIVERED, now)
        }

        expect(sent).toStrictEqual([lea1, lea2, lea3, lead(19, 'lea', 17)])
      },
    )

    it('delivers all that waits, each lead once and as it was accepted', async () => {
      const { outbox } = await startNode(await load(), optionsOf(LIMITS))

      const sent = await deliverAll(outbox)

      const expected = [gus, hal, ida, jo, kay, lea1, lea2, max, lea3, nia, olga]
      expect(sent.toSorted(byId)).toStrictEqual(expected.toSorted(byId))
      expect(await outbox.status(LATER)).toMatchObject({ waiting: 0, parked: 3, delivered: 15 })
      expect(await outbox.find(uuid(11))).toMatchObject({ state: 'delivered', leadId: 700 })
    })

    it('replays what was parked, without stale attributes', async () => {
      const { outbox } = await startNode(await load(), optionsOf(LIMITS))
      await deliverAll(outbox)

      const replayed = await outbox.replay([uuid(4), uuid(5), uuid(6)], { rename: { Hat__c: 'Hat' } }, LATER)
      const sent = await deliverAll(outbox, LATER)

      expect(replayed.map(({ result }) => result)).toStrictEqual(['replayed', 'replayed', 'replayed'])
      expect(sent.toSorted(byId)).toStrictEqual([
        dora,
        { ...emil, attributes: [{ name: 'Hat', value: 'red' }] },
        { ...fay, attributes: [{ name: 'Title', value: 'CTO' }] },
      ])
      expect(await outbox.status(LATER)).toMatchObject({ waiting: 0, parked: 0, delivered: 18 })
    })

    itAtEnds('sends leads with the limit of a batch that they carried in batches of any size', async () => {
      const { database, outbox } = await startNode(await loadWithoutBreaker(), optionsOf(LIMITS))

      const batch = await claimBatch(outbox, T + HOUR, LATER)

      expect(numbers(ids(batch.jobs))).toEqual(expect.arrayContaining([8, 9]))
      expect(await database.run('SELECT id FROM form_sync_job WHERE max_batch_size IS NOT NULL')).toStrictEqual([])
    })

    itAtEnds('sends a lead with a cookie or a workspace alone', async () => {
      const { outbox } = await startNode(await loadWithoutBreaker(), optionsOf(LIMITS))

      const batches = await outbox.claim(T + 2 * HOUR, LATER, 5)

      expect(idsOf(batches)).toContainEqual([uuid(10)])
      expect(batches.flatMap(({ jobs }) => jobs).find((job) => job.lead.id === uuid(10))).toMatchObject({
        attempt: 3,
        failures: 2,
        failingSince: T + 9 * SECOND,
      })
    })

    it.each([
      ['a person whose leads are leased: a new lead waits for the older ones', lea1, 16, 'ready', 'queued'],
      ['a person whose older lead has failed for minutes: a new lead goes first', kay, 12, 'queued', 'ready'],
    ])('knows %s', async (_, older, last, before, after) => {
      const { database, outbox } = await startNode(await load(), optionsOf(LIMITS))
      await outbox.add([createLead(uuid(19), { email: older.email })], NOW)

      const order = await database.run<{ id: string; state: string }>(
        `SELECT id, state FROM form_sync_job WHERE person_key = (
           SELECT person_key FROM form_sync_job WHERE id = '${uuid(19)}'
         ) ORDER BY seq`,
      )

      expect(order.slice(-2)).toMatchObject([{ id: uuid(last) }, { id: uuid(19), state: after }])
      expect(order[0]).toMatchObject({ id: older.id, state: before })
    })

    itAtEnds('knows a visitor by the cookie', async () => {
      const { database, outbox } = await startNode(await load(), optionsOf(LIMITS))
      await outbox.add([lead(19, 'new', 17, { cookie: ida.cookie! })], NOW)

      const keys = await database.run<{ key: string }>(
        `SELECT visitor_key AS key FROM form_sync_job WHERE id IN ('${uuid(10)}', '${uuid(19)}')`,
      )

      expect(keys).toHaveLength(2)
      expect(keys[0]?.key).toMatch(/^[\w-]{22}$/)
      expect(keys[1]).toStrictEqual(keys[0])
    })

    itAtEnds(
      'takes a lead with a known id once, whatever its content is, when it waits, is parked or was delivered',
      async () => {
        const { outbox } = await startNode(await load(), optionsOf(LIMITS))

        await outbox.add(
          [2, 4, 8].map((n) => lead(n, 'other', 17)),
          NOW,
        )

        expect(await Promise.all(RECORDS.map(({ id }) => outbox.find(id)))).toStrictEqual(RECORDS)
        expect(await outbox.status(NOW)).toMatchObject({ waiting: 11 })
      },
    )

    itAtEnds('compares the contents of leads that are added from then on', async () => {
      const { outbox } = await startNode(await load(), optionsOf(LIMITS))
      const [first, second] = [lead(19, 'new', 17), lead(19, 'new', 17, event)]

      await outbox.add([first, second, first, second], NOW)

      expect(await outbox.status(NOW)).toMatchObject({ waiting: 13, reusedIds: 1 })
    })

    itAtEnds('sweeps its receipts', async () => {
      const { outbox } = await startNode(await load(), optionsOf(LIMITS))

      expect(await outbox.sweep(NOW, 10)).toBe(3)
      expect(await outbox.status(NOW)).toMatchObject({ delivered: 4 })
    })

    it('becomes what a new database is, and holds no address outside of a lead', async () => {
      const [old, fresh] = [await startNode(await load()), await startNode(await server.schema())]

      const rows = await old.database.run(`SELECT to_jsonb(job) - 'lead' AS job FROM form_sync_job AS job`)

      expect(await describeTables(server, old.url)).toStrictEqual(await describeTables(server, fresh.url))
      expect(JSON.stringify(rows)).not.toMatch(/@|_mch|First \d/)
    })

    itAtEnds('is left as it is when the upgrade fails in the middle, and is upgraded once it can be', async () => {
      const url = await load()
      // A table of another program is in the way of one of the last steps.
      const inTheWay = version >= 3 ? 'form_sync_act' : 'form_sync_owed'
      await server.ask(`CREATE TABLE ${inTheWay} ()`, url)
      const before = [await describeTables(server, url), await readAll(server, url)]

      await expect(startNode(url)).rejects.toThrow(`relation "${inTheWay}" already exists`)
      const after = [await describeTables(server, url), await readAll(server, url)]
      await server.ask(`DROP TABLE ${inTheWay}`, url)
      const { outbox } = await startNode(url)

      expect(after).toStrictEqual(before)
      expect(await Promise.all(RECORDS.map(({ id }) => outbox.find(id)))).toStrictEqual(RECORDS)
    })

    itAtEnds('is refused, and left as it is, by a program that must not upgrade it', async () => {
      const url = await load()
      const before = [await describeTables(server, url), await readAll(server, url)]

      const starting = startNode(url, { ...optionsOf(), upgrade: false })

      await expect(starting).rejects.toThrow(
        `the outbox has version ${version}, and this form-sync works with version ${VERSION}: start its relay once`,
      )
      expect([await describeTables(server, url), await readAll(server, url)]).toStrictEqual(before)
    })

    itAtEnds('is upgraded once by nodes that start at the same time', async () => {
      const url = await load()

      const nodes = await Promise.all([1, 2, 3].map(() => startNode(url, optionsOf(LIMITS))))
      await Promise.all(nodes.map(({ outbox }, n) => outbox.add([lead(19 + n, 'olga', 17)], NOW)))

      expect(await nodes[0]!.database.run('SELECT version FROM form_sync_meta')).toStrictEqual([{ version: VERSION }])
      expect(await Promise.all(RECORDS.map(({ id }) => nodes[0]!.outbox.find(id)))).toStrictEqual(RECORDS)
      expect(await nodes[1]!.outbox.status(NOW)).toMatchObject({ waiting: 14, parked: 3, delivered: 4 })
      // To all of them the new leads are of the person whose lead waits.
      const people = `SELECT count(DISTINCT person_key) AS count FROM form_sync_job WHERE lead LIKE '%olga@%'`
      expect(await nodes[2]!.database.run(people)).toStrictEqual([{ count: 1 }])
    })

    itAtEnds('keeps what an old node stores while the upgrade begins', async () => {
      const url = await load()
      const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const claiming = connect(url).transaction(async (sql) => {
        // As a claim of the old program does.
        const [control, state, batch] =
          version >= 3 ? ['form_sync_control', 'state', 'batch'] : ['form_sync_desk', 'allowance', 'call']
        await sql.run(`SELECT ${state} FROM ${control} FOR UPDATE`)
        await sql.run(`UPDATE form_sync_job SET attempts = attempts + 1, ${batch} = 20 WHERE id = '${uuid(18)}'`)
        reached.resolve()
        await released.promise
        await sql.run(`UPDATE ${control} SET ${state} = replace(${state}, '"spent":19', '"spent":20')`)
      })
      await reached.promise

      const starting = startNode(url, optionsOf(LIMITS))
      await waitForBlocked(server)
      released.resolve()
      await claiming
      const { outbox } = await starting

      expect((await outbox.status(NOW)).day.spent).toBe(20)
      expect(await outbox.find(uuid(18))).toMatchObject({ attempts: 1 })
    })
  })

  it('a database of version 5 has the tables of today after the upgrade, and owes what it owed', async () => {
    const url = await server.schema()
    const { outbox } = await startNode(url, { ...optionsOf(LIMITS), batchKeys: AFTER_LEAD })
    await outbox.add([lead(1, 'kay', 0, { cookie: 'c' })], NOW)
    await settleBatch(outbox, await claimBatch(outbox, NOW), DELIVERED, NOW)
    const tables = await describeTables(server, url)
    await server.ask('ALTER TABLE form_sync_owed DROP COLUMN workspace', url)
    // The indexes of turns go with the column.
    await server.ask('ALTER TABLE form_sync_job DROP COLUMN turn', url)
    const due = '(account, batch_key, form, due_at, seq)'
    await server.ask(`CREATE INDEX form_sync_job_due ON form_sync_job ${due} WHERE state = 'ready'`, url)
    await server.ask('DROP TABLE form_sync_held_form, form_sync_act', url)
    await server.ask('ALTER TABLE form_sync_counter DROP COLUMN expired_total', url)
    await server.ask('UPDATE form_sync_meta SET version = 5', url)

    const { outbox: upgraded } = await startNode(url, { ...optionsOf(LIMITS), batchKeys: AFTER_LEAD })

    expect(await describeTables(server, url)).toStrictEqual(tables)
    expect((await claimBatch(upgraded, NOW)).owed?.cookie).toStrictEqual({
      id: uuid(1),
      leadId: 700,
      email: 'kay@example.com',
      cookie: 'c',
      acceptedAt: T,
    })
  })

  describe('a database of a newer version', () => {
    it('is refused with the versions, and left as it is', async () => {
      const url = await server.schema()
      const { outbox } = await startNode(url)
      await outbox.add([olga], NOW)
      await server.ask(`UPDATE form_sync_meta SET version = ${VERSION + 1}`, url)
      const before = [await describeTables(server, url), await readAll(server, url)]

      const starting = startNode(url)

      await expect(starting).rejects.toThrow(
        `the outbox has version ${VERSION + 1}, and this form-sync works with version ${VERSION}: run a newer form-sync`,
      )
      expect([await describeTables(server, url), await readAll(server, url)]).toStrictEqual(before)
    })
  })
})

/** Delivers all leads that wait, also those that are due much later; returns them as they were sent. */
async function deliverAll(outbox: Outbox, from = RETRY_AT): Promise<Lead[]> {
  const sent: Lead[] = []
  for (let now = from; (await outbox.status(now)).waiting > 0; now += HOUR / 60) {
    for (const batch of await outbox.claim(now, now + 100 * SECOND, 5)) {
      sent.push(...batch.jobs.map((job) => job.lead))
      await settleBatch(outbox, batch, DELIVERED, now)
    }
  }
  return sent
}

function byId(a: Lead, b: Lead): number {
  return a.id < b.id ? -1 : 1
}

/** Describes columns, constraints, indexes, triggers and functions of a schema, without its name. */
async function describeTables(server: PostgresServer, url: string): Promise<string[]> {
  const rows = await server.ask<{ line: string }>(
    `SELECT format('column %s.%s %s %s %s %s', table_name, column_name, data_type, collation_name, is_nullable,
         coalesce(column_default, identity_generation)) AS line
     FROM information_schema.columns WHERE table_schema = current_schema()
     UNION ALL SELECT format('constraint %s %s', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
     WHERE connamespace = current_schema()::regnamespace
     UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() AND indexname NOT LIKE '%_pkey'
     UNION ALL SELECT 'options ' || relname || reloptions::text FROM pg_class
     WHERE relnamespace = current_schema()::regnamespace AND reloptions IS NOT NULL
     UNION ALL SELECT 'trigger ' || trigger_name FROM information_schema.triggers
     WHERE trigger_schema = current_schema()
     UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
     UNION ALL SELECT 'sequence ' || sequencename FROM pg_sequences WHERE schemaname = current_schema()`,
    url,
  )
  return rows.map(({ line }) => line.replaceAll(/\btest_\d+\./g, '')).toSorted()
}

/** Reads every row of every table. */
async function readAll(server: PostgresServer, url: string): Promise<unknown[]> {
  const tables = await server.ask<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1`,
    url,
  )
  return Promise.all(
    tables.map(async ({ name }) => [name, await server.ask(`SELECT * FROM ${name} AS row ORDER BY row::text`, url)]),
  )
}

/** Resolves when a connection of form-sync waits for the lock of another one. */
async function waitForBlocked(server: PostgresServer): Promise<void> {
  for (;;) {
    const blocked = await server.ask(
      `SELECT FROM pg_stat_activity WHERE application_name = 'form-sync' AND wait_event_type = 'Lock'`,
    )
    if (blocked.length > 0) return
  }
}
