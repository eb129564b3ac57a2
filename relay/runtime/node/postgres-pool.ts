/**
 * The outbox's database on a PostgreSQL, by `pg`. It knows how to keep connections and nothing of what is in the tables.
 *
 * Whatever happens to a server, a network or a proxy between, each statement is answered or rejects within seconds: the
 * server ends what takes too long, and where no answer comes at all the connection is dropped here. A connection on
 * which anything failed is not used again. A COMMIT without its answer is a failure, though the database may have done
 * it: an addition may be repeated, for a known id changes nothing.
 */
import { Pool, types, type PoolClient, type QueryResult } from 'pg'
import type { Database, Row, Transaction, Value } from '../../outbox/postgres/database.ts'
import { isCollision, withAdvice } from './postgres-errors.ts'

/** An addition, a settlement, a claim, and two that look: more at once is rare, and waits its turn. */
const CONNECTIONS = 5

/** How long each thing may take, in milliseconds. */
interface Timeouts {
  /** To be given a connection. */
  connected: number
  /** A statement, before the server ends it. */
  statement: number
  /** The next statement of a transaction, before the server ends that. */
  nextStatement: number
  /** An answer, before it is given up: longer than the server needs to give up by itself. */
  answered: number
}

/** A visitor waits for it, and seconds are long; a server under load may need some. */
const TIMEOUTS_MS: Timeouts = { connected: 3_000, statement: 4_000, nextStatement: 3_000, answered: 5_000 }

/** Milliseconds for a transaction that may take its time, such as one that makes an index. */
const LONG_TRANSACTION_TIMEOUT_MS = 30 * 60_000

/** How often a transaction is tried where others come first. */
const MAX_TRIES = 5

/** What each connection is told first. */
function settings({ statement, nextStatement }: Timeouts): string {
  const settings = {
    statement_timeout: statement,
    // A node that dies between two statements must not hold up the others until the network notices.
    idle_in_transaction_session_timeout: nextStatement,
    default_transaction_isolation: 'read committed',
    // Every statement has its index. It must take it also where the statistics are those of an hour ago, when the table
    // was empty: so it is planned anew each time, for the table as large as it is, and by no plan that reads all of it.
    plan_cache_mode: 'force_custom_plan',
    enable_seqscan: 'off',
    enable_bitmapscan: 'off',
    enable_hashjoin: 'off',
    enable_mergejoin: 'off',
    jit: 'off',
  }
  const set = Object.entries(settings).map(([name, value]) => `set_config('${name}', '${value}', false)`)
  // A server may be set to say "kept" before it has; it is told not to. A stricter setting stays.
  const synchronous = `coalesce(nullif(current_setting('synchronous_commit'), 'off'), 'on')`
  return `SELECT ${[...set, `set_config('synchronous_commit', ${synchronous}, false)`].join(', ')}`
}

export interface PostgresDatabase extends Database {
  /** Waits for what is on its way, then closes the connections. */
  close(): Promise<void>
}

/** Connections to the database at `url`, made as they are needed. */
export function connectPostgres(url: string, waits = TIMEOUTS_MS): PostgresDatabase {
  const pool = new Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: waits.connected,
    query_timeout: waits.answered,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    fallback_application_name: 'form-sync',
    pipeline: true,
    types: { getTypeParser },
  })
  const setUp = new WeakMap<PoolClient, Promise<unknown>>()
  pool.on('connect', (client) => {
    const told = ask(client, { text: settings(waits) })
    told.catch(() => undefined)
    setUp.set(client, told)
    // Without a listener the process would end. What was asked of the connection rejects.
    client.on('error', () => undefined)
  })
  // One that is lost while it is idle: the pool drops it.
  pool.on('error', () => undefined)
  const names = new Map<string, string>()
  let closed: Promise<void> | undefined

  async function connected<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect().catch(advise)
    let failed = true
    try {
      await setUp.get(client)
      const result = await work(client)
      failed = false
      return result
    } finally {
      client.release(failed)
    }
  }

  /** A statement with a name is sent and read once for each connection. */
  function named(text: string, values: readonly Value[]): Query {
    const name = names.get(text) ?? `s${names.size + 1}`
    names.set(text, name)
    return { name, text, values: [...values] }
  }

  async function once<T>(client: PoolClient, work: (sql: Transaction) => Promise<T>, patient: boolean): Promise<T> {
    const sent: Promise<QueryResult>[] = []
    let first: { error: unknown } | undefined

    function send(query: Query): Promise<QueryResult> {
      const { text, values = [] } = query
      const answer = ask(client, patient ? { text, values, query_timeout: LONG_TRANSACTION_TIMEOUT_MS } : query)
      answer.catch((error: unknown) => (first ??= { error }))
      sent.push(answer)
      return answer
    }

    try {
      void send({ text: patient ? 'BEGIN; SET LOCAL statement_timeout = 0' : 'BEGIN' })
      const result = await work({
        run: async <R extends Row>(statement: string, ...values: Value[]) =>
          (await send(named(statement, values))).rows as R[],
        send: (statement, ...values) => void send(named(statement, values)),
      })
      void send({ text: 'COMMIT' })
      await Promise.all(sent)
      return result
    } catch (error) {
      // What fails first is what failed: after it the server refuses whatever comes in the same transaction.
      throw first ? first.error : error
    }
  }

  return {
    run: <R extends Row>(statement: string, ...values: Value[]) =>
      connected(async (client) => (await ask(client, named(statement, values))).rows as R[]),
    async transaction(work, patient = false) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await connected((client) => once(client, work, patient))
        } catch (error) {
          if (tries === MAX_TRIES || !isCollision(error)) throw error
        }
      }
    },
    close: () => (closed ??= pool.end()),
  }
}

interface Query {
  text: string
  name?: string
  values?: unknown[]
  query_timeout?: number
}

function ask(client: PoolClient, query: Query): Promise<QueryResult> {
  return client.query(query).catch(advise)
}

function advise(error: Error): never {
  throw withAdvice(error)
}

/** Times and counts are 64-bit in the database, and none comes near 2^53. */
function getTypeParser(...[type, format]: Parameters<typeof types.getTypeParser>): (text: string) => unknown {
  return type === types.builtins.INT8 ? Number : types.getTypeParser(type, format)
}
