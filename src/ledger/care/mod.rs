//! Care of a ledger: its backup, its restoration, its export, and whether it is sound.

mod check;
mod export;
mod filling;
mod import;
mod opaque;
mod replay;
mod reprint;

use std::path::Path;

use serde::Serialize;

pub(crate) use check::{Counts, Fault};
#[cfg(test)]
pub(crate) use export::{Header, Line, Sum};
pub(crate) use import::Import;
pub(crate) use opaque::MailerLinks;
pub(crate) use reprint::ReleasedPiece;

use super::database::Database;
use super::database::Value::Text;
use super::postgres::Postgres;
use super::sqlite::Sqlite;
use super::{Ledger, LedgerError, audit_head, error, tables};
use crate::job::{LedgerHome, LedgerLocation};
use crate::vault::{LedgerKeys, LedgerKeysError, Month};

/// How far a ledger has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Reach {
    /// Its identity; empty before its first release.
    pub id: String,
    /// Its last release; 0 before the first.
    pub release: u64,
    /// SHA-256 over the last release and all before it.
    #[serde(skip)]
    pub head: String,
    /// The night of the last release.
    pub night: String,
    /// Its last event; 0 before the first.
    pub events: u64,
}

impl Reach {
    /// Whether a ledger is another one than this, or has come further.
    pub(crate) fn lacks(&self, other: &Reach) -> bool {
        let strange = !other.id.is_empty() && other.id != self.id;
        let forked = other.release == self.release && other.head != self.head;
        strange || forked || (other.release, other.events) > (self.release, self.events)
    }
}

impl Ledger {
    /// Opens a ledger for queries that may take long, while others write it. Writes nothing.
    /// It may come without its keys, as [`Ledger::view`] says.
    ///
    /// # Errors
    /// As [`Ledger::view`].
    pub(crate) fn online(home: &LedgerHome) -> Result<Ledger, LedgerError> {
        Ledger::opened(home, Sqlite::online)
    }

    /// Opens a ledger for queries without its keys: what is sealed stays sealed. `None` where there is none.
    ///
    /// # Errors
    /// [`LedgerError::Earlier`]: it is of an earlier version; [`LedgerError::NoLedger`]; those of the database.
    pub(crate) fn keyless(location: &LedgerLocation) -> Result<Option<Ledger>, LedgerError> {
        let db: Box<dyn Database> = match location {
            LedgerLocation::File(file) => match Sqlite::online(file)? {
                None => return Ok(None),
                Some(sqlite) => Box::new(of_this_version(sqlite, file)?),
            },
            LedgerLocation::Server(address) => match Postgres::view(address)? {
                None => return Ok(None),
                Some(server) => Box::new(server),
            },
        };
        let keys = LedgerKeys::temporary()?;
        let home = LedgerHome { location: location.clone(), keys: Path::new("").to_owned() };
        Ok(Some(Ledger { db, keys, home, without_keys: None }))
    }

    /// How far the ledger has come.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn reach(&self) -> Result<Reach, LedgerError> {
        let events = self.count("SELECT value FROM note WHERE name = 'events'", &[])?;
        let Some(stamp) = self.stamp()? else { return Ok(Reach { events, ..Reach::default() }) };
        Ok(Reach {
            id: stamp.mark.id,
            release: stamp.mark.release,
            head: stamp.head,
            night: stamp.night,
            events,
        })
    }

    /// Whether nothing was ever entered into the ledger.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn is_empty(&self) -> Result<bool, LedgerError> {
        let rows = "SELECT (SELECT count(*) FROM release) + (SELECT count(*) FROM record) + (SELECT count(*) FROM event)";
        Ok(self.count(rows, &[])? == 0)
    }

    /// Checks that these keys are the ledger's, and that each month of sealed rows has its key unless it was destroyed.
    ///
    /// # Errors
    /// [`LedgerError::Keys`]; those of the database.
    pub(crate) fn accepts_keys(&self, keys: &Path) -> Result<(), LedgerError> {
        let sql = "SELECT mark FROM note WHERE name = 'keys'";
        let mark = self.one(sql, &[], |row| Ok(row.bytes(0)?.unwrap_or_default().to_vec()))?;
        let Some(mark) = mark else { return Ok(()) };
        let keys = LedgerKeys::open(keys)?.ok_or_else(|| LedgerKeysError::missing(keys))?;
        keys.confirm(&mark)?;
        Ok(keys.require(self.sealed_months()?)?)
    }

    /// Whether the mark of some keys is that of the ledger's.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn has_mark(&self, mark: &[u8]) -> Result<bool, LedgerError> {
        let sql = "SELECT mark FROM note WHERE name = 'keys'";
        let own = self.one(sql, &[], |row| Ok(row.bytes(0)?.unwrap_or_default().to_vec()))?;
        Ok(own.is_none_or(|own| own == mark))
    }

    /// The months under whose keys rows are sealed.
    fn sealed_months(&self) -> Result<Vec<Month>, LedgerError> {
        let mut months = Vec::new();
        for (_, sql) in SEALED_MONTHS {
            let found = self.list(sql, &[], |row| super::sealing::month_of(row.need_text(0)?))?;
            months.extend(found);
        }
        months.sort_unstable();
        months.dedup();
        Ok(months)
    }

    /// Writes all rows of one moment, as a ledger of SQLite, into an empty file that nobody else has open.
    ///
    /// # Errors
    /// Those of either database.
    pub(crate) fn back_up(&self, draft: &Path) -> Result<Reach, LedgerError> {
        let copy = Sqlite::for_rows(draft)?;
        let snapshot = self.snapshot()?;
        let reach = self.reach()?;
        tables::copy(&*self.db, &copy)?;
        // A backup says which acts it knows. An export does not: it may go to another job.
        if let Some(head) = self.audit_head()? {
            audit_head::insert(&copy, &head)?;
        }
        drop(snapshot);
        copy.complete()?;
        Ok(reach)
    }

    /// The keys, to be sealed for a backup.
    pub(crate) fn keys(&self) -> &LedgerKeys {
        &self.keys
    }

    /// Writes the rows of this ledger into another one's database.
    ///
    /// # Errors
    /// Those of either database.
    pub(super) fn copy_into(&self, into: &dyn Database) -> Result<(), LedgerError> {
        let _snapshot = self.snapshot()?;
        tables::copy(&*self.db, into).map(drop)
    }
}

/// The tables that have sealed bodies, each with the query of their months.
const SEALED_MONTHS: [(&str, &str); 5] = [
    ("record", "SELECT DISTINCT coalesce(key_month, substr(night, 1, 7)) FROM record WHERE body IS NOT NULL"),
    ("run", "SELECT DISTINCT coalesce(key_month, substr(night, 1, 7)) FROM run WHERE body IS NOT NULL"),
    ("finding", "SELECT DISTINCT coalesce(key_month, substr(night, 1, 7)) FROM finding"),
    (
        "returned",
        "SELECT DISTINCT coalesce(key_month, substr(day, 1, 7)) FROM returned WHERE body IS NOT NULL",
    ),
    ("picture", "SELECT DISTINCT coalesce(key_month, substr(day, 1, 7)) FROM picture"),
];

/// Refuses a file that is no ledger of this version.
fn of_this_version(sqlite: Sqlite, file: &Path) -> Result<Sqlite, LedgerError> {
    let place = file.display().to_string();
    match sqlite.version()? {
        Some(error::VERSION) => {}
        Some(found) => return Err(LedgerError::Earlier { place, found }),
        None => {
            return Err(LedgerError::NoLedger { place, reason: "this file is an empty database".to_owned() });
        }
    }
    // Another program's database may have the same number.
    for table in tables::TABLES.iter() {
        let mut known = false;
        let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1";
        sqlite.query(sql, &[Text(table.name)], &mut |row| {
            known = row.integer(0)? == Some(1);
            Ok(())
        })?;
        if !known {
            return Err(LedgerError::NoLedger { place, reason: "this file is no ledger".to_owned() });
        }
    }
    Ok(sqlite)
}
