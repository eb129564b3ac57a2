/** The order of a person's leads: which of the waiting jobs is `ready`. Only an addition decides it elsewhere. */
import type { AccountSql } from './database.ts'

/**
 * Makes the oldest waiting job of a person the one that may be leased. A younger one may be leased, where the oldest was
 * replayed meanwhile: then the oldest is due when that lease ends, and no sooner.
 */
export function promoteNext(sql: AccountSql, person: string): void {
  const ready = one(
    sql,
    `SELECT seq AS found FROM job WHERE account = ? AND person_key = ? AND state = 'ready'`,
    person,
  )
  const queued = one(
    sql,
    `SELECT min(seq) AS found FROM job WHERE account = ? AND person_key = ? AND state = 'queued'`,
    person,
  )
  const oldest = ready === undefined || queued === undefined ? (ready ?? queued) : Math.min(ready, queued)
  if (oldest === undefined) return
  if (oldest !== ready) {
    if (ready !== undefined) sql.run(`UPDATE job SET state = 'queued' WHERE seq = ?`, ready)
    sql.run(`UPDATE job SET state = 'ready' WHERE seq = ?`, oldest)
  }
  const leaseEnd = one(
    sql,
    'SELECT max(due_at) AS found FROM job WHERE account = ? AND person_key = ? AND batch IS NOT NULL',
    person,
  )
  if (leaseEnd !== undefined) sql.run('UPDATE job SET due_at = max(due_at, ?) WHERE seq = ?', leaseEnd, oldest)
}

function one(sql: AccountSql, statement: string, person: string): number | undefined {
  return sql.run<{ found: number | null }>(statement, sql.account, person)[0]?.found ?? undefined
}
