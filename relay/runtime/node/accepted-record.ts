/**
 * Records outside of an outbox file how many leads it has accepted, so that a loss shows that SQLite does not notice: a
 * deleted log, or an older copy in place of the file.
 *
 * The record is not forced to the disk. It may be older than the outbox after a power cut, but never newer.
 */
import { closeSync, constants, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Length of the record, in bytes: it is overwritten in place. */
const RECORD_BYTES = 20

/** Accepted leads are no longer in the outbox. */
export interface LeadsMissing {
  event: 'leads-missing'
  /** Maximum number of leads that are missing. */
  leads: number
  /** Path of the report. The issue lasts until the operator deletes it. */
  file: string
  reason: string
}

export interface AcceptedRecord {
  /** Returns the number that the last process recorded; undefined if there is none. */
  read(): number | undefined
  write(accepted: number): void
  close(): void
}

/** Opens the record of the outbox at `path`: `outbox.accepted` beside `outbox.sqlite`. Creates it if it is missing. */
export function openAcceptedRecord(path: string): AcceptedRecord {
  const name = `${stemOf(path)}.accepted`
  const file = openSync(name, constants.O_RDWR | constants.O_CREAT, 0o600)
  return {
    read() {
      const text = readFileSync(name, 'utf8').trim()
      return /^\d+$/.test(text) ? Number(text) : undefined
    },
    write(accepted) {
      try {
        // As bytes: Deno ignores the position of a text.
        writeSync(file, Buffer.from(`${accepted}\n`.padStart(RECORD_BYTES)), 0, RECORD_BYTES, 0)
      } catch {
        // The leads are stored. A disk that fails is reported when the next lead cannot be stored.
      }
    },
    close: () => closeSync(file),
  }
}

/**
 * Writes the report that leads are missing: `outbox.missing-<time>.json`.
 *
 * @param recorded number of leads that were accepted
 * @param found number of leads that the outbox has counted
 * @param at epoch milliseconds
 */
export function reportMissing(path: string, recorded: number, found: number, at: number): LeadsMissing {
  const leads = recorded - found
  const file = `${stemOf(path)}.missing-${new Date(at).toISOString().replaceAll(/[-:.]/g, '')}.json`
  writeFileSync(file, `${JSON.stringify({ missing: leads, accepted: recorded, found })}\n`, { mode: 0o600 })
  const reason = `${recorded} leads were accepted, and ${path} knows of ${found}. Its log (${basename(path)}-wal) was deleted while no relay was running, or an older copy of the file was put in its place. If you have a newer copy of the file with its log, stop the relay and put both in place. Then delete ${file}`
  return { event: 'leads-missing', leads, file, reason }
}

/** Returns the reports that are still in the folder of `path`, by name, with the number of missing leads in each. */
export function listMissing(path: string): { file: string; leads: number }[] {
  const start = `${basename(stemOf(path))}.missing-`
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(start) && name.endsWith('.json'))
    .toSorted()
    .map((file) => ({ file, leads: missingIn(join(dirname(path), file)) }))
}

/** Returns the number in a report; 0 if it cannot be read. */
function missingIn(report: string): number {
  try {
    const { missing } = JSON.parse(readFileSync(report, 'utf8')) as { missing?: unknown }
    return typeof missing === 'number' ? missing : 0
  } catch {
    return 0
  }
}

function stemOf(path: string): string {
  return path.replace(/\.sqlite$/, '')
}
