/**
 * The end of leases, by clocks that are never set.
 *
 * Stored times are those of the database's clock, and that may be set while batches are out. So no lease ends by it alone: a
 * node counts for how long it has seen a batch, and what it has counted is stored for nodes that start. Hence
 *
 * - no lease ends before it has lasted its length: every count begins when the batch is there already;
 * - every lease ends once nodes have run for its length, whatever the database's clock shows. A node that crashes loses a
 *   tenth of a lease at most of what it has counted.
 *
 * A lease that ends too early or too late by the database's clock is stored again with another end, so that everything else
 * may go by that clock. A call that ended without an answer counts as a batch until its lease would have ended.
 */
import type { AccountState, Counted, Leased } from '../account-state.ts'
import { withProbe } from '../circuit-breaker.ts'
import { endingAt, type LostCall } from '../lost-calls.ts'
import { lockState, readLeased, writeState } from './control.ts'
import type { AccountTransaction, Row } from './database.ts'

export interface LeaseWatch {
  /** Begins to count for batches that were leased just now. */
  begin(ids: readonly number[]): void
  /**
   * Returns for how long each of these batches has been out at least, in ms, and forgets all others.
   *
   * @param counted what nodes have counted
   */
  ages(ids: readonly number[], counted: ReadonlyMap<number, number>): Map<number, number>
}

/** Largest expected difference between the clocks of two nodes, in ms. */
const TOLERANCE_MS = 1_000

/** Part of a lease after which the count is stored again. */
const STORED_PART = 0.1

/** @param elapsed returns ms from a monotonic clock */
export function createLeaseWatch(elapsed: () => number): LeaseWatch {
  /** The latest time at which each batch can have begun. */
  let begun = new Map<number, number>()
  return {
    begin(ids) {
      const time = elapsed()
      for (const id of ids) begun.set(id, time)
    },
    ages(ids, counted) {
      const time = elapsed()
      begun = new Map(ids.map((id) => [id, Math.min(begun.get(id) ?? time, time - (counted.get(id) ?? 0))]))
      return new Map([...begun].map(([id, from]) => [id, time - from]))
    },
  }
}

interface BatchRow extends Row {
  id: number
  length: number
  lease_expires_at: number
}

/**
 * Locks the control row, and reads the state of the account and what is out, once all leases have the end that they should
 * have.
 *
 * @param watch absent to trust the database's clock
 */
export async function lockLeases(
  sql: AccountTransaction,
  watch: LeaseWatch | undefined,
  now: number,
): Promise<{ state: AccountState; leased: Leased }> {
  const [state, leased, out] = await Promise.all([
    lockState(sql),
    readLeased(sql, now),
    watch ? sql.run<BatchRow>(BATCHES, sql.account) : [],
  ])
  const batches = [...out, ...(state.lost ?? []).map(rowOf)]
  if (!watch || batches.length === 0) return { state, leased }
  const counted = new Map(state.counted)
  const ages = watch.ages(
    batches.map(({ id }) => id),
    counted,
  )
  const ends = newEnds(batches, ages, now)
  const isFarAhead = ({ id, length }: BatchRow) => ages.get(id)! - (counted.get(id) ?? 0) >= length * STORED_PART
  const counting = batches.some(isFarAhead) ? { ...state, counted: countsOf(ages) } : state
  const kept = withLostEnds(withProbeEnd(counting, out, ends), ends)
  if (kept !== state) writeState(sql, kept)
  if (ends.size === 0) return { state: kept, leased }
  for (const statement of [writeDue('job'), writeDue('owed'), WRITE_BATCHES]) {
    sql.send(statement, sql.account, [...ends.keys()], [...ends.values()])
  }
  return { state: kept, leased: await readLeased(sql, now) }
}

/** Returns the ends of the leases that are over, although they are not by the stored end, or the other way round. */
function newEnds(batches: readonly BatchRow[], ages: ReadonlyMap<number, number>, now: number): Map<number, number> {
  const ends = new Map<number, number>()
  for (const { id, length, lease_expires_at: end } of batches) {
    const left = Math.ceil(length - ages.get(id)!)
    const wasSetBack = end > now + length + TOLERANCE_MS
    if (left <= 0 ? end > now : end <= now || wasSetBack) ends.set(id, now + Math.max(0, left))
  }
  return ends
}

function countsOf(ages: ReadonlyMap<number, number>): Counted[] {
  return [...ages].map(([batch, age]): Counted => [batch, Math.floor(age)])
}

/** Returns the state in which the circuit breaker's probe ends with its batch. */
function withProbeEnd(
  state: AccountState,
  batches: readonly BatchRow[],
  ends: ReadonlyMap<number, number>,
): AccountState {
  const { breaker } = state
  const probe = batches.find(({ id }) => id === breaker?.probe?.batch)
  if (!breaker || !probe) return state
  const end = ends.get(probe.id) ?? probe.lease_expires_at
  return end === breaker.probe?.leaseExpiresAt ? state : { ...state, breaker: withProbe(breaker, probe.id, end) }
}

/** Returns the state in which the calls without an answer are over when their leases would be. */
function withLostEnds(state: AccountState, ends: ReadonlyMap<number, number>): AccountState {
  if (!state.lost?.some(({ batch }) => ends.has(batch))) return state
  return { ...state, lost: state.lost.map((call) => endingAt(call, ends.get(call.batch) ?? call.leaseExpiresAt)) }
}

function rowOf({ batch, claimedAt, leaseExpiresAt }: LostCall): BatchRow {
  return { id: batch, length: leaseExpiresAt - claimedAt, lease_expires_at: leaseExpiresAt }
}

const BATCHES = `SELECT id, lease_expires_at, lease_expires_at - claimed_at AS length FROM form_sync_batch
  WHERE account = $1`

function writeDue(table: 'job' | 'owed'): string {
  return `UPDATE form_sync_${table} AS own SET due_at = new.lease_end
    FROM unnest($2::bigint[], $3::bigint[]) AS new (batch, lease_end)
    WHERE own.account = $1 AND own.batch IS NOT NULL AND own.batch = new.batch`
}

const WRITE_BATCHES = `UPDATE form_sync_batch AS batch
  SET lease_expires_at = new.lease_end, claimed_at = new.lease_end - batch.lease_expires_at + batch.claimed_at
  FROM unnest($2::bigint[], $3::bigint[]) AS new (id, lease_end) WHERE batch.account = $1 AND batch.id = new.id`
