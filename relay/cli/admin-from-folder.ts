/**
 * Opens the admin service on the SQLite file in a relay's folder on this machine. It does not lock the folder,
 * so that it works while the relay runs.
 *
 * It never creates, moves or upgrades a file. It leaves a damaged outbox to the relay.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { exportLeads } from '../admin/export-leads.ts'
import { retryNow } from '../admin/retry-now.ts'
import { createParkedLeads } from '../admin/parked-leads.ts'
import type { SettingsByForm } from '../intake/form-settings.ts'
import type { BatchKeys } from '../outbox/batch-planner.ts'
import { createSqliteOutbox } from '../outbox/sqlite/outbox.ts'
import { findCorruption } from '../runtime/node/corruption.ts'
import { batchKeysOf } from '../marketo/transport.ts'
import { OUTBOX_OPTIONS } from '../runtime/node/outbox-crypto.ts'
import { openSqlite, type SqliteFile } from '../runtime/node/sqlite-file.ts'
import { AdminError, type OpenAdmin } from './admin-source.ts'

/** Due time of replayed leads and of a call at once, in epoch ms. The relay's clock may differ from this one; 0 is in the past for any clock. */
const REPLAY_DUE_AT_MS = 0

/**
 * Opens the outbox in the folder.
 *
 * @param forms today's settings of the forms, for leads that are replayed
 * @throws {AdminError} with what to do, if there is no outbox that can be used
 */
export async function adminFromFolder(folder: string, forms: SettingsByForm): Promise<OpenAdmin> {
  const path = join(folder, 'outbox.sqlite')
  const corruption = findCorruption(path)
  if (corruption !== undefined) {
    const advice = 'It was not changed. Start the relay: it moves the file aside, and its log says how to continue.'
    throw new AdminError(1, `${path} is damaged: ${corruption}. ${advice}`)
  }
  // SQLite would create a missing file.
  if (!statSync(path, { throwIfNoEntry: false })?.size) {
    const advice = 'Use --data to name the folder of a relay, or --relay to name the URL of one.'
    throw new AdminError(2, `there is no outbox in ${folder}. ${advice}`)
  }
  const sql = openSqlite(path)
  try {
    const outbox = await createSqliteOutbox(sql, { ...OUTBOX_OPTIONS, batchKeys: storedBatchKeys(sql), upgrade: false })
    const replay: typeof outbox.replay = (ids, edit) => outbox.replay(ids, edit, REPLAY_DUE_AT_MS)
    return {
      parkedLeads: createParkedLeads({ ...outbox, replay }, Date.now, forms),
      retryNow: () => retryNow(outbox, Date.now(), REPLAY_DUE_AT_MS),
      exportLeads: (states) => exportLeads(outbox, states),
      deliveryNote:
        'A running relay sends them within 5 seconds. If none is running, the next one to start sends them.',
      close: () => sql.close(),
    }
  } catch (cause) {
    sql.close()
    throw new AdminError(1, (cause as Error).message, { cause })
  }
}

/** Returns the rules of the transport that the relay has stored. They are read when a lead is replayed. */
function storedBatchKeys(sql: SqliteFile): BatchKeys {
  const stored = () => batchKeysOf(sql.run<{ transport: string }>('SELECT transport FROM control')[0]?.transport)
  return { ...OUTBOX_OPTIONS.batchKeys, batchKey: (lead) => stored().batchKey(lead) }
}
