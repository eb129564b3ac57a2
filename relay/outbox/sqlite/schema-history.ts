/**
 * The tables of versions 1 to 3, with the names of their time: each entry takes the tables one version further. They are
 * never changed, because files of these versions are still to be upgraded.
 */
export const VERSIONS_1_TO_3: readonly (readonly string[])[] = [
  [
    `CREATE TABLE job (
       seq INTEGER PRIMARY KEY,
       id TEXT NOT NULL UNIQUE,
       form TEXT NOT NULL,
       person TEXT,
       state TEXT NOT NULL,
       due_at INTEGER,
       leased INTEGER NOT NULL DEFAULT 0,
       attempts INTEGER NOT NULL DEFAULT 0,
       lead TEXT,
       notes TEXT NOT NULL,
       accepted_at INTEGER NOT NULL,
       settled_at INTEGER,
       lead_id INTEGER,
       reason TEXT,
       CHECK (state NOT IN ('ready', 'behind') OR due_at IS NOT NULL),
       CHECK (state <> 'delivered' OR coalesce(person, lead, reason) IS NULL)
     )`,
    // One person has one job at a time that can be handed out: the database refuses a second.
    `CREATE UNIQUE INDEX job_head ON job (person) WHERE state = 'ready'`,
    `CREATE INDEX job_behind ON job (person, seq) WHERE state = 'behind'`,
    `CREATE INDEX job_due ON job (due_at, seq) WHERE state = 'ready'`,
    `CREATE INDEX job_leased ON job (seq) WHERE leased = 1`,
    `CREATE INDEX job_age ON job (settled_at, accepted_at) WHERE settled_at IS NULL`,

    // Counted as it happens: counting a million receipts would take longer than asking how the outbox is may take.
    `CREATE TABLE tally (state TEXT PRIMARY KEY, jobs INTEGER NOT NULL) WITHOUT ROWID`,
    `INSERT INTO tally VALUES ('ready', 0), ('behind', 0), ('parked', 0), ('delivered', 0)`,
    `CREATE TRIGGER job_added AFTER INSERT ON job BEGIN
       UPDATE tally SET jobs = jobs + 1 WHERE state = new.state;
     END`,
    `CREATE TRIGGER job_moved AFTER UPDATE OF state ON job WHEN old.state <> new.state BEGIN
       UPDATE tally SET jobs = jobs - 1 WHERE state = old.state;
       UPDATE tally SET jobs = jobs + 1 WHERE state = new.state;
     END`,
    `CREATE TRIGGER job_removed AFTER DELETE ON job BEGIN
       UPDATE tally SET jobs = jobs - 1 WHERE state = old.state;
     END`,

    // No row or one: the halt that stands.
    `CREATE TABLE halt (
       only INTEGER PRIMARY KEY CHECK (only = 1),
       until INTEGER NOT NULL,
       reason TEXT NOT NULL,
       blocked INTEGER NOT NULL,
       passed INTEGER NOT NULL,
       probe TEXT,
       probe_until INTEGER
     )`,
  ],
  [
    // What is out belongs to a call; calls and what is left of the limits are kept, so that a restart forgets neither.
    `DROP INDEX job_leased`,
    `ALTER TABLE job DROP COLUMN leased`,
    `ALTER TABLE job ADD COLUMN call INTEGER CHECK (call IS NULL OR state IN ('ready', 'behind'))`,
    `ALTER TABLE job ADD COLUMN failures INTEGER NOT NULL DEFAULT 0`,
    `ALTER TABLE job ADD COLUMN failing_since INTEGER`,
    `ALTER TABLE job ADD COLUMN sociable INTEGER NOT NULL DEFAULT 0`,
    `ALTER TABLE job ADD COLUMN share INTEGER`,
    `ALTER TABLE job ADD COLUMN refused TEXT NOT NULL DEFAULT '[]'`,
    `ALTER TABLE job ADD COLUMN superseded TEXT NOT NULL DEFAULT '[]'`,
    `ALTER TABLE job ADD COLUMN history TEXT NOT NULL DEFAULT '[]' CHECK (state <> 'delivered' OR history = '[]')`,
    `UPDATE job SET sociable = coalesce(json_extract(lead, '$.cookie'), json_extract(lead, '$.workspace')) IS NULL
     WHERE lead IS NOT NULL`,
    `DROP INDEX job_due`,
    `CREATE INDEX job_due ON job (sociable, due_at, seq) WHERE state = 'ready'`,
    `CREATE INDEX job_out ON job (person, seq) WHERE call IS NOT NULL`,
    `CREATE INDEX job_parked ON job (settled_at, id) WHERE state = 'parked'`,
    `CREATE INDEX job_parked_of ON job (person, seq) WHERE state = 'parked'`,
    `CREATE INDEX job_receipt ON job (settled_at, seq) WHERE state = 'delivered'`,

    // An id is never given twice: a call that is settled late must not end another's.
    `CREATE TABLE call (id INTEGER PRIMARY KEY AUTOINCREMENT, until INTEGER NOT NULL)`,
    `CREATE TABLE allowance (
       only INTEGER PRIMARY KEY CHECK (only = 1),
       tokens REAL NOT NULL,
       filled_at INTEGER NOT NULL,
       slowed_to REAL NOT NULL,
       slowed_at INTEGER NOT NULL,
       thinned_to REAL NOT NULL,
       thinned_at INTEGER NOT NULL,
       spent INTEGER NOT NULL,
       day_ends_at INTEGER NOT NULL
     )`,
    `DROP TABLE halt`,
    `CREATE TABLE halt (
       only INTEGER PRIMARY KEY CHECK (only = 1),
       until INTEGER NOT NULL,
       reason TEXT NOT NULL,
       blocked INTEGER NOT NULL,
       passed INTEGER NOT NULL,
       probe INTEGER,
       probe_until INTEGER
     )`,
    // Receipts that are swept stay counted.
    `DROP TRIGGER job_removed`,
    `CREATE TRIGGER job_removed AFTER DELETE ON job WHEN old.state <> 'delivered' BEGIN
       UPDATE tally SET jobs = jobs - 1 WHERE state = old.state;
     END`,
  ],
  // What is added is counted by whoever adds it, a whole group at once: with a trigger, each statement that adds a lead
  // copies every page that it touches into a journal of its own.
  [`DROP TRIGGER job_added`],
]
