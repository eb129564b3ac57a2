/** Several relays on Node that share one PostgreSQL. Each can die at each step, and so can the database. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ChildProcess } from 'node:child_process'
import { Client } from 'pg'
import { freePort } from '../support/process.ts'
import { environment, jobOf, live, SCHEDULE, type Row } from './node-relays.ts'
import { FORMS } from './plan.ts'
import { startPostgres } from './postgres-server.ts'
import { spentOf, type Platform } from './relays.ts'

export interface PostgresRelaysOptions {
  folder: string
  endpoint: string
  nodes: number
}

/** So many relays, and their database. */
export async function postgresRelays({ folder, endpoint, nodes }: PostgresRelaysOptions): Promise<Platform> {
  const server = await startPostgres()
  const forms = join(folder, 'forms.json')
  writeFileSync(forms, JSON.stringify(FORMS))
  const ports = await Promise.all(Array.from({ length: nodes }, freePort))
  const lives = new Set<ChildProcess>()

  async function ask<R extends object>(statement: string): Promise<R[]> {
    const client = new Client({ connectionString: server.url })
    await client.connect()
    try {
      return (await client.query<R>(statement)).rows
    } finally {
      await client.end()
    }
  }

  return {
    name: `postgres, ${nodes} nodes`,
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    // The clock of what waits is the database's.
    can: { dieAtSteps: true, moveTheClock: false, waitForTheStore: true },
    slowness: 1,
    patience: 240_000,
    start(relay, { fate, clock, limits }) {
      const env = { ...environment(endpoint, limits), FORM_SYNC_DATABASE: server.url }
      const [port, data] = [ports[relay]!, join(folder, `data-${relay}`)]
      return live(
        { env, forms, data, port, schedule: SCHEDULE, fate, clock, log: join(folder, 'relay.log') },
        lives,
        // Its database was killed while it started.
        /cannot be used as an outbox/,
      )
    },
    shake: server.crash,
    async jobs() {
      const rows = await ask<Row>(
        'SELECT id, state, lead_id::integer, reason, attempts, lead FROM form_sync_job ORDER BY seq',
      )
      return rows.map(jobOf)
    },
    async spentToday(now) {
      const [there] = await ask<{ name: string | null }>(`SELECT to_regclass('form_sync_desk')::text AS name`)
      if (there?.name === null) return 0
      const [desk] = await ask<{ allowance: string | null }>('SELECT allowance FROM form_sync_desk')
      return desk?.allowance ? spentOf(JSON.parse(desk.allowance) as { spent: number; dayEndsAt: number }, now) : 0
    },
    async end() {
      for (const child of lives) child.kill('SIGKILL')
      await server.end()
    },
  }
}
