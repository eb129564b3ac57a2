-- An outbox on PostgreSQL whose tables have version 2, filled by the form-sync of that version: pg_dump --inserts, without
-- comments, settings and the name of its schema. The zeros of form_sync_tally are one statement.

CREATE FUNCTION form_sync_count() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path FROM CURRENT
    AS $$
       DECLARE
         w bigint := 0;
         p bigint := 0;
         d bigint := 0;
       BEGIN
         IF TG_OP <> 'DELETE' THEN
           SELECT count(*) FILTER (WHERE state IN ('ready', 'behind')), count(*) FILTER (WHERE state = 'parked'),
             count(*) FILTER (WHERE state = 'delivered')
           INTO w, p, d FROM came;
         END IF;
         IF TG_OP <> 'INSERT' THEN
           -- Receipts that are swept stay counted.
           SELECT w - count(*) FILTER (WHERE state IN ('ready', 'behind')), p - count(*) FILTER (WHERE state = 'parked'),
             d - count(*) FILTER (WHERE state = 'delivered' AND TG_OP <> 'DELETE')
           INTO w, p, d FROM went;
         END IF;
         IF (w, p, d) <> (0, 0, 0) THEN
           UPDATE form_sync_tally SET waiting = waiting + w, parked = parked + p, delivered = delivered + d
           WHERE slot = pg_backend_pid() % 64;
         END IF;
         RETURN NULL;
       END
     $$;

CREATE FUNCTION form_sync_line(person text) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    AS $$ SELECT hashtextextended(person COLLATE "C", 0) $$;

CREATE TABLE form_sync_call (
    id bigint NOT NULL,
    until bigint NOT NULL
);

ALTER TABLE form_sync_call ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME form_sync_call_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE form_sync_desk (
    the_only boolean DEFAULT true NOT NULL,
    allowance text,
    halt text,
    CONSTRAINT form_sync_desk_the_only_check CHECK (the_only)
);

CREATE TABLE form_sync_job (
    seq bigint NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    form text NOT NULL,
    person text COLLATE pg_catalog."C",
    line bigint GENERATED ALWAYS AS (form_sync_line(person)) STORED,
    state text NOT NULL,
    due_at bigint,
    call bigint,
    attempts integer DEFAULT 0 NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    failing_since bigint,
    share integer,
    sociable smallint NOT NULL,
    lead text,
    refused text DEFAULT '[]'::text NOT NULL,
    superseded text DEFAULT '[]'::text NOT NULL,
    history text DEFAULT '[]'::text NOT NULL,
    notes text NOT NULL,
    accepted_at bigint NOT NULL,
    settled_at bigint,
    lead_id bigint,
    reason text,
    CONSTRAINT form_sync_job_check CHECK (((state <> ALL (ARRAY['ready'::text, 'behind'::text])) OR (due_at IS NOT NULL))),
    CONSTRAINT form_sync_job_check1 CHECK (((state = ANY (ARRAY['ready'::text, 'behind'::text])) OR (call IS NULL))),
    CONSTRAINT form_sync_job_check2 CHECK (((state <> 'delivered'::text) OR ((COALESCE(person, lead, reason) IS NULL) AND (history = '[]'::text)))),
    CONSTRAINT form_sync_job_state_check CHECK ((state = ANY (ARRAY['ready'::text, 'behind'::text, 'parked'::text, 'delivered'::text])))
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
    version integer NOT NULL
);

CREATE TABLE form_sync_tally (
    slot integer NOT NULL,
    waiting bigint DEFAULT 0 NOT NULL,
    parked bigint DEFAULT 0 NOT NULL,
    delivered bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE form_sync_watch (
    the_only boolean DEFAULT true NOT NULL,
    seen text DEFAULT '{}'::text NOT NULL,
    CONSTRAINT form_sync_watch_the_only_check CHECK (the_only)
);

INSERT INTO form_sync_call OVERRIDING SYSTEM VALUE VALUES (17, 1700000115000);
INSERT INTO form_sync_call OVERRIDING SYSTEM VALUE VALUES (18, 1700000065000);

INSERT INTO form_sync_desk VALUES (true, '{"tokens":0,"filledAt":1700000016000,"slowedTo":0.5,"slowedAt":1700000013000,"thinnedTo":1,"thinnedAt":0,"spent":19,"dayEndsAt":1700028060000}', '{"until":1700003600000,"reason":"20014 Authentication Failed (check the user id and the secret key)","blocked":true,"passed":0}');

INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (2, '00000000-0000-4000-8000-000000000002', 'contact', NULL, DEFAULT, 'delivered', NULL, NULL, 1, 0, NULL, NULL, 1, NULL, '[]', '[]', '[]', '[]', 1700000002000, 1700000002000, 702, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (3, '00000000-0000-4000-8000-000000000003', 'event', NULL, DEFAULT, 'delivered', NULL, NULL, 1, 0, NULL, NULL, 0, NULL, '[]', '[]', '[]', '["cookie left out: \"x\""]', 1700000002000, 1700000002000, 703, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (4, '00000000-0000-4000-8000-000000000004', 'event', 'dora@example.com', DEFAULT, 'parked', NULL, NULL, 2, 1, 1700000003000, NULL, 1, '{"id":"00000000-0000-4000-8000-000000000004","form":"event","person":"dora@example.com","email":"dora@example.com","attributes":[{"name":"FirstName","value":"First 4"}],"acceptedAt":1700000003000,"notes":[]}', '[]', '[]', '[{"reason":"HTTP 500 from example.com: empty","times":1,"first":1700000003000,"last":1700000003000},{"reason":"20109 Parameter Required: \"Country\" is C:\\temp","times":1,"first":1700000004000,"last":1700000004000}]', '[]', 1700000003000, 1700000004000, NULL, '20109 Parameter Required: \"Country\" is C:\\temp');
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (5, '00000000-0000-4000-8000-000000000005', 'contact', 'emil@example.com', DEFAULT, 'parked', NULL, NULL, 2, 0, NULL, NULL, 1, '{"id":"00000000-0000-4000-8000-000000000005","form":"contact","person":"emil@example.com","email":"emil@example.com","attributes":[{"name":"Hat__c","value":"red"}],"acceptedAt":1700000005000,"notes":[]}', '["Hat__c"]', '[]', '[{"reason":"20105 Lead Attribute Bad: Hat__c","times":1,"first":1700000005000,"last":1700000005000}]', '[]', 1700000005000, 1700000005000, 705, '20105 Lead Attribute Bad: Hat__c');
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (6, '00000000-0000-4000-8000-000000000006', 'contact', 'fay@example.com', DEFAULT, 'parked', NULL, NULL, 1, 0, NULL, NULL, 1, '{"id":"00000000-0000-4000-8000-000000000006","form":"contact","person":"fay@example.com","email":"fay@example.com","attributes":[{"name":"FirstName","value":"old"},{"name":"Title","value":"CTO"}],"acceptedAt":1700000006000,"notes":[]}', '[]', '["FirstName"]', '[{"reason":"20110 Bad Parameter","times":1,"first":1700000006000,"last":1700000006000}]', '[]', 1700000006000, 1700000006000, NULL, '20110 Bad Parameter');
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (7, '00000000-0000-4000-8000-000000000007', 'contact', NULL, DEFAULT, 'delivered', NULL, NULL, 1, 0, NULL, NULL, 1, NULL, '[]', '[]', '[]', '[]', 1700000007000, 1700000007000, 707, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (8, '00000000-0000-4000-8000-000000000008', 'contact', 'gus@example.com', DEFAULT, 'ready', 1700003600000, NULL, 1, 0, NULL, 1, 1, '{"id":"00000000-0000-4000-8000-000000000008","form":"contact","person":"gus@example.com","email":"gus@example.com","attributes":[{"name":"FirstName","value":"First 8"}],"acceptedAt":1700000008000,"notes":[]}', '[]', '[]', '[{"reason":"20109 Parameter Required","times":1,"first":1700000008000,"last":1700000008000}]', '[]', 1700000008000, NULL, NULL, '20109 Parameter Required');
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (9, '00000000-0000-4000-8000-000000000009', 'contact', 'hal@example.com', DEFAULT, 'ready', 1700003600000, NULL, 1, 0, NULL, 1, 1, '{"id":"00000000-0000-4000-8000-000000000009","form":"contact","person":"hal@example.com","email":"hal@example.com","attributes":[{"name":"FirstName","value":"First 9"}],"acceptedAt":1700000008000,"notes":[]}', '[]', '[]', '[{"reason":"20109 Parameter Required","times":1,"first":1700000008000,"last":1700000008000}]', '[]', 1700000008000, NULL, NULL, '20109 Parameter Required');
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (10, '00000000-0000-4000-8000-000000000010', 'contact', 'ida@example.com', DEFAULT, 'ready', 1700007200000, NULL, 2, 2, 1700000009000, NULL, 0, '{"id":"00000000-0000-4000-8000-000000000010","form":"contact","person":"ida@example.com","email":"ida@example.com","attributes":[{"name":"FirstName","value":"First 10"}],"acceptedAt":1700000009000,"notes":[],"cookie":"id:123-ABC-456&token:_mch-example.com-10","workspace":"Europe"}', '[]', '[]', '[{"reason":"10001 Internal Error","times":2,"first":1700000009000,"last":1700000010000}]', '[]', 1700000009000, NULL, NULL, '10001 Internal Error');
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (11, '00000000-0000-4000-8000-000000000011', 'contact', 'jo@example.com', DEFAULT, 'ready', 1700010800000, NULL, 2, 0, NULL, NULL, 1, '{"id":"00000000-0000-4000-8000-000000000011","form":"contact","person":"jo@example.com","email":"jo@example.com","attributes":[{"name":"Shoe__c","value":"42"}],"acceptedAt":1700000011000,"notes":[]}', '[]', '[]', '[{"reason":"20105 Lead Attribute Bad: Shoe__c","times":1,"first":1700000011000,"last":1700000011000}]', '[]', 1700000011000, NULL, 711, '20105 Lead Attribute Bad: Shoe__c');
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (12, '00000000-0000-4000-8000-000000000012', 'contact', '\"k \\ l\"@example.com', DEFAULT, 'ready', 1700003600000, NULL, 2, 1, 1700000014000, NULL, 1, '{"id":"00000000-0000-4000-8000-000000000012","form":"contact","person":"\"k \\ l\"@example.com","email":"\"k \\ l\"@example.com","attributes":[{"name":"LastName","value":"nul \u0000 half \ud800 \"quoted\""}],"acceptedAt":1700000012000,"notes":[]}', '[]', '[]', '[{"reason":"20023 Rate Limit Exceeded","times":1,"first":1700000012000,"last":1700000012000},{"reason":"HTTP 500 from example.com: empty","times":1,"first":1700000014000,"last":1700000014000}]', '[]', 1700000012000, NULL, NULL, 'HTTP 500 from example.com: empty');
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (13, '00000000-0000-4000-8000-000000000013', 'contact', 'lea@example.com', DEFAULT, 'ready', 1700000115000, 17, 1, 0, NULL, NULL, 1, '{"id":"00000000-0000-4000-8000-000000000013","form":"contact","person":"lea@example.com","email":"lea@example.com","attributes":[{"name":"FirstName","value":"First 13"}],"acceptedAt":1700000015000,"notes":[]}', '[]', '[]', '[]', '[]', 1700000015000, NULL, NULL, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (14, '00000000-0000-4000-8000-000000000014', 'contact', 'lea@example.com', DEFAULT, 'behind', 1700000115000, 17, 1, 0, NULL, NULL, 1, '{"id":"00000000-0000-4000-8000-000000000014","form":"contact","person":"lea@example.com","email":"lea@example.com","attributes":[{"name":"Title","value":"CEO"}],"acceptedAt":1700000015000,"notes":[]}', '[]', '[]', '[]', '[]', 1700000015000, NULL, NULL, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (15, '00000000-0000-4000-8000-000000000015', 'contact', 'max@example.com', DEFAULT, 'ready', 1700000115000, 17, 1, 0, NULL, NULL, 1, '{"id":"00000000-0000-4000-8000-000000000015","form":"contact","person":"max@example.com","email":"max@example.com","attributes":[{"name":"FirstName","value":"First 15"}],"acceptedAt":1700000015000,"notes":[]}', '[]', '[]', '[]', '[]', 1700000015000, NULL, NULL, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (16, '00000000-0000-4000-8000-000000000016', 'event', 'lea@example.com', DEFAULT, 'behind', 1700000015000, NULL, 0, 0, NULL, NULL, 1, '{"id":"00000000-0000-4000-8000-000000000016","form":"event","person":"lea@example.com","email":"lea@example.com","attributes":[{"name":"FirstName","value":"First 16"}],"acceptedAt":1700000015000,"notes":[]}', '[]', '[]', '[]', '[]', 1700000015000, NULL, NULL, NULL);
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (17, '00000000-0000-4000-8000-000000000017', 'event', 'nia@example.com', DEFAULT, 'ready', 1700000016000, NULL, 1, 0, NULL, NULL, 1, '{"id":"00000000-0000-4000-8000-000000000017","form":"event","person":"nia@example.com","email":"nia@example.com","attributes":[{"name":"FirstName","value":"First 17"}],"acceptedAt":1700000016000,"notes":[]}', '[]', '[]', '[{"reason":"20014 Authentication Failed (check the user id and the secret key)","times":1,"first":1700000016000,"last":1700000016000}]', '[]', 1700000016000, NULL, NULL, '20014 Authentication Failed (check the user id and the secret key)');
INSERT INTO form_sync_job OVERRIDING SYSTEM VALUE VALUES (18, '00000000-0000-4000-8000-000000000018', 'contact', 'olga@example.com', DEFAULT, 'ready', 1700000016000, NULL, 0, 0, NULL, NULL, 1, '{"id":"00000000-0000-4000-8000-000000000018","form":"contact","person":"olga@example.com","email":"olga@example.com","attributes":[{"name":"FirstName","value":"First 18"}],"acceptedAt":1700000016000,"notes":[]}', '[]', '[]', '[]', '[]', 1700000016000, NULL, NULL, NULL);

INSERT INTO form_sync_meta VALUES (2);

INSERT INTO form_sync_tally (slot) SELECT slot FROM generate_series(0, 63) AS slot WHERE slot <> 14;
INSERT INTO form_sync_tally VALUES (14, 11, 3, 4);

INSERT INTO form_sync_watch VALUES (true, '{}');

SELECT pg_catalog.setval('form_sync_call_id_seq', 19, true);

SELECT pg_catalog.setval('form_sync_job_seq_seq', 18, true);

ALTER TABLE ONLY form_sync_call
    ADD CONSTRAINT form_sync_call_pkey PRIMARY KEY (id);

ALTER TABLE ONLY form_sync_desk
    ADD CONSTRAINT form_sync_desk_pkey PRIMARY KEY (the_only);

ALTER TABLE ONLY form_sync_job
    ADD CONSTRAINT form_sync_job_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY form_sync_tally
    ADD CONSTRAINT form_sync_tally_pkey PRIMARY KEY (slot);

ALTER TABLE ONLY form_sync_watch
    ADD CONSTRAINT form_sync_watch_pkey PRIMARY KEY (the_only);

CREATE INDEX form_sync_job_age ON form_sync_job USING btree (accepted_at) WHERE (settled_at IS NULL);

CREATE INDEX form_sync_job_behind ON form_sync_job USING btree (line, seq) WHERE (state = 'behind'::text);

CREATE INDEX form_sync_job_due ON form_sync_job USING btree (sociable, due_at, seq) WHERE (state = 'ready'::text);

CREATE UNIQUE INDEX form_sync_job_head ON form_sync_job USING btree (line) WHERE (state = 'ready'::text);

CREATE UNIQUE INDEX form_sync_job_id ON form_sync_job USING btree ("left"(id, 500), hashtextextended(id, (0)::bigint));

CREATE INDEX form_sync_job_out ON form_sync_job USING btree (line, seq) WHERE (call IS NOT NULL);

CREATE INDEX form_sync_job_parked ON form_sync_job USING btree (settled_at) WHERE (state = 'parked'::text);

CREATE INDEX form_sync_job_parked_of ON form_sync_job USING btree (line, seq) WHERE (state = 'parked'::text);

CREATE INDEX form_sync_job_receipt ON form_sync_job USING btree (settled_at, seq) WHERE (state = 'delivered'::text);

CREATE TRIGGER form_sync_added AFTER INSERT ON form_sync_job REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION form_sync_count();

CREATE TRIGGER form_sync_moved AFTER UPDATE ON form_sync_job REFERENCING OLD TABLE AS went NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION form_sync_count();

CREATE TRIGGER form_sync_removed AFTER DELETE ON form_sync_job REFERENCING OLD TABLE AS went FOR EACH STATEMENT EXECUTE FUNCTION form_sync_count();
