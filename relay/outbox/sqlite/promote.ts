/** The order of a person's leads: which of the waiting jobs is `ready`. */
import { IS_ASIDE } from '../step-aside.ts'
import type { AccountSql } from './database.ts'

/**
 * Makes the person's next job the one that may be leased. Another one may be leased, where an older one was replayed
 * meanwhile: then the next is due when that lease ends, and no sooner. Two statements, because a person may never have two
 * jobs that are ready.
 *
 * @param notBefore earliest time at which the job may be due
 */
export function promoteNext(sql: AccountSql, person: string, notBefore = 0): void {
  const next = nextJob(sql, person)
  if (next === undefined) return
  sql.run(
    `UPDATE job SET state = 'queued', turn = NULL WHERE account = ? AND person_key = ? AND state = 'ready' AND seq <> ?`,
    sql.account,
    person,
    next,
  )
  sql.run(
    `UPDATE job SET state = 'ready', turn = NULL, due_at = iif(batch IS NULL, max(due_at, not_before), due_at)
     FROM (SELECT max(?3, coalesce(
       (SELECT max(due_at) FROM job WHERE account = ?1 AND person_key = ?2 AND batch IS NOT NULL), 0)) AS not_before)
     WHERE seq = ?4 AND (state <> 'ready' OR (batch IS NULL AND due_at < not_before))`,
    sql.account,
    person,
    notBefore,
    next,
  )
}

/** Returns the oldest waiting job that has not stepped aside, or else the one that is due first. */
function nextJob({ run, account }: AccountSql, person: string): number | undefined {
  const [inPlace] = run<{ seq: number | null }>(
    `SELECT min(seq) AS seq FROM (
       SELECT seq FROM job WHERE account = ?1 AND person_key = ?2 AND state = 'ready' AND NOT ${IS_ASIDE}
       UNION ALL
       SELECT min(seq) FROM job WHERE account = ?1 AND person_key = ?2 AND state = 'queued' AND NOT ${IS_ASIDE})`,
    account,
    person,
  )
  if (inPlace?.seq) return inPlace.seq
  const [aside] = run<{ seq: number }>(
    `SELECT seq, due_at FROM job WHERE account = ?1 AND person_key = ?2 AND state = 'ready'
     UNION ALL
     SELECT seq, due_at FROM job WHERE account = ?1 AND person_key = ?2 AND state = 'queued'
     ORDER BY due_at, seq LIMIT 1`,
    account,
    person,
  )
  return aside?.seq
}

/**
 * Stores a job that waits from now on, where the person's ready job has stepped aside, and lets it go before that. A call
 * for one that has stepped aside may still be under way: no longer than until it is due, and no longer than a lease that
 * begins now.
 *
 * @param leaseEnd when a lease would expire that began now
 * @param store stores the job
 * @returns false when the ready job has not stepped aside: nothing was stored
 */
export function overtake(sql: AccountSql, person: string, leaseEnd: number, store: () => void): boolean {
  const demoted = sql.write(
    `UPDATE job SET state = 'queued', turn = NULL WHERE account = ? AND person_key = ? AND state = 'ready' AND ${IS_ASIDE}`,
    sql.account,
    person,
  )
  if (!demoted) return false
  const [aside] = sql.run<{ due_at: number }>(
    `SELECT max(due_at) AS due_at FROM job WHERE account = ? AND person_key = ? AND state = 'queued' AND ${IS_ASIDE}`,
    sql.account,
    person,
  )
  store()
  promoteNext(sql, person, Math.min(aside!.due_at, leaseEnd))
  return true
}
