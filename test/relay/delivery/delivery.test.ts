/** The suite of delivery, on SQLite. */
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createSqliteOutbox } from '../../../relay/outbox/sqlite/outbox.ts'
import { NODE_CRYPTO } from '../../../relay/runtime/node/outbox-crypto.ts'
import { openSqlite } from '../../../relay/runtime/node/sqlite-file.ts'
import { TEST_BATCH_KEYS } from '../../oracle/memory-outbox.ts'
import { deliverySuite } from '../../suites/delivery/suite.ts'
import { makeFolder } from '../../support/folder.ts'

deliverySuite('SQLite on Node', (limits, batchKeys = TEST_BATCH_KEYS) => {
  const sql = openSqlite(join(makeFolder(), 'outbox.sqlite'))
  onTestFinished(() => sql.close())
  return createSqliteOutbox(sql, { batchKeys, crypto: NODE_CRYPTO, limits })
})
