/** The rows of owed cookies: reads and writes them. It decides nothing. */
import { owedBatchOf, type AccountState } from '../account-state.ts'
import type { JobRow } from '../job-row.ts'
import type { Batch, Settlement } from '../outbox.ts'
import { OWED_COLUMNS, OWED_FIELDS, owedJobOf, type OwedChanges, type OwedRow } from '../owed.ts'
import { addCounts, startBatch } from './control.ts'
import type { AccountSql } from './database.ts'

const SELECT = `SELECT ${OWED_FIELDS} FROM owed JOIN job USING (seq)`

/** Reads the owed cookie of the newest lead that is due. Read from the newest on, however many are due. */
export function newestOwed(sql: AccountSql, now: number): OwedRow | undefined {
  return sql.run<OwedRow>(
    `${SELECT} WHERE seq = (SELECT owed.seq FROM owed INDEXED BY owed_newest
       WHERE owed.account = ? AND owed.due_at <= ? ORDER BY owed.seq DESC LIMIT 1)`,
    sql.account,
    now,
  )[0]
}

/** Leases an owed cookie. */
export function leaseOwed(
  sql: AccountSql,
  state: AccountState,
  row: OwedRow,
  leaseExpiresAt: number,
  now: number,
): Batch {
  const id = startBatch(sql, [], leaseExpiresAt, now)
  const statement = 'UPDATE owed SET due_at = ?, batch = ?, attempts = attempts + 1 WHERE seq = ?'
  sql.run(statement, leaseExpiresAt, id, row.seq)
  return owedBatchOf(id, leaseExpiresAt, owedJobOf(row, state.deliveredAt), state)
}

/** Reads the owed cookie that a settlement is about, if it is leased for that attempt. */
export function leasedOwed(sql: AccountSql, batch: number, { id, attempt }: Settlement): OwedRow | undefined {
  const condition = 'job.id = ? AND job.account = ? AND owed.attempts = ? AND owed.batch = ?'
  return sql.run<OwedRow>(`${SELECT} WHERE ${condition}`, id, sql.account, attempt, batch)[0]
}

/** Returns whether a visitor's cookie is out in a call of its own. */
export function isOwedOut(sql: AccountSql, { visitor_key: visitor }: JobRow, now: number): boolean {
  const condition = 'account = ? AND visitor_key = ? AND batch IS NOT NULL AND due_at > ?'
  return sql.run(`SELECT 1 FROM owed WHERE ${condition}`, sql.account, visitor, now).length > 0
}

/** Makes what a visitor owes wait for the call of a lead, which may be newer. An expired lease of it ends here. */
export function delayOwed(sql: AccountSql, visitor: string, until: number, now: number): void {
  sql.run(
    `UPDATE owed SET due_at = max(due_at, ?3), batch = NULL
     WHERE account = ?1 AND visitor_key = ?2 AND (batch IS NULL OR due_at <= ?4)`,
    sql.account,
    visitor,
    until,
    now,
  )
}

/** Reads what visitors owe. */
export function owedOf(sql: AccountSql, visitors: readonly string[]): OwedRow[] {
  return visitors.flatMap((visitor) =>
    sql.run<OwedRow>(`${SELECT} WHERE owed.account = ? AND owed.visitor_key = ?`, sql.account, visitor),
  )
}

const WRITE = `INSERT OR REPLACE INTO owed (account, ${OWED_COLUMNS.join(', ')})
  VALUES (?, ${OWED_COLUMNS.map(() => '?').join(', ')})`

/** Writes changes. */
export function writeOwed(sql: AccountSql, { removed, written, notes, counts }: OwedChanges): void {
  for (const { seq } of removed) sql.run('DELETE FROM owed WHERE seq = ?', seq)
  for (const row of written) {
    const stored = sql.sealing ? sql.sealing.sealOwed(row, sql.account) : row
    sql.run(WRITE, sql.account, ...OWED_COLUMNS.map((name) => stored[name] ?? null))
  }
  for (const { seq, notes: text } of notes) sql.run('UPDATE job SET notes = ? WHERE seq = ?', text, seq)
  addCounts(sql, counts)
}
