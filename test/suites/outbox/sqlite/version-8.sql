-- The outbox as the program of version 8 left it: that of version 7, upgraded. Each statement ends with a semicolon before
-- an empty line.

CREATE TABLE meta (version INTEGER NOT NULL, secret TEXT);

INSERT INTO meta (version, secret) VALUES
  (8, '91bf9626aa7e8b8d49a8ddd9d8b0f0714e705b2e7f15ef275236224c5c6f16de');

CREATE TABLE job (
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
   );

INSERT INTO job (seq, id, account, form, person_key, visitor_key, state, due_at, batch, attempts, failures, failing_since, batch_key, max_batch_size, lead, rejected, stale, history, notes, source, rules, accepted_at, settled_at, lead_id, reason, content_key, turn) VALUES
  (1, 'delivered', 'default', 'demo', NULL, NULL, 'delivered', NULL, NULL, 1, 0, NULL, 'soap', NULL, NULL, '[]', '[]', '[]', '["cookie left out: foreign"]', NULL, NULL, 1700000000000, 1700000000000, 101, NULL, NULL, NULL),
  (2, 'parked', 'default', 'contact', 'VKAu-QASbDX5OwAn8FGhpw', 'lhWtVmQTLNusZYPHKq3h2A', 'parked', NULL, NULL, 3, 2, 1700000001000, NULL, NULL, '{"id":"parked","form":"contact","person":"parked@example.com","email":"parked@example.com","attributes":[{"name":"FirstName","value":"Zoë"},{"name":"Colour","value":"red"}],"acceptedAt":1700000001000,"notes":[],"cookie":"id:123-ABC-456&token:_mch-example.com-1-1"}', '[]', '[]', '[{"reason":"busy","times":2,"first":1700000001000,"last":1700000002000},{"reason":"no such attribute: Colour","times":1,"first":1700000003000,"last":1700000003000}]', '[]', NULL, NULL, 1700000001000, 1700000003000, NULL, 'no such attribute: Colour', NULL, NULL),
  (3, 'older', 'default', 'contact', 'YFJeHR2t3Ea05EUHnsEiNw', NULL, 'parked', NULL, NULL, 1, 0, NULL, 'soap', NULL, '{"id":"older","form":"contact","person":"p@example.com","email":"older@example.com","attributes":[{"name":"FirstName","value":"Zoe"},{"name":"City","value":"Ulm"}],"acceptedAt":1700000004000,"notes":[]}', '[]', '["FirstName","Size"]', '[{"reason":"no e-mail","times":1,"first":1700000004000,"last":1700000004000}]', '[]', NULL, NULL, 1700000004000, 1700000004000, NULL, 'no e-mail', NULL, NULL),
  (4, 'younger', 'default', 'demo', NULL, NULL, 'delivered', NULL, NULL, 1, 0, NULL, 'soap', NULL, NULL, '[]', '[]', '[]', '[]', NULL, NULL, 1700000005000, 1700000005000, 102, NULL, NULL, NULL),
  (5, 'partly', 'default', 'contact', 'jQ2rPontj9HvFwPGwD7rSg', NULL, 'parked', NULL, NULL, 2, 0, NULL, 'soap', NULL, '{"id":"partly","form":"contact","person":"partly@example.com","email":"partly@example.com","attributes":[{"name":"Colour","value":"red"}],"acceptedAt":1700000006000,"notes":[]}', '["Colour"]', '[]', '[{"reason":"no such attribute: Colour","times":1,"first":1700000006000,"last":1700000006000}]', '[]', NULL, NULL, 1700000006000, 1700000007000, 103, 'no such attribute: Colour', NULL, NULL),
  (6, 'retried', 'default', 'contact', 'RmC94fsAuMJdUO54VblGUg', NULL, 'ready', 1700000300000, NULL, 2, 1, 1700000021000, 'soap', NULL, '{"id":"retried","form":"contact","person":"retried@example.com","email":"retried@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000008000,"notes":[]}', '[]', '[]', '[{"reason":"too many calls","times":1,"first":1700000008000,"last":1700000008000},{"reason":"HTTP 502","times":1,"first":1700000021000,"last":1700000021000}]', '[]', NULL, NULL, 1700000008000, NULL, NULL, 'HTTP 502', NULL, NULL),
  (7, 'split-1', 'default', 'contact', 'VNn91DqnBovSXxIg89jgXg', NULL, 'ready', 1700000200000, NULL, 1, 0, NULL, 'soap', NULL, '{"id":"split-1","form":"contact","person":"split-1@example.com","email":"split-1@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000023000,"notes":[]}', '[]', '[]', '[{"reason":"another lead of its call","times":1,"first":1700000023000,"last":1700000023000}]', '[]', NULL, NULL, 1700000023000, NULL, NULL, 'another lead of its call', NULL, NULL),
  (8, 'split-2', 'default', 'contact', '6sg3WjgVDVi0jtidyjxjKQ', NULL, 'ready', 1700000200000, NULL, 1, 0, NULL, 'soap', NULL, '{"id":"split-2","form":"contact","person":"split-2@example.com","email":"split-2@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000023000,"notes":[]}', '[]', '[]', '[{"reason":"another lead of its call","times":1,"first":1700000023000,"last":1700000023000}]', '[]', NULL, NULL, 1700000023000, NULL, NULL, 'another lead of its call', NULL, NULL),
  (9, 'one-1', 'default', 'contact', 'g8XwP0Na5wMLJO5zKUIrgA', NULL, 'ready', 1700000125000, 13, 1, 0, NULL, 'soap', NULL, '{"id":"one-1","form":"contact","person":"one@example.com","email":"one-1@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000025000,"notes":[]}', '[]', '[]', '[]', '[]', NULL, NULL, 1700000025000, NULL, NULL, NULL, NULL, NULL),
  (10, 'one-2', 'default', 'contact', 'g8XwP0Na5wMLJO5zKUIrgA', NULL, 'queued', 1700000125000, 13, 1, 0, NULL, 'soap', NULL, '{"id":"one-2","form":"contact","person":"one@example.com","email":"one-2@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000025000,"notes":[]}', '[]', '[]', '[]', '[]', NULL, NULL, 1700000025000, NULL, NULL, NULL, NULL, NULL),
  (11, 'one-3', 'default', 'contact', 'g8XwP0Na5wMLJO5zKUIrgA', 'LqLPtfBg5hOYt37-5XotgQ', 'queued', 1700000025000, NULL, 0, 0, NULL, NULL, NULL, '{"id":"one-3","form":"contact","person":"one@example.com","email":"one-3@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000025000,"notes":[],"cookie":"id:123-ABC-456&token:_mch-example.com-1-3"}', '[]', '[]', '[]', '[]', NULL, NULL, 1700000025000, NULL, NULL, NULL, NULL, NULL),
  (12, 'shared', 'default', 'contact', 'uA-bIdWoxy_gMVSfFb3CXw', NULL, 'ready', 1700000125000, 13, 1, 0, NULL, 'soap', NULL, '{"id":"shared","form":"contact","person":"shared@example.com","email":"shared@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000025000,"notes":[]}', '[]', '[]', '[]', '[]', NULL, NULL, 1700000025000, NULL, NULL, NULL, NULL, NULL),
  (13, 'stopped', 'default', 'contact', '5Kw62v7zxIrpqqWFyaNaWQ', NULL, 'ready', 1700000160000, 16, 2, 0, NULL, 'soap', NULL, '{"id":"stopped","form":"contact","person":"stopped@example.com","email":"stopped@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000029000,"notes":[]}', '[]', '[]', '[{"reason":"bad key","times":1,"first":1700000029000,"last":1700000029000}]', '[]', NULL, NULL, 1700000029000, NULL, NULL, 'bad key', NULL, NULL),
  (14, 'plain', 'default', 'contact', '53kl7de2uWG7pmJjL0Pl5w', NULL, 'ready', 1700000061000, NULL, 0, 0, NULL, 'soap', NULL, '{"id":"plain","form":"contact","person":"plain@example.com","email":"plain@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000061000,"notes":[]}', '[]', '[]', '[]', '[]', NULL, NULL, 1700000061000, NULL, NULL, NULL, NULL, NULL),
  (15, 'cookie', 'default', 'demo', 'wfbZwRwIK3cy3JIz4BX97g', '7aZGhT8OKIlKoPCIJvDe5A', 'ready', 1700000061000, NULL, 0, 0, NULL, NULL, NULL, '{"id":"cookie","form":"demo","person":"cookie@example.com","email":"cookie@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000061000,"notes":["page left out: it''s too long"],"cookie":"id:123-ABC-456&token:_mch-example.com-1-4","workspace":"Europe"}', '[]', '[]', '[]', '["page left out: it''s too long"]', NULL, NULL, 1700000061000, NULL, NULL, NULL, NULL, NULL),
  (16, 'another-1', 'default', 'contact', 'F4wfuo5oKzIv-66O3ExrzQ', NULL, 'ready', 1700000061000, NULL, 0, 0, NULL, 'soap', NULL, '{"id":"another-1","form":"contact","person":"another@example.com","email":"another-1@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000061000,"notes":[]}', '[]', '[]', '[]', '[]', NULL, NULL, 1700000061000, NULL, NULL, NULL, NULL, NULL),
  (17, 'another-2', 'default', 'demo', 'F4wfuo5oKzIv-66O3ExrzQ', NULL, 'queued', 1700000061000, NULL, 0, 0, NULL, 'soap', NULL, '{"id":"another-2","form":"demo","person":"another@example.com","email":"another-2@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000061000,"notes":[]}', '[]', '[]', '[]', '[]', NULL, NULL, 1700000061000, NULL, NULL, NULL, NULL, NULL),
  (18, 'held', 'default', 'demo', '7DkJW8VQ6o5Fdx_cZtqLWw', NULL, 'held', NULL, NULL, 0, 0, NULL, 'soap', NULL, '{"id":"held","form":"demo","person":"email:held@example.com","email":"held@example.com","attributes":[{"name":"FirstName","value":"Zoë"}],"acceptedAt":1700000061000,"notes":[],"hold":"spam"}', '[]', '[]', '[]', '[]', NULL, NULL, 1700000061000, 1700000061000, NULL, 'spam', NULL, NULL);

CREATE TABLE batch (
     id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, claimed_at INTEGER NOT NULL,
     lease_expires_at INTEGER NOT NULL, jobs INTEGER NOT NULL, batch_key TEXT
   );

INSERT INTO batch (id, account, claimed_at, lease_expires_at, jobs, batch_key) VALUES
  (13, 'default', 1700000125000, 1700000125000, 3, 'soap'),
  (14, 'default', 1700000127000, 1700000127000, 0, NULL),
  (16, 'default', 1700000160000, 1700000160000, 1, 'soap');

CREATE TABLE control (account TEXT PRIMARY KEY, transport TEXT, state TEXT) WITHOUT ROWID;

INSERT INTO control (account, transport, state) VALUES
  ('default', 'soap', '{"budget":{"tokens":4.0,"filledAt":1700000060000,"rateShare":0.5,"rateReducedAt":1700000020000,"concurrencyShare":1.0,"concurrencyReducedAt":0,"spent":16,"dayEndsAt":1700028060000},"breaker":{"retryAt":1700000060000,"reason":"bad key","blocked":true,"passed":0,"probe":{"batch":16,"leaseExpiresAt":1700000160000}}}');

CREATE TABLE counter (
     account TEXT NOT NULL, form TEXT NOT NULL, waiting INTEGER NOT NULL DEFAULT 0,
     held INTEGER NOT NULL DEFAULT 0, parked INTEGER NOT NULL DEFAULT 0,
     accepted_total INTEGER NOT NULL DEFAULT 0, refused_total INTEGER NOT NULL DEFAULT 0,
     held_total INTEGER NOT NULL DEFAULT 0, parked_total INTEGER NOT NULL DEFAULT 0,
     delivered_total INTEGER NOT NULL DEFAULT 0, reused_total INTEGER NOT NULL DEFAULT 0, owed INTEGER NOT NULL DEFAULT 0, associated_total INTEGER NOT NULL DEFAULT 0, given_up_total INTEGER NOT NULL DEFAULT 0, expired_total INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (account, form)
   ) WITHOUT ROWID;

INSERT INTO counter (account, form, waiting, held, parked, accepted_total, refused_total, held_total, parked_total, delivered_total, reused_total, owed, associated_total, given_up_total, expired_total) VALUES
  ('default', '', 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0),
  ('default', 'contact', 10, 0, 3, 13, 0, 0, 3, 0, 0, 0, 0, 0, 0),
  ('default', 'demo', 2, 1, 0, 5, 0, 1, 0, 2, 0, 0, 0, 0, 0);

CREATE TABLE newest_sent (
     id INTEGER PRIMARY KEY, account TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, newest INTEGER NOT NULL,
     UNIQUE (account, key, name)
   );

CREATE TABLE owed (
     seq INTEGER PRIMARY KEY, account TEXT NOT NULL, lead_id INTEGER NOT NULL, visitor_key TEXT NOT NULL,
     email TEXT NOT NULL, cookie TEXT NOT NULL, due_at INTEGER NOT NULL, batch INTEGER,
     attempts INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0, failing_since INTEGER,
     history TEXT NOT NULL DEFAULT '[]', accepted_at INTEGER NOT NULL
   , workspace TEXT);

CREATE TABLE visitor (
     account TEXT NOT NULL, visitor_key TEXT NOT NULL, newest TEXT NOT NULL, began_at INTEGER NOT NULL,
     lasts_ms INTEGER NOT NULL, PRIMARY KEY (account, visitor_key)
   ) WITHOUT ROWID;

CREATE TABLE held_form (
     form TEXT PRIMARY KEY, reason TEXT NOT NULL, held_by TEXT NOT NULL, held_since INTEGER NOT NULL
   ) WITHOUT ROWID;

UPDATE sqlite_sequence SET seq = 16 WHERE name = 'batch';

CREATE UNIQUE INDEX job_head ON job (account, person_key) WHERE state = 'ready';

CREATE INDEX job_queued ON job (account, person_key, seq) WHERE state = 'queued';

CREATE INDEX job_leased ON job (account, person_key) WHERE batch IS NOT NULL;

CREATE INDEX job_age ON job (account, accepted_at) WHERE settled_at IS NULL;

CREATE INDEX job_listed ON job (account, state, settled_at, id) WHERE state IN ('held', 'parked');

CREATE INDEX job_listed_of ON job (account, person_key, seq) WHERE state IN ('held', 'parked');

CREATE INDEX job_receipt ON job (account, settled_at, seq) WHERE state = 'delivered';

CREATE INDEX job_receipt_of ON job (account, person_key) WHERE state = 'delivered';

CREATE INDEX job_visitor ON job (account, visitor_key, state, seq)
  WHERE visitor_key IS NOT NULL AND state <> 'delivered';

CREATE INDEX owed_due ON owed (account, due_at);

CREATE INDEX owed_newest ON owed (account, seq, due_at);

CREATE UNIQUE INDEX owed_visitor ON owed (account, visitor_key);

CREATE INDEX job_cookie ON job (account, seq)
  WHERE batch_key IS NULL AND visitor_key IS NOT NULL AND state IN ('ready', 'queued');

CREATE INDEX visitor_newest ON visitor (account, newest);

CREATE INDEX job_turn ON job (account, batch_key, form, turn, due_at, seq)
  WHERE state = 'ready' AND turn IS NOT NULL;

CREATE INDEX job_later_alone ON job (account, due_at, seq)
  WHERE state = 'ready' AND turn IS NULL AND batch_key IS NULL;

CREATE INDEX job_later_shared ON job (account, due_at, seq)
  WHERE state = 'ready' AND turn IS NULL AND batch_key IS NOT NULL;

CREATE INDEX job_source ON job (account, batch_key, form, source, turn)
  WHERE state = 'ready' AND turn IS NOT NULL AND source IS NOT NULL;
