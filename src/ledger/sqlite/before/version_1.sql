-- The ledger: what was taken in, what it leads to, and every piece that left. Never a code.
CREATE TABLE intake_file (
    sha256 TEXT PRIMARY KEY,
    name   TEXT NOT NULL,
    night  TEXT NOT NULL,
    rows   INTEGER NOT NULL
) STRICT;

-- One row for each accepted record; `body` is the record as JSON.
CREATE TABLE record (
    id          INTEGER PRIMARY KEY,
    card_number TEXT NOT NULL,
    reason      TEXT NOT NULL,
    night       TEXT NOT NULL,
    source_file TEXT NOT NULL,
    line        INTEGER NOT NULL,
    body        TEXT NOT NULL
) STRICT;
CREATE INDEX record_card ON record (card_number);

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

-- Cards that were revoked, or replaced at once by an incident: nothing is sent for them any more.
CREATE TABLE dead_card (
    card_number TEXT PRIMARY KEY,
    night       TEXT NOT NULL
) STRICT;

-- `releasing`: its files are complete in the staging folder and are being renamed.
CREATE TABLE lot (
    lot      TEXT NOT NULL,
    kind     TEXT NOT NULL CHECK (kind IN ('letter', 'mailer')),
    night    TEXT NOT NULL,
    state    TEXT NOT NULL CHECK (state IN ('releasing', 'released')),
    pieces   INTEGER NOT NULL,
    template TEXT NOT NULL,
    PRIMARY KEY (lot, kind)
) STRICT;

-- The files of a lot, relative to the night's folder.
CREATE TABLE print_file (
    lot    TEXT NOT NULL,
    kind   TEXT NOT NULL,
    path   TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (lot, kind, path)
) STRICT;

-- The summary of each run that changed something (`run.json`).
CREATE TABLE run (
    id    INTEGER PRIMARY KEY,
    night TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('releasing', 'released')),
    body  TEXT NOT NULL
) STRICT;

-- Rejects and warnings of each run, as in its `rejects.csv` and `warnings.csv`.
CREATE TABLE finding (
    run         INTEGER NOT NULL REFERENCES run (id),
    kind        TEXT NOT NULL CHECK (kind IN ('reject', 'warning')),
    source_file TEXT NOT NULL,
    line        INTEGER NOT NULL,
    card_number TEXT NOT NULL,
    field       TEXT NOT NULL,
    code        TEXT NOT NULL,
    message     TEXT NOT NULL
) STRICT;
