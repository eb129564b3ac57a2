/**
 * What a disk or a SQLite file refuses, in words that say what to do: the one table of them.
 *
 * It knows codes and no file: whoever tells names the file.
 */

/** SQLite's primary result codes: https://www.sqlite.org/rescode.html. The low byte of the extended ones. */
const BUSY = 5
const READONLY = 8
const IOERR = 10
const CORRUPT = 11
const FULL = 13
const CANTOPEN = 14
const NOTADB = 26

const USER = `the user that runs the relay${process.getuid ? ` (uid ${process.getuid()})` : ''}`
const MAY_NOT_WRITE = `Give ${USER} the right to read and write the folder and all that is in it.`
const ONLY_READ = 'Mount its disk for writing.'
const FREE_SPACE = 'Free some space on the disk.'
const FAILS =
  'The disk has failed, is full or read-only, or a limit or quota is reached; the log of the system (dmesg) says which.'
const DAMAGED =
  'The file is damaged. Restart the relay: it sets the file aside, begins a new one, and says how to go on.'

/** What the operator does about it, by SQLite's code or by the system's. */
const ADVICE: Readonly<Record<number | string, string>> = {
  [BUSY]: 'Another program holds it. End that one: a sqlite3 that was left open, or a backup.',
  [READONLY]: MAY_NOT_WRITE,
  [IOERR]: FAILS,
  [CORRUPT]: DAMAGED,
  [FULL]: FREE_SPACE,
  [CANTOPEN]: `See that it is a file, and that ${USER} may read and write it and its folder.`,
  [NOTADB]: DAMAGED,
  EACCES: MAY_NOT_WRITE,
  EPERM: MAY_NOT_WRITE,
  EROFS: ONLY_READ,
  ENOSPC: FREE_SPACE,
  EDQUOT: FREE_SPACE,
  EIO: FAILS,
}

/** The disk or the file refuses. The message is the system's own words, then what to do. */
export class StorageError extends Error {
  constructor(cause: Error, advice: string) {
    super(`${cause.message}. ${advice}`, { cause })
    this.name = 'DiskError'
  }
}

/** The same failure with what to do about it; one that has nothing to do with a disk as it is. */
export function withAdvice(error: unknown): unknown {
  const code = codeOf(error)
  const advice = code === undefined ? undefined : ADVICE[code]
  return advice === undefined ? error : new StorageError(error as Error, advice)
}

/** What it says of itself and what to do about it, as whole sentences. */
export function inWords(error: unknown): string {
  const advised = withAdvice(error)
  return advised instanceof StorageError ? advised.message : `${(error as Error).message}.`
}

/**
 * SQLite's own words, where they say that what is in the file cannot be relied on; that does not heal. A full or a
 * failing disk is none of these.
 */
export function corruptionIn(error: unknown): string | undefined {
  const own = error instanceof StorageError ? error.cause : error
  const code = codeOf(own)
  return code === CORRUPT || code === NOTADB ? (own as Error).message : undefined
}

/** Says that another connection has the file. */
export function isBusy(error: unknown): boolean {
  return codeOf(error) === BUSY
}

function codeOf(error: unknown): number | string | undefined {
  const { errcode, code } = error as { errcode?: number; code?: string }
  return errcode === undefined ? code : errcode & 0xff
}
