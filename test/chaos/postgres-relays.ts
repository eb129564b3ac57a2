/** Several relays on Node that share one PostgreSQL. Each can crash at each step, and so can the database. */
import type { ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { parseState } from '../../relay/outbox/account-state.ts'
import { freePort } from '../support/process.ts'
import { environment, jobOf, SCHEDULE, startRelay, type JobRow } from './node-relays.ts'
import type { Api } from '../support/account-variables.ts'
import { formsFile } from './api.ts'
import { startPostgres } from './postgres-server.ts'
import { spentOf, type Platform } from './relays.ts'

export interface PostgresRelaysOptions {
  folder: string
  /** Address of the simulator. */
  marketo: string
  api: Api
  /** Number of relays. */
  nodes: number
}

/** Puts a function that can be set in place of the server's clock, for sessions that begin afterwards. */
const SETTABLE_CLOCK = [
  'CREATE TABLE public.chaos_clock (ahead interval NOT NULL)',
  "INSERT INTO public.chaos_clock VALUES ('0')",
  `CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
   AS 'SELECT pg_catalog.clock_timestamp() + (SELECT ahead FROM public.chaos_clock)'`,
  // Without this, functions of the server come before all others.
  'ALTER ROLE postgres SET search_path = public, pg_catalog',
]

/** Prepares the relays and starts their database. */
export async function postgresRelays({ folder, marketo, api, nodes }: PostgresRelaysOptions): Promise<Platform> {
  const server = await startPostgres()
  const forms = join(folder, 'forms.json')
  writeFileSync(forms, formsFile(api))
  const log = join(folder, 'relay.log')
  const ports = await Promise.all(Array.from({ length: nodes }, freePort))
  const running = new Set<ChildProcess>()

  async function query<R extends object>(statement: string): Promise<R[]> {
    const client = new Client({ connectionString: server.url })
    await client.connect()
    try {
      return (await client.query<R>(statement)).rows
    } finally {
      await client.end()
    }
  }

  for (const statement of SETTABLE_CLOCK) await query(statement)

  return {
    name: `postgres, ${nodes} nodes`,
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    // Due times go by the database's clock, which is set between the parts of a run.
    can: { crashAtSteps: true, setClock: false, remoteStore: true },
    startupFactor: 1,
    drainTimeout: 240_000,
    start(relay, { faults, clock, limits }) {
      const env = { ...environment(api, marketo, limits), FORM_SYNC_DATABASE: server.url }
      const [port, data] = [ports[relay]!, join(folder, `data-${relay}`)]
      return startRelay(
        { env, forms, data, port, schedule: SCHEDULE, faults, clock, log },
        running,
        // The database crashed while the relay started.
        /cannot be used as an outbox|PostgresError/,
      )
    },
    crashStore: server.crash,
    setStoreClock: async (error) => void (await query(`UPDATE chaos_clock SET ahead = ${error} * interval '1 ms'`)),
    async jobs() {
      const rows = await query<JobRow>(
        'SELECT id, state, lead_id::integer, reason, attempts, lead, notes FROM form_sync_job ORDER BY seq',
      )
      return rows.map(jobOf)
    },
    async spentToday(now) {
      const [table] = await query<{ name: string | null }>(`SELECT to_regclass('form_sync_control')::text AS name`)
      if (table?.name === null) return 0
      const [row] = await query<{ state: string | null }>('SELECT state FROM form_sync_control')
      return spentOf(parseState(row?.state).budget, now)
    },
    async end() {
      for (const child of running) child.kill('SIGKILL')
      await server.end()
    },
  }
}
