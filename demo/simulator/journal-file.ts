/**
 * Stores the journal in a file. Node only. Knows nothing of what a line means.
 *
 * Reads in chunks and writes line by line, because a Node string is limited to 512 MB.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Journal } from './journal.ts'

/** Readable by its owner only, because the file holds personal data. */
const FILE_MODE = 0o600

const CHUNK_BYTES = 1024 * 1024

const NEWLINE = 0x0a

/**
 * Opens the journal `simulator.jsonl` of a folder, and creates the folder if it is missing. Ignores an incomplete last
 * line, which a crash leaves. Two simulators would overwrite each other's journal; `folder-lock.ts` prevents that.
 *
 * @throws an error that names the file, the reason and the remedy; every method of the journal does the same
 */
export function openJournal(folder: string): Journal {
  withRemedy(`The folder ${folder} cannot be created`, 'Choose another folder with --data.', () =>
    mkdirSync(folder, { recursive: true }),
  )
  const file = join(folder, 'simulator.jsonl')
  const writing = <Result>(act: () => Result): Result =>
    withRemedy(`${file} cannot be written`, 'Check its permissions and the free disk space.', act)
  return {
    name: file,
    read: () => (existsSync(file) ? linesOf(file) : []),
    add: (line) => writing(() => appendLine(file, line)),
    replace: (lines) =>
      writing(() => {
        const next = `${file}.next`
        const size = writeLines(next, lines)
        renameSync(next, file)
        return size
      }),
  }
}

/** Yields the complete lines. Text after the last newline is ignored. */
function* linesOf(file: string): Generator<string, void> {
  const reading = (act: () => number): number =>
    withRemedy(`${file} cannot be read`, 'Check its permissions, or choose another folder with --data.', act)
  const handle = reading(() => openSync(file, 'r'))
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES)
    const readChunk = (): number => reading(() => readSync(handle, chunk))
    /** Start of a line that continues in the next chunk. Bytes, because a chunk may end within a character. */
    let partial: Buffer[] = []
    for (let size = readChunk(); size > 0; size = readChunk()) {
      let start = 0
      for (let end = chunk.indexOf(NEWLINE); end !== -1 && end < size; end = chunk.indexOf(NEWLINE, start)) {
        yield Buffer.concat([...partial, chunk.subarray(start, end)]).toString()
        partial = []
        start = end + 1
      }
      partial.push(Buffer.from(chunk.subarray(start, size)))
    }
  } finally {
    closeSync(handle)
  }
}

/**
 * Appends a line and returns its bytes. Cuts off what a full disk has taken of it, because the next line would continue it.
 */
function appendLine(file: string, line: string): number {
  const bytes = Buffer.from(`${line}\n`)
  const handle = openSync(file, 'a', FILE_MODE)
  try {
    const { size } = fstatSync(handle)
    try {
      writeFileSync(handle, bytes)
    } catch (error) {
      ftruncateSync(handle, size)
      throw error
    }
    return bytes.length
  } finally {
    closeSync(handle)
  }
}

/** Writes the file and syncs it to disk. Returns its size in bytes. */
function writeLines(file: string, lines: Iterable<string>): number {
  const handle = openSync(file, 'w', FILE_MODE)
  try {
    let size = 0
    for (const line of lines) {
      const bytes = Buffer.from(`${line}\n`)
      // Unlike writeSync, this repeats until all bytes are written.
      writeFileSync(handle, bytes)
      size += bytes.length
    }
    fsyncSync(handle)
    return size
  } finally {
    closeSync(handle)
  }
}

/** Runs `act`. Turns a system error into one that also says what failed and what to do. */
function withRemedy<Result>(problem: string, remedy: string, act: () => Result): Result {
  try {
    return act()
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause
    throw new Error(`${problem} (${String(cause.code)}). ${remedy}`, { cause })
  }
}
