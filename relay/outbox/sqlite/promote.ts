/** The order of a person's leads: which of the waiting jobs is `ready`. Only an addition decides it elsewhere. */
import type { AccountSql } from './database.ts'

/**
 * Makes the oldest waiting job of a person the one that may be leased. A younger one may be leased, where the oldest was
 * replayed meanwhile: then the oldest is due when that lease ends, and no sooner. Two statements, because a person may
 * never have two jobs that are ready.
 */
export function promoteNext({ run, account }: AccountSql, person: string): void {
  run(
    `UPDATE job SET state = 'queued' WHERE account = ?1 AND person_key = ?2 AND state = 'ready' AND seq > (
       SELECT min(seq) FROM job WHERE account = ?1 AND person_key = ?2 AND state = 'queued')`,
    account,
    person,
  )
  run(
    `UPDATE job SET state = 'ready', due_at = max(due_at, coalesce(
       (SELECT max(due_at) FROM job WHERE account = ?1 AND person_key = ?2 AND batch IS NOT NULL), 0))
     WHERE seq = coalesce(
       (SELECT seq FROM job WHERE account = ?1 AND person_key = ?2 AND state = 'ready'),
       (SELECT min(seq) FROM job WHERE account = ?1 AND person_key = ?2 AND state = 'queued'))`,
    account,
    person,
  )
}
