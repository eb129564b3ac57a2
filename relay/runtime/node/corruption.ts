/**
 * Finds corruption of an outbox file, and quarantines the file together with SQLite's files beside it.
 *
 * It renames files. It never writes to, deletes or overwrites one.
 */
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, readSync, renameSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { corruptionIn } from './storage-errors.ts'
import { BUSY_TIMEOUT_MS, ownerOf } from './sqlite-file.ts'

const READ_CHUNK_BYTES = 1_048_576

/** The database comes first: after a crash between two renames, a log without its database is detected. */
const SUFFIXES = ['', '-wal', '-shm', '-journal']

/**
 * Checks the outbox file at `path` and the files beside it. Returns a description of the corruption, or undefined if
 * there is none. `openSqlite` reports other problems, such as a file of another program or a missing right.
 *
 * It reads the whole file at each start: a disk can damage a file at any time, also after a clean shutdown. A million
 * waiting leads (800 MB) take about one second, or three seconds if the file is not in the system's cache.
 */
export function findCorruption(path: string): string | undefined {
  if (isLogAlone(path)) return 'the file is gone or empty, but its write-ahead log is not'
  if (!existsSync(path)) return undefined

  let db: DatabaseSync | undefined
  try {
    readWholeFile(path)
    // A connection with write access would copy the log into the damaged file when it closes.
    db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS })
    if (ownerOf(db) === 'other') return undefined
    const found = db.prepare('PRAGMA quick_check(1)').get()?.quick_check
    return found === 'ok' ? undefined : String(found).replace(/^\*\*\* in database main \*\*\*\s+/, '')
  } catch (error) {
    return corruptionIn(error)
  } finally {
    db?.close()
  }
}

/**
 * Renames `outbox.sqlite` to `outbox.damaged-<time>.sqlite`, and the files that belong to it likewise, so that SQLite's
 * tools find all of them. A log without its database becomes `outbox.damaged-<time>.wal`: SQLite would delete a file
 * named like a log as soon as it opens the database.
 *
 * @param at epoch milliseconds
 * @returns the new path, when the renames are durable
 */
export function quarantine(path: string, at: number): string {
  const stem = freeStem(path, at)
  const alone = isLogAlone(path)
  if (alone) renameSync(`${path}-wal`, `${stem}.wal`)
  else {
    for (const suffix of SUFFIXES) {
      if (existsSync(`${path}${suffix}`)) renameSync(`${path}${suffix}`, `${stem}.sqlite${suffix}`)
    }
  }

  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
  return alone ? `${stem}.wal` : `${stem}.sqlite`
}

/** Lists the names of the quarantined files that are still in the folder of `path`, the oldest first. */
export function listQuarantined(path: string): string[] {
  const start = `${basename(path, '.sqlite')}.damaged-`
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(start) && /\.(sqlite|wal)$/.test(name))
    .toSorted()
}

/** Checks for a log without its database. SQLite would create a new database and delete the log with all its leads. */
function isLogAlone(path: string): boolean {
  return sizeOf(path) === 0 && sizeOf(`${path}-wal`) > 0
}

/** Returns the size of a file in bytes; 0 for a missing file. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** Reads the file sequentially into the system's cache. SQLite's check, which reads in another order, is then ten times as fast. */
function readWholeFile(path: string): void {
  const file = openSync(path, 'r')
  try {
    const chunk = new Uint8Array(READ_CHUNK_BYTES)
    while (readSync(file, chunk) > 0);
  } finally {
    closeSync(file)
  }
}

/** Returns a path with the time, without extension, that no file has: a rename would overwrite it. */
function freeStem(path: string, at: number): string {
  const time = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const stem = `${path.replace(/\.sqlite$/, '')}.damaged-${time}`
  const names = readdirSync(dirname(path))
  for (let n = 1; ; n += 1) {
    const free = n === 1 ? stem : `${stem}-${n}`
    if (!names.some((name) => name.startsWith(`${basename(free)}.`))) return free
  }
}
