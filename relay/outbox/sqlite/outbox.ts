/**
 * The outbox on SQLite: that of `node:sqlite`, or of a Durable Object.
 *
 * The next job of a person is `ready`, the others that wait are `queued`: that is the whole order per person. A leased job
 * has a `batch`, and the lease's end as `due_at`: a crashed relay leaves nothing to clean up, and a late settlement does not
 * fit the number of attempts. A method that writes is one transaction. Every statement finds its rows by an index, so that
 * the number of stored jobs does not matter; `resume` alone reads all that wait, and all rows once when the transport has
 * changed.
 */
import { FIRST_ACCOUNT } from '../../account-name.ts'
import { clampState, nextClaimAt, retryNow, statusOf, withFingerprint, type StatusRow } from '../account-state.ts'
import type { BatchKeys, Lane } from '../batch-planner.ts'
import { LONGEST_RETRY_MS, MAX_WAIT_MS } from '../clock-skew.ts'
import { addedKeysOf } from '../content-key.ts'
import { JOB_COLUMNS, leadOf, recordOf, type JobRow } from '../job-row.ts'
import { createSourceDigest } from '../lead-source.ts'
import { leaseOf, LIMITS, type Limits } from '../limits/limits.ts'
import { REKEYED_JOBS, type OutboxOptions } from '../options.ts'
import type { FormLeads, ListedState, ListPosition, Outbox, OutboxStatus } from '../outbox.ts'
import { expiringBefore, expiryOf, type Expiry } from '../expiry.ts'
import { fingerprintOf, visitorKeyOf } from '../person-keys.ts'
import { addAll } from './add.ts'
import { accountSql } from './account-sql.ts'
import { acquireSlot, claim, firstLater, readBusy, readLanes } from './claim.ts'
import type { CookieTurns } from '../cookie-turns.ts'
import { readLeased, readState, writeState } from './control.ts'
import { sweepVisitors, takeTurn } from './cookie-turns.ts'
import type { AccountSql, Row, Sql } from './database.ts'
import { readHeldForms } from './held-forms.ts'
import { isWeakKey, withWeakKeys } from '../weak-key.ts'
import { openTables } from './schema.ts'
import { LISTED, readStale } from './newest-sent.ts'
import { readById, replay, settle } from './settle.ts'

/**
 * Opens the outbox of an account in a database, and creates or upgrades the tables.
 *
 * @throws when the tables have a newer version
 */
export async function createSqliteOutbox(
  database: Sql,
  {
    batchKeys: ownKeys,
    moveJob,
    crypto,
    dataKeys,
    limits = LIMITS,
    account = FIRST_ACCOUNT,
    onReusedId,
    upgrade,
  }: OutboxOptions,
): Promise<Outbox & CookieTurns> {
  const { secret, sealing } = await openTables(database, crypto, upgrade, dataKeys)
  const batchKeys = withWeakKeys(ownKeys)
  const digest = crypto.keyedDigest(secret)
  const sourceOf = createSourceDigest(crypto, digest)
  const sql = accountSql(database, account, sealing)
  sql.run('INSERT OR IGNORE INTO control (account, transport) VALUES (?, ?)', account, batchKeys.name)
  return {
    async add(leads, dueAt) {
      const keys = await addedKeysOf(leads, account, digest, sourceOf)
      const reused = sql.transaction(() => {
        if (leads.length > 0) return addAll(sql, batchKeys, leads, keys, dueAt, dueAt + leaseOf(limits))
        // A write that changes nothing tests whether the file can be written.
        sql.run('UPDATE meta SET version = version')
        return []
      })
      if (onReusedId) reused.forEach(onReusedId)
    },
    claim: async (now, leaseExpiresAt, max) =>
      sql.transaction(() => claim(sql, batchKeys, limits, now, leaseExpiresAt, max)),
    settle: async (batch, settlements, now, limited) =>
      sql.transaction(() => settle(sql, limits, { batch, settlements, now, limited })),
    acquireSlot: async (now, leaseExpiresAt, idle, use) =>
      sql.transaction(() => acquireSlot(sql, limits, now, leaseExpiresAt, idle, use)),
    nextDueAt: async (now) => nextDueAt(sql, limits, now),
    async resume(now, credentials) {
      const fingerprint = await fingerprintOf(credentials, digest)
      sql.transaction(() => {
        clampTimes(sql, now)
        writeState(sql, withFingerprint(readState(sql), fingerprint, now))
      })
      updateBatchKeys(sql, batchKeys)
    },
    retryNow: async (now) => sql.transaction(() => writeState(sql, retryNow(readState(sql), now))),
    status: async (now) => status(sql, limits, now),
    find: async (id) => readStale(sql, readById(sql, id)).map(recordOf)[0],
    list: async (state, limit, after) => readStale(sql, list(sql, state, limit, after)).map(recordOf),
    async replay(ids, edit, now) {
      const visitor = await visitorKeyOf(edit, digest)
      const context = { batchKeys, moveJob, edit, visitor, now, leaseEnd: now + leaseOf(limits) }
      return sql.transaction(() => ids.map((id) => replay(sql, id, context)))
    },
    async survey(selector, by, after) {
      const { survey } = await import('./maintenance.ts')
      return survey(sql, selector, by, after)
    },
    async discard(selector, discarding, now, after) {
      const { discard } = await import('./maintenance.ts')
      return sql.transaction(() => discard(sql, selector, discarding, now, now + leaseOf(limits), after))
    },
    async findPerson(person, limit, after) {
      const { findPerson } = await import('./maintenance.ts')
      return findPerson(sql, await digest(person), limit, after)
    },
    async erase(person, erasing, now) {
      const { erase } = await import('./maintenance.ts')
      const key = await digest(person)
      return sql.transaction(() => erase(sql, key, erasing, now, now + leaseOf(limits)))
    },
    async expire(keepMs, now, limit) {
      const { expire } = await import('./maintenance.ts')
      return sql.transaction(() => expire(sql, keepMs, now, limit, now + leaseOf(limits)))
    },
    async holdForm(form, hold, now) {
      const { holdForm } = await import('./maintenance.ts')
      return sql.transaction(() => holdForm(sql, form, hold, now))
    },
    async beginAct({ person, ...act }, now) {
      const { beginAct } = await import('./maintenance.ts')
      const personKey = person === undefined ? null : await digest(person)
      return sql.transaction(() => beginAct(sql, act, personKey, now))
    },
    async endAct(id, leads) {
      const { endAct } = await import('./maintenance.ts')
      sql.transaction(() => endAct(sql, id, leads))
    },
    async listActs(limit, before) {
      const { listActs } = await import('./maintenance.ts')
      return listActs(sql, limit, before)
    },
    async sweep(before, limit) {
      const statement = `DELETE FROM job WHERE seq IN (
          SELECT seq FROM job WHERE account = ? AND state = 'delivered' AND settled_at < ?
            AND NOT EXISTS (SELECT 1 FROM owed WHERE owed.seq = job.seq)
          ORDER BY settled_at, seq LIMIT ?
        ) RETURNING seq`
      return sql.transaction(() => {
        sweepVisitors(sql, before)
        return sql.run(statement, account, before, limit).length
      })
    },
    async forgetTurns(ids) {
      const { forgetTurns } = await import('./maintenance.ts')
      sql.transaction(() => forgetTurns(sql, ids))
    },
    async takeTurn(cookie, order, lastsMs, now) {
      const visitor = await digest(cookie)
      return sql.transaction(() => takeTurn(sql, visitor, order, lastsMs, now))
    },
  }
}

function nextDueAt(sql: AccountSql, limits: Limits, now: number): number | undefined {
  const leased = readBusy(sql, now)
  const busy = leased.map(({ visitor }) => visitor)
  const led = readLanes(sql, now, 0, busy)
  const lanes = [...led.filter(({ batch_key: key }) => !isWeakKey(key)), ...firstLater(sql, now, busy)]
  const [firstOwed] = sql.run<{ due_at: number | null }>(
    'SELECT min(due_at) AS due_at FROM owed WHERE account = ?',
    sql.account,
  )
  const firstDue = (own: readonly Pick<Lane, 'due_at'>[]) => Math.min(...own.map((lane) => lane.due_at))
  const due = {
    // The visitor of a leased job may be all that an older one, which is ready instead of it, waits for.
    alone: firstDue([
      ...lanes.filter(({ batch_key: key }) => key === null),
      ...leased.filter(({ state }) => state === 'queued'),
    ]),
    shared: firstDue(lanes.filter(({ batch_key: key }) => key !== null)),
    weak: firstDue(led.filter(({ batch_key: key }) => isWeakKey(key))),
    owed: firstOwed?.due_at ?? Infinity,
  }
  return nextClaimAt(readState(sql), limits, readLeased(sql, now), due, now)
}

/**
 * Clamps stored times after the clock went backwards. A batch that was claimed in the future keeps the length that its
 * lease was begun with, from now on; no other lease changes, whatever time-out this relay has. A job that waits for a retry
 * keeps its time if it failed in the past, and no longer ago than a retry takes; no other one waits longer than it must,
 * which may be for the lease of a younger job of its person.
 */
function clampTimes(sql: AccountSql, now: number): void {
  const clamp = (statement: string, time = now) => sql.run(statement, sql.account, time)
  for (const table of ['job', 'owed']) {
    clamp(
      `UPDATE ${table} SET due_at = ?2 WHERE account = ?1 AND batch IS NOT NULL AND due_at > ?2
         AND NOT EXISTS (SELECT 1 FROM batch WHERE batch.id = ${table}.batch)`,
    )
    clamp(
      `UPDATE ${table} SET due_at = ?2 + batch.lease_expires_at - batch.claimed_at FROM batch
       WHERE ${table}.account = ?1 AND ${table}.batch = batch.id AND batch.claimed_at > ?2`,
    )
  }
  clamp(
    `UPDATE batch SET lease_expires_at = ?2 + lease_expires_at - claimed_at, claimed_at = ?2
     WHERE account = ?1 AND claimed_at > ?2`,
  )
  clamp('UPDATE job SET turn = NULL WHERE account = ?1 AND settled_at IS NULL AND turn IS NOT NULL AND due_at > ?2')
  sql.run(
    `UPDATE job SET due_at = min(due_at, max(?3, coalesce((
         SELECT max(due_at) FROM job AS leased
         WHERE account = ?1 AND person_key = job.person_key AND batch IS NOT NULL
       ), 0)))
     WHERE account = ?1 AND settled_at IS NULL AND batch IS NULL AND due_at > ?3
       AND coalesce(history ->> '$[#-1].last', 0) NOT BETWEEN due_at - ?4 AND ?2`,
    sql.account,
    now,
    now + MAX_WAIT_MS,
    LONGEST_RETRY_MS,
  )
  clamp('UPDATE owed SET due_at = ?2 WHERE account = ?1 AND batch IS NULL AND due_at > ?2', now + MAX_WAIT_MS)
  const [lease] = sql.run<{ latest: number | null }>(
    'SELECT max(lease_expires_at) AS latest FROM batch WHERE account = ?',
    sql.account,
  )
  writeState(sql, clampState(readState(sql), now, Math.max(now, lease?.latest ?? now)))
}

/** Computes the batch keys of waiting jobs again when they are those of another transport. */
function updateBatchKeys(sql: AccountSql, { name, batchKey }: BatchKeys): void {
  const { account } = sql
  const [control] = sql.run<{ transport: string | null }>('SELECT transport FROM control WHERE account = ?', account)
  if (control?.transport === name) return
  for (let last: number | undefined = 0; last !== undefined;) {
    const from: number = last
    last = sql.transaction(() => {
      const rows = sql.run<Pick<JobRow, 'seq' | 'id' | 'batch_key' | 'lead'>>(
        // By the primary key: SQLite would choose an index and sort all waiting jobs for each page.
        `SELECT seq, id, batch_key, lead FROM job NOT INDEXED WHERE account = ? AND settled_at IS NULL AND seq > ?
         ORDER BY seq LIMIT ${REKEYED_JOBS}`,
        account,
        from,
      )
      for (const row of rows) {
        const key = batchKey(leadOf(row))
        if (key !== row.batch_key) sql.run('UPDATE job SET batch_key = ?, turn = NULL WHERE seq = ?', key, row.seq)
      }
      return rows.at(-1)?.seq
    })
  }
  sql.run('UPDATE control SET transport = ? WHERE account = ?', name, account)
}

function status(sql: AccountSql, limits: Limits, now: number): OutboxStatus {
  const [row] = sql.run<StatusRow & { reused: number; owed: number }>(
    `SELECT coalesce(sum(waiting), 0) AS waiting, coalesce(sum(held), 0) AS held, coalesce(sum(parked), 0) AS parked,
       coalesce(sum(delivered_total), 0) AS delivered, coalesce(sum(reused_total), 0) AS reused,
       coalesce(sum(owed), 0) AS owed,
       (SELECT min(accepted_at) FROM job WHERE account = ?1 AND settled_at IS NULL) AS oldest_at,
       (SELECT min(settled_at) FROM job WHERE account = ?1 AND state = 'parked' AND ${LISTED}) AS parked_at
     FROM counter WHERE account = ?1`,
    sql.account,
  )
  const { reused, owed } = row!
  const heldForms = sql.account === FIRST_ACCOUNT ? readHeldForms(sql) : []
  const state = readState(sql)
  return {
    ...statusOf(row!, state, limits, now),
    ...(row!.held > 0 && { heldByForm: readHeld(sql) }),
    ...readExpiring(sql, state.expiry, now),
    ...(reused > 0 && { reusedIds: reused }),
    ...(owed > 0 && { owed }),
    ...(heldForms.length > 0 && { heldForms }),
  }
}

/** Counts the leads that are held, by form. */
function readHeld(sql: AccountSql): FormLeads[] {
  const statement = 'SELECT form, held AS leads FROM counter WHERE account = ? AND held > 0 ORDER BY form'
  return sql.run<FormLeads & Row>(statement, sql.account).map(({ form, leads }) => ({ form, leads }))
}

/** Counts the leads that expire within the notice. */
function readExpiring(sql: AccountSql, expiry: Expiry | undefined, now: number): Pick<OutboxStatus, 'expiring'> {
  if (!expiry) return {}
  const [row] = sql.run<{ leads: number; first: number | null }>(
    `SELECT count(*) AS leads, min(settled_at) AS first FROM job WHERE account = ? AND ${LISTED} AND settled_at < ?`,
    sql.account,
    expiringBefore(expiry, now),
  )
  const { leads, first } = row!
  return first === null ? {} : { expiring: { leads, firstAt: expiryOf(first, expiry) } }
}

function list(sql: AccountSql, state: ListedState, limit: number, after: ListPosition = { at: -1, id: '' }): JobRow[] {
  const { at, id } = after
  const [condition, time] =
    state === 'waiting'
      ? ['settled_at IS NULL AND accepted_at >= ?2', 'accepted_at']
      : [`state = '${state}' AND ${LISTED}`, 'settled_at']
  return sql.run<JobRow>(
    `SELECT ${JOB_COLUMNS} FROM job WHERE account = ?1 AND ${condition} AND (${time}, id) > (?2, ?3)
     ORDER BY ${time}, id LIMIT ?4`,
    sql.account,
    at,
    id,
    limit,
  )
}
