/**
 * The outbox's database in a Durable Object, which has a SQLite database of its own.
 *
 * A write returns before it is on disk, but no reply leaves the object before it is: the runtime holds back replies and
 * outgoing requests until then, and drops them if the write fails. So everything that was confirmed is durable.
 */
import type { Row, Sql, SqlValue } from '../../outbox/sqlite/database.ts'

/** The part of `DurableObjectStorage` that is used here. It keeps this file independent of the runtime's types. */
export interface ObjectStorage {
  readonly sql: { exec(statement: string, ...values: SqlValue[]): { toArray(): Row[]; readonly rowsWritten: number } }
  transactionSync<T>(work: () => T): T
}

/**
 * Opens the database of an object. Its class must be listed in `new_sqlite_classes`. The runtime caches the statements.
 */
export function durableObjectSql(storage: ObjectStorage): Sql {
  return {
    run<R extends Row>(statement: string, ...values: SqlValue[]) {
      return storage.sql.exec(statement, ...values).toArray() as R[]
    },
    write: (statement, ...values) => storage.sql.exec(statement, ...values).rowsWritten > 0,
    transaction(work) {
      return storage.transactionSync(work)
    },
  }
}
