/** Finds and erases the rows of a person; see `../person.ts`. */
import { countDiscards, headlessPeople, type DiscardedRow } from '../discard.ts'
import { JOB_COLUMNS, type JobRow } from '../job-row.ts'
import type { EraseStep, Erasing, PersonPage } from '../outbox.ts'
import { countRows, ERASED_LEAD_ID, erasedStep, eraseNote, eraseOwed, MAX_ERASED, personPage } from '../person.ts'
import { withoutPerson } from '../lost-calls.ts'
import { addCounts, readState, writeState } from './control.ts'
import type { AccountSql } from './database.ts'
import { IS_UNDER_WAY, promoteQueued, readOwed } from './discard.ts'
import { removeSent } from './newest-sent.ts'
import { writeOwed } from './owed.ts'

/** Numbers of the jobs of a person. One query a state, so that each has its index. */
const SEQS_OF = ['ready', 'queued', 'delivered']
  .map((state) => `SELECT seq FROM job WHERE account = ?1 AND person_key = ?2 AND state = '${state}'`)
  .concat(`SELECT seq FROM job WHERE account = ?1 AND person_key = ?2 AND state IN ('held', 'parked')`)
  .join(' UNION ALL ')

/** Returns a page of the rows of a person; see the port. */
export function findPerson(sql: AccountSql, person: string, limit: number, after = '0'): PersonPage {
  const rows = sql.run<JobRow & { under_way: number; owes: number }>(
    `SELECT ${JOB_COLUMNS}, ${IS_UNDER_WAY} AS under_way,
       EXISTS (SELECT 1 FROM owed WHERE owed.seq = job.seq) AS owes
     FROM job WHERE seq IN (${SEQS_OF}) AND seq > ?3 ORDER BY seq LIMIT ?4`,
    sql.account,
    person,
    Number(after),
    limit,
  )
  return personPage(rows, limit)
}

/**
 * Erases rows of a person, within a transaction; see the port.
 *
 * @param leaseEnd when a lease would expire that began now
 */
export function erase(sql: AccountSql, person: string, erasing: Erasing, now: number, leaseEnd: number): EraseStep {
  const underWay = count(sql, person, IS_UNDER_WAY)
  if (erasing.dryRun) {
    const rows = count(sql, person, `NOT ${IS_UNDER_WAY}`)
    return { ...countRows(rows), owed: countOwed(sql, person), underWay: sumOf(underWay), ids: [], more: false }
  }
  const rows = sql.run<DiscardedRow & Record<string, string | number | null>>(
    `SELECT seq, id, form, state, person_key, visitor_key, attempts, due_at, lead_id, 0 AS at FROM job
     WHERE seq IN (${SEQS_OF}) AND NOT ${IS_UNDER_WAY} ORDER BY seq LIMIT ${MAX_ERASED}`,
    sql.account,
    person,
  )
  const owed = rows.length > 0 ? eraseRows(sql, rows, eraseNote(erasing, now), now, leaseEnd) : 0
  if (rows.length > 0) forgetLostCalls(sql, person)
  return erasedStep(rows, { owed, underWay: sumOf(underWay) })
}

function forgetLostCalls(sql: AccountSql, person: string): void {
  const state = readState(sql)
  const lost = withoutPerson(state.lost, person)
  if (lost !== state.lost) writeState(sql, { ...state, lost })
}

function count(sql: AccountSql, person: string, condition: string): Map<string, number> {
  const rows = sql.run<{ state: string; rows: number }>(
    `SELECT state, count(*) AS rows FROM job WHERE seq IN (${SEQS_OF}) AND ${condition} GROUP BY state`,
    sql.account,
    person,
  )
  return new Map(rows.map(({ state, rows }) => [state, rows]))
}

function countOwed(sql: AccountSql, person: string): number {
  const [row] = sql.run<{ owed: number }>(
    `SELECT count(*) AS owed FROM owed WHERE seq IN (${SEQS_OF}) AND batch IS NULL`,
    sql.account,
    person,
  )
  return row!.owed
}

function sumOf(numbers: ReadonlyMap<string, number>): number {
  return [...numbers.values()].reduce((sum, number) => sum + number, 0)
}

/** Erases rows, and returns how many cookies were owed for them. */
function eraseRows(
  sql: AccountSql,
  rows: readonly DiscardedRow[],
  note: string,
  now: number,
  leaseEnd: number,
): number {
  const seqs = JSON.stringify(rows.map(({ seq }) => seq))
  const owed = readOwed(sql, seqs)
  writeOwed(sql, eraseOwed(owed))
  sql.run(
    `UPDATE job SET settled_at = iif(state = 'delivered', settled_at, ?3), state = 'delivered', due_at = NULL, turn = NULL,
       max_batch_size = NULL, lead = NULL, person_key = NULL, visitor_key = NULL, content_key = NULL, rejected = '[]',
       stale = '[]', history = '[]', notes = json_insert(notes, '$[#]', ?2), source = NULL, rules = NULL, reason = NULL,
       lead_id = iif(lead_id IS NULL, NULL, ${ERASED_LEAD_ID})
     WHERE seq IN (SELECT value FROM json_each(?1))`,
    seqs,
    note,
    now,
  )
  const undelivered = rows.filter(({ state }) => state !== 'delivered')
  addCounts(sql, countDiscards(undelivered))
  removeSent(sql, rows)
  promoteQueued(sql, headlessPeople(undelivered, now, leaseEnd))
  return owed.length
}
