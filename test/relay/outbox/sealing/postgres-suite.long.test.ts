/** The suite of the outbox on PostgreSQL with a data key. */
import { dataKeysOf } from '../../../support/data-keys.ts'
import { withPostgres } from '../../../support/postgres.ts'
import { durableOutboxSuite } from '../../../suites/outbox/suite.ts'
import { sharedTables } from '../postgres/shared-tables.ts'

withPostgres({ fsync: 'off' }, (server) => {
  durableOutboxSuite('PostgreSQL with a data key', sharedTables(server, dataKeysOf(1)).openDurable)
})
