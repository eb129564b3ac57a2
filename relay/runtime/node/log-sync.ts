/**
 * Forces the write-ahead log (`-wal`) of an outbox to the disk, in a thread of Node's pool, so that the event loop serves
 * requests meanwhile. With `synchronous=FULL` SQLite would do the same at the end of each commit, while everything waits.
 *
 * It opens the log alone: to close any other of SQLite's files would release the locks that SQLite holds on it in this
 * process. It decides nothing about transactions; `sqlite-file.ts` runs them.
 */
import { closeSync, fdatasync, openSync } from 'node:fs'
import type { SqliteFile } from './sqlite-file.ts'
import { StorageError } from './storage-errors.ts'

/** Makes the content of an open file durable, and calls back. */
export type SyncFile = (file: number, done: (error: Error | null) => void) => void

export interface LogSync {
  /** Tells that a transaction was committed. */
  written(): void
  /**
   * Resolves when everything is on the disk that was committed before the call: after a sync that began later. Calls that
   * wait share a sync. Rejects if a sync has failed.
   */
  flush(): Promise<void>
  /** Calls back at once, or when the sync that is under way has ended. */
  whenIdle(next: () => void): void
  /**
   * Call before each write. After a failed sync it throws the error of that sync, because the system may have dropped what
   * it could not write, and a later sync would not tell.
   */
  expectSound(): void
  /** Closes the log, after the syncs that are under way. */
  close(): void
}

const ADVICE =
  'The write-ahead log could not be forced to the disk. The relay stores nothing more until it is restarted, because the last leads may not be on the disk; their senders were told so. The system log (dmesg) says what is wrong with the disk.'

/** For a file system on which SQLite cannot have a log: it has a rollback journal instead, and forces each commit itself. */
const WITHOUT_LOG: LogSync = {
  written() {},
  async flush() {},
  whenIdle: (next) => next(),
  expectSound() {},
  close() {},
}

/**
 * Takes over from SQLite to force the log of an open database to the disk. Until then each commit does so.
 *
 * SQLite has the same file open until it closes the database: it empties the log, but never
 * replaces it. So the file that was opened here is the right one even if another one has its name by now.
 *
 * @param path path of the database
 * @param onFailure called once, when a sync has failed
 */
export function openLogSync(
  path: string,
  sql: Pick<SqliteFile, 'run'>,
  onFailure: () => void,
  sync: SyncFile = fdatasync,
): LogSync {
  const [mode] = sql.run<{ journal_mode: string }>('PRAGMA journal_mode')
  if (mode?.journal_mode !== 'wal') return WITHOUT_LOG
  const file = openSync(`${path}-wal`, 'r+')
  // A commit no longer forces the log. SQLite still does before it copies the log into the file, so that this stays intact.
  sql.run('PRAGMA synchronous = NORMAL')
  const countChanges = () => sql.run<{ changes: number }>('SELECT total_changes() AS changes')[0]!.changes
  let changes = countChanges()
  let commits = 0
  let durable = 0
  /** The sync under way, and the one that follows it for commits that it may not cover. */
  let current: { covers: number; ended: Promise<void> } | undefined
  let following: Promise<void> | undefined
  let failure: StorageError | undefined
  let isClosing = false
  let waiting: (() => void)[] = []

  function begin(): Promise<void> {
    const covers = commits
    const ended = new Promise<void>((resolve, reject) => {
      sync(file, (error) => {
        current = undefined
        if (error) {
          failure = new StorageError(error, ADVICE)
          onFailure()
          reject(failure)
        } else {
          durable = covers
          resolve()
        }
        end()
      })
    })
    current = { covers, ended }
    return ended
  }

  /** Goes on after a sync, with what waits for it. */
  function end(): void {
    const next = waiting
    waiting = []
    for (const each of next) each()
    if (isClosing && (failure || following === undefined)) closeSync(file)
  }

  function beginFollowing(): Promise<void> {
    following = undefined
    return begin()
  }

  return {
    written() {
      const found = countChanges()
      // A transaction that changed nothing has written nothing.
      if (found !== changes) commits += 1
      changes = found
    },
    async flush() {
      if (failure) throw failure
      if (durable === commits) return
      if (current === undefined) await begin()
      else if (current.covers === commits) await current.ended
      else await (following ??= current.ended.then(beginFollowing))
    },
    whenIdle(next) {
      if (current === undefined) next()
      else waiting.push(next)
    },
    expectSound() {
      if (failure) throw failure
    },
    close() {
      if (isClosing) return
      isClosing = true
      if (current === undefined) closeSync(file)
    },
  }
}
