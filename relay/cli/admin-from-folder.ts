/**
 * Opens the admin service on the SQLite file in a relay's folder on this machine. It does not lock the folder,
 * so that it works while the relay runs.
 *
 * It never creates, moves or upgrades a file. It leaves a damaged outbox to the relay.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { createParkedLeads } from '../admin/parked-leads.ts'
import type { Sql } from '../outbox/sqlite/database.ts'
import { createSqlOutbox } from '../outbox/sqlite/outbox.ts'
import { findCorruption } from '../runtime/node/corruption.ts'
import { openSqlite } from '../runtime/node/sqlite-file.ts'
import { AdminError, type OpenAdmin } from './admin-source.ts'

/** Due time of replayed leads, in epoch ms. The relay's clock may differ from this one; 0 is in the past for any clock. */
const REPLAY_DUE_AT_MS = 0

/**
 * Opens the outbox in the folder.
 *
 * @throws {AdminError} with what to do, if there is no outbox that can be used
 */
export function adminFromFolder(folder: string): OpenAdmin {
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
    const outbox = createSqlOutbox(rejectUpgrades(sql))
    const replay: typeof outbox.replay = (ids, edit) => outbox.replay(ids, edit, REPLAY_DUE_AT_MS)
    return {
      parkedLeads: createParkedLeads({ ...outbox, replay }, Date.now),
      deliveryNote:
        'A running relay sends them within 5 seconds. If none is running, the next one to start sends them.',
      close: () => sql.close(),
    }
  } catch (error) {
    sql.close()
    throw error
  }
}

/** Rolls back any transaction that upgrades the tables, because a relay of another version may be using them. */
function rejectUpgrades(sql: Sql): Sql {
  const version = () => {
    const [table] = sql.run(`SELECT 1 FROM sqlite_schema WHERE name = 'meta'`)
    return table && sql.run<{ version: number }>('SELECT version FROM meta')[0]?.version
  }
  return {
    ...sql,
    transaction: (work) =>
      sql.transaction(() => {
        const before = version()
        const result = work()
        if (version() === before) return result
        const advice = 'Start the relay of this version once to upgrade it, then run this command again.'
        throw new AdminError(1, `this outbox was created by another version of form-sync. ${advice}`)
      }),
  }
}
