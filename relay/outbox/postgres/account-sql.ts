/** Opens an account's part of a database. With data keys, the rows that it returns are decrypted. */
import type { Sealing } from '../sealing/sealing.ts'
import type { AccountReader, Row, Transaction, Value } from './database.ts'

/** @param sealing absent where nothing is encrypted, which then costs nothing */
export function accountSql<Sql extends Pick<Transaction, 'run'>>(
  sql: Sql,
  account: string,
  sealing?: Sealing,
): Sql & AccountReader {
  if (!sealing) return { ...sql, account }
  const run = async <R extends Row>(statement: string, ...values: Value[]) =>
    (await sql.run<R>(statement, ...values)).map((row) => sealing.open(row, account))
  return { ...sql, run, account, sealing }
}
