/**
 * The tables of the outbox on SQLite, and the upgrade of older ones. `docs/storage.md` documents every column.
 *
 * The only rules here are those that the database itself can enforce.
 */
import { FIRST_ACCOUNT } from '../../account-name.ts'
import { checkVersion, UPGRADED_ROWS } from '../options.ts'
import { openSecret, storedSecret, type DataKeys, type Sealing } from '../sealing/sealing.ts'
import { createSecret, keysOf, parseSecret, type OutboxCrypto } from '../person-keys.ts'
import type { Sql } from './database.ts'

/** Version of `TABLES`. Form-sync refuses a newer one. */
export const VERSION = 8

/** The order of the jobs that have a turn; those that have none yet, by when they are due; and the last turn of each source. */
const TURN_INDEXES: readonly string[] = [
  `CREATE INDEX job_turn ON job (account, batch_key, form, turn, due_at, seq)
  WHERE state = 'ready' AND turn IS NOT NULL`,
  `CREATE INDEX job_later_alone ON job (account, due_at, seq)
  WHERE state = 'ready' AND turn IS NULL AND batch_key IS NULL`,
  `CREATE INDEX job_later_shared ON job (account, due_at, seq)
  WHERE state = 'ready' AND turn IS NULL AND batch_key IS NOT NULL`,
  `CREATE INDEX job_source ON job (account, batch_key, form, source, turn)
  WHERE state = 'ready' AND turn IS NOT NULL AND source IS NOT NULL`,
]
const VISITOR_INDEX = `CREATE INDEX job_visitor ON job (account, visitor_key, state, seq)
  WHERE visitor_key IS NOT NULL AND state <> 'delivered'`

/** Names that newer leads have sent, for the older ones that are held or parked. `key` is that of a person or a visitor. */
const NEWEST_SENT_TABLE = `CREATE TABLE newest_sent (
     id INTEGER PRIMARY KEY, account TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, newest INTEGER NOT NULL,
     UNIQUE (account, key, name)
   )`
const COOKIE_INDEX = `CREATE INDEX job_cookie ON job (account, seq)
  WHERE batch_key IS NULL AND visitor_key IS NOT NULL AND state IN ('ready', 'queued')`

/** The second step of a delivery, with retries of its own: the cookie that is still to be associated with the person. */
const OWED: readonly string[] = [
  // `seq` is that of the lead.
  `CREATE TABLE owed (
     seq INTEGER PRIMARY KEY, account TEXT NOT NULL, lead_id INTEGER NOT NULL, visitor_key TEXT NOT NULL,
     email TEXT NOT NULL, cookie TEXT NOT NULL, due_at INTEGER NOT NULL, batch INTEGER,
     attempts INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0, failing_since INTEGER,
     history TEXT NOT NULL DEFAULT '[]', accepted_at INTEGER NOT NULL
   , workspace TEXT)`,
  `CREATE INDEX owed_due ON owed (account, due_at)`,
  `CREATE INDEX owed_newest ON owed (account, seq, due_at)`,
  // The visitor is one person: only the newest answer has the cookie.
  `CREATE UNIQUE INDEX owed_visitor ON owed (account, visitor_key)`,
]

/** The turns of visitors' cookies; only Durable Objects that share people have rows of them. */
const VISITOR: readonly string[] = [
  `CREATE TABLE visitor (
     account TEXT NOT NULL, visitor_key TEXT NOT NULL, newest TEXT NOT NULL, began_at INTEGER NOT NULL,
     lasts_ms INTEGER NOT NULL, PRIMARY KEY (account, visitor_key)
   ) WITHOUT ROWID`,
  `CREATE INDEX visitor_newest ON visitor (account, newest)`,
]

/** The forms whose new leads are held, in every account of the database. */
const HELD_FORM_TABLE = `CREATE TABLE held_form (
     form TEXT PRIMARY KEY, reason TEXT NOT NULL, held_by TEXT NOT NULL, held_since INTEGER NOT NULL
   ) WITHOUT ROWID`

/** The tables of `VERSION`. After a release they are never changed: a new version follows, with an upgrade. */
const TABLES: readonly string[] = [
  `CREATE TABLE job (
     seq INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     account TEXT NOT NULL,
     form TEXT NOT NULL,
     person_key TEXT,
     visitor_key TEXT,
     state TEXT NOT NULL CHECK (state IN ('ready', 'queued', 'held', 'parked', 'delivered')),
     due_at INTEGER,
     batch INTEGER,
     attempts INTEGER NOT NULL DEFAULT 0,
     failures INTEGER NOT NULL DEFAULT 0,
     failing_since INTEGER,
     batch_key TEXT,
     max_batch_size INTEGER,
     lead TEXT,
     rejected TEXT NOT NULL DEFAULT '[]',
     stale TEXT NOT NULL DEFAULT '[]',
     history TEXT NOT NULL DEFAULT '[]',
     notes TEXT NOT NULL,
     source TEXT,
     rules TEXT,
     accepted_at INTEGER NOT NULL,
     settled_at INTEGER,
     lead_id INTEGER,
     reason TEXT, content_key TEXT, turn INTEGER,
     CHECK (state NOT IN ('ready', 'queued') OR due_at IS NOT NULL),
     CHECK (state IN ('ready', 'queued') OR batch IS NULL),
     CHECK (state <> 'delivered' OR (coalesce(lead, reason, source, rules) IS NULL AND history = '[]'))
   )`,
  // At most one job of a person can be leased: the database refuses a second one.
  `CREATE UNIQUE INDEX job_head ON job (account, person_key) WHERE state = 'ready'`,
  `CREATE INDEX job_queued ON job (account, person_key, seq) WHERE state = 'queued'`,
  `CREATE INDEX job_leased ON job (account, person_key) WHERE batch IS NOT NULL`,
  ...TURN_INDEXES,
  `CREATE INDEX job_age ON job (account, accepted_at) WHERE settled_at IS NULL`,
  `CREATE INDEX job_listed ON job (account, state, settled_at, id) WHERE state IN ('held', 'parked')`,
  `CREATE INDEX job_listed_of ON job (account, person_key, seq) WHERE state IN ('held', 'parked')`,
  `CREATE INDEX job_receipt ON job (account, settled_at, seq) WHERE state = 'delivered'`,
  `CREATE INDEX job_receipt_of ON job (account, person_key) WHERE state = 'delivered'`,
  VISITOR_INDEX,
  NEWEST_SENT_TABLE,
  COOKIE_INDEX,
  ...OWED,
  ...VISITOR,
  HELD_FORM_TABLE,

  // An id is never given twice: a batch that is settled late must not end another one.
  `CREATE TABLE batch (
     id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, claimed_at INTEGER NOT NULL,
     lease_expires_at INTEGER NOT NULL, jobs INTEGER NOT NULL, batch_key TEXT
   )`,
  `CREATE TABLE control (account TEXT PRIMARY KEY, transport TEXT, state TEXT) WITHOUT ROWID`,
  `CREATE TABLE counter (
     account TEXT NOT NULL, form TEXT NOT NULL, waiting INTEGER NOT NULL DEFAULT 0,
     held INTEGER NOT NULL DEFAULT 0, parked INTEGER NOT NULL DEFAULT 0,
     accepted_total INTEGER NOT NULL DEFAULT 0, refused_total INTEGER NOT NULL DEFAULT 0,
     held_total INTEGER NOT NULL DEFAULT 0, parked_total INTEGER NOT NULL DEFAULT 0,
     delivered_total INTEGER NOT NULL DEFAULT 0, reused_total INTEGER NOT NULL DEFAULT 0, owed INTEGER NOT NULL DEFAULT 0, associated_total INTEGER NOT NULL DEFAULT 0, given_up_total INTEGER NOT NULL DEFAULT 0, expired_total INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (account, form)
   ) WITHOUT ROWID`,
]

/**
 * Creates the tables or upgrades them, each version completely or not at all. No other process may use the file.
 *
 * @param upgrade false to leave tables of another version as they are, and the keys that they are encrypted with
 * @returns the secret of the database, and what seals its rows
 * @throws when the tables have a newer version, or another one and `upgrade` is false; or when a data key is missing
 */
export async function openTables(
  sql: Sql,
  crypto: OutboxCrypto,
  upgrade = true,
  dataKeys?: DataKeys,
): Promise<{ secret: Uint8Array; sealing?: Sealing }> {
  const found = versionOf(sql)
  checkVersion(found, VERSION, upgrade)
  if (found < 4) await createTables(sql, found, crypto, dataKeys)
  else if (found < VERSION) addColumns(sql)
  return sql.transaction(() => {
    const [meta] = sql.run<{ secret: string }>('SELECT secret FROM meta')
    const { secret, sealing, changed } = openSecret(meta!.secret, dataKeys, upgrade)
    if (changed !== undefined) sql.run('UPDATE meta SET secret = ?', changed)
    return { secret: parseSecret(secret), ...(sealing && { sealing }) }
  })
}

/** Creates the tables, or makes them of those of version 1, 2 or 3, with a new secret. */
async function createTables(sql: Sql, found: number, crypto: OutboxCrypto, dataKeys?: DataKeys): Promise<void> {
  const secret = createSecret(crypto)
  if (found > 0) await writeKeys(sql, crypto, secret)
  sql.transaction(() => {
    // Another process may have created the tables meanwhile.
    if (versionOf(sql) === VERSION) return
    for (const statement of found === 0 ? [CREATE_META, ...TABLES] : upgradeFrom(sql, found)) sql.run(statement)
    sql.run('ALTER TABLE meta ADD COLUMN secret TEXT')
    sql.run('DELETE FROM meta')
    sql.run('INSERT INTO meta (version, secret) VALUES (?, ?)', VERSION, storedSecret(secret, dataKeys))
  })
}

/** Adds to version 4, 5, 6 or 7 what is missing. */
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
      ...ADD_TO_VERSION_7,
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

function versionOf(sql: Sql): number {
  const [table] = sql.run(`SELECT 1 AS found FROM sqlite_schema WHERE type = 'table' AND name = 'meta'`)
  return (table && sql.run<{ version: number }>('SELECT version FROM meta')[0]?.version) || 0
}

const CREATE_META = 'CREATE TABLE IF NOT EXISTS meta (version INTEGER NOT NULL)'

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
  `INSERT INTO control (account, transport, state)
   SELECT '${FIRST_ACCOUNT}', 'soap', json_object(
     'budget', (SELECT json_object('tokens', tokens, 'filledAt', filled_at, 'rateShare', slowed_to,
       'rateReducedAt', slowed_at, 'concurrencyShare', thinned_to, 'concurrencyReducedAt', thinned_at, 'spent', spent,
       'dayEndsAt', day_ends_at) FROM allowance),
     'breaker', (SELECT json_object('retryAt', until, 'reason', reason,
       'blocked', json(iif(blocked, 'true', 'false')), 'passed', passed,
       'probe', iif(typeof(probe) = 'integer', json_object('batch', probe, 'leaseExpiresAt', probe_until), NULL))
       FROM halt))`,
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
