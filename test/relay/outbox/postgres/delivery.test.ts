/** The suite of delivery, on PostgreSQL. */
import { withPostgres } from '../../../support/postgres.ts'
import { deliverySuite } from '../../../suites/delivery/suite.ts'
import { optionsOf, startNode } from './nodes.ts'

withPostgres({ fsync: 'off' }, (server) => {
  deliverySuite('PostgreSQL', async (limits) => (await startNode(await server.schema(), optionsOf(limits))).outbox)
})
