/**
 * The outbox's database on a PostgreSQL server, through `pg`. It manages connections and knows nothing of the tables.
 *
 * Each statement succeeds or rejects within seconds, also when the server, the network or a proxy fails: the server
 * cancels a slow statement, and a connection without an answer is dropped here. A connection is not used again after any
 * failure. A COMMIT without an answer counts as failed although the database may have committed: to add a lead again is
 * safe, because its id is known.
 */
import { Pool, types, type PoolClient, type QueryResult } from 'pg'
import type { Database, Row, Transaction, Value } from '../../outbox/postgres/database.ts'
import { isCollision, toPostgresError } from './postgres-errors.ts'

/** Enough for an addition, a settlement, a claim and two reads at the same time. More wait for a connection. */
const MAX_CONNECTIONS = 5

/** Connections that each further account adds, so that none waits for those of another one. */
const CONNECTIONS_OF_ACCOUNT = 3

/** Timeouts, in ms. */
interface Timeouts {
  /** To get a connection. */
  connected: number
  /** For a statement, enforced by the server. */
  statement: number
  /** Between two statements of a transaction, enforced by the server. */
  nextStatement: number
  /** For an answer, enforced here. It must be longer than the server's timeout for a statement. */
  answered: number
}

/** A visitor waits meanwhile, so they are short; a server under load may need a few seconds. */
const TIMEOUTS_MS: Timeouts = { connected: 3_000, statement: 4_000, nextStatement: 3_000, answered: 5_000 }

/** Timeout of a statement in a long transaction, such as one that creates an index. */
const LONG_TRANSACTION_TIMEOUT_MS = 30 * 60_000

/** Maximum number of attempts for a transaction that conflicts with others. */
const MAX_TRIES = 5

/** Returns the statement that sets up a new connection. */
function settings({ statement, nextStatement }: Timeouts): string {
  const settings = {
    statement_timeout: statement,
    // A relay that dies between two statements must not block the others until the network notices.
    idle_in_transaction_session_timeout: nextStatement,
    default_transaction_isolation: 'read committed',
    // Every statement has an index. It must be used even if the statistics date from a time when the table was empty. So
    // each execution is planned for the current size of the table, and plans that read the whole table are disabled.
    plan_cache_mode: 'force_custom_plan',
    enable_seqscan: 'off',
    enable_bitmapscan: 'off',
    enable_hashjoin: 'off',
    enable_mergejoin: 'off',
    jit: 'off',
  }
  const set = Object.entries(settings).map(([name, value]) => `set_config('${name}', '${value}', false)`)
  // A server may be set to confirm a commit before it is durable. This turns that off, and keeps a stricter setting.
  const synchronous = `coalesce(nullif(current_setting('synchronous_commit'), 'off'), 'on')`
  return `SELECT ${[...set, `set_config('synchronous_commit', ${synchronous}, false)`].join(', ')}`
}

export interface PostgresDatabase extends Database {
  /** Returns true if a pooler gives the transactions of a connection to different connections to the server. */
  isPooledByTransaction(): Promise<boolean>
  /** Closes the connections when the statements under way have ended. */
  close(): Promise<void>
}

/** Returns the database at `url`, for this number of accounts. Connections are opened on demand. */
export function connectPostgres(url: string, accounts = 1, timeouts = TIMEOUTS_MS): PostgresDatabase {
  const pool = new Pool({
    connectionString: url,
    max: MAX_CONNECTIONS + (accounts - 1) * CONNECTIONS_OF_ACCOUNT,
    connectionTimeoutMillis: timeouts.connected,
    query_timeout: timeouts.answered,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    fallback_application_name: 'form-sync',
    pipeline: true,
    types: { getTypeParser },
  })
  const setUps = new WeakMap<PoolClient, Promise<unknown>>()
  pool.on('connect', (client) => {
    const setUp = ask(client, { text: settings(timeouts) })
    setUp.catch(() => undefined)
    setUps.set(client, setUp)
    // Without a listener the process would end. The statements of this connection reject.
    client.on('error', () => undefined)
  })
  // An idle connection was lost. The pool removes it.
  pool.on('error', () => undefined)
  const names = new Map<string, string>()
  let closed: Promise<void> | undefined

  async function withConnection<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect().catch(rethrow)
    let failed = true
    try {
      await setUps.get(client)
      const result = await work(client)
      failed = false
      return result
    } finally {
      client.release(failed)
    }
  }

  /** Names a statement, so that each connection sends and parses it only once. */
  function named(text: string, values: readonly Value[]): Query {
    const name = names.get(text) ?? `s${names.size + 1}`
    names.set(text, name)
    return { name, text, values: [...values] }
  }

  async function once<T>(client: PoolClient, work: (sql: Transaction) => Promise<T>, isLong: boolean): Promise<T> {
    const sent: Promise<QueryResult>[] = []
    let first: { error: unknown } | undefined

    function send(query: Query): Promise<QueryResult> {
      const { text, values = [] } = query
      const answer = ask(client, isLong ? { text, values, query_timeout: LONG_TRANSACTION_TIMEOUT_MS } : query)
      answer.catch((error: unknown) => (first ??= { error }))
      sent.push(answer)
      return answer
    }

    try {
      void send({ text: isLong ? 'BEGIN; SET LOCAL statement_timeout = 0' : 'BEGIN' })
      const result = await work({
        run: async <R extends Row>(statement: string, ...values: Value[]) =>
          (await send(named(statement, values))).rows as R[],
        send: (statement, ...values) => void send(named(statement, values)),
      })
      void send({ text: 'COMMIT' })
      await Promise.all(sent)
      return result
    } catch (error) {
      // The first error is the cause: after it the server rejects every statement of the same transaction.
      throw first ? first.error : error
    }
  }

  return {
    isPooledByTransaction: () => withConnection((one) => withConnection((other) => areShared(one, other))),
    run: <R extends Row>(statement: string, ...values: Value[]) =>
      withConnection(async (client) => (await ask(client, named(statement, values))).rows as R[]),
    async transaction(work, isLong = false) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await withConnection((client) => once(client, work, isLong))
        } catch (error) {
          if (tries === MAX_TRIES || !isCollision(error)) throw error
        }
      }
    },
    close: () => (closed ??= pool.end()),
  }
}

/** Returns the id of the server's process that serves a connection. */
async function pidOf(client: PoolClient): Promise<unknown> {
  return (await ask(client, { text: 'SELECT pg_backend_pid() AS pid' })).rows[0]?.pid
}

/**
 * Returns true if two connections are served by the same process, or one by several. Each has one process of its own
 * unless a pooler in transaction mode is between them and the server. It lends the process that was used last, or
 * another one each time; the transaction makes it lend another one even if there are only two.
 */
async function areShared(one: PoolClient, other: PoolClient): Promise<boolean> {
  const [ofOne, ofOther] = [await pidOf(one), await pidOf(other)]
  if (ofOne === ofOther) return true
  await ask(other, { text: 'BEGIN' })
  const now = { other: await pidOf(other), one: await pidOf(one), oneAgain: await pidOf(one) }
  await ask(other, { text: 'ROLLBACK' })
  return now.other !== ofOther || now.one !== ofOne || now.oneAgain !== ofOne
}

interface Query {
  text: string
  name?: string
  values?: unknown[]
  query_timeout?: number
}

function ask(client: PoolClient, query: Query): Promise<QueryResult> {
  return client.query(query).catch(rethrow)
}

function rethrow(error: Error): never {
  throw toPostgresError(error)
}

/** Reads 64-bit integers as numbers: times and counts stay far below 2^53. */
function getTypeParser(...[type, format]: Parameters<typeof types.getTypeParser>): (text: string) => unknown {
  return type === types.builtins.INT8 ? Number : types.getTypeParser(type, format)
}
