/** The outbox of a folder as a test finds it: filled, counted, damaged. */
import { closeSync, openSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { LIMITS } from '../../relay/outbox/limits/limits.ts'
import { openOutbox, type OpenOutbox, type OutboxOptions } from '../../relay/runtime/node/open-outbox.ts'
import { lead, T } from '../suites/outbox/leads.ts'
import { makeFolder } from './folder.ts'

/** SQLite's own, unless told otherwise. */
const PAGE = 4_096

/** Opens the one at `path`; `now` and `tell` are the test's, if it cares. */
export function open(path: string, options: Partial<OutboxOptions> = {}): Promise<OpenOutbox> {
  return openOutbox(path, { limits: LIMITS, now: () => T, tell: () => {}, ...options })
}

/** Makes one in a folder of its own, with so many leads that wait, as a relay leaves it that has ended. */
export async function filledOutbox(leads: number): Promise<{ folder: string; path: string }> {
  const folder = makeFolder()
  const path = join(folder, 'outbox.sqlite')
  const { sql, outbox } = await open(path)
  await outbox.add(
    Array.from({ length: leads }, (_, n) => lead(`lead-${n}`)),
    T,
  )
  sql.close()
  return { folder, path }
}

/** How many leads wait in it. */
export async function waitingIn(path: string): Promise<number> {
  const { sql, outbox } = await open(path)
  const { waiting } = await outbox.status(T)
  sql.close()
  return waiting
}

/** Writes nonsense over all pages from this one on, the first of which is 1. The file keeps its length. */
export function overwritePages(path: string, from: number): void {
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(statSync(path).size - (from - 1) * PAGE, 'Z'), 0, undefined, (from - 1) * PAGE)
  closeSync(file)
}
