//! The files that the ledger knows, as a purge and an erasure remove them.

use std::path::PathBuf;

use jiff::civil::Date;

use super::super::database::Value::{Integer, Text};
use super::super::{Ledger, LedgerError, State};

/// A file of a lot that is in its night's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LotFile {
    /// The number of its lot.
    pub lot: i64,
    /// Its number in the lot.
    number: i64,
    /// The night.
    pub night: String,
    /// Its path, relative to the night's folder.
    pub path: String,
}

impl Ledger {
    /// The files of lots of nights up to a day, without those that were removed and those of lots with a piece that is held.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn files_until(&self, night: Date) -> Result<Vec<LotFile>, LedgerError> {
        let sql = "SELECT lot.id, number, night, path FROM print_file JOIN lot ON lot.id = print_file.lot
            WHERE purged IS NULL AND night <= ?1 AND lot.state <> 'composed' AND lot.id NOT IN (
                SELECT piece.lot FROM hold JOIN record ON record.card = hold.card JOIN duty ON duty.record = record.id
                JOIN piece ON piece.duty = duty.id)
            ORDER BY night, lot.id, number";
        self.lot_files(sql, Text(&night.to_string()))
    }

    /// The files of a lot that were not removed.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn files_of_lot(&self, lot: i64) -> Result<Vec<LotFile>, LedgerError> {
        let sql = "SELECT lot.id, number, night, path FROM print_file JOIN lot ON lot.id = print_file.lot
            WHERE purged IS NULL AND lot.id = ?1 ORDER BY number";
        self.lot_files(sql, Integer(lot))
    }

    /// The manifests that were not removed.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn manifests(&self) -> Result<Vec<LotFile>, LedgerError> {
        let sql = "SELECT lot.id, number, night, path FROM print_file JOIN lot ON lot.id = print_file.lot
            WHERE purged IS NULL AND path LIKE CAST(?1 AS TEXT) ORDER BY lot.id, number";
        self.lot_files(sql, Text("%.manifest.csv"))
    }

    fn lot_files(&self, sql: &str, value: super::super::Value) -> Result<Vec<LotFile>, LedgerError> {
        self.list(sql, &[value], |row| {
            Ok(LotFile {
                lot: row.need_integer(0)?,
                number: row.need_integer(1)?,
                night: row.need_text(2)?.to_owned(),
                path: row.need_text(3)?.to_owned(),
            })
        })
    }

    /// Notes that files were removed on a day.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn note_removed(&self, files: &[LotFile], day: Date) -> Result<(), LedgerError> {
        let transaction = self.change()?;
        let day = day.to_string();
        for file in files {
            let sql = "UPDATE print_file SET purged = ?3 WHERE lot = ?1 AND number = ?2";
            self.db.execute(sql, &[Integer(file.lot), Integer(file.number), Text(&day)])?;
        }
        transaction.commit()
    }

    /// Notes that a file is about to have other bytes.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn note_rewritten(&self, file: &LotFile, sha256: &str) -> Result<(), LedgerError> {
        let sql = "UPDATE print_file SET sha256 = ?3 WHERE lot = ?1 AND number = ?2";
        let values = [Integer(file.lot), Integer(file.number), Text(sha256)];
        self.db.execute_now(sql, &values).map(drop)
    }

    /// Notes that a record file that was taken in is about to have other bytes, so that it is not taken in again.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn note_rewritten_input(&self, before: &str, after: &str) -> Result<(), LedgerError> {
        let sql = "INSERT INTO intake_file (sha256, name, night, rows)
            SELECT CAST(?2 AS TEXT), name, night, rows FROM intake_file WHERE sha256 = ?1
            ON CONFLICT (sha256) DO NOTHING";
        self.db.execute_now(sql, &[Text(before), Text(after)]).map(drop)
    }
}

/// What a purge asks of nights.
impl Ledger {
    /// The nights up to a day that released something.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn nights_until(&self, day: Date) -> Result<Vec<Date>, LedgerError> {
        let sql = "SELECT DISTINCT night FROM run WHERE night <= ?1 ORDER BY night";
        let nights = self.list(sql, &[Text(&day.to_string())], |row| Ok(row.need_text(0)?.parse().ok()))?;
        Ok(nights.into_iter().flatten().collect())
    }

    /// How many runs of a night released something.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn runs_of_night(&self, night: Date) -> Result<u64, LedgerError> {
        self.count("SELECT count(*) FROM run WHERE night = ?1", &[Text(&night.to_string())])
    }

    /// The paths of all files of a night's lots, relative to the night's folder.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn paths_of_night(&self, night: Date) -> Result<Vec<PathBuf>, LedgerError> {
        let sql = "SELECT path FROM print_file JOIN lot ON lot.id = print_file.lot WHERE night = ?1";
        self.list(sql, &[Text(&night.to_string())], |row| Ok(row.need_text(0)?.into()))
    }
}

/// What an erasure asks of a lot.
impl Ledger {
    /// The state of a lot's pieces that have none of their own; `None` where there is no such lot.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn lot_state(&self, lot: i64) -> Result<Option<State>, LedgerError> {
        self.one("SELECT state FROM lot WHERE id = ?1", &[Integer(lot)], |row| {
            self.state(row.need_text(0)?, lot)
        })
    }
}
