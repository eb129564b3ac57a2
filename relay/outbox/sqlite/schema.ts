/** Opens the tables of the outbox on SQLite: creates them, or has older ones upgraded. */
import { checkVersion } from '../options.ts'
import { openSecret, storedSecret, type DataKeys, type Sealing } from '../sealing/sealing.ts'
import { createSecret, parseSecret, type OutboxCrypto } from '../person-keys.ts'
import type { Sql } from './database.ts'
import { TABLES, VERSION, versionOf } from './tables.ts'

/**
 * Creates the tables or upgrades them, each version completely or not at all. No other process may use the file.
 *
 * @param upgrade false to leave tables of another version as they are, and the keys that they are encrypted with
 * @returns the secret of the database, and what seals its rows
 * @throws when the tables have a newer version, or another one and `upgrade` is false; or when a data key is missing
 */
export async function openTables(
  sql: Sql,
  crypto: OutboxCrypto,
  upgrade = true,
  dataKeys?: DataKeys,
): Promise<{ secret: Uint8Array; sealing?: Sealing }> {
  const found = versionOf(sql)
  checkVersion(found, VERSION, upgrade)
  if (found === 0) createTables(sql, createSecret(crypto), dataKeys)
  else if (found < VERSION) await (await import('./upgrade-tables.ts')).upgradeTables(sql, crypto, dataKeys)
  return sql.transaction(() => {
    const [meta] = sql.run<{ secret: string }>('SELECT secret FROM meta')
    const { secret, sealing, changed } = openSecret(meta!.secret, dataKeys, upgrade)
    if (changed !== undefined) sql.run('UPDATE meta SET secret = ?', changed)
    return { secret: parseSecret(secret), ...(sealing && { sealing }) }
  })
}

/** Creates the tables with a new secret. */
function createTables(sql: Sql, secret: string, dataKeys?: DataKeys): void {
  sql.transaction(() => {
    // Another process may have created the tables meanwhile.
    if (versionOf(sql) === VERSION) return
    for (const statement of [CREATE_META, ...TABLES]) sql.run(statement)
    sql.run('ALTER TABLE meta ADD COLUMN secret TEXT')
    sql.run('DELETE FROM meta')
    sql.run('INSERT INTO meta (version, secret) VALUES (?, ?)', VERSION, storedSecret(secret, dataKeys))
  })
}

const CREATE_META = 'CREATE TABLE IF NOT EXISTS meta (version INTEGER NOT NULL)'
