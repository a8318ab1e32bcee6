-- After the press: what version 5 added.

-- A read of a piece at a camera, known by a digest of its row in the machine's report. Gone with the events of its lot.
CREATE TABLE passage (
    lot      INTEGER NOT NULL REFERENCES lot (id) DEFERRABLE INITIALLY DEFERRED,
    sequence INTEGER NOT NULL,
    camera   TEXT NOT NULL,
    read     BLOB NOT NULL,
    PRIMARY KEY (lot, sequence, camera, read)
) STRICT, WITHOUT ROWID;

-- What a person must decide. `sequence`: 0 for a stranger. `source`: the digest of the read that says so, or one byte.
-- `said`: what was read of a stranger, a number shortened; `mark`: its hash. Decided once: `verdict`, `reason` and by whom.
CREATE TABLE alarm (
    id       INTEGER PRIMARY KEY,
    lot      INTEGER NOT NULL REFERENCES lot (id) DEFERRABLE INITIALLY DEFERRED,
    sequence INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    source   BLOB NOT NULL,
    at       TEXT NOT NULL,
    place    TEXT NOT NULL,
    said     TEXT,
    mark     BLOB,
    decided  TEXT,
    verdict  TEXT,
    reason   TEXT,
    by_whom  TEXT,
    UNIQUE (lot, sequence, kind, source)
) STRICT;
CREATE INDEX alarm_open ON alarm (lot, sequence) WHERE decided IS NULL;

-- The day on which a lot was first settled or dispatched.
CREATE TABLE milestone (
    lot  INTEGER NOT NULL REFERENCES lot (id) DEFERRABLE INITIALLY DEFERRED,
    name TEXT NOT NULL CHECK (name IN ('settled', 'dispatched')),
    day  TEXT NOT NULL,
    PRIMARY KEY (lot, name)
) STRICT, WITHOUT ROWID;

-- The records of a night, which the issuer is told of.
CREATE INDEX record_night ON record (night);
