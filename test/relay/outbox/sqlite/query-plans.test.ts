/** The query plans of SQLite: each statement finds its rows by an index, whatever the number of stored jobs is. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { AFTER_LEAD } from '../../../oracle/memory-outbox.ts'
import type { BatchKeys } from '../../../../relay/outbox/batch-planner.ts'
import type { Outcome } from '../../../../relay/outbox/outbox.ts'
import type { Row, Sql, SqlValue } from '../../../../relay/outbox/sqlite/database.ts'
import { createSqliteOutbox } from '../../../../relay/outbox/sqlite/outbox.ts'
import { OUTBOX_OPTIONS } from '../../../../relay/runtime/node/outbox-crypto.ts'
import { makeFolder } from '../../../support/folder.ts'
import { BY_FORM } from '../../../suites/outbox/batching.ts'
import {
  claimBatch,
  ids,
  lead,
  ofOnePerson,
  SECOND,
  settleBatch,
  settleNext,
  T,
  WIDE,
  WIDE_BATCHES,
  type LeadParts,
} from '../../../suites/outbox/leads.ts'
import { openFile } from './open-file.ts'

/** Opens an outbox whose statements are recorded, and explains them: `SEARCH job USING INDEX …`. */
async function openExplained(batchKeys: BatchKeys = OUTBOX_OPTIONS.batchKeys, limits = WIDE_BATCHES) {
  const sql = openFile(join(makeFolder(), 'outbox.sqlite'))
  // Creates the tables before statements are recorded.
  await createSqliteOutbox(sql, OUTBOX_OPTIONS)
  const statements = new Set<string>()
  let read = 0
  const recorded: Sql = {
    run<R extends Row>(statement: string, ...values: SqlValue[]) {
      if (!/meta/.test(statement)) statements.add(statement)
      const rows = sql.run<R>(statement, ...values)
      read += rows.length
      return rows
    },
    write(statement, ...values) {
      statements.add(statement)
      return sql.write(statement, ...values)
    },
    transaction: (work) => sql.transaction(work),
  }
  const outbox = await createSqliteOutbox(recorded, { ...OUTBOX_OPTIONS, batchKeys, limits })
  const plans = () => {
    const steps = [...statements].flatMap((statement) =>
      sql.run<{ detail: string }>(`EXPLAIN QUERY PLAN ${statement}`).map(({ detail }) => detail),
    )
    return [...new Set(steps)].filter((step) => /^(SCAN|SEARCH|USE TEMP)/.test(step)).toSorted()
  }
  /** Returns the number of rows that were read and changed until now. */
  const rows = () => read + sql.run<{ changes: number }>('SELECT total_changes() AS changes')[0]!.changes
  return { outbox, plans, rows }
}

it('every statement but those of a start finds its rows by an index', async () => {
  const { outbox, plans } = await openExplained()
  const outcomes: Outcome[] = [
    { kind: 'retry', dueAt: T, reason: 'busy' },
    {
      kind: 'requeue',
      dueAt: T,
      reason: 'no such attribute',
      batch: 'refused',
      rejectedAttributes: ['FirstName'],
    },
    { kind: 'limited', limit: 'rate', retryAt: T, reason: 'too fast' },
    { kind: 'stopped', retryAt: T, reason: 'no answer', blocked: true },
    { kind: 'parked', reason: 'no e-mail' },
    { kind: 'delivered', leadId: 7 },
  ]
  // An older lead that is replayed while a later one of its person is leased.
  await outbox.add([lead('e1', { person: 'e', hold: 'spam' }), lead('e2', { person: 'e', cookie: 'e' })], T)
  const later = await claimBatch(outbox)
  await outbox.replay(['e1'], {}, T)
  await settleBatch(outbox, later, { kind: 'delivered', leadId: 7 })
  // A later lead than one that has stepped aside.
  await outbox.add([lead('f1', { person: 'f' })], T)
  await settleBatch(outbox, await claimBatch(outbox), { kind: 'retry', dueAt: T + 600 * SECOND, reason: 'busy' })
  await outbox.add([lead('f2', { person: 'f' })], T)
  await outbox.add(
    [...ofOnePerson('a1', 'a2', 'a3'), lead('b', { cookie: 'c' }), lead('c'), lead('d', { hold: 'spam' })],
    T,
  )
  for (const [at, outcome] of [...outcomes, ...outcomes].entries()) {
    const now = T + at * 60 * SECOND
    await settleBatch(outbox, await claimBatch(outbox, now), outcome, now)
  }
  const now = T + 60 * 60 * SECOND
  await outbox.acquireSlot(now, now + SECOND)
  await outbox.nextDueAt(now)
  await outbox.status(now)
  await outbox.find('a1')
  for (const state of ['waiting', 'held', 'parked'] as const) {
    const [first] = await outbox.list(state, 1)
    await outbox.list(state, 10, first && { at: T, id: first.id })
  }
  await outbox.replay(['a1', 'a2', 'a3', 'b', 'c', 'd'], {}, now)
  await outbox.takeTurn('c', `${T} b`, SECOND, T)
  await outbox.sweep(now + SECOND, 10)

  expect(plans()).toStrictEqual([
    // The jobs that go alone, as far as the calls of the day; the due jobs that were counted, as far as a batch may hold
    // them; the batches that are out; the visitors whose cookie is under way; and the batch keys and lanes that were found.
    'SCAN (subquery-1)',
    'SCAN (subquery-2)',
    'SCAN (subquery-8)',
    // The earliest time of a job that becomes ready.
    'SCAN CONSTANT ROW',
    'SCAN batch',
    // The few forms that an operator holds.
    'SCAN held_form',
    'SCAN json_each VIRTUAL TABLE INDEX 1:',
    'SCAN keys',
    'SCAN lanes',
    // The jobs of one person that are ready and queued.
    'SEARCH (subquery-2)',
    'SEARCH batch USING INTEGER PRIMARY KEY (rowid=?)',
    'SEARCH control USING PRIMARY KEY (account=?)',
    'SEARCH counter USING PRIMARY KEY (account=?)',
    // The number of the last job.
    'SEARCH job',
    'SEARCH job USING COVERING INDEX job_listed (account=? AND state=?)',
    'SEARCH job USING COVERING INDEX job_receipt (account=? AND settled_at<?)',
    'SEARCH job USING COVERING INDEX job_turn (account=? AND batch_key=? AND form>?)',
    'SEARCH job USING COVERING INDEX job_turn (account=? AND batch_key=?)',
    'SEARCH job USING COVERING INDEX job_turn (account=? AND batch_key>?)',
    'SEARCH job USING COVERING INDEX job_visitor (account=? AND visitor_key=? AND state=? AND seq<?)',
    'SEARCH job USING COVERING INDEX job_visitor (account=? AND visitor_key=? AND state=?)',
    'SEARCH job USING INDEX job_age (account=? AND accepted_at>?)',
    'SEARCH job USING INDEX job_age (account=?)',
    'SEARCH job USING INDEX job_head (account=? AND person_key=? AND rowid<?)',
    'SEARCH job USING INDEX job_head (account=? AND person_key=?)',
    'SEARCH job USING INDEX job_later_alone (account=? AND due_at<?)',
    'SEARCH job USING INDEX job_later_alone (account=?)',
    'SEARCH job USING INDEX job_later_shared (account=? AND due_at<?)',
    'SEARCH job USING INDEX job_leased (account=? AND person_key=?)',
    'SEARCH job USING INDEX job_leased (account=?)',
    'SEARCH job USING INDEX job_listed (account=? AND state=? AND (settled_at,id)>(?,?))',
    'SEARCH job USING INDEX job_listed_of (account=? AND person_key=? AND seq<?)',
    'SEARCH job USING INDEX job_listed_of (account=? AND person_key=?)',
    'SEARCH job USING INDEX job_queued (account=? AND person_key=? AND seq<?)',
    'SEARCH job USING INDEX job_queued (account=? AND person_key=?)',
    'SEARCH job USING INDEX job_turn (account=? AND batch_key=? AND form=? AND turn>?)',
    'SEARCH job USING INDEX job_visitor (account=? AND visitor_key=? AND state=? AND seq<?)',
    'SEARCH job USING INDEX sqlite_autoindex_job_1 (id=?)',
    'SEARCH job USING INTEGER PRIMARY KEY (rowid=?)',
    // With the first lead that is stored after a start: the numbers of jobs that anything refers to.
    'SEARCH newest_sent',
    'SEARCH newest_sent USING COVERING INDEX sqlite_autoindex_newest_sent_1 (account=? AND key=?)',
    'SEARCH newest_sent USING INDEX sqlite_autoindex_newest_sent_1 (account=? AND key=?)',
    'SEARCH other USING COVERING INDEX job_turn (account=? AND batch_key=? AND form=? AND turn>?)',
    'SEARCH other USING INDEX job_later_alone (account=?)',
    'SEARCH other USING INDEX job_later_shared (account=?)',
    'SEARCH other USING INDEX job_source (account=? AND batch_key=? AND form=? AND source=? AND turn>?)',
    'SEARCH owed',
    'SEARCH owed USING COVERING INDEX owed_due (account=?)',
    'SEARCH owed USING INDEX owed_visitor (account=? AND visitor_key=?)',
    'SEARCH owed USING INTEGER PRIMARY KEY (rowid=?)',
    'SEARCH visitor USING INDEX visitor_newest (account=? AND newest<?)',
    'SEARCH visitor USING PRIMARY KEY (account=? AND visitor_key=?)',
    // The leads of a page that were accepted in the same millisecond.
    'USE TEMP B-TREE FOR LAST TERM OF ORDER BY',
    // The names that newer leads have sent, and the jobs of one person that have all stepped aside.
    'USE TEMP B-TREE FOR ORDER BY',
  ])
})

it.each<[string, LeadParts]>([
  ['person', { person: 'one' }],
  ['visitor', { cookie: 'c' }],
])(
  'a claim and a delivery read and change as many rows, however many older leads of the %s are parked',
  async (_, of) => {
    const counts: number[] = []
    for (const parked of [1, 200]) {
      const { outbox, rows } = await openExplained()
      for (let n = 0; n < parked; n += 1) {
        await outbox.add([lead(`parked-${n}`, of)], T)
        await settleNext(outbox, { kind: 'parked', reason: 'no' })
      }
      await outbox.add([lead('newer', of)], T)
      const before = rows()

      await settleNext(outbox, { kind: 'delivered', leadId: 7 })

      counts.push(rows() - before)
      expect((await outbox.find('parked-0'))?.staleAttributes).toHaveLength(1)
    }

    expect(counts[1]).toBe(counts[0])
  },
)

it.each<[string, (at: number) => string]>([
  ['one source', () => '192.0.2.1'],
  ['1,000 sources', (at) => `192.0.2.${at}`],
])(
  'of 10,000 leads of %s none delays that of another source, and a claim reads as many rows as with 10',
  async (_, of) => {
    const counts: number[] = []
    for (const count of [10, 10_000]) {
      const { outbox, rows } = await openExplained(undefined, WIDE)
      const leads = Array.from({ length: count }, (_, at) => lead(`a-${at}`, { network: of(at % 1_000) }))
      await outbox.add(leads, T)
      await outbox.add([lead('other', { network: '198.51.100.1', acceptedAt: T + 1 })], T + 1)
      const before = rows()

      const claimed = (await outbox.claim(T + 1, T + SECOND, 1_001)).flatMap(({ jobs }) => ids(jobs))

      counts.push((rows() - before) / claimed.length)
      // The first lead of each source is due before it.
      expect(claimed.indexOf('other')).toBe(Math.min(new Set(leads.map(({ network }) => network)).size, count))
    }

    expect(counts[1]).toBeLessThanOrEqual(counts[0]!)
  },
)

it('the statements that find and erase a person, and those of the expiry, find their rows by an index', async () => {
  const { outbox, plans } = await openExplained()
  const person = lead('a').person
  await outbox.add([lead('a'), lead('b', { hold: 'spam' }), lead('c', { person, cookie: 'c' })], T)
  await settleBatch(outbox, await claimBatch(outbox), { kind: 'parked', reason: 'no e-mail' })
  const day = 86_400 * SECOND
  for (let now = T; now <= T + 9 * day; now += day) await outbox.expire(8 * day, now, 10)
  await outbox.add([lead('d', { person }), lead('e', { hold: 'spam' })], T)

  await outbox.findPerson(person, 10)
  await outbox.findPerson(person, 10, '1')
  for (const dryRun of [true, false]) await outbox.erase(person, { by: 'ana', dryRun }, T)
  await outbox.status(T + 10 * day)

  const scans = plans().filter((step) => /^SCAN (?!\(|CONSTANT|json_each)/.test(step))
  // The lanes, the batches that are out, and the few forms that an operator holds.
  expect(scans.filter((step) => !/^SCAN (keys|lanes|batch|held_form)$/.test(step))).toStrictEqual([])
  const ofAll = plans().filter((step) => /^SEARCH (job|owed) USING (COVERING )?INDEX \w+ \(account=\?\)$/.test(step))
  expect(ofAll.filter((step) => !/job_(age|leased|later_alone)/.test(step))).toStrictEqual([])
})

it('a claim while cookies are under way looks at the first jobs of each lane by an index', async () => {
  const { outbox, plans } = await openExplained()
  await outbox.add([lead('a', { cookie: 'c' }), lead('b', { cookie: 'c' }), lead('c', { cookie: 'd' })], T)

  await outbox.claim(T, T + SECOND, 3)
  await outbox.nextDueAt(T)

  const steps = plans().filter((step) => step.includes('other') || step.startsWith('USE'))
  expect(steps).toStrictEqual([
    'SEARCH other USING COVERING INDEX job_turn (account=? AND batch_key=? AND form=? AND turn>?)',
    'SEARCH other USING INDEX job_later_alone (account=?)',
    'SEARCH other USING INDEX job_later_shared (account=?)',
    'SEARCH other USING INDEX job_source (account=? AND batch_key=? AND form=? AND source=? AND turn>?)',
    'SEARCH other USING INDEX job_turn (account=? AND batch_key=? AND form=? AND turn>?)',
  ])
})

it('a start reads all batches, and all that wait by an index; once after the transport has changed, all jobs', async () => {
  const { outbox, plans } = await openExplained(BY_FORM)

  await outbox.resume(T)

  expect(plans()).toStrictEqual([
    'SCAN batch',
    'SEARCH batch',
    'SEARCH batch USING INTEGER PRIMARY KEY (rowid=?)',
    'SEARCH control USING PRIMARY KEY (account=?)',
    'SEARCH job USING INDEX job_age (account=?)',
    'SEARCH job USING INDEX job_leased (account=?)',
    'SEARCH job USING INTEGER PRIMARY KEY (rowid>?)',
    'SEARCH leased USING INDEX job_leased (account=? AND person_key=?)',
    'SEARCH owed USING INDEX owed_due (account=? AND due_at>?)',
    'SEARCH owed USING INDEX owed_visitor (account=?)',
  ])
})

it('every statement about owed cookies finds its rows by an index, the newest one without sorting them', async () => {
  const { outbox, plans } = await openExplained(AFTER_LEAD)
  const outcomes: Outcome[] = [
    { kind: 'retry', dueAt: T, reason: 'busy' },
    { kind: 'parked', reason: 'no such cookie' },
    { kind: 'delivered', leadId: 7 },
  ]
  for (const id of ['a', 'b', 'c']) await outbox.add([lead(id, { cookie: id === 'a' ? 'c' : id })], T)
  for (let n = 0; n < 2; n += 1) {
    await settleBatch(outbox, await claimBatch(outbox), { kind: 'delivered', leadId: 7 })
  }

  for (const outcome of outcomes) {
    const { id, owed } = await claimBatch(outbox)
    await outbox.settle(id, [{ id: owed!.cookie.id, attempt: owed!.attempt, owed: true, ...outcome }], T)
  }
  await outbox.sweep(T + SECOND, 10)

  expect(plans().filter((step) => step.includes('owed'))).toStrictEqual([
    'SEARCH owed',
    'SEARCH owed USING COVERING INDEX owed_newest (account=?)',
    'SEARCH owed USING INDEX owed_visitor (account=? AND visitor_key=?)',
    'SEARCH owed USING INTEGER PRIMARY KEY (rowid=?)',
  ])
})

it('under pressure the jobs with a cookie are found by an index, from the last one that was examined', async () => {
  const { outbox, plans } = await openExplained(undefined, { ...WIDE_BATCHES, callsPerDay: 1 })
  await outbox.add([lead('a', { cookie: 'a' }), lead('b', { cookie: 'b' })], T)

  await claimBatch(outbox)

  expect(plans()).toContain('SEARCH job USING INDEX job_cookie (account=? AND seq>?)')
})
