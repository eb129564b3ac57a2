/** The tables with no row or one: the halt that stands, and what is left of the limits. What they mean stands elsewhere. */
import { FULL_BUDGET, type CallBudget } from '../limits/call-budget.ts'
import type { Row, Sql } from './database.ts'
import type { Breaker } from '../circuit-breaker.ts'

interface HaltRow extends Row {
  until: number
  reason: string
  blocked: number
  passed: number
  probe: number | null
  probe_until: number | null
}

/** The halt that stands, if one does. */
export function readHalt(sql: Sql): Breaker | undefined {
  const [row] = sql.run<HaltRow>('SELECT until, reason, blocked, passed, probe, probe_until FROM halt WHERE only = 1')
  if (!row) return undefined
  const { until, reason, blocked, passed, probe, probe_until: probeUntil } = row
  return {
    until,
    reason,
    blocked: blocked === 1,
    passed,
    probe: probe !== null && probeUntil !== null ? { call: probe, until: probeUntil } : undefined,
  }
}

/** Puts a halt in the place of whatever stood; undefined ends it. */
export function writeHalt(sql: Sql, halt: Breaker | undefined): void {
  if (!halt) {
    sql.run('DELETE FROM halt WHERE only = 1')
    return
  }
  sql.run(
    `INSERT OR REPLACE INTO halt (only, until, reason, blocked, passed, probe, probe_until)
     VALUES (1, ?, ?, ?, ?, ?, ?)`,
    halt.until,
    halt.reason,
    halt.blocked ? 1 : 0,
    halt.passed,
    halt.probe?.call ?? null,
    halt.probe?.until ?? null,
  )
}

interface AllowanceRow extends Row {
  tokens: number
  filled_at: number
  slowed_to: number
  slowed_at: number
  thinned_to: number
  thinned_at: number
  spent: number
  day_ends_at: number
}

/** What is left of the limits. */
export function readAllowance(sql: Sql): CallBudget {
  const [row] = sql.run<AllowanceRow>(
    `SELECT tokens, filled_at, slowed_to, slowed_at, thinned_to, thinned_at, spent, day_ends_at
     FROM allowance WHERE only = 1`,
  )
  if (!row) return FULL_BUDGET
  return {
    tokens: row.tokens,
    filledAt: row.filled_at,
    slowedTo: row.slowed_to,
    slowedAt: row.slowed_at,
    thinnedTo: row.thinned_to,
    thinnedAt: row.thinned_at,
    spent: row.spent,
    dayEndsAt: row.day_ends_at,
  }
}

/** Writes down what is left of the limits. */
export function writeAllowance(sql: Sql, allowance: CallBudget): void {
  sql.run(
    `INSERT OR REPLACE INTO allowance
       (only, tokens, filled_at, slowed_to, slowed_at, thinned_to, thinned_at, spent, day_ends_at)
     VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)`,
    allowance.tokens,
    allowance.filledAt,
    allowance.slowedTo,
    allowance.slowedAt,
    allowance.thinnedTo,
    allowance.thinnedAt,
    allowance.spent,
    allowance.dayEndsAt,
  )
}
