import { spawn } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Row, Sql, SqlValue } from '../../../relay/outbox/database.ts'
import { createSqlOutbox } from '../../../relay/outbox/sql.ts'
import { openSqlite, type SqliteFile } from '../../../relay/platform/node-sqlite.ts'
import { makeFolder } from '../../support/folder.ts'
import { addAll, claimOne, ids, LATER, lead, ofOnePerson, SECOND, settlement, T } from './leads.ts'
import { durableOutboxSuite } from './suite.ts'
import { refusals } from './suite/surviving.ts'

function open(path: string): SqliteFile {
  const sql = openSqlite(path)
  onTestFinished(() => sql.close())
  return sql
}

durableOutboxSuite('SQLite on Node', () => {
  const path = join(makeFolder(), 'outbox.sqlite')
  let sql = openSqlite(path)
  onTestFinished(() => sql.close())
  return {
    outbox: createSqlOutbox(sql),
    reopen() {
      sql.close()
      sql = openSqlite(path)
      return createSqlOutbox(sql)
    },
    refuse(id) {
      for (const trigger of refusals(id)) sql.run(trigger)
    },
  }
})

describe('the outbox in a file', () => {
  it('still has what it said it kept after its process was killed', async () => {
    const path = join(makeFolder(), 'outbox.sqlite')
    const child = spawn(process.execPath, [fileURLToPath(new URL('./keep.ts', import.meta.url)), path])
    const said: string[] = []
    for await (const line of createInterface(child.stdout)) {
      said.push(line.replace('kept ', ''))
      if (said.length === 50) child.kill('SIGKILL')
    }
    if (child.signalCode === null) await once(child, 'exit')

    const outbox = createSqlOutbox(open(path))

    expect(child.signalCode).toBe('SIGKILL')
    const found = await Promise.all(said.map((id) => outbox.find(id)))
    expect(found.map((job) => job?.lead)).toStrictEqual(said.map((id) => lead(id)))
    expect(ids(await outbox.claim(T, LATER, said.length))).toStrictEqual(said)
  })

  it('holds no byte of a person once their lead is delivered', async () => {
    const path = join(makeFolder(), 'outbox.sqlite')
    const sql = openSqlite(path)
    const outbox = createSqlOutbox(sql)
    const person = { person: 'zoe@example.com', email: 'zoe@example.com' }
    const attributes = [{ name: 'LastName', value: 'Söhne '.repeat(2_000) }]
    await addAll(outbox, lead('a', { ...person, attributes }), lead('b', { ...person, cookie: 'id:1&token:_mch-zoe' }))
    for (const _ of ['a', 'b']) {
      const first = await claimOne(outbox)
      await outbox.settle([settlement(first, { kind: 'retry', dueAt: T, reason: 'zoe is locked' })], T)
      const second = await claimOne(outbox)
      await outbox.settle([settlement(second, { kind: 'delivered', leadId: 7 })], T)
    }

    sql.checkpoint()
    const log = statSync(`${path}-wal`).size
    sql.close()
    const bytes = readFileSync(path)

    expect(log).toBe(0)
    expect(bytes.includes('contact')).toBe(true)
    expect(['zoe', 'Söhne', 'George'].filter((word) => bytes.includes(word))).toStrictEqual([])
  })

  it('says by an empty addition whether a lead could be kept', async () => {
    const sql = open(join(makeFolder(), 'outbox.sqlite'))
    const outbox = createSqlOutbox(sql)
    await outbox.add([], T)

    sql.run('PRAGMA query_only = ON')

    await expect(outbox.add([], T)).rejects.toThrow('readonly')
  })

  it('never hands the same job to two that share the file', async () => {
    const path = join(makeFolder(), 'outbox.sqlite')
    const [one, two] = [createSqlOutbox(open(path)), createSqlOutbox(open(path))]
    await addAll(one, lead('a'), ...ofOnePerson('b1', 'b2'), lead('c'))

    const claimed = [await one.claim(T, LATER, 2), await two.claim(T, LATER, 10)]

    expect(claimed.map(ids)).toStrictEqual([['a', 'b1'], ['c']])
  })

  it('is refused when a newer form-sync has written it, and left as it is', () => {
    const sql = open(join(makeFolder(), 'outbox.sqlite'))
    createSqlOutbox(sql)
    sql.run('UPDATE meta SET version = 99')

    expect(() => createSqlOutbox(sql)).toThrow(
      'the outbox has version 99 and this form-sync knows up to 1: run a newer form-sync',
    )
    expect(sql.run('SELECT version FROM meta')).toMatchObject([{ version: 99 }])
  })

  it.each([
    ['two jobs of one person that could go', `UPDATE job SET state = 'ready'`, 'UNIQUE constraint failed'],
    ['a receipt with a person on it', `UPDATE job SET state = 'delivered'`, 'CHECK constraint failed'],
    ['a waiting job that is never due', 'UPDATE job SET due_at = NULL', 'CHECK constraint failed'],
  ])('never holds %s, whatever code writes it', async (_, statement, refusal) => {
    const sql = open(join(makeFolder(), 'outbox.sqlite'))
    await createSqlOutbox(sql).add(ofOnePerson('a1', 'a2'), T)

    expect(() => sql.run(statement)).toThrow(refusal)
  })

  it('finds every row by an index, whatever it is asked', async () => {
    const sql = open(join(makeFolder(), 'outbox.sqlite'))
    const { outbox, plans } = explained(sql)
    await outbox.add([...ofOnePerson('a1', 'a2'), lead('b'), lead('c'), lead('d')], T)
    const [a, b, c, d] = await outbox.claim(T, LATER, 10)
    if (!a || !b || !c || !d) throw new Error('four were due')

    await outbox.settle([settlement(a, { kind: 'delivered', leadId: 7 })], T)
    await outbox.settle([settlement(b, { kind: 'parked', reason: 'no e-mail' })], T)
    await outbox.settle([settlement(c, { kind: 'retry', dueAt: T, reason: 'busy' })], T)
    await outbox.settle([settlement(d, { kind: 'halted', until: T, reason: 'no answer', blocked: true })], T)
    for (const _ of ['a2', 'c', 'd']) {
      const probe = await claimOne(outbox)
      await outbox.settle([settlement(probe, { kind: 'delivered', leadId: 7 })], T + SECOND)
    }
    await outbox.nextDueAt()
    await outbox.status()
    await outbox.find('a1')

    expect([...new Set(plans())].toSorted()).toStrictEqual([
      'SCALAR SUBQUERY 1',
      'SEARCH halt USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH job USING COVERING INDEX job_age (settled_at=?)',
      'SEARCH job USING COVERING INDEX job_behind (person=?)',
      'SEARCH job USING COVERING INDEX job_due',
      'SEARCH job USING COVERING INDEX job_head (person=?)',
      'SEARCH job USING INDEX job_due (due_at<?)',
      'SEARCH job USING INDEX sqlite_autoindex_job_1 (id=?)',
      'SEARCH job USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH tally USING PRIMARY KEY (state=?)',
    ])
  })
})

/** An outbox whose statements are written down, and how SQLite goes about each: `SEARCH job USING INDEX …`. */
function explained(sql: Sql) {
  const statements = new Set<string>()
  // The tables are there before the first statement is written down.
  createSqlOutbox(sql)
  const outbox = createSqlOutbox({
    run<R extends Row>(statement: string, ...values: SqlValue[]) {
      if (!/meta/.test(statement)) statements.add(statement)
      return sql.run<R>(statement, ...values)
    },
    transaction: (work) => sql.transaction(work),
  })
  const plans = () =>
    [...statements].flatMap((statement) =>
      sql.run<{ detail: string }>(`EXPLAIN QUERY PLAN ${statement}`).map(({ detail }) => detail),
    )
  return { outbox, plans }
}
