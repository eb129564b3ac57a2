/** The rows of the audit log; see `../acts.ts`. They belong to no account. */
import { ACT_COLUMNS, actOf, actsKeptSince, type Act, type ActRow, type StoredAct } from '../acts.ts'
import type { Sql } from './database.ts'

/** Stores an act within a transaction, and returns its number; see the port. */
export function beginAct(sql: Sql, act: Omit<Act, 'person'>, personKey: string | null, now: number): number {
  sql.write('DELETE FROM act WHERE at < ?', actsKeptSince(now))
  const [row] = sql.run<{ id: number }>(
    `INSERT INTO act (at, kind, operator, via, selector, reason, person_key) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    now,
    act.kind,
    act.by,
    act.via,
    act.selector,
    act.reason ?? null,
    personKey,
  )
  return row!.id
}

/** Stores the number of leads of an act. */
export function endAct(sql: Sql, id: number, leads: number): void {
  sql.write('UPDATE act SET leads = ? WHERE id = ?', leads, id)
}

/** Reads acts, the latest first. */
export function listActs(sql: Pick<Sql, 'run'>, limit: number, before = Number.MAX_SAFE_INTEGER): StoredAct[] {
  const statement = `SELECT ${ACT_COLUMNS} FROM act WHERE id < ? ORDER BY id DESC LIMIT ?`
  return sql.run<ActRow>(statement, before, limit).map(actOf)
}
