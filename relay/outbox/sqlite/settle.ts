/** What the jobs of a call came to, written down. */
import type { Lead } from '../../intake/lead.ts'
import { budgetAfter } from '../limits/call-budget.ts'
import type { Sql } from './database.ts'
import { breakerAfter } from '../circuit-breaker.ts'
import type { Limits } from '../limits/limits.ts'
import type { Limited, Outcome, Settlement } from '../outbox.ts'
import { JOB, names, tries, type JobRow } from '../job-row.ts'
import { readAllowance, readHalt, writeAllowance, writeHalt } from './state.ts'
import { reseat } from './promote.ts'
import { refusedPart, union, without, withAttempt } from '../batching.ts'
import { dueInOrder } from '../clock-skew.ts'

/** A call that has ended, and what it came to. */
export interface Settling {
  call: number
  settlements: readonly Settlement[]
  now: number
  limited?: Limited | undefined
}

/** See the port. Within a transaction. */
export function settle(sql: Sql, limits: Limits, { call, settlements, now, limited }: Settling): void {
  const halt = readHalt(sql)
  const current = settlements.filter((settlement) => jobOf(sql, settlement) !== undefined)
  const next = breakerAfter(halt, call, current)
  if (next !== halt) writeHalt(sql, next)
  const allowance = readAllowance(sql)
  const left = budgetAfter(allowance, limits, [...current, limited], now)
  if (left !== allowance) writeAllowance(sql, left)

  const persons = new Set<string>()
  for (const settlement of current) {
    // A second settlement of the same job finds it no longer out.
    const job = jobOf(sql, settlement)
    if (!job) continue
    settleOne(sql, job, settlement, now)
    persons.add(job.person!)
  }
  for (const person of persons) reseat(sql, person)
}

/** The job, if it is out for this attempt. */
function jobOf(sql: Sql, { id, attempt }: Settlement): JobRow | undefined {
  return sql.run<JobRow>(`SELECT ${JOB} FROM job WHERE id = ? AND attempts = ? AND call IS NOT NULL`, id, attempt)[0]
}

function settleOne(sql: Sql, job: JobRow, outcome: Outcome, now: number): void {
  const { seq } = job
  if (outcome.kind === 'delivered') return deliver(sql, job, outcome.leadId, now)

  const history = JSON.stringify(withAttempt(tries(job.history), outcome.reason, now))
  sql.run('UPDATE job SET call = NULL, reason = ?, history = ? WHERE seq = ?', outcome.reason, history, seq)
  switch (outcome.kind) {
    case 'retry':
      sql.run(
        `UPDATE job SET due_at = ?, failures = failures + 1, failing_since = coalesce(failing_since, ?) WHERE seq = ?`,
        outcome.dueAt,
        now,
        seq,
      )
      return
    case 'again': {
      const refused = JSON.stringify(union(names(job.refused), outcome.refused ?? []))
      const share = outcome.share ?? job.share
      sql.run('UPDATE job SET due_at = ?, share = ?, refused = ? WHERE seq = ?', outcome.dueAt, share, refused, seq)
      return
    }
    case 'parked':
      sql.run(`UPDATE job SET state = 'parked', due_at = NULL, settled_at = ? WHERE seq = ?`, now, seq)
      return
    case 'halted':
      due(sql, seq, outcome.dueAt ?? dueInOrder(job.accepted_at, now))
      return
    case 'limited':
      due(sql, seq, dueInOrder(job.accepted_at, now))
      return
    default:
      outcome satisfies never
  }
}

function due(sql: Sql, seq: number, dueAt: number): void {
  sql.run('UPDATE job SET due_at = ? WHERE seq = ?', dueAt, seq)
}

/** A receipt remains, or what was refused on the way. */
function deliver(sql: Sql, job: JobRow, leadId: number, now: number): void {
  const lead = JSON.parse(job.lead!) as Lead
  const refused = names(job.refused)
  const left = refusedPart(lead, refused)
  if (left.attributes.length > 0) {
    sql.run(
      `UPDATE job SET state = 'parked', call = NULL, due_at = NULL, settled_at = ?, lead_id = ?, lead = ? WHERE seq = ?`,
      now,
      leadId,
      JSON.stringify(left),
      job.seq,
    )
  } else {
    sql.run(
      `UPDATE job SET state = 'delivered', call = NULL, due_at = NULL, settled_at = ?, lead_id = ?, person = NULL,
         lead = NULL, reason = NULL, history = '[]', refused = '[]', superseded = '[]'
       WHERE seq = ?`,
      now,
      leadId,
      job.seq,
    )
  }
  supersede(sql, job, without(lead, refused, names(job.superseded)))
}

/** What came before it and is still to go brings no older answers, not by a name that it is given later either. */
function supersede(sql: Sql, { person, seq }: JobRow, { attributes }: Lead): void {
  const older = ['ready', 'behind', 'parked'].flatMap((state) =>
    sql.run<JobRow>(`SELECT ${JOB} FROM job WHERE person = ? AND seq < ? AND state = '${state}'`, person, seq),
  )
  const brought = attributes.map(({ name }) => name)
  for (const row of older) {
    const superseded = JSON.stringify(union(names(row.superseded), brought))
    sql.run('UPDATE job SET superseded = ? WHERE seq = ?', superseded, row.seq)
  }
}
