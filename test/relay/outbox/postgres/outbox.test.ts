/** The suite and a short model test of the outbox, on PostgreSQL. */
import { it } from 'vitest'
import { withPostgres } from '../../../support/postgres.ts'
import { durableOutboxSuite } from '../../../suites/outbox/suite.ts'
import { checkAgreement } from './agreement.ts'
import { sharedTables } from './shared-tables.ts'

withPostgres({ fsync: 'off' }, (server) => {
  const { prepare, openDurable } = sharedTables(server)

  durableOutboxSuite('PostgreSQL', openDurable)

  it(
    'the oracle and PostgreSQL agree on every answer, and both keep the promises of the port',
    { timeout: 180_000 },
    () => checkAgreement(prepare, 1),
  )
})
