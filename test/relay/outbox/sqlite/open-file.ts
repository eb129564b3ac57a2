/** A SQLite file that is closed when its test ends. */
import { onTestFinished } from 'vitest'
import { openSqlite, type SqliteFile } from '../../../../relay/runtime/node/sqlite-file.ts'

/** Opens the file at a path for the current test. */
export function openFile(path: string): SqliteFile {
  const sql = openSqlite(path)
  onTestFinished(() => sql.close())
  return sql
}
