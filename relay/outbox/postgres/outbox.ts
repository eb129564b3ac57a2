/**
 * The outbox on PostgreSQL: several relays share one, and together they keep what the port promises.
 *
 * The tables and the order per person are those of the outbox on SQLite. Three things keep nodes out of each other's
 * way: the desk (`desk.ts`), which all but additions hold in turn; the lines (`seat.ts`), which an addition shares and
 * a settlement holds alone; and the indexes, which refuse a second lead of one id and a second job of one line that
 * could go. A node that dies leaves nothing to clear up: its transaction is rolled back, its calls end by themselves.
 *
 * However many jobs a method is about, it takes a few ways to the database and back; a claim, a few for each call.
 */
import { clampBudget, nextCallAt, today } from '../limits/call-budget.ts'
import { retryAtOf, breakerStatus, clampBreaker } from '../circuit-breaker.ts'
import { leaseOf, LIMITS, type Limits } from '../limits/limits.ts'
import type { Outbox, OutboxStatus } from '../outbox.ts'
import { recordOf } from '../job-row.ts'
import { MAX_WAIT_MS } from '../clock-skew.ts'
import { add } from './add.ts'
import { permit } from './calls.ts'
import { claim } from './claim.ts'
import type { Database, Transaction } from './database.ts'
import { deskOf, holdDesk, leaveDesk, type DeskRow } from './control-row.ts'
import { replay } from './replay.ts'
import { JOB, read, type LineRow } from './rows.ts'
import { migrate } from './schema.ts'
import { settle } from './settle.ts'
import { storable } from './text.ts'

/**
 * The outbox in this database, its tables made or updated. All nodes must be given the same limits.
 *
 * @throws when a newer form-sync has written them
 */
export async function createPostgresOutbox(database: Database, limits: Limits = LIMITS): Promise<Outbox> {
  await migrate(database)
  return {
    async add(leads, dueAt) {
      // Asked whether a lead could be kept, it writes something that changes nothing.
      if (leads.length === 0) await database.run('UPDATE form_sync_meta SET version = version')
      else await database.transaction(async (sql) => add(sql, leads, dueAt))
    },
    claim: (now, until, most) => database.transaction((sql) => claim(sql, limits, { now, until, most })),
    settle: (call, settlements, now, limited) =>
      database.transaction((sql) => settle(sql, limits, { call, settlements, now, limited })),
    acquireSlot: (now, until) => database.transaction((sql) => permit(sql, limits, now, until)),
    nextDueAt: (now) => nextDueAt(database, limits, now),
    resume: (now) => database.transaction((sql) => resume(sql, limits, now), true),
    status: (now) => status(database, limits, now),
    async find(id) {
      const [row] = await database.run<LineRow>(
        `SELECT ${JOB} FROM form_sync_job WHERE left(id, 500) = left($1, 500) AND id = $1`,
        storable(id),
      )
      return row && recordOf(read(row))
    },
    async parked(limit, after) {
      const rows = await database.run<LineRow>(
        `SELECT ${JOB} FROM form_sync_job
         WHERE state = 'parked' AND settled_at >= $1 AND (settled_at, id) > ($1, $2)
         ORDER BY settled_at, id LIMIT $3`,
        after ? (after.settledAt ?? 0) : -1,
        after ? storable(after.id) : '',
        limit,
      )
      return rows.map((row) => recordOf(read(row)))
    },
    replay: (ids, mending, now) => database.transaction((sql) => replay(sql, ids, mending, now)),
    async sweep(before, limit) {
      const swept = await database.run(
        `DELETE FROM form_sync_job WHERE seq = ANY (ARRAY(
           SELECT seq FROM form_sync_job WHERE state = 'delivered' AND settled_at < $1
           ORDER BY settled_at, seq LIMIT $2 FOR UPDATE SKIP LOCKED
         )) RETURNING seq`,
        before,
        limit,
      )
      return swept.length
    },
  }
}

interface Next extends DeskRow {
  due: number | null
  out: number
  over: number | null
}

async function nextDueAt(database: Database, limits: Limits, now: number): Promise<number | undefined> {
  const rows = await database.run<Next>(
    `SELECT allowance, halt, out, over, least(
       (SELECT min(due_at) FROM form_sync_job WHERE state = 'ready' AND sociable = 0),
       (SELECT min(due_at) FROM form_sync_job WHERE state = 'ready' AND sociable = 1)) AS due
     FROM form_sync_desk
     CROSS JOIN (SELECT count(*) AS out, min(until) AS over FROM form_sync_call WHERE until > $1) AS calls`,
    now,
  )
  const [next] = rows
  if (typeof next?.due !== 'number') return undefined
  const { allowance, halt } = deskOf(rows)
  const free = nextCallAt(allowance, limits, { out: next.out, over: next.over ?? undefined }, now)
  return Math.max(next.due, halt ? retryAtOf(halt) : 0, free)
}

/**
 * Other nodes' calls stay as they are: all nodes have the same clock and the same limits, so that no call of theirs
 * lasts longer than one that begins now could.
 */
async function resume(sql: Transaction, limits: Limits, now: number): Promise<void> {
  const { allowance, halt } = await holdDesk(sql)
  const over = now + leaseOf(limits)
  sql.send('UPDATE form_sync_call SET until = $1 WHERE until > $1', over)
  sql.send('UPDATE form_sync_job SET due_at = $1 WHERE call IS NOT NULL AND due_at > $1', over)
  for (const jobs of [`state = 'ready' AND sociable IN (0, 1)`, `state = 'behind'`]) {
    sql.send(`UPDATE form_sync_job SET due_at = $1 WHERE ${jobs} AND call IS NULL AND due_at > $1`, now + MAX_WAIT_MS)
  }
  leaveDesk(sql, { allowance: clampBudget(allowance, now), halt: halt && clampBreaker(halt, now, over) })
}

interface Standing extends DeskRow {
  waiting: number
  parked: number
  delivered: number
  oldest_at: number | null
  parked_at: number | null
}

async function status(database: Database, limits: Limits, now: number): Promise<OutboxStatus> {
  const rows = await database.run<Standing>(
    `SELECT allowance, halt, tally.*,
       (SELECT min(accepted_at) FROM form_sync_job WHERE settled_at IS NULL) AS oldest_at,
       (SELECT min(settled_at) FROM form_sync_job WHERE state = 'parked') AS parked_at
     FROM form_sync_desk CROSS JOIN (
       SELECT sum(waiting)::bigint AS waiting, sum(parked)::bigint AS parked, sum(delivered)::bigint AS delivered
       FROM form_sync_tally
     ) AS tally`,
  )
  const { allowance, halt } = deskOf(rows)
  const { waiting, parked, delivered, oldest_at: oldestAt, parked_at: parkedAt } = rows[0]!
  const { spent, endsAt } = today(allowance, now)
  return {
    waiting,
    parked,
    delivered,
    ...(oldestAt !== null && { oldestAt }),
    ...(parkedAt !== null && { parkedAt }),
    ...breakerStatus(halt),
    day: { spent, of: limits.callsPerDay, endsAt },
  }
}
