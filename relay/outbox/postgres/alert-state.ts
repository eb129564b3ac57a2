/**
 * The table `form_sync_watch`: what the relays have seen of issues, as JSON, so that each is told once and not by each
 * of them. What stands in it is theirs to know.
 */
import type { Database } from './database.ts'

/** What was written down last. */
export async function readSeen(database: Database): Promise<string> {
  const [row] = await database.run<{ seen: string }>('SELECT seen FROM form_sync_watch')
  if (!row) throw new Error('the table form_sync_watch has lost its row')
  return row.seen
}

/** Writes it in the place of `before`. False, and nothing is written, where another relay was quicker. */
export async function writeSeen(database: Database, seen: string, before: string): Promise<boolean> {
  const rows = await database.run('UPDATE form_sync_watch SET seen = $1 WHERE seen = $2 RETURNING seen', seen, before)
  return rows.length > 0
}
