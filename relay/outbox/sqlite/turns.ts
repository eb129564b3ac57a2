/** Turns: which place a job has among those of its lane. The rules are in `../source-turn.ts`. */
import { KEEPS_PLACE, TURNS_AT_ONCE } from '../source-turn.ts'
import type { AccountSql } from './database.ts'

/** Condition for a job that has a turn. A job that is leased has none. */
export const HAS_TURN = `state = 'ready' AND turn IS NOT NULL`

/** Conditions for a job that has no turn: one that goes alone, and one with a batch key. Each has its index. */
export const LATER = ['', 'NOT '].map((not) => `state = 'ready' AND turn IS NULL AND batch_key IS ${not}NULL`)

/** Returns an expression for the turn of a job with these values; `source` is null to have the turn of the next job. */
export function turnOf(account: string, batchKey: string, form: string, source: string): string {
  const ofLane = `FROM job AS other WHERE other.account = ${account} AND other.batch_key IS ${batchKey}
    AND other.form = ${form} AND ${HAS_TURN}`
  return `max(coalesce((SELECT min(turn) ${ofLane}), 0),
    coalesce((SELECT max(turn) ${ofLane} AND other.source = ${source}), -1) + 1)`
}

/** Gives jobs their turns whose time has come: those first that keep their place. */
export function giveTurns(sql: AccountSql, now: number): void {
  for (const condition of LATER) {
    const due = sql.run<{ seq: number; keeps: number }>(
      `SELECT seq, due_at, ${KEEPS_PLACE} AS keeps FROM job WHERE account = ? AND ${condition} AND due_at <= ?
       ORDER BY due_at, seq LIMIT ${TURNS_AT_ONCE}`,
      sql.account,
      now,
    )
    for (const { seq, keeps } of due.toSorted((a, b) => b.keeps - a.keeps)) {
      const source = keeps ? 'NULL' : 'job.source'
      sql.run(`UPDATE job SET turn = ${turnOf('job.account', 'job.batch_key', 'job.form', source)} WHERE seq = ?`, seq)
    }
  }
}
