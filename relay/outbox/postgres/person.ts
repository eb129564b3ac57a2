/** Finds and erases the rows of a person; see `../person.ts`. */
import { countDiscards, headlessPeople, type DiscardedRow } from '../discard.ts'
import { JOB_COLUMNS, type JobRow } from '../job-row.ts'
import type { EraseStep, Erasing, PersonPage } from '../outbox.ts'
import { countRows, ERASED_LEAD_ID, erasedStep, eraseNote, eraseOwed, MAX_ERASED, personPage } from '../person.ts'
import { withoutPerson } from '../lost-calls.ts'
import { addCounts, lockState, writeState } from './control.ts'
import type { AccountReader, AccountTransaction, Row } from './database.ts'
import { IS_UNDER_WAY, promoteQueued, readOwed } from './discard.ts'
import { removeSent } from './newest-sent.ts'
import { lockPeopleOf } from './ordering.ts'
import { writeOwed } from './owed.ts'

/** Numbers of the jobs of a person. One query a state, so that each has its index. */
const SEQS_OF = ['ready', 'queued', 'delivered']
  .map((state) => `SELECT seq FROM form_sync_job WHERE account = $1 AND person_key = $2 AND state = '${state}'`)
  .concat(`SELECT seq FROM form_sync_job WHERE account = $1 AND person_key = $2 AND state IN ('held', 'parked')`)
  .join(' UNION ALL ')

/** Returns a page of the rows of a person; see the port. */
export async function findPerson(sql: AccountReader, person: string, limit: number, after = '0'): Promise<PersonPage> {
  const rows = await sql.run<JobRow & { under_way: number; owes: number }>(
    `SELECT ${JOB_COLUMNS}, ${IS_UNDER_WAY}::integer AS under_way,
       EXISTS (SELECT FROM form_sync_owed AS owed WHERE owed.seq = job.seq)::integer AS owes
     FROM form_sync_job AS job WHERE seq = ANY (ARRAY(${SEQS_OF})) AND seq > $3 ORDER BY seq LIMIT $4`,
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
export async function erase(
  sql: AccountTransaction,
  person: string,
  erasing: Erasing,
  now: number,
  leaseEnd: number,
): Promise<EraseStep> {
  // No job is leased, settled or replayed until the end of the transaction.
  const state = erasing.dryRun ? undefined : await lockState(sql)
  const counted = await countStates(sql, person)
  const underWay = counted.reduce((sum, row) => sum + row.under_way, 0)
  if (erasing.dryRun) {
    const others = countRows(new Map(counted.map((row) => [row.state, row.others])))
    const owed = counted.reduce((sum, row) => sum + row.owed, 0)
    return { ...others, owed, underWay, ids: [], more: false }
  }
  const rows = await sql.run<DiscardedRow & Row>(
    `SELECT seq, id, form, state, person_key, visitor_key, attempts, due_at, lead_id, 0 AS at FROM form_sync_job AS job
     WHERE seq = ANY (ARRAY(${SEQS_OF})) AND NOT ${IS_UNDER_WAY} ORDER BY seq LIMIT ${MAX_ERASED}`,
    sql.account,
    person,
  )
  const owed = rows.length > 0 ? await eraseRows(sql, rows, eraseNote(erasing, now), now, leaseEnd) : 0
  const lost = withoutPerson(state?.lost, person)
  if (state && rows.length > 0 && lost !== state.lost) writeState(sql, { ...state, lost })
  return erasedStep(rows, { owed, underWay })
}

interface StateCount extends Row {
  state: string
  under_way: number
  others: number
  /** Owed cookies of the others. */
  owed: number
}

/** Counts the jobs of a person in each state. */
function countStates(sql: AccountTransaction, person: string): Promise<StateCount[]> {
  return sql.run<StateCount>(
    `SELECT state, count(*) FILTER (WHERE is_under_way) AS under_way, count(*) FILTER (WHERE NOT is_under_way) AS others,
       count(*) FILTER (WHERE NOT is_under_way AND owes) AS owed
     FROM (
       SELECT state, ${IS_UNDER_WAY} AS is_under_way,
         EXISTS (SELECT FROM form_sync_owed AS owed WHERE owed.seq = job.seq) AS owes
       FROM form_sync_job AS job WHERE seq = ANY (ARRAY(${SEQS_OF}))
     ) AS own GROUP BY state`,
    sql.account,
    person,
  )
}

/** Erases rows, and returns how many cookies were owed for them. */
async function eraseRows(
  sql: AccountTransaction,
  rows: readonly DiscardedRow[],
  note: string,
  now: number,
  leaseEnd: number,
): Promise<number> {
  const seqs = rows.map(({ seq }) => seq)
  // A lead that is added meanwhile is stored before, and is seen, or waits until the end of the transaction.
  lockPeopleOf(
    sql,
    rows.map(({ id }) => id),
  )
  const owed = await readOwed(sql, seqs)
  writeOwed(sql, eraseOwed(owed))
  sql.send(
    `UPDATE form_sync_job SET settled_at = CASE state WHEN 'delivered' THEN settled_at ELSE $3 END, state = 'delivered',
       due_at = NULL, turn = NULL, max_batch_size = NULL, lead = NULL, person_key = NULL, visitor_key = NULL,
       content_key = NULL, rejected = '[]', stale = '[]', history = '[]', source = NULL, rules = NULL, reason = NULL,
       notes = left(notes, -1) || CASE notes WHEN '[]' THEN '' ELSE ',' END || $2::text || ']',
       lead_id = CASE WHEN lead_id IS NOT NULL THEN ${ERASED_LEAD_ID} END
     WHERE seq = ANY($1::bigint[])`,
    seqs,
    JSON.stringify(note),
    now,
  )
  const undelivered = rows.filter(({ state }) => state !== 'delivered')
  addCounts(sql, countDiscards(undelivered))
  removeSent(sql, rows)
  await promoteQueued(sql, headlessPeople(undelivered, now, leaseEnd))
  return owed.length
}
