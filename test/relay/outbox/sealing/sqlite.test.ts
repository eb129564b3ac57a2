/** Data keys on SQLite, in a folder as the relay has it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { resealSqlite } from '../../../../relay/outbox/sqlite/reseal.ts'
import { createSqliteOutbox } from '../../../../relay/outbox/sqlite/outbox.ts'
import { NODE_CRYPTO } from '../../../../relay/runtime/node/outbox-crypto.ts'
import { openSqlite } from '../../../../relay/runtime/node/sqlite-file.ts'
import { TEST_BATCH_KEYS } from '../../../oracle/memory-outbox.ts'
import { makeFolder } from '../../../support/folder.ts'
import { WIDE } from '../../../suites/outbox/leads.ts'
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
