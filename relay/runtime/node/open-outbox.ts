/**
 * The outbox of a folder: opened, or begun anew where the file is damaged, so that forms go on working.
 *
 * It decides what becomes of a file that cannot be used: a damaged one is set aside, any other is left where it is.
 */
import { dirname } from 'node:path'
import type { Limits } from '../../outbox/limits/limits.ts'
import type { Outbox } from '../../outbox/outbox.ts'
import { createSqliteOutbox } from '../../outbox/sqlite/outbox.ts'
import { findCorruption, listQuarantined, quarantine } from './corruption.ts'
import { corruptionIn, StorageError, inWords } from './storage-errors.ts'
import { withDurabilityChecks, watchFiles } from './durability-checks.ts'
import { OUTBOX_OPTIONS } from './outbox-crypto.ts'
import { openSqlite, type SqliteFile } from './sqlite-file.ts'

/** The outbox was damaged. Leads that waited in it are not sent until someone gets them out. */
export interface Quarantined {
  event: 'set-aside'
  /** Where it lies now. */
  file: string
  /** What is wrong with it. */
  found: string
  /** What to do. */
  advice: string
}

export interface OpenOutbox {
  sql: SqliteFile
  outbox: Outbox
  /** For `/readyz`: what someone should know though the relay works. Looks into the folder each time. */
  notices: () => { damaged?: string[] }
}

export interface OutboxOptions {
  limits: Limits
  /** Epoch milliseconds. */
  now: () => number
  /** Told when a damaged outbox was set aside, before a new one is begun. */
  tell: (event: Quarantined) => void
}

/**
 * Opens the outbox and goes on with what the last process left. Only for who holds the folder: a file that another
 * process has open is not to be set aside.
 *
 * @throws when the file cannot be used; it was left as it is, and the message says what to do
 */
export async function openOutbox(path: string, { limits, now, tell }: OutboxOptions): Promise<OpenOutbox> {
  const begin = async () => {
    const sql = openSqlite(path)
    try {
      const outbox = await createSqliteOutbox(sql, { ...OUTBOX_OPTIONS, limits })
      await outbox.resume(now())
      return { sql, outbox }
    } catch (cause) {
      sql.close()
      const rest =
        cause instanceof StorageError ? '.' : ': keep it, for it may hold leads, and start with another folder.'
      throw new Error(`${path} cannot be used: ${inWords(cause)} It was left as it is${rest}`, { cause })
    }
  }

  const found = findCorruption(path)
  if (found !== undefined) tell(moveAway(path, found, now()))
  const { sql, outbox } = await begin().catch((error: unknown) => {
    // What only an index has wrong is seen when it is used.
    const late = corruptionIn((error as Error).cause)
    if (late === undefined) throw error
    tell(moveAway(path, late, now()))
    return begin()
  })
  const surroundings = watchFiles(dirname(path), [path, `${path}-wal`])
  return {
    sql,
    outbox: { ...outbox, add: withDurabilityChecks(outbox, surroundings) },
    notices() {
      const damaged = listQuarantined(path)
      return damaged.length > 0 ? { damaged } : {}
    },
  }
}

function moveAway(path: string, found: string, at: number): Quarantined {
  let file
  try {
    file = quarantine(path, at)
  } catch (cause) {
    throw new Error(`${path} is damaged (${found}), and cannot be set aside: ${inWords(cause)}`, { cause })
  }
  const advice = file.endsWith('.wal')
    ? 'If you have the file that belongs to this log, put both beside each other again, the log as <file>-wal. Do not open the log without it: SQLite deletes it.'
    : `Get out what can be read: sqlite3 ${file} .recover. docs/deploy.md, "When the disk fails", says how these leads are sent. Move the file to another folder when it is done with.`
  return { event: 'set-aside', file, found, advice }
}
