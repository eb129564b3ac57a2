/** Discards parked and held leads that have expired; see `../expiry.ts`. */
import type { DiscardedRow } from '../discard.ts'
import { countExpired, expiredBefore, expireNote, lookAtExpiry, type ExpiredLeads } from '../expiry.ts'
import { addCounts, readState, writeState } from './control.ts'
import type { AccountSql } from './database.ts'
import { discardRows, IS_UNDER_WAY } from './discard.ts'
import { LISTED } from './newest-sent.ts'

/**
 * Discards expired leads, within a transaction; see the port.
 *
 * @param leaseEnd when a lease would expire that began now
 */
export function expire(sql: AccountSql, keepMs: number, now: number, limit: number, leaseEnd: number): ExpiredLeads[] {
  const state = readState(sql)
  const expiry = lookAtExpiry(state.expiry, keepMs, now)
  if (expiry !== state.expiry) writeState(sql, { ...state, expiry })
  const before = expiry && expiredBefore(expiry, now)
  if (before === undefined) return []
  const held = readExpired(sql, 'held', before, limit)
  const rows = [...held, ...readExpired(sql, 'parked', before, limit - held.length)]
  if (rows.length === 0) return []
  discardRows(sql, rows, expireNote(keepMs, now), now, leaseEnd)
  const expired = countExpired(rows)
  addCounts(
    sql,
    expired.map(({ form, leads }) => ({ form, add: { expired_total: leads } })),
  )
  return expired
}

function readExpired(sql: AccountSql, state: 'held' | 'parked', before: number, limit: number): DiscardedRow[] {
  return sql.run<DiscardedRow & Record<string, string | number | null>>(
    `SELECT seq, id, form, state, person_key, visitor_key, attempts, due_at, lead_id, settled_at AS at FROM job
     WHERE account = ? AND state = '${state}' AND ${LISTED} AND settled_at < ? AND NOT ${IS_UNDER_WAY}
     ORDER BY settled_at, id LIMIT ?`,
    sql.account,
    before,
    limit,
  )
}
