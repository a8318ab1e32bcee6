//! The ledger: every record taken in, every piece that is due, every piece that left, for ever.
//!
//! Stores what a night decided, and answers what is still due and what is known of a card, a lot, a piece. One SQLite file
//! in the job's folder, created when it is first opened. Never holds a code.

mod entry;
mod history;
mod holders;
mod query;

pub use entry::Finding;
pub(crate) use entry::{NewRecord, NightWriter, PieceEntry};
pub(crate) use history::{ReleaseMark, Stamp};
pub(crate) use holders::DeadCard;
pub(crate) use query::{LetterState, LotStatus, PieceStatus, Waiting};

use crate::failure::{Exit, Explained, Position};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

const SCHEMA: &str = include_str!("schema.sql");
/// The table of pieces, which the migration to version 2 creates again.
const PIECES: &str = include_str!("piece.sql");
/// The tables of version 3: the history, the codes that were asked for and released, and who replaced a dead card.
const HISTORY: &str = include_str!("history.sql");
const SCHEMA_VERSION: i64 = 3;
/// How many pages are copied at a time.
const PAGES_AT_ONCE: i32 = 1 << 12;

/// What to do about a ledger that is not the right one.
pub(crate) const RESTORE: &str = "restore the ledger from its backup; if `ledger.url` in the job names another file than before, correct it";

/// The ledger can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum LedgerError {
    /// The file can't be created.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// SQLite failed.
    #[error("{source}")]
    Sqlite {
        /// The ledger's file.
        file: PathBuf,
        /// SQLite's error.
        source: rusqlite::Error,
    },
    /// The file is no ledger, or its pages are damaged.
    #[error("{reason}")]
    NoLedger {
        /// The ledger's file.
        file: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The ledger is of another version of the program.
    #[error("a ledger of version {found}, and this program knows version {SCHEMA_VERSION}")]
    Version {
        /// The ledger's file.
        file: PathBuf,
        /// Its version.
        found: i64,
    },
    /// A run was interrupted, and its last rows are not in the file yet.
    #[error("a run was cut short, and its last rows still lie in `{file}-wal`")]
    Unsettled {
        /// The ledger's file.
        file: PathBuf,
    },
    /// A stored record can't be read.
    #[error("record {record} can't be read: {reason}")]
    Damaged {
        /// The ledger's file.
        file: PathBuf,
        /// The record's number.
        record: i64,
        /// Why.
        reason: String,
    },
}

impl Explained for LedgerError {
    fn exit(&self) -> Exit {
        match self {
            LedgerError::Version { .. } => Exit::Usage,
            LedgerError::Unsettled { .. } | LedgerError::NoLedger { .. } | LedgerError::Damaged { .. } => {
                Exit::Refused
            }
            LedgerError::Io(_) | LedgerError::Sqlite { .. } => Exit::Midway,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            LedgerError::Io(_) | LedgerError::Sqlite { .. } => "ledger_io",
            LedgerError::Version { .. } => "ledger_version",
            LedgerError::Unsettled { .. } => "ledger_unsettled",
            LedgerError::NoLedger { .. } | LedgerError::Damaged { .. } => "ledger_damaged",
        }
    }

    fn advice(&self) -> Option<String> {
        let advice = match self {
            LedgerError::Io(_) | LedgerError::Sqlite { .. } => {
                "the ledger must be a file that this user can write, on a disk with room"
            }
            LedgerError::Version { .. } => {
                "use the program that made it, and never begin with an empty ledger: all would be sent again"
            }
            LedgerError::Unsettled { .. } => {
                "run the same command again, or `pli status` with the job: either brings the ledger in order"
            }
            LedgerError::NoLedger { .. } | LedgerError::Damaged { .. } => RESTORE,
        };
        Some(advice.to_owned())
    }

    fn position(&self) -> Option<Position> {
        match self {
            LedgerError::Io(_) => None,
            LedgerError::Sqlite { file, .. }
            | LedgerError::Version { file, .. }
            | LedgerError::Unsettled { file }
            | LedgerError::NoLedger { file, .. }
            | LedgerError::Damaged { file, .. } => Some(Position::file(file.display())),
        }
    }
}

/// An open ledger.
pub(crate) struct Ledger {
    db: Connection,
    file: PathBuf,
}

impl Ledger {
    /// Opens a ledger for writing. Creates the file if it is missing (mode 0600: it holds names and addresses).
    ///
    /// # Errors
    /// [`LedgerError::Io`], [`LedgerError::Sqlite`]: the file can't be written or is no ledger; [`LedgerError::Version`].
    pub(crate) fn open(file: &Path) -> Result<Ledger, LedgerError> {
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs_err::create_dir_all(folder)?;
        }
        create_private(file)?;
        let failed = |source| sqlite_error(file, source);
        let db = Connection::open(file).map_err(failed)?;
        keep_plans(&db).map_err(failed)?;
        let ledger = Ledger { db, file: file.to_owned() };
        ledger.prepare()?;
        Ok(ledger)
    }

    /// Opens a ledger for queries only and writes nothing: many machines can read one file on a shared file system, as long
    /// as nobody writes it. A missing file is an empty ledger.
    ///
    /// # Errors
    /// [`LedgerError::Io`], [`LedgerError::Sqlite`]: the file can't be read or is no ledger; [`LedgerError::Version`];
    /// [`LedgerError::Unsettled`]: a run was interrupted.
    pub(crate) fn read(file: &Path) -> Result<Ledger, LedgerError> {
        let failed = |source| sqlite_error(file, source);
        let length = |path: &Path| fs_err::metadata(path).map_or(0, |found| found.len());
        if length(file) == 0 {
            let db = Connection::open_in_memory().map_err(failed)?;
            let ledger = Ledger { db, file: file.to_owned() };
            ledger.prepare()?;
            return Ok(ledger);
        }
        // SQLite keeps its log beside the file itself, not beside a link to it.
        let mut log = fs_err::canonicalize(file)?.into_os_string();
        log.push("-wal");
        if length(Path::new(&log)) > 0 {
            return Err(LedgerError::Unsettled { file: file.to_owned() });
        }
        // Write-ahead logging needs memory that all readers share, which machines do not have; a file that is not written
        // needs neither that nor locks (sqlite.org/wal.html, "Read-Only Databases").
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let db = Connection::open_with_flags(immutable(file), flags).map_err(failed)?;
        keep_plans(&db).map_err(failed)?;
        let ledger = Ledger { db, file: file.to_owned() };
        ledger.in_this_version()
    }

    /// Opens a ledger for a report and writes nothing: a backup, a read-only mount, or a ledger that a run writes meanwhile.
    ///
    /// # Errors
    /// As [`Ledger::read`]; [`LedgerError::Unsettled`]: rows lie in the log, and its folder can't be written.
    pub(crate) fn view(file: &Path) -> Result<Ledger, LedgerError> {
        let unsettled = match Ledger::read(file) {
            Err(error @ LedgerError::Unsettled { .. }) => error,
            read => return read,
        };
        // A run goes on, or was cut short: its log is read as SQLite reads it, with the index of the log beside it.
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let Ok(db) = Connection::open_with_flags(file, flags) else { return Err(unsettled) };
        let ledger = Ledger { db, file: file.to_owned() };
        if ledger.version().is_err() {
            return Err(unsettled);
        }
        ledger.in_this_version()
    }

    /// A ledger that is open for reading. One of an earlier version is copied and brought up to date in its copy.
    fn in_this_version(self) -> Result<Ledger, LedgerError> {
        match self.version()? {
            SCHEMA_VERSION => Ok(self),
            0 => Err(not_a_ledger(&self.file)),
            _ => {
                // A temporary database without a name: SQLite keeps it in memory or in an unnamed file.
                let mut db = self.check(Connection::open(""))?;
                self.check(
                    Backup::new(&self.db, &mut db)
                        .and_then(|backup| backup.run_to_completion(PAGES_AT_ONCE, Duration::ZERO, None)),
                )?;
                self.check(keep_plans(&db))?;
                let copy = Ledger { db, file: self.file.clone() };
                copy.prepare()?;
                Ok(copy)
            }
        }
    }

    /// Enlarges SQLite's page cache for a night's rows: the index by card number is written in random order, and its pages would
    /// otherwise be written and read again many times.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn expect_many_rows(&self) -> Result<(), LedgerError> {
        const KIBIBYTES: u32 = 8 << 10;
        self.check(self.db.execute_batch(&format!("PRAGMA cache_size = -{KIBIBYTES};")))
    }

    /// Opens a read transaction for many queries, which ends when the returned value is dropped. Without it each query begins
    /// its own.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn snapshot(&self) -> Result<impl Sized + '_, LedgerError> {
        self.check(self.db.unchecked_transaction())
    }

    /// The ledger's file.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    fn prepare(&self) -> Result<(), LedgerError> {
        // Pages larger than SQLite's default, since a night writes many of them.
        let pragmas = "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";
        self.check(self.db.execute_batch(pragmas))?;
        match self.version()? {
            0 => {
                let tables = "SELECT count(*) FROM sqlite_schema";
                if self.check(self.db.query_row(tables, [], |row| row.get::<_, i64>(0)))? > 0 {
                    return Err(not_a_ledger(&self.file));
                }
                let script = format!(
                    "BEGIN; {SCHEMA} {PIECES} {HISTORY} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
                );
                self.check(self.db.execute_batch(&script))
            }
            1 => {
                self.migrate_from_1()?;
                self.migrate_from_2()
            }
            2 => self.migrate_from_2(),
            SCHEMA_VERSION => Ok(()),
            found => Err(LedgerError::Version { file: self.file.clone(), found }),
        }?;
        self.add_client_ref()
    }

    /// Adds the column of the client's reference to a ledger of a time before there was one.
    fn add_client_ref(&self) -> Result<(), LedgerError> {
        let columns = "SELECT count(*) FROM pragma_table_info('finding') WHERE name = 'client_ref'";
        match self.check(self.db.query_row(columns, [], |row| row.get::<_, i64>(0)))? {
            0 => self.check(
                self.db.execute_batch("ALTER TABLE finding ADD COLUMN client_ref TEXT NOT NULL DEFAULT ''"),
            ),
            _ => Ok(()),
        }
    }

    /// Migrates a ledger of version 1, all at once or not at all.
    fn migrate_from_1(&self) -> Result<(), LedgerError> {
        let script = format!(
            "BEGIN; ALTER TABLE piece RENAME TO piece_1; DROP INDEX piece_id; DROP INDEX piece_duty; {PIECES}
             INSERT INTO piece SELECT * FROM piece_1; DROP TABLE piece_1;
             PRAGMA user_version = 2; COMMIT;"
        );
        let done = self.check(self.db.execute_batch(&script));
        if done.is_err() {
            // The transaction is still open, and nothing of it must stay.
            self.check(self.db.execute_batch("ROLLBACK"))?;
        }
        done
    }

    /// Migrates a ledger of version 2, all at once or not at all: its runs become its history.
    fn migrate_from_2(&self) -> Result<(), LedgerError> {
        let transaction = self.check(self.db.unchecked_transaction())?;
        self.check(transaction.execute_batch(HISTORY))?;
        self.check(history::begin_with_runs(&transaction))?;
        self.check(transaction.execute_batch("PRAGMA user_version = 3"))?;
        self.check(transaction.commit())
    }

    fn version(&self) -> Result<i64, LedgerError> {
        self.check(self.db.query_row("PRAGMA user_version", [], |row| row.get(0)))
    }

    /// Adds the ledger's path to an error of SQLite.
    fn check<T>(&self, result: rusqlite::Result<T>) -> Result<T, LedgerError> {
        result.map_err(|source| sqlite_error(&self.file, source))
    }
}

/// An error of SQLite in a ledger's file.
fn sqlite_error(file: &Path, source: rusqlite::Error) -> LedgerError {
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => not_a_ledger(file),
        Some(ErrorCode::DatabaseCorrupt) => {
            LedgerError::NoLedger { file: file.to_owned(), reason: "the ledger's file is damaged".to_owned() }
        }
        // Only rows that contradict each other break a constraint.
        Some(ErrorCode::ConstraintViolation) => LedgerError::NoLedger {
            file: file.to_owned(),
            reason: "what waits in the ledger contradicts what it has released".to_owned(),
        },
        _ => LedgerError::Sqlite { file: file.to_owned(), source },
    }
}

fn not_a_ledger(file: &Path) -> LedgerError {
    LedgerError::NoLedger { file: file.to_owned(), reason: "this file is no ledger".to_owned() }
}

/// Keeps the query plans of prepared statements. SQLite would plan some statements again for each value, since a partial
/// index could suit another value better, which none here does.
fn keep_plans(db: &Connection) -> rusqlite::Result<()> {
    db.set_prepared_statement_cache_capacity(32);
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// A URI for SQLite that declares the file immutable: nobody writes it.
fn immutable(file: &Path) -> String {
    let mut address = String::from("file:");
    for &byte in file.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'~' => address.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => address.push(char::from(byte)),
            byte => address.push_str(&format!("%{byte:02X}")),
        }
    }
    address + "?immutable=1"
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
