-- Each run that changed the ledger, chained to the one before: `head` is a SHA-256 over the release and all before it.
CREATE TABLE release (
    number INTEGER PRIMARY KEY,
    ledger TEXT NOT NULL,
    night  TEXT NOT NULL,
    head   TEXT NOT NULL
) STRICT;

-- Codes that were asked for by a card or to an address that the ledger did not know, and released by a person.
CREATE TABLE reissue_release (
    card_number TEXT NOT NULL,
    night       TEXT NOT NULL,
    reason      TEXT NOT NULL
) STRICT;

-- The card whose record replaced a dead one; empty where it was revoked.
ALTER TABLE dead_card ADD COLUMN replaced_by TEXT;
