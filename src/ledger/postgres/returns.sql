-- Returned mail: what version 6 added.

-- A piece that came back. `day`: on which; `reason`: its code; `body`: the text of the post's label, sealed under the key of its
-- day's month or of `key_month`, empty once purged; `box`: where it lies; `address`: the mark of its record's address;
-- `state_before`: what it was before. `undone` by a person, or `destroyed`, on which day, and before whom.
CREATE TABLE returned (
    id           BIGINT PRIMARY KEY,
    lot          BIGINT NOT NULL REFERENCES lot (id) DEFERRABLE INITIALLY DEFERRED,
    sequence     BIGINT NOT NULL,
    day          TEXT COLLATE "C" NOT NULL,
    reason       TEXT COLLATE "C" NOT NULL,
    body         BYTEA,
    key_month    TEXT COLLATE "C",
    batch        TEXT COLLATE "C" NOT NULL,
    box          BIGINT,
    by_whom      TEXT COLLATE "C" NOT NULL,
    address      BYTEA,
    state_before TEXT COLLATE "C" NOT NULL,
    undone       TEXT COLLATE "C",
    destroyed    TEXT COLLATE "C",
    witness      TEXT COLLATE "C"
);
CREATE INDEX returned_piece ON returned (lot, sequence);
CREATE INDEX returned_day ON returned (day);
CREATE INDEX returned_address ON returned (address);
CREATE INDEX returned_box ON returned (box);

-- What a person let go: the mailer of a letter that came back (`lot`, `sequence`), or an address of the hold list. Counts for
-- returns up to the number `upto`.
CREATE TABLE return_release (
    id       BIGINT PRIMARY KEY,
    lot      BIGINT REFERENCES lot (id) DEFERRABLE INITIALLY DEFERRED,
    sequence BIGINT,
    address  BYTEA,
    upto     BIGINT NOT NULL,
    day      TEXT COLLATE "C" NOT NULL,
    reason   TEXT COLLATE "C" NOT NULL,
    by_whom  TEXT COLLATE "C" NOT NULL
);
CREATE INDEX return_release_piece ON return_release (lot, sequence);
CREATE INDEX return_release_address ON return_release (address);

-- A page of a picture that was read. `body`: what was said of it, as JSON, sealed as in `returned`.
CREATE TABLE picture (
    id        BIGINT PRIMARY KEY,
    sha256    TEXT COLLATE "C" NOT NULL,
    page      BIGINT NOT NULL,
    day       TEXT COLLATE "C" NOT NULL,
    body      BYTEA NOT NULL,
    key_month TEXT COLLATE "C",
    UNIQUE (sha256, page)
);
CREATE INDEX picture_day ON picture (day);

-- The pieces that a page shows.
CREATE TABLE picture_piece (
    picture  BIGINT NOT NULL REFERENCES picture (id) DEFERRABLE INITIALLY DEFERRED,
    lot      BIGINT NOT NULL REFERENCES lot (id) DEFERRABLE INITIALLY DEFERRED,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (picture, lot, sequence)
);
CREATE INDEX picture_of_piece ON picture_piece (lot, sequence);
