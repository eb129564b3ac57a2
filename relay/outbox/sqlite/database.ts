/**
 * What the outbox needs of a SQLite: statements and transactions, both synchronous. Types only; the two
 * implementations stand in `platform/`.
 *
 * Because nothing here waits, no other request of the same process can come between the statements of a method.
 */
export type SqlValue = string | number | null
export type Row = Record<string, SqlValue>

export interface Sql {
  /**
   * Runs one statement, its `?` filled in order, and returns the rows it gave. `R` says what the statement selects;
   * nothing checks that it does. The text is the key of a cache: values never stand in it.
   */
  run<R extends Row>(statement: string, ...values: SqlValue[]): R[]
  /** Runs `work` whole or not at all, alone on the database, and durable once it returns. Never inside another. */
  transaction<T>(work: () => T): T
}
