/** Who of a person's waiting jobs is `ready`: the oldest. The only place that decides it, but for a lead that comes. */
import type { Sql } from './database.ts'

/**
 * Makes the oldest of a person's waiting jobs the one that may go. A younger one may be out, where the oldest was
 * replayed or settled meanwhile: then it is due when that one's call is over, and no sooner.
 */
export function reseat(sql: Sql, person: string): void {
  const ready = one(sql, `SELECT seq AS found FROM job WHERE person = ? AND state = 'ready'`, person)
  const behind = one(sql, `SELECT min(seq) AS found FROM job WHERE person = ? AND state = 'behind'`, person)
  const oldest = ready === undefined || behind === undefined ? (ready ?? behind) : Math.min(ready, behind)
  if (oldest === undefined) return
  if (oldest !== ready) {
    if (ready !== undefined) sql.run(`UPDATE job SET state = 'behind' WHERE seq = ?`, ready)
    sql.run(`UPDATE job SET state = 'ready' WHERE seq = ?`, oldest)
  }
  const over = one(sql, 'SELECT max(due_at) AS found FROM job WHERE person = ? AND call IS NOT NULL', person)
  if (over !== undefined) sql.run('UPDATE job SET due_at = max(due_at, ?) WHERE seq = ?', over, oldest)
}

function one(sql: Sql, statement: string, person: string): number | undefined {
  return sql.run<{ found: number | null }>(statement, person)[0]?.found ?? undefined
}
