/** Locks the data folder for one simulator process. Node only. The system releases the lock when the process ends. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** SQLite's error code for a file that another process has locked. */
const SQLITE_BUSY = 5

/**
 * Locks the folder, and creates it if it is missing. SQLite locks the file through the operating system, so that a crash
 * leaves no stale lock.
 *
 * @throws if another simulator holds the lock or the folder is not writable
 */
export function lockFolder(folder: string): { release: () => void } {
  let lock: DatabaseSync | undefined
  try {
    mkdirSync(folder, { recursive: true })
    lock = new DatabaseSync(join(folder, 'simulator.lock'))
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    lock?.close()
    const busy = cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY
    const message = busy
      ? `Another simulator uses the folder ${folder}. Stop it, or choose another folder with --data.`
      : `The folder ${folder} is not writable. Choose another folder with --data.`
    throw new Error(message, { cause })
  }
  const database = lock
  return { release: () => database.close() }
}
