/**
 * What this outbox needs of a PostgreSQL: statements and transactions. Types only; `platform/` has the driver.
 *
 * Values never stand in a statement's text: it is the key of a cache.
 */
type Scalar = string | number | null
export type Value = Scalar | readonly Scalar[]
export type Row = Record<string, Scalar>

export interface Database {
  /**
   * Runs one statement, its `$1` filled in order, and resolves with the rows it gave once they would survive a crash.
   * `R` says what the statement selects; nothing checks that it does. Rejects within seconds where no answer comes.
   */
  run<R extends Row>(statement: string, ...values: Value[]): Promise<R[]>
  /**
   * Runs `work` whole or not at all, and resolves when it would survive a crash. It sees what others had committed when
   * each statement began (READ COMMITTED). Where another came in between so that it cannot stand, it is done anew: it
   * may run several times.
   *
   * @param patient true where it may take minutes
   */
  transaction<T>(work: (sql: Transaction) => Promise<T>, patient?: boolean): Promise<T>
}

/**
 * Statements are answered in the order they were sent, and sent without waiting for the answers: several sent together
 * cost one way to the database and back.
 */
export interface Transaction {
  run<R extends Row>(statement: string, ...values: Value[]): Promise<R[]>
  /** Sends a statement whose rows nobody needs. Where it fails, the transaction does. */
  send(statement: string, ...values: Value[]): void
}
