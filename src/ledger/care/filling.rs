//! A ledger filled from a backup or an export: all its rows, or nothing.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::super::database::{Database, Purpose};
use super::super::postgres::Postgres;
use super::super::sqlite::{self, Sqlite};
use super::super::{Ledger, LedgerError, Transaction, audit_head, tables};
use crate::failure::Failure;
use crate::files::{Draft, sync_folders};
use crate::job::{LedgerHome, LedgerLocation};
use crate::vault::LedgerKeys;

/// Inserts rows into a database whose transaction is open.
pub(crate) type Insert<'i> = dyn FnMut(&dyn Database) -> Result<(), LedgerError> + 'i;
/// Looks at a ledger that is filled and not in its place yet.
pub(crate) type Approve<'a> = dyn FnMut(&Ledger) -> Result<(), Failure> + 'a;

impl Ledger {
    /// Fills the ledger of a home with the rows of a backup, as [`Ledger::fill`]. `head` is where its audit log stood with them:
    /// number and hash of a line.
    ///
    /// # Errors
    /// As [`Ledger::fill`].
    pub(crate) fn fill_from(
        home: &LedgerHome,
        backup: &Ledger,
        head: Option<&(u64, String)>,
        aside: &str,
    ) -> Result<Option<PathBuf>, Failure> {
        let mut insert = |into: &dyn Database| {
            backup.copy_into(into)?;
            head.map_or(Ok(()), |head| audit_head::insert(into, head))
        };
        Ledger::fill(home, &mut insert, &mut |_| Ok(()), aside)
    }

    /// Fills the ledger of a home with rows, and gives it its place once `approve` has looked at it and what was forgotten
    /// since is removed. A file that is there is renamed: `aside` goes behind its name. Returns its new path. A server's
    /// ledger must have no rows. A kill leaves the ledger as it was, or filled; the caller holds the job's lock.
    ///
    /// # Errors
    /// Those of the databases, of `insert` and `approve`; I/O errors.
    pub(crate) fn fill(
        home: &LedgerHome,
        insert: &mut Insert,
        approve: &mut Approve,
        aside: &str,
    ) -> Result<Option<PathBuf>, Failure> {
        match &home.location {
            LedgerLocation::File(file) => fill_file(home, file, insert, approve, aside),
            LedgerLocation::Server(address) => {
                fill_server(home, Postgres::open(address)?, insert, approve)?;
                Ok(None)
            }
        }
    }
}

fn fill_file(
    home: &LedgerHome,
    file: &Path,
    insert: &mut Insert,
    approve: &mut Approve,
    aside: &str,
) -> Result<Option<PathBuf>, Failure> {
    // The file itself, not a link to it: SQLite keeps its log beside it.
    let file = fs_err::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let draft = Draft::begin(&file)?;
    let filled = Sqlite::for_rows(draft.place())?;
    insert(&filled)?;
    filled.complete()?;
    let location = LedgerLocation::File(draft.place().to_owned());
    if let Some(ledger) = Ledger::keyless(&location)? {
        approve(&ledger)?;
    }
    forget_again(&LedgerHome { location, ..home.clone() })?;
    let aside = put_aside(&file, aside)?;
    draft.finish()?;
    Ok(aside)
}

fn fill_server(
    home: &LedgerHome,
    server: Postgres,
    insert: &mut Insert,
    approve: &mut Approve,
) -> Result<(), Failure> {
    let keys = LedgerKeys::temporary()?;
    let ledger = Ledger { db: Box::new(server), keys, home: home.clone(), without_keys: None };
    ledger.db.begin(Purpose::Writing)?;
    let transaction = Transaction { db: &*ledger.db, open: true };
    tables::clear_notes(&*ledger.db)?;
    insert(&*ledger.db)?;
    approve(&ledger)?;
    transaction.commit()?;
    forget_again(home)
}

/// Removes from a restored ledger what was forgotten since.
fn forget_again(home: &LedgerHome) -> Result<(), Failure> {
    Ledger::open(home)?.apply_forgotten()?;
    Ok(())
}

/// Renames a ledger's file, which another one is about to replace, and with it a log that can't be brought into it.
fn put_aside(file: &Path, ending: &str) -> Result<Option<PathBuf>, Failure> {
    let (log, index) = (beside(file, "-wal"), beside(file, "-shm"));
    if sqlite::is_missing(file) && sqlite::is_missing(&log) {
        return Ok(None);
    }
    // A damaged file goes aside with its log as it is.
    if let Err(error @ LedgerError::Busy { .. }) = Sqlite::settle_log(file) {
        return Err(error.into());
    }
    let target = free_name(file, ending);
    for (from, to) in [(file, target.clone()), (&log, beside(&target, "-wal"))] {
        if from.exists() {
            fs_err::rename(from, to)?;
        }
    }
    if index.exists() {
        fs_err::remove_file(index)?;
    }
    if let Some(folder) = file.parent() {
        sync_folders(folder, &[])?;
    }
    Ok(Some(target))
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// The first name that neither a file nor its log has. A log without its file, which a kill left, goes to the last file.
fn free_name(file: &Path, ending: &str) -> PathBuf {
    let name = |number: u32| match number {
        1 => beside(file, &format!(".{ending}")),
        number => beside(file, &format!(".{ending}-{number}")),
    };
    let number = (1..).find(|number| match file.exists() {
        true => !name(*number).exists() && !beside(&name(*number), "-wal").exists(),
        false => !beside(&name(*number), "-wal").exists(),
    });
    name(number.unwrap_or(1))
}
