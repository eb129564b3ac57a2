/** Rotation of the data keys in a SQLite database; see `../sealing/reseal.ts`. */
import {
  isRotated,
  keyIdOf,
  placeAfterRows,
  reseal,
  RESEALED_ROWS,
  rowsByKey,
  type ResealedStore,
  type ResealPlace,
  type StoredRow,
} from '../sealing/reseal.ts'
import { rotate } from '../sealing/data-keys.ts'
import type { TextCipher } from '../sealing/text-cipher.ts'
import type { Sql } from './database.ts'

const PAGE = {
  job: `SELECT seq FROM job WHERE seq > ? AND lead IS NOT NULL ORDER BY seq LIMIT ${RESEALED_ROWS}`,
  owed: `SELECT seq FROM owed WHERE seq > ? ORDER BY seq LIMIT ${RESEALED_ROWS}`,
}

const READ = {
  job: 'SELECT seq, id, account, lead, reason, history FROM job WHERE lead IS NOT NULL',
  owed: 'SELECT owed.seq, job.id, owed.account, email, cookie, owed.history FROM owed JOIN job USING (seq) WHERE true',
}

const COUNT = `SELECT key, sum(leads) AS leads FROM (
    SELECT ${keyIdOf('lead')} AS key, count(*) AS leads FROM job WHERE lead IS NOT NULL GROUP BY 1
    UNION ALL SELECT ${keyIdOf('email')}, count(*) FROM owed GROUP BY 1
  ) GROUP BY key ORDER BY key`

/**
 * Begins a rotation to the first key of a cipher.
 *
 * @param decrypts whether everything is to be stored as without keys
 * @throws {DataKeyError} when a key is missing, or no relay was started with the first one
 */
export function resealSqlite(sql: Sql, cipher: TextCipher, decrypts: boolean): ResealedStore {
  const [meta] = sql.run<{ secret: string }>('SELECT secret FROM meta')
  const rotation = rotate(cipher, meta!.secret, decrypts)

  function write(table: ResealPlace['table'], row: StoredRow): void {
    const { lead = null, reason = null, history, email = null, cookie = null } = row
    if (table === 'owed') {
      sql.run('UPDATE owed SET email = ?, cookie = ?, history = ? WHERE seq = ?', email, cookie, history, row.seq)
    } else sql.run('UPDATE job SET lead = ?, reason = ?, history = ? WHERE seq = ?', lead, reason, history, row.seq)
  }

  return {
    async step(after) {
      const { table, seq } = after
      // Read before the transaction, which keeps a relay from writing: most rows may be receipts.
      const rows = sql.run<{ seq: number }>(PAGE[table], seq)
      const statement = `${READ[table]} AND ${table}.seq IN (SELECT value FROM json_each(?))`
      const changed = sql.transaction(() => {
        const stored = sql.run<StoredRow>(statement, JSON.stringify(rows.map((row) => row.seq)))
        const resealed = stored.flatMap((row) => reseal(row, rotation) ?? [])
        for (const row of resealed) write(table, row)
        return resealed.length
      })
      const next = placeAfterRows(after, rows)
      return { changed, ...(next && { next }) }
    },

    finish: async () =>
      sql.transaction(() => {
        const counted = sql.run<{ key: string | null; leads: number }>(COUNT)
        const rows = rowsByKey(counted)
        if (isRotated(rows, rotation.keyId)) sql.run('UPDATE meta SET secret = ?', rotation.secret)
        return rows
      }),
  }
}
