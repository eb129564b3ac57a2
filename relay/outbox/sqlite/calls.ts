/** The table `call`: the calls that are under way, each until it is settled or over. */
import { availableCalls, nextCallAt, budgetAfterStart } from '../limits/call-budget.ts'
import type { Sql } from './database.ts'
import type { Limits } from '../limits/limits.ts'
import type { CallSlot } from '../outbox.ts'
import { readAllowance, writeAllowance } from './state.ts'

/** How many are under way, and when the first of them is over. */
export function underWay(sql: Sql, now: number): { out: number; over: number | undefined } {
  const [row] = sql.run<{ out: number; over: number | null }>(
    'SELECT count(*) AS out, min(until) AS over FROM call WHERE until > ?',
    now,
  )
  return { out: row?.out ?? 0, over: row?.over ?? undefined }
}

/** Begins a call. One that is over counts no more, whatever the clock says later. */
export function beginCall(sql: Sql, until: number, now: number): number {
  sql.run('DELETE FROM call WHERE until <= ?', now)
  return sql.run<{ id: number }>('INSERT INTO call (until) VALUES (?) RETURNING id', until)[0]!.id
}

export function endCall(sql: Sql, call: number): void {
  sql.run('DELETE FROM call WHERE id = ?', call)
}

/** A call for something else than a waiting lead. */
export function permit(sql: Sql, limits: Limits, now: number, until: number): CallSlot {
  const allowance = readAllowance(sql)
  const underway = underWay(sql, now)
  if (availableCalls(allowance, limits, underway.out, now) < 1)
    return { at: nextCallAt(allowance, limits, underway, now) }
  writeAllowance(sql, budgetAfterStart(allowance, limits, 1, now))
  return { call: beginCall(sql, until, now) }
}
