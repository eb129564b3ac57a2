-- The outbox as the program of version 1 left it. Each statement ends with a semicolon before an empty line.

CREATE TABLE meta (version INTEGER NOT NULL);

INSERT INTO meta (version) VALUES
  (1);

CREATE TABLE job (
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
     );

INSERT INTO job (seq, id, form, person, state, due_at, leased, attempts, lead, notes, accepted_at, settled_at, lead_id, reason) VALUES
  (1, 'delivered', 'demo', NULL, 'delivered', NULL, 0, 1, NULL, '["cookie left out: foreign"]', 1700000000000, 1700000000000, 101, NULL),
  (2, 'parked', 'contact', 'parked@example.com', 'parked', NULL, 0, 3, '{"id":"parked","form":"contact","person":"parked@example.com","email":"parked@example.com","attributes":[{"name":"FirstName","value":"Zoë"},{"name":"Colour","value":"red"}],"acceptedAt":1700000001000,"notes":[],"cookie":"id:123-ABC-456&token:_mch-example.com-1-1"}', '[]', 1700000001000, 1700000003000, NULL, 'no such attribute: Colour'),
  (3, 'older', 'contact', 'p@example.com', 'parked', NULL, 0, 1, '{"id":"older","form":"contact","person":"p@example.com","email":"older@example.com","attributes":[{"name":"FirstName","value":"Zoe"},{"name":"City","value":"Ulm"}],"acceptedAt":1700000004000,"notes":[]}', '[]', 1700000004000, 1700000004000, NULL, 'no e-mail'),
  (4, 'younger', 'demo', NULL, 'delivered', NULL, 0, 1, NULL, '[]', 1700000005000, 1700000005000, 102, NULL),
  (5, 'retried', 'contact', 'retried@example.com', 'ready', 1700000300000, 0, 1, '{"id":"retried","form":"contact","person":"retried@example.com","email":"retried@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000008000,"notes":[]}', '[]', 1700000008000, NULL, NULL, 'HTTP 502'),
  (6, 'one-1', 'contact', 'one@example.com', 'ready', 1700000125000, 1, 1, '{"id":"one-1","form":"contact","person":"one@example.com","email":"one-1@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000025000,"notes":[]}', '[]', 1700000025000, NULL, NULL, NULL),
  (7, 'one-2', 'contact', 'one@example.com', 'behind', 1700000025000, 0, 0, '{"id":"one-2","form":"contact","person":"one@example.com","email":"one-2@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000025000,"notes":[]}', '[]', 1700000025000, NULL, NULL, NULL),
  (8, 'one-3', 'contact', 'one@example.com', 'behind', 1700000025000, 0, 0, '{"id":"one-3","form":"contact","person":"one@example.com","email":"one-3@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000025000,"notes":[],"cookie":"id:123-ABC-456&token:_mch-example.com-1-3"}', '[]', 1700000025000, NULL, NULL, NULL),
  (9, 'stopped', 'contact', 'stopped@example.com', 'ready', 1700000160000, 1, 2, '{"id":"stopped","form":"contact","person":"stopped@example.com","email":"stopped@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000029000,"notes":[]}', '[]', 1700000029000, NULL, NULL, 'bad key'),
  (10, 'plain', 'contact', 'plain@example.com', 'ready', 1700000061000, 0, 0, '{"id":"plain","form":"contact","person":"plain@example.com","email":"plain@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000061000,"notes":[]}', '[]', 1700000061000, NULL, NULL, NULL),
  (11, 'cookie', 'demo', 'cookie@example.com', 'ready', 1700000061000, 0, 0, '{"id":"cookie","form":"demo","person":"cookie@example.com","email":"cookie@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000061000,"notes":["page left out: it''s too long"],"cookie":"id:123-ABC-456&token:_mch-example.com-1-4","workspace":"Europe"}', '["page left out: it''s too long"]', 1700000061000, NULL, NULL, NULL),
  (12, 'another-1', 'contact', 'another@example.com', 'ready', 1700000061000, 0, 0, '{"id":"another-1","form":"contact","person":"another@example.com","email":"another-1@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000061000,"notes":[]}', '[]', 1700000061000, NULL, NULL, NULL),
  (13, 'another-2', 'demo', 'another@example.com', 'behind', 1700000061000, 0, 0, '{"id":"another-2","form":"demo","person":"another@example.com","email":"another-2@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000061000,"notes":[]}', '[]', 1700000061000, NULL, NULL, NULL);

CREATE TABLE tally (state TEXT PRIMARY KEY, jobs INTEGER NOT NULL) WITHOUT ROWID;

INSERT INTO tally (state, jobs) VALUES
  ('behind', 3),
  ('delivered', 2),
  ('parked', 2),
  ('ready', 6);

CREATE TABLE halt (
       only INTEGER PRIMARY KEY CHECK (only = 1),
       until INTEGER NOT NULL,
       reason TEXT NOT NULL,
       blocked INTEGER NOT NULL,
       passed INTEGER NOT NULL,
       probe TEXT,
       probe_until INTEGER
     );

INSERT INTO halt (only, until, reason, blocked, passed, probe, probe_until) VALUES
  (1, 1700000060000, 'bad key', 1, 0, 'stopped', 1700000160000);

CREATE UNIQUE INDEX job_head ON job (person) WHERE state = 'ready';

CREATE INDEX job_behind ON job (person, seq) WHERE state = 'behind';

CREATE INDEX job_due ON job (due_at, seq) WHERE state = 'ready';

CREATE INDEX job_leased ON job (seq) WHERE leased = 1;

CREATE INDEX job_age ON job (settled_at, accepted_at) WHERE settled_at IS NULL;

CREATE TRIGGER job_added AFTER INSERT ON job BEGIN
       UPDATE tally SET jobs = jobs + 1 WHERE state = new.state;
     END;

CREATE TRIGGER job_moved AFTER UPDATE OF state ON job WHEN old.state <> new.state BEGIN
       UPDATE tally SET jobs = jobs - 1 WHERE state = old.state;
       UPDATE tally SET jobs = jobs + 1 WHERE state = new.state;
     END;

CREATE TRIGGER job_removed AFTER DELETE ON job BEGIN
       UPDATE tally SET jobs = jobs - 1 WHERE state = old.state;
     END;
