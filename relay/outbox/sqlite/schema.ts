/**
 * The tables of the outbox on SQLite, and the upgrade of older ones. `docs/storage.md` documents every column.
 *
 * The only rules here are those that the database itself can enforce.
 */
import { stringifyState, type AccountState } from '../account-state.ts'
import { FULL_BUDGET } from '../limits/call-budget.ts'
import { createSecret, keysOf, parseSecret, type OutboxCrypto } from '../person-keys.ts'
import type { Row, Sql } from './database.ts'
import { VERSIONS_1_TO_3 } from './schema-history.ts'

/** Version of `TABLES`. Form-sync refuses a newer one. */
export const VERSION = 4

/** The account of leads that were stored before accounts had names. */
export const FIRST_ACCOUNT = 'default'

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
     reason TEXT,
     CHECK (state NOT IN ('ready', 'queued') OR due_at IS NOT NULL),
     CHECK (state IN ('ready', 'queued') OR batch IS NULL),
     CHECK (state <> 'delivered' OR (coalesce(lead, reason, source, rules) IS NULL AND history = '[]'))
   )`,
  // At most one job of a person can be leased: the database refuses a second one.
  `CREATE UNIQUE INDEX job_head ON job (account, person_key) WHERE state = 'ready'`,
  `CREATE INDEX job_queued ON job (account, person_key, seq) WHERE state = 'queued'`,
  `CREATE INDEX job_leased ON job (account, person_key) WHERE batch IS NOT NULL`,
  `CREATE INDEX job_due ON job (account, batch_key, due_at, seq) WHERE state = 'ready'`,
  `CREATE INDEX job_age ON job (account, accepted_at) WHERE settled_at IS NULL`,
  `CREATE INDEX job_listed ON job (account, state, settled_at, id) WHERE state IN ('held', 'parked')`,
  `CREATE INDEX job_listed_of ON job (account, person_key, seq) WHERE state IN ('held', 'parked')`,
  `CREATE INDEX job_receipt ON job (account, settled_at, seq) WHERE state = 'delivered'`,
  `CREATE INDEX job_receipt_of ON job (account, person_key) WHERE state = 'delivered'`,

  // The second step of a delivery, with retries of its own: the cookie that is still to be associated with the lead.
  `CREATE TABLE owed (
     seq INTEGER PRIMARY KEY,
     account TEXT NOT NULL,
     lead_id INTEGER NOT NULL,
     visitor_key TEXT NOT NULL,
     cookie TEXT NOT NULL,
     due_at INTEGER NOT NULL,
     attempts INTEGER NOT NULL DEFAULT 0,
     history TEXT NOT NULL DEFAULT '[]',
     accepted_at INTEGER NOT NULL
   )`,
  `CREATE INDEX owed_due ON owed (account, due_at, seq)`,
  `CREATE UNIQUE INDEX owed_visitor ON owed (account, visitor_key)`,

  // An id is never given twice: a batch that is settled late must not end another one.
  `CREATE TABLE batch (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     account TEXT NOT NULL,
     claimed_at INTEGER NOT NULL,
     lease_expires_at INTEGER NOT NULL,
     jobs INTEGER NOT NULL
   )`,
  `CREATE TABLE control (account TEXT PRIMARY KEY, transport TEXT, state TEXT) WITHOUT ROWID`,
  `CREATE TABLE counter (
     account TEXT NOT NULL,
     form TEXT NOT NULL,
     waiting INTEGER NOT NULL DEFAULT 0,
     held INTEGER NOT NULL DEFAULT 0,
     parked INTEGER NOT NULL DEFAULT 0,
     accepted_total INTEGER NOT NULL DEFAULT 0,
     refused_total INTEGER NOT NULL DEFAULT 0,
     held_total INTEGER NOT NULL DEFAULT 0,
     parked_total INTEGER NOT NULL DEFAULT 0,
     delivered_total INTEGER NOT NULL DEFAULT 0,
     PRIMARY KEY (account, form)
   ) WITHOUT ROWID`,
]

/** Rows that are read at once in an upgrade. */
const PAGE_ROWS = 1_000

/**
 * Creates the tables or upgrades them, each version completely or not at all. No other process may use the file.
 *
 * @param upgrade false to leave tables of another version as they are
 * @returns the secret of the database
 * @throws when the tables have a newer version, or another one and `upgrade` is false
 */
export async function openTables(sql: Sql, crypto: OutboxCrypto, upgrade = true): Promise<Uint8Array> {
  const found = versionOf(sql)
  if (found > VERSION) {
    throw new Error(
      `the outbox has version ${found}, and this form-sync knows versions up to ${VERSION}: run a newer form-sync`,
    )
  }
  if (found < VERSION) {
    if (!upgrade) {
      throw new Error(
        `the outbox has version ${found}, and this form-sync works with version ${VERSION}: start its relay once, which upgrades the outbox`,
      )
    }
    if (found === 0) createTables(sql, crypto)
    else {
      upgradeTo3(sql, found)
      await upgradeTo4(sql, crypto)
    }
  }
  const [meta] = sql.run<{ secret: string }>('SELECT secret FROM meta')
  return parseSecret(meta!.secret)
}

function versionOf(sql: Sql): number {
  const [table] = sql.run(`SELECT 1 AS found FROM sqlite_schema WHERE type = 'table' AND name = 'meta'`)
  return (table && sql.run<{ version: number }>('SELECT version FROM meta')[0]?.version) || 0
}

function createTables(sql: Sql, crypto: OutboxCrypto): void {
  sql.transaction(() => {
    for (const statement of TABLES) sql.run(statement)
    sql.run('CREATE TABLE IF NOT EXISTS meta (version INTEGER NOT NULL)')
    sql.run('ALTER TABLE meta ADD COLUMN secret TEXT')
    sql.run('INSERT INTO meta (version, secret) VALUES (?, ?)', VERSION, createSecret(crypto))
  })
}

function upgradeTo3(sql: Sql, found: number): void {
  if (found === 3) return
  sql.transaction(() => {
    for (const statement of VERSIONS_1_TO_3.slice(found).flat()) sql.run(statement)
    sql.run('UPDATE meta SET version = 3')
  })
}

/**
 * Version 4: jobs have an account, keyed digests in place of addresses, and batch keys; limits and breaker are kept for
 * each account, counters for each form; merging and the batch limit that a job carried for ever are gone.
 */
async function upgradeTo4(sql: Sql, crypto: OutboxCrypto): Promise<void> {
  const secret = createSecret(crypto)
  await writeKeys(sql, crypto, secret)
  sql.transaction(() => {
    for (const statement of OLD_NAMES) sql.run(statement)
    for (const statement of TABLES) sql.run(statement)
    for (const statement of COPY) sql.run(statement)
    sql.run(
      `INSERT INTO control (account, transport, state) VALUES ('${FIRST_ACCOUNT}', 'soap', ?)`,
      stringifyState(readStateOfVersion3(sql)),
    )
    for (const statement of CLEAN_UP) sql.run(statement)
    sql.run('ALTER TABLE meta ADD COLUMN secret TEXT')
    sql.run('UPDATE meta SET version = ?, secret = ?', VERSION, secret)
  })
}

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
       WHERE seq > ? AND lead IS NOT NULL ORDER BY seq LIMIT ${PAGE_ROWS}`,
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

const OLD_NAMES: readonly string[] = [
  ...['job_moved', 'job_removed'].map((trigger) => `DROP TRIGGER ${trigger}`),
  ...['head', 'behind', 'out', 'due', 'age', 'parked', 'parked_of', 'receipt'].map((name) => `DROP INDEX job_${name}`),
  'ALTER TABLE job RENAME TO job_3',
]

const COPY: readonly string[] = [
  `INSERT INTO job (seq, id, account, form, person_key, visitor_key, state, due_at, batch, attempts, failures,
     failing_since, batch_key, lead, rejected, stale, history, notes, accepted_at, settled_at, lead_id, reason)
   SELECT seq, id, '${FIRST_ACCOUNT}', form, person_key, visitor_key,
     CASE state WHEN 'behind' THEN 'queued' ELSE state END, due_at, call, attempts, failures,
     failing_since, CASE sociable WHEN 1 THEN 'soap' END, lead, refused, superseded, history, notes, accepted_at,
     settled_at, lead_id, reason
   FROM job_3 LEFT JOIN upgrade_key USING (seq) ORDER BY seq`,
  `INSERT INTO batch (id, account, claimed_at, lease_expires_at, jobs)
   SELECT id, '${FIRST_ACCOUNT}', until, until, (SELECT count(*) FROM job_3 WHERE job_3.call = call.id) FROM call`,
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

const CLEAN_UP: readonly string[] = ['job_3', 'call', 'allowance', 'halt', 'tally', 'upgrade_key'].map(
  (table) => `DROP TABLE ${table}`,
)

interface HaltRow extends Row {
  until: number
  reason: string
  blocked: number
  passed: number
  probe: number | null
  probe_until: number | null
}

function readStateOfVersion3(sql: Sql): AccountState {
  const [budget] = sql.run<Row & Record<(typeof BUDGET_COLUMNS)[number], number>>(
    `SELECT ${BUDGET_COLUMNS.join(', ')} FROM allowance`,
  )
  const [breaker] = sql.run<HaltRow>('SELECT until, reason, blocked, passed, probe, probe_until FROM halt')
  return {
    budget: budget
      ? {
          tokens: budget.tokens,
          filledAt: budget.filled_at,
          rateShare: budget.slowed_to,
          rateReducedAt: budget.slowed_at,
          concurrencyShare: budget.thinned_to,
          concurrencyReducedAt: budget.thinned_at,
          spent: budget.spent,
          dayEndsAt: budget.day_ends_at,
        }
      : FULL_BUDGET,
    ...(breaker && {
      breaker: {
        retryAt: breaker.until,
        reason: breaker.reason,
        blocked: breaker.blocked === 1,
        passed: breaker.passed,
        ...(breaker.probe !== null && {
          probe: { batch: breaker.probe, leaseExpiresAt: breaker.probe_until ?? breaker.until },
        }),
      },
    }),
  }
}

const BUDGET_COLUMNS = [
  ...(['tokens', 'filled_at', 'slowed_to', 'slowed_at', 'thinned_to', 'thinned_at'] as const),
  ...(['spent', 'day_ends_at'] as const),
] as const
