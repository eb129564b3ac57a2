/** Opens a folder or a database whose data keys are rotated, while its relays run. */
import type { ActStore } from '../outbox/acts.ts'
import * as databaseActs from '../outbox/postgres/acts.ts'
import * as fileActs from '../outbox/sqlite/acts.ts'
import type { ResealedStore } from '../outbox/sealing/reseal.ts'
import type { TextCipher } from '../outbox/sealing/text-cipher.ts'
import { resealPostgres } from '../outbox/postgres/reseal.ts'
import { openTables as openPostgresTables } from '../outbox/postgres/schema.ts'
import { createDataKeys } from '../outbox/sealing/data-keys.ts'
import { resealSqlite } from '../outbox/sqlite/reseal.ts'
import { openTables } from '../outbox/sqlite/schema.ts'
import { lockFolder } from '../runtime/node/folder-lock.ts'
import { NODE_CRYPTO } from '../runtime/node/outbox-crypto.ts'
import { withDriver } from '../runtime/node/with-driver.ts'
import { openFileIn } from './open-file.ts'

/** A store while its keys are rotated. */
export interface OpenResealed extends ResealedStore {
  /** The audit log of the store. */
  acts: Pick<ActStore, 'beginAct' | 'endAct'>
  close(): void | Promise<void>
}

/** What is to become of a store. */
export interface Resealing {
  cipher: TextCipher
  /** Whether everything is to be stored as without keys. */
  decrypts: boolean
}

/**
 * Opens the file in a folder. To decrypt it, it locks the folder: a relay that runs would go on encrypting.
 *
 * @throws when the file cannot be used, a key is missing, or a relay has the lock
 */
export async function resealedFolder(folder: string, { cipher, decrypts }: Resealing): Promise<OpenResealed> {
  const sql = openFileIn(folder)
  let lock: { release: () => void } | undefined
  try {
    if (decrypts) lock = lockFolder(folder)
    await openTables(sql, NODE_CRYPTO, false, createDataKeys(cipher))
    return {
      ...resealSqlite(sql, cipher, decrypts),
      acts: {
        beginAct: async (act, now) => sql.transaction(() => fileActs.beginAct(sql, act, null, now)),
        endAct: async (id, leads) => sql.transaction(() => fileActs.endAct(sql, id, leads)),
      },
      close() {
        // The log beside the file has the rows of before. Where a relay writes meanwhile, that one empties it.
        sql.checkpoint()
        sql.close()
        lock?.release()
      },
    }
  } catch (error) {
    sql.close()
    lock?.release()
    throw error
  }
}

/** Opens a database. */
export async function resealedDatabase(url: string, { cipher, decrypts }: Resealing): Promise<OpenResealed> {
  // Imported here, so that the PostgreSQL driver is loaded only when it is used.
  const { connectPostgres } = await withDriver(() => import('../runtime/node/postgres-pool.ts'))
  const database = connectPostgres(url)
  try {
    await openPostgresTables(database, NODE_CRYPTO, false, createDataKeys(cipher))
    return {
      ...(await resealPostgres(database, cipher, decrypts)),
      acts: {
        beginAct: (act, now) => databaseActs.beginAct(database, act, null, now),
        endAct: (id, leads) => databaseActs.endAct(database, id, leads),
      },
      close: () => database.close(),
    }
  } catch (error) {
    await database.close()
    throw error
  }
}
