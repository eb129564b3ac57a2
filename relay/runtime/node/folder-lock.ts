/**
 * One relay to a folder: a lock that the system itself lets go when the process dies, however it dies.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { corruptionIn, inWords, isBusy } from './storage-errors.ts'

/**
 * Takes the folder for this process.
 *
 * SQLite locks a file through the system, on every platform that Node runs on; no file with a process id has to be
 * cleared away after a crash.
 *
 * @throws when another relay has it, or when nothing can be written in it; the message says what to do
 */
export function holdFolder(folder: string): { release: () => void } {
  const path = join(folder, 'relay.lock')
  let lock: DatabaseSync | undefined
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    closeSync(openSync(path, 'a', 0o600))
    lock = new DatabaseSync(path)
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    lock?.close()
    throw new Error(whyNot(cause, folder, path), { cause })
  }
  const held = lock
  return { release: () => held.close() }
}

function whyNot(error: unknown, folder: string, path: string): string {
  if (isBusy(error)) return `Another relay uses the folder ${folder}. End it, or give this one another by --data.`
  const strange = corruptionIn(error)
  if (strange !== undefined) return `${path} cannot be locked: ${strange}. It is no lock of ours: move it elsewhere.`
  return `No lead can be kept in ${folder}: ${inWords(error)} Or name another folder by --data.`
}
