/** Turns: which place a job has among those of its lane. The rules are in `../source-turn.ts`. */
import { KEEPS_PLACE, TURNS_AT_ONCE } from '../source-turn.ts'
import type { AccountSql } from './database.ts'

const IN_TURN = `state = 'ready' AND turn IS NOT NULL`

/** Returns an expression for the turn of a job with these values; `source` is null to have the turn of the next job. */
export function turnOf(account: string, batchKey: string, form: string, source: string): string {
  const ofLane = `FROM job AS other
    WHERE other.account = ${account} AND other.batch_key IS ${batchKey} AND other.form = ${form} AND ${IN_TURN}`
  return `max(coalesce((SELECT min(turn) ${ofLane}), 0), coalesce((SELECT max(turn) ${ofLane} AND other.source = ${source}), -1) + 1)`
}

const TURN_IN_PLACE = turnOf('job.account', 'job.batch_key', 'job.form', 'NULL')
const NEXT_TURN = turnOf('job.account', 'job.batch_key', 'job.form', 'job.source')

/** Gives jobs their turns whose time has come: those first that keep their place. */
export function giveTurns(sql: AccountSql, now: number): void {
  const due = ['', 'NOT '].flatMap((not) =>
    sql
      .run<{ seq: number; in_place: number }>(
        `SELECT seq, due_at, ${KEEPS_PLACE} AS in_place FROM job
         WHERE account = ?1 AND state = 'ready' AND turn IS NULL AND batch_key IS ${not}NULL AND due_at <= ?2
         ORDER BY due_at, seq LIMIT ${TURNS_AT_ONCE}`,
        sql.account,
        now,
      )
      .toSorted((a, b) => b.in_place - a.in_place),
  )
  for (const { seq, in_place: isInPlace } of due) {
    sql.run(`UPDATE job SET turn = ${isInPlace ? TURN_IN_PLACE : NEXT_TURN} WHERE seq = ?`, seq)
  }
}
