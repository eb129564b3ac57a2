/** The query plans of SQLite: each statement finds its rows by an index, whatever the number of stored jobs is. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { BatchKeys } from '../../../../relay/outbox/batch-planner.ts'
import type { Outcome } from '../../../../relay/outbox/outbox.ts'
import type { Row, Sql, SqlValue } from '../../../../relay/outbox/sqlite/database.ts'
import { createSqliteOutbox } from '../../../../relay/outbox/sqlite/outbox.ts'
import { OUTBOX_OPTIONS } from '../../../../relay/runtime/node/outbox-crypto.ts'
import { makeFolder } from '../../../support/folder.ts'
import { BY_FORM } from '../../../suites/outbox/batching.ts'
import { claimBatch, lead, ofOnePerson, SECOND, settleBatch, T, WIDE_BATCHES } from '../../../suites/outbox/leads.ts'
import { openFile } from './open-file.ts'

/** Opens an outbox whose statements are recorded, and explains them: `SEARCH job USING INDEX …`. */
async function openExplained(batchKeys: BatchKeys = OUTBOX_OPTIONS.batchKeys) {
  const sql = openFile(join(makeFolder(), 'outbox.sqlite'))
  // Creates the tables before statements are recorded.
  await createSqliteOutbox(sql, OUTBOX_OPTIONS)
  const statements = new Set<string>()
  const recorded: Sql = {
    run<R extends Row>(statement: string, ...values: SqlValue[]) {
      if (!/meta/.test(statement)) statements.add(statement)
      return sql.run<R>(statement, ...values)
    },
    write(statement, ...values) {
      statements.add(statement)
      return sql.write(statement, ...values)
    },
    transaction: (work) => sql.transaction(work),
  }
  const outbox = await createSqliteOutbox(recorded, { ...OUTBOX_OPTIONS, batchKeys, limits: WIDE_BATCHES })
  const plans = () => {
    const steps = [...statements].flatMap((statement) =>
      sql.run<{ detail: string }>(`EXPLAIN QUERY PLAN ${statement}`).map(({ detail }) => detail),
    )
    return [...new Set(steps)].filter((step) => /^(SCAN|SEARCH|USE TEMP)/.test(step)).toSorted()
  }
  return { outbox, plans }
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
  await outbox.sweep(now + SECOND, 10)

  expect(plans()).toStrictEqual([
    // The due jobs that were counted, as far as a batch may hold them; the batches that are out; and the batch keys and
    // lanes that were found.
    'SCAN (subquery-8)',
    'SCAN batch',
    'SCAN keys',
    'SCAN lanes',
    // The jobs of one person that are ready and queued.
    'SEARCH (subquery-2)',
    'SEARCH batch USING INTEGER PRIMARY KEY (rowid=?)',
    'SEARCH control USING PRIMARY KEY (account=?)',
    'SEARCH counter USING PRIMARY KEY (account=?)',
    'SEARCH job USING COVERING INDEX job_due (account=? AND batch_key=? AND form>?)',
    'SEARCH job USING COVERING INDEX job_due (account=? AND batch_key=?)',
    'SEARCH job USING COVERING INDEX job_due (account=? AND batch_key>?)',
    'SEARCH job USING COVERING INDEX job_listed (account=? AND state=?)',
    'SEARCH job USING COVERING INDEX job_receipt (account=? AND settled_at<?)',
    'SEARCH job USING INDEX job_age (account=? AND accepted_at>?)',
    'SEARCH job USING INDEX job_age (account=?)',
    'SEARCH job USING INDEX job_due (account=? AND batch_key=? AND form=? AND due_at<?)',
    'SEARCH job USING INDEX job_head (account=? AND person_key=? AND rowid<?)',
    'SEARCH job USING INDEX job_head (account=? AND person_key=?)',
    'SEARCH job USING INDEX job_leased (account=? AND person_key=?)',
    'SEARCH job USING INDEX job_listed (account=? AND state=? AND (settled_at,id)>(?,?))',
    'SEARCH job USING INDEX job_listed_of (account=? AND person_key=? AND seq<?)',
    'SEARCH job USING INDEX job_queued (account=? AND person_key=? AND seq<?)',
    'SEARCH job USING INDEX job_queued (account=? AND person_key=?)',
    'SEARCH job USING INDEX job_visitor (account=? AND visitor_key=? AND seq<?)',
    'SEARCH job USING INDEX sqlite_autoindex_job_1 (id=?)',
    'SEARCH job USING INTEGER PRIMARY KEY (rowid=?)',
    'SEARCH other USING COVERING INDEX job_due (account=? AND batch_key=? AND form=? AND due_at<?)',
    'SEARCH other USING COVERING INDEX job_due (account=? AND batch_key=? AND form=?)',
    // The leads of a page that were accepted in the same millisecond.
    'USE TEMP B-TREE FOR LAST TERM OF ORDER BY',
    // The jobs of one person that have all stepped aside.
    'USE TEMP B-TREE FOR ORDER BY',
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
  ])
})
