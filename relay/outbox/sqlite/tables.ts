/**
 * The tables of the outbox on SQLite. `docs/storage.md` documents every column.
 *
 * The only rules here are those that the database itself can enforce.
 */
import type { Sql } from './database.ts'

/** Version of `TABLES`. Form-sync refuses a newer one. */
export const VERSION = 9

/** The order of the jobs that have a turn; those that have none yet, by when they are due; and the last turn of each source. */
export const TURN_INDEXES: readonly string[] = [
  `CREATE INDEX job_turn ON job (account, batch_key, form, turn, due_at, seq)
  WHERE state = 'ready' AND turn IS NOT NULL`,
  `CREATE INDEX job_later_alone ON job (account, due_at, seq)
  WHERE state = 'ready' AND turn IS NULL AND batch_key IS NULL`,
  `CREATE INDEX job_later_shared ON job (account, due_at, seq)
  WHERE state = 'ready' AND turn IS NULL AND batch_key IS NOT NULL`,
  `CREATE INDEX job_source ON job (account, batch_key, form, source, turn)
  WHERE state = 'ready' AND turn IS NOT NULL AND source IS NOT NULL`,
]
export const VISITOR_INDEX = `CREATE INDEX job_visitor ON job (account, visitor_key, state, seq)
  WHERE visitor_key IS NOT NULL AND state <> 'delivered'`

/** Names that newer leads have sent, for the older ones that are held or parked. `key` is that of a person or a visitor. */
export const NEWEST_SENT_TABLE = `CREATE TABLE newest_sent (
     id INTEGER PRIMARY KEY, account TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, newest INTEGER NOT NULL,
     UNIQUE (account, key, name)
   )`
export const COOKIE_INDEX = `CREATE INDEX job_cookie ON job (account, seq)
  WHERE batch_key IS NULL AND visitor_key IS NOT NULL AND state IN ('ready', 'queued')`

/** The second step of a delivery, with retries of its own: the cookie that is still to be associated with the person. */
export const OWED: readonly string[] = [
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
export const VISITOR: readonly string[] = [
  `CREATE TABLE visitor (
     account TEXT NOT NULL, visitor_key TEXT NOT NULL, newest TEXT NOT NULL, began_at INTEGER NOT NULL,
     lasts_ms INTEGER NOT NULL, PRIMARY KEY (account, visitor_key)
   ) WITHOUT ROWID`,
  `CREATE INDEX visitor_newest ON visitor (account, newest)`,
]

/** The forms whose new leads are held, in every account of the database. */
export const HELD_FORM_TABLE = `CREATE TABLE held_form (
     form TEXT PRIMARY KEY, reason TEXT NOT NULL, held_by TEXT NOT NULL, held_since INTEGER NOT NULL
   ) WITHOUT ROWID`

/** The audit log, in every account of the database. A number is never given twice: it is a place in the list. */
export const ACT: readonly string[] = [
  `CREATE TABLE act (
     id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, kind TEXT NOT NULL, operator TEXT NOT NULL,
     via TEXT NOT NULL, selector TEXT NOT NULL, reason TEXT, person_key TEXT, leads INTEGER
   )`,
  `CREATE INDEX act_at ON act (at)`,
]

/** The tables of `VERSION`. After a release they are never changed: a new version follows, with an upgrade. */
export const TABLES: readonly string[] = [
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
  ...ACT,

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

/** Returns the version of the tables; 0 when there are none. */
export function versionOf(sql: Sql): number {
  const [table] = sql.run(`SELECT 1 AS found FROM sqlite_schema WHERE type = 'table' AND name = 'meta'`)
  return (table && sql.run<{ version: number }>('SELECT version FROM meta')[0]?.version) || 0
}
