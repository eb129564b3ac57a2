/**
 * The table `form_sync_alert_state`: the issues that the relays have seen, as JSON, so that one of them raises an alert and
 * not each. Its content belongs to the alert monitor.
 */
import type { Database } from './database.ts'

/** Reads the stored text. */
export async function readAlertState(database: Database): Promise<string> {
  const [row] = await database.run<{ seen: string }>('SELECT seen FROM form_sync_alert_state')
  if (!row) throw new Error('the table form_sync_alert_state has lost its row')
  return row.seen
}

/** Replaces the text `before`. Returns false, and writes nothing, when another relay was quicker. */
export async function writeAlertState(database: Database, seen: string, before: string): Promise<boolean> {
  const rows = await database.run(
    'UPDATE form_sync_alert_state SET seen = $1 WHERE seen = $2 RETURNING seen',
    seen,
    before,
  )
  return rows.length > 0
}
