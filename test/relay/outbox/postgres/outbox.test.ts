/** The suite and the model test of the outbox, on PostgreSQL. */
import * as fc from 'fast-check'
import { it } from 'vitest'
import { connectPostgres, type PostgresDatabase } from '../../../../relay/runtime/node/postgres-pool.ts'
import { withPostgres } from '../../../support/postgres.ts'
import { runScenario, scenarios } from '../../../suites/outbox/model.ts'
import { durableOutboxSuite } from '../../../suites/outbox/suite.ts'
import { LONG_TIMEOUTS } from './nodes.ts'
import { sharedTables } from './shared-tables.ts'

withPostgres({ fsync: 'off' }, (server) => {
  const { prepare, openDurable } = sharedTables(server)

  durableOutboxSuite('PostgreSQL', openDurable)

  it(
    'the oracle and PostgreSQL agree on every answer, and both keep the promises of the port',
    { timeout: 180_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(scenarios, (scenario) =>
          runScenario(scenario, async (settings) => {
            const { url, open } = await prepare(settings)
            let reopened: PostgresDatabase | undefined
            return {
              outbox: await open(),
              async reopen() {
                await reopened?.close()
                reopened = connectPostgres(url, 1, LONG_TIMEOUTS)
                return open({}, reopened)
              },
              close: () => reopened?.close(),
            }
          }),
        ),
        // Shrinking may take long: what was found by then is reported.
        { numRuns: 3, interruptAfterTimeLimit: 120_000 },
      )
    },
  )
})
