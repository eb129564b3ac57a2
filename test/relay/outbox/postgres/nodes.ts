/** Nodes that share the outbox of a test, each with connections of its own. */
import { onTestFinished } from 'vitest'
import type { Limits } from '../../../../relay/outbox/limits/limits.ts'
import type { Outbox } from '../../../../relay/outbox/outbox.ts'
import type { Database } from '../../../../relay/outbox/postgres/database.ts'
import type { OutboxOptions } from '../../../../relay/outbox/options.ts'
import { createPostgresOutbox } from '../../../../relay/outbox/postgres/outbox.ts'
import { NODE_CRYPTO } from '../../../../relay/runtime/node/outbox-crypto.ts'
import { connectPostgres, type PostgresDatabase } from '../../../../relay/runtime/node/postgres-pool.ts'
import { TEST_BATCH_KEYS } from '../../../oracle/memory-outbox.ts'
import type { PostgresServer } from '../../../support/postgres.ts'
import { WIDE } from '../../../suites/outbox/leads.ts'

type Timeouts = NonNullable<Parameters<typeof connectPostgres>[2]>

/** Time-outs in ms that a busy machine does not exceed. */
export const LONG_TIMEOUTS: Timeouts = { connected: 30_000, statement: 30_000, nextStatement: 30_000, answered: 30_000 }

export interface Node {
  url: string
  database: PostgresDatabase
  outbox: Outbox
  /** Starts a call of the outbox, and resolves when its transaction has done everything but the commit. */
  hold(call: (outbox: Outbox) => Promise<unknown>): Promise<HeldTransaction>
}

interface HeldTransaction {
  /** Lets it commit, and resolves with the call. */
  commit(): Promise<void>
  /** Makes it fail. */
  fail(): Promise<void>
  /** Returns how often the transaction has run, with its repetitions after collisions. */
  runs(): number
}

/** Returns the options of an outbox with these limits. */
export function optionsOf(limits: Limits = WIDE): OutboxOptions {
  return { batchKeys: TEST_BATCH_KEYS, crypto: NODE_CRYPTO, limits }
}

/** Connects to the database until the test has finished. */
export function connect(url: string, timeouts = LONG_TIMEOUTS): PostgresDatabase {
  const database = connectPostgres(url, 1, timeouts)
  onTestFinished(() => database.close())
  return database
}

/**
 * Returns the database with transactions that keep the plans of their statements. Planning each execution anew, as the
 * relay asks, takes half of the time of a test on few rows. The plans have tests of their own.
 */
export function withKeptPlans(database: Database): Database {
  return {
    run: database.run,
    transaction: (work, isLong) =>
      database.transaction(async (sql) => {
        sql.send(`SET LOCAL plan_cache_mode = 'force_generic_plan'`)
        return work(sql)
      }, isLong),
  }
}

/**
 * Opens one node on the outbox at `url`.
 *
 * @param elapsed the node's monotonic clock, if it has one
 */
export async function startNode(
  url: string,
  options = optionsOf(),
  timeouts = LONG_TIMEOUTS,
  elapsed?: () => number,
): Promise<Node> {
  const database = connect(url, timeouts)
  const kept = withKeptPlans(database)
  let onWorkDone: (() => Promise<void>) | undefined
  const gated: Database = {
    run: kept.run,
    transaction(work, patient) {
      const done = onWorkDone
      onWorkDone = undefined
      return kept.transaction(async (sql) => {
        const result = await work(sql)
        await sql.run('SELECT 1 AS answered')
        await done?.()
        return result
      }, patient)
    },
  }
  const outbox = await createPostgresOutbox(gated, options, elapsed)
  return {
    url,
    database,
    outbox,
    async hold(call) {
      const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      let runs = 0
      onWorkDone = () => {
        runs += 1
        reached.resolve()
        return released.promise
      }
      const calling = call(outbox)
      await Promise.race([reached.promise, calling])
      return {
        async commit() {
          released.resolve()
          await calling
        },
        async fail() {
          released.reject(new Error('the test made the transaction fail'))
          await calling.catch(() => {})
        },
        runs: () => runs,
      }
    },
  }
}

/** Opens several nodes at the same time on a database without tables. */
export async function startNodes(server: PostgresServer, count: number, limits?: Limits): Promise<Node[]> {
  const url = await server.schema()
  return Promise.all(Array.from({ length: count }, () => startNode(url, optionsOf(limits))))
}
