/**
 * The database that the PostgreSQL outbox needs: statements and transactions. Types only; `runtime/` has the driver.
 *
 * Values never stand in the text of a statement: it is the key of a cache.
 */
import type { StoredPart } from '../job-row.ts'

type Scalar = string | number | null
export type Value = Scalar | readonly Scalar[]
export type Row = Record<string, Scalar>

export interface Database {
  /**
   * Runs one statement with `$1` … filled in order, and resolves with its rows once they would survive a crash. `R` names
   * what the statement selects; it is not checked. Rejects within seconds when no answer comes.
   */
  run<R extends Row>(statement: string, ...values: Value[]): Promise<R[]>
  /**
   * Runs `work` completely or not at all, and resolves when it would survive a crash. Each statement sees what others had
   * committed when it began (READ COMMITTED). After a conflict with another transaction `work` runs again.
   *
   * @param patient true when it may take minutes
   */
  transaction<T>(work: (sql: Transaction) => Promise<T>, patient?: boolean): Promise<T>
}

/**
 * Statements are sent without waiting for the answers of earlier ones, and are answered in order: several sent together
 * take one round trip.
 */
export interface Transaction {
  run<R extends Row>(statement: string, ...values: Value[]): Promise<R[]>
  /** Sends a statement whose rows are not needed. When it fails, the transaction does. */
  send(statement: string, ...values: Value[]): void
}

/** A transaction on one account's part of the database. Rows that `run` returns are open; see `account-sql.ts`. */
export interface AccountTransaction extends Transaction, StoredPart {}

/** Statements outside of a transaction, on one account's part of the database. */
export type AccountReader = Pick<AccountTransaction, 'run' | keyof StoredPart>
