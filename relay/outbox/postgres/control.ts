/**
 * The rows of an account that are not jobs: its control row, its batches, its counters. It decides nothing.
 *
 * A transaction that leases, settles or replays locks the control row first and until its end, so that all nodes together
 * keep the limits, and no two of them change at once what is leased. An addition never locks it.
 */
import { parseState, type AccountState, type Leased } from '../account-state.ts'
import { COUNTERS, type CounterChange } from '../counters.ts'
import type { LeasedBatch } from '../lost-calls.ts'
import type { AccountTransaction, Row } from './database.ts'
import { COUNTER_SLOTS } from './schema.ts'

/** Locks the control row and reads the state of the account. */
export async function lockState(sql: AccountTransaction): Promise<AccountState> {
  const [row] = await sql.run<{ state: string | null }>(
    'SELECT state FROM form_sync_control WHERE account = $1 FOR UPDATE',
    sql.account,
  )
  return parseState(row?.state)
}

/** Stores the state of the account. */
export function writeState(sql: AccountTransaction, state: AccountState): void {
  sql.send('UPDATE form_sync_control SET state = $2 WHERE account = $1', sql.account, JSON.stringify(state))
}

/** Columns that count the batches and call slots that are out at `$2`, for a SELECT from `form_sync_batch`. */
export const LEASED_COLUMNS = 'count(*) AS out, min(lease_expires_at) AS first_end, count(batch_key) AS shared'

export interface LeasedRow extends Row {
  out: number
  first_end: number | null
  shared: number
}

/** Counts the batches and call slots that are out, of all nodes. */
export async function readLeased(sql: AccountTransaction, now: number): Promise<Leased> {
  const [row] = await sql.run<LeasedRow>(
    `SELECT ${LEASED_COLUMNS} FROM form_sync_batch WHERE account = $1 AND lease_expires_at > $2`,
    sql.account,
    now,
  )
  return leasedOf(row)
}

/** Reads `LEASED_COLUMNS`. */
export function leasedOf(row: LeasedRow | undefined): Leased {
  return { out: row?.out ?? 0, firstEnd: row?.first_end ?? undefined, shared: row?.shared ?? 0 }
}

/** Forgets batches that have expired: they count no more, whatever the clock says later. */
export function forgetExpired(sql: AccountTransaction, now: number): void {
  sql.send('DELETE FROM form_sync_batch WHERE account = $1 AND lease_expires_at <= $2', sql.account, now)
}

/** Ends a batch. Undefined when it has expired and was forgotten. */
export async function endBatch(sql: AccountTransaction, id: number): Promise<LeasedBatch | undefined> {
  const statement =
    'DELETE FROM form_sync_batch WHERE id = $1 AND account = $2 RETURNING jobs, claimed_at, lease_expires_at'
  const [row] = await sql.run<{ jobs: number; claimed_at: number; lease_expires_at: number }>(
    statement,
    id,
    sql.account,
  )
  return row && { id, size: row.jobs, claimedAt: row.claimed_at, leaseExpiresAt: row.lease_expires_at }
}

/** The end of an INSERT into `form_sync_counter` that adds to the rows that are there. */
export const ADD_UP = `ON CONFLICT (account, form, slot) DO UPDATE SET ${COUNTERS.map(
  (name) => `${name} = form_sync_counter.${name} + excluded.${name}`,
).join(', ')}`

/** The slot of this connection. */
export const SLOT = `pg_backend_pid() % ${COUNTER_SLOTS}`

/** Adds changes to the counters. */
export function addCounts(sql: AccountTransaction, changes: readonly CounterChange[]): void {
  if (changes.length === 0) return
  sql.send(
    `INSERT INTO form_sync_counter (account, form, slot, ${COUNTERS.join(', ')})
     SELECT $1, form, ${SLOT}, ${COUNTERS.join(', ')}
     FROM unnest($2::text[], ${COUNTERS.map((_, at) => `$${at + 3}::bigint[]`).join(', ')})
       AS change (form, ${COUNTERS.join(', ')}) ORDER BY form ${ADD_UP}`,
    sql.account,
    changes.map(({ form }) => form),
    ...COUNTERS.map((name) => changes.map(({ add }) => add[name] ?? 0)),
  )
}
