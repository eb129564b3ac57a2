import * as fc from 'fast-check'
import { afterAll, it, onTestFinished } from 'vitest'
import type { Limits } from '../../../../relay/outbox/limits/limits.ts'
import { createPostgresOutbox } from '../../../../relay/outbox/postgres/outbox.ts'
import { connectPostgres, type PostgresDatabase } from '../../../../relay/runtime/node/postgres-pool.ts'
import { withPostgres } from '../../../support/postgres.ts'
import { live, lives } from '../../../suites/outbox/model.ts'
import { durableOutboxSuite } from '../../../suites/outbox/suite.ts'

withPostgres({ fsync: 'off' }, (server) => {
  /** Making the tables takes longer than most tests: they share them, and each finds them empty. */
  let shared: { url: string; database: PostgresDatabase } | undefined
  afterAll(() => shared?.database.close())

  async function empty(limits: Limits) {
    if (!shared) {
      const url = await server.schema()
      shared = { url, database: connectPostgres(url) }
    }
    const { database, url } = shared
    const outbox = await createPostgresOutbox(database, limits)
    await database.transaction(async (sql) => {
      sql.send('DELETE FROM form_sync_job')
      sql.send('DELETE FROM form_sync_call')
      sql.send('UPDATE form_sync_desk SET allowance = NULL, halt = NULL')
      sql.send('UPDATE form_sync_tally SET waiting = 0, parked = 0, delivered = 0')
    })
    return { outbox, url }
  }

  durableOutboxSuite('PostgreSQL', async (limits) => {
    const { outbox, url } = await empty(limits)
    return {
      outbox,
      reopen() {
        const database = connectPostgres(url)
        onTestFinished(() => database.close())
        return createPostgresOutbox(database, limits)
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

  it('memory and PostgreSQL agree on every answer, and both keep the promises', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(lives, (life) =>
        live(life, async (limits) => {
          const { outbox, url } = await empty(limits)
          let again: PostgresDatabase | undefined
          return {
            outbox,
            async reopen() {
              await again?.close()
              again = connectPostgres(url)
              return createPostgresOutbox(again, limits)
            },
            close: () => again?.close(),
          }
        }),
      ),
      { numRuns: 8 },
    )
  })
})
