/** The suite of the outbox, on PostgreSQL. */
import * as fc from 'fast-check'
import { afterAll, it, onTestFinished } from 'vitest'
import type { Limits } from '../../../../relay/outbox/limits/limits.ts'
import { createPostgresOutbox } from '../../../../relay/outbox/postgres/outbox.ts'
import { connectPostgres, type PostgresDatabase } from '../../../../relay/runtime/node/postgres-pool.ts'
import { withPostgres } from '../../../support/postgres.ts'
import { live, lives } from '../../../suites/outbox/model.ts'
import { durableOutboxSuite } from '../../../suites/outbox/suite.ts'
import { optionsOf } from './nodes.ts'

withPostgres({ fsync: 'off' }, (server) => {
  // Creating the tables takes longer than most tests: they share them, and each finds them empty.
  let shared: { url: string; database: PostgresDatabase } | undefined
  afterAll(() => shared?.database.close())

  async function openEmpty(limits: Limits) {
    if (!shared) {
      const url = await server.schema()
      shared = { url, database: connectPostgres(url) }
    }
    const { database, url } = shared
    const outbox = await createPostgresOutbox(database, optionsOf(limits))
    await database.transaction(async (sql) => {
      for (const table of ['job', 'batch', 'counter']) sql.send(`DELETE FROM form_sync_${table}`)
      sql.send('UPDATE form_sync_control SET state = NULL')
    })
    return { outbox, url }
  }

  durableOutboxSuite('PostgreSQL', async (limits) => {
    const { outbox, url } = await openEmpty(limits)
    return {
      outbox,
      reopen() {
        const database = connectPostgres(url)
        onTestFinished(() => database.close())
        return createPostgresOutbox(database, optionsOf(limits))
      },
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
    'the memory outbox and PostgreSQL agree on every answer, and both keep the promises',
    { timeout: 120_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(lives, (life) =>
          live(life, async (limits) => {
            const { outbox, url } = await openEmpty(limits)
            let reopened: PostgresDatabase | undefined
            return {
              outbox,
              async reopen() {
                await reopened?.close()
                reopened = connectPostgres(url)
                return createPostgresOutbox(reopened, optionsOf(limits))
              },
              close: () => reopened?.close(),
            }
          }),
        ),
        { numRuns: 8 },
      )
    },
  )
})
