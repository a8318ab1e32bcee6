-- After the press: what version 5 added.

-- A read of a piece at a camera, known by a digest of its row in the machine's report. Gone with the events of its lot.
CREATE TABLE passage (
    lot      BIGINT NOT NULL REFERENCES lot (id) DEFERRABLE INITIALLY DEFERRED,
    sequence BIGINT NOT NULL,
    camera   TEXT COLLATE "C" NOT NULL,
    read     BYTEA NOT NULL,
    PRIMARY KEY (lot, sequence, camera, read)
);

-- What a person must decide. `sequence`: 0 for a stranger. `source`: the digest of the read that says so, or one byte.
-- `said`: what was read of a stranger, a number shortened; `mark`: its hash. Decided once: `verdict`, `reason` and by whom.
CREATE TABLE alarm (
    id       BIGINT PRIMARY KEY,
    lot      BIGINT NOT NULL REFERENCES lot (id) DEFERRABLE INITIALLY DEFERRED,
    sequence BIGINT NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    source   BYTEA NOT NULL,
    at       TEXT COLLATE "C" NOT NULL,
    place    TEXT COLLATE "C" NOT NULL,
    said     TEXT COLLATE "C",
    mark     BYTEA,
    decided  TEXT COLLATE "C",
    verdict  TEXT COLLATE "C",
    reason   TEXT COLLATE "C",
    by_whom  TEXT COLLATE "C",
    UNIQUE (lot, sequence, kind, source)
);
CREATE INDEX alarm_open ON alarm (lot, sequence) WHERE decided IS NULL;

-- The day on which a lot was first settled or dispatched.
CREATE TABLE milestone (
    lot  BIGINT NOT NULL REFERENCES lot (id) DEFERRABLE INITIALLY DEFERRED,
    name TEXT COLLATE "C" NOT NULL CHECK (name IN ('settled', 'dispatched')),
    day  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (lot, name)
);

-- The records of a night, which the issuer is told of.
CREATE INDEX record_night ON record (night);
