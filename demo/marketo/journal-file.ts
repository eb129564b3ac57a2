/** A journal in a folder. Node only. */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Journal } from './journal.ts'

/** It holds what people told: nobody else on the machine may read it. */
const MODE = 0o600

/**
 * Creates the folder where it is missing. A line that a crash broke off is no line. One simulator at a time: two would
 * overwrite each other.
 */
export function journalIn(folder: string): Journal {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'simulator.jsonl')
  return {
    name: file,
    read() {
      if (!existsSync(file)) return []
      // What stands behind the last line's end was broken off.
      return readFileSync(file, 'utf8').split('\n').slice(0, -1)
    },
    add(line) {
      appendFileSync(file, `${line}\n`, { mode: MODE })
    },
    replace(lines) {
      const next = `${file}.next`
      const handle = openSync(next, 'w', MODE)
      try {
        writeSync(handle, lines.map((line) => `${line}\n`).join(''))
        fsyncSync(handle)
      } finally {
        closeSync(handle)
      }
      renameSync(next, file)
    },
  }
}
