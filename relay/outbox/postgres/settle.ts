/**
 * What the jobs of a call came to, written down.
 *
 * The jobs are read together, and with them whatever older of the same people a delivery may outdate. What becomes of
 * them is worked out here, one settlement after the other; then all of it is written together.
 */
import type { Lead } from '../../intake/lead.ts'
import { budgetAfter } from '../limits/call-budget.ts'
import { breakerAfter } from '../circuit-breaker.ts'
import type { Limits } from '../limits/limits.ts'
import type { Outcome, Settlement } from '../outbox.ts'
import { names, tries } from '../job-row.ts'
import type { Settling } from '../sqlite/settle.ts'
import { refusedPart, union, without, withAttempt } from '../batching.ts'
import { dueInOrder } from '../clock-skew.ts'
import { endCall } from './calls.ts'
import type { Transaction } from './database.ts'
import { holdDesk, leaveDesk } from './control-row.ts'
import { JOB, read, type LineRow } from './rows.ts'
import { holdLines, reseat } from './ordering.ts'
import { storable } from './text.ts'

/** See the port. Within a transaction. */
export async function settle(
  sql: Transaction,
  limits: Limits,
  { call, settlements, now, limited }: Settling,
): Promise<void> {
  const held = holdDesk(sql)
  endCall(sql, call)
  const found = readJobs(sql, settlements)
  const [desk, { out, older }] = await Promise.all([held, found])

  const rows = new Map([...older, ...out].map((row) => [row.seq, row]))
  const seqs = new Map(out.map(({ id, seq }) => [id, seq]))
  /** The job as it stands, if it is out for this attempt. */
  const jobOf = ({ id, attempt }: Settlement) => {
    const row = rows.get(seqs.get(id) ?? -1)
    return row && row.call !== null && row.attempts === attempt ? row : undefined
  }

  const current = settlements.filter((settlement) => jobOf(settlement) !== undefined)
  const halt = breakerAfter(desk.halt, call, current)
  const allowance = budgetAfter(desk.allowance, limits, [...current, limited], now)
  for (const settlement of current) {
    // A second settlement of the same job finds it no longer out.
    const job = jobOf(settlement)
    if (!job) continue
    rows.set(job.seq, settled(job, settlement, now))
    if (settlement.kind === 'delivered') for (const row of outdated([...rows.values()], job)) rows.set(row.seq, row)
  }

  const before = new Set([...older, ...out])
  write(
    sql,
    [...rows.values()].filter((row) => !before.has(row)),
    new Map([...before].map(({ seq, lead }) => [seq, lead])),
  )
  reseat(sql, [...new Set(out.map(({ line }) => line!))])
  if (halt !== desk.halt || allowance !== desk.allowance) leaveDesk(sql, { allowance, halt })
}

/** The jobs that are out for these attempts, and those that came before one of them and are not delivered. */
async function readJobs(
  sql: Transaction,
  settlements: readonly Settlement[],
): Promise<{ out: LineRow[]; older: LineRow[] }> {
  if (settlements.length === 0) return { out: [], older: [] }
  const ids = settlements.map(({ id }) => storable(id))
  holdLines(sql, ids)
  const [found, older] = await Promise.all([
    sql.run<LineRow>(
      `SELECT ${JOB} FROM unnest($1::text[]) AS of (its_id)
       JOIN form_sync_job ON left(id, 500) = left(its_id, 500) AND id = its_id`,
      ids,
    ),
    sql.run<LineRow>(
      `SELECT older.* FROM (
         SELECT line AS its_line, max(seq) AS its_seq FROM unnest($1::text[]) AS of (its_id)
         JOIN form_sync_job ON left(id, 500) = left(its_id, 500) AND id = its_id
         GROUP BY line
       ) AS delivered CROSS JOIN LATERAL (
         ${['ready', 'behind', 'parked'].map(olderOf).join(' UNION ALL ')}
       ) AS older`,
      settlements.filter(({ kind }) => kind === 'delivered').map(({ id }) => storable(id)),
    ),
  ])
  const named = new Set(settlements.map(({ id, attempt }) => `${attempt} ${id}`))
  const out = found.map(read).filter(({ id, attempts, call }) => call !== null && named.has(`${attempts} ${id}`))
  return { out, older: older.map(read) }
}

/** One index for each state. */
function olderOf(state: string): string {
  return `SELECT ${JOB} FROM form_sync_job WHERE line = its_line AND seq < its_seq AND state = '${state}'`
}

/** What the outcome makes of a job. */
function settled(job: LineRow, outcome: Outcome, now: number): LineRow {
  const free = { ...job, call: null }
  if (outcome.kind === 'delivered') return delivered(free, outcome.leadId, now)

  const history = JSON.stringify(withAttempt(tries(job.history), outcome.reason, now))
  const failed = { ...free, reason: outcome.reason, history }
  switch (outcome.kind) {
    case 'retry':
      return {
        ...failed,
        due_at: outcome.dueAt,
        failures: job.failures + 1,
        failing_since: job.failing_since ?? now,
      }
    case 'again':
      return {
        ...failed,
        due_at: outcome.dueAt,
        share: outcome.share ?? job.share,
        refused: JSON.stringify(union(names(job.refused), outcome.refused ?? [])),
      }
    case 'parked':
      return { ...failed, state: 'parked', due_at: null, settled_at: now }
    case 'halted':
      return { ...failed, due_at: outcome.dueAt ?? dueInOrder(job.accepted_at, now) }
    case 'limited':
      return { ...failed, due_at: dueInOrder(job.accepted_at, now) }
    default:
      return outcome satisfies never
  }
}

/** A receipt, or what was refused on the way. */
function delivered(job: LineRow, leadId: number, now: number): LineRow {
  const left = refusedPart(leadOf(job), names(job.refused))
  const done = { ...job, due_at: null, settled_at: now, lead_id: leadId }
  if (left.attributes.length > 0) return { ...done, state: 'parked', lead: JSON.stringify(left) }
  return {
    ...done,
    state: 'delivered',
    person: null,
    lead: null,
    reason: null,
    refused: '[]',
    superseded: '[]',
    history: '[]',
  }
}

/** Those of the rows that came before the job and are still to go: of what it has brought, they bring nothing older. */
function outdated(rows: readonly LineRow[], job: LineRow): LineRow[] {
  const { attributes } = without(leadOf(job), names(job.refused), names(job.superseded))
  const brought = attributes.map(({ name }) => name)
  return rows
    .filter(({ person, seq, state }) => person === job.person && seq < job.seq && state !== 'delivered')
    .map((row) => ({ ...row, superseded: JSON.stringify(union(names(row.superseded), brought)) }))
}

function leadOf(row: LineRow): Lead {
  return JSON.parse(row.lead!) as Lead
}

/** Writes rows down. `leads` has what stands there of each: a lead that did not change is not sent again. */
function write(sql: Transaction, rows: readonly LineRow[], leads: ReadonlyMap<number, string | null>): void {
  if (rows.length === 0) return
  sql.send(
    `UPDATE form_sync_job AS job
     SET state = new.state, due_at = new.due_at, call = new.call, failures = new.failures,
       failing_since = new.failing_since, share = new.share, refused = new.refused, superseded = new.superseded,
       history = new.history, settled_at = new.settled_at, lead_id = new.lead_id, reason = new.reason,
       person = CASE WHEN new.state = 'delivered' THEN NULL ELSE job.person END,
       lead = CASE WHEN new.state = 'delivered' THEN NULL ELSE coalesce(new.lead, job.lead) END
     FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::integer[], $6::bigint[], $7::integer[],
         $8::text[], $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::text[], $14::text[])
       AS new (seq, state, due_at, call, failures, failing_since, share, refused, superseded, history, settled_at,
         lead_id, reason, lead)
     WHERE job.seq = new.seq`,
    rows.map(({ seq }) => seq),
    rows.map(({ state }) => state),
    rows.map((row) => row.due_at),
    rows.map(({ call }) => call),
    rows.map(({ failures }) => failures),
    rows.map((row) => row.failing_since),
    rows.map(({ share }) => share),
    rows.map(({ refused }) => refused),
    rows.map(({ superseded }) => superseded),
    rows.map(({ history }) => history),
    rows.map((row) => row.settled_at),
    rows.map((row) => row.lead_id),
    rows.map(({ reason }) => (reason === null ? null : storable(reason))),
    rows.map(({ seq, lead }) => (lead === leads.get(seq) ? null : lead)),
  )
}
