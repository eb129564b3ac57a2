/**
 * The tables of the outbox on PostgreSQL, and the upgrade of older ones. `docs/storage.md` documents every column.
 *
 * They are those of SQLite as far as PostgreSQL leaves the choice. Their names begin with `form_sync_`, because a database
 * is often shared.
 */
import type { Lead } from '../../intake/lead.ts'
import { FIRST_ACCOUNT } from '../../account-name.ts'
import { checkVersion, UPGRADED_ROWS } from '../options.ts'
import { openSecret, storedSecret, type DataKeys, type Sealing } from '../sealing/sealing.ts'
import { createSecret, keysOf, parseSecret, type OutboxCrypto } from '../person-keys.ts'
import type { Database, Transaction } from './database.ts'
import { LOCKS } from './ordering.ts'

/** Version of `TABLES`. Form-sync refuses a newer one. */
export const VERSION = 8

/** Counter rows of one form: connections write to different ones, so that additions do not wait for each other. */
export const COUNTER_SLOTS = 64

const CHECKS: readonly string[] = [
  `CHECK (state IN ('ready', 'queued', 'held', 'parked', 'delivered'))`,
  `CHECK (state NOT IN ('ready', 'queued') OR due_at IS NOT NULL)`,
  `CHECK (state IN ('ready', 'queued') OR batch IS NULL)`,
  `CHECK (state <> 'delivered' OR (coalesce(lead, reason, source, rules) IS NULL AND history = '[]'))`,
]

const JOB_TABLE = `CREATE TABLE form_sync_job (
   seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
   id text COLLATE "C" NOT NULL,
   account text COLLATE "C" NOT NULL,
   form text NOT NULL,
   person_key text COLLATE "C",
   visitor_key text COLLATE "C",
   state text NOT NULL,
   due_at bigint,
   batch bigint,
   attempts integer NOT NULL DEFAULT 0,
   failures integer NOT NULL DEFAULT 0,
   failing_since bigint,
   batch_key text COLLATE "C",
   max_batch_size integer,
   lead text,
   rejected text NOT NULL DEFAULT '[]',
   stale text NOT NULL DEFAULT '[]',
   history text NOT NULL DEFAULT '[]',
   notes text NOT NULL,
   source text,
   rules text,
   accepted_at bigint NOT NULL,
   settled_at bigint,
   lead_id bigint,
   reason text,
   content_key text COLLATE "C",
   turn bigint,
   ${CHECKS.join(', ')}
 )`

/** The order of the jobs that have a turn; those that have none yet, by when they are due; and the last turn of each source. */
const TURN_INDEXES: readonly string[] = [
  `CREATE INDEX form_sync_job_turn ON form_sync_job (account, batch_key, form, turn, due_at, seq)
     WHERE state = 'ready' AND turn IS NOT NULL`,
  `CREATE INDEX form_sync_job_later_alone ON form_sync_job (account, due_at, seq)
     WHERE state = 'ready' AND turn IS NULL AND batch_key IS NULL`,
  `CREATE INDEX form_sync_job_later_shared ON form_sync_job (account, due_at, seq)
     WHERE state = 'ready' AND turn IS NULL AND batch_key IS NOT NULL`,
  `CREATE INDEX form_sync_job_source ON form_sync_job (account, batch_key, form, source, turn)
     WHERE state = 'ready' AND turn IS NOT NULL AND source IS NOT NULL`,
]
const VISITOR_INDEX = `CREATE INDEX form_sync_job_visitor ON form_sync_job (account, visitor_key, state, seq)
  WHERE visitor_key IS NOT NULL AND state <> 'delivered'`

/** Names that newer leads have sent, for the older ones that are held or parked. `key` is that of a person or a visitor. */
const NEWEST_SENT_TABLE = `CREATE TABLE form_sync_newest_sent (
   id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL,
   name text COLLATE "C" NOT NULL, newest bigint NOT NULL, UNIQUE (account, key, name)
 )`
const COOKIE_INDEX = `CREATE INDEX form_sync_job_cookie ON form_sync_job (account, seq)
  WHERE batch_key IS NULL AND visitor_key IS NOT NULL AND state IN ('ready', 'queued')`

/** The second step of a delivery, with retries of its own: the cookie that is still to be associated with the person. */
const OWED: readonly string[] = [
  // `seq` is that of the lead.
  `CREATE TABLE form_sync_owed (
     seq bigint PRIMARY KEY, account text COLLATE "C" NOT NULL, lead_id bigint NOT NULL,
     visitor_key text COLLATE "C" NOT NULL, email text NOT NULL, cookie text NOT NULL, due_at bigint NOT NULL,
     batch bigint, attempts integer NOT NULL DEFAULT 0, failures integer NOT NULL DEFAULT 0, failing_since bigint,
     history text NOT NULL DEFAULT '[]', accepted_at bigint NOT NULL, workspace text
   )`,
  `CREATE INDEX form_sync_owed_due ON form_sync_owed (account, due_at)`,
  `CREATE INDEX form_sync_owed_newest ON form_sync_owed (account, seq)`,
  // The visitor is one person: only the newest answer has the cookie.
  `CREATE UNIQUE INDEX form_sync_owed_visitor ON form_sync_owed (account, visitor_key)`,
]

/** The forms whose new leads are held, in every account of the database. */
const HELD_FORM_TABLE = `CREATE TABLE form_sync_held_form (
   form text PRIMARY KEY, reason text NOT NULL, held_by text NOT NULL, held_since bigint NOT NULL
 )`

/** The audit log, in every account of the database. */
const ACT: readonly string[] = [
  `CREATE TABLE form_sync_act (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at bigint NOT NULL, kind text NOT NULL, operator text NOT NULL,
     via text NOT NULL, selector text NOT NULL, reason text, person_key text COLLATE "C", leads bigint
   )`,
  `CREATE INDEX form_sync_act_at ON form_sync_act (at)`,
]

/** The rest of the tables of `VERSION`, for new and for upgraded databases. */
const OTHER_TABLES: readonly string[] = [
  // A row that changed leaves a dead one behind, which slows claims down until it is cleared away: the server's default
  // of a fifth of a table that keeps every receipt would be too many.
  `ALTER TABLE form_sync_job SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000)`,
  `CREATE UNIQUE INDEX form_sync_job_id ON form_sync_job (id)`,
  // At most one job of a person can be leased: the database refuses a second one.
  `CREATE UNIQUE INDEX form_sync_job_head ON form_sync_job (account, person_key) WHERE state = 'ready'`,
  `CREATE INDEX form_sync_job_queued ON form_sync_job (account, person_key, seq) WHERE state = 'queued'`,
  `CREATE INDEX form_sync_job_leased ON form_sync_job (account, person_key) WHERE batch IS NOT NULL`,
  ...TURN_INDEXES,
  `CREATE INDEX form_sync_job_age ON form_sync_job (account, accepted_at) WHERE settled_at IS NULL`,
  `CREATE INDEX form_sync_job_listed ON form_sync_job (account, state, settled_at) WHERE state IN ('held', 'parked')`,
  `CREATE INDEX form_sync_job_listed_of ON form_sync_job (account, person_key, seq) WHERE state IN ('held', 'parked')`,
  `CREATE INDEX form_sync_job_receipt ON form_sync_job (account, settled_at, seq) WHERE state = 'delivered'`,
  `CREATE INDEX form_sync_job_receipt_of ON form_sync_job (account, person_key) WHERE state = 'delivered'`,
  VISITOR_INDEX,
  NEWEST_SENT_TABLE,
  COOKIE_INDEX,
  ...OWED,
  HELD_FORM_TABLE,
  ...ACT,

  `CREATE TABLE form_sync_batch (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account text COLLATE "C" NOT NULL,
     claimed_at bigint NOT NULL, lease_expires_at bigint NOT NULL, jobs integer NOT NULL,
     batch_key text COLLATE "C"
   )`,
  `CREATE TABLE form_sync_control (account text COLLATE "C" PRIMARY KEY, transport text, state text)`,
  `CREATE TABLE form_sync_counter (
     account text COLLATE "C" NOT NULL, form text NOT NULL, slot integer NOT NULL,
     waiting bigint NOT NULL DEFAULT 0, held bigint NOT NULL DEFAULT 0, parked bigint NOT NULL DEFAULT 0,
     accepted_total bigint NOT NULL DEFAULT 0, refused_total bigint NOT NULL DEFAULT 0,
     held_total bigint NOT NULL DEFAULT 0, parked_total bigint NOT NULL DEFAULT 0,
     delivered_total bigint NOT NULL DEFAULT 0, reused_total bigint NOT NULL DEFAULT 0,
     owed bigint NOT NULL DEFAULT 0, associated_total bigint NOT NULL DEFAULT 0,
     given_up_total bigint NOT NULL DEFAULT 0, expired_total bigint NOT NULL DEFAULT 0, PRIMARY KEY (account, form, slot)
   ) WITH (fillfactor = 50)`,
]

const ALERT_TABLE: readonly string[] = [
  `CREATE TABLE form_sync_alert_state (
     the_only boolean PRIMARY KEY DEFAULT true CHECK (the_only),
     seen text NOT NULL DEFAULT '{}'
   )`,
  `INSERT INTO form_sync_alert_state DEFAULT VALUES`,
]

/**
 * Creates the tables or upgrades them, completely or not at all, one node at a time. They stand in the first schema of
 * the connection's search path.
 *
 * @param upgrade false to leave tables of another version as they are, and the keys that they are encrypted with
 * @returns the secret of the database, and what seals its rows
 * @throws when the tables have a newer version, or another one and `upgrade` is false; or when a data key is missing
 */
export function openTables(
  database: Database,
  crypto: OutboxCrypto,
  upgrade: boolean,
  dataKeys?: DataKeys,
): Promise<{ secret: Uint8Array; sealing?: Sealing }> {
  return database.transaction(async (sql) => {
    // No bucket of people has the second key.
    sql.send(`SELECT pg_advisory_xact_lock(${LOCKS}, -1)`)
    const [there] = await sql.run<{ meta: string | null }>(`SELECT to_regclass('form_sync_meta')::text AS meta`)
    if (there?.meta === null) sql.send('CREATE TABLE form_sync_meta (version integer NOT NULL)')
    const found = (await sql.run<{ version: number }>('SELECT version FROM form_sync_meta'))[0]?.version ?? 0
    checkVersion(found, VERSION, upgrade)
    if (found > 2 && found < VERSION) for (const statement of additionsTo(found)) sql.send(statement)
    else if (found < VERSION) {
      const secret = createSecret(crypto)
      if (found === 0) for (const statement of [JOB_TABLE, ...OTHER_TABLES, ...ALERT_TABLE]) sql.send(statement)
      else await upgradeTables(sql, found, crypto, secret)
      sql.send('ALTER TABLE form_sync_meta ADD COLUMN secret text')
      sql.send('DELETE FROM form_sync_meta')
      sql.send('INSERT INTO form_sync_meta (version, secret) VALUES ($1, $2)', VERSION, storedSecret(secret, dataKeys))
    }
    const [meta] = await sql.run<{ secret: string }>('SELECT secret FROM form_sync_meta')
    const { secret, sealing, changed } = openSecret(meta!.secret, dataKeys, upgrade)
    if (changed !== undefined) sql.send('UPDATE form_sync_meta SET secret = $1', changed)
    return { secret: parseSecret(secret), ...(sealing && { sealing }) }
  }, true)
}

/**
 * Make version 4 of version 3: the digest of a lead's content, the number of ids that were used for several, and an index by
 * visitor. Leads of before have no digest: their ids stand for any content.
 */
const ADD_TO_VERSION_3: readonly string[] = [
  'ALTER TABLE form_sync_job ADD COLUMN content_key text COLLATE "C"',
  'ALTER TABLE form_sync_counter ADD COLUMN reused_total bigint NOT NULL DEFAULT 0',
  VISITOR_INDEX,
]

/** Add to version 4 what newer leads have sent, and owed cookies, which no program wrote before. */
const ADD_TO_VERSION_4: readonly string[] = [
  'DROP INDEX form_sync_job_visitor',
  VISITOR_INDEX,
  NEWEST_SENT_TABLE,
  'DROP TABLE form_sync_owed',
  ...OWED,
  COOKIE_INDEX,
  ...['owed', 'associated_total', 'given_up_total'].map(
    (column) => `ALTER TABLE form_sync_counter ADD COLUMN ${column} bigint NOT NULL DEFAULT 0`,
  ),
]

/** Add to version 5 the workspace of an owed cookie. */
const ADD_WORKSPACE = 'ALTER TABLE form_sync_owed ADD COLUMN workspace text'

/** Add to version 5 turns, which jobs of before get once they are due. */
const ADD_TO_VERSION_5: readonly string[] = [
  'DROP INDEX form_sync_job_due',
  'ALTER TABLE form_sync_job ADD COLUMN turn bigint',
  ...TURN_INDEXES,
]

/** Add to version 6 the forms whose leads are held, and the number of leads that have expired. */
const ADD_TO_VERSION_6: readonly string[] = [
  HELD_FORM_TABLE,
  'ALTER TABLE form_sync_counter ADD COLUMN expired_total bigint NOT NULL DEFAULT 0',
]

/** Returns the statements that make the current tables of versions 3 to 7. */
function additionsTo(found: number): string[] {
  return [
    // Waits for the transactions of other nodes, and keeps new ones out. All but additions begin with the first table.
    'LOCK TABLE form_sync_control, form_sync_job IN ACCESS EXCLUSIVE MODE',
    ...(found === 3 ? ADD_TO_VERSION_3 : []),
    // The owed cookies of version 4 are those of today.
    ...(found < 5 ? ADD_TO_VERSION_4 : []),
    ...(found === 5 ? [ADD_WORKSPACE] : []),
    ...(found < 6 ? ADD_TO_VERSION_5 : []),
    ...(found < 7 ? ADD_TO_VERSION_6 : []),
    // Version 8 has the audit log.
    ...ACT,
    `UPDATE form_sync_meta SET version = ${VERSION}`,
  ]
}

/**
 * Makes the tables of version 1 or 2: jobs have an account, keyed digests in place of addresses, and batch keys; limits and
 * breaker are kept for each account, counters for each form; merging and the batch limit that a job carried for ever are
 * gone. The names are those of the older versions.
 */
async function upgradeTables(sql: Transaction, found: number, crypto: OutboxCrypto, secret: string): Promise<void> {
  for (const statement of REMOVE_OLD) sql.send(statement)
  await rewriteLeads(sql, crypto, secret)
  for (const statement of [...COLUMNS, ...OTHER_TABLES, ...COPY]) sql.send(statement)
  if (found > 1) sql.send('DROP TABLE form_sync_watch')
  for (const statement of ALERT_TABLE) sql.send(statement)
}

const OLD_INDEXES = ['id', 'head', 'behind', 'out', 'due', 'age', 'parked', 'parked_of', 'receipt']

const REMOVE_OLD: readonly string[] = [
  // Waits for the transactions of other nodes, and keeps new ones out. All but additions begin with the first table.
  `LOCK TABLE form_sync_desk, form_sync_job IN ACCESS EXCLUSIVE MODE`,
  ...['added', 'moved', 'removed'].map((trigger) => `DROP TRIGGER form_sync_${trigger} ON form_sync_job`),
  `DROP FUNCTION form_sync_count()`,
  ...OLD_INDEXES.map((name) => `DROP INDEX form_sync_job_${name}`),
  ...['job_state_check', 'job_check', 'job_check1', 'job_check2'].map(
    (name) => `ALTER TABLE form_sync_job DROP CONSTRAINT form_sync_${name}`,
  ),
  `ALTER TABLE form_sync_job ADD COLUMN person_key text COLLATE "C", ADD COLUMN visitor_key text COLLATE "C"`,
]

/** Writes the digests of the address and the cookie of each lead that is still stored, and its reason as plain text. */
async function rewriteLeads(sql: Transaction, crypto: OutboxCrypto, secret: string): Promise<void> {
  const digest = crypto.keyedDigest(parseSecret(secret))
  for (let last: number | undefined = 0; last !== undefined;) {
    const rows: { seq: number; lead: string; reason: string | null }[] = await sql.run(
      `SELECT seq, lead, reason FROM form_sync_job WHERE seq > $1 AND lead IS NOT NULL ORDER BY seq LIMIT ${UPGRADED_ROWS}`,
      last,
    )
    // Parsed here: the server's JSON functions fail where a text holds NUL or half of a surrogate pair.
    const keys = await keysOf(
      rows.map(({ lead }) => JSON.parse(lead) as Lead),
      digest,
    )
    sql.send(
      `UPDATE form_sync_job AS job SET person_key = new.person, visitor_key = new.visitor, reason = new.reason
       FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS new (seq, person, visitor, reason)
       WHERE job.seq = new.seq`,
      rows.map(({ seq }) => seq),
      keys.map(({ person }) => person),
      keys.map(({ visitor }) => visitor),
      rows.map(({ reason }) => (reason === null ? null : unescapeText(reason))),
    )
    last = rows.at(-1)?.seq
  }
}

/** Reads a text that was stored as it stands in JSON, without the quotes. */
function unescapeText(text: string): string {
  return (JSON.parse(`"${text}"`) as string).toWellFormed().replaceAll('\0', '')
}

const COLUMNS: readonly string[] = [
  `ALTER TABLE form_sync_job RENAME COLUMN call TO batch`,
  `ALTER TABLE form_sync_job RENAME COLUMN share TO max_batch_size`,
  `ALTER TABLE form_sync_job RENAME COLUMN refused TO rejected`,
  `ALTER TABLE form_sync_job RENAME COLUMN superseded TO stale`,
  `ALTER TABLE form_sync_job DROP COLUMN line, DROP COLUMN person, ADD COLUMN batch_key text COLLATE "C",
     ADD COLUMN source text, ADD COLUMN rules text, ADD COLUMN content_key text COLLATE "C", ADD COLUMN turn bigint,
     ADD COLUMN account text COLLATE "C" NOT NULL DEFAULT '${FIRST_ACCOUNT}'`,
  `ALTER TABLE form_sync_job ALTER COLUMN account DROP DEFAULT`,
  `UPDATE form_sync_job SET state = CASE state WHEN 'behind' THEN 'queued' ELSE state END, max_batch_size = NULL,
     batch_key = CASE sociable WHEN 1 THEN 'soap' END
   WHERE state IN ('ready', 'behind')`,
  `ALTER TABLE form_sync_job DROP COLUMN sociable`,
  ...CHECKS.map((check) => `ALTER TABLE form_sync_job ADD ${check}`),
  `DROP FUNCTION form_sync_line(text)`,
]

const COPY: readonly string[] = [
  `INSERT INTO form_sync_batch (id, account, claimed_at, lease_expires_at, jobs, batch_key) OVERRIDING SYSTEM VALUE
   SELECT form_sync_call.id, '${FIRST_ACCOUNT}', until, until, count(job.id), min(job.batch_key)
   FROM form_sync_call LEFT JOIN form_sync_job AS job ON job.batch = form_sync_call.id GROUP BY form_sync_call.id`,
  // An id is never given twice: a batch that is settled late must not end another one.
  `SELECT setval(pg_get_serial_sequence('form_sync_batch', 'id'),
     greatest(1, (SELECT last_value FROM pg_sequences WHERE schemaname = current_schema()
       AND sequencename = 'form_sync_call_id_seq')))`,
  `INSERT INTO form_sync_counter (account, form, slot, waiting, parked, accepted_total, parked_total, delivered_total)
   SELECT account, form, 0, count(*) FILTER (WHERE state IN ('ready', 'queued')),
     count(*) FILTER (WHERE state = 'parked'), count(*), count(*) FILTER (WHERE state = 'parked'),
     count(*) FILTER (WHERE state = 'delivered')
   FROM form_sync_job GROUP BY account, form`,
  // Delivered leads whose receipts were swept have no form any more.
  `INSERT INTO form_sync_counter (account, form, slot, accepted_total, delivered_total)
   SELECT '${FIRST_ACCOUNT}', '', 0, swept, swept FROM (
     SELECT sum(delivered)::bigint - (SELECT count(*) FROM form_sync_job WHERE state = 'delivered') AS swept
     FROM form_sync_tally
   ) AS receipts WHERE swept > 0`,
  `INSERT INTO form_sync_control (account, transport, state)
   SELECT '${FIRST_ACCOUNT}', 'soap', json_strip_nulls(json_build_object(
     'budget', (SELECT json_build_object('tokens', "tokens", 'filledAt', "filledAt", 'rateShare', "slowedTo",
       'rateReducedAt', "slowedAt", 'concurrencyShare', "thinnedTo", 'concurrencyReducedAt', "thinnedAt",
       'spent', "spent", 'dayEndsAt', "dayEndsAt")
       FROM json_to_record(allowance::json) AS old ("tokens" float8, "filledAt" bigint, "slowedTo" float8,
         "slowedAt" bigint, "thinnedTo" float8, "thinnedAt" bigint, "spent" bigint, "dayEndsAt" bigint)
       WHERE allowance IS NOT NULL),
     'breaker', (SELECT json_build_object('retryAt', "until", 'reason', "reason", 'blocked', "blocked",
       'passed', "passed", 'probe', CASE WHEN "probe" IS NOT NULL
         THEN json_build_object('batch', "probe"->'call', 'leaseExpiresAt', "probe"->'until') END)
       FROM json_to_record(halt::json) AS old ("until" bigint, "reason" text, "blocked" boolean, "passed" integer,
         "probe" json)
       WHERE halt IS NOT NULL)))
   FROM form_sync_desk`,
  `DROP TABLE form_sync_call, form_sync_desk, form_sync_tally`,
]
