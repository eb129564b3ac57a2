/**
 * The outbox's database as a file, through `node:sqlite`. It opens a file safely and knows nothing of its tables.
 *
 * `synchronous=FULL` in WAL mode means one fsync per transaction, before it returns, so that stored leads survive a power
 * cut. `secure_delete` overwrites deleted data with zeros. The write-ahead log (`-wal`) beside the file still holds the
 * old page until the log is emptied, by `checkpoint` or `close`.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Row, Sql, SqlValue } from '../../outbox/sqlite/database.ts'
import { corruptionIn, describeError, withAdvice } from './storage-errors.ts'

/** Marks a file of form-sync in SQLite's header: "form" in ASCII. */
const APPLICATION_ID = 0x666f726d

/** Maximum wait for a lock, longer than any transaction of another process takes. */
export const BUSY_TIMEOUT_MS = 5_000

/**
 * A SQLite database. `run` and `transaction` throw a StorageError if the disk or the file fails. After a statement has
 * found corruption nothing more is written: each transaction throws the same error.
 */
export interface SqliteFile extends Sql {
  /**
   * Copies the log into the file and empties it, with two or three fsyncs. Never waits: returns false if another process
   * reads or writes the file, so that the log could not be emptied.
   */
  checkpoint(): boolean
  close(): void
}

/**
 * Opens the file at `path`. Creates the file and its folder if they are missing, readable by the own user only.
 *
 * @throws if the file cannot be opened, is not a SQLite file or belongs to another program; the message names the path
 */
export function openSqlite(path: string): SqliteFile {
  const db = open(path)
  const statements = new Map<string, StatementSync>()
  let corruption: unknown

  function prepared(statement: string): StatementSync {
    const known = statements.get(statement) ?? db.prepare(statement)
    statements.set(statement, known)
    return known
  }

  function withErrors<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      const advised = withAdvice(error)
      if (corruptionIn(error) !== undefined) corruption ??= advised
      throw advised
    }
  }

  function writing<T>(work: () => T): T {
    if (corruption) throw corruption
    return withErrors(work)
  }

  return {
    run: <R extends Row>(statement: string, ...values: SqlValue[]) =>
      withErrors(() => prepared(statement).all(...values) as R[]),
    write: (statement, ...values) => withErrors(() => prepared(statement).run(...values).changes > 0),
    transaction: (work) =>
      writing(() => {
        // IMMEDIATE: a transaction that starts with a read could fail at its first write.
        db.exec('BEGIN IMMEDIATE')
        try {
          const result = work()
          db.exec('COMMIT')
          return result
        } catch (error) {
          // SQLite has already rolled back if the disk was full or failed.
          if (db.isTransaction) db.exec('ROLLBACK')
          throw error
        }
      }),
    checkpoint: () =>
      writing(() => {
        db.exec('PRAGMA busy_timeout = 0')
        try {
          return db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.busy === 0
        } finally {
          db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
        }
      }),
    close() {
      db.close()
    },
  }
}

/** Creates the file, since SQLite would create one that every user can read. The log inherits the file's mode. */
function createPrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    // An existing file is not opened: closing it would release the locks that SQLite holds on it in this process.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function open(path: string): DatabaseSync {
  let db: DatabaseSync | undefined
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    createPrivateFile(path)
    db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS })
    const owner = ownerOf(db)
    if (owner === 'other') {
      throw new Error('it is a SQLite file of another program. It was left as it is: choose another folder with --data')
    }
    // An existing outbox is not written to here, since it may be damaged.
    if (owner === 'none') db.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
    db.exec('PRAGMA journal_mode = WAL')
    db.exec('PRAGMA synchronous = FULL')
    db.exec('PRAGMA secure_delete = ON')
    // 16 MB. Keyed digests are spread over their indexes, so that a batch of 300 touches as many pages of each.
    db.exec('PRAGMA cache_size = -16384')
    return db
  } catch (cause) {
    db?.close()
    throw new Error(`${path} cannot be opened as an outbox: ${describeError(cause)}`, { cause })
  }
}

/** Returns the program that the file belongs to; an empty file belongs to none. */
export function ownerOf(db: DatabaseSync): 'form-sync' | 'none' | 'other' {
  const id = db.prepare('PRAGMA application_id').get()?.application_id
  if (id === APPLICATION_ID) return 'form-sync'
  const empty = id === 0 && db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
  return empty ? 'none' : 'other'
}
