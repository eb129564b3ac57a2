/**
 * The desk of a relay on this machine: its folder's own database, opened beside it. The folder's lock is not taken, so it
 * works while the relay runs, and a relay may start meanwhile.
 *
 * It makes nothing and moves nothing: no folder, no file, no newer tables, and what is damaged it leaves to the relay.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { createParkedLeads } from '../admin/parked-leads.ts'
import type { Sql } from '../outbox/sqlite/database.ts'
import { createSqlOutbox } from '../outbox/sqlite/outbox.ts'
import { findCorruption } from '../runtime/node/corruption.ts'
import { openSqlite } from '../runtime/node/sqlite-file.ts'
import { AdminError, type OpenAdmin } from './admin-source.ts'

/**
 * When a lead that is sent again is due. The relay goes by a clock of its own, which may be far from the system's of
 * this moment; by no clock was this later than now.
 */
const LONG_DUE = 0

/** Opens it. Throws, and says what to do, where there is none that can be used. */
export function adminFromFolder(folder: string): OpenAdmin {
  const path = join(folder, 'outbox.sqlite')
  const damage = findCorruption(path)
  if (damage !== undefined) {
    const advice = 'It was left as it is. Start the relay: it sets the file aside, and says how to go on.'
    throw new AdminError(1, `${path} is damaged: ${damage}. ${advice}`)
  }
  // SQLite would make one.
  if (!statSync(path, { throwIfNoEntry: false })?.size) {
    const advice = 'Name the relay’s folder by --data, or the relay itself by --relay.'
    throw new AdminError(2, `there is no outbox in ${folder}. ${advice}`)
  }
  const sql = openSqlite(path)
  try {
    const outbox = createSqlOutbox(withTablesAsTheyAre(sql))
    return {
      desk: createParkedLeads({ ...outbox, replay: (ids, mending) => outbox.replay(ids, mending, LONG_DUE) }, Date.now),
      soon: 'A relay that runs sends them within 5 seconds, else the next one that starts.',
      close: () => sql.close(),
    }
  } catch (error) {
    sql.close()
    throw error
  }
}

/** A relay of another version may be at work on these tables: a transaction that brings them to ours is undone. */
function withTablesAsTheyAre(sql: Sql): Sql {
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
        throw new AdminError(1, 'another version of form-sync made this outbox. Start the relay of this version first.')
      }),
  }
}
