/** The rows of an account that are not jobs: its control row, its batches, its counters. It decides nothing. */
import { parseState, type AccountState, type Leased } from '../account-state.ts'
import { COUNTERS, type CounterChange } from '../counters.ts'
import type { JobRow } from '../job-row.ts'
import type { LeasedBatch } from '../lost-calls.ts'
import type { AccountSql } from './database.ts'

/** Reads the state of the account. */
export function readState(sql: AccountSql): AccountState {
  const [row] = sql.run<{ state: string | null }>('SELECT state FROM control WHERE account = ?', sql.account)
  return parseState(row?.state)
}

/** Stores the state of the account. */
export function writeState(sql: AccountSql, state: AccountState): void {
  sql.run('UPDATE control SET state = ? WHERE account = ?', JSON.stringify(state), sql.account)
}

/** Counts the batches and call slots that are out. */
export function readLeased(sql: AccountSql, now: number): Leased {
  const [row] = sql.run<{ out: number; first_end: number | null; shared: number }>(
    `SELECT count(*) AS out, min(lease_expires_at) AS first_end, count(batch_key) AS shared FROM batch
     WHERE account = ? AND lease_expires_at > ?`,
    sql.account,
    now,
  )
  return { out: row?.out ?? 0, firstEnd: row?.first_end ?? undefined, shared: row?.shared ?? 0 }
}

/** Starts a batch of these jobs, or a call slot without jobs. Expired ones are forgotten, whatever the clock says later. */
export function startBatch(sql: AccountSql, jobs: readonly JobRow[], leaseExpiresAt: number, now: number): number {
  sql.run('DELETE FROM batch WHERE account = ? AND lease_expires_at <= ?', sql.account, now)
  const statement = `INSERT INTO batch (account, claimed_at, lease_expires_at, jobs, batch_key) VALUES (?, ?, ?, ?, ?)
    RETURNING id`
  const key = jobs[0]?.batch_key ?? null
  return sql.run<{ id: number }>(statement, sql.account, now, leaseExpiresAt, jobs.length, key)[0]!.id
}

/** Ends a batch. Undefined when it has expired and was forgotten. */
export function endBatch(sql: AccountSql, id: number): LeasedBatch | undefined {
  const statement = 'DELETE FROM batch WHERE id = ? AND account = ? RETURNING jobs, claimed_at, lease_expires_at'
  const [row] = sql.run<{ jobs: number; claimed_at: number; lease_expires_at: number }>(statement, id, sql.account)
  return row && { id, size: row.jobs, claimedAt: row.claimed_at, leaseExpiresAt: row.lease_expires_at }
}

const SUMS = COUNTERS.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')
const ADD_COUNTS = `INSERT INTO counter (account, form, ${COUNTERS.join(', ')})
  VALUES (?, ?, ${COUNTERS.map(() => '?').join(', ')}) ON CONFLICT (account, form) DO UPDATE SET ${SUMS}`

/** Adds changes to the counters. */
export function addCounts(sql: AccountSql, changes: readonly CounterChange[]): void {
  for (const { form, add } of changes) sql.run(ADD_COUNTS, sql.account, form, ...COUNTERS.map((name) => add[name] ?? 0))
}
