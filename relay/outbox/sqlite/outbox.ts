/**
 * The outbox on a SQLite: that of `node:sqlite` or of a Durable Object.
 *
 * The oldest waiting job of a person is `ready`, the others are `behind` it and go with it or after it: that is the whole
 * of the order per person. A job that is out is one with a `call`, and the end of that call as `due_at`: a dead claimer
 * needs no clearing up, and a late settlement does not fit the number of attempts. A method that writes is one
 * transaction. Every statement finds its rows by an index, so that what lies in the tables slows none down; `resume`
 * alone looks at all that is behind.
 */
import type { Lead } from '../../intake/lead.ts'
import { clampBudget, nextCallAt, today } from '../limits/call-budget.ts'
import { endCall, permit, underWay } from './calls.ts'
import { claim } from './claim.ts'
import type { Row, Sql } from './database.ts'
import { retryAtOf, breakerStatus, clampBreaker } from '../circuit-breaker.ts'
import { leaseOf, LIMITS, type Limits } from '../limits/limits.ts'
import { editLead, type LeadEdit } from '../edit.ts'
import type { Outbox, OutboxStatus, Replayed } from '../outbox.ts'
import { JOB, recordOf, type JobRow } from '../job-row.ts'
import { readAllowance, readHalt, writeAllowance, writeHalt } from './state.ts'
import { migrate } from './schema.ts'
import { reseat } from './promote.ts'
import { settle } from './settle.ts'
import { isBatchable } from '../batching.ts'
import { MAX_WAIT_MS } from '../clock-skew.ts'

/**
 * The outbox in this database, its tables made or updated.
 *
 * @throws when a newer form-sync has written them
 */
export function createSqlOutbox(sql: Sql, limits: Limits = LIMITS): Outbox {
  migrate(sql)
  return {
    async add(leads, dueAt) {
      sql.transaction(() => {
        // Asked whether a lead could be kept, it writes something that changes nothing.
        if (leads.length === 0) sql.run('UPDATE meta SET version = version')
        else addAll(sql, leads, dueAt)
      })
    },
    async claim(now, until, most) {
      return sql.transaction(() => claim(sql, limits, { now, until, most }))
    },
    async settle(call, settlements, now, limited) {
      sql.transaction(() => {
        endCall(sql, call)
        settle(sql, limits, { call, settlements, now, limited })
      })
    },
    async acquireSlot(now, until) {
      return sql.transaction(() => permit(sql, limits, now, until))
    },
    async nextDueAt(now) {
      return nextDueAt(sql, limits, now)
    },
    async resume(now) {
      sql.transaction(() => resume(sql, limits, now))
    },
    async status(now) {
      return status(sql, limits, now)
    },
    async find(id) {
      const [row] = sql.run<JobRow>(`SELECT ${JOB} FROM job WHERE id = ?`, id)
      return row && recordOf(row)
    },
    async parked(limit, after) {
      const [settledAt, id] = after ? [after.settledAt ?? 0, after.id] : [-1, '']
      return sql
        .run<JobRow>(
          `SELECT ${JOB} FROM job WHERE state = 'parked' AND (settled_at, id) > (?, ?)
           ORDER BY settled_at, id LIMIT ?`,
          settledAt,
          id,
          limit,
        )
        .map(recordOf)
    },
    async replay(ids, mending, now) {
      return sql.transaction(() => ids.map((id) => replay(sql, id, mending, now)))
    },
    async sweep(before, limit) {
      return sql.transaction(
        () =>
          sql.run(
            `DELETE FROM job WHERE seq IN
               (SELECT seq FROM job WHERE state = 'delivered' AND settled_at < ? ORDER BY settled_at, seq LIMIT ?)
             RETURNING seq`,
            before,
            limit,
          ).length,
      )
    },
  }
}

/** Adds and counts. A lead whose id is known is not added. */
function addAll(sql: Sql, leads: readonly Lead[], dueAt: number): void {
  const [last] = sql.run<{ seq: number | null }>('SELECT max(seq) AS seq FROM job')
  for (const lead of leads) add(sql, lead, dueAt)
  sql.run(
    `UPDATE tally SET jobs = jobs + (SELECT count(*) FROM job WHERE seq > ? AND state = tally.state)
     WHERE state IN ('ready', 'behind')`,
    last?.seq ?? 0,
  )
}

function add(sql: Sql, lead: Lead, dueAt: number): void {
  sql.run(
    `INSERT INTO job (id, form, person, state, due_at, sociable, lead, notes, accepted_at)
     VALUES (?, ?, ?,
       CASE WHEN EXISTS (SELECT 1 FROM job WHERE person = ? AND state = 'ready') THEN 'behind' ELSE 'ready' END,
       ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO NOTHING`,
    lead.id,
    lead.form,
    lead.person,
    lead.person,
    dueAt,
    Number(isBatchable(lead)),
    JSON.stringify(lead),
    JSON.stringify(lead.notes),
    lead.acceptedAt,
  )
}

function nextDueAt(sql: Sql, limits: Limits, now: number): number | undefined {
  const [next] = sql.run<{ due: number | null }>(
    `SELECT min(due) AS due FROM (
       SELECT min(due_at) AS due FROM job WHERE state = 'ready' AND sociable = 0
       UNION ALL SELECT min(due_at) FROM job WHERE state = 'ready' AND sociable = 1
     )`,
  )
  if (typeof next?.due !== 'number') return undefined
  const halt = readHalt(sql)
  const free = nextCallAt(readAllowance(sql), limits, underWay(sql, now), now)
  return Math.max(next.due, halt ? retryAtOf(halt) : 0, free)
}

function resume(sql: Sql, limits: Limits, now: number): void {
  const over = now + leaseOf(limits)
  sql.run('UPDATE call SET until = ? WHERE until > ?', over, over)
  sql.run('UPDATE job SET due_at = ? WHERE call IS NOT NULL AND due_at > ?', over, over)
  for (const jobs of [`state = 'ready' AND sociable IN (0, 1)`, `state = 'behind'`]) {
    sql.run(
      `UPDATE job SET due_at = ? WHERE ${jobs} AND call IS NULL AND due_at > ?`,
      now + MAX_WAIT_MS,
      now + MAX_WAIT_MS,
    )
  }
  writeAllowance(sql, clampBudget(readAllowance(sql), now))
  const halt = readHalt(sql)
  if (halt) writeHalt(sql, clampBreaker(halt, now, over))
}

function status(sql: Sql, limits: Limits, now: number): OutboxStatus {
  const jobs = { ready: 0, behind: 0, parked: 0, delivered: 0 }
  for (const row of sql.run<{ state: keyof typeof jobs; jobs: number }>(
    `SELECT state, jobs FROM tally WHERE state IN ('ready', 'behind', 'parked', 'delivered')`,
  )) {
    jobs[row.state] = row.jobs
  }
  const oldestAt = time(sql, 'SELECT min(accepted_at) AS at FROM job WHERE settled_at IS NULL')
  const parkedAt = time(sql, `SELECT min(settled_at) AS at FROM job WHERE state = 'parked'`)
  const { spent, endsAt } = today(readAllowance(sql), now)
  return {
    waiting: jobs.ready + jobs.behind,
    parked: jobs.parked,
    delivered: jobs.delivered,
    ...(oldestAt !== undefined && { oldestAt }),
    ...(parkedAt !== undefined && { parkedAt }),
    ...breakerStatus(readHalt(sql)),
    day: { spent, of: limits.callsPerDay, endsAt },
  }
}

function time(sql: Sql, statement: string): number | undefined {
  return sql.run<Row & { at: number | null }>(statement)[0]?.at ?? undefined
}

function replay(sql: Sql, id: string, mending: LeadEdit, now: number): Replayed {
  const [row] = sql.run<JobRow>(`SELECT ${JOB} FROM job WHERE id = ?`, id)
  if (!row) return { id, result: 'unknown' }
  if (row.state !== 'parked' || row.person === null || row.lead === null) return { id, result: 'not-parked' }
  const mended = editLead(JSON.parse(row.lead) as Lead, mending)
  if ('taken' in mended) return { id, result: 'name-taken', name: mended.taken }
  sql.run(
    `UPDATE job SET state = 'behind', due_at = ?, lead = ?, sociable = ?, failures = 0, failing_since = NULL, share = NULL,
       refused = '[]', settled_at = NULL
     WHERE seq = ?`,
    now,
    JSON.stringify(mended.lead),
    Number(isBatchable(mended.lead)),
    row.seq,
  )
  reseat(sql, row.person)
  return { id, result: 'replayed' }
}
