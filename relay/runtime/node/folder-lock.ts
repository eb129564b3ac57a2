/**
 * Locks a folder for one relay. The operating system releases the lock when the process ends, also after a crash.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
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
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    closeSync(openSync(path, 'a', 0o600))
    lock = new DatabaseSync(path)
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    lock?.close()
    throw new Error(explain(cause, folder, path), { cause })
  }
  const held = lock
  return { release: () => held.close() }
}

function explain(error: unknown, folder: string, path: string): string {
  if (isBusy(error)) return `Another relay uses the folder ${folder}. Stop it, or choose another folder with --data.`
  const corruption = corruptionIn(error)
  if (corruption !== undefined) {
    return `${path} cannot be locked: ${corruption}. It is not a lock file of form-sync: move it to another folder.`
  }
  return `No lead can be kept in ${folder}: ${describeError(error)} Or choose another folder with --data.`
}
