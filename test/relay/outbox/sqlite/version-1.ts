/** The tables as form-sync 0.1 made them, for the test that opens such an outbox today. Never changed. */
export const VERSION_1: readonly string[] = [
  'CREATE TABLE meta (version INTEGER NOT NULL)',
  'INSERT INTO meta (version) VALUES (1)',
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
  `CREATE UNIQUE INDEX job_head ON job (person) WHERE state = 'ready'`,
  `CREATE INDEX job_behind ON job (person, seq) WHERE state = 'behind'`,
  `CREATE INDEX job_due ON job (due_at, seq) WHERE state = 'ready'`,
  `CREATE INDEX job_leased ON job (seq) WHERE leased = 1`,
  `CREATE INDEX job_age ON job (settled_at, accepted_at) WHERE settled_at IS NULL`,
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
  `CREATE TABLE halt (
     only INTEGER PRIMARY KEY CHECK (only = 1),
     until INTEGER NOT NULL,
     reason TEXT NOT NULL,
     blocked INTEGER NOT NULL,
     passed INTEGER NOT NULL,
     probe TEXT,
     probe_until INTEGER
   )`,
]
