/**
 * The order of a person's leads: which waiting job is `ready`, and the locks that keep additions and settlements of one
 * person apart.
 *
 * An addition looks whether its person has a job that is ready, and if so queues behind it. If that job were settled at
 * the same moment by a transaction that does not see the new job yet, no transaction would ever promote the new job. So
 * an addition locks its people shared, and a settlement or replay locks them exclusively. Locks are taken in ascending
 * order, all in one statement, before the statement that looks: there is no deadlock, and no look before the other
 * transaction has committed.
 */
import type { AccountTransaction } from './database.ts'

/** Number of locks that all people share, so that a large batch cannot use up the server's lock table. */
const BUCKETS = 1_024

/** First key of our advisory locks, which tells them from those of other programs: "form" in ASCII. */
export const LOCKS = 0x666f726d

/** Locks people for an addition. */
export function lockPeopleShared(sql: AccountTransaction, persons: readonly string[]): void {
  sql.send(
    `SELECT pg_advisory_xact_lock_shared(${LOCKS}, bucket) FROM (
       SELECT DISTINCT hashtext(person) & ${BUCKETS - 1} AS bucket FROM unnest($1::text[]) AS person ORDER BY bucket
     ) AS buckets`,
    persons,
  )
}

/** Locks the people of these jobs for a settlement or a replay. */
export function lockPeopleOf(sql: AccountTransaction, ids: readonly string[]): void {
  sql.send(
    `SELECT pg_advisory_xact_lock(${LOCKS}, bucket) FROM (
       SELECT DISTINCT hashtext(job.person_key) & ${BUCKETS - 1} AS bucket
       FROM unnest($1::text[]) AS of (id) JOIN form_sync_job AS job ON job.id = of.id
       WHERE job.person_key IS NOT NULL ORDER BY bucket
     ) AS buckets`,
    ids,
  )
}

/**
 * Makes the oldest waiting job of each person the one that may be leased. A younger one may be leased, where the oldest
 * was replayed meanwhile: then the oldest is due when that lease ends, and no sooner. Only an addition decides the order
 * elsewhere. Two statements, because a person may never have two jobs that are ready.
 */
export function promoteNext(sql: AccountTransaction, persons: readonly string[]): void {
  sql.send(
    `UPDATE form_sync_job AS job SET state = 'queued' FROM unnest($2::text[]) AS of (person)
     WHERE job.account = $1 AND job.person_key = of.person AND job.state = 'ready' AND job.seq > (
       SELECT min(seq) FROM form_sync_job AS next
       WHERE next.account = $1 AND next.person_key = of.person AND next.state = 'queued')`,
    sql.account,
    persons,
  )
  sql.send(
    `UPDATE form_sync_job AS job SET state = 'ready', due_at = greatest(job.due_at, oldest.lease_end)
     FROM (
       SELECT coalesce(
           (SELECT seq FROM form_sync_job WHERE account = $1 AND person_key = of.person AND state = 'ready'),
           (SELECT min(seq) FROM form_sync_job WHERE account = $1 AND person_key = of.person AND state = 'queued')
         ) AS oldest_seq,
         (SELECT max(due_at) FROM form_sync_job
          WHERE account = $1 AND person_key = of.person AND batch IS NOT NULL) AS lease_end
       FROM unnest($2::text[]) AS of (person)
     ) AS oldest
     WHERE job.seq = oldest.oldest_seq AND (job.state <> 'ready' OR job.due_at < oldest.lease_end)`,
    sql.account,
    persons,
  )
}
