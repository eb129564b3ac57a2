/**
 * The outbox's database inside a Cloudflare Durable Object, which has a SQLite of its own.
 *
 * A write returns before it is on disk, and no answer leaves the object before it is: the runtime holds back replies
 * and outgoing requests until then, and drops them when the write fails. So what the outside has been told is durable.
 */
import type { Row, Sql, SqlValue } from '../../outbox/sqlite/database.ts'

/** What is needed of the runtime's `DurableObjectStorage`, so that this file compiles without the runtime's types. */
export interface ObjectStorage {
  readonly sql: { exec(statement: string, ...values: SqlValue[]): { toArray(): Row[] } }
  transactionSync<T>(work: () => T): T
}

/** The storage of an object whose class is among the `new_sqlite_classes`. The runtime caches the statements. */
export function durableObjectSql(storage: ObjectStorage): Sql {
  return {
    run<R extends Row>(statement: string, ...values: SqlValue[]) {
      return storage.sql.exec(statement, ...values).toArray() as R[]
    },
    transaction(work) {
      return storage.transactionSync(work)
    },
  }
}
