/**
 * The upgrade of older tables of the outbox on SQLite. A module of its own, because the Worker loads it only where there are
 * older tables.
 */
import { FIRST_ACCOUNT } from '../../account-name.ts'
import { UPGRADED_ROWS } from '../options.ts'
import { createSecret, keysOf, parseSecret, type OutboxCrypto } from '../person-keys.ts'
import { storedSecret, type DataKeys } from '../sealing/sealing.ts'
import type { Sql } from './database.ts'
import {
  ACT,
  COOKIE_INDEX,
  HELD_FORM_TABLE,
  NEWEST_SENT_TABLE,
  OWED,
  TABLES,
  TURN_INDEXES,
  VERSION,
  versionOf,
  VISITOR,
  VISITOR_INDEX,
} from './tables.ts'

/**
 * Makes the tables of `VERSION` of older ones, each version completely or not at all.
 *
 * @param crypto makes the digests of leads of version 1, 2 or 3, which have none
 */
export async function upgradeTables(sql: Sql, crypto: OutboxCrypto, dataKeys?: DataKeys): Promise<void> {
  const found = versionOf(sql)
  if (found >= 4) return addColumns(sql)
  const secret = createSecret(crypto)
  await writeKeys(sql, crypto, secret)
  sql.transaction(() => {
    // Another process may have upgraded the tables meanwhile.
    if (versionOf(sql) === VERSION) return
    for (const statement of upgradeFrom(sql, found)) sql.run(statement)
    sql.run('ALTER TABLE meta ADD COLUMN secret TEXT')
    sql.run('DELETE FROM meta')
    sql.run('INSERT INTO meta (version, secret) VALUES (?, ?)', VERSION, storedSecret(secret, dataKeys))
  })
}

/** Adds to versions 4 to 8 what is missing. */
function addColumns(sql: Sql): void {
  sql.transaction(() => {
    const found = versionOf(sql)
    if (found === VERSION) return
    const missing = [
      ...(found === 4 ? ADD_TO_VERSION_4 : []),
      ...(found < 6 ? ADD_TO_VERSION_5 : []),
      // In the tables of version 6 owed cookies have no workspace.
      ...(found === 6 ? ['ALTER TABLE owed ADD COLUMN workspace TEXT'] : []),
      ...(found < 7 ? ADD_TO_VERSION_6 : []),
      ...(found < 8 ? ADD_TO_VERSION_7 : []),
      // Version 9 has the audit log.
      ...ACT,
    ]
    for (const statement of missing) sql.run(statement)
    sql.run('UPDATE meta SET version = ?', VERSION)
  })
}

/**
 * Make version 5 of version 4: the digest of a lead's content, the number of ids that were used for several, and an index by
 * visitor. Leads of before have no digest: their ids stand for any content.
 */
const ADD_TO_VERSION_4: readonly string[] = [
  'ALTER TABLE job ADD COLUMN content_key TEXT',
  'ALTER TABLE counter ADD COLUMN reused_total INTEGER NOT NULL DEFAULT 0',
  VISITOR_INDEX,
]

/** Add to version 5 what newer leads have sent, and owed cookies, which no program wrote before. */
const ADD_TO_VERSION_5: readonly string[] = [
  'DROP INDEX job_visitor',
  VISITOR_INDEX,
  NEWEST_SENT_TABLE,
  'DROP TABLE owed',
  ...OWED,
  COOKIE_INDEX,
  ...['owed', 'associated_total', 'given_up_total'].map(
    (column) => `ALTER TABLE counter ADD COLUMN ${column} INTEGER NOT NULL DEFAULT 0`,
  ),
]

/** Add to version 6 the visitors, and turns, which jobs of before get once they are due. */
const ADD_TO_VERSION_6: readonly string[] = [
  ...VISITOR,
  'DROP INDEX job_due',
  'ALTER TABLE job ADD COLUMN turn INTEGER',
  ...TURN_INDEXES,
]

/** Add to version 7 the forms whose leads are held, and the number of leads that have expired. */
const ADD_TO_VERSION_7: readonly string[] = [
  HELD_FORM_TABLE,
  'ALTER TABLE counter ADD COLUMN expired_total INTEGER NOT NULL DEFAULT 0',
]

/**
 * Computes the digests of the leads that are still to be delivered. An interrupted upgrade starts anew; meanwhile the
 * digests lie beside the tables, without the addresses.
 */
async function writeKeys(sql: Sql, crypto: OutboxCrypto, secret: string): Promise<void> {
  const digest = crypto.keyedDigest(parseSecret(secret))
  sql.transaction(() => {
    sql.run('DROP TABLE IF EXISTS upgrade_key')
    sql.run('CREATE TABLE upgrade_key (seq INTEGER PRIMARY KEY, person_key TEXT NOT NULL, visitor_key TEXT)')
  })
  for (let last: number | undefined = 0; last !== undefined;) {
    const rows: { seq: number; person: string; cookie: string | null }[] = sql.run(
      `SELECT seq, person, json_extract(lead, '$.cookie') AS cookie FROM job
       WHERE seq > ? AND lead IS NOT NULL ORDER BY seq LIMIT ${UPGRADED_ROWS}`,
      last,
    )
    const leads = rows.map(({ person, cookie }) => ({ person, ...(cookie !== null && { cookie }) }))
    const keys = await keysOf(leads, digest)
    sql.transaction(() => {
      for (const [at, { person, visitor }] of keys.entries()) {
        sql.run('INSERT INTO upgrade_key VALUES (?, ?, ?)', rows[at]!.seq, person, visitor)
      }
    })
    last = rows.at(-1)?.seq
  }
}

/**
 * Returns the statements that make the tables of version 1, 2 or 3: jobs have an account, keyed digests in place of addresses,
 * and batch keys; limits and breaker are kept for each account, counters for each form; merging and the batch limit that
 * a job carried for ever are gone. The names are those of the older versions.
 */
function upgradeFrom(sql: Sql, found: number): string[] {
  const old = sql.run<{ type: string; name: string }>(
    `SELECT type, name FROM sqlite_schema WHERE tbl_name = 'job' AND type IN ('index', 'trigger') AND sql IS NOT NULL`,
  )
  return [
    ...old.map(({ type, name }) => `DROP ${type} ${name}`),
    ...(found === 1 ? MISSING_IN_VERSION_1 : []),
    'ALTER TABLE job RENAME TO old_job',
    ...TABLES,
    ...COPY,
    ...['old_job', 'call', 'allowance', 'halt', 'tally', 'upgrade_key'].map((table) => `DROP TABLE ${table}`),
  ]
}

const MISSING_IN_VERSION_1: readonly string[] = [
  'CREATE TABLE call (id, until)',
  `CREATE TABLE allowance (tokens, filled_at, slowed_to, slowed_at, thinned_to, thinned_at, spent, day_ends_at)`,
  'ALTER TABLE job ADD COLUMN call INTEGER',
  'ALTER TABLE job ADD COLUMN failures INTEGER DEFAULT 0',
  'ALTER TABLE job ADD COLUMN failing_since INTEGER',
  ...['refused', 'superseded', 'history'].map((column) => `ALTER TABLE job ADD COLUMN ${column} TEXT DEFAULT '[]'`),
]

const COPY: readonly string[] = [
  `INSERT INTO job (seq, id, account, form, person_key, visitor_key, state, due_at, batch, attempts, failures,
     failing_since, batch_key, lead, rejected, stale, history, notes, accepted_at, settled_at, lead_id, reason)
   SELECT seq, id, '${FIRST_ACCOUNT}', form, person_key, visitor_key, iif(state = 'behind', 'queued', state), due_at, call,
     attempts, failures, failing_since,
     iif(coalesce(lead ->> '$.cookie', lead ->> '$.workspace') IS NULL, 'soap', NULL), lead, refused, superseded, history,
     notes, accepted_at, settled_at, lead_id, reason
   FROM old_job LEFT JOIN upgrade_key USING (seq) ORDER BY seq`,
  `INSERT INTO batch (id, account, claimed_at, lease_expires_at, jobs, batch_key)
   SELECT call.id, '${FIRST_ACCOUNT}', until, until, count(job.id), min(job.batch_key)
   FROM call LEFT JOIN job ON job.batch = call.id GROUP BY call.id`,
  // SQLite may forget that a subquery or an expression returned JSON: json() says so, and no object becomes a text.
  `INSERT INTO control (account, transport, state)
   SELECT '${FIRST_ACCOUNT}', 'soap', json_object(
     'budget', json((SELECT json_object('tokens', tokens, 'filledAt', filled_at, 'rateShare', slowed_to,
       'rateReducedAt', slowed_at, 'concurrencyShare', thinned_to, 'concurrencyReducedAt', thinned_at, 'spent', spent,
       'dayEndsAt', day_ends_at) FROM allowance)),
     'breaker', json((SELECT json_object('retryAt', until, 'reason', reason,
       'blocked', json(iif(blocked, 'true', 'false')), 'passed', passed,
       'probe', json(iif(typeof(probe) = 'integer', json_object('batch', probe, 'leaseExpiresAt', probe_until), NULL)))
       FROM halt)))`,
  `INSERT INTO counter (account, form, waiting, parked, accepted_total, parked_total, delivered_total)
   SELECT account, form, sum(state IN ('ready', 'queued')), sum(state = 'parked'), count(*), sum(state = 'parked'),
     sum(state = 'delivered')
   FROM job GROUP BY account, form`,
  // Delivered leads whose receipts were swept have no form any more.
  `INSERT INTO counter (account, form, accepted_total, delivered_total)
   SELECT '${FIRST_ACCOUNT}', '', swept, swept FROM (
     SELECT jobs - (SELECT count(*) FROM job WHERE state = 'delivered') AS swept FROM tally WHERE state = 'delivered'
   ) WHERE swept > 0`,
]
