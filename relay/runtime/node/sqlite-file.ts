/**
 * The outbox's database as a file, by `node:sqlite`. It knows how to open a file safely and nothing of what is in it.
 *
 * `synchronous=FULL` in WAL mode means one fsync for each transaction before it returns: what was kept survives a power
 * cut. `secure_delete` overwrites with zeros what is wiped. The write-ahead log beside the file (`-wal`) still holds
 * the page as it was before, until the log is emptied: `checkpoint` does that, and so does `close`.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Row, Sql, SqlValue } from '../../outbox/sqlite/database.ts'
import { corruptionIn, inWords, withAdvice } from './storage-errors.ts'

/** Marks a file as ours, in SQLite's header: "form" in ASCII. */
const APPLICATION_ID = 0x666f726d

/** Longer than any transaction of another process on the same file takes. */
export const BUSY_MS = 5_000

/**
 * `run` and `transaction` throw a DiskError where the disk or the file refuses. Once the file has turned out to be
 * damaged nothing is written to it any more: each transaction throws what the first one did.
 */
export interface SqliteFile extends Sql {
  /** Folds the log into the file and empties it. Takes an fsync or two; leaves it for later while another reads. */
  checkpoint(): void
  close(): void
}

/**
 * Opens the file at `path`, made with its folder where it is missing, readable by the own user only. Throws, naming
 * the path, when it cannot be opened, is no SQLite file, or is one of another program's; that one is left as it is.
 */
export function openSqlite(path: string): SqliteFile {
  const db = open(path)
  const statements = new Map<string, StatementSync>()
  let damage: unknown

  function prepared(statement: string): StatementSync {
    const known = statements.get(statement) ?? db.prepare(statement)
    statements.set(statement, known)
    return known
  }

  function advised<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      const told = withAdvice(error)
      if (corruptionIn(error) !== undefined) damage ??= told
      throw told
    }
  }

  function writing<T>(work: () => T): T {
    if (damage) throw damage
    return advised(work)
  }

  return {
    run: <R extends Row>(statement: string, ...values: SqlValue[]) =>
      advised(() => prepared(statement).all(...values) as R[]),
    transaction: (work) =>
      writing(() => {
        // IMMEDIATE: a transaction that began by reading could fail when it comes to writing.
        db.exec('BEGIN IMMEDIATE')
        try {
          const result = work()
          db.exec('COMMIT')
          return result
        } catch (error) {
          // SQLite has rolled back by itself where the disk was full or failed.
          if (db.isTransaction) db.exec('ROLLBACK')
          throw error
        }
      }),
    checkpoint: () => writing(() => db.exec('PRAGMA wal_checkpoint(TRUNCATE)')),
    close() {
      db.close()
    },
  }
}

/** Makes the file before SQLite would make one that all can read. Its log takes over the file's rights. */
function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    // Never opened when it exists: closing it again would drop the locks that SQLite holds on it in this process.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function open(path: string): DatabaseSync {
  let db: DatabaseSync | undefined
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    makePrivate(path)
    db = new DatabaseSync(path, { timeout: BUSY_MS })
    const owner = ownerOf(db)
    if (owner === 'another') {
      throw new Error(
        'it is a SQLite file of another program. It was left as it is: start with another folder, by --data',
      )
    }
    // Not for one of ours: a file that turns out to be damaged is not written to.
    if (owner === 'nobody') db.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
    db.exec('PRAGMA journal_mode = WAL')
    db.exec('PRAGMA synchronous = FULL')
    db.exec('PRAGMA secure_delete = ON')
    return db
  } catch (cause) {
    db?.close()
    throw new Error(`${path} cannot be opened as an outbox: ${inWords(cause)}`, { cause })
  }
}

/** Whose file it is; an empty one is nobody's. */
export function ownerOf(db: DatabaseSync): 'us' | 'nobody' | 'another' {
  const id = db.prepare('PRAGMA application_id').get()?.application_id
  if (id === APPLICATION_ID) return 'us'
  const empty = id === 0 && db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
  return empty ? 'nobody' : 'another'
}
