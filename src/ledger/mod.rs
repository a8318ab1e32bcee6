//! The ledger: every record taken in, every piece that is due, every piece that left, for ever.
//!
//! Takes what a night decided. Gives what is still due, what is known of a card, a lot, a piece. One SQLite file in
//! the job's folder, created by itself. Never holds a code.

mod entry;
mod query;

pub use entry::{Finding, LotEntry, NewRecord, NightWriter, PieceEntry};
pub use query::{Interrupted, LetterState, LotStatus, PieceStatus, Waiting};

use std::path::{Path, PathBuf};

use rusqlite::Connection;

const SCHEMA: &str = include_str!("schema.sql");
const SCHEMA_VERSION: i64 = 1;

/// The ledger can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The file can't be created.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// SQLite refuses.
    #[error("{file}: {source}\n  the ledger must be a file that this user can write, on a disk with room")]
    Sqlite {
        /// The ledger's file.
        file: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The ledger is of another version of the program.
    #[error(
        "{file}: a ledger of version {found}, and this program knows version {SCHEMA_VERSION}\n  use the program that made it"
    )]
    Version {
        /// The ledger's file.
        file: PathBuf,
        /// Its version.
        found: i64,
    },
    /// A stored record can't be read.
    #[error("{file}: record {record} can't be read: {reason}")]
    Damaged {
        /// The ledger's file.
        file: PathBuf,
        /// The record's number.
        record: i64,
        /// Why.
        reason: String,
    },
}

/// An open ledger.
pub struct Ledger {
    db: Connection,
    file: PathBuf,
}

impl Ledger {
    /// Opens a ledger, making it where there is none (mode 0600: it holds names and addresses).
    ///
    /// # Errors
    /// A file that can't be written, is no ledger, or is of another version.
    pub fn open(file: &Path) -> Result<Ledger, LedgerError> {
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs_err::create_dir_all(folder)?;
        }
        create_private(file)?;
        let failed = |source| LedgerError::Sqlite { file: file.to_owned(), source };
        let db = Connection::open(file).map_err(failed)?;
        db.set_prepared_statement_cache_capacity(32);
        let ledger = Ledger { db, file: file.to_owned() };
        ledger.prepare()?;
        Ok(ledger)
    }

    /// Keeps the ledger as it is for many questions, until what is given is dropped: each would open it anew otherwise.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn hold(&self) -> Result<impl Sized + '_, LedgerError> {
        self.check(self.db.unchecked_transaction())
    }

    /// The ledger's file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    fn prepare(&self) -> Result<(), LedgerError> {
        let pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";
        self.check(self.db.execute_batch(pragmas))?;
        let version: i64 = self.check(self.db.query_row("PRAGMA user_version", [], |row| row.get(0)))?;
        match version {
            0 => {
                let script = format!("BEGIN; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;");
                self.check(self.db.execute_batch(&script))
            }
            SCHEMA_VERSION => Ok(()),
            found => Err(LedgerError::Version { file: self.file.clone(), found }),
        }
    }

    /// A result of SQLite's with the ledger's name to its error.
    fn check<T>(&self, result: rusqlite::Result<T>) -> Result<T, LedgerError> {
        result.map_err(|source| LedgerError::Sqlite { file: self.file.clone(), source })
    }
}

fn create_private(file: &Path) -> std::io::Result<()> {
    let mut options = fs_err::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    fs_err::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}

#[cfg(test)]
mod tests;
