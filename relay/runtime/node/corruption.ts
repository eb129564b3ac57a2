/**
 * A damaged outbox: found, and set aside with all that SQLite left beside it. Nothing here writes to a file, and
 * nothing is deleted or overwritten.
 */
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, readSync, renameSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { corruptionIn } from './storage-errors.ts'
import { BUSY_MS, ownerOf } from './sqlite-file.ts'

/** Read at once, in bytes. */
const CHUNK = 1_048_576

/** The database first: after a crash in between, a log without a database is found out, the other way it is not. */
const PARTS = ['', '-wal', '-shm', '-journal']

/**
 * What is damaged in the file at `path`, or in what lies beside it; undefined when nothing is. What else may be wrong,
 * such as a file of another program or one that may not be read, is left to `openSqlite` to tell.
 *
 * The whole file is looked through, at every start: a disk also damages a file that nobody writes, and that the last
 * end was a clean one says nothing of it. A million waiting leads (800 MB) take about a second, or three when they have
 * to come from the disk.
 */
export function findCorruption(path: string): string | undefined {
  if (isLost(path)) return 'the file is gone or empty, but not the log that belongs to it'
  if (!existsSync(path)) return undefined

  let db: DatabaseSync | undefined
  try {
    readThrough(path)
    // One that may write would fold the log into the damaged file when it is closed.
    db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS })
    if (ownerOf(db) === 'another') return undefined
    const found = db.prepare('PRAGMA quick_check(1)').get()?.quick_check
    return found === 'ok' ? undefined : String(found).replace(/^\*\*\* in database main \*\*\*\s+/, '')
  } catch (error) {
    return corruptionIn(error)
  } finally {
    db?.close()
  }
}

/**
 * Renames `outbox.sqlite` to `outbox.damaged-<time>.sqlite`, and what belongs to it likewise, so that SQLite's own
 * tools find all of it. A log that has lost its file becomes `outbox.damaged-<time>.wal`: under the name of a log
 * SQLite would delete it at the first look.
 *
 * @param at epoch milliseconds
 * @returns the new path, once the names would survive a power cut
 */
export function quarantine(path: string, at: number): string {
  const stem = freeStem(path, at)
  const lost = isLost(path)
  if (lost) renameSync(`${path}-wal`, `${stem}.wal`)
  else for (const part of PARTS) if (existsSync(`${path}${part}`)) renameSync(`${path}${part}`, `${stem}.sqlite${part}`)

  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
  return lost ? `${stem}.wal` : `${stem}.sqlite`
}

/** The names of what was set aside from this path and still lies beside it, the oldest first. */
export function listQuarantined(path: string): string[] {
  const start = `${basename(path, '.sqlite')}.damaged-`
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(start) && /\.(sqlite|wal)$/.test(name))
    .toSorted()
}

/** SQLite would take it for a new file and delete the log, with every lead that is in it. */
function isLost(path: string): boolean {
  return sizeOf(path) === 0 && sizeOf(`${path}-wal`) > 0
}

/** In bytes; a file that is not there has none. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** Reads the file from end to end, so that looking through it in SQLite's own order needs no disk: ten times as fast. */
function readThrough(path: string): void {
  const file = openSync(path, 'r')
  try {
    const chunk = new Uint8Array(CHUNK)
    while (readSync(file, chunk) > 0);
  } finally {
    closeSync(file)
  }
}

/** The path and the time, in a name that no file has: a rename overwrites. */
function freeStem(path: string, at: number): string {
  const time = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const stem = `${path.replace(/\.sqlite$/, '')}.damaged-${time}`
  const names = readdirSync(dirname(path))
  for (let n = 1; ; n += 1) {
    const free = n === 1 ? stem : `${stem}-${n}`
    if (!names.some((name) => name.startsWith(`${basename(free)}.`))) return free
  }
}
