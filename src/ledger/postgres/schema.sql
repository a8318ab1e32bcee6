-- The ledger on a PostgreSQL server: the same tables as in SQLite (`../sqlite/schema.sql` says what they hold). Texts are ordered
-- by their bytes, as there. Run with `search_path` = pli.

-- One row: whose schema this is, and of which version.
CREATE TABLE ledger_version (
    program TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL
);

CREATE TABLE note (
    name  TEXT COLLATE "C" PRIMARY KEY,
    value BIGINT NOT NULL,
    mark  BYTEA
);

CREATE TABLE intake_file (
    sha256 TEXT COLLATE "C" PRIMARY KEY,
    name   TEXT COLLATE "C" NOT NULL,
    night  TEXT COLLATE "C" NOT NULL,
    rows   BIGINT NOT NULL
);

CREATE TABLE record (
    id          BIGINT PRIMARY KEY,
    card        BYTEA NOT NULL,
    marks       BYTEA,
    reason      TEXT COLLATE "C" NOT NULL,
    night       TEXT COLLATE "C" NOT NULL,
    requested   TEXT COLLATE "C" NOT NULL,
    source_file TEXT COLLATE "C" NOT NULL,
    line        BIGINT NOT NULL,
    key_month   TEXT COLLATE "C",
    body        BYTEA,
    purged      TEXT COLLATE "C"
);
CREATE INDEX record_card ON record (card);

CREATE TABLE duty (
    id     BIGINT PRIMARY KEY,
    record BIGINT NOT NULL REFERENCES record (id),
    kind   TEXT COLLATE "C" NOT NULL CHECK (kind IN ('letter', 'mailer')),
    due    TEXT COLLATE "C",
    state  TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'released', 'rejected', 'cancelled'))
);
CREATE INDEX duty_waiting ON duty (due) WHERE state = 'waiting';
CREATE INDEX duty_record ON duty (record);

CREATE TABLE dead_card (
    card        BYTEA PRIMARY KEY,
    night       TEXT COLLATE "C" NOT NULL,
    replaced_by BYTEA
);

CREATE TABLE reissue_release (
    card   BYTEA NOT NULL,
    night  TEXT COLLATE "C" NOT NULL,
    reason BYTEA NOT NULL
);

CREATE TABLE lot (
    id             BIGINT PRIMARY KEY,
    name           TEXT COLLATE "C" NOT NULL,
    kind           TEXT COLLATE "C" NOT NULL CHECK (kind IN ('letter', 'mailer')),
    night          TEXT COLLATE "C" NOT NULL,
    state          TEXT COLLATE "C" NOT NULL,
    pieces         BIGINT NOT NULL,
    template       TEXT COLLATE "C" NOT NULL,
    first_tracking BIGINT,
    UNIQUE (name, kind)
);
CREATE INDEX lot_night ON lot (night);

CREATE TABLE print_file (
    lot    BIGINT NOT NULL REFERENCES lot (id) DEFERRABLE INITIALLY DEFERRED,
    number BIGINT NOT NULL,
    path   TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    purged TEXT COLLATE "C",
    PRIMARY KEY (lot, number)
);

CREATE TABLE piece (
    lot        BIGINT NOT NULL REFERENCES lot (id) DEFERRABLE INITIALLY DEFERRED,
    sequence   BIGINT NOT NULL,
    duty       BIGINT NOT NULL REFERENCES duty (id),
    attempt    BIGINT NOT NULL,
    file       BIGINT NOT NULL,
    first_page BIGINT NOT NULL,
    pages      BIGINT NOT NULL,
    state      TEXT COLLATE "C",
    PRIMARY KEY (lot, sequence)
);
CREATE UNIQUE INDEX piece_duty ON piece (duty, attempt);
CREATE INDEX piece_state ON piece (state) WHERE state IS NOT NULL;

CREATE TABLE event (
    id       BIGINT PRIMARY KEY,
    at       TEXT COLLATE "C" NOT NULL,
    lot      BIGINT NOT NULL REFERENCES lot (id) DEFERRABLE INITIALLY DEFERRED,
    sequence BIGINT,
    state    TEXT COLLATE "C" NOT NULL,
    cause    TEXT COLLATE "C" NOT NULL,
    run      BIGINT,
    by_whom  TEXT COLLATE "C" NOT NULL
);
CREATE INDEX event_lot ON event (lot, sequence);

CREATE FUNCTION event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an event is never changed' USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION event_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pli.note WHERE name = 'purging') THEN
        RAISE EXCEPTION 'only a purge ends an event' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER event_stays BEFORE UPDATE OR TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION event_stays();
CREATE TRIGGER event_ends BEFORE DELETE ON event FOR EACH STATEMENT EXECUTE FUNCTION event_ends();

CREATE TABLE run (
    id         BIGINT PRIMARY KEY,
    night      TEXT COLLATE "C" NOT NULL,
    state      TEXT COLLATE "C" NOT NULL CHECK (state IN ('releasing', 'released')),
    sealed_for BIGINT NOT NULL,
    body       BYTEA,
    key_month  TEXT COLLATE "C"
);
CREATE INDEX run_night ON run (night);

CREATE TABLE finding (
    id    BIGINT PRIMARY KEY,
    run   BIGINT NOT NULL REFERENCES run (id) DEFERRABLE INITIALLY DEFERRED,
    kind  TEXT COLLATE "C" NOT NULL CHECK (kind IN ('reject', 'warning')),
    night TEXT COLLATE "C" NOT NULL,
    code  TEXT COLLATE "C" NOT NULL,
    card  BYTEA,
    body  BYTEA NOT NULL,
    key_month TEXT COLLATE "C"
);
CREATE INDEX finding_run ON finding (run);

CREATE TABLE hold (
    card    BYTEA PRIMARY KEY,
    reason  TEXT COLLATE "C" NOT NULL,
    day     TEXT COLLATE "C" NOT NULL,
    by_whom TEXT COLLATE "C" NOT NULL
);

CREATE TABLE release (
    number BIGINT PRIMARY KEY,
    ledger TEXT COLLATE "C" NOT NULL,
    night  TEXT COLLATE "C" NOT NULL,
    head   TEXT COLLATE "C" NOT NULL
);
