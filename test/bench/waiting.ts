/** Leads that wait in an outbox in a file, for benches. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Lead } from '../../relay/intake/lead.ts'
import type { Limits } from '../../relay/outbox/limits/limits.ts'
import type { Outbox } from '../../relay/outbox/outbox.ts'
import { createSqlOutbox } from '../../relay/outbox/sqlite/outbox.ts'
import { openSqlite } from '../../relay/runtime/node/sqlite-file.ts'

export interface OutboxFile {
  outbox: Outbox
  /** Closes and removes it. */
  remove(): void
}

/** An outbox in a new file. */
export function outboxFile(limits: Limits): OutboxFile {
  const folder = mkdtempSync(join(tmpdir(), 'form-sync-bench-'))
  const sql = openSqlite(join(folder, 'outbox.sqlite'))
  return {
    outbox: createSqlOutbox(sql, limits),
    remove() {
      sql.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A lead of a person of its own, without a cookie, of some 400 bytes. */
export function leadOf(number: number, acceptedAt: number): Lead {
  const name = String(number).padStart(7, '0')
  return {
    id: `018f0000-0000-7000-8000-${name.padStart(12, '0')}`,
    form: 'contact',
    person: `email:visitor-${name}@acme.example`,
    email: `visitor-${name}@acme.example`,
    attributes: [
      { name: 'FirstName', value: 'Ana' },
      { name: 'LastName', value: `Visitor ${name}` },
      { name: 'Company', value: 'Söhne & Co' },
      { name: 'LeadSource', value: 'Web' },
    ],
    acceptedAt,
    notes: [],
  }
}

/** As many leads are added at once. */
const TOGETHER = 1_000

/** Has the outbox keep leads with the numbers from `from` to before `to`. */
export async function fill(outbox: Outbox, from: number, to: number, now: number): Promise<void> {
  for (let first = from; first < to; first += TOGETHER) {
    const leads = Array.from({ length: Math.min(TOGETHER, to - first) }, (_, at) => leadOf(first + at, now))
    await outbox.add(leads, now)
  }
}
