-- Every piece that left.
CREATE TABLE piece (
    piece_id    TEXT NOT NULL,
    lot         TEXT NOT NULL,
    kind        TEXT NOT NULL,
    sequence    INTEGER NOT NULL,
    duty        INTEGER NOT NULL REFERENCES duty (id),
    file        TEXT NOT NULL,
    first_page  INTEGER NOT NULL,
    pages       INTEGER NOT NULL,
    tracking    INTEGER,
    state       TEXT NOT NULL CHECK (state IN ('released')),
    PRIMARY KEY (lot, kind, sequence),
    -- A lot is complete, and entered, when its last piece is.
    FOREIGN KEY (lot, kind) REFERENCES lot (lot, kind) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX piece_duty ON piece (duty);
