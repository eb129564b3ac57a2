/** The suite and the model test of the outbox, on PostgreSQL. */
import * as fc from 'fast-check'
import { afterAll, it, onTestFinished } from 'vitest'
import type { OutboxOptions } from '../../../../relay/outbox/options.ts'
import { createPostgresOutbox } from '../../../../relay/outbox/postgres/outbox.ts'
import { connectPostgres, type PostgresDatabase } from '../../../../relay/runtime/node/postgres-pool.ts'
import { withPostgres } from '../../../support/postgres.ts'
import { KNOWN_SECRET, runScenario, scenarios } from '../../../suites/outbox/model.ts'
import { durableOutboxSuite, type OutboxSettings } from '../../../suites/outbox/suite.ts'
import { LONG_TIMEOUTS, withKeptPlans } from './nodes.ts'

withPostgres({ fsync: 'off' }, (server) => {
  // Creating the tables takes longer than most tests: they share them, and each finds them empty.
  let shared: { url: string; database: PostgresDatabase } | undefined
  afterAll(() => shared?.database.close())

  /** Empties the tables, and returns what opens an outbox on them. */
  async function prepare(settings: OutboxSettings) {
    if (!shared) {
      const url = await server.schema()
      shared = { url, database: connectPostgres(url, 1, LONG_TIMEOUTS) }
    }
    const { url, database } = shared
    const open = (over: Partial<OutboxOptions> = {}, on = database) =>
      createPostgresOutbox(withKeptPlans(on), { ...settings, crypto: KNOWN_SECRET, ...over })
    await open()
    await database.transaction(async (sql) => {
      for (const table of ['job', 'owed', 'batch', 'counter', 'control', 'newest_sent', 'held_form'])
        sql.send(`DELETE FROM form_sync_${table}`)
    })
    return { url, open }
  }

  durableOutboxSuite('PostgreSQL', async (settings) => {
    const { url, open } = await prepare(settings)
    return {
      outbox: await open(),
      reopen(changed) {
        const database = connectPostgres(url, 1, LONG_TIMEOUTS)
        onTestFinished(() => database.close())
        return open(changed, database)
      },
      openAccount: (account) => open({ account }),
      async refuse(id) {
        await server.ask(
          `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;
           CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON form_sync_job
             FOR EACH ROW WHEN (new.id = '${id}') EXECUTE FUNCTION refuse()`,
          url,
        )
        onTestFinished(async () => void (await server.ask('DROP FUNCTION refuse CASCADE', url)))
      },
    }
  })

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
