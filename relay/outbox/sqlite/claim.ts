/** What may go now, gathered into calls and written down as out. */
import type { Lead } from '../../intake/lead.ts'
import { availableCalls, budgetAfterStart } from '../limits/call-budget.ts'
import { beginCall, underWay } from './calls.ts'
import type { Sql } from './database.ts'
import { retryAtOf, probing } from '../circuit-breaker.ts'
import type { Limits } from '../limits/limits.ts'
import type { Batch, Job, Turn } from '../outbox.ts'
import { JOB, names, type JobRow } from '../job-row.ts'
import { readAllowance, readHalt, writeAllowance, writeHalt } from './state.ts'
import { emptyLoad, loaded, mergeable, without, type Load } from '../batching.ts'

/** A row that waits, with its lead read. */
interface Waiting {
  row: JobRow
  lead: Lead
  size: number
}

/** See the port. Within a transaction. */
export function claim(
  sql: Sql,
  limits: Limits,
  { now, until, most }: { now: number; until: number; most: number },
): Batch[] {
  const halt = readHalt(sql)
  if (halt && now < retryAtOf(halt)) return []
  const allowance = readAllowance(sql)
  const may = Math.min(most, availableCalls(allowance, limits, underWay(sql, now).out, now), halt ? 1 : Infinity)

  const claimed: Batch[] = []
  while (claimed.length < may) {
    const turns = gather(sql, now, limits.leadsPerCall, halt !== undefined)
    if (turns.length === 0) break
    claimed.push(handOut(sql, turns, until, now))
  }
  const [probe] = claimed
  if (probe) writeAllowance(sql, budgetAfterStart(allowance, limits, claimed.length, now))
  if (halt && probe) writeHalt(sql, probing(halt, probe.id, until))
  return claimed
}

/** The turns of the next call: that of the job that is due longest, and where they may share it, others'. */
function gather(sql: Sql, now: number, leadsPerCall: number, alone: boolean): Waiting[][] {
  const first = [...due(sql, 0, now, 1), ...due(sql, 1, now, 1)].toSorted(
    (a, b) => a.row.due_at! - b.row.due_at! || a.row.seq - b.row.seq,
  )[0]
  const begun = first && turnOf(sql, first, emptyLoad(leadsPerCall), now)
  if (!begun) return []
  const turns = [begun.turn]
  let { load } = begun
  if (alone || first.row.sociable === 0 || load.leads >= load.most) return turns
  for (const other of due(sql, 1, now, load.most).slice(1)) {
    const joined = turnOf(sql, other, load, now)
    if (!joined) break
    turns.push(joined.turn)
    load = joined.load
  }
  return turns
}

function due(sql: Sql, sociable: 0 | 1, now: number, limit: number): Waiting[] {
  return sql
    .run<JobRow>(
      `SELECT ${JOB} FROM job WHERE state = 'ready' AND sociable = ? AND due_at <= ? ORDER BY due_at, seq LIMIT ?`,
      sociable,
      now,
      limit,
    )
    .map(read)
}

/** As many of one person's line as go together, and the load with them; undefined where not even the first fits. */
function turnOf(sql: Sql, head: Waiting, load: Load, now: number): { turn: Waiting[]; load: Load } | undefined {
  const begun = loaded(load, head.size, head.row.share)
  if (!begun) return undefined
  const turn = [head]
  let full: Load = begun
  for (const next of behind(sql, head.row, full.most - full.leads)) {
    const goes = next.row.due_at! <= now && mergeable(head.lead, next.lead)
    const fuller = goes ? loaded(full, next.size, next.row.share) : undefined
    if (!fuller) break
    turn.push(next)
    full = fuller
  }
  return { turn, load: full }
}

function behind(sql: Sql, { person }: JobRow, limit: number): Waiting[] {
  if (limit <= 0) return []
  return sql
    .run<JobRow>(`SELECT ${JOB} FROM job WHERE person = ? AND state = 'behind' ORDER BY seq LIMIT ?`, person, limit)
    .map(read)
}

function read(row: JobRow): Waiting {
  const text = row.lead!
  return { row, lead: JSON.parse(text) as Lead, size: text.length }
}

function handOut(sql: Sql, turns: readonly Waiting[][], until: number, now: number): Batch {
  const id = beginCall(sql, until, now)
  for (const [head] of turns) {
    // What was out of theirs is not any more: its call is over.
    sql.run('UPDATE job SET call = NULL WHERE person = ? AND call IS NOT NULL', head!.row.person)
  }
  return { id, leaseExpiresAt: until, turns: turns.map((turn): Turn => turn.map((job) => out(sql, job, id, until))) }
}

function out(sql: Sql, { row, lead }: Waiting, call: number, until: number): Job {
  const attempt = row.attempts + 1
  sql.run('UPDATE job SET due_at = ?, call = ?, attempts = ? WHERE seq = ?', until, call, attempt, row.seq)
  return {
    lead: without(lead, names(row.refused), names(row.superseded)),
    attempt,
    failures: row.failures,
    ...(row.failing_since !== null && { failingSince: row.failing_since }),
  }
}
