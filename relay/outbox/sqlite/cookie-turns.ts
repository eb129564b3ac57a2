/** Stores and reads the turns of visitors' cookies; see `../cookie-turns.ts`. */
import { nextTurn, type VisitorRow } from '../cookie-turns.ts'
import type { AccountSql } from './database.ts'

/** Asks for the turn of a visitor, within a transaction; see the port. */
export function takeTurn(sql: AccountSql, visitor: string, order: string, lastsMs: number, now: number): number | null {
  const statement = 'SELECT * FROM visitor WHERE account = ? AND visitor_key = ?'
  const next = nextTurn(sql.run<VisitorRow>(statement, sql.account, visitor)[0], order, lastsMs, now)
  if (!next) return null
  sql.run(
    'INSERT OR REPLACE INTO visitor (account, visitor_key, newest, began_at, lasts_ms) VALUES (?, ?, ?, ?, ?)',
    sql.account,
    visitor,
    next.newest,
    next.began_at,
    next.lasts_ms,
  )
  return next.waitMs
}

/** Time for which a visitor is known longer than a receipt is kept, in ms: its older leads and cookies may be on their way. */
const LONGEST_DELIVERY_MS = 10 * 86_400_000

/** Leaves the time alone of the orders of these leads, whose ids are UUIDs. Reads all visitors. */
export function forgetTurns(sql: AccountSql, ids: readonly string[]): void {
  sql.run(
    `UPDATE visitor SET newest = substr(newest, 1, 13)
     WHERE account = ? AND substr(newest, 15, 36) IN (SELECT value FROM json_each(?))`,
    sql.account,
    JSON.stringify(ids),
  )
}

/** Removes visitors whose newest lead was accepted long before a time. */
export function sweepVisitors(sql: AccountSql, before: number): void {
  const statement = 'DELETE FROM visitor WHERE account = ? AND newest < ?'
  sql.run(statement, sql.account, String(before - LONGEST_DELIVERY_MS))
}
