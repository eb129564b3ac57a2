/**
 * Counts the leads in quarantined outbox files, as far as the files can be read.
 *
 * It only reads, and it reads each file once: nothing writes to a quarantined file.
 */
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { listQuarantined } from './corruption.ts'

export interface QuarantinedLeads {
  /** Name of the file, without its folder. */
  file: string
  /** Number of leads that were waiting, held or parked; undefined for a log without its database. */
  leads?: number
  /** True if the number is that of the readable leads, and there may be more. */
  isPartial: boolean
}

/** Returns a function that lists the quarantined files of the outbox at `path`. It reads the folder each time. */
export function createQuarantineList(path: string): () => QuarantinedLeads[] {
  let known = new Map<string, QuarantinedLeads>()
  return () => {
    const files = listQuarantined(path)
    known = new Map(files.map((file) => [file, known.get(file) ?? countIn(join(dirname(path), file), file)]))
    return [...known.values()]
  }
}

function countIn(path: string, file: string): QuarantinedLeads {
  if (file.endsWith('.wal')) return { file, isPartial: true }
  let leads = 0
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path, { readOnly: true, timeout: 0 })
    const counted = readCounters(db)
    if (counted !== undefined) return { file, leads: counted, isPartial: false }
    // Row by row, up to the damage.
    for (const { state } of db.prepare('SELECT state FROM job NOT INDEXED').iterate()) {
      if (state !== 'delivered') leads += 1
    }
    return { file, leads, isPartial: false }
  } catch {
    return { file, leads, isPartial: true }
  } finally {
    db?.close()
  }
}

/** Returns the number of leads that the outbox has counted; undefined if its counters cannot be read. */
function readCounters(db: DatabaseSync): number | undefined {
  try {
    const row = db.prepare('SELECT sum(waiting + held + parked) AS leads FROM counter').get()
    return typeof row?.leads === 'number' ? row.leads : undefined
  } catch {
    return undefined
  }
}
