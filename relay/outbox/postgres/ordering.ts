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
import { IS_ASIDE } from '../step-aside.ts'
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
  sql.send(lockingStatement('unnest($1::text[]) AS of (id) JOIN form_sync_job AS job ON job.id = of.id'), ids)
}

/** Locks the people of the jobs of these numbers for a claim. */
export function lockPeopleOfSeqs(sql: AccountTransaction, seqs: readonly number[]): void {
  sql.send(lockingStatement('unnest($1::bigint[]) AS of (seq) JOIN form_sync_job AS job ON job.seq = of.seq'), seqs)
}

/** Locks people for a claim. */
export function lockPeople(sql: AccountTransaction, people: readonly string[]): void {
  sql.send(lockingStatement('unnest($1::text[]) AS job (person_key)'), people)
}

/** Returns a statement that locks the people of the jobs of a query. */
function lockingStatement(jobs: string): string {
  return `SELECT pg_advisory_xact_lock(${LOCKS}, bucket) FROM (
       SELECT DISTINCT hashtext(job.person_key) & ${BUCKETS - 1} AS bucket FROM ${jobs}
       WHERE job.person_key IS NOT NULL ORDER BY bucket
     ) AS buckets`
}

/** A query for the waiting jobs of `of.person` that meet a condition. One query a state, so that each has its index. */
function waiting(condition: string, order: string): string {
  return ['ready', 'queued']
    .map(
      (state) => `(SELECT seq, due_at FROM form_sync_job
        WHERE account = $1 AND person_key = of.person AND state = '${state}' AND ${condition} ORDER BY ${order} LIMIT 1)`,
    )
    .join(' UNION ALL ')
}

/** The job of `of.person` that is next: the oldest one that has not stepped aside, or else the one that is due first. */
const NEXT = `coalesce(
  (SELECT min(seq) FROM (${waiting(`NOT ${IS_ASIDE}`, 'seq')}) AS in_place),
  (SELECT seq FROM (${waiting('true', 'due_at, seq')}) AS aside ORDER BY due_at, seq LIMIT 1))`

/** When the lease of `of.person` ends, if one of their jobs is leased. */
const LEASE_END = `(SELECT max(due_at) FROM form_sync_job
  WHERE account = $1 AND person_key = of.person AND batch IS NOT NULL)`

/**
 * Returns a statement that makes the jobs of a query ready: due no sooner than `not_before`, and than the lease of its person
 * ends. One that is leased keeps its time.
 *
 * The query is computed once. Joined to the jobs, it would be computed for each of them where the statistics date from a time
 * when the table was empty.
 */
function makeReady(next: string, condition = 'true'): string {
  return `WITH next AS MATERIALIZED (${next})
    UPDATE form_sync_job AS job SET state = 'ready', turn = NULL,
      due_at = CASE WHEN batch IS NULL THEN greatest(due_at, next.not_before, next.lease_end) ELSE due_at END
    FROM next WHERE job.seq = next.next_seq AND ${condition}`
}

/**
 * Makes the next job of each person the one that may be leased. Another one may be leased, where an older one was replayed
 * meanwhile: then the next is due when that lease ends, and no sooner. Two statements, because a person may never have two
 * jobs that are ready.
 *
 * @param notBefore earliest time at which the job of each may be due; none when it is empty
 */
export function promoteNext(
  sql: AccountTransaction,
  persons: readonly string[],
  notBefore: readonly number[] = persons.map(() => 0),
): void {
  sql.send(
    `UPDATE form_sync_job AS job SET state = 'queued', turn = NULL FROM unnest($2::text[]) AS of (person)
     WHERE job.account = $1 AND job.person_key = of.person AND job.state = 'ready' AND job.seq <> ${NEXT}`,
    sql.account,
    persons,
  )
  sql.send(
    makeReady(
      `SELECT ${NEXT} AS next_seq, of.not_before, ${LEASE_END} AS lease_end
       FROM unnest($2::text[], $3::bigint[]) AS of (person, not_before)`,
      `(state <> 'ready' OR (batch IS NULL AND due_at < greatest(next.not_before, next.lease_end)))`,
    ),
    sql.account,
    persons,
    notBefore,
  )
}

/**
 * Lets leads go before those of their people that have stepped aside, if this transaction has queued them: a repeated
 * addition changes nothing. A call for one that has stepped aside may still be under way: no longer than until it is due,
 * and no longer than a lease that begins now. The rows are locked in their order, as other additions lock them.
 *
 * @param leaseEnd when a lease would expire that began now
 */
export function overtake(sql: AccountTransaction, persons: readonly string[], leaseEnd: number): void {
  sql.send(
    `WITH aside AS MATERIALIZED (
       SELECT seq FROM form_sync_job AS ready
       WHERE account = $1 AND person_key = ANY($2::text[]) AND state = 'ready' AND ${IS_ASIDE} AND EXISTS (
         SELECT FROM form_sync_job AS job
         WHERE account = $1 AND job.person_key = ready.person_key AND state = 'queued' AND NOT ${IS_ASIDE}
           AND job.xmin = pg_current_xact_id()::xid)
       ORDER BY seq FOR UPDATE
     )
     UPDATE form_sync_job AS job SET state = 'queued', turn = NULL FROM aside WHERE job.seq = aside.seq`,
    sql.account,
    persons,
  )
  sql.send(
    makeReady(
      `SELECT ${NEXT} AS next_seq, ${LEASE_END} AS lease_end, (
           SELECT least(max(due_at), $3::bigint) FROM form_sync_job
           WHERE account = $1 AND person_key = of.person AND state = 'queued' AND ${IS_ASIDE} HAVING count(*) > 0
         ) AS not_before
       FROM unnest($2::text[]) AS of (person)
       WHERE NOT EXISTS (
         SELECT FROM form_sync_job WHERE account = $1 AND person_key = of.person AND state = 'ready')`,
    ),
    sql.account,
    persons,
    leaseEnd,
  )
}
