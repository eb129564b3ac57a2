/** Stores and reads the turns of visitors' cookies; see `../cookie-turns.ts`. */
import { nextTurn, type CookieTurn, type VisitorRow } from '../cookie-turns.ts'
import type { AccountSql } from './database.ts'

const IS_VISITOR = 'account = ? AND visitor_key = ?'

/** Gives a visitor a turn, within a transaction. */
export function beginTurn(sql: AccountSql, visitor: string, order: string, lastsMs: number, now: number): CookieTurn {
  const [known] = sql.run<VisitorRow>(`SELECT * FROM visitor WHERE ${IS_VISITOR}`, sql.account, visitor)
  const { answer, row } = nextTurn(known, order, lastsMs, now)
  if (row) {
    const statement = `INSERT OR REPLACE INTO visitor (account, visitor_key, newest, began_at, lasts_ms)
      VALUES (?, ?, ?, ?, ?)`
    sql.run(statement, sql.account, visitor, row.newest, row.began_at, row.lasts_ms)
  }
  return answer
}

/** Ends a turn, unless another one has begun. */
export function endTurn(sql: AccountSql, visitor: string, turn: number): void {
  sql.run(`UPDATE visitor SET lasts_ms = 0 WHERE ${IS_VISITOR} AND began_at = ?`, sql.account, visitor, turn)
}

/** Time for which a visitor is known longer than a receipt is kept, in ms: its older leads and cookies may be on their way. */
const LONGEST_DELIVERY_MS = 10 * 86_400_000

/** Removes visitors whose newest lead was accepted long before a time. */
export function sweepVisitors(sql: AccountSql, before: number): void {
  const statement = 'DELETE FROM visitor WHERE account = ? AND newest < ?'
  sql.run(statement, sql.account, String(before - LONGEST_DELIVERY_MS))
}
