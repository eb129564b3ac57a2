/**
 * One relay to a folder: a lock that the system itself lets go when the process dies, however it dies.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Its result code 5: another connection has the lock. */
const SQLITE_BUSY = 5

/**
 * Takes the folder for this process.
 *
 * SQLite locks a file through the system, on every platform that Node runs on; no file with a process id has to be
 * cleared away after a crash.
 *
 * @throws when another relay has it
 */
export function holdFolder(folder: string): { release: () => void } {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'relay.lock')
  closeSync(openSync(path, 'a', 0o600))
  const lock = new DatabaseSync(path)
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    const { errcode, message } = error as Error & { errcode?: number }
    throw new Error(
      errcode === SQLITE_BUSY
        ? `Another relay uses the folder ${folder}. End it, or give this one another by --data.`
        : `${path} cannot be locked: ${message}. It holds nothing; remove it if it is not a lock of ours.`,
      { cause: error },
    )
  }
  return { release: () => lock.close() }
}
