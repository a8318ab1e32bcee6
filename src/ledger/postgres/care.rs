//! Care of a ledger on a server: whether it is sound, and what a purge leaves behind.

use super::Postgres;
use crate::ledger::LedgerError;
use crate::ledger::database::Database as _;

/// How many faults are listed.
const LISTED: usize = 20;

/// Rows that refer to rows which are not there: the server forbids them, unless somebody switched its checks off.
const REFERENCES: [(&str, &str); 8] = [
    ("duty", "SELECT count(*) FROM duty LEFT JOIN record ON record.id = duty.record WHERE record.id IS NULL"),
    (
        "print_file",
        "SELECT count(*) FROM print_file LEFT JOIN lot ON lot.id = print_file.lot WHERE lot.id IS NULL",
    ),
    ("piece", "SELECT count(*) FROM piece LEFT JOIN lot ON lot.id = piece.lot WHERE lot.id IS NULL"),
    ("piece", "SELECT count(*) FROM piece LEFT JOIN duty ON duty.id = piece.duty WHERE duty.id IS NULL"),
    ("event", "SELECT count(*) FROM event LEFT JOIN lot ON lot.id = event.lot WHERE lot.id IS NULL"),
    ("returned", "SELECT count(*) FROM returned LEFT JOIN lot ON lot.id = returned.lot WHERE lot.id IS NULL"),
    (
        "picture_piece",
        "SELECT count(*) FROM picture_piece LEFT JOIN picture ON picture.id = picture WHERE picture.id IS NULL",
    ),
    ("finding", "SELECT count(*) FROM finding LEFT JOIN run ON run.id = finding.run WHERE run.id IS NULL"),
];

/// Triggers, indexes and constraints that do not do their work.
const SWITCHED_OFF: &str = "
    SELECT 'a trigger of `' || c.relname || '` is switched off' FROM pg_trigger t
        JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'pli' AND t.tgenabled <> 'O'
    UNION SELECT 'the index `' || c.relname || '` is not whole' FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'pli' AND NOT i.indisvalid
    UNION SELECT 'the trigger `' || name || '` of `event` is gone'
        FROM (VALUES ('event_stays'), ('event_ends')) AS wanted (name)
        WHERE NOT EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgname = name AND t.tgrelid = 'pli.event'::regclass)
    UNION SELECT 'a constraint of `' || c.relname || '` is not checked' FROM pg_constraint r
        JOIN pg_class c ON c.oid = r.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'pli' AND NOT r.convalidated
    ORDER BY 1";

/// The tables that a purge empties.
const PURGED: &str =
    "VACUUM (ANALYZE) pli.record, pli.finding, pli.run, pli.event, pli.returned, pli.picture, pli.note";

/// Whether rows and what they refer to are sound: a line for each fault. Reads every row of the larger tables.
///
/// # Errors
/// Those of the server.
pub(super) fn integrity(db: &Postgres) -> Result<Vec<String>, LedgerError> {
    let mut faults = Vec::new();
    db.query(SWITCHED_OFF, &[], &mut |row| {
        faults.extend(row.text(0)?.map(str::to_owned));
        Ok(())
    })?;
    for (table, sql) in REFERENCES {
        db.query(sql, &[], &mut |row| {
            if row.integer(0)?.is_some_and(|count| count > 0) {
                faults.push(format!("a row of `{table}` refers to one that is not there"));
            }
            Ok(())
        })?;
    }
    faults.truncate(LISTED);
    Ok(faults)
}

/// Gives the room of deleted rows back, where the note `cleaning` says that it is due. Their bytes may stay in the server's
/// files, its log and its backups: what was personal in them is sealed under a key that is gone.
///
/// # Errors
/// Those of the server.
pub(super) fn clean(db: &Postgres) -> Result<(), LedgerError> {
    let mut due = false;
    db.query("SELECT count(*) FROM note WHERE name = 'cleaning'", &[], &mut |row| {
        due = row.integer(0)?.is_some_and(|count| count > 0);
        Ok(())
    })?;
    if due {
        // Not within a transaction, so not through `script`.
        db.batch(PURGED)?;
        db.execute_now("DELETE FROM note WHERE name = 'cleaning'", &[])?;
    }
    Ok(())
}
