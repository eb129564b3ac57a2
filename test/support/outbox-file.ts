/** Creates, reads and damages outbox files. */
import { closeSync, openSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { LIMITS } from '../../relay/outbox/limits/limits.ts'
import { openOutbox, type OpenOutbox, type OutboxOptions } from '../../relay/runtime/node/open-outbox.ts'
import { lead, T } from '../suites/outbox/leads.ts'
import { makeFolder } from './folder.ts'

/** SQLite's default page size. */
const PAGE_BYTES = 4_096

/** Opens the outbox at `path`. */
export function open(path: string, options: Partial<OutboxOptions> = {}): Promise<OpenOutbox> {
  const ignore = () => {}
  const handlers = { onQuarantine: ignore, onMissing: ignore, onLogError: ignore }
  return openOutbox(path, { limits: LIMITS, now: () => T, ...handlers, ...options })
}

/** Creates a folder with an outbox that holds `leads` waiting leads, as a relay leaves it that was closed. */
export async function filledOutbox(leads: number, dueAt = T): Promise<{ folder: string; path: string }> {
  const folder = makeFolder()
  const path = join(folder, 'outbox.sqlite')
  const { sql, outbox } = await open(path)
  await outbox.add(
    Array.from({ length: leads }, (_, n) => lead(`lead-${n}`)),
    dueAt,
  )
  sql.close()
  return { folder, path }
}

/** Returns the number of leads that wait in the outbox at `path`. */
export async function waitingIn(path: string): Promise<number> {
  const { sql, outbox } = await open(path)
  const { waiting } = await outbox.status(T)
  sql.close()
  return waiting
}

/** Overwrites all pages from number `from` on with garbage. The first page has number 1. The file keeps its size. */
export function overwritePages(path: string, from: number): void {
  const file = openSync(path, 'r+')
  const start = (from - 1) * PAGE_BYTES
  const length = statSync(path).size - start
  // Bun ignores the place of a write without its length.
  writeSync(file, Buffer.alloc(length, 'Z'), 0, length, start)
  closeSync(file)
}
