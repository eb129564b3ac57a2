/**
 * Locks a folder for one relay. The operating system releases the lock when the process ends, also after a crash.
 */
import { closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { findCorruption } from './corruption.ts'
import { corruptionIn, describeError, isBusy } from './storage-errors.ts'

/**
 * Locks the folder for this process, and creates it if it is missing.
 *
 * SQLite locks a file through the system, on every platform that Node supports. Unlike a file with a process id, this lock
 * needs no cleaning up after a crash.
 *
 * @throws if another relay has the lock or the folder cannot be written; the message says what to do
 */
export function lockFolder(folder: string): { release: () => void } {
  const path = join(folder, 'relay.lock')
  let lock: DatabaseSync | undefined
  let isNew: boolean
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    isNew = createFile(path)
    lock = new DatabaseSync(path)
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    lock?.close()
    throw new Error(explain(cause, folder, path), { cause })
  }
  const held = lock
  if (isNew) {
    // The lock file was deleted, perhaps while a relay holds it: that one's lock is on a file without a name.
    const reason = whyInUse(join(folder, 'outbox.sqlite'))
    if (reason !== undefined) {
      // The next attempt must find it missing again.
      rmSync(path)
      held.close()
      throw new Error(`${path} was deleted, and another relay may still use the folder: ${reason}`)
    }
  }
  return { release: () => held.close() }
}

/** Creates an empty file. Returns false if there is one. */
function createFile(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Returns why the outbox may be open in another process, and what to do; undefined if it is not. */
function whyInUse(outbox: string): string | undefined {
  // A process that has it open has its log open too.
  if (!existsSync(`${outbox}-wal`)) return undefined
  // To test a damaged file would copy its log into it.
  const corruption = findCorruption(outbox)
  if (corruption !== undefined) {
    return `outbox.sqlite is damaged (${corruption}), and cannot be tested. Make sure that no relay runs, and create an empty relay.lock.`
  }
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(outbox, { timeout: 0 })
    // Each connection to a file with a write-ahead log holds a lock that excludes this one.
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK')
    return undefined
  } catch (error) {
    // Other errors are reported when the outbox is opened.
    return isBusy(error) ? 'outbox.sqlite is open. Stop the program that has opened it, then start again.' : undefined
  } finally {
    db?.close()
  }
}

function explain(error: unknown, folder: string, path: string): string {
  if (isBusy(error)) return `Another relay uses the folder ${folder}. Stop it, or choose another folder with --data.`
  const corruption = corruptionIn(error)
  if (corruption !== undefined) {
    return `${path} cannot be locked: ${corruption}. It is not a lock file of form-sync: move it to another folder.`
  }
  return `No lead can be kept in ${folder}: ${describeError(error)} Or choose another folder with --data.`
}
