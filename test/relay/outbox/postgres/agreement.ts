/** The model test of the outbox on PostgreSQL. fast-check prints the seed and the shortest scenario that fails. */
import * as fc from 'fast-check'
import { connectPostgres, type PostgresDatabase } from '../../../../relay/runtime/node/postgres-pool.ts'
import { runScenario, scenarios } from '../../../suites/outbox/model.ts'
import { LONG_TIMEOUTS } from './nodes.ts'
import type { SharedTables } from './shared-tables.ts'

/**
 * Checks that the oracle and PostgreSQL agree on every answer in random scenarios, and that both keep the promises of the
 * port.
 *
 * @param numRuns number of scenarios
 */
export async function checkAgreement(prepare: SharedTables['prepare'], numRuns: number): Promise<void> {
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
    { numRuns, interruptAfterTimeLimit: 120_000 },
  )
}
