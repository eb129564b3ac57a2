/** The suite of delivery, on PostgreSQL. */
import { TEST_BATCH_KEYS } from '../../../oracle/memory-outbox.ts'
import { withPostgres } from '../../../support/postgres.ts'
import { deliverySuite } from '../../../suites/delivery/suite.ts'
import { optionsOf, startNode } from './nodes.ts'

withPostgres({ fsync: 'off' }, (server) => {
  deliverySuite('PostgreSQL', async (limits, batchKeys = TEST_BATCH_KEYS) => {
    const options = { ...optionsOf(limits), batchKeys }
    return (await startNode(await server.schema(), options)).outbox
  })
})
