/**
 * A journal in a folder. Node only.
 *
 * It is never held as one text, which Node could not do above 512 MB: it is read in pieces and written line by line.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Journal } from './journal.ts'

/** It holds what people told: nobody else on the machine may read it. */
const MODE = 0o600

/** In bytes. */
const PIECE = 1024 * 1024

const LINE_END = 0x0a

/**
 * Creates the folder where it is missing. A line that a crash broke off is no line. One simulator at a time: two would
 * overwrite each other, see `folder-lock.ts`.
 *
 * @throws what cannot be done to which file, and what to do about it; so does every use of the journal
 */
export function journalIn(folder: string): Journal {
  orSay(`${folder} is no folder to write in`, 'Name another one by --data.', () =>
    mkdirSync(folder, { recursive: true }),
  )
  const file = join(folder, 'simulator.jsonl')
  const writing = <Result>(act: () => Result): Result =>
    orSay(`${file} cannot be written`, 'Make room or mend it, or name another folder by --data.', act)
  return {
    name: file,
    read: () => (existsSync(file) ? linesOf(file) : []),
    add: (line) =>
      writing(() => {
        const bytes = Buffer.from(`${line}\n`)
        appendFileSync(file, bytes, { mode: MODE })
        return bytes.length
      }),
    replace: (lines) =>
      writing(() => {
        const next = `${file}.next`
        const size = writeLines(next, lines)
        renameSync(next, file)
        return size
      }),
  }
}

/** What stands behind the last line's end was broken off and is left out. */
function* linesOf(file: string): Generator<string, void> {
  const reading = (act: () => number): number =>
    orSay(`${file} cannot be read`, 'Mend it, or name another folder by --data.', act)
  const handle = reading(() => openSync(file, 'r'))
  try {
    const piece = Buffer.alloc(PIECE)
    const readOn = (): number => reading(() => readSync(handle, piece))
    /** The beginning of a line that goes on in the next piece. A cut may lie within a character, so these are bytes. */
    let begun: Buffer[] = []
    for (let size = readOn(); size > 0; size = readOn()) {
      let start = 0
      for (let end = piece.indexOf(LINE_END); end !== -1 && end < size; end = piece.indexOf(LINE_END, start)) {
        yield Buffer.concat([...begun, piece.subarray(start, end)]).toString()
        begun = []
        start = end + 1
      }
      begun.push(Buffer.from(piece.subarray(start, size)))
    }
  } finally {
    closeSync(handle)
  }
}

/** Returns how many bytes that took. */
function writeLines(file: string, lines: Iterable<string>): number {
  const handle = openSync(file, 'w', MODE)
  try {
    let size = 0
    for (const line of lines) {
      const bytes = Buffer.from(`${line}\n`)
      // Unlike writeSync, it goes on until all is written.
      writeFileSync(handle, bytes)
      size += bytes.length
    }
    fsyncSync(handle)
    return size
  } finally {
    closeSync(handle)
  }
}

/** Does it, or says what failed, by the system's word for why, and the remedy. */
function orSay<Result>(what: string, remedy: string, act: () => Result): Result {
  try {
    return act()
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause
    throw new Error(`${what} (${String(cause.code)}). ${remedy}`, { cause })
  }
}
