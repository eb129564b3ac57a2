/**
 * The database that the SQLite outbox needs: statements and transactions, both synchronous. Types only; `runtime/` has
 * the implementations.
 *
 * Because no statement waits, no other request of the process runs between the statements of a method.
 */
import type { StoredPart } from '../job-row.ts'

export type SqlValue = string | number | null
export type Row = Record<string, SqlValue>

export interface Sql {
  /**
   * Runs one statement with its `?` filled in order, and returns its rows. `R` names what the statement selects; it is
   * not checked. The text is the key of a statement cache, so values never stand in it.
   */
  run<R extends Row>(statement: string, ...values: SqlValue[]): R[]
  /** Runs one statement that returns no rows, and returns whether it wrote one. Faster than `RETURNING` with `run`. */
  write(statement: string, ...values: SqlValue[]): boolean
  /** Runs `work` completely or not at all, alone on the database; durable once it returns. Never nested. */
  transaction<T>(work: () => T): T
}

/** One account's part of a database. Rows that `run` returns are open; see `account-sql.ts`. */
export interface AccountSql extends Sql, StoredPart {
  /** The whole database, which its accounts share: as a key alone. */
  database: object
}
