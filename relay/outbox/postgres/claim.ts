/**
 * What may go now, gathered into calls and written down as out.
 *
 * Heads are taken FOR UPDATE SKIP LOCKED: no other node claims while this one holds the desk, but whoever looks into
 * the tables by hand may hold a row for an hour, and only that one is to wait for him.
 */
import type { Lead } from '../../intake/lead.ts'
import { availableCalls, budgetAfterStart } from '../limits/call-budget.ts'
import { retryAtOf, probing } from '../circuit-breaker.ts'
import type { Limits } from '../limits/limits.ts'
import type { Batch, Job, Turn } from '../outbox.ts'
import { names } from '../job-row.ts'
import { emptyLoad, loaded, mergeable, without, type Load } from '../batching.ts'
import { forgetCalls, underWay } from './calls.ts'
import type { Transaction } from './database.ts'
import { holdDesk, leaveDesk } from './control-row.ts'
import { JOB, read, type LineRow } from './rows.ts'

/** A row that waits, with its lead read. */
interface Waiting {
  row: LineRow
  lead: Lead
  size: number
}

/** What waits behind a head, as far as it was read. */
interface Behind {
  jobs: Waiting[]
  /** True where there is no more. */
  whole: boolean
}

/** So many jobs behind each head are read for all heads at once. Few people send more while the first waits. */
const FEW = 4

/** See the port. Within a transaction. */
export async function claim(
  sql: Transaction,
  limits: Limits,
  { now, until, most }: { now: number; until: number; most: number },
): Promise<Batch[]> {
  const [{ allowance, halt }, { out }] = await Promise.all([holdDesk(sql), underWay(sql, now)])
  if (halt && now < retryAtOf(halt)) return []
  const may = Math.min(most, availableCalls(allowance, limits, out, now), halt ? 1 : Infinity)

  const claimed: Batch[] = []
  while (claimed.length < may) {
    const turns = await gather(sql, now, limits.leadsPerCall, halt !== undefined)
    if (turns.length === 0) break
    claimed.push(await handOut(sql, turns, until, now))
  }
  const [probe] = claimed
  if (probe) {
    leaveDesk(sql, {
      allowance: budgetAfterStart(allowance, limits, claimed.length, now),
      halt: halt && probing(halt, probe.id, until),
    })
  }
  return claimed
}

/** The turns of the next call: that of the job that is due longest, and where they may share it, others'. */
async function gather(sql: Transaction, now: number, leadsPerCall: number, alone: boolean): Promise<Waiting[][]> {
  const heads = await Promise.all([due(sql, 0, now, 1), due(sql, 1, now, 1)])
  const first = heads.flat().toSorted((a, b) => a.row.due_at! - b.row.due_at! || a.row.seq - b.row.seq)[0]
  const begun = first && (await turnOf(sql, first, { jobs: [], whole: false }, emptyLoad(leadsPerCall), now))
  if (!begun) return []
  const turns = [begun.turn]
  let { load } = begun
  if (alone || first.row.sociable === 0 || load.leads >= load.most) return turns

  const others = (await due(sql, 1, now, load.most)).filter(({ row }) => row.seq !== first.row.seq)
  const behind = await fewBehind(sql, others)
  for (const other of others) {
    const joined = await turnOf(sql, other, behind.get(other.row.line!) ?? { jobs: [], whole: true }, load, now)
    if (!joined) break
    turns.push(joined.turn)
    load = joined.load
  }
  return turns
}

async function due(sql: Transaction, sociable: 0 | 1, now: number, limit: number): Promise<Waiting[]> {
  const rows = await sql.run<LineRow>(
    `SELECT ${JOB} FROM form_sync_job WHERE state = 'ready' AND sociable = $1 AND due_at <= $2
     ORDER BY due_at, seq LIMIT $3 FOR UPDATE SKIP LOCKED`,
    sociable,
    now,
    limit,
  )
  return rows.map(waiting)
}

/** As many of one person's line as go together, and the load with them; undefined where not even the first fits. */
async function turnOf(
  sql: Transaction,
  head: Waiting,
  behind: Behind,
  load: Load,
  now: number,
): Promise<{ turn: Waiting[]; load: Load } | undefined> {
  const begun = loaded(load, head.size, head.row.share)
  if (!begun) return undefined
  const turn = [head]
  let full: Load = begun
  let { jobs, whole } = behind
  while (full.leads < full.most) {
    if (jobs.length === 0 && !whole) {
      jobs = await behindOf(sql, turn, full.most - full.leads)
      whole = true
    }
    const [next, ...rest] = jobs
    if (!next || !goesWith(head, next, now)) break
    const fuller = loaded(full, next.size, next.row.share)
    if (!fuller) break
    turn.push(next)
    full = fuller
    jobs = rest
  }
  return { turn, load: full }
}

/** True when it may be of the head's turn. A line may be of two people, who have the same number. */
function goesWith(head: Waiting, next: Waiting, now: number): boolean {
  return next.row.due_at! <= now && next.row.person === head.row.person && mergeable(head.lead, next.lead)
}

/** The first few behind each head, by their line. */
async function fewBehind(sql: Transaction, heads: readonly Waiting[]): Promise<Map<string, Behind>> {
  if (heads.length === 0) return new Map()
  const rows = await sql.run<LineRow>(
    `SELECT next.* FROM unnest($1::bigint[]) AS of (line) CROSS JOIN LATERAL (
       SELECT ${JOB} FROM form_sync_job AS job
       WHERE job.line = of.line AND job.state = 'behind' ORDER BY job.seq LIMIT ${FEW}
     ) AS next ORDER BY next.seq`,
    heads.map(({ row }) => row.line),
  )
  const byLine = Map.groupBy(rows.map(waiting), ({ row }) => row.line!)
  return new Map([...byLine].map(([line, jobs]) => [line, { jobs, whole: jobs.length < FEW }]))
}

/** Those that follow a turn's last. */
async function behindOf(sql: Transaction, turn: readonly Waiting[], limit: number): Promise<Waiting[]> {
  const { line, seq } = turn.at(-1)!.row
  const rows = await sql.run<LineRow>(
    `SELECT ${JOB} FROM form_sync_job WHERE line = $1 AND state = 'behind' AND seq > $2 ORDER BY seq LIMIT $3`,
    line,
    seq,
    limit,
  )
  return rows.map(waiting)
}

function waiting(row: LineRow): Waiting {
  const text = row.lead!
  return { row: read(row), lead: JSON.parse(text) as Lead, size: text.length }
}

async function handOut(sql: Transaction, turns: readonly Waiting[][], until: number, now: number): Promise<Batch> {
  const lines = turns.map(([head]) => head!.row.line)
  const jobs = turns.flat()
  forgetCalls(sql, now)
  // What was out of theirs is not any more: its call is over.
  sql.send('UPDATE form_sync_job SET call = NULL WHERE line = ANY($1::bigint[]) AND call IS NOT NULL', lines)
  const [begun] = await sql.run<{ id: number; out: number }>(
    `WITH begun AS (
       INSERT INTO form_sync_call (until) VALUES ($1) RETURNING id
     ), out AS (
       UPDATE form_sync_job SET due_at = $1, call = begun.id, attempts = attempts + 1
       FROM begun WHERE seq = ANY($2::bigint[]) RETURNING seq
     )
     SELECT id, (SELECT count(*) FROM out) AS out FROM begun`,
    until,
    jobs.map(({ row }) => row.seq),
  )
  if (begun?.out !== jobs.length) throw new Error('a job went while it was being handed out')
  return { id: begun.id, leaseExpiresAt: until, turns: turns.map((turn): Turn => turn.map(handedOut)) }
}

function handedOut({ row, lead }: Waiting): Job {
  return {
    lead: without(lead, names(row.refused), names(row.superseded)),
    attempt: row.attempts + 1,
    failures: row.failures,
    ...(row.failing_since !== null && { failingSince: row.failing_since }),
  }
}
