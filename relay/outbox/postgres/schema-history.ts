/**
 * The tables of versions 1 and 2, with the names of their time: each entry takes the tables one version further. They are
 * never changed, because databases of these versions are still to be upgraded.
 */
export const VERSIONS_1_TO_2: readonly (readonly string[])[] = [
  [
    // A person by a number: a name may be longer than an index takes. Two of the same number wait for each other.
    `CREATE FUNCTION form_sync_line(person text) RETURNS bigint LANGUAGE sql IMMUTABLE
     AS $$ SELECT hashtextextended(person COLLATE "C", 0) $$`,
    `CREATE TABLE form_sync_job (
       seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
       id text COLLATE "C" NOT NULL,
       form text NOT NULL,
       person text COLLATE "C",
       line bigint GENERATED ALWAYS AS (form_sync_line(person)) STORED,
       state text NOT NULL CHECK (state IN ('ready', 'behind', 'parked', 'delivered')),
       due_at bigint,
       call bigint,
       attempts integer NOT NULL DEFAULT 0,
       failures integer NOT NULL DEFAULT 0,
       failing_since bigint,
       share integer,
       sociable smallint NOT NULL,
       lead text,
       refused text NOT NULL DEFAULT '[]',
       superseded text NOT NULL DEFAULT '[]',
       history text NOT NULL DEFAULT '[]',
       notes text NOT NULL,
       accepted_at bigint NOT NULL,
       settled_at bigint,
       lead_id bigint,
       reason text,
       CHECK (state NOT IN ('ready', 'behind') OR due_at IS NOT NULL),
       CHECK (state IN ('ready', 'behind') OR call IS NULL),
       CHECK (state <> 'delivered' OR (coalesce(person, lead, reason) IS NULL AND history = '[]'))
     )`,
    // What is done with leaves a dead row behind, which slows claims down until it is cleared away: a fifth of a table
    // that keeps every receipt would be too many.
    `ALTER TABLE form_sync_job SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000)`,
    // A page of an index takes no key of a few thousand characters: what is longer goes by its beginning and a hash.
    `CREATE UNIQUE INDEX form_sync_job_id ON form_sync_job (left(id, 500), hashtextextended(id, 0))`,
    // One line has one job at a time that can be handed out: the database refuses a second.
    `CREATE UNIQUE INDEX form_sync_job_head ON form_sync_job (line) WHERE state = 'ready'`,
    `CREATE INDEX form_sync_job_behind ON form_sync_job (line, seq) WHERE state = 'behind'`,
    `CREATE INDEX form_sync_job_out ON form_sync_job (line, seq) WHERE call IS NOT NULL`,
    `CREATE INDEX form_sync_job_due ON form_sync_job (sociable, due_at, seq) WHERE state = 'ready'`,
    `CREATE INDEX form_sync_job_age ON form_sync_job (accepted_at) WHERE settled_at IS NULL`,
    `CREATE INDEX form_sync_job_parked ON form_sync_job (settled_at) WHERE state = 'parked'`,
    `CREATE INDEX form_sync_job_parked_of ON form_sync_job (line, seq) WHERE state = 'parked'`,
    `CREATE INDEX form_sync_job_receipt ON form_sync_job (settled_at, seq) WHERE state = 'delivered'`,

    `CREATE TABLE form_sync_call (
       id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
       until bigint NOT NULL
     )`,
    `CREATE TABLE form_sync_desk (
       the_only boolean PRIMARY KEY DEFAULT true CHECK (the_only),
       allowance text,
       halt text
     )`,
    `INSERT INTO form_sync_desk DEFAULT VALUES`,

    // Counted as it happens: counting a million receipts would take longer than asking how the outbox is may take.
    `CREATE TABLE form_sync_tally (
       slot integer PRIMARY KEY,
       waiting bigint NOT NULL DEFAULT 0,
       parked bigint NOT NULL DEFAULT 0,
       delivered bigint NOT NULL DEFAULT 0
     ) WITH (fillfactor = 50)`,
    `INSERT INTO form_sync_tally (slot) SELECT generate_series(0, 63)`,
    `CREATE FUNCTION form_sync_count() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
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
     $$`,
    `CREATE TRIGGER form_sync_added AFTER INSERT ON form_sync_job
       REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION form_sync_count()`,
    `CREATE TRIGGER form_sync_moved AFTER UPDATE ON form_sync_job
       REFERENCING OLD TABLE AS went NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION form_sync_count()`,
    `CREATE TRIGGER form_sync_removed AFTER DELETE ON form_sync_job
       REFERENCING OLD TABLE AS went FOR EACH STATEMENT EXECUTE FUNCTION form_sync_count()`,
  ],
  [
    `CREATE TABLE form_sync_watch (
       the_only boolean PRIMARY KEY DEFAULT true CHECK (the_only),
       seen text NOT NULL DEFAULT '{}'
     )`,
    `INSERT INTO form_sync_watch DEFAULT VALUES`,
  ],
]
