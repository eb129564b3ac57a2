/**
 * One relay to a folder: a lock that the system itself lets go when the process dies, however it dies.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Takes the folder for this process.
 *
 * SQLite locks a file through the system, on every platform that Node runs on; no file with a process id has to be
 * cleared away after a crash.
 *
 * @throws when another relay has it
 */
export function holdFolder(folder: string): { release: () => void } {
  const lock = new DatabaseSync(join(folder, 'relay.lock'))
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    throw new Error(`Another relay uses the folder ${folder}. End it, or give this one another by --data.`, {
      cause: error,
    })
  }
  return { release: () => lock.close() }
}
