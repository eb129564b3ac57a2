-- The outbox as the program of version 2 left it. Each statement ends with a semicolon before an empty line.

CREATE TABLE meta (version INTEGER NOT NULL);

INSERT INTO meta (version) VALUES
  (2);

CREATE TABLE job (
       seq INTEGER PRIMARY KEY,
       id TEXT NOT NULL UNIQUE,
       form TEXT NOT NULL,
       person TEXT,
       state TEXT NOT NULL,
       due_at INTEGER,
       attempts INTEGER NOT NULL DEFAULT 0,
       lead TEXT,
       notes TEXT NOT NULL,
       accepted_at INTEGER NOT NULL,
       settled_at INTEGER,
       lead_id INTEGER,
       reason TEXT, call INTEGER CHECK (call IS NULL OR state IN ('ready', 'behind')), failures INTEGER NOT NULL DEFAULT 0, failing_since INTEGER, sociable INTEGER NOT NULL DEFAULT 0, share INTEGER, refused TEXT NOT NULL DEFAULT '[]', superseded TEXT NOT NULL DEFAULT '[]', history TEXT NOT NULL DEFAULT '[]' CHECK (state <> 'delivered' OR history = '[]'),
       CHECK (state NOT IN ('ready', 'behind') OR due_at IS NOT NULL),
       CHECK (state <> 'delivered' OR coalesce(person, lead, reason) IS NULL)
     );

INSERT INTO job (seq, id, form, person, state, due_at, attempts, lead, notes, accepted_at, settled_at, lead_id, reason, call, failures, failing_since, sociable, share, refused, superseded, history) VALUES
  (1, 'delivered', 'demo', NULL, 'delivered', NULL, 1, NULL, '["cookie left out: foreign"]', 1700000000000, 1700000000000, 101, NULL, NULL, 0, NULL, 1, NULL, '[]', '[]', '[]'),
  (2, 'parked', 'contact', 'parked@example.com', 'parked', NULL, 3, '{"id":"parked","form":"contact","person":"parked@example.com","email":"parked@example.com","attributes":[{"name":"FirstName","value":"Zoë"},{"name":"Colour","value":"red"}],"acceptedAt":1700000001000,"notes":[],"cookie":"id:123-ABC-456&token:_mch-example.com-1-1"}', '[]', 1700000001000, 1700000003000, NULL, 'no such attribute: Colour', NULL, 2, 1700000001000, 0, NULL, '[]', '[]', '[{"reason":"busy","times":2,"first":1700000001000,"last":1700000002000},{"reason":"no such attribute: Colour","times":1,"first":1700000003000,"last":1700000003000}]'),
  (3, 'older', 'contact', 'p@example.com', 'parked', NULL, 1, '{"id":"older","form":"contact","person":"p@example.com","email":"older@example.com","attributes":[{"name":"FirstName","value":"Zoe"},{"name":"City","value":"Ulm"}],"acceptedAt":1700000004000,"notes":[]}', '[]', 1700000004000, 1700000004000, NULL, 'no e-mail', NULL, 0, NULL, 1, NULL, '[]', '["FirstName","Size"]', '[{"reason":"no e-mail","times":1,"first":1700000004000,"last":1700000004000}]'),
  (4, 'younger', 'demo', NULL, 'delivered', NULL, 1, NULL, '[]', 1700000005000, 1700000005000, 102, NULL, NULL, 0, NULL, 1, NULL, '[]', '[]', '[]'),
  (5, 'partly', 'contact', 'partly@example.com', 'parked', NULL, 2, '{"id":"partly","form":"contact","person":"partly@example.com","email":"partly@example.com","attributes":[{"name":"Colour","value":"red"}],"acceptedAt":1700000006000,"notes":[]}', '[]', 1700000006000, 1700000007000, 103, 'no such attribute: Colour', NULL, 0, NULL, 0, NULL, '["Colour"]', '[]', '[{"reason":"no such attribute: Colour","times":1,"first":1700000006000,"last":1700000006000}]'),
  (6, 'retried', 'contact', 'retried@example.com', 'ready', 1700000300000, 2, '{"id":"retried","form":"contact","person":"retried@example.com","email":"retried@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000008000,"notes":[]}', '[]', 1700000008000, NULL, NULL, 'HTTP 502', NULL, 1, 1700000021000, 1, NULL, '[]', '[]', '[{"reason":"too many calls","times":1,"first":1700000008000,"last":1700000008000},{"reason":"HTTP 502","times":1,"first":1700000021000,"last":1700000021000}]'),
  (7, 'split-1', 'contact', 'split-1@example.com', 'ready', 1700000200000, 1, '{"id":"split-1","form":"contact","person":"split-1@example.com","email":"split-1@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000023000,"notes":[]}', '[]', 1700000023000, NULL, NULL, 'another lead of its call', NULL, 0, NULL, 1, 1, '[]', '[]', '[{"reason":"another lead of its call","times":1,"first":1700000023000,"last":1700000023000}]'),
  (8, 'split-2', 'contact', 'split-2@example.com', 'ready', 1700000200000, 1, '{"id":"split-2","form":"contact","person":"split-2@example.com","email":"split-2@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000023000,"notes":[]}', '[]', 1700000023000, NULL, NULL, 'another lead of its call', NULL, 0, NULL, 1, 1, '[]', '[]', '[{"reason":"another lead of its call","times":1,"first":1700000023000,"last":1700000023000}]'),
  (9, 'one-1', 'contact', 'one@example.com', 'ready', 1700000125000, 1, '{"id":"one-1","form":"contact","person":"one@example.com","email":"one-1@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000025000,"notes":[]}', '[]', 1700000025000, NULL, NULL, NULL, 13, 0, NULL, 1, NULL, '[]', '[]', '[]'),
  (10, 'one-2', 'contact', 'one@example.com', 'behind', 1700000125000, 1, '{"id":"one-2","form":"contact","person":"one@example.com","email":"one-2@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000025000,"notes":[]}', '[]', 1700000025000, NULL, NULL, NULL, 13, 0, NULL, 1, NULL, '[]', '[]', '[]'),
  (11, 'one-3', 'contact', 'one@example.com', 'behind', 1700000025000, 0, '{"id":"one-3","form":"contact","person":"one@example.com","email":"one-3@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000025000,"notes":[],"cookie":"id:123-ABC-456&token:_mch-example.com-1-3"}', '[]', 1700000025000, NULL, NULL, NULL, NULL, 0, NULL, 0, NULL, '[]', '[]', '[]'),
  (12, 'shared', 'contact', 'shared@example.com', 'ready', 1700000125000, 1, '{"id":"shared","form":"contact","person":"shared@example.com","email":"shared@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000025000,"notes":[]}', '[]', 1700000025000, NULL, NULL, NULL, 13, 0, NULL, 1, NULL, '[]', '[]', '[]'),
  (13, 'stopped', 'contact', 'stopped@example.com', 'ready', 1700000029000, 1, '{"id":"stopped","form":"contact","person":"stopped@example.com","email":"stopped@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000029000,"notes":[]}', '[]', 1700000029000, NULL, NULL, 'bad key', NULL, 0, NULL, 1, NULL, '[]', '[]', '[{"reason":"bad key","times":1,"first":1700000029000,"last":1700000029000}]'),
  (14, 'plain', 'contact', 'plain@example.com', 'ready', 1700000061000, 0, '{"id":"plain","form":"contact","person":"plain@example.com","email":"plain@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000061000,"notes":[]}', '[]', 1700000061000, NULL, NULL, NULL, NULL, 0, NULL, 1, NULL, '[]', '[]', '[]'),
  (15, 'cookie', 'demo', 'cookie@example.com', 'ready', 1700000061000, 0, '{"id":"cookie","form":"demo","person":"cookie@example.com","email":"cookie@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000061000,"notes":["page left out: it''s too long"],"cookie":"id:123-ABC-456&token:_mch-example.com-1-4","workspace":"Europe"}', '["page left out: it''s too long"]', 1700000061000, NULL, NULL, NULL, NULL, 0, NULL, 0, NULL, '[]', '[]', '[]'),
  (16, 'another-1', 'contact', 'another@example.com', 'ready', 1700000061000, 0, '{"id":"another-1","form":"contact","person":"another@example.com","email":"another-1@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000061000,"notes":[]}', '[]', 1700000061000, NULL, NULL, NULL, NULL, 0, NULL, 1, NULL, '[]', '[]', '[]'),
  (17, 'another-2', 'demo', 'another@example.com', 'behind', 1700000061000, 0, '{"id":"another-2","form":"demo","person":"another@example.com","email":"another-2@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000061000,"notes":[]}', '[]', 1700000061000, NULL, NULL, NULL, NULL, 0, NULL, 1, NULL, '[]', '[]', '[]');

CREATE TABLE tally (state TEXT PRIMARY KEY, jobs INTEGER NOT NULL) WITHOUT ROWID;

INSERT INTO tally (state, jobs) VALUES
  ('behind', 3),
  ('delivered', 3),
  ('parked', 3),
  ('ready', 9);

CREATE TABLE call (id INTEGER PRIMARY KEY AUTOINCREMENT, until INTEGER NOT NULL);

INSERT INTO call (id, until) VALUES
  (13, 1700000125000),
  (14, 1700000127000);

CREATE TABLE allowance (
       only INTEGER PRIMARY KEY CHECK (only = 1),
       tokens REAL NOT NULL,
       filled_at INTEGER NOT NULL,
       slowed_to REAL NOT NULL,
       slowed_at INTEGER NOT NULL,
       thinned_to REAL NOT NULL,
       thinned_at INTEGER NOT NULL,
       spent INTEGER NOT NULL,
       day_ends_at INTEGER NOT NULL
     );

INSERT INTO allowance (only, tokens, filled_at, slowed_to, slowed_at, thinned_to, thinned_at, spent, day_ends_at) VALUES
  (1, 4, 1700000029000, 0.5, 1700000020000, 1, 0, 15, 1700028060000);

CREATE TABLE halt (
       only INTEGER PRIMARY KEY CHECK (only = 1),
       until INTEGER NOT NULL,
       reason TEXT NOT NULL,
       blocked INTEGER NOT NULL,
       passed INTEGER NOT NULL,
       probe INTEGER,
       probe_until INTEGER
     );

INSERT INTO halt (only, until, reason, blocked, passed, probe, probe_until) VALUES
  (1, 1700000060000, 'bad key', 1, 0, NULL, NULL);

CREATE UNIQUE INDEX job_head ON job (person) WHERE state = 'ready';

CREATE INDEX job_behind ON job (person, seq) WHERE state = 'behind';

CREATE INDEX job_age ON job (settled_at, accepted_at) WHERE settled_at IS NULL;

CREATE TRIGGER job_added AFTER INSERT ON job BEGIN
       UPDATE tally SET jobs = jobs + 1 WHERE state = new.state;
     END;

CREATE TRIGGER job_moved AFTER UPDATE OF state ON job WHEN old.state <> new.state BEGIN
       UPDATE tally SET jobs = jobs - 1 WHERE state = old.state;
       UPDATE tally SET jobs = jobs + 1 WHERE state = new.state;
     END;

CREATE INDEX job_due ON job (sociable, due_at, seq) WHERE state = 'ready';

CREATE INDEX job_out ON job (person, seq) WHERE call IS NOT NULL;

CREATE INDEX job_parked ON job (settled_at, id) WHERE state = 'parked';

CREATE INDEX job_parked_of ON job (person, seq) WHERE state = 'parked';

CREATE INDEX job_receipt ON job (settled_at, seq) WHERE state = 'delivered';

CREATE TRIGGER job_removed AFTER DELETE ON job WHEN old.state <> 'delivered' BEGIN
       UPDATE tally SET jobs = jobs - 1 WHERE state = old.state;
     END;
