/** An outbox in a file, and leads that wait in it. */
import { join } from 'node:path'
import type { Lead } from '../../relay/intake/lead.ts'
import { SOAP_BATCH_KEYS } from '../../relay/marketo/soap/transport.ts'
import type { BatchKeys } from '../../relay/outbox/batch-planner.ts'
import type { Limits } from '../../relay/outbox/limits/limits.ts'
import type { Outbox } from '../../relay/outbox/outbox.ts'
import { createSqliteOutbox } from '../../relay/outbox/sqlite/outbox.ts'
import { NODE_CRYPTO } from '../../relay/runtime/node/outbox-crypto.ts'
import { openSqlite } from '../../relay/runtime/node/sqlite-file.ts'
import { makeTempFolder } from '../chaos/cleanup.ts'

export interface OutboxFile {
  outbox: Outbox
  /** Closes the outbox and removes the file. */
  remove(): void
}

/** Opens an outbox in a new file. */
export async function outboxFile(limits: Limits, batchKeys: BatchKeys = SOAP_BATCH_KEYS): Promise<OutboxFile> {
  const folder = makeTempFolder('bench')
  const sql = openSqlite(join(folder.path, 'outbox.sqlite'))
  return {
    outbox: await createSqliteOutbox(sql, { crypto: NODE_CRYPTO, batchKeys, limits }),
    remove() {
      sql.close()
      folder.remove()
    },
  }
}

/** Returns a lead of some 400 bytes, without a cookie. Each number is another person. */
export function leadOf(number: number, acceptedAt: number): Lead {
  const name = String(number).padStart(7, '0')
  return {
    id: `018f0000-0000-7000-8000-${name.padStart(12, '0')}` as Lead['id'],
    form: 'contact',
    person: `email:visitor-${name}@acme.example` as Lead['person'],
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

/** Number of leads that are added at once. */
const BATCH_SIZE = 1_000

/** Adds leads with the numbers from `from` up to, not including, `to`. */
export async function fill(outbox: Outbox, from: number, to: number, now: number): Promise<void> {
  for (let first = from; first < to; first += BATCH_SIZE) {
    const leads = Array.from({ length: Math.min(BATCH_SIZE, to - first) }, (_, at) => leadOf(first + at, now))
    await outbox.add(leads, now)
  }
}
