/** Opens an account's part of a database. With data keys, the rows that it returns are decrypted. */
import type { Sealing } from '../sealing/sealing.ts'
import type { AccountSql, Row, Sql, SqlValue } from './database.ts'

/** @param sealing absent where nothing is encrypted, which then costs nothing */
export function accountSql(database: Sql, account: string, sealing?: Sealing): AccountSql {
  const { run, write, transaction } = database
  if (!sealing) return { run, write, transaction, account, database }
  const open = <R extends Row>(statement: string, ...values: SqlValue[]) =>
    run<R>(statement, ...values).map((row) => sealing.open(row, account))
  return { run: open, write, transaction, account, database, sealing }
}
