/**
 * The desk of a relay on this machine: its folder's own database, opened beside it. The folder's lock is not taken, so it
 * works while the relay runs, and a relay may start meanwhile.
 *
 * It makes nothing and moves nothing: no folder, no file, no newer tables, and what is damaged it leaves to the relay.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { createParkedLeads } from '../admin/parked-leads.ts'
import { createSqliteOutbox } from '../outbox/sqlite/outbox.ts'
import { findCorruption } from '../runtime/node/corruption.ts'
import { OUTBOX_OPTIONS } from '../runtime/node/outbox-crypto.ts'
import { openSqlite } from '../runtime/node/sqlite-file.ts'
import { AdminError, type OpenAdmin } from './admin-source.ts'

/**
 * When a lead that is sent again is due. The relay goes by a clock of its own, which may be far from the system's of
 * this moment; by no clock was this later than now.
 */
const LONG_DUE = 0

/** Opens it. Throws, and says what to do, where there is none that can be used. */
export async function adminFromFolder(folder: string): Promise<OpenAdmin> {
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
    const outbox = await createSqliteOutbox(sql, { ...OUTBOX_OPTIONS, upgrade: false })
    return {
      desk: createParkedLeads({ ...outbox, replay: (ids, mending) => outbox.replay(ids, mending, LONG_DUE) }, Date.now),
      soon: 'A relay that runs sends them within 5 seconds, else the next one that starts.',
      close: () => sql.close(),
    }
  } catch (cause) {
    sql.close()
    throw new AdminError(1, (cause as Error).message, { cause })
  }
}
