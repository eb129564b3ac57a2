/** Data keys on SQLite, in a folder as the relay has it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createMoveJob } from '../../../../relay/outbox/move-job.ts'
import { createSqliteMoves } from '../../../../relay/outbox/sqlite/move.ts'
import { resealSqlite } from '../../../../relay/outbox/sqlite/reseal.ts'
import { createSqliteOutbox } from '../../../../relay/outbox/sqlite/outbox.ts'
import { NODE_CRYPTO } from '../../../../relay/runtime/node/outbox-crypto.ts'
import { openSqlite } from '../../../../relay/runtime/node/sqlite-file.ts'
import { TEST_BATCH_KEYS } from '../../../oracle/memory-outbox.ts'
import { dataKeysOf } from '../../../support/data-keys.ts'
import { makeFolder } from '../../../support/folder.ts'
import { addAll, lead, settleNext, T, WIDE } from '../../../suites/outbox/leads.ts'
import { sealingSuite } from '../../../suites/sealing.ts'

sealingSuite('SQLite on Node', async () => {
  const folder = makeFolder()
  const sql = openSqlite(join(folder, 'outbox.sqlite'))
  onTestFinished(() => sql.close())
  return {
    open: (dataKeys, over) =>
      createSqliteOutbox(sql, { limits: WIDE, batchKeys: TEST_BATCH_KEYS, crypto: NODE_CRYPTO, dataKeys, ...over }),
    rotate: async (cipher, decrypts = false) => resealSqlite(sql, cipher, decrypts),
    emptyLog: () => sql.checkpoint(),
    // With the log beside the file.
    read: async () =>
      readdirSync(folder)
        .map((name) => readFileSync(join(folder, name), 'latin1'))
        .join('\n'),
    run: async (statement) => sql.run(statement.replace(/\{(\w+)\}/g, '$1')),
  }
})

it('a lead that moves to the database of another account is encrypted there with the key of that one', async () => {
  const [from, to] = ['from.sqlite', 'to.sqlite'].map((name) => openSqlite(join(makeFolder(), name)))
  onTestFinished(() => [from!, to!].forEach((sql) => sql.close()))
  const options = { limits: WIDE, batchKeys: TEST_BATCH_KEYS, crypto: NODE_CRYPTO }
  const first = { ...options, dataKeys: dataKeysOf(1) }
  const second = { ...options, dataKeys: dataKeysOf(2), account: 'second' }
  const outbox = await createSqliteOutbox(from!, first)
  await addAll(outbox, lead('a'))
  await settleNext(outbox, { kind: 'parked', reason: 'canary-reason' })
  const edit = { forms: { contact: { account: 'second', constants: [], associate: 'always' as const } } }

  const leaving = await createSqliteMoves(from!, first)
  const jobs = await leaving.departing(
    ['a'],
    edit,
    createMoveJob(() => TEST_BATCH_KEYS),
    T,
  )
  await (await createSqliteMoves(to!, second)).receive(jobs, T)

  expect(JSON.stringify(to!.run('SELECT * FROM job'))).not.toMatch(/canary-reason|a@example/)
  const moved = await (await createSqliteOutbox(to!, second)).find('a')
  expect(moved).toMatchObject({ reason: 'canary-reason', lead: { email: 'a@example.com' } })
})
