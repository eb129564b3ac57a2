/** Turns: which place a job has among those of its lane. The rules are in `../source-turn.ts`. */
import { KEEPS_PLACE, TURNS_AT_ONCE } from '../source-turn.ts'
import type { AccountTransaction } from './database.ts'

/** Condition for a job that has a turn. A job that is leased has none. */
export const HAS_TURN = `state = 'ready' AND turn IS NOT NULL`

/**
 * Returns an expression for the turn of rows of `own` with the columns `batch_key`, `form` and `source`, which is null to
 * have the turn of the next job. Those of one source have turns one after the other.
 *
 * PostgreSQL has no operator that compares with null and uses an index, and would read a whole lane for its minimum.
 */
export function turnOf(own: string, order: string, partition = ''): string {
  const firstTurn = (condition: string, inOrder: string) => {
    const query = (key: string) => `(SELECT turn FROM form_sync_job AS other WHERE other.account = $1 AND ${key}
      AND other.form = ${own}.form AND other.state = 'ready' AND other.turn IS NOT NULL ${condition}
      ORDER BY ${inOrder} LIMIT 1)`
    return `CASE WHEN ${own}.batch_key IS NULL THEN ${query('other.batch_key IS NULL')}
      ELSE ${query(`other.batch_key = ${own}.batch_key`)} END`
  }
  const next = firstTurn('', 'batch_key, form, turn')
  const last = firstTurn(`AND other.source = ${own}.source`, 'batch_key DESC, form DESC, source DESC, turn DESC')
  return `greatest(${next}, ${last} + 1, 0) + CASE WHEN ${own}.source IS NULL THEN 0 ELSE
      row_number() OVER (PARTITION BY ${own}.batch_key, ${own}.form, ${own}.source${partition} ORDER BY ${order}) - 1 END`
}

/** Gives jobs their turns whose time has come: those first that keep their place. */
export function giveTurns(sql: AccountTransaction, now: number): void {
  const [alone, shared] = ['IS NULL', 'IS NOT NULL'].map(
    (key) => `SELECT * FROM (
        SELECT seq, batch_key, form, source, due_at, ${KEEPS_PLACE} AS is_in_place FROM form_sync_job
        WHERE account = $1 AND state = 'ready' AND turn IS NULL AND batch_key ${key} AND due_at <= $2
        ORDER BY due_at, seq LIMIT ${TURNS_AT_ONCE} FOR UPDATE SKIP LOCKED
      ) AS later`,
  )
  for (const [source, condition] of [
    ['NULL::text', 'is_in_place'],
    ['source', 'true'],
  ]) {
    sql.send(
      `WITH new AS MATERIALIZED (
         SELECT seq, ${turnOf('due', 'due_at, seq')} AS turn
         FROM (SELECT seq, batch_key, form, ${source} AS source, due_at
               FROM (${alone} UNION ALL ${shared}) AS due WHERE ${condition}) AS due
       )
       UPDATE form_sync_job AS job SET turn = new.turn FROM new WHERE job.seq = new.seq`,
      sql.account,
      now,
    )
  }
}
