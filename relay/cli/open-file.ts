/**
 * Opens the SQLite file in a relay's folder on this machine. It never creates, moves or upgrades a file, and leaves a damaged
 * outbox to the relay.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { findCorruption } from '../runtime/node/corruption.ts'
import { openSqlite, type SqliteFile } from '../runtime/node/sqlite-file.ts'
import { AdminError } from './admin-source.ts'

/** @throws {AdminError} with what to do, if there is no outbox that can be used */
export function openFileIn(folder: string): SqliteFile {
  const path = join(folder, 'outbox.sqlite')
  const corruption = findCorruption(path)
  if (corruption !== undefined) {
    const advice = 'It was not changed. Start the relay: it moves the file aside, and its log says how to continue.'
    throw new AdminError(1, `${path} is damaged: ${corruption}. ${advice}`)
  }
  // SQLite would create a missing file.
  if (!statSync(path, { throwIfNoEntry: false })?.size) {
    const advice = 'Use --data to name the folder of a relay, or --relay to name the URL of one.'
    throw new AdminError(2, `there is no outbox in ${folder}. ${advice}`)
  }
  return openSqlite(path)
}
