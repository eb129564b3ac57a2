/**
 * The outbox on PostgreSQL: several relays share one, and together they keep what the port promises.
 *
 * Tables and order per person are those of the outbox on SQLite. Three things keep nodes apart: the control row
 * (`control.ts`), which all transactions but additions lock; the locks of people (`ordering.ts`); and the indexes, which
 * refuse a second lead of one id and a second job of one person that could be leased. A node that crashes leaves nothing
 * to clean up: its transaction is rolled back, and its leases expire.
 *
 * However many jobs a method is about, it takes a few round trips; a claim, a few for each batch.
 */
import { FIRST_ACCOUNT } from '../../account-name.ts'
import {
  clampState,
  nextClaimAt,
  parseState,
  retryNow,
  statusOf,
  withFingerprint,
  type StatusRow,
} from '../account-state.ts'
import type { BatchKeys } from '../batch-planner.ts'
import { LONGEST_RETRY_MS, MAX_WAIT_MS } from '../clock-skew.ts'
import { addedKeysOf } from '../content-key.ts'
import { JOB_COLUMNS, leadOf, recordOf, type JobRow } from '../job-row.ts'
import { createSourceDigest } from '../lead-source.ts'
import { leaseOf, LIMITS, type Limits } from '../limits/limits.ts'
import { REKEYED_JOBS, type OutboxOptions } from '../options.ts'
import type { FormLeads, ListedState, ListPosition, Outbox, OutboxStatus } from '../outbox.ts'
import { expiringBefore, expiryOf, type Expiry } from '../expiry.ts'
import { fingerprintOf, visitorKeyOf } from '../person-keys.ts'
import { add } from './add.ts'
import { HAS_WEAK_KEY, withWeakKeys } from '../weak-key.ts'
import { accountSql } from './account-sql.ts'
import { beginAct, endAct, listActs } from './acts.ts'
import { acquireSlot, claim, FIRST_DUE } from './claim.ts'
import { LEASED_COLUMNS, leasedOf, lockState, writeState, type LeasedRow } from './control.ts'
import type { AccountReader, AccountTransaction, Database, Row } from './database.ts'
import { discard } from './discard.ts'
import { expire } from './expiry.ts'
import { holdForm, readHeldForms } from './held-forms.ts'
import { createLeaseWatch } from './lease-watch.ts'
import { readStale } from './newest-sent.ts'
import { erase, findPerson } from './person.ts'
import { openTables } from './schema.ts'
import { survey } from './selected.ts'
import { readByIds, replay, settle } from './settle.ts'

/**
 * Opens the outbox of an account in a database, and creates or upgrades the tables.
 *
 * @param elapsed returns ms from a monotonic clock. Without it leases end by the times that callers give
 * @throws when the tables have a newer version
 */
export async function createPostgresOutbox(
  database: Database,
  options: OutboxOptions,
  elapsed?: () => number,
): Promise<Outbox> {
  const { moveJob, crypto, dataKeys, limits = LIMITS, account = FIRST_ACCOUNT, onReusedId } = options
  const batchKeys = withWeakKeys(options.batchKeys)
  const watch = elapsed && createLeaseWatch(elapsed)
  const { secret, sealing } = await openTables(database, crypto, options.upgrade ?? true, dataKeys)
  const digest = crypto.keyedDigest(secret)
  const sourceOf = createSourceDigest(crypto, digest)
  const reader: AccountReader = accountSql({ run: database.run }, account, sealing)
  const newRow = 'INSERT INTO form_sync_control (account, transport) VALUES ($1, $2) ON CONFLICT DO NOTHING'
  await database.run(newRow, account, batchKeys.name)

  function transaction<T>(work: (sql: AccountTransaction) => Promise<T>, patient = false): Promise<T> {
    return database.transaction((sql) => work(accountSql(sql, account, sealing)), patient)
  }

  return {
    async add(leads, dueAt) {
      // A write that changes nothing tests whether the database can be written.
      if (leads.length === 0) await database.run('UPDATE form_sync_meta SET version = version')
      const keys = await addedKeysOf(leads, account, digest, sourceOf)
      if (leads.length === 0) return
      const added = await transaction(async (sql) => add(sql, batchKeys, leads, keys, dueAt, dueAt + leaseOf(limits)))
      const reused = await added.reused
      if (onReusedId) reused.forEach(onReusedId)
    },
    claim: (now, leaseExpiresAt, max) =>
      transaction((sql) => claim(sql, batchKeys, limits, watch, now, leaseExpiresAt, max)),
    settle: (batch, settlements, now, limited) =>
      transaction((sql) => settle(sql, limits, { batch, settlements, now, limited })),
    acquireSlot: (now, leaseExpiresAt, idle, use) =>
      transaction((sql) => acquireSlot(sql, limits, watch, now, leaseExpiresAt, idle, use)),
    nextDueAt: (now) => nextDueAt(reader, limits, now),
    async resume(now, credentials) {
      const fingerprint = await fingerprintOf(credentials, digest)
      await transaction((sql) => clampTimes(sql, fingerprint, now), true)
      await updateBatchKeys(database, reader, batchKeys)
    },
    retryNow: (now) => transaction(async (sql) => writeState(sql, retryNow(await lockState(sql), now))),
    status: (now) => status(reader, limits, now),
    find: async (id) => (await readStale(reader, await readByIds(reader, [id]))).map(recordOf)[0],
    list: async (state, limit, after) =>
      (await readStale(reader, await list(reader, state, limit, after))).map(recordOf),
    async replay(ids, edit, now) {
      const visitor = await visitorKeyOf(edit, digest)
      const context = { batchKeys, moveJob, edit, visitor, now, leaseEnd: now + leaseOf(limits) }
      return transaction((sql) => replay(sql, ids, context))
    },
    survey: (selector, by, after) => survey(reader, selector, by, after),
    discard: (selector, discarding, now, after) =>
      transaction((sql) => discard(sql, selector, discarding, now, now + leaseOf(limits), after)),
    findPerson: async (person, limit, after) => findPerson(reader, await digest(person), limit, after),
    async erase(person, erasing, now) {
      const key = await digest(person)
      return transaction((sql) => erase(sql, key, erasing, now, now + leaseOf(limits)))
    },
    expire: (keepMs, now, limit) => transaction((sql) => expire(sql, keepMs, now, limit, now + leaseOf(limits))),
    holdForm: (form, hold, now) => holdForm(database, form, hold, now),
    async beginAct({ person, ...act }, now) {
      return beginAct(database, act, person === undefined ? null : await digest(person), now)
    },
    endAct: (id, leads) => endAct(database, id, leads),
    listActs: (limit, before) => listActs(database, limit, before),
    async sweep(before, limit) {
      const swept = await database.run(
        `DELETE FROM form_sync_job WHERE seq = ANY (ARRAY(
           SELECT seq FROM form_sync_job AS job WHERE account = $1 AND state = 'delivered' AND settled_at < $2
             AND NOT EXISTS (SELECT FROM form_sync_owed AS owed WHERE owed.seq = job.seq)
           ORDER BY settled_at, seq LIMIT $3 FOR UPDATE SKIP LOCKED
         )) RETURNING seq`,
        account,
        before,
        limit,
      )
      return swept.length
    },
  }
}

interface DueRow extends Row {
  state: string | null
  alone_due: number | null
  shared_due: number | null
  weak_due: number | null
  owed_due: number | null
}

async function nextDueAt({ run, account }: AccountReader, limits: Limits, now: number): Promise<number | undefined> {
  const [row] = await run<LeasedRow & DueRow>(
    `SELECT state, out, first_end, shared,
       (SELECT min(due_at) FILTER (WHERE batch_key IS NULL) FROM (${FIRST_DUE}) AS lanes) AS alone_due,
       (SELECT min(due_at) FILTER (WHERE NOT ${HAS_WEAK_KEY}) FROM (${FIRST_DUE}) AS lanes) AS shared_due,
       (SELECT min(due_at) FILTER (WHERE ${HAS_WEAK_KEY}) FROM (${FIRST_DUE}) AS lanes) AS weak_due,
       (SELECT min(due_at) FROM form_sync_owed WHERE account = $1) AS owed_due
     FROM form_sync_control CROSS JOIN (
       SELECT ${LEASED_COLUMNS} FROM form_sync_batch WHERE account = $1 AND lease_expires_at > $2
     ) AS batches
     WHERE form_sync_control.account = $1`,
    account,
    now,
  )
  if (!row) return undefined
  const due = {
    alone: row.alone_due ?? Infinity,
    shared: row.shared_due ?? Infinity,
    weak: row.weak_due ?? Infinity,
    owed: row.owed_due ?? Infinity,
  }
  return nextClaimAt(parseState(row.state), limits, leasedOf(row), due, now)
}

/**
 * Clamps stored times after the clock went backwards. A batch that was claimed in the future keeps the length that its
 * lease was begun with, from now on; no other lease changes, whatever time-out this node has. A job that waits for a retry
 * keeps its time if it failed in the past, and no longer ago than a retry takes; no other one waits longer than it must,
 * which may be for the lease of a younger job of its person.
 */
async function clampTimes(sql: AccountTransaction, fingerprint: string | undefined, now: number): Promise<void> {
  const state = await lockState(sql)
  const clamp = (statement: string, time = now) => sql.send(statement, sql.account, time)
  for (const table of ['job', 'owed']) {
    clamp(
      `UPDATE form_sync_${table} AS own SET due_at = $2 WHERE account = $1 AND batch IS NOT NULL AND due_at > $2
         AND NOT EXISTS (SELECT 1 FROM form_sync_batch WHERE form_sync_batch.id = own.batch)`,
    )
    clamp(
      `UPDATE form_sync_${table} AS own SET due_at = $2 + batch.lease_expires_at - batch.claimed_at
       FROM form_sync_batch AS batch WHERE own.account = $1 AND own.batch = batch.id AND batch.claimed_at > $2`,
    )
  }
  clamp(
    `UPDATE form_sync_batch SET lease_expires_at = $2 + lease_expires_at - claimed_at, claimed_at = $2
     WHERE account = $1 AND claimed_at > $2`,
  )
  clamp(
    `UPDATE form_sync_job SET turn = NULL WHERE account = $1 AND state = 'ready' AND turn IS NOT NULL AND due_at > $2`,
  )
  sql.send(
    `UPDATE form_sync_job AS job SET due_at = least(due_at, greatest($3, (
         SELECT max(due_at) FROM form_sync_job AS leased
         WHERE leased.account = $1 AND leased.person_key = job.person_key AND leased.batch IS NOT NULL
       )))
     WHERE account = $1 AND settled_at IS NULL AND batch IS NULL AND due_at > $3
       AND coalesce(${FAILED_AT}, 0) NOT BETWEEN due_at - $4 AND $2`,
    sql.account,
    now,
    now + MAX_WAIT_MS,
    LONGEST_RETRY_MS,
  )
  clamp('UPDATE form_sync_owed SET due_at = $2 WHERE account = $1 AND batch IS NULL AND due_at > $2', now + MAX_WAIT_MS)
  const [lease] = await sql.run<{ latest: number | null }>(
    'SELECT max(lease_expires_at) AS latest FROM form_sync_batch WHERE account = $1',
    sql.account,
  )
  const clamped = clampState(state, now, Math.max(now, lease?.latest ?? now))
  writeState(sql, withFingerprint(clamped, fingerprint, now))
}

/**
 * The time of a job's last failure, the last number in its history. Not read as JSON: the server's functions fail where a
 * text holds NUL.
 */
const FAILED_AT = `substring(history FROM '"last":([0-9]+)(?:,"unanswered":[^,}]*)?\\}\\]$')::bigint`

/** Computes the batch keys of waiting jobs again when they are those of another transport. */
async function updateBatchKeys(database: Database, part: AccountReader, batchKeys: BatchKeys): Promise<void> {
  const { account, sealing } = part
  const [control] = await database.run<{ transport: string | null }>(
    'SELECT transport FROM form_sync_control WHERE account = $1',
    account,
  )
  if (control?.transport === batchKeys.name) return
  for (let last: number | undefined = 0; last !== undefined;) {
    const from: number = last
    last = await database.transaction(async (unopened) => {
      const sql = accountSql(unopened, account, sealing)
      const rows = await sql.run<Pick<JobRow, 'seq' | 'id' | 'lead'>>(
        `SELECT seq, id, lead FROM form_sync_job
         WHERE account = $1 AND seq > $2 AND state IN ('ready', 'queued') ORDER BY seq LIMIT ${REKEYED_JOBS} FOR UPDATE`,
        account,
        from,
      )
      sql.send(
        `UPDATE form_sync_job AS job SET batch_key = new.key, turn = NULL
         FROM unnest($1::bigint[], $2::text[]) AS new (seq, key)
         WHERE job.seq = new.seq AND job.batch_key IS DISTINCT FROM new.key`,
        rows.map(({ seq }) => seq),
        rows.map((row) => batchKeys.batchKey(leadOf(row))),
      )
      return rows.at(-1)?.seq
    }, true)
  }
  await database.run('UPDATE form_sync_control SET transport = $2 WHERE account = $1', account, batchKeys.name)
}

async function status({ run, account }: AccountReader, limits: Limits, now: number): Promise<OutboxStatus> {
  const [row] = await run<StatusRow & { state: string | null; reused: number; owed: number }>(
    `SELECT state, counts.*,
       (SELECT min(accepted_at) FROM form_sync_job WHERE account = $1 AND settled_at IS NULL) AS oldest_at,
       (SELECT min(settled_at) FROM form_sync_job
        WHERE account = $1 AND state = 'parked' AND state IN ('held', 'parked')) AS parked_at
     FROM form_sync_control CROSS JOIN (
       SELECT coalesce(sum(waiting), 0)::bigint AS waiting, coalesce(sum(held), 0)::bigint AS held,
         coalesce(sum(parked), 0)::bigint AS parked, coalesce(sum(delivered_total), 0)::bigint AS delivered,
         coalesce(sum(reused_total), 0)::bigint AS reused, coalesce(sum(owed), 0)::bigint AS owed
       FROM form_sync_counter WHERE account = $1
     ) AS counts
     WHERE form_sync_control.account = $1`,
    account,
  )
  if (!row) throw new Error(`the table form_sync_control has lost the row of the account ${account}`)
  const { state, reused, owed } = row
  const parsed = parseState(state)
  const heldForms = account === FIRST_ACCOUNT ? await readHeldForms({ run }) : []
  return {
    ...statusOf(row, parsed, limits, now),
    ...(row.held > 0 && { heldByForm: await readHeld({ run, account }) }),
    ...(await readExpiring({ run, account }, parsed.expiry, now)),
    ...(reused > 0 && { reusedIds: reused }),
    ...(owed > 0 && { owed }),
    ...(heldForms.length > 0 && { heldForms }),
  }
}

/** Counts the leads that are held, by form. */
function readHeld({ run, account }: AccountReader): Promise<FormLeads[]> {
  return run<FormLeads & Row>(
    `SELECT form, sum(held)::bigint AS leads FROM form_sync_counter WHERE account = $1
     GROUP BY form HAVING sum(held) > 0 ORDER BY form COLLATE "C"`,
    account,
  )
}

/** Counts the leads that expire within the notice. */
async function readExpiring(
  { run, account }: AccountReader,
  expiry: Expiry | undefined,
  now: number,
): Promise<Pick<OutboxStatus, 'expiring'>> {
  if (!expiry) return {}
  const [row] = await run<{ leads: number; first: number | null }>(
    `SELECT count(*) AS leads, min(settled_at) AS first FROM form_sync_job
     WHERE account = $1 AND state IN ('held', 'parked') AND settled_at < $2`,
    account,
    expiringBefore(expiry, now),
  )
  const { leads, first } = row!
  return first === null ? {} : { expiring: { leads, firstAt: expiryOf(first, expiry) } }
}

function list(sql: AccountReader, state: ListedState, limit: number, after?: ListPosition): Promise<JobRow[]> {
  const { at, id } = after ?? { at: -1, id: '' }
  const [condition, time] =
    state === 'waiting'
      ? ['settled_at IS NULL AND $5::text IS NOT NULL', 'accepted_at']
      : [`state = $5 AND state IN ('held', 'parked')`, 'settled_at']
  return sql.run<JobRow>(
    `SELECT ${JOB_COLUMNS} FROM form_sync_job
     WHERE account = $1 AND ${condition} AND ${time} >= $2 AND (${time}, id) > ($2, $3)
     ORDER BY ${time}, id LIMIT $4`,
    sql.account,
    at,
    id,
    limit,
    state,
  )
}
