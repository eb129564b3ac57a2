/** Rotation of the data keys in a PostgreSQL database; see `../sealing/reseal.ts`. */
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
import type { Database, Transaction } from './database.ts'
import { LOCKS } from './ordering.ts'

/** Rows of a page, locked, so that no relay changes them meanwhile. */
const PAGE = {
  job: `SELECT seq, id, account, lead, reason, history FROM form_sync_job WHERE seq > $1 AND lead IS NOT NULL
     ORDER BY seq LIMIT ${RESEALED_ROWS} FOR UPDATE`,
  owed: `SELECT owed.seq, job.id, owed.account, email, cookie, owed.history
     FROM form_sync_owed AS owed JOIN form_sync_job AS job USING (seq) WHERE owed.seq > $1
     ORDER BY owed.seq LIMIT ${RESEALED_ROWS} FOR UPDATE OF owed`,
}

/** The columns that are written, by table. */
const COLUMNS = { job: ['lead', 'reason', 'history'], owed: ['email', 'cookie', 'history'] }

const COUNT = `SELECT key, sum(leads)::bigint AS leads FROM (
    SELECT ${keyIdOf('lead')} AS key, count(*) AS leads FROM form_sync_job WHERE lead IS NOT NULL GROUP BY 1
    UNION ALL SELECT ${keyIdOf('email')}, count(*) FROM form_sync_owed GROUP BY 1
  ) AS counted GROUP BY key ORDER BY key`

/**
 * Begins a rotation to the first key of a cipher.
 *
 * @param decrypts whether everything is to be stored as without keys
 * @throws {DataKeyError} when a key is missing, or no relay was started with the first one
 */
export async function resealPostgres(
  database: Database,
  cipher: TextCipher,
  decrypts: boolean,
): Promise<ResealedStore> {
  const [meta] = await database.run<{ secret: string }>('SELECT secret FROM form_sync_meta')
  const rotation = rotate(cipher, meta!.secret, decrypts)

  function write(sql: Transaction, table: ResealPlace['table'], rows: readonly StoredRow[]): void {
    if (rows.length === 0) return
    const columns = COLUMNS[table]
    sql.send(
      `UPDATE form_sync_${table} AS own SET ${columns.map((column) => `${column} = new.${column}`).join(', ')}
       FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS new (seq, ${columns.join(', ')})
       WHERE own.seq = new.seq`,
      rows.map(({ seq }) => seq),
      ...columns.map((column) => rows.map((row) => row[column] ?? null)),
    )
  }

  return {
    step: (after) =>
      database.transaction(async (sql) => {
        const rows = await sql.run<StoredRow>(PAGE[after.table], after.seq)
        const resealed = rows.flatMap((row) => reseal(row, rotation) ?? [])
        write(sql, after.table, resealed)
        const next = placeAfterRows(after, rows)
        return { changed: resealed.length, ...(next && { next }) }
      }, true),

    finish: () =>
      database.transaction(async (sql) => {
        // A relay that starts meanwhile waits, and reads the secret afterwards.
        sql.send(`SELECT pg_advisory_xact_lock(${LOCKS}, -1)`)
        const counted = await sql.run<{ key: string | null; leads: number }>(COUNT)
        const rows = rowsByKey(counted)
        if (isRotated(rows, rotation.keyId)) sql.send('UPDATE form_sync_meta SET secret = $1', rotation.secret)
        return rows
      }, true),
  }
}
