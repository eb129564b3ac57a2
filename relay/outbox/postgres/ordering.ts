/**
 * The lines: who of a person's waiting jobs is `ready`, and what keeps an addition and a settlement from missing each
 * other.
 *
 * An addition looks whether its person has a job ready, and if so waits behind it. Were that one settled at the same
 * moment, by someone who does not see the newcomer yet, nobody would ever call the newcomer. So an addition holds its
 * lines shared, and whoever changes seats holds them alone. Locks are taken in ascending order, all in one statement,
 * before the statement that looks: nobody waits in a circle, and nobody looks before the other has committed.
 */
import type { Transaction } from './database.ts'

/**
 * Lines are locked by the bucket, so that a large batch cannot use up the server's table of locks. Enough buckets that
 * two batches seldom share one.
 */
const BUCKETS = 1_024

/** Tells our locks from those of other programs on the same database: "form" in ASCII. */
export const LOCKS = 0x666f726d

/** For an addition. `persons` as they are kept. */
export function shareLines(sql: Transaction, persons: readonly string[]): void {
  sql.send(
    `SELECT pg_advisory_xact_lock_shared(${LOCKS}, bucket) FROM (
       SELECT DISTINCT (form_sync_line(person) & ${BUCKETS - 1})::integer AS bucket
       FROM unnest($1::text[]) AS person ORDER BY bucket
     ) AS buckets`,
    persons,
  )
}

/** For whoever changes seats: the lines of the jobs of these ids, as they are kept. */
export function holdLines(sql: Transaction, ids: readonly string[]): void {
  sql.send(
    `SELECT pg_advisory_xact_lock(${LOCKS}, bucket) FROM (
       SELECT DISTINCT (job.line & ${BUCKETS - 1})::integer AS bucket
       FROM unnest($1::text[]) AS of (id)
       JOIN form_sync_job AS job ON left(job.id, 500) = left(of.id, 500) AND job.id = of.id
       WHERE job.line IS NOT NULL ORDER BY bucket
     ) AS buckets`,
    ids,
  )
}

/**
 * Makes the oldest waiting job of each line the one that may go. A younger one may be out, where the oldest was replayed
 * or settled meanwhile: then it is due when that one's call is over, and no sooner. The only place that decides it, but
 * for a lead that comes. Two statements, for no line may have two ready for a moment.
 */
export function reseat(sql: Transaction, lines: readonly string[]): void {
  sql.send(
    `UPDATE form_sync_job AS job SET state = 'behind' FROM unnest($1::bigint[]) AS of (its_line)
     WHERE job.line = its_line AND job.state = 'ready' AND job.seq > (
       SELECT min(seq) FROM form_sync_job AS next WHERE next.line = its_line AND next.state = 'behind')`,
    lines,
  )
  sql.send(
    `UPDATE form_sync_job AS job SET state = 'ready', due_at = greatest(job.due_at, oldest.over)
     FROM (
       SELECT coalesce(
           (SELECT seq FROM form_sync_job WHERE line = its_line AND state = 'ready'),
           (SELECT min(seq) FROM form_sync_job WHERE line = its_line AND state = 'behind')) AS its_seq,
         (SELECT max(due_at) FROM form_sync_job WHERE line = its_line AND call IS NOT NULL) AS over
       FROM unnest($1::bigint[]) AS of (its_line)
     ) AS oldest
     WHERE job.seq = its_seq AND (job.state <> 'ready' OR job.due_at < oldest.over)`,
    lines,
  )
}
