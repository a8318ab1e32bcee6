-- The ledger: what was taken in, what it leads to, and every piece that left. Never a code, and nothing of a person in
-- clear: names and addresses are sealed, cards are found by keyed hashes.

-- `events`: the number of the last event. `keys`: the mark of the ledger's keys. `cleaning`: there while
-- what was deleted may still lie in free pages. `purging`: there while a purge deletes.
-- `feedback`, `feedback_runs`, `receipts`: the last event and run that the issuer was told of, and the last run whose files have
-- receipts. `feedback_purge`: there while the issuer's files may have names that a purge removed. `approval` and a hash: an
-- approval that was used. `production`, a name and a hash: a template or key that production may use. `audit`: the audit log's
-- newest line and its hash; not part of an export or a copy.
CREATE TABLE note (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL,
    mark  BLOB
) STRICT;

CREATE TABLE intake_file (
    sha256 TEXT PRIMARY KEY,
    name   TEXT NOT NULL,
    night  TEXT NOT NULL,
    rows   INTEGER NOT NULL
) STRICT;

-- One row for each accepted record. `card`: hash of its number. `marks`: hashes of the holder's identifier, the holder's
-- name and the address. `body`: the record as JSON, sealed under the key of its night's month or of `key_month`; empty
-- once purged.
CREATE TABLE record (
    id          INTEGER PRIMARY KEY,
    card        BLOB NOT NULL,
    marks       BLOB,
    reason      TEXT NOT NULL,
    night       TEXT NOT NULL,
    requested   TEXT NOT NULL,
    source_file TEXT NOT NULL,
    line        INTEGER NOT NULL,
    key_month   TEXT,
    body        BLOB,
    purged      TEXT
) STRICT;
CREATE INDEX record_card ON record (card);

-- A piece that a record leads to. `due` is empty while a mailer waits for its letter to leave.
CREATE TABLE duty (
    id     INTEGER PRIMARY KEY,
    record INTEGER NOT NULL REFERENCES record (id),
    kind   TEXT NOT NULL CHECK (kind IN ('letter', 'mailer')),
    due    TEXT,
    state  TEXT NOT NULL CHECK (state IN ('waiting', 'released', 'rejected', 'cancelled'))
) STRICT;
CREATE INDEX duty_waiting ON duty (due) WHERE state = 'waiting';
CREATE INDEX duty_record ON duty (record);

-- Cards that were revoked, or replaced at once by an incident: nothing is sent for them any more. `replaced_by`: hash of
-- the card whose record replaced it; empty where it was revoked.
CREATE TABLE dead_card (
    card        BLOB PRIMARY KEY,
    night       TEXT NOT NULL,
    replaced_by BLOB
) STRICT;

-- Codes that were asked for by a card or to an address that the ledger did not know, and released by a person. `reason`:
-- hash of the reason that the person wrote.
CREATE TABLE reissue_release (
    card   BLOB NOT NULL,
    night  TEXT NOT NULL,
    reason BLOB NOT NULL
) STRICT;

-- `state`: that of all its pieces which have none of their own. `first_tracking`: the number of its first mailer.
CREATE TABLE lot (
    id             INTEGER PRIMARY KEY,
    name           TEXT NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('letter', 'mailer')),
    night          TEXT NOT NULL,
    state          TEXT NOT NULL,
    pieces         INTEGER NOT NULL,
    template       TEXT NOT NULL,
    first_tracking INTEGER,
    UNIQUE (name, kind)
) STRICT;
CREATE INDEX lot_night ON lot (night);

-- The files of a lot, relative to the night's folder; print files first. `purged`: the day on which a purge removed the file.
CREATE TABLE print_file (
    lot    INTEGER NOT NULL REFERENCES lot (id) DEFERRABLE INITIALLY DEFERRED,
    number INTEGER NOT NULL,
    path   TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    purged TEXT,
    PRIMARY KEY (lot, number)
) STRICT, WITHOUT ROWID;

-- Every piece that left. `attempt`: 0 is the first print, n the n-th reprint. `file`: the number of its print file.
-- `state`: empty while it is where its lot is. A lot is complete, and entered, when its last piece is.
CREATE TABLE piece (
    lot        INTEGER NOT NULL REFERENCES lot (id) DEFERRABLE INITIALLY DEFERRED,
    sequence   INTEGER NOT NULL,
    duty       INTEGER NOT NULL REFERENCES duty (id),
    attempt    INTEGER NOT NULL,
    file       INTEGER NOT NULL,
    first_page INTEGER NOT NULL,
    pages      INTEGER NOT NULL,
    state      TEXT,
    PRIMARY KEY (lot, sequence)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX piece_duty ON piece (duty, attempt);
CREATE INDEX piece_state ON piece (state) WHERE state IS NOT NULL;

-- What happened to a piece, or (without a sequence) to all pieces of a lot that had not departed from it. Appended only.
CREATE TABLE event (
    id       INTEGER PRIMARY KEY,
    at       TEXT NOT NULL,
    lot      INTEGER NOT NULL REFERENCES lot (id) DEFERRABLE INITIALLY DEFERRED,
    sequence INTEGER,
    state    TEXT NOT NULL,
    cause    TEXT NOT NULL,
    run      INTEGER,
    by_whom  TEXT NOT NULL
) STRICT;
CREATE INDEX event_lot ON event (lot, sequence);
CREATE TRIGGER event_stays BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END;
CREATE TRIGGER event_ends BEFORE DELETE ON event WHEN NOT EXISTS (SELECT 1 FROM note WHERE name = 'purging')
BEGIN SELECT RAISE(ABORT, 'only a purge ends an event'); END;

-- The summary of each run that changed something (`run.json`), sealed under the key of its night's month or of `key_month`,
-- and empty once purged; `sealed_for`: how many could open its mailers.
-- `releasing`: its files are complete in the staging folder and are being renamed.
CREATE TABLE run (
    id         INTEGER PRIMARY KEY,
    night      TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('releasing', 'released')),
    sealed_for INTEGER NOT NULL,
    body       BLOB,
    key_month  TEXT
) STRICT;
CREATE INDEX run_night ON run (night);

-- Rejects and warnings of each run, as in its `rejects.csv` and `warnings.csv`. `body`: the finding as JSON, sealed under
-- the key of its night's month or of `key_month`. `card`: hash of its card's number.
CREATE TABLE finding (
    id    INTEGER PRIMARY KEY,
    run   INTEGER NOT NULL REFERENCES run (id) DEFERRABLE INITIALLY DEFERRED,
    kind  TEXT NOT NULL CHECK (kind IN ('reject', 'warning')),
    night TEXT NOT NULL,
    code  TEXT NOT NULL,
    card  BLOB,
    body  BLOB NOT NULL,
    key_month TEXT
) STRICT;
CREATE INDEX finding_run ON finding (run);

-- Cards of which a purge forgets nothing, and why: a reference that names nobody.
CREATE TABLE hold (
    card    BLOB PRIMARY KEY,
    reason  TEXT NOT NULL,
    day     TEXT NOT NULL,
    by_whom TEXT NOT NULL
) STRICT;

-- Each run that changed the ledger, chained to the one before: `head` is a SHA-256 over the release and all before it.
CREATE TABLE release (
    number INTEGER PRIMARY KEY,
    ledger TEXT NOT NULL,
    night  TEXT NOT NULL,
    head   TEXT NOT NULL
) STRICT;
