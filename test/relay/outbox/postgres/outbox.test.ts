/** The suite of the outbox and the model test, on PostgreSQL. */
import * as fc from 'fast-check'
import { afterAll, it, onTestFinished } from 'vitest'
import { createPostgresOutbox } from '../../../../relay/outbox/postgres/outbox.ts'
import { NODE_CRYPTO } from '../../../../relay/runtime/node/outbox-crypto.ts'
import { connectPostgres, type PostgresDatabase } from '../../../../relay/runtime/node/postgres-pool.ts'
import { withPostgres } from '../../../support/postgres.ts'
import { runScenario, scenarios } from '../../../suites/outbox/model.ts'
import { durableOutboxSuite, type OutboxSettings } from '../../../suites/outbox/suite.ts'

withPostgres({ fsync: 'off' }, (server) => {
  // Creating the tables takes longer than most tests: they share them, and each finds them empty.
  let shared: { url: string; database: PostgresDatabase } | undefined
  afterAll(() => shared?.database.close())

  const open = (database: PostgresDatabase, settings: OutboxSettings, account?: string) =>
    createPostgresOutbox(database, { ...settings, crypto: NODE_CRYPTO, ...(account && { account }) })

  async function openEmpty(settings: OutboxSettings) {
    if (!shared) {
      const url = await server.schema()
      shared = { url, database: connectPostgres(url) }
      await open(shared.database, settings)
    }
    const { database, url } = shared
    await database.transaction(async (sql) => {
      for (const table of ['job', 'batch', 'counter', 'control']) sql.send(`DELETE FROM form_sync_${table}`)
    })
    return { outbox: await open(database, settings), database, url }
  }

  durableOutboxSuite('PostgreSQL', async (settings) => {
    const { outbox, database, url } = await openEmpty(settings)
    return {
      outbox,
      reopen(changed = {}) {
        const reopened = connectPostgres(url)
        onTestFinished(() => reopened.close())
        return open(reopened, { ...settings, ...changed })
      },
      openAccount: (account) => open(database, settings, account),
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
    { timeout: 120_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(scenarios, (scenario) =>
          runScenario(scenario, async (settings) => {
            const { outbox, url } = await openEmpty(settings)
            let reopened: PostgresDatabase | undefined
            return {
              outbox,
              async reopen() {
                await reopened?.close()
                reopened = connectPostgres(url)
                return open(reopened, settings)
              },
              close: () => reopened?.close(),
            }
          }),
        ),
        { numRuns: 8, interruptAfterTimeLimit: 90_000 },
      )
    },
  )
})
