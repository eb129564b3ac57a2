import { spawn } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Outbox, Outcome } from '../../../../relay/outbox/outbox.ts'
import { createSqliteOutbox } from '../../../../relay/outbox/sqlite/outbox.ts'
import { NODE_CRYPTO, OUTBOX_OPTIONS } from '../../../../relay/runtime/node/outbox-crypto.ts'
import { openSqlite } from '../../../../relay/runtime/node/sqlite-file.ts'
import { makeFolder } from '../../../support/folder.ts'
import { BY_FORM } from '../../../suites/outbox/batching.ts'
import { refusingTriggers } from '../../../suites/outbox/durability.ts'
import {
  addAll,
  ids,
  idsOf,
  LATER,
  park,
  lead,
  ofOnePerson,
  oneByOne,
  settleNext,
  T,
  WIDE,
  WIDE_BATCHES,
} from '../../../suites/outbox/leads.ts'
import { limits } from '../../../suites/outbox/limits.ts'
import { durableOutboxSuite, type DurableOutbox, type Open, type OutboxSettings } from '../../../suites/outbox/suite.ts'
import { TEST_BATCH_KEYS } from '../../../oracle/memory-outbox.ts'
import { openFile } from './open-file.ts'

async function openDurable(settings: OutboxSettings): Promise<DurableOutbox> {
  const path = join(makeFolder(), 'outbox.sqlite')
  let sql = openSqlite(path)
  onTestFinished(() => sql.close())
  const open = (over: Partial<OutboxSettings> & { account?: string }) =>
    createSqliteOutbox(sql, { ...settings, crypto: NODE_CRYPTO, ...over })
  return {
    outbox: await open({}),
    reopen(changed = {}) {
      sql.close()
      sql = openSqlite(path)
      return open(changed)
    },
    openAccount: (account) => open({ account }),
    refuse(id) {
      for (const trigger of refusingTriggers(id)) sql.run(trigger)
    },
  }
}

durableOutboxSuite('SQLite on Node', openDurable)

describe('outbox: SQLite on Node, opened anew for each call', () => {
  /** Everything that the outbox knows is in its file. */
  const open: Open = async (limits) => {
    const sql = openFile(join(makeFolder(), 'outbox.sqlite'))
    const anew = () => createSqliteOutbox(sql, { limits, batchKeys: TEST_BATCH_KEYS, crypto: NODE_CRYPTO })
    const outbox: Outbox = {
      add: async (...args) => (await anew()).add(...args),
      claim: async (...args) => (await anew()).claim(...args),
      settle: async (...args) => (await anew()).settle(...args),
      acquireSlot: async (...args) => (await anew()).acquireSlot(...args),
      nextDueAt: async (...args) => (await anew()).nextDueAt(...args),
      resume: async (...args) => (await anew()).resume(...args),
      retryNow: async (...args) => (await anew()).retryNow(...args),
      status: async (...args) => (await anew()).status(...args),
      find: async (...args) => (await anew()).find(...args),
      list: async (...args) => (await anew()).list(...args),
      replay: async (...args) => (await anew()).replay(...args),
      survey: async (...args) => (await anew()).survey(...args),
      discard: async (...args) => (await anew()).discard(...args),
      findPerson: async (...args) => (await anew()).findPerson(...args),
      erase: async (...args) => (await anew()).erase(...args),
      expire: async (...args) => (await anew()).expire(...args),
      holdForm: async (...args) => (await anew()).holdForm(...args),
      beginAct: async (...args) => (await anew()).beginAct(...args),
      endAct: async (...args) => (await anew()).endAct(...args),
      listActs: async (...args) => (await anew()).listActs(...args),
      sweep: async (...args) => (await anew()).sweep(...args),
    }
    return outbox
  }

  limits(open)
})

describe('the outbox in a file', () => {
  it('has the leads that it reported as stored after its process was killed', async () => {
    const path = join(makeFolder(), 'outbox.sqlite')
    const child = spawn(process.execPath, [fileURLToPath(new URL('./keep.ts', import.meta.url)), path])
    const reported: string[] = []
    for await (const line of createInterface(child.stdout)) {
      reported.push(line.replace('kept ', ''))
      if (reported.length === 50) child.kill('SIGKILL')
    }
    if (child.signalCode === null) await once(child, 'exit')

    const outbox = oneByOne(await createSqliteOutbox(openFile(path), { ...OUTBOX_OPTIONS, limits: WIDE }))

    expect(child.signalCode).toBe('SIGKILL')
    const found = await Promise.all(reported.map((id) => outbox.find(id)))
    expect(found.map((job) => job?.lead)).toStrictEqual(reported.map((id) => lead(id)))
    expect(ids(await outbox.claim(T, LATER, reported.length))).toStrictEqual(reported)
  })

  it('has no byte of personal data once the leads are delivered', async () => {
    const path = join(makeFolder(), 'outbox.sqlite')
    const sql = openSqlite(path)
    const outbox = await createSqliteOutbox(sql, { ...OUTBOX_OPTIONS, limits: WIDE })
    const person = { person: 'zoe@example.com', email: 'zoe@example.com' }
    const attributes = [{ name: 'LastName', value: 'Söhne '.repeat(2_000) }]
    await addAll(
      outbox,
      lead('a', { ...person, attributes }),
      lead('b', { ...person, cookie: 'id:1&token:_mch-zoe' }),
      lead('c', { ...person, hold: 'zoe looks like spam' }),
    )
    const outcomes: Outcome[] = [
      { kind: 'retry', dueAt: T, reason: 'zoe is locked' },
      { kind: 'requeue', dueAt: T, reason: 'zoe was rejected', rejectedAttributes: ['LastName'] },
      { kind: 'delivered', leadId: 7 },
    ]
    for (const outcome of [...outcomes, ...outcomes]) await settleNext(outbox, outcome)
    await outbox.replay(['a'], { rename: { LastName: 'Surname' } }, T)
    await settleNext(outbox, { kind: 'delivered', leadId: 7 })
    await outbox.replay(['c'], {}, T)
    await settleNext(outbox, { kind: 'delivered', leadId: 7 })

    sql.checkpoint()
    const log = statSync(`${path}-wal`).size
    sql.close()
    const bytes = readFileSync(path)

    expect(log).toBe(0)
    expect(bytes.includes('contact')).toBe(true)
    expect(['zoe', 'Söhne', 'George'].filter((word) => bytes.includes(word))).toStrictEqual([])
  })

  it('has no byte of personal data once the leads are discarded, and no name of what newer leads have sent', async () => {
    const path = join(makeFolder(), 'outbox.sqlite')
    const sql = openSqlite(path)
    const outbox = await createSqliteOutbox(sql, { ...OUTBOX_OPTIONS, limits: WIDE })
    const zoe = { person: 'zoe@example.com', email: 'zoe@example.com', cookie: 'id:1&token:_mch-zoe' }
    await addAll(outbox, lead('held', { ...zoe, hold: 'zoe looks like spam' }), lead('newer', zoe))
    await settleNext(outbox, { kind: 'delivered', leadId: 7 })
    await addAll(outbox, lead('failed', { ...zoe, network: '192.0.2.1' }))
    await settleNext(outbox, { kind: 'retry', dueAt: T, reason: 'zoe is locked' })
    const names = () => sql.run('SELECT name FROM newest_sent').length
    const before = names()

    const discarding = { by: 'ana', reason: 'a flood', dryRun: false }
    for (const state of ['waiting', 'held'] as const) await outbox.discard({ state }, discarding, T)

    expect([before, names()]).toStrictEqual([2, 0])
    expect(sql.run('SELECT visitor_key, source FROM job WHERE lead_id IS NULL')).toEqual(
      [1, 2].map(() => ({ visitor_key: null, source: null })),
    )
    sql.checkpoint()
    sql.close()
    const bytes = readFileSync(path)
    expect(bytes.includes('discarded by ana')).toBe(true)
    expect(['zoe', 'George'].filter((word) => bytes.includes(word))).toStrictEqual([])
  })

  it('has the address and the cookie of a waiting lead in the lead alone, and digests of both', async () => {
    const sql = openFile(join(makeFolder(), 'outbox.sqlite'))
    const outbox = await createSqliteOutbox(sql, { ...OUTBOX_OPTIONS, limits: WIDE })
    const zoe = { person: 'zoe@example.com', email: 'zoe@example.com' }
    await addAll(outbox, lead('a', { ...zoe, cookie: 'token:_mch-zoe' }), lead('b', zoe), lead('c', { cookie: 'zoe' }))
    await outbox.claim(T, LATER, 1)

    const tables = sql.run<{ name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
    const rows = tables.flatMap(({ name }) => sql.run(`SELECT * FROM ${name}`))
    const withAddress = rows.flatMap((row) => Object.keys(row).filter((column) => String(row[column]).includes('zoe')))
    const [a, b, c] = sql.run('SELECT person_key, visitor_key FROM job ORDER BY seq')

    expect(withAddress).toStrictEqual(['lead', 'lead', 'lead'])
    expect(a).toMatchObject({ person_key: expect.stringMatching(/^[\w-]{22}$/), visitor_key: expect.any(String) })
    expect(b).toMatchObject({ person_key: a!.person_key, visitor_key: null })
    expect(c!.visitor_key).not.toBe(a!.visitor_key)
  })

  it('has a digest of the network of a lead until it is delivered, and none of a day before for a replayed lead', async () => {
    const path = join(makeFolder(), 'outbox.sqlite')
    const sql = openSqlite(path)
    const outbox = await createSqliteOutbox(sql, { ...OUTBOX_OPTIONS, limits: WIDE })
    const network = '192.0.2.1'
    await addAll(outbox, ...['a', 'b', 'c'].map((id) => lead(id, { network })), lead('d'))
    const sources = () => sql.run<{ source: string | null }>('SELECT source FROM job').map(({ source }) => source)
    const before = sources()

    await settleNext(outbox, { kind: 'delivered', leadId: 7 })
    await outbox.add([lead('e', { network, acceptedAt: T + 86_400_000 })], T)
    await settleNext(outbox, { kind: 'parked', reason: 'no' })
    await outbox.replay(['d'], {}, T)
    const [a, b, c, d, e] = sources()

    expect(before).toStrictEqual([expect.stringMatching(/^[\w-]{22}$/), before[0], before[0], null])
    expect([a, b, c, d]).toStrictEqual([null, before[0], before[0], 'replay'])
    expect(e).toMatch(/^[\w-]{22}$/)
    expect(e).not.toBe(before[0])
    while ((await outbox.status(T)).waiting > 0) await settleNext(outbox, { kind: 'delivered', leadId: 7 })
    expect(sources()).toStrictEqual([null, null, null, null, null])
    sql.checkpoint()
    sql.close()
    const bytes = readFileSync(path)
    expect([network, before[0]!, e!].filter((text) => bytes.includes(text))).toStrictEqual([])
  })

  it('has a fingerprint of the credentials that is too short to confirm a guess, and nothing else of them', async () => {
    const sql = openFile(join(makeFolder(), 'outbox.sqlite'))
    const outbox = await createSqliteOutbox(sql, { ...OUTBOX_OPTIONS, limits: WIDE })

    await outbox.resume(T, 'https://marketo.example acme_1 correct-horse')

    const [control] = sql.run<{ state: string }>('SELECT state FROM control')
    expect(JSON.parse(control!.state)).toMatchObject({ fingerprint: expect.stringMatching(/^[\w-]{4}$/) as string })
    expect(control!.state).not.toMatch(/marketo|acme|horse/)
  })

  it('has the digest of the cookie that a replay sets, and none when it drops the cookie', async () => {
    const sql = openFile(join(makeFolder(), 'outbox.sqlite'))
    const outbox = await createSqliteOutbox(sql, { ...OUTBOX_OPTIONS, limits: WIDE })
    await park(
      outbox,
      [lead('kept', { cookie: 'old' })],
      [lead('set', { cookie: 'old' })],
      [lead('dropped', { cookie: 'old' })],
    )

    await addAll(outbox, lead('with', { cookie: 'new' }))
    await outbox.replay(['kept'], {}, T)
    await outbox.replay(['set'], { cookie: 'new' }, T)
    await outbox.replay(['dropped'], { cookie: null }, T)

    const rows = sql.run<{ id: string; key: string }>('SELECT id, visitor_key AS key FROM job')
    const keys = Object.fromEntries(rows.map(({ id, key }) => [id, key]))
    expect(keys.set).toBe(keys.with)
    expect(keys.kept).toMatch(/^[\w-]{22}$/)
    expect([keys.kept === keys.with, keys.dropped]).toStrictEqual([false, null])
  })

  it("keeps the digest of the person with the receipt, so that a person's receipts can be found", async () => {
    const sql = openFile(join(makeFolder(), 'outbox.sqlite'))
    const outbox = await createSqliteOutbox(sql, { ...OUTBOX_OPTIONS, limits: WIDE })
    await addAll(outbox, lead('a', { person: 'p' }))
    await settleNext(outbox, { kind: 'delivered', leadId: 7 })
    await addAll(outbox, lead('b', { person: 'p' }), lead('c', { person: 'q' }))

    const [a, b, c] = sql.run('SELECT state, person_key, lead FROM job ORDER BY seq')

    expect(a).toMatchObject({ state: 'delivered', person_key: b!.person_key, lead: null })
    expect(c!.person_key).not.toBe(b!.person_key)
  })

  it('has a secret of its own, so that digests of two files cannot be compared', async () => {
    const files = [1, 2].map(() => openFile(join(makeFolder(), 'outbox.sqlite')))
    for (const sql of files) await (await createSqliteOutbox(sql, OUTBOX_OPTIONS)).add([lead('a')], T)

    const [one, two] = files.map((sql) => sql.run('SELECT secret, person_key FROM meta, job')[0])

    expect(one).toMatchObject({ secret: expect.stringMatching(/^[\da-f]{64}$/), person_key: expect.any(String) })
    expect(two!.secret).not.toBe(one!.secret)
    expect(two!.person_key).not.toBe(one!.person_key)
  })

  it('tests by an empty addition whether the file can be written', async () => {
    const sql = openFile(join(makeFolder(), 'outbox.sqlite'))
    const outbox = await createSqliteOutbox(sql, OUTBOX_OPTIONS)
    await outbox.add([], T)

    sql.run('PRAGMA query_only = ON')

    await expect(outbox.add([], T)).rejects.toThrow('readonly')
  })

  it('leases a job once to two outboxes that share the file', async () => {
    const path = join(makeFolder(), 'outbox.sqlite')
    const [one, two] = await Promise.all(
      [1, 2].map(async () => oneByOne(await createSqliteOutbox(openFile(path), { ...OUTBOX_OPTIONS, limits: WIDE }))),
    )
    await addAll(one!, lead('a'), ...ofOnePerson('b1', 'b2'), lead('c'))

    const claimed = [await one!.claim(T, LATER, 2), await two!.claim(T, LATER, 10)]

    expect(claimed.map(ids)).toStrictEqual([['a', 'b1'], ['c']])
  })

  it('keeps the limits for two outboxes that share the file', async () => {
    const path = join(makeFolder(), 'outbox.sqlite')
    const options = { ...OUTBOX_OPTIONS, limits: { ...WIDE, concurrency: 2 } }
    const [one, two] = await Promise.all([1, 2].map(() => createSqliteOutbox(openFile(path), options)))
    await addAll(one!, lead('a'), lead('b'), lead('c'))

    const claimed = [await one!.claim(T, LATER, 1), await two!.claim(T, LATER, 10), await one!.claim(T, LATER, 10)]

    expect(claimed.map(idsOf)).toStrictEqual([[['a']], [['b']], []])
  })

  it.each([
    ['two jobs of one person that can be leased', `UPDATE job SET state = 'ready'`, 'UNIQUE constraint failed'],
    ['a receipt with a lead', `UPDATE job SET state = 'delivered'`, 'CHECK constraint failed'],
    [
      'a receipt with a history',
      `UPDATE job SET state = 'delivered', lead = NULL, history = '[1]'`,
      'CHECK constraint failed',
    ],
    ['a waiting job that is never due', 'UPDATE job SET due_at = NULL', 'CHECK constraint failed'],
    ['a parked job that is leased', `UPDATE job SET state = 'parked', batch = 1`, 'CHECK constraint failed'],
    ['a job in an unknown state', `UPDATE job SET state = 'lost'`, 'CHECK constraint failed'],
  ])('never has %s, whatever writes it', async (_, statement, refusal) => {
    const sql = openFile(join(makeFolder(), 'outbox.sqlite'))
    await (await createSqliteOutbox(sql, OUTBOX_OPTIONS)).add(ofOnePerson('a1', 'a2'), T)

    expect(() => sql.run(statement)).toThrow(refusal)
  })

  it(
    'computes the batch keys of 12,000 waiting jobs again when the transport has changed',
    { timeout: 60_000 },
    async () => {
      const sql = openFile(join(makeFolder(), 'outbox.sqlite'))
      const outbox = await createSqliteOutbox(sql, { ...OUTBOX_OPTIONS, limits: WIDE_BATCHES })
      for (let first = 0; first < 12_000; first += 6_000) {
        const leads = Array.from({ length: 6_000 }, (_, at) => {
          const n = first + at
          // Each tenth lead is a second one of its person; each of the forms takes a third.
          const person = n % 10 === 9 ? `${n - 1}` : `${n}`
          return lead(`lead-${n}`, { person, form: ['x', 'alone', 'z'][n % 3]!, ...(n % 2 && { cookie: `c-${n}` }) })
        })
        await outbox.add(leads, T)
      }
      const keys = () =>
        sql.run(`SELECT batch_key AS key, form, count(*) AS jobs FROM job GROUP BY batch_key, form ORDER BY key, form`)
      const before = keys()

      const again = await createSqliteOutbox(sql, { ...OUTBOX_OPTIONS, batchKeys: BY_FORM, limits: WIDE_BATCHES })
      await again.resume(T)

      expect(before.map(({ key, form }) => [key, form])).toStrictEqual(
        [null, 'soap'].flatMap((key) => ['alone', 'x', 'z'].map((form) => [key, form])),
      )
      expect(keys().map((row) => ({ ...row }))).toStrictEqual([
        { key: null, form: 'alone', jobs: 4_000 },
        { key: 'x', form: 'x', jobs: 4_000 },
        { key: 'z', form: 'z', jobs: 4_000 },
      ])
      // A claim gives 1,000 jobs with a batch key their turns: half of them are of each form, more than a call takes.
      expect((await again.claim(T, LATER, 4)).map(({ jobs }) => jobs.length)).toStrictEqual([300, 300, 300, 1])
    },
  )
})
