//! The ledger in one SQLite file.

mod migration;
mod row;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, params_from_iter};

use super::database::{Database, Purpose, Value, Visit};
use super::error::VERSION;
use super::{LedgerError, LedgerKeys};
use crate::files::make_folder;
use row::SqliteRow;

const SCHEMA: &str =
    concat!(include_str!("schema.sql"), include_str!("after_the_press.sql"), include_str!("returns.sql"));
/// How many pages are copied at a time.
const PAGES_AT_ONCE: i32 = 1 << 12;
/// SQLite's page cache in KiB: the index by card is written in random order, and its pages would otherwise be written and
/// read again many times.
const CACHE: u32 = 8 << 10;
/// The page cache of a copy, in KiB.
const COPY_CACHE: u32 = 64 << 10;
/// How long a change waits for that of another command.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long it waits before it says for what.
const SILENCE: Duration = Duration::from_secs(1);
/// How long it waits before it tries again.
const STEP: Duration = Duration::from_millis(25);

/// Waits for another command's change, after so many tries; false once that took too long. A wait of more than a second says why.
fn wait(tries: i32) -> bool {
    let waited = STEP * u32::try_from(tries).unwrap_or_default();
    if waited == SILENCE {
        tracing::warn!(code = "ledger_busy", "another command is changing the ledger: waiting for its end");
    }
    std::thread::sleep(STEP);
    waited < PATIENCE
}

/// A ledger's file that is open.
pub(super) struct Sqlite {
    db: Connection,
    place: String,
    file: PathBuf,
}

impl Sqlite {
    /// Opens a ledger's file for writing; creates it if it is missing (mode 0600). Changes nothing in it.
    ///
    /// # Errors
    /// [`LedgerError::Io`], [`LedgerError::Database`]: the file can't be written.
    pub(super) fn writable(file: &Path) -> Result<Sqlite, LedgerError> {
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            make_folder(folder)?;
        }
        create_private(file)?;
        let mut sqlite = Sqlite::connected(file, Connection::open(file))?;
        let patient = sqlite.db.busy_handler(Some(wait));
        sqlite.check(patient)?;
        Ok(sqlite)
    }

    /// Opens a ledger's file for queries only and writes nothing: many machines can read one file on a shared file system, as
    /// long as nobody writes it. `None` for a missing file.
    ///
    /// # Errors
    /// [`LedgerError::Database`]; [`LedgerError::Unsettled`]: a run was interrupted.
    pub(super) fn read(file: &Path) -> Result<Option<Sqlite>, LedgerError> {
        if is_missing(file) {
            return Ok(None);
        }
        // SQLite keeps its log beside the file itself, not beside a link to it.
        let mut log = fs_err::canonicalize(file)?.into_os_string();
        log.push("-wal");
        if !is_missing(Path::new(&log)) {
            return Err(LedgerError::Unsettled { place: file.display().to_string() });
        }
        // Write-ahead logging needs memory that all readers share, which machines do not have; a file that is not written
        // needs neither that nor locks (sqlite.org/wal.html, "Read-Only Databases").
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        Sqlite::connected(file, Connection::open_with_flags(immutable(file), flags)).map(Some)
    }

    /// Opens a ledger's file for a report and writes nothing: a backup, a read-only mount, or a ledger that a run writes
    /// meanwhile. `None` for a missing file.
    ///
    /// # Errors
    /// As [`Sqlite::read`]; [`LedgerError::Unsettled`]: rows lie in the log, and its folder can't be written.
    pub(super) fn view(file: &Path) -> Result<Option<Sqlite>, LedgerError> {
        let unsettled = match Sqlite::read(file) {
            Err(error @ LedgerError::Unsettled { .. }) => error,
            read => return read,
        };
        // A run goes on, or was cut short: its log is read as SQLite reads it, with the index of the log beside it.
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let Ok(db) = Connection::open_with_flags(file, flags) else { return Err(unsettled) };
        let sqlite = Sqlite::connected(file, Ok(db))?;
        match sqlite.user_version() {
            Ok(_) => Ok(Some(sqlite)),
            Err(_) => Err(unsettled),
        }
    }

    /// Opens a ledger's file for queries while others write it. `None` for a missing file.
    ///
    /// # Errors
    /// As [`Sqlite::view`].
    pub(super) fn online(file: &Path) -> Result<Option<Sqlite>, LedgerError> {
        if is_missing(file) {
            return Ok(None);
        }
        // A connection that could write leaves nothing beside the file when it ends; this one is not let to write.
        let open = || {
            let mut sqlite = Sqlite::connected(
                file,
                Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE),
            )?;
            let patient = sqlite.db.busy_handler(Some(wait));
            sqlite.check(patient)?;
            sqlite.script("PRAGMA query_only = ON")?;
            sqlite.user_version().map(|_| sqlite)
        };
        match open() {
            Ok(sqlite) => Ok(Some(sqlite)),
            Err(error @ LedgerError::NoLedger { .. }) => Err(error),
            // A file or folder that can't be written.
            Err(_) => Sqlite::view(file),
        }
    }

    /// Makes an empty file the ledger of rows that are inserted all at once, in one transaction, which [`Sqlite::complete`]
    /// ends. Until then the file is of no use: nothing of it is synced.
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub(super) fn for_rows(file: &Path) -> Result<Sqlite, LedgerError> {
        let sqlite = Sqlite::connected(file, Connection::open(file))?;
        sqlite.script(&format!(
            "PRAGMA page_size = 16384; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;
             PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -{COPY_CACHE};
             BEGIN; {SCHEMA} PRAGMA user_version = {VERSION};"
        ))?;
        for (name, _) in sqlite.indexes()? {
            sqlite.script(&format!("DROP INDEX {name}"))?;
        }
        Ok(sqlite)
    }

    /// Makes the indexes of a ledger of [`Sqlite::for_rows`], once it has all its rows, and closes it.
    ///
    /// # Errors
    /// [`LedgerError::Database`]; [`LedgerError::NoLedger`]: rows contradict each other.
    pub(super) fn complete(self) -> Result<(), LedgerError> {
        for (_, sql) in Sqlite::schema_indexes(&self.place)? {
            self.script(&sql)?;
        }
        self.script("COMMIT")?;
        self.db.close().map_err(|(_, source)| failed(&self.place, &source))
    }

    /// The indexes that the schema creates, by name.
    fn schema_indexes(place: &str) -> Result<Vec<(String, String)>, LedgerError> {
        let schema = Sqlite::connected(Path::new(place), Connection::open_in_memory())?;
        schema.script(SCHEMA)?;
        schema.indexes()
    }

    fn indexes(&self) -> Result<Vec<(String, String)>, LedgerError> {
        let mut indexes = Vec::new();
        let sql =
            "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name";
        self.query(sql, &[], &mut |row| {
            indexes.push((row.need_text(0)?.to_owned(), row.need_text(1)?.to_owned()));
            Ok(())
        })?;
        Ok(indexes)
    }

    /// Brings all that lies in the log into the file, and removes the log: the file is the whole ledger then.
    ///
    /// # Errors
    /// [`LedgerError::Busy`]: another command has it open; [`LedgerError::NoLedger`].
    pub(super) fn settle_log(file: &Path) -> Result<(), LedgerError> {
        let sqlite =
            Sqlite::connected(file, Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE))?;
        sqlite.script("PRAGMA journal_mode = DELETE")?;
        sqlite.db.close().map_err(|(_, source)| failed(&sqlite.place, &source))
    }

    /// An empty database in memory, in the place of a file that is missing.
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub(super) fn in_memory(file: &Path) -> Result<Sqlite, LedgerError> {
        Sqlite::connected(file, Connection::open_in_memory())
    }

    /// The version of the ledger; `None` for an empty database.
    ///
    /// # Errors
    /// [`LedgerError::NoLedger`]: another program's database; [`LedgerError::Version`]: a later one.
    pub(super) fn version(&self) -> Result<Option<i64>, LedgerError> {
        match self.user_version()? {
            0 => {
                let tables = "SELECT count(*) FROM sqlite_schema";
                match self.check(self.db.query_row(tables, [], |row| row.get::<_, i64>(0)))? {
                    0 => Ok(None),
                    _ => Err(not_a_ledger(&self.place)),
                }
            }
            found if found > VERSION => Err(LedgerError::Version { place: self.place.clone(), found }),
            found => Ok(Some(found)),
        }
    }

    /// A copy of the ledger that is forgotten with this connection: SQLite keeps it in memory or in an unnamed file.
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub(super) fn copied(&self) -> Result<Sqlite, LedgerError> {
        let mut db = self.check(Connection::open(""))?;
        self.check(
            Backup::new(&self.db, &mut db)
                .and_then(|backup| backup.run_to_completion(PAGES_AT_ONCE, Duration::ZERO, None)),
        )?;
        Sqlite::connected(&self.file, Ok(db))
    }

    /// Makes an empty database a ledger, and brings one of an earlier version up to date.
    ///
    /// # Errors
    /// Those of [`Sqlite::version`], of SQLite and of the keys.
    pub(super) fn prepare(&self, keys: &LedgerKeys) -> Result<(), LedgerError> {
        let version = self.version()?;
        // Pages larger than SQLite's default, since a night writes many of them.
        self.script(&format!(
            "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA secure_delete = ON; PRAGMA cache_size = -{CACHE};"
        ))?;
        match version {
            None => self.script(&format!("BEGIN; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")),
            Some(VERSION) => Ok(()),
            Some(_) => self.migrate(keys),
        }
    }

    fn connected(file: &Path, db: rusqlite::Result<Connection>) -> Result<Sqlite, LedgerError> {
        let place = file.display().to_string();
        let db = db.map_err(|source| failed(&place, &source))?;
        let sqlite = Sqlite { db, place, file: file.to_owned() };
        sqlite.check(keep_plans(&sqlite.db))?;
        Ok(sqlite)
    }

    fn user_version(&self) -> Result<i64, LedgerError> {
        self.check(self.db.query_row("PRAGMA user_version", [], |row| row.get(0)))
    }

    /// Adds the ledger's path to an error of SQLite.
    fn check<T>(&self, result: rusqlite::Result<T>) -> Result<T, LedgerError> {
        result.map_err(|source| failed(&self.place, &source))
    }
}

impl Database for Sqlite {
    fn place(&self) -> &str {
        &self.place
    }

    fn execute(&self, sql: &'static str, values: &[Value]) -> Result<(), LedgerError> {
        self.execute_now(sql, values).map(drop)
    }

    fn execute_now(&self, sql: &str, values: &[Value]) -> Result<u64, LedgerError> {
        let mut statement = self.check(self.db.prepare_cached(sql))?;
        self.check(statement.execute(params_from_iter(values))).map(|changed| changed as u64)
    }

    fn query(&self, sql: &str, values: &[Value], visit: &mut Visit) -> Result<(), LedgerError> {
        let mut statement = self.check(self.db.prepare_cached(sql))?;
        let mut rows = self.check(statement.query(params_from_iter(values)))?;
        while let Some(row) = self.check(rows.next())? {
            visit(&SqliteRow { row, place: &self.place })?;
        }
        Ok(())
    }

    fn script(&self, sql: &str) -> Result<(), LedgerError> {
        self.check(self.db.execute_batch(sql))
    }

    fn begin(&self, purpose: Purpose) -> Result<(), LedgerError> {
        self.script(match purpose {
            Purpose::Reading => "BEGIN",
            Purpose::Writing => "BEGIN IMMEDIATE",
        })
    }

    fn commit(&self) -> Result<(), LedgerError> {
        self.script("COMMIT")
    }

    fn integrity(&self) -> Result<Vec<String>, LedgerError> {
        let mut faults = Vec::new();
        self.query("PRAGMA integrity_check(20)", &[], &mut |row| {
            faults.extend(row.text(0)?.filter(|line| *line != "ok").map(str::to_owned));
            Ok(())
        })?;
        self.query("PRAGMA foreign_key_check", &[], &mut |row| {
            if faults.len() < 20 {
                let table = row.text(0)?.unwrap_or_default();
                faults.push(format!("a row of `{table}` refers to one that is not there"));
            }
            Ok(())
        })?;
        Ok(faults)
    }

    fn clean(&self) -> Result<(), LedgerError> {
        let due = "SELECT count(*) FROM note WHERE name = 'cleaning'";
        if self.check(self.db.query_row(due, [], |row| row.get::<_, i64>(0)))? == 0 {
            return Ok(());
        }
        // Deleted rows stay in the log until it is cut, and between rows until the file is written anew.
        self.script("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")?;
        self.script("DELETE FROM note WHERE name = 'cleaning'; PRAGMA wal_checkpoint(TRUNCATE);")
    }

    fn rollback(&self) {
        if !self.db.is_autocommit() {
            // The failure that led here is reported already.
            let _ = self.script("ROLLBACK");
        }
    }
}

/// An error of SQLite in a ledger's file.
fn failed(place: &str, source: &rusqlite::Error) -> LedgerError {
    let place = place.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => not_a_ledger(&place),
        Some(ErrorCode::DatabaseCorrupt) => {
            LedgerError::NoLedger { place, reason: "the ledger's file is damaged".to_owned() }
        }
        // Only rows that contradict each other break a constraint.
        Some(ErrorCode::ConstraintViolation) => LedgerError::NoLedger {
            place,
            reason: "what waits in the ledger contradicts what it has released".to_owned(),
        },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => LedgerError::Busy { place },
        _ => LedgerError::Database { place, reason: source.to_string() },
    }
}

fn not_a_ledger(place: &str) -> LedgerError {
    LedgerError::NoLedger { place: place.to_owned(), reason: "this file is no ledger".to_owned() }
}

/// Whether a file is empty or not there.
pub(super) fn is_missing(file: &Path) -> bool {
    fs_err::metadata(file).map_or(true, |found| found.len() == 0)
}

/// Keeps the query plans of prepared statements. SQLite would plan some statements again for each value, since a partial
/// index could suit another value better, which none here does.
fn keep_plans(db: &Connection) -> rusqlite::Result<()> {
    db.set_prepared_statement_cache_capacity(64);
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// A URI for SQLite that declares the file immutable: nobody writes it.
fn immutable(file: &Path) -> OsString {
    let mut address = String::from("file:");
    for &byte in file.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'~' => address.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => address.push(char::from(byte)),
            byte => address.push_str(&format!("%{byte:02X}")),
        }
    }
    (address + "?immutable=1").into()
}

fn create_private(file: &Path) -> std::io::Result<()> {
    let mut options = fs_err::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    fs_err::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}
