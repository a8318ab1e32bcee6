-- Returned mail: what version 6 added.

-- A piece that came back. `day`: on which; `reason`: its code; `body`: the text of the post's label, sealed under the key of its
-- day's month or of `key_month`, empty once purged; `box`: where it lies; `address`: the mark of its record's address;
-- `state_before`: what it was before. `undone` by a person, or `destroyed`, on which day, and before whom.
CREATE TABLE returned (
    id           INTEGER PRIMARY KEY,
    lot          INTEGER NOT NULL REFERENCES lot (id) DEFERRABLE INITIALLY DEFERRED,
    sequence     INTEGER NOT NULL,
    day          TEXT NOT NULL,
    reason       TEXT NOT NULL,
    body         BLOB,
    key_month    TEXT,
    batch        TEXT NOT NULL,
    box          INTEGER,
    by_whom      TEXT NOT NULL,
    address      BLOB,
    state_before TEXT NOT NULL,
    undone       TEXT,
    destroyed    TEXT,
    witness      TEXT
) STRICT;
CREATE INDEX returned_piece ON returned (lot, sequence);
CREATE INDEX returned_day ON returned (day);
CREATE INDEX returned_address ON returned (address);
CREATE INDEX returned_box ON returned (box);

-- What a person let go: the mailer of a letter that came back (`lot`, `sequence`), or an address of the hold list. Counts for
-- returns up to the number `upto`.
CREATE TABLE return_release (
    id       INTEGER PRIMARY KEY,
    lot      INTEGER REFERENCES lot (id) DEFERRABLE INITIALLY DEFERRED,
    sequence INTEGER,
    address  BLOB,
    upto     INTEGER NOT NULL,
    day      TEXT NOT NULL,
    reason   TEXT NOT NULL,
    by_whom  TEXT NOT NULL
) STRICT;
CREATE INDEX return_release_piece ON return_release (lot, sequence);
CREATE INDEX return_release_address ON return_release (address);

-- A page of a picture that was read. `body`: what was said of it, as JSON, sealed as in `returned`.
CREATE TABLE picture (
    id        INTEGER PRIMARY KEY,
    sha256    TEXT NOT NULL,
    page      INTEGER NOT NULL,
    day       TEXT NOT NULL,
    body      BLOB NOT NULL,
    key_month TEXT,
    UNIQUE (sha256, page)
) STRICT;
CREATE INDEX picture_day ON picture (day);

-- The pieces that a page shows.
CREATE TABLE picture_piece (
    picture  INTEGER NOT NULL REFERENCES picture (id) DEFERRABLE INITIALLY DEFERRED,
    lot      INTEGER NOT NULL REFERENCES lot (id) DEFERRABLE INITIALLY DEFERRED,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (picture, lot, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX picture_of_piece ON picture_piece (lot, sequence);
