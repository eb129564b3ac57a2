-- An outbox on PostgreSQL whose tables have version 7: that of version 6, upgraded by the form-sync of version 7. pg_dump
-- --inserts, without comments, settings and the name of its schema.

CREATE TABLE form_sync_alert_state (
    the_only boolean DEFAULT true NOT NULL,
    seen text DEFAULT '{}'::text NOT NULL,
    CONSTRAINT form_sync_alert_state_the_only_check CHECK (the_only)
);

CREATE TABLE form_sync_batch (
    id bigint NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    claimed_at bigint NOT NULL,
    lease_expires_at bigint NOT NULL,
    jobs integer NOT NULL,
    batch_key text COLLATE pg_catalog."C"
);

ALTER TABLE form_sync_batch ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME form_sync_batch_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE form_sync_control (
    account text NOT NULL COLLATE pg_catalog."C",
    transport text,
    state text
);

CREATE TABLE form_sync_counter (
    account text NOT NULL COLLATE pg_catalog."C",
    form text NOT NULL,
    slot integer NOT NULL,
    waiting bigint DEFAULT 0 NOT NULL,
    held bigint DEFAULT 0 NOT NULL,
    parked bigint DEFAULT 0 NOT NULL,
    accepted_total bigint DEFAULT 0 NOT NULL,
    refused_total bigint DEFAULT 0 NOT NULL,
    held_total bigint DEFAULT 0 NOT NULL,
    parked_total bigint DEFAULT 0 NOT NULL,
    delivered_total bigint DEFAULT 0 NOT NULL,
    reused_total bigint DEFAULT 0 NOT NULL,
    owed bigint DEFAULT 0 NOT NULL,
    associated_total bigint DEFAULT 0 NOT NULL,
    given_up_total bigint DEFAULT 0 NOT NULL,
    expired_total bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE form_sync_held_form (
    form text NOT NULL,
    reason text NOT NULL,
    held_by text NOT NULL,
    held_since bigint NOT NULL
);

CREATE TABLE form_sync_job (
    seq bigint NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    form text NOT NULL,
    state text NOT NULL,
    due_at bigint,
    batch bigint,
    attempts integer DEFAULT 0 NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    failing_since bigint,
    max_batch_size integer,
    lead text,
    rejected text DEFAULT '[]'::text NOT NULL,
    stale text DEFAULT '[]'::text NOT NULL,
    history text DEFAULT '[]'::text NOT NULL,
    notes text NOT NULL,
    accepted_at bigint NOT NULL,
    settled_at bigint,
    lead_id bigint,
    reason text,
    person_key text COLLATE pg_catalog."C",
    visitor_key text COLLATE pg_catalog."C",
    batch_key text COLLATE pg_catalog."C",
    source text,
    rules text,
    account text NOT NULL COLLATE pg_catalog."C",
    content_key text COLLATE pg_catalog."C",
    turn bigint,
    CONSTRAINT form_sync_job_check CHECK (((state <> ALL (ARRAY['ready'::text, 'queued'::text])) OR (due_at IS NOT NULL))),
    CONSTRAINT form_sync_job_check1 CHECK (((state = ANY (ARRAY['ready'::text, 'queued'::text])) OR (batch IS NULL))),
    CONSTRAINT form_sync_job_check2 CHECK (((state <> 'delivered'::text) OR ((COALESCE(lead, reason, source, rules) IS NULL) AND (history = '[]'::text)))),
    CONSTRAINT form_sync_job_state_check CHECK ((state = ANY (ARRAY['ready'::text, 'queued'::text, 'held'::text, 'parked'::text, 'delivered'::text])))
)
WITH (autovacuum_vacuum_scale_factor='0.01', autovacuum_vacuum_threshold='1000');

ALTER TABLE form_sync_job ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME form_sync_job_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE form_sync_meta (
    version integer NOT NULL,
    secret text
);

CREATE TABLE form_sync_newest_sent (
    id bigint NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    newest bigint NOT NULL
);

ALTER TABLE form_sync_newest_sent ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME form_sync_newest_sent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE form_sync_owed (
    seq bigint NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    lead_id bigint NOT NULL,
    visitor_key text NOT NULL COLLATE pg_catalog."C",
    email text NOT NULL,
    cookie text NOT NULL,
    due_at bigint NOT NULL,
    batch bigint,
    attempts integer DEFAULT 0 NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    failing_since bigint,
    history text DEFAULT '[]'::text NOT NULL,
    accepted_at bigint NOT NULL,
    workspace text
);

INSERT INTO form_sync_alert_state VALUES (true, '{}');

INSERT INTO form_sync_batch OVERRIDING SYSTEM VALUE VALUES (17, 'default', 1700000115000, 1700000115000, 3, 'soap');
INSERT INTO form_sync_batch OVERRIDING SYSTEM VALUE VALUES (18, 'default', 1700000065000, 1700000065000, 0, NULL);

INSERT INTO form_sync_control VALUES ('default', 'soap', '{"budget":{"tokens":0,"filledAt":1700000016000,"rateShare":0.5,"rateReducedAt":1700000013000,"concurrencyShare":1,"concurrencyReducedAt":0,"spent":19,"dayEndsAt":1700028060000},"breaker":{"retryAt":1700003600000,"reason":"20014 Authentication Failed (check the user id and the secret key)","blocked":true,"passed":0}}');

INSERT INTO form_sync_counter VALUES ('default', 'contact', 0, 9, 0, 2, 13, 0, 0, 2, 2, 0, 0, 0, 0, 0);
INSERT INTO form_sync_counter VALUES ('default', 'event', 0, 2, 0, 1, 4, 0, 0, 1, 1, 0, 0, 0, 0, 0);
INSERT INTO form_sync_counter VALUES ('default', '', 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0);

INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (2, '00000000-0000-4000-8000-000000000002', 'contact', 'delivered', NULL, NULL, 1, 0, NULL, NULL, NULL, '[]', '[]', '[]', '[]', 1700000002000, 1700000002000, 702, NULL, NULL, NULL, NULL, NULL, NULL, 'default', NULL, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (3, '00000000-0000-4000-8000-000000000003', 'event', 'delivered', NULL, NULL, 1, 0, NULL, NULL, NULL, '[]', '[]', '[]', '["cookie left out: \"x\""]', 1700000002000, 1700000002000, 703, NULL, NULL, NULL, NULL, NULL, NULL, 'default', NULL, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (7, '00000000-0000-4000-8000-000000000007', 'contact', 'delivered', NULL, NULL, 1, 0, NULL, NULL, NULL, '[]', '[]', '[]', '[]', 1700000007000, 1700000007000, 707, NULL, NULL, NULL, NULL, NULL, NULL, 'default', NULL, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (4, '00000000-0000-4000-8000-000000000004', 'event', 'parked', NULL, NULL, 2, 1, 1700000003000, NULL, '{"id":"00000000-0000-4000-8000-000000000004","form":"event","person":"dora@example.com","email":"dora@example.com","attributes":[{"name":"FirstName","value":"First 4"}],"acceptedAt":1700000003000,"notes":[]}', '[]', '[]', '[{"reason":"HTTP 500 from example.com: empty","times":1,"first":1700000003000,"last":1700000003000},{"reason":"20109 Parameter Required: \"Country\" is C:\\temp","times":1,"first":1700000004000,"last":1700000004000}]', '[]', 1700000003000, 1700000004000, NULL, '20109 Parameter Required: "Country" is C:\temp', 'oftAYi7rpGcnxnuM0cZovg', NULL, NULL, NULL, NULL, 'default', NULL, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (5, '00000000-0000-4000-8000-000000000005', 'contact', 'parked', NULL, NULL, 2, 0, NULL, NULL, '{"id":"00000000-0000-4000-8000-000000000005","form":"contact","person":"emil@example.com","email":"emil@example.com","attributes":[{"name":"Hat__c","value":"red"}],"acceptedAt":1700000005000,"notes":[]}', '["Hat__c"]', '[]', '[{"reason":"20105 Lead Attribute Bad: Hat__c","times":1,"first":1700000005000,"last":1700000005000}]', '[]', 1700000005000, 1700000005000, 705, '20105 Lead Attribute Bad: Hat__c', 'MNFrk8_AZbPd6qEG0H7dVg', NULL, NULL, NULL, NULL, 'default', NULL, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (6, '00000000-0000-4000-8000-000000000006', 'contact', 'parked', NULL, NULL, 1, 0, NULL, NULL, '{"id":"00000000-0000-4000-8000-000000000006","form":"contact","person":"fay@example.com","email":"fay@example.com","attributes":[{"name":"FirstName","value":"old"},{"name":"Title","value":"CTO"}],"acceptedAt":1700000006000,"notes":[]}', '[]', '["FirstName"]', '[{"reason":"20110 Bad Parameter","times":1,"first":1700000006000,"last":1700000006000}]', '[]', 1700000006000, 1700000006000, NULL, '20110 Bad Parameter', 'UiQd9G_Av7j1gXB2c4h6zg', NULL, NULL, NULL, NULL, 'default', NULL, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (8, '00000000-0000-4000-8000-000000000008', 'contact', 'ready', 1700003600000, NULL, 1, 0, NULL, NULL, '{"id":"00000000-0000-4000-8000-000000000008","form":"contact","person":"gus@example.com","email":"gus@example.com","attributes":[{"name":"FirstName","value":"First 8"}],"acceptedAt":1700000008000,"notes":[]}', '[]', '[]', '[{"reason":"20109 Parameter Required","times":1,"first":1700000008000,"last":1700000008000}]', '[]', 1700000008000, NULL, NULL, '20109 Parameter Required', 'dionnEt9YI4Pd1nMiKfmpw', NULL, 'soap', NULL, NULL, 'default', NULL, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (9, '00000000-0000-4000-8000-000000000009', 'contact', 'ready', 1700003600000, NULL, 1, 0, NULL, NULL, '{"id":"00000000-0000-4000-8000-000000000009","form":"contact","person":"hal@example.com","email":"hal@example.com","attributes":[{"name":"FirstName","value":"First 9"}],"acceptedAt":1700000008000,"notes":[]}', '[]', '[]', '[{"reason":"20109 Parameter Required","times":1,"first":1700000008000,"last":1700000008000}]', '[]', 1700000008000, NULL, NULL, '20109 Parameter Required', 's1_dGWk5cya5cBUuH_usTw', NULL, 'soap', NULL, NULL, 'default', NULL, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (11, '00000000-0000-4000-8000-000000000011', 'contact', 'ready', 1700010800000, NULL, 2, 0, NULL, NULL, '{"id":"00000000-0000-4000-8000-000000000011","form":"contact","person":"jo@example.com","email":"jo@example.com","attributes":[{"name":"Shoe__c","value":"42"}],"acceptedAt":1700000011000,"notes":[]}', '[]', '[]', '[{"reason":"20105 Lead Attribute Bad: Shoe__c","times":1,"first":1700000011000,"last":1700000011000}]', '[]', 1700000011000, NULL, 711, '20105 Lead Attribute Bad: Shoe__c', 'lkBv4z3sJQAiAXTdBBTsOQ', NULL, 'soap', NULL, NULL, 'default', NULL, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (10, '00000000-0000-4000-8000-000000000010', 'contact', 'ready', 1700007200000, NULL, 2, 2, 1700000009000, NULL, '{"id":"00000000-0000-4000-8000-000000000010","form":"contact","person":"ida@example.com","email":"ida@example.com","attributes":[{"name":"FirstName","value":"First 10"}],"acceptedAt":1700000009000,"notes":[],"cookie":"id:123-ABC-456&token:_mch-example.com-10","workspace":"Europe"}', '[]', '[]', '[{"reason":"10001 Internal Error","times":2,"first":1700000009000,"last":1700000010000}]', '[]', 1700000009000, NULL, NULL, '10001 Internal Error', 'e2FJkYgsNaRDJBnyr3SOjg', 'ToGOULS9DVD2QZ7fRaNARg', NULL, NULL, NULL, 'default', NULL, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (12, '00000000-0000-4000-8000-000000000012', 'contact', 'ready', 1700003600000, NULL, 2, 1, 1700000014000, NULL, '{"id":"00000000-0000-4000-8000-000000000012","form":"contact","person":"\"k \\ l\"@example.com","email":"\"k \\ l\"@example.com","attributes":[{"name":"LastName","value":"nul \u0000 half \ud800 \"quoted\""}],"acceptedAt":1700000012000,"notes":[]}', '[]', '[]', '[{"reason":"20023 Rate Limit Exceeded","times":1,"first":1700000012000,"last":1700000012000},{"reason":"HTTP 500 from example.com: empty","times":1,"first":1700000014000,"last":1700000014000}]', '[]', 1700000012000, NULL, NULL, 'HTTP 500 from example.com: empty', 'Szi7NzW0r1W6YImbAjI_0g', NULL, 'soap', NULL, NULL, 'default', NULL, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (13, '00000000-0000-4000-8000-000000000013', 'contact', 'ready', 1700000115000, 17, 1, 0, NULL, NULL, '{"id":"00000000-0000-4000-8000-000000000013","form":"contact","person":"lea@example.com","email":"lea@example.com","attributes":[{"name":"FirstName","value":"First 13"}],"acceptedAt":1700000015000,"notes":[]}', '[]', '[]', '[]', '[]', 1700000015000, NULL, NULL, NULL, 'tOOsdZ4oLryLy4qtG--eMg', NULL, 'soap', NULL, NULL, 'default', NULL, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (14, '00000000-0000-4000-8000-000000000014', 'contact', 'queued', 1700000115000, 17, 1, 0, NULL, NULL, '{"id":"00000000-0000-4000-8000-000000000014","form":"contact","person":"lea@example.com","email":"lea@example.com","attributes":[{"name":"Title","value":"CEO"}],"acceptedAt":1700000015000,"notes":[]}', '[]', '[]', '[]', '[]', 1700000015000, NULL, NULL, NULL, 'tOOsdZ4oLryLy4qtG--eMg', NULL, 'soap', NULL, NULL, 'default', NULL, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (15, '00000000-0000-4000-8000-000000000015', 'contact', 'ready', 1700000115000, 17, 1, 0, NULL, NULL, '{"id":"00000000-0000-4000-8000-000000000015","form":"contact","person":"max@example.com","email":"max@example.com","attributes":[{"name":"FirstName","value":"First 15"}],"acceptedAt":1700000015000,"notes":[]}', '[]', '[]', '[]', '[]', 1700000015000, NULL, NULL, NULL, '3qEaKcRuLJMGix7BnLe99w', NULL, 'soap', NULL, NULL, 'default', NULL, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (16, '00000000-0000-4000-8000-000000000016', 'event', 'queued', 1700000015000, NULL, 0, 0, NULL, NULL, '{"id":"00000000-0000-4000-8000-000000000016","form":"event","person":"lea@example.com","email":"lea@example.com","attributes":[{"name":"FirstName","value":"First 16"}],"acceptedAt":1700000015000,"notes":[]}', '[]', '[]', '[]', '[]', 1700000015000, NULL, NULL, NULL, 'tOOsdZ4oLryLy4qtG--eMg', NULL, 'soap', NULL, NULL, 'default', NULL, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (17, '00000000-0000-4000-8000-000000000017', 'event', 'ready', 1700000016000, NULL, 1, 0, NULL, NULL, '{"id":"00000000-0000-4000-8000-000000000017","form":"event","person":"nia@example.com","email":"nia@example.com","attributes":[{"name":"FirstName","value":"First 17"}],"acceptedAt":1700000016000,"notes":[]}', '[]', '[]', '[{"reason":"20014 Authentication Failed (check the user id and the secret key)","times":1,"first":1700000016000,"last":1700000016000}]', '[]', 1700000016000, NULL, NULL, '20014 Authentication Failed (check the user id and the secret key)', 'PTBTSmJa-W4E7C0qWYXQ6g', NULL, 'soap', NULL, NULL, 'default', NULL, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (18, '00000000-0000-4000-8000-000000000018', 'contact', 'ready', 1700000016000, NULL, 0, 0, NULL, NULL, '{"id":"00000000-0000-4000-8000-000000000018","form":"contact","person":"olga@example.com","email":"olga@example.com","attributes":[{"name":"FirstName","value":"First 18"}],"acceptedAt":1700000016000,"notes":[]}', '[]', '[]', '[]', '[]', 1700000016000, NULL, NULL, NULL, '85tQ-E_1IfL3DM28d4cjtw', NULL, 'soap', NULL, NULL, 'default', NULL, NULL);

INSERT INTO form_sync_meta (version, secret) VALUES (7, '20958863172a38791c48e32f7d9e71f3e7f5f2ca69c3e42ad98939db72af2f89');

SELECT pg_catalog.setval('form_sync_batch_id_seq', 19, true);

SELECT pg_catalog.setval('form_sync_job_seq_seq', 18, true);

SELECT pg_catalog.setval('form_sync_newest_sent_id_seq', 1, false);

ALTER TABLE ONLY form_sync_alert_state
    ADD CONSTRAINT form_sync_alert_state_pkey PRIMARY KEY (the_only);

ALTER TABLE ONLY form_sync_batch
    ADD CONSTRAINT form_sync_batch_pkey PRIMARY KEY (id);

ALTER TABLE ONLY form_sync_control
    ADD CONSTRAINT form_sync_control_pkey PRIMARY KEY (account);

ALTER TABLE ONLY form_sync_counter
    ADD CONSTRAINT form_sync_counter_pkey PRIMARY KEY (account, form, slot);

ALTER TABLE ONLY form_sync_held_form
    ADD CONSTRAINT form_sync_held_form_pkey PRIMARY KEY (form);

ALTER TABLE ONLY form_sync_job
    ADD CONSTRAINT form_sync_job_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY form_sync_newest_sent
    ADD CONSTRAINT form_sync_newest_sent_account_key_name_key UNIQUE (account, key, name);

ALTER TABLE ONLY form_sync_newest_sent
    ADD CONSTRAINT form_sync_newest_sent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY form_sync_owed
    ADD CONSTRAINT form_sync_owed_pkey PRIMARY KEY (seq);

CREATE INDEX form_sync_job_age ON form_sync_job USING btree (account, accepted_at) WHERE (settled_at IS NULL);

CREATE INDEX form_sync_job_cookie ON form_sync_job USING btree (account, seq) WHERE ((batch_key IS NULL) AND (visitor_key IS NOT NULL) AND (state = ANY (ARRAY['ready'::text, 'queued'::text])));

CREATE UNIQUE INDEX form_sync_job_head ON form_sync_job USING btree (account, person_key) WHERE (state = 'ready'::text);

CREATE UNIQUE INDEX form_sync_job_id ON form_sync_job USING btree (id);

CREATE INDEX form_sync_job_later_alone ON form_sync_job USING btree (account, due_at, seq) WHERE ((state = 'ready'::text) AND (turn IS NULL) AND (batch_key IS NULL));

CREATE INDEX form_sync_job_later_shared ON form_sync_job USING btree (account, due_at, seq) WHERE ((state = 'ready'::text) AND (turn IS NULL) AND (batch_key IS NOT NULL));

CREATE INDEX form_sync_job_leased ON form_sync_job USING btree (account, person_key) WHERE (batch IS NOT NULL);

CREATE INDEX form_sync_job_listed ON form_sync_job USING btree (account, state, settled_at) WHERE (state = ANY (ARRAY['held'::text, 'parked'::text]));

CREATE INDEX form_sync_job_listed_of ON form_sync_job USING btree (account, person_key, seq) WHERE (state = ANY (ARRAY['held'::text, 'parked'::text]));

CREATE INDEX form_sync_job_queued ON form_sync_job USING btree (account, person_key, seq) WHERE (state = 'queued'::text);

CREATE INDEX form_sync_job_receipt ON form_sync_job USING btree (account, settled_at, seq) WHERE (state = 'delivered'::text);

CREATE INDEX form_sync_job_receipt_of ON form_sync_job USING btree (account, person_key) WHERE (state = 'delivered'::text);

CREATE INDEX form_sync_job_source ON form_sync_job USING btree (account, batch_key, form, source, turn) WHERE ((state = 'ready'::text) AND (turn IS NOT NULL) AND (source IS NOT NULL));

CREATE INDEX form_sync_job_turn ON form_sync_job USING btree (account, batch_key, form, turn, due_at, seq) WHERE ((state = 'ready'::text) AND (turn IS NOT NULL));

CREATE INDEX form_sync_job_visitor ON form_sync_job USING btree (account, visitor_key, state, seq) WHERE ((visitor_key IS NOT NULL) AND (state <> 'delivered'::text));

CREATE INDEX form_sync_owed_due ON form_sync_owed USING btree (account, due_at);

CREATE INDEX form_sync_owed_newest ON form_sync_owed USING btree (account, seq);

CREATE UNIQUE INDEX form_sync_owed_visitor ON form_sync_owed USING btree (account, visitor_key);
