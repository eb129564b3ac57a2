import { spawn } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Row, Sql, SqlValue } from '../../../../relay/outbox/sqlite/database.ts'
import type { Lead } from '../../../../relay/intake/lead.ts'
import type { Limits } from '../../../../relay/outbox/limits/limits.ts'
import type { Outbox, Outcome } from '../../../../relay/outbox/outbox.ts'
import { createSqlOutbox } from '../../../../relay/outbox/sqlite/outbox.ts'
import { openSqlite, type SqliteFile } from '../../../../relay/runtime/node/sqlite-file.ts'
import { makeFolder } from '../../../support/folder.ts'
import {
  addAll,
  claimCall,
  ids,
  jobsOf,
  LATER,
  lead,
  ofOnePerson,
  oneByOne,
  ROOMY,
  SECOND,
  settleCall,
  shapes,
  T,
  WIDE,
} from '../../../suites/outbox/leads.ts'
import { durableOutboxSuite } from '../../../suites/outbox/suite.ts'
import { limiting } from '../../../suites/outbox/limiting.ts'
import { refusals } from '../../../suites/outbox/surviving.ts'
import { VERSION_1 } from './version-1.ts'

function open(path: string): SqliteFile {
  const sql = openSqlite(path)
  onTestFinished(() => sql.close())
  return sql
}

function inFile(limits: Limits) {
  const path = join(makeFolder(), 'outbox.sqlite')
  let sql = openSqlite(path)
  onTestFinished(() => sql.close())
  return {
    outbox: createSqlOutbox(sql, limits),
    reopen() {
      sql.close()
      sql = openSqlite(path)
      return createSqlOutbox(sql, limits)
    },
    refuse(id: string) {
      for (const trigger of refusals(id)) sql.run(trigger)
    },
  }
}

durableOutboxSuite('SQLite on Node', inFile)

describe('outbox: SQLite on Node, made anew for each question', () => {
  /** What an outbox knows that is not in its file is gone by the next question. */
  function restless(limits: Limits): Outbox {
    const sql = open(join(makeFolder(), 'outbox.sqlite'))
    const anew = () => createSqlOutbox(sql, limits)
    return {
      add: (...args) => anew().add(...args),
      claim: (...args) => anew().claim(...args),
      settle: (...args) => anew().settle(...args),
      acquireSlot: (...args) => anew().acquireSlot(...args),
      nextDueAt: (...args) => anew().nextDueAt(...args),
      resume: (...args) => anew().resume(...args),
      status: (...args) => anew().status(...args),
      find: (...args) => anew().find(...args),
      parked: (...args) => anew().parked(...args),
      replay: (...args) => anew().replay(...args),
      sweep: (...args) => anew().sweep(...args),
    }
  }

  limiting(restless)
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

    const outbox = oneByOne(createSqlOutbox(open(path), WIDE))

    expect(child.signalCode).toBe('SIGKILL')
    const found = await Promise.all(said.map((id) => outbox.find(id)))
    expect(found.map((job) => job?.lead)).toStrictEqual(said.map((id) => lead(id)))
    expect(ids(await outbox.claim(T, LATER, said.length))).toStrictEqual(said)
  })

  it('holds no byte of a person once their lead is delivered', async () => {
    const path = join(makeFolder(), 'outbox.sqlite')
    const sql = openSqlite(path)
    const outbox = createSqlOutbox(sql, WIDE)
    const person = { person: 'zoe@example.com', email: 'zoe@example.com' }
    const attributes = [{ name: 'LastName', value: 'Söhne '.repeat(2_000) }]
    await addAll(outbox, lead('a', { ...person, attributes }), lead('b', { ...person, cookie: 'id:1&token:_mch-zoe' }))
    const outcomes: Outcome[] = [
      { kind: 'retry', dueAt: T, reason: 'zoe is locked' },
      { kind: 'again', dueAt: T, reason: 'zoe is refused', refused: ['LastName'] },
      { kind: 'delivered', leadId: 7 },
    ]
    for (const outcome of [...outcomes, ...outcomes]) await settleCall(outbox, await claimCall(outbox), outcome)
    await outbox.replay(['a'], { rename: { LastName: 'Surname' } }, T)
    await settleCall(outbox, await claimCall(outbox), { kind: 'delivered', leadId: 7 })

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
    const [one, two] = [oneByOne(createSqlOutbox(open(path), WIDE)), oneByOne(createSqlOutbox(open(path), WIDE))]
    await addAll(one, lead('a'), ...ofOnePerson('b1', 'b2'), lead('c'))

    const claimed = [await one.claim(T, LATER, 2), await two.claim(T, LATER, 10)]

    expect(claimed.map(ids)).toStrictEqual([['a', 'b1'], ['c']])
  })

  it('keeps the limits for two that share the file', async () => {
    const path = join(makeFolder(), 'outbox.sqlite')
    const limits = { ...WIDE, concurrency: 2 }
    const [one, two] = [createSqlOutbox(open(path), limits), createSqlOutbox(open(path), limits)]
    await addAll(one, lead('a'), lead('b'), lead('c'))

    const claimed = [await one.claim(T, LATER, 1), await two.claim(T, LATER, 10), await one.claim(T, LATER, 10)]

    expect(claimed.map(shapes)).toStrictEqual([[[['a']]], [[['b']]], []])
  })

  it('is refused when a newer form-sync has written it, and left as it is', () => {
    const sql = open(join(makeFolder(), 'outbox.sqlite'))
    createSqlOutbox(sql)
    sql.run('UPDATE meta SET version = 99')

    expect(() => createSqlOutbox(sql)).toThrow(
      'the outbox has version 99 and this form-sync knows up to 3: run a newer form-sync',
    )
    expect(sql.run('SELECT version FROM meta')).toMatchObject([{ version: 99 }])
  })

  it.each([
    ['two jobs of one person that could go', `UPDATE job SET state = 'ready'`, 'UNIQUE constraint failed'],
    ['a receipt with a person on it', `UPDATE job SET state = 'delivered'`, 'CHECK constraint failed'],
    [
      'a receipt with what failed on it',
      `UPDATE job SET state = 'delivered', person = NULL, lead = NULL, history = '[1]'`,
      'CHECK constraint failed',
    ],
    ['a waiting job that is never due', 'UPDATE job SET due_at = NULL', 'CHECK constraint failed'],
    ['a parked job that is out', `UPDATE job SET state = 'parked', call = 1`, 'CHECK constraint failed'],
  ])('never holds %s, whatever code writes it', async (_, statement, refusal) => {
    const sql = open(join(makeFolder(), 'outbox.sqlite'))
    await createSqlOutbox(sql).add(ofOnePerson('a1', 'a2'), T)

    expect(() => sql.run(statement)).toThrow(refusal)
  })

  it('finds every row by an index, whatever it is asked', async () => {
    const { outbox, plans } = explained(open(join(makeFolder(), 'outbox.sqlite')))
    const outcomes: Outcome[] = [
      { kind: 'retry', dueAt: T, reason: 'busy' },
      { kind: 'again', dueAt: T, reason: 'no such attribute', share: 1, refused: ['FirstName'] },
      { kind: 'limited', limit: 'rate', until: T, reason: 'too fast' },
      { kind: 'halted', until: T, reason: 'no answer', blocked: true },
      { kind: 'parked', reason: 'no e-mail' },
      { kind: 'delivered', leadId: 7 },
    ]
    await outbox.add([...ofOnePerson('a1', 'a2', 'a3'), lead('b', { cookie: 'c' }), lead('c')], T)
    for (const [at, outcome] of [...outcomes, ...outcomes].entries()) {
      const now = T + at * 60 * SECOND
      await settleCall(outbox, await claimCall(outbox, now), outcome, now)
    }
    const now = T + 60 * 60 * SECOND
    await outbox.acquireSlot(now, now + SECOND)
    await outbox.nextDueAt(now)
    await outbox.status(now)
    await outbox.find('a1')
    const parked = await outbox.parked(1)
    await outbox.parked(10, parked[0])
    await outbox.replay(['a1', 'a2', 'a3', 'b', 'c'], {}, now)
    await outbox.sweep(now + SECOND, 10)

    expect(plans()).toStrictEqual([
      // As many as are under way.
      'SCAN call',
      'SEARCH (subquery-2)',
      'SEARCH allowance USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH call USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH halt USING INTEGER PRIMARY KEY (rowid=?)',
      // The last row, by its number.
      'SEARCH job',
      'SEARCH job USING COVERING INDEX job_age (settled_at=?)',
      'SEARCH job USING COVERING INDEX job_behind (person=?)',
      'SEARCH job USING COVERING INDEX job_due (sociable=?)',
      'SEARCH job USING COVERING INDEX job_head (person=?)',
      'SEARCH job USING COVERING INDEX job_parked',
      'SEARCH job USING COVERING INDEX job_receipt (settled_at<?)',
      'SEARCH job USING INDEX job_behind (person=? AND seq<?)',
      'SEARCH job USING INDEX job_behind (person=?)',
      'SEARCH job USING INDEX job_due (sociable=? AND due_at<?)',
      'SEARCH job USING INDEX job_head (person=? AND rowid<?)',
      'SEARCH job USING INDEX job_out (person=?)',
      'SEARCH job USING INDEX job_parked ((settled_at,id)>(?,?))',
      'SEARCH job USING INDEX job_parked_of (person=? AND seq<?)',
      'SEARCH job USING INDEX sqlite_autoindex_job_1 (id=?)',
      'SEARCH job USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH job USING INTEGER PRIMARY KEY (rowid>?)',
      'SEARCH tally USING PRIMARY KEY (state=?)',
    ])
  })

  it('looks at a start at what is out and at what is behind another, and at nothing else whole', async () => {
    const { outbox, plans } = explained(open(join(makeFolder(), 'outbox.sqlite')))

    await outbox.resume(T)

    expect(plans().filter((plan) => plan.startsWith('SCAN'))).toStrictEqual([
      'SCAN call',
      'SCAN job USING INDEX job_behind',
      'SCAN job USING INDEX job_out',
    ])
  })

  describe('written by form-sync 0.1', () => {
    /** Of each kind of row one or two. One was out when that form-sync ended. */
    function writtenByVersion1(): SqliteFile {
      const sql = open(join(makeFolder(), 'outbox.sqlite'))
      for (const statement of VERSION_1) sql.run(statement)
      const insert = (state: string, due: number | null, leased: 0 | 1, attempts: number, job: Lead) =>
        sql.run(
          `INSERT INTO job (id, form, person, state, due_at, leased, attempts, lead, notes, accepted_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, '[]', ?)`,
          job.id,
          job.form,
          job.person,
          state,
          due,
          leased,
          attempts,
          JSON.stringify(job),
          job.acceptedAt,
        )
      insert('ready', T, 0, 1, lead('delivered'))
      sql.run(`UPDATE job SET state = 'delivered', person = NULL, lead = NULL, due_at = NULL, settled_at = ${T - 9},
                 lead_id = 7 WHERE id = 'delivered'`)
      insert('ready', T, 0, 3, lead('parked'))
      sql.run(
        `UPDATE job SET state = 'parked', due_at = NULL, settled_at = ${T - 5}, reason = 'no' WHERE id = 'parked'`,
      )
      insert('ready', T + SECOND, 1, 1, lead('out', { person: 'one@example.com' }))
      insert('behind', T, 0, 0, lead('behind', { person: 'one@example.com' }))
      insert('ready', T, 0, 0, lead('cookie', { cookie: 'c' }))
      insert('ready', T, 0, 0, lead('plain-1'))
      insert('ready', T, 0, 0, lead('workspace', { workspace: 'w' }))
      insert('ready', T, 0, 2, lead('plain-2'))
      sql.run(`INSERT INTO halt VALUES (1, ${T + SECOND}, 'bad key', 1, 0, 'plain-1', ${T + 2 * SECOND})`)
      return sql
    }

    it('counts what is added as before', async () => {
      const outbox = createSqlOutbox(writtenByVersion1(), ROOMY)

      await outbox.add([lead('new-1'), lead('new-2', { person: 'one@example.com' }), lead('plain-1')], T)

      expect(await outbox.status(T)).toMatchObject({ waiting: 8, parked: 1, delivered: 1 })
    })

    it('is as it was', async () => {
      const outbox = createSqlOutbox(writtenByVersion1(), ROOMY)

      expect(await outbox.status(T)).toMatchObject({
        waiting: 6,
        parked: 1,
        delivered: 1,
        oldestAt: T,
        parkedAt: T - 5,
      })
      expect(await outbox.find('delivered')).toStrictEqual({
        id: 'delivered',
        form: 'contact',
        state: 'delivered',
        attempts: 1,
        acceptedAt: T,
        settledAt: T - 9,
        leadId: 7,
        history: [],
        refused: [],
        superseded: [],
        notes: [],
      })
      expect((await outbox.parked(10)).map(({ id, reason }) => [id, reason])).toStrictEqual([['parked', 'no']])
      expect(await outbox.find('plain-2')).toMatchObject({
        state: 'waiting',
        attempts: 2,
        dueAt: T,
        lead: lead('plain-2'),
      })
    })

    it('goes on: what was out is out until its lease ends, and leads share calls', async () => {
      const outbox = createSqlOutbox(writtenByVersion1(), ROOMY)

      const calls = await outbox.claim(T, LATER, 10)
      const later = await outbox.claim(T + SECOND, LATER, 10)

      expect(shapes(calls)).toStrictEqual([[['cookie']], [['plain-1'], ['plain-2']], [['workspace']]])
      expect(shapes(later)).toStrictEqual([[['out', 'behind']]])
      expect(jobsOf(later[0]!).map(({ attempt, failures }) => [attempt, failures])).toStrictEqual([
        [2, 0],
        [1, 0],
      ])
    })

    it('knows its ids, replays what it parked, and sweeps what it delivered', async () => {
      const outbox = createSqlOutbox(writtenByVersion1(), ROOMY)

      await outbox.add([lead('delivered'), lead('parked'), lead('out')], T)
      const replayed = await outbox.replay(['parked'], {}, T)
      const swept = await outbox.sweep(T, 10)

      expect([replayed, swept]).toStrictEqual([[{ id: 'parked', result: 'replayed' }], 1])
      expect(await outbox.status(T)).toMatchObject({ waiting: 7, parked: 0, delivered: 1 })
      expect(shapes(await outbox.claim(T, LATER, 1))).toStrictEqual([[['parked'], ['plain-1'], ['plain-2']]])
    })

    it('is opened once more as any other', async () => {
      const sql = writtenByVersion1()
      await createSqlOutbox(sql, ROOMY).claim(T, LATER, 10)

      const again = createSqlOutbox(sql, ROOMY)

      expect(await again.claim(T, LATER, 10)).toStrictEqual([])
      expect(await again.status(T)).toMatchObject({ waiting: 6 })
    })
  })
})

/** An outbox whose statements are written down, and how SQLite finds its rows: `SEARCH job USING INDEX …`. */
function explained(sql: Sql) {
  const statements = new Set<string>()
  // The tables are there before the first statement is written down.
  createSqlOutbox(sql)
  const outbox = createSqlOutbox(
    {
      run<R extends Row>(statement: string, ...values: SqlValue[]) {
        if (!/meta/.test(statement)) statements.add(statement)
        return sql.run<R>(statement, ...values)
      },
      transaction: (work) => sql.transaction(work),
    },
    ROOMY,
  )
  const plans = () => {
    const steps = [...statements].flatMap((statement) =>
      sql.run<{ detail: string }>(`EXPLAIN QUERY PLAN ${statement}`).map(({ detail }) => detail),
    )
    return [...new Set(steps)].filter((step) => /^(SCAN|SEARCH|USE TEMP)/.test(step)).toSorted()
  }
  return { outbox, plans }
}
