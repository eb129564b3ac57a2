/**
 * Errors of a disk or a SQLite file, with advice for the operator. It knows error codes, and no file names.
 */

/** SQLite's primary result codes (https://www.sqlite.org/rescode.html): the low byte of the extended codes. */
const BUSY = 5
const READONLY = 8
const IOERR = 10
const CORRUPT = 11
const FULL = 13
const CANTOPEN = 14
const NOTADB = 26

/** SQLite's words for its codes. In Deno the errors of `exec`, and of opening a file, have no number. */
const CODES: readonly (readonly [words: string, code: number])[] = [
  ['database is locked', BUSY],
  ['attempt to write a readonly database', READONLY],
  ['disk I/O error', IOERR],
  ['database disk image is malformed', CORRUPT],
  ['database or disk is full', FULL],
  ['unable to open database file', CANTOPEN],
  ['file is not a database', NOTADB],
]

const USER = `the user that runs the relay${process.getuid ? ` (uid ${process.getuid()})` : ''}`
const NO_WRITE_PERMISSION = `Give ${USER} the right to read and write the folder and every file in it.`
const READ_ONLY_FILE_SYSTEM = 'Mount the file system with write access.'
const DISK_FULL = 'Free some space on the disk.'
const DISK_FAILURE =
  'The disk has failed, is full or read-only, or a limit or quota is reached; the system log (dmesg) says which.'
const DAMAGED_FILE =
  'The file is damaged. Restart the relay: it quarantines the file, creates a new one, and logs how to recover the leads.'

/** Advice for the operator, by SQLite's result code or by the system's error code. */
const ADVICE: Readonly<Record<number | string, string>> = {
  [BUSY]: 'Another program has locked the file. Stop that program, such as an open sqlite3 or a backup.',
  [READONLY]: NO_WRITE_PERMISSION,
  [IOERR]: DISK_FAILURE,
  [CORRUPT]: DAMAGED_FILE,
  [FULL]: DISK_FULL,
  [CANTOPEN]: `Check that it is a file, and that ${USER} may read and write it and its folder.`,
  [NOTADB]: DAMAGED_FILE,
  EACCES: NO_WRITE_PERMISSION,
  EPERM: NO_WRITE_PERMISSION,
  EROFS: READ_ONLY_FILE_SYSTEM,
  ENOSPC: DISK_FULL,
  EDQUOT: DISK_FULL,
  EIO: DISK_FAILURE,
}

/** An error of the disk or the file. The message has the system's own words, then advice. */
export class StorageError extends Error {
  constructor(cause: Error, advice: string) {
    super(`${cause.message}. ${advice}`, { cause })
    this.name = 'StorageError'
  }
}

/** Converts an error of a disk or a file into a StorageError with advice. Returns any other error unchanged. */
export function withAdvice(error: unknown): unknown {
  const code = codeOf(error)
  const advice = code === undefined ? undefined : ADVICE[code]
  return advice === undefined ? error : new StorageError(error as Error, advice)
}

/** Describes an error in complete sentences, with advice if there is any. */
export function describeError(error: unknown): string {
  const advised = withAdvice(error)
  return advised instanceof StorageError ? advised.message : `${(error as Error).message}.`
}

/**
 * Returns SQLite's description of the corruption if the error means that the content of the file is damaged for good. A
 * full or failing disk is no corruption.
 */
export function corruptionIn(error: unknown): string | undefined {
  const own = error instanceof StorageError ? error.cause : error
  const code = codeOf(own)
  return code === CORRUPT || code === NOTADB ? (own as Error).message : undefined
}

/** Returns true if another connection has locked the file. */
export function isBusy(error: unknown): boolean {
  return codeOf(error) === BUSY
}

function codeOf(error: unknown): number | string | undefined {
  const { errcode, code, message } = error as { errcode?: number; code?: string; message: string }
  if (errcode !== undefined) return errcode & 0xff
  return code === 'ERR_SQLITE_ERROR' ? CODES.find(([words]) => message.startsWith(words))?.[1] : code
}
