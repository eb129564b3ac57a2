/** Data keys on PostgreSQL. */
import { onTestFinished } from 'vitest'
import { resealPostgres } from '../../../../relay/outbox/postgres/reseal.ts'
import { createPostgresOutbox } from '../../../../relay/outbox/postgres/outbox.ts'
import { NODE_CRYPTO } from '../../../../relay/runtime/node/outbox-crypto.ts'
import { connectPostgres } from '../../../../relay/runtime/node/postgres-pool.ts'
import { TEST_BATCH_KEYS } from '../../../oracle/memory-outbox.ts'
import { withPostgres } from '../../../support/postgres.ts'
import { WIDE } from '../../../suites/outbox/leads.ts'
import { sealingSuite } from '../../../suites/sealing.ts'
import { LONG_TIMEOUTS } from '../postgres/nodes.ts'

withPostgres({ fsync: 'off' }, (server) => {
  sealingSuite('PostgreSQL', async () => {
    const database = connectPostgres(await server.schema(), 1, LONG_TIMEOUTS)
    onTestFinished(() => database.close())
    return {
      open: (dataKeys, over) =>
        createPostgresOutbox(database, {
          limits: WIDE,
          batchKeys: TEST_BATCH_KEYS,
          crypto: NODE_CRYPTO,
          dataKeys,
          ...over,
        }),
      rotate: (cipher, decrypts = false) => resealPostgres(database, cipher, decrypts),
      async read() {
        const tables = await database.run<{ name: string }>(
          `SELECT relname AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' ORDER BY 1`,
        )
        const rows = await Promise.all(
          tables.map(({ name }) =>
            database.run<{ row: string }>(`SELECT own::text AS row FROM ${name} AS own ORDER BY 1`),
          ),
        )
        return rows
          .flat()
          .map(({ row }) => row)
          .join('\n')
      },
      run: (statement) => database.run(statement.replace(/\{(\w+)\}/g, 'form_sync_$1')),
    }
  })
})
