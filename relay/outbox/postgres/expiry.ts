/** Discards parked and held leads that have expired; see `../expiry.ts`. */
import type { DiscardedRow } from '../discard.ts'
import { countExpired, expiredBefore, expireNote, lookAtExpiry, type ExpiredLeads } from '../expiry.ts'
import { addCounts, lockState, writeState } from './control.ts'
import type { AccountTransaction, Row } from './database.ts'
import { discardRows, IS_UNDER_WAY } from './discard.ts'

/**
 * Discards expired leads, within a transaction; see the port.
 *
 * @param leaseEnd when a lease would expire that began now
 */
export async function expire(
  sql: AccountTransaction,
  keepMs: number,
  now: number,
  limit: number,
  leaseEnd: number,
): Promise<ExpiredLeads[]> {
  const state = await lockState(sql)
  const expiry = lookAtExpiry(state.expiry, keepMs, now)
  if (expiry !== state.expiry) writeState(sql, { ...state, expiry })
  const before = expiry && expiredBefore(expiry, now)
  if (before === undefined) return []
  const held = await readExpired(sql, 'held', before, limit)
  const rows = [...held, ...(await readExpired(sql, 'parked', before, limit - held.length))]
  if (rows.length === 0) return []
  await discardRows(sql, rows, expireNote(keepMs, now), now, leaseEnd)
  const expired = countExpired(rows)
  addCounts(
    sql,
    expired.map(({ form, leads }) => ({ form, add: { expired_total: leads } })),
  )
  return expired
}

function readExpired(
  sql: AccountTransaction,
  state: 'held' | 'parked',
  before: number,
  limit: number,
): Promise<DiscardedRow[]> {
  return sql.run<DiscardedRow & Row>(
    `SELECT seq, id, form, state, person_key, visitor_key, attempts, due_at, lead_id, settled_at AS at
     FROM form_sync_job AS job
     WHERE account = $1 AND state = $2 AND state IN ('held', 'parked') AND settled_at < $3 AND NOT ${IS_UNDER_WAY}
     ORDER BY settled_at, id LIMIT $4`,
    sql.account,
    state,
    before,
    limit,
  )
}
