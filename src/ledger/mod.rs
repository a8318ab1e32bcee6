//! The ledger: every record taken in, every piece that is due, every piece that left and where it is, for ever.
//!
//! Stores what a night decided, and answers what is still due and what is known of a card, a lot, a piece. Lies in one
//! SQLite file or in PostgreSQL. Never holds a code; names and addresses are sealed under keys that lie elsewhere.

mod alarm;
mod approval;
mod audit_head;
mod author;
mod care;
mod database;
mod entry;
mod error;
mod event;
mod finding;
mod followers;
mod history;
mod holders;
mod in_hand;
mod person;
mod postgres;
mod purge;
mod query;
mod reprinting;
mod returning;
mod sealing;
mod settling;
mod sqlite;
mod state;
mod status;
mod tables;
mod user;
mod word;

pub(crate) use alarm::{Alarm, AlarmKind, Decision, NewAlarm};
pub(crate) use author::{Author, present};
pub(crate) use care::{Counts, Fault, Import, MailerLinks, Reach, ReleasedPiece};
#[cfg(test)]
pub(crate) use care::{Header as ExportHeader, Line as ExportLine, Sum as ExportSum};
pub(crate) use entry::{LotEntry, NewRecord, NightWriter, PieceEntry};
pub(crate) use error::{LedgerError, RESTORE};
pub(crate) use event::{Change, PiecePlace};
pub use finding::Finding;
pub(crate) use followers::{HeldMailer, ReleasedMailer};
pub(crate) use history::{ReleaseMark, Stamp};
pub(crate) use holders::DeadCard;
pub(crate) use in_hand::LotInHand;
pub(crate) use person::Person;
pub(crate) use purge::{Hold, LotFile, PurgeOrder, Purged, Staying, WhyStaying};
pub(crate) use query::{LetterState, Waiting};
pub(crate) use reprinting::SetAside;
use returning::UNDONE;
pub(crate) use returning::{
    Booked, DayReturn, Destroyed, HeldAddress, HoldList, NewReturn, PastReturn, Reissue, RepeatedReturn,
    ReturnStatus, ReturnWriter, SeenPicture,
};
pub(crate) use sealing::RecordKey;
pub(crate) use settling::Booking;
pub(crate) use state::State;
pub(crate) use status::{
    Account, DeadlineRule, EventStatus, LotStatus, PieceDetail, PieceFilter, PieceStatus, PlannedPiece,
    Tally, Timing, WaitingDay,
};
pub(crate) use user::SystemUser;
pub(crate) use word::{News, PieceWord, RecordWord};

use crate::job::{LedgerHome, LedgerLocation, ServerAddress};
use crate::vault::{LedgerKeys, LedgerKeysError, ProofSalts};
use std::path::Path;

use database::{Database, Purpose, Row, Value, Visit};
use postgres::Postgres;
use sqlite::Sqlite;

/// An open ledger.
pub(crate) struct Ledger {
    db: Box<dyn Database>,
    keys: LedgerKeys,
    home: LedgerHome,
    /// Why the ledger was opened without its keys.
    without_keys: Option<LedgerKeysError>,
}

impl Ledger {
    /// Whether there is no ledger yet.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn is_missing(home: &LedgerHome) -> Result<bool, LedgerError> {
        match &home.location {
            LedgerLocation::File(file) => Ok(sqlite::is_missing(file)),
            LedgerLocation::Server(address) => Ok(Postgres::view(address)?.is_none()),
        }
    }

    /// Opens a ledger for writing. Creates it with its keys if it is missing.
    ///
    /// # Errors
    /// [`LedgerError::Io`], [`LedgerError::Database`]: it can't be written; [`LedgerError::NoLedger`];
    /// [`LedgerError::Version`]; [`LedgerError::Keys`]: its keys are missing or another ledger's.
    pub(crate) fn open(home: &LedgerHome) -> Result<Ledger, LedgerError> {
        let (db, keys): (Box<dyn Database>, LedgerKeys) = match &home.location {
            LedgerLocation::File(file) => {
                let sqlite = Sqlite::writable(file)?;
                let keys = match sqlite.version()? {
                    Some(error::SEALED_SINCE..) => opened_keys(home)?,
                    _ => LedgerKeys::create(&home.keys)?,
                };
                sqlite.prepare(&keys)?;
                (Box::new(sqlite), keys)
            }
            LedgerLocation::Server(address) => {
                let server = Postgres::open(address)?;
                let keys =
                    if server.has_keys()? { opened_keys(home)? } else { LedgerKeys::create(&home.keys)? };
                (Box::new(server), keys)
            }
        };
        db.clean()?;
        let ledger = Ledger { db, keys, home: home.clone(), without_keys: None };
        if !ledger.has_its_keys()? {
            // Another command may do the same at this moment, with these keys or with others.
            let sql =
                "INSERT INTO note (name, value, mark) VALUES ('keys', 0, ?1) ON CONFLICT (name) DO NOTHING";
            ledger.db.execute_now(sql, &[Value::Bytes(&ledger.keys.mark())])?;
            ledger.has_its_keys()?;
        }
        Ok(ledger)
    }

    /// Opens a ledger for queries only and writes nothing: many machines can read one file on a shared file system, as long
    /// as nobody writes it. A missing file is an empty ledger.
    ///
    /// # Errors
    /// As [`Ledger::open`]; [`LedgerError::Unsettled`]: a run was interrupted.
    pub(crate) fn read(home: &LedgerHome) -> Result<Ledger, LedgerError> {
        Ledger::opened(home, Sqlite::read)?.with_keys()
    }

    /// Opens a ledger for a report and writes nothing: a backup, a read-only mount, or a ledger that a run writes meanwhile.
    /// Without its keys it knows its lots and pieces, and no card.
    ///
    /// # Errors
    /// As [`Ledger::read`]; [`LedgerError::Unsettled`]: rows lie in the log, and its folder can't be written.
    pub(crate) fn view(home: &LedgerHome) -> Result<Ledger, LedgerError> {
        Ledger::opened(home, Sqlite::view)
    }

    /// Opens a ledger as [`Ledger::view`] does; `None` where there is none yet.
    ///
    /// # Errors
    /// As [`Ledger::view`].
    pub(crate) fn find(home: &LedgerHome) -> Result<Option<Ledger>, LedgerError> {
        match &home.location {
            LedgerLocation::File(file) if sqlite::is_missing(file) => Ok(None),
            LedgerLocation::File(_) => Ledger::view(home).map(Some),
            LedgerLocation::Server(address) => Ledger::found_on_server(home, address),
        }
    }

    /// The ledger, if it was opened with its keys: without them it finds no card and opens no record.
    ///
    /// # Errors
    /// [`LedgerError::Keys`]: they are missing, or another ledger's.
    pub(crate) fn with_keys(self) -> Result<Ledger, LedgerError> {
        match self.without_keys {
            Some(error) => Err(error.into()),
            None => Ok(self),
        }
    }

    /// Whether it was opened with its keys.
    fn has_keys(&self) -> bool {
        self.without_keys.is_none()
    }

    /// A ledger that is open for reading. One of an earlier version is copied and brought up to date in its copy, under keys
    /// that are forgotten with it.
    fn opened(
        home: &LedgerHome,
        open: fn(&Path) -> Result<Option<Sqlite>, LedgerError>,
    ) -> Result<Ledger, LedgerError> {
        let file = match &home.location {
            LedgerLocation::File(file) => file,
            LedgerLocation::Server(address) => return Ledger::on_server(home, address),
        };
        let (sqlite, keys) = match open(file)? {
            Some(sqlite) if sqlite.version()? == Some(error::VERSION) => (sqlite, opened_keys(home)),
            found => {
                let version = found.as_ref().map_or(Ok(None), Sqlite::version)?;
                let copy = found.map_or_else(|| Sqlite::in_memory(file), |sqlite| sqlite.copied())?;
                let keys = match version {
                    Some(error::SEALED_SINCE..) => opened_keys(home),
                    _ => Ok(LedgerKeys::temporary()?),
                };
                copy.prepare(keys.as_ref().unwrap_or(&LedgerKeys::temporary()?))?;
                (copy, keys)
            }
        };
        Ledger::with_or_without_keys(home, Box::new(sqlite), keys)
    }

    /// A ledger with its keys, or without them where they are missing or another ledger's.
    fn with_or_without_keys(
        home: &LedgerHome,
        db: Box<dyn Database>,
        keys: Result<LedgerKeys, LedgerKeysError>,
    ) -> Result<Ledger, LedgerError> {
        let (keys, without_keys) = match keys {
            Ok(keys) => (keys, None),
            Err(error) => (LedgerKeys::temporary()?, Some(error)),
        };
        let ledger = Ledger { db, keys, home: home.clone(), without_keys };
        match ledger.has_its_keys() {
            Err(LedgerError::Keys(error)) => Ok(Ledger { without_keys: Some(error), ..ledger }),
            answer => answer.map(|_| ledger),
        }
    }

    /// A ledger on a server for queries only. One that is not there yet is an empty one.
    fn on_server(home: &LedgerHome, address: &ServerAddress) -> Result<Ledger, LedgerError> {
        if let Some(ledger) = Ledger::found_on_server(home, address)? {
            return Ok(ledger);
        }
        let keys = LedgerKeys::temporary()?;
        let empty = Sqlite::in_memory(Path::new(&home.place()))?;
        empty.prepare(&keys)?;
        Ledger::with_or_without_keys(home, Box::new(empty), Ok(keys))
    }

    fn found_on_server(home: &LedgerHome, address: &ServerAddress) -> Result<Option<Ledger>, LedgerError> {
        let Some(server) = Postgres::view(address)? else { return Ok(None) };
        let keys = if server.has_keys()? { opened_keys(home) } else { LedgerKeys::temporary() };
        Ledger::with_or_without_keys(home, Box::new(server), keys).map(Some)
    }

    /// What makes the salts of the texts of proved pieces.
    pub(crate) fn proof_salts(&self) -> ProofSalts {
        self.keys.proof_salts()
    }

    /// Whether the ledger knows its keys. A ledger without rows does not.
    ///
    /// # Errors
    /// [`LedgerError::Keys`]: they are another ledger's; those of the database.
    fn has_its_keys(&self) -> Result<bool, LedgerError> {
        let sql = "SELECT mark FROM note WHERE name = 'keys'";
        let mark = self.one(sql, &[], |row| Ok(row.bytes(0)?.unwrap_or_default().to_vec()))?;
        match &mark {
            Some(mark) => self.keys.confirm(mark)?,
            None => return Ok(false),
        }
        Ok(true)
    }

    /// Another connection to the same ledger, for writing.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub(crate) fn again(&self) -> Result<Ledger, LedgerError> {
        Ledger::open(&self.home)
    }

    /// Whether rows and what they refer to are sound: a line for each fault.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn integrity(&self) -> Result<Vec<String>, LedgerError> {
        self.db.integrity()
    }

    /// Where the ledger is, for messages.
    pub(crate) fn place(&self) -> &str {
        self.db.place()
    }

    /// Holds one state of the ledger for many queries, until the returned value is dropped. Without it each query begins its
    /// own.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn snapshot(&self) -> Result<Transaction<'_>, LedgerError> {
        self.db.begin(Purpose::Reading)?;
        Ok(Transaction { db: &*self.db, open: true })
    }

    /// Begins changes that are kept all together, or not at all.
    fn change(&self) -> Result<Transaction<'_>, LedgerError> {
        self.db.begin(Purpose::Writing)?;
        Ok(Transaction { db: &*self.db, open: true })
    }

    /// Calls `visit` for each row of an answer.
    fn each<E: From<LedgerError>>(
        &self,
        sql: &str,
        values: &[Value],
        mut visit: impl FnMut(&dyn Row) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut stopped = None;
        let visit: &mut Visit = &mut |row| {
            visit(row).map_err(|error| {
                stopped = Some(error);
                LedgerError::Stopped
            })
        };
        let result = self.db.query(sql, values, visit);
        match stopped {
            Some(error) => Err(error),
            None => Ok(result?),
        }
    }

    /// The rows of an answer.
    fn list<T>(
        &self,
        sql: &str,
        values: &[Value],
        mut read: impl FnMut(&dyn Row) -> Result<T, LedgerError>,
    ) -> Result<Vec<T>, LedgerError> {
        let mut rows = Vec::new();
        self.db.query(sql, values, &mut |row| {
            rows.push(read(row)?);
            Ok(())
        })?;
        Ok(rows)
    }

    /// The row of an answer that has one row at most.
    fn one<T>(
        &self,
        sql: &str,
        values: &[Value],
        read: impl FnMut(&dyn Row) -> Result<T, LedgerError>,
    ) -> Result<Option<T>, LedgerError> {
        Ok(self.list(sql, values, read)?.pop())
    }

    /// The number of an answer of one number.
    fn number(&self, sql: &str, values: &[Value]) -> Result<Option<i64>, LedgerError> {
        Ok(self.one(sql, values, |row| row.integer(0))?.flatten())
    }

    /// The count of an answer of one count.
    fn count(&self, sql: &str, values: &[Value]) -> Result<u64, LedgerError> {
        Ok(self.number(sql, values)?.unwrap_or_default().unsigned_abs())
    }

    fn hash(&self, card_number: &str) -> sealing::CardHash {
        sealing::card(&self.keys, card_number)
    }

    /// A stored row that can't be read.
    fn damaged(&self, table: &'static str, number: i64, reason: impl ToString) -> LedgerError {
        LedgerError::Damaged { place: self.place().to_owned(), table, number, reason: reason.to_string() }
    }
}

/// The keys of a ledger that has rows.
fn opened_keys(home: &LedgerHome) -> Result<LedgerKeys, LedgerKeysError> {
    LedgerKeys::open(&home.keys)?.ok_or_else(|| LedgerKeysError::missing(&home.keys))
}

/// A transaction; what it changed is undone unless it is committed.
pub(crate) struct Transaction<'l> {
    db: &'l dyn Database,
    open: bool,
}

impl Transaction<'_> {
    fn commit(mut self) -> Result<(), LedgerError> {
        self.db.commit()?;
        self.open = false;
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.open {
            self.db.rollback();
        }
    }
}

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod large;
#[cfg(test)]
mod tests;
