/** The suite and the model test of the outbox on SQLite with a data key. */
import { join } from 'node:path'
import { it, onTestFinished } from 'vitest'
import { createSqliteOutbox } from '../../../../relay/outbox/sqlite/outbox.ts'
import { NODE_CRYPTO } from '../../../../relay/runtime/node/outbox-crypto.ts'
import { openSqlite } from '../../../../relay/runtime/node/sqlite-file.ts'
import { checkAgreement } from '../../../oracle/agreement.ts'
import { dataKeysOf } from '../../../support/data-keys.ts'
import { makeFolder } from '../../../support/folder.ts'
import { refusingTriggers } from '../../../suites/outbox/durability.ts'
import { durableOutboxSuite, type OutboxSettings } from '../../../suites/outbox/suite.ts'

durableOutboxSuite('SQLite on Node with a data key', async (settings) => {
  const path = join(makeFolder(), 'outbox.sqlite')
  let sql = openSqlite(path)
  onTestFinished(() => sql.close())
  const open = (over: Partial<OutboxSettings> & { account?: string } = {}) =>
    createSqliteOutbox(sql, { ...settings, crypto: NODE_CRYPTO, dataKeys: dataKeysOf(1), ...over })
  return {
    outbox: await open(),
    reopen(changed) {
      sql.close()
      sql = openSqlite(path)
      return open(changed)
    },
    openAccount: (account) => open({ account }),
    refuse(id) {
      for (const trigger of refusingTriggers(id)) sql.run(trigger)
    },
  }
})

it('the oracle and SQLite with a data key agree on every answer', { timeout: 60_000 }, () =>
  checkAgreement(5, dataKeysOf(1)),
)
