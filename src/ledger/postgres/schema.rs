//! The schema of a ledger on a server: created whole in one transaction, and known by its version.

use super::Postgres;
use super::fault::ServerFault;
use crate::ledger::LedgerError;
use crate::ledger::database::{Database as _, Purpose};
use crate::ledger::error::VERSION;
use crate::ledger::word::ALL_TOLD;

const TABLES: &str = concat!(
    include_str!("schema.sql"),
    include_str!("after_the_press.sql"),
    include_str!("returns.sql"),
    "INSERT INTO ledger_version (program, version) VALUES ('pli', 6);"
);
/// What version 5 added to version 4.
const UPDATE_TO_5: &str = include_str!("after_the_press.sql");
/// What version 6 added to version 5.
const UPDATE_TO_6: &str =
    concat!(include_str!("returns.sql"), "UPDATE ledger_version SET version = 6 WHERE program = 'pli';");

/// Whether the schema is there, whether it has tables or the like, and whether one of them is that of the version.
const FOUND: &str = "
    SELECT (SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname = 'pli'),
           count(*),
           count(*) FILTER (WHERE c.relname = 'ledger_version' AND c.relkind = 'r')
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'pli'";

/// What the database holds.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// No schema `pli`.
    Nothing,
    /// A schema `pli` that is empty.
    Empty,
    /// A ledger of this version.
    Ledger,
    /// A ledger of this earlier version.
    Earlier(i64),
}

/// Creates the tables where there are none, and brings those of an earlier version up to date.
///
/// # Errors
/// The schema is another program's or of another version, or the role may not create it.
pub(super) fn prepare(db: &Postgres) -> Result<(), LedgerError> {
    if found(db)? == Found::Ledger {
        return Ok(());
    }
    db.begin(Purpose::Writing)?;
    let created = create(db);
    match created {
        Ok(()) => db.commit(),
        Err(error) => {
            db.rollback();
            Err(error)
        }
    }
}

/// Whether the database holds a ledger of this version; false where it holds none.
///
/// # Errors
/// The schema is another program's or of another version, or the role may not read it.
pub(super) fn is_ledger(db: &Postgres) -> Result<bool, LedgerError> {
    match found(db)? {
        Found::Earlier(found) => Err(LedgerError::Outdated { place: db.place().to_owned(), found }),
        found => Ok(found == Found::Ledger),
    }
}

/// Creates or updates the tables, unless another command has done so while this one queued as a writer.
fn create(db: &Postgres) -> Result<(), LedgerError> {
    match found(db)? {
        Found::Ledger => return Ok(()),
        Found::Earlier(found) => {
            if found < 5 {
                db.script(UPDATE_TO_5)?;
                db.script(ALL_TOLD)?;
            }
            return db.script(UPDATE_TO_6);
        }
        Found::Nothing => db.script("CREATE SCHEMA pli")?,
        Found::Empty => {}
    }
    db.script(TABLES)
}

fn found(db: &Postgres) -> Result<Found, LedgerError> {
    let mut counts = [0; 3];
    db.query(FOUND, &[], &mut |row| {
        for (column, count) in counts.iter_mut().enumerate() {
            *count = row.integer(column)?.unwrap_or_default();
        }
        Ok(())
    })?;
    match counts {
        [0, ..] => Ok(Found::Nothing),
        [_, 0, _] => Ok(Found::Empty),
        [_, _, 0] => Err(ServerFault::foreign(db.place()).into()),
        _ => version(db),
    }
}

fn version(db: &Postgres) -> Result<Found, LedgerError> {
    let mut version = None;
    let read = db.query("SELECT version FROM pli.ledger_version WHERE program = 'pli'", &[], &mut |row| {
        version = row.integer(0)?;
        Ok(())
    });
    match (read, version) {
        (Ok(()), Some(VERSION)) => Ok(Found::Ledger),
        (Ok(()), Some(found @ 4..VERSION)) => Ok(Found::Earlier(found)),
        (Ok(()), Some(found)) => Err(ServerFault::version(db.place(), found).into()),
        (Ok(()), None) => Err(ServerFault::foreign(db.place()).into()),
        (Err(LedgerError::NoLedger { .. }), _) => Err(ServerFault::foreign(db.place()).into()),
        (Err(error), _) => Err(error),
    }
}
