/**
 * The outbox on a SQLite: that of `node:sqlite` or of a Durable Object.
 *
 * Only the oldest waiting job of a person is `ready`, and only ready jobs are handed out: that is the whole of the
 * order per person. A claimed job is a ready one whose `due_at` is the end of its lease and whose `attempts` was
 * counted up: a dead claimer needs no clearing up, and a late settlement does not fit the number. A method that writes
 * is one transaction. Every statement finds its rows by an index, so that what lies in the tables slows none down.
 */
import type { Lead } from '../lead.ts'
import type { Row, Sql } from './database.ts'
import { readHalt, writeHalt } from './halt-row.ts'
import { haltAfter, opensAt, probing, reported, withoutProbe } from './halt.ts'
import type { Job, JobRecord, Outbox, OutboxStatus, Settlement } from './outbox.ts'
import { migrate } from './schema.ts'

/** The outbox in this database, its tables made or updated. Throws when a newer form-sync has written them. */
export function createSqlOutbox(sql: Sql): Outbox {
  migrate(sql)
  return {
    async add(leads, dueAt) {
      sql.transaction(() => {
        for (const lead of leads) add(sql, lead, dueAt)
        // Asked whether a lead could be kept, it writes something that changes nothing.
        if (leads.length === 0) sql.run('UPDATE meta SET version = version')
      })
    },
    async claim(now, until, limit) {
      return sql.transaction(() => claim(sql, now, until, limit))
    },
    async recover() {
      sql.transaction(() => recover(sql))
    },
    async settle(settlements, now) {
      sql.transaction(() => {
        for (const settlement of settlements) settle(sql, settlement, now)
      })
    },
    async nextDueAt() {
      return nextDueAt(sql)
    },
    async status() {
      return status(sql)
    },
    async find(id) {
      return find(sql, id)
    },
  }
}

function add(sql: Sql, lead: Lead, dueAt: number): void {
  sql.run(
    `INSERT INTO job (id, form, person, state, due_at, lead, notes, accepted_at)
     VALUES (?, ?, ?,
       CASE WHEN EXISTS (SELECT 1 FROM job WHERE person = ? AND state = 'ready') THEN 'behind' ELSE 'ready' END,
       ?, ?, ?, ?)
     ON CONFLICT (id) DO NOTHING`,
    lead.id,
    lead.form,
    lead.person,
    lead.person,
    dueAt,
    JSON.stringify(lead),
    JSON.stringify(lead.notes),
    lead.acceptedAt,
  )
}

function claim(sql: Sql, now: number, until: number, limit: number): Job[] {
  const halt = readHalt(sql)
  if (halt && now < opensAt(halt)) return []

  const due = sql.run<{ seq: number; attempts: number; lead: string }>(
    `SELECT seq, attempts, lead FROM job WHERE state = 'ready' AND due_at <= ? ORDER BY due_at, seq LIMIT ?`,
    now,
    // A negative limit is none to SQLite.
    Math.max(0, halt ? Math.min(1, limit) : limit),
  )
  return due.map(({ seq, attempts, lead: text }) => {
    const lead = JSON.parse(text) as Lead
    const attempt = attempts + 1
    sql.run('UPDATE job SET due_at = ?, leased = 1, attempts = ? WHERE seq = ?', until, attempt, seq)
    if (halt) writeHalt(sql, probing(halt, lead.id, until))
    return { lead, attempt }
  })
}

function recover(sql: Sql): void {
  sql.run('UPDATE job SET due_at = accepted_at, leased = 0 WHERE leased = 1')
  const halt = readHalt(sql)
  if (halt?.probe) writeHalt(sql, withoutProbe(halt))
}

function settle(sql: Sql, settlement: Settlement, now: number): void {
  const { id, attempt } = settlement
  const job = sql.run<{ seq: number; person: string }>(
    `SELECT seq, person FROM job WHERE id = ? AND state = 'ready' AND attempts = ?`,
    id,
    attempt,
  )[0]
  if (!job) return

  const halt = readHalt(sql)
  const next = haltAfter(halt, id, settlement)
  if (next !== halt) writeHalt(sql, next)

  switch (settlement.kind) {
    case 'retry':
      sql.run(
        'UPDATE job SET due_at = ?, leased = 0, reason = ? WHERE seq = ?',
        settlement.dueAt,
        settlement.reason,
        job.seq,
      )
      return
    case 'halted':
      sql.run('UPDATE job SET due_at = accepted_at, leased = 0, reason = ? WHERE seq = ?', settlement.reason, job.seq)
      return
    case 'parked':
      sql.run(
        `UPDATE job SET state = 'parked', due_at = NULL, leased = 0, settled_at = ?, reason = ? WHERE seq = ?`,
        now,
        settlement.reason,
        job.seq,
      )
      break
    case 'delivered':
      sql.run(
        `UPDATE job SET state = 'delivered', due_at = NULL, leased = 0, settled_at = ?, lead_id = ?,
           person = NULL, lead = NULL, reason = NULL
         WHERE seq = ?`,
        now,
        settlement.leadId,
        job.seq,
      )
      break
    default:
      settlement satisfies never
  }
  sql.run(
    `UPDATE job SET state = 'ready' WHERE seq = (SELECT min(seq) FROM job WHERE person = ? AND state = 'behind')`,
    job.person,
  )
}

function nextDueAt(sql: Sql): number | undefined {
  const [next] = sql.run<{ due: number | null }>(`SELECT min(due_at) AS due FROM job WHERE state = 'ready'`)
  if (typeof next?.due !== 'number') return undefined
  const halt = readHalt(sql)
  return halt ? Math.max(next.due, opensAt(halt)) : next.due
}

function status(sql: Sql): OutboxStatus {
  const jobs = { ready: 0, behind: 0, parked: 0, delivered: 0 }
  for (const row of sql.run<{ state: keyof typeof jobs; jobs: number }>(
    `SELECT state, jobs FROM tally WHERE state IN ('ready', 'behind', 'parked', 'delivered')`,
  )) {
    jobs[row.state] = row.jobs
  }
  const [oldest] = sql.run<{ at: number | null }>('SELECT min(accepted_at) AS at FROM job WHERE settled_at IS NULL')
  return {
    waiting: jobs.ready + jobs.behind,
    parked: jobs.parked,
    delivered: jobs.delivered,
    ...(typeof oldest?.at === 'number' && { oldestAt: oldest.at }),
    ...reported(readHalt(sql)),
  }
}

interface JobRow extends Row {
  form: string
  state: 'ready' | 'behind' | 'parked' | 'delivered'
  due_at: number | null
  attempts: number
  lead: string | null
  notes: string
  accepted_at: number
  settled_at: number | null
  lead_id: number | null
  reason: string | null
}

function find(sql: Sql, id: string): JobRecord | undefined {
  const [row] = sql.run<JobRow>(
    `SELECT form, state, due_at, attempts, lead, notes, accepted_at, settled_at, lead_id, reason
     FROM job WHERE id = ?`,
    id,
  )
  if (!row) return undefined
  return {
    id,
    form: row.form,
    state: row.state === 'parked' || row.state === 'delivered' ? row.state : 'waiting',
    attempts: row.attempts,
    acceptedAt: row.accepted_at,
    notes: JSON.parse(row.notes) as string[],
    ...(row.due_at !== null && { dueAt: row.due_at }),
    ...(row.settled_at !== null && { settledAt: row.settled_at }),
    ...(row.lead_id !== null && { leadId: row.lead_id }),
    ...(row.reason !== null && { reason: row.reason }),
    ...(row.lead !== null && { lead: JSON.parse(row.lead) as Lead }),
  }
}
