/**
 * The outbox on SQLite: that of `node:sqlite`, or of a Durable Object.
 *
 * The oldest waiting job of a person is `ready`, the others are `queued`: that is the whole order per person. A leased
 * job has a `batch`, and the lease's end as `due_at`: a crashed relay leaves nothing to clean up, and a late settlement
 * does not fit the number of attempts. A method that writes is one transaction. Every statement finds its rows by an
 * index, so that the number of stored jobs does not matter; `resume` alone reads all that wait, and all rows once when the
 * transport has changed.
 */
import { clampState, nextClaimAt } from '../account-state.ts'
import type { BatchKeys } from '../batch-planner.ts'
import { breakerStatus } from '../circuit-breaker.ts'
import { MAX_WAIT_MS } from '../clock-skew.ts'
import type { CounterChange } from '../counters.ts'
import { JOB_COLUMNS, leadOf, recordOf, type JobRow } from '../job-row.ts'
import { currentDay } from '../limits/call-budget.ts'
import { leaseOf, LIMITS, type Limits } from '../limits/limits.ts'
import type { ListedState, ListPosition, Outbox, OutboxStatus } from '../outbox.ts'
import { keysOf, type LeadKeys, type OutboxCrypto } from '../person-keys.ts'
import type { Lead } from '../../intake/lead.ts'
import { acquireSlot, batchKeys as keysInUse, claim } from './claim.ts'
import { addCounts, readLeased, readState, writeState } from './control.ts'
import type { AccountSql, Row, Sql } from './database.ts'
import { FIRST_ACCOUNT, openTables } from './schema.ts'
import { LISTED, readJob, replay, settle } from './settle.ts'

export interface SqliteOutboxOptions {
  /** Rules of the transport for sharing calls. */
  batchKeys: BatchKeys
  crypto: OutboxCrypto
  limits?: Limits
  /** Name of the Marketo account. */
  account?: string
  /** False to refuse tables of an older version instead of upgrading them. */
  upgrade?: boolean
}

/** Jobs whose batch keys are computed again in one transaction. */
const REKEYED_JOBS = 2_000

/**
 * Opens the outbox of an account in a database, and creates or upgrades the tables.
 *
 * @throws when the tables have a newer version
 */
export async function createSqliteOutbox(
  database: Sql,
  { batchKeys, crypto, limits = LIMITS, account = FIRST_ACCOUNT, upgrade }: SqliteOutboxOptions,
): Promise<Outbox> {
  const digest = crypto.keyedDigest(await openTables(database, crypto, upgrade))
  const sql: AccountSql = { run: database.run, transaction: database.transaction, account }
  sql.run('INSERT OR IGNORE INTO control (account, transport) VALUES (?, ?)', account, batchKeys.name)
  return {
    async add(leads, dueAt) {
      const keys = await keysOf(leads, digest)
      sql.transaction(() => {
        // A write that changes nothing tests whether the file can be written.
        if (leads.length === 0) sql.run('UPDATE meta SET version = version')
        else addAll(sql, batchKeys, leads, keys, dueAt)
      })
    },
    async claim(now, leaseExpiresAt, max) {
      return sql.transaction(() => claim(sql, limits, now, leaseExpiresAt, max))
    },
    async settle(batch, settlements, now, limited) {
      sql.transaction(() => settle(sql, limits, batch, settlements, now, limited))
    },
    async acquireSlot(now, leaseExpiresAt) {
      return sql.transaction(() => acquireSlot(sql, limits, now, leaseExpiresAt))
    },
    async nextDueAt(now) {
      return nextDueAt(sql, limits, now)
    },
    async resume(now) {
      sql.transaction(() => clampTimes(sql, limits, now))
      updateBatchKeys(sql, batchKeys)
    },
    async status(now) {
      return status(sql, limits, now)
    },
    async find(id) {
      const row = readJob(sql, id)
      return row && recordOf(row)
    },
    async list(state, limit, after) {
      return list(sql, state, limit, after).map(recordOf)
    },
    async replay(ids, edit, now) {
      return sql.transaction(() => ids.map((id) => replay(sql, batchKeys, id, edit, now)))
    },
    async sweep(before, limit) {
      return sql.transaction(
        () =>
          sql.run(
            `DELETE FROM job WHERE seq IN (
               SELECT seq FROM job WHERE account = ? AND state = 'delivered' AND settled_at < ?
               ORDER BY settled_at, seq LIMIT ?
             ) RETURNING seq`,
            account,
            before,
            limit,
          ).length,
      )
    },
  }
}

/** Stores leads and counts them. A lead whose id is known is not stored. */
function addAll(
  sql: AccountSql,
  batchKeys: BatchKeys,
  leads: readonly Lead[],
  keys: readonly LeadKeys[],
  dueAt: number,
): void {
  const [last] = sql.run<{ seq: number | null }>('SELECT max(seq) AS seq FROM job')
  for (const [at, lead] of leads.entries()) add(sql, lead, keys[at]!, batchKeys.batchKey(lead), dueAt)
  const added = sql.run<{ form: string; waiting: number; held: number }>(
    `SELECT form, sum(state <> 'held') AS waiting, sum(state = 'held') AS held FROM job WHERE seq > ? GROUP BY form`,
    last?.seq ?? 0,
  )
  addCounts(sql, added.map(addition))
}

/** Returns what added leads change in the counters of a form. */
export function addition({ form, waiting, held }: { form: string; waiting: number; held: number }): CounterChange {
  return { form, add: { waiting, held, accepted_total: waiting + held, held_total: held } }
}

function add(sql: AccountSql, lead: Lead, keys: LeadKeys, batchKey: string | null, dueAt: number): void {
  const held = lead.hold !== undefined
  sql.run(
    `INSERT INTO job (id, account, form, person_key, visitor_key, state, due_at, batch_key, lead, notes, accepted_at,
       settled_at, reason)
     VALUES (?, ?, ?, ?, ?,
       CASE WHEN ? THEN 'held' WHEN EXISTS (
         SELECT 1 FROM job WHERE account = ? AND person_key = ? AND state = 'ready'
       ) THEN 'queued' ELSE 'ready' END,
       ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO NOTHING`,
    ...[lead.id, sql.account, lead.form, keys.person, keys.visitor],
    ...[Number(held), sql.account, keys.person],
    ...[held ? null : dueAt, batchKey, JSON.stringify(lead), JSON.stringify(lead.notes), lead.acceptedAt],
    ...[held ? dueAt : null, lead.hold ?? null],
  )
}

function nextDueAt(sql: AccountSql, limits: Limits, now: number): number | undefined {
  const firstDue = (key: string | null) =>
    sql.run<{ due: number | null }>(
      `SELECT min(due_at) AS due FROM job WHERE account = ? AND batch_key IS ? AND state = 'ready'`,
      sql.account,
      key,
    )[0]?.due ?? null
  const shared = keysInUse(sql).flatMap((key) => firstDue(key) ?? [])
  const due = { alone: firstDue(null), shared: shared.length > 0 ? Math.min(...shared) : null }
  if (due.alone === null && due.shared === null) return undefined
  return nextClaimAt(readState(sql), limits, readLeased(sql, now), due, now)
}

function clampTimes(sql: AccountSql, limits: Limits, now: number): void {
  const { account } = sql
  const [latestLeaseEnd, latestDue] = [now + leaseOf(limits), now + MAX_WAIT_MS]
  sql.run(
    'UPDATE batch SET lease_expires_at = ? WHERE account = ? AND lease_expires_at > ?',
    latestLeaseEnd,
    account,
    latestLeaseEnd,
  )
  sql.run(
    'UPDATE job SET due_at = ? WHERE account = ? AND batch IS NOT NULL AND due_at > ?',
    latestLeaseEnd,
    account,
    latestLeaseEnd,
  )
  for (const state of ['ready', 'queued']) {
    sql.run(
      `UPDATE job SET due_at = ? WHERE account = ? AND state = '${state}' AND batch IS NULL AND due_at > ?`,
      latestDue,
      account,
      latestDue,
    )
  }
  writeState(sql, clampState(readState(sql), now, latestLeaseEnd))
}

/** Computes the batch keys of waiting jobs again when they are those of another transport. */
function updateBatchKeys(sql: AccountSql, batchKeys: BatchKeys): void {
  const [control] = sql.run<{ transport: string | null }>(
    'SELECT transport FROM control WHERE account = ?',
    sql.account,
  )
  if (control?.transport === batchKeys.name) return
  // One pass over all rows, in their order on the disk: by an index each page would sort or scatter.
  for (let last: number | undefined = 0; last !== undefined;) {
    const from: number = last
    last = sql.transaction(() => {
      const rows = sql.run<Row & Pick<JobRow, 'seq' | 'batch_key' | 'lead'>>(
        `SELECT seq, batch_key, lead FROM job NOT INDEXED
         WHERE account = ? AND state IN ('ready', 'queued') AND seq > ? ORDER BY seq LIMIT ${REKEYED_JOBS}`,
        sql.account,
        from,
      )
      for (const row of rows) {
        const key = batchKeys.batchKey(leadOf(row))
        if (key !== row.batch_key) sql.run('UPDATE job SET batch_key = ? WHERE seq = ?', key, row.seq)
      }
      return rows.at(-1)?.seq
    })
  }
  sql.run('UPDATE control SET transport = ? WHERE account = ?', batchKeys.name, sql.account)
}

function status(sql: AccountSql, limits: Limits, now: number): OutboxStatus {
  const { account } = sql
  const [counts] = sql.run<{ waiting: number; held: number; parked: number; delivered: number }>(
    `SELECT coalesce(sum(waiting), 0) AS waiting, coalesce(sum(held), 0) AS held, coalesce(sum(parked), 0) AS parked,
       coalesce(sum(delivered_total), 0) AS delivered
     FROM counter WHERE account = ?`,
    account,
  )
  const oldestAt = time(sql, 'SELECT min(accepted_at) AS at FROM job WHERE account = ? AND settled_at IS NULL')
  const parkedAt = time(
    sql,
    `SELECT min(settled_at) AS at FROM job WHERE account = ? AND state = 'parked' AND ${LISTED}`,
  )
  const state = readState(sql)
  const { spent, endsAt } = currentDay(state.budget, now)
  return {
    ...counts!,
    ...(oldestAt !== undefined && { oldestAt }),
    ...(parkedAt !== undefined && { parkedAt }),
    ...breakerStatus(state.breaker),
    day: { spent, of: limits.callsPerDay, endsAt },
  }
}

function time(sql: AccountSql, statement: string): number | undefined {
  return sql.run<Row & { at: number | null }>(statement, sql.account)[0]?.at ?? undefined
}

function list(sql: AccountSql, state: ListedState, limit: number, after: ListPosition = { at: -1, id: '' }): JobRow[] {
  const { at, id } = after
  if (state === 'waiting') {
    return sql.run<JobRow>(
      `SELECT ${JOB_COLUMNS} FROM job WHERE account = ? AND settled_at IS NULL AND accepted_at >= ?
         AND (accepted_at, id) > (?, ?) ORDER BY accepted_at, id LIMIT ?`,
      ...[sql.account, at, at, id, limit],
    )
  }
  return sql.run<JobRow>(
    `SELECT ${JOB_COLUMNS} FROM job WHERE account = ? AND state = ? AND ${LISTED} AND (settled_at, id) > (?, ?)
     ORDER BY settled_at, id LIMIT ?`,
    ...[sql.account, state, at, id, limit],
  )
}
