//! The rows that a night writes into the ledger.

use jiff::civil::Date;
use rusqlite::{Params, Transaction, params};
use serde::{Deserialize, Serialize};

use super::history;
use super::{Ledger, LedgerError, ReleaseMark};
use mail::lot::LotName;
use mail::piece::PieceKind;

/// A reject or a warning on a record (contract: `rejects.csv`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The file as the job's glob found it.
    pub source_file: String,
    /// The line where the record begins; the header is line 1.
    pub line: u64,
    /// The card's number as written, where it can be read.
    pub card_number: String,
    /// The column.
    pub field: String,
    /// The fault's stable code.
    pub code: String,
    /// The problem, then what to do.
    pub message: String,
    /// The client's reference of the record, as it is written; empty where there is none.
    #[serde(default)]
    pub client_ref: String,
}

/// A record that was accepted.
#[derive(Debug)]
pub(crate) struct NewRecord<'a> {
    /// Its card.
    pub card_number: &'a str,
    /// Its reason's code.
    pub reason: &'a str,
    /// Its file.
    pub source_file: &'a str,
    /// Its line.
    pub line: u64,
    /// The record as JSON.
    pub body: &'a str,
}

/// A piece that leaves.
#[derive(Debug, Clone)]
pub(crate) struct PieceEntry<'a> {
    /// Its printed reference.
    pub piece_id: &'a str,
    /// Its sequence in the lot, from 1.
    pub sequence: u32,
    /// Its print file, relative to the night's folder.
    pub file: &'a str,
    /// Its first page in that file, from 1.
    pub first_page: u32,
    /// How many pages it has.
    pub pages: u32,
    /// A mailer's tracking number.
    pub tracking: Option<u64>,
}

/// Everything that one run changes, in one transaction. Nothing is written unless [`NightWriter::commit`] is called.
pub(crate) struct NightWriter<'l> {
    transaction: Transaction<'l>,
    ledger: &'l Ledger,
    night: String,
    mailers_due: String,
    run: i64,
}

impl Ledger {
    /// Begins the transaction of a night; `mailers_due` is the day on which the mailers of its letters are due.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn begin(&self, night: Date, mailers_due: Date) -> Result<NightWriter<'_>, LedgerError> {
        let transaction = self.check(self.db.unchecked_transaction())?;
        let (night, mailers_due) = (night.to_string(), mailers_due.to_string());
        let sql = "INSERT INTO run (night, state, body) VALUES (?1, 'releasing', '')";
        self.check(transaction.execute(sql, [&night]))?;
        let run = transaction.last_insert_rowid();
        Ok(NightWriter { transaction, ledger: self, night, mailers_due, run })
    }

    /// Marks the releasing runs and their lots as released: all their files are in place.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn settle(&self) -> Result<(), LedgerError> {
        self.check(self.db.execute_batch(
            "BEGIN; UPDATE lot SET state = 'released' WHERE state = 'releasing';
             UPDATE run SET state = 'released' WHERE state = 'releasing'; COMMIT;",
        ))
    }
}

impl NightWriter<'_> {
    fn execute(&self, sql: &str, parameters: impl Params) -> Result<i64, LedgerError> {
        let mut statement = self.ledger.check(self.transaction.prepare_cached(sql))?;
        self.ledger.check(statement.execute(parameters))?;
        Ok(self.transaction.last_insert_rowid())
    }

    /// Cancels the waiting pieces of a card, which was revoked or which `replaced_by` replaces at once.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn cancel_pieces(
        &self,
        card_number: &str,
        replaced_by: Option<&str>,
    ) -> Result<(), LedgerError> {
        self.execute(
            "UPDATE duty SET state = 'cancelled' WHERE state = 'waiting'
             AND record IN (SELECT id FROM record WHERE card_number = ?1)",
            [card_number],
        )?;
        let sql = "INSERT INTO dead_card (card_number, night, replaced_by) VALUES (?1, ?2, ?3)
                   ON CONFLICT (card_number) DO UPDATE SET replaced_by = NULL WHERE excluded.replaced_by IS NULL";
        self.execute(sql, params![card_number, self.night, replaced_by]).map(drop)
    }

    /// Cancels the waiting pieces of a card whose record another one supersedes. The card stays valid.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn supersede(&self, card_number: &str) -> Result<(), LedgerError> {
        let sql = "UPDATE duty SET state = 'cancelled' WHERE state = 'waiting'
                   AND record IN (SELECT id FROM record WHERE card_number = ?1)";
        self.execute(sql, [card_number]).map(drop)
    }

    /// Inserts the release of codes that were asked for again, with the reason that a person wrote.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn insert_reissue_release(&self, card_number: &str, reason: &str) -> Result<(), LedgerError> {
        let sql = "INSERT INTO reissue_release (card_number, night, reason) VALUES (?1, ?2, ?3)";
        self.execute(sql, params![card_number, self.night, reason]).map(drop)
    }

    /// Inserts a record file that was taken in.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn insert_file(&self, sha256: &str, name: &str, rows: u64) -> Result<(), LedgerError> {
        let sql = "INSERT INTO intake_file VALUES (?1, ?2, ?3, ?4)";
        self.execute(sql, params![sha256, name, self.night, rows as i64]).map(drop)
    }

    /// Inserts a record and returns its number.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn insert_record(&self, record: &NewRecord) -> Result<i64, LedgerError> {
        let NewRecord { card_number, reason, source_file, line, body } = *record;
        self.execute(
            "INSERT INTO record (card_number, reason, night, source_file, line, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![card_number, reason, self.night, source_file, line as i64, body],
        )
    }

    /// Inserts a duty that waits: for a day, or (`due` is `None`) for the record's letter. Returns its number.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn insert_waiting(
        &self,
        record: i64,
        kind: PieceKind,
        due: Option<Date>,
    ) -> Result<i64, LedgerError> {
        let sql = "INSERT INTO duty (record, kind, due, state) VALUES (?1, ?2, ?3, 'waiting')";
        self.execute(sql, params![record, kind.code(), due.map(|day| day.to_string())])
    }

    /// Inserts a duty whose piece leaves tonight and returns its number.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn insert_leaving(&self, record: i64, kind: PieceKind) -> Result<i64, LedgerError> {
        let sql = "INSERT INTO duty (record, kind, due, state) VALUES (?1, ?2, ?3, 'released')";
        self.execute(sql, params![record, kind.code(), self.night])
    }

    /// Inserts the duty of the mailer that follows tonight's letter of a record.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn insert_follower(&self, record: i64) -> Result<i64, LedgerError> {
        let sql = "INSERT INTO duty (record, kind, due, state) VALUES (?1, 'mailer', ?2, 'waiting')";
        self.execute(sql, params![record, self.mailers_due])
    }

    /// Marks a stored duty as released. A mailer that waited for this letter gets its day.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn release_duty(&self, duty: i64, kind: PieceKind) -> Result<(), LedgerError> {
        let sql = "UPDATE duty SET state = 'released', due = ?2 WHERE id = ?1";
        self.execute(sql, params![duty, self.night])?;
        if kind == PieceKind::Letter {
            self.execute(
                "UPDATE duty SET due = ?2 WHERE kind = 'mailer' AND state = 'waiting' AND due IS NULL
                 AND record = (SELECT record FROM duty WHERE id = ?1)",
                params![duty, self.mailers_due],
            )?;
        }
        Ok(())
    }

    /// Marks a stored duty as rejected, and with a letter the mailer that waits for it.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn reject_duty(&self, duty: i64) -> Result<(), LedgerError> {
        self.execute(
            "UPDATE duty SET state = 'rejected' WHERE id = ?1 OR (kind = 'mailer' AND state = 'waiting' AND due IS NULL
             AND record = (SELECT record FROM duty WHERE id = ?1))",
            [duty],
        )?;
        Ok(())
    }

    /// Inserts a lot, once it is complete.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn insert_lot(
        &self,
        lot: &LotName,
        kind: PieceKind,
        template: &str,
        pieces: u64,
    ) -> Result<(), LedgerError> {
        let sql = "INSERT INTO lot VALUES (?1, ?2, ?3, 'releasing', ?4, ?5)";
        self.execute(sql, params![lot.as_str(), kind.code(), self.night, pieces as i64, template]).map(drop)
    }

    /// Inserts a file of a lot: its path relative to the night's folder, and its SHA-256.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn insert_print_file(
        &self,
        lot: &LotName,
        kind: PieceKind,
        path: &str,
        sha256: &str,
    ) -> Result<(), LedgerError> {
        let sql = "INSERT INTO print_file VALUES (?1, ?2, ?3, ?4)";
        self.execute(sql, params![lot.as_str(), kind.code(), path, sha256]).map(drop)
    }

    /// Inserts the piece of a duty.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`], also for a duty that has its piece already.
    pub(crate) fn insert_piece(
        &self,
        lot: &LotName,
        kind: PieceKind,
        duty: i64,
        piece: &PieceEntry,
    ) -> Result<(), LedgerError> {
        let PieceEntry { piece_id, sequence, file, first_page, pages, tracking } = *piece;
        let tracking = tracking.map(|number| number as i64);
        self.execute(
            "INSERT INTO piece VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'released')",
            params![piece_id, lot.as_str(), kind.code(), sequence, duty, file, first_page, pages, tracking],
        )?;
        Ok(())
    }

    /// Inserts a reject or a warning.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn insert_finding(&self, kind: &str, finding: &Finding) -> Result<(), LedgerError> {
        let Finding { source_file, line, card_number, field, code, message, client_ref } = finding;
        self.execute(
            "INSERT INTO finding VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![self.run, kind, source_file, *line as i64, card_number, field, code, message, client_ref],
        )?;
        Ok(())
    }

    /// Writes all of it as this release, with the run's summary as JSON; its lots are then `releasing` until
    /// [`Ledger::settle`].
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`], also where the ledger has a release of this number; nothing is written then.
    pub(crate) fn commit(self, mark: &ReleaseMark, summary: &str) -> Result<(), LedgerError> {
        self.execute("UPDATE run SET body = ?2 WHERE id = ?1", params![self.run, summary])?;
        self.ledger.check(history::add(&self.transaction, mark, &self.night, summary))?;
        self.ledger.check(self.transaction.commit())
    }
}
