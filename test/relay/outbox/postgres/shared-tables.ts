/** Tables of the outbox that the tests of a file share, because creating them takes longer than most tests. */
import { afterAll, onTestFinished } from 'vitest'
import type { OutboxOptions } from '../../../../relay/outbox/options.ts'
import type { Outbox } from '../../../../relay/outbox/outbox.ts'
import { createPostgresOutbox } from '../../../../relay/outbox/postgres/outbox.ts'
import type { DataKeys } from '../../../../relay/outbox/sealing/sealing.ts'
import { connectPostgres, type PostgresDatabase } from '../../../../relay/runtime/node/postgres-pool.ts'
import type { PostgresServer } from '../../../support/postgres.ts'
import { KNOWN_SECRET } from '../../../suites/outbox/model.ts'
import type { OpenDurable, OutboxSettings } from '../../../suites/outbox/suite.ts'
import { LONG_TIMEOUTS, withKeptPlans } from './nodes.ts'

/** The tables, empty for one test. */
interface Prepared {
  url: string
  /** Opens an outbox on the tables, over connections of its own if they are given. */
  open(over?: Partial<OutboxOptions>, on?: PostgresDatabase): Promise<Outbox>
}

export interface SharedTables {
  /** Empties the tables. */
  prepare(settings: OutboxSettings): Promise<Prepared>
  /** Opens an outbox on the empty tables for the suite. */
  openDurable: OpenDurable
}

/** Defines tables that the tests of this file share. */
export function sharedTables(server: PostgresServer, dataKeys?: DataKeys): SharedTables {
  let shared: { url: string; database: PostgresDatabase } | undefined
  afterAll(() => shared?.database.close())

  async function prepare(settings: OutboxSettings): Promise<Prepared> {
    if (!shared) {
      const url = await server.schema()
      shared = { url, database: connectPostgres(url, 1, LONG_TIMEOUTS) }
    }
    const { url, database } = shared
    const open = (over: Partial<OutboxOptions> = {}, on = database) =>
      createPostgresOutbox(withKeptPlans(on), { ...settings, crypto: KNOWN_SECRET, dataKeys, ...over })
    await open()
    await database.transaction(async (sql) => {
      for (const table of ['job', 'owed', 'batch', 'counter', 'control', 'newest_sent', 'held_form', 'act'])
        sql.send(`DELETE FROM form_sync_${table}`)
    })
    return { url, open }
  }

  return {
    prepare,
    async openDurable(settings) {
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
    },
  }
}
