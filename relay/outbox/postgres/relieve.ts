/** Relief of pressure: gives jobs with a cookie the batch key that they have without it. The rules are in `../pressure.ts`. */
import type { AccountState, Leased } from '../account-state.ts'
import type { BatchKeys } from '../batch-planner.ts'
import { leadOf, type JobRow } from '../job-row.ts'
import type { Limits } from '../limits/limits.ts'
import { aloneLimit, EXAMINED_JOBS, keyWithoutCookie, pressureAfter } from '../pressure.ts'
import type { AccountTransaction } from './database.ts'
import { HAS_TURN } from './turns.ts'

/** Examines a page of jobs under pressure, within a transaction. Resolves with the state with the pressure afterwards. */
export async function relieve(
  sql: AccountTransaction,
  batchKeys: BatchKeys,
  state: AccountState,
  limits: Limits,
  leased: Leased,
  now: number,
): Promise<AccountState> {
  const limit = aloneLimit(state.budget, limits, batchKeys, leased, now)
  const isPressed = async () => limit < Infinity && (await countAlone(sql, limit + 1)) > limit
  if (!state.pressure && !(await isPressed())) return state
  const rows = await sql.run<Pick<JobRow, 'seq' | 'id' | 'lead'>>(
    `SELECT seq, id, lead FROM form_sync_job WHERE account = $1 AND seq > $2 AND batch_key IS NULL
       AND visitor_key IS NOT NULL AND state IN ('ready', 'queued') ORDER BY account, seq LIMIT ${EXAMINED_JOBS}
     FOR UPDATE SKIP LOCKED`,
    sql.account,
    state.pressure?.after ?? 0,
  )
  const shared = rows.flatMap((row) => {
    const key = keyWithoutCookie(leadOf(row), batchKeys)
    return key === null ? [] : [{ seq: row.seq, key }]
  })
  if (shared.length > 0) {
    sql.send(
      `UPDATE form_sync_job AS job SET batch_key = new.key, turn = NULL FROM unnest($1::bigint[], $2::text[]) AS new (seq, key)
       WHERE job.seq = new.seq`,
      shared.map(({ seq }) => seq),
      shared.map(({ key }) => key),
    )
  }
  const isOver = rows.length < EXAMINED_JOBS && !(await isPressed())
  return { ...state, pressure: pressureAfter(state.pressure, rows, isOver) }
}

/** Counts the jobs that go alone, at most `max`. */
async function countAlone(sql: AccountTransaction, max: number): Promise<number> {
  const [row] = await sql.run<{ alone: number }>(
    `SELECT count(*) AS alone FROM (
       SELECT FROM form_sync_job WHERE account = $1 AND batch_key IS NULL AND ${HAS_TURN}
       UNION ALL SELECT FROM form_sync_job WHERE account = $1 AND batch_key IS NULL AND state = 'ready' AND turn IS NULL
       LIMIT $2) AS jobs`,
    sql.account,
    max,
  )
  return row!.alone
}
