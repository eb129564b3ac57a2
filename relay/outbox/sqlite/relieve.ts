/** Relief of pressure: gives jobs with a cookie the batch key that they have without it. The rules are in `../pressure.ts`. */
import type { AccountState, Leased } from '../account-state.ts'
import type { BatchKeys } from '../batch-planner.ts'
import { leadOf, type JobRow } from '../job-row.ts'
import type { Limits } from '../limits/limits.ts'
import { aloneLimit, EXAMINED_JOBS, keyWithoutCookie, pressureAfter } from '../pressure.ts'
import type { AccountSql } from './database.ts'
import { HAS_TURN, LATER } from './turns.ts'

/** Examines a page of jobs under pressure, within a transaction. Returns the state with the pressure afterwards. */
export function relieve(
  sql: AccountSql,
  batchKeys: BatchKeys,
  state: AccountState,
  limits: Limits,
  leased: Leased,
  now: number,
): AccountState {
  const limit = aloneLimit(state.budget, limits, batchKeys, leased, now)
  const isPressed = () => limit < Infinity && countAlone(sql, limit + 1) > limit
  if (!state.pressure && !isPressed()) return state
  const rows = sql.run<Pick<JobRow, 'seq' | 'id' | 'lead'>>(
    `SELECT seq, id, lead FROM job INDEXED BY job_cookie WHERE account = ? AND seq > ? AND batch_key IS NULL
       AND visitor_key IS NOT NULL AND state IN ('ready', 'queued') ORDER BY seq LIMIT ${EXAMINED_JOBS}`,
    sql.account,
    state.pressure?.after ?? 0,
  )
  for (const row of rows) {
    const key = keyWithoutCookie(leadOf(row), batchKeys)
    if (key !== null) sql.run('UPDATE job SET batch_key = ?, turn = NULL WHERE seq = ?', key, row.seq)
  }
  return { ...state, pressure: pressureAfter(state.pressure, rows, rows.length < EXAMINED_JOBS && !isPressed()) }
}

/** Counts the jobs that go alone, at most `max`. */
function countAlone(sql: AccountSql, max: number): number {
  const [row] = sql.run<{ alone: number }>(
    `SELECT count(*) AS alone FROM (
       SELECT 1 FROM job WHERE account = ?1 AND batch_key IS NULL AND ${HAS_TURN}
       UNION ALL SELECT 1 FROM job WHERE account = ?1 AND ${LATER[0]} LIMIT ?2)`,
    sql.account,
    max,
  )
  return row!.alone
}
