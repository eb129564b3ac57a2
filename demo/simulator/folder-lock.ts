/**
 * One simulator to a folder: a lock that the system itself lets go when the process dies, however it dies. Node only.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** SQLite's word for a file that another one has locked. */
const BUSY = 5

/**
 * Takes the folder for this process, and creates it where it is missing. SQLite locks a file through the system, so that
 * nothing has to be cleared away after a crash.
 *
 * @throws when another simulator has it, or nothing can be written there
 */
export function holdFolder(folder: string): { release: () => void } {
  let lock: DatabaseSync | undefined
  try {
    mkdirSync(folder, { recursive: true })
    lock = new DatabaseSync(join(folder, 'simulator.lock'))
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    lock?.close()
    const busy = cause instanceof Error && 'errcode' in cause && cause.errcode === BUSY
    const message = busy
      ? `Another simulator uses the folder ${folder}. End it, or give this one another by --data.`
      : `${folder} is no folder to write in. Name another one by --data.`
    throw new Error(message, { cause })
  }
  const held = lock
  return { release: () => held.close() }
}
