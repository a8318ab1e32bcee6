//! What a night writes into the ledger.

use jiff::civil::Date;
use rusqlite::{Transaction, params};
use serde::Serialize;

use super::{Ledger, LedgerError};
use crate::mail::card::Issuance;
use crate::mail::lot::LotName;
use crate::mail::piece::PieceKind;

/// A reject or a warning: what is wrong with which column of which record (contract: `rejects.csv`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
}

/// A record that was accepted, and what it leads to.
#[derive(Debug)]
pub struct NewRecord<'a> {
    /// The record.
    pub issuance: &'a Issuance,
    /// Its file.
    pub source_file: &'a str,
    /// Its line.
    pub line: u64,
    /// The pieces it leads to.
    pub duties: &'a [NewDuty],
    /// Whether it was refused as a whole: it is not remembered then, so that it can be corrected and come again.
    pub refused: bool,
}

/// A piece that a record leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDuty {
    /// Its kind.
    pub kind: PieceKind,
    /// When it is due; empty while it waits for the record's letter to leave.
    pub due: Option<Date>,
}

/// Which duty a piece fulfils.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// One that the ledger holds.
    Stored(i64),
    /// A new record's: the record's place in [`NightEntry::records`] and the duty's within it.
    New(usize, usize),
}

/// A piece that leaves.
#[derive(Debug, Clone)]
pub struct PieceEntry {
    /// The duty it fulfils.
    pub origin: Origin,
    /// Its printed reference.
    pub piece_id: String,
    /// Its place in the lot, from 1.
    pub sequence: u32,
    /// Its print file, relative to the night's folder.
    pub file: String,
    /// Its first page in that file, from 1.
    pub first_page: u32,
    /// How many pages it has.
    pub pages: u32,
    /// A mailer's tracking number.
    pub tracking: Option<u64>,
}

/// A lot that leaves.
#[derive(Debug)]
pub struct LotEntry {
    /// Its name.
    pub lot: LotName,
    /// Its kind.
    pub kind: PieceKind,
    /// The template's name and version.
    pub template: String,
    /// Its pieces in order.
    pub pieces: Vec<PieceEntry>,
    /// All its files with their SHA-256, relative to the night's folder.
    pub files: Vec<(String, String)>,
}

/// Everything that one run changes.
#[derive(Debug)]
pub struct NightEntry<'a> {
    /// The night.
    pub night: Date,
    /// The day on which the mailers of tonight's letters are due.
    pub mailers_due: Date,
    /// The files taken in: SHA-256, name, rows.
    pub files: Vec<(&'a str, &'a str, u64)>,
    /// The records accepted.
    pub records: Vec<NewRecord<'a>>,
    /// Stored duties that were refused.
    pub rejected: Vec<i64>,
    /// Cards whose waiting pieces must not leave any more.
    pub cancelled_cards: Vec<&'a str>,
    /// The lots that leave.
    pub lots: &'a [LotEntry],
    /// The rejects.
    pub rejects: &'a [Finding],
    /// The warnings.
    pub warnings: &'a [Finding],
    /// The run's summary as JSON.
    pub summary: String,
}

impl Ledger {
    /// Writes a run in one transaction; its lots are then `releasing` until [`Ledger::settle`].
    ///
    /// # Errors
    /// Those of SQLite; nothing is written then.
    pub fn enter(&mut self, entry: &NightEntry) -> Result<(), LedgerError> {
        let file = self.file.clone();
        let failed = |source| LedgerError::Sqlite { file: file.clone(), source };
        let transaction = self.db.transaction().map_err(failed)?;
        write_entry(&transaction, entry).map_err(failed)?;
        transaction.commit().map_err(failed)
    }

    /// Notes that all files of the releasing runs are in place.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn settle(&self) -> Result<(), LedgerError> {
        self.check(self.db.execute_batch(
            "BEGIN; UPDATE lot SET state = 'released' WHERE state = 'releasing';
             UPDATE run SET state = 'released' WHERE state = 'releasing'; COMMIT;",
        ))
    }
}

fn write_entry(db: &Transaction, entry: &NightEntry) -> rusqlite::Result<()> {
    let night = entry.night.to_string();
    cancel(db, &entry.cancelled_cards, &night)?;
    for (sha256, name, rows) in &entry.files {
        db.execute(
            "INSERT INTO intake_file VALUES (?1, ?2, ?3, ?4)",
            params![sha256, name, night, *rows as i64],
        )?;
    }
    let duties = write_records(db, entry, &night)?;
    // A mailer that waits for a letter that was refused would wait for ever.
    let mut refuse = db.prepare(
        "UPDATE duty SET state = 'rejected' WHERE id = ?1 OR (kind = 'mailer' AND state = 'waiting' AND due IS NULL
         AND record = (SELECT record FROM duty WHERE id = ?1))",
    )?;
    for duty in &entry.rejected {
        refuse.execute([duty])?;
    }
    for lot in entry.lots {
        write_lot(db, lot, &night, entry.mailers_due, &duties)?;
    }
    db.execute(
        "INSERT INTO run (night, state, body) VALUES (?1, 'releasing', ?2)",
        params![night, entry.summary],
    )?;
    let run = db.last_insert_rowid();
    write_findings(db, run, "reject", entry.rejects)?;
    write_findings(db, run, "warning", entry.warnings)
}

fn cancel(db: &Transaction, cards: &[&str], night: &str) -> rusqlite::Result<()> {
    let mut bury = db.prepare("INSERT OR IGNORE INTO dead_card VALUES (?1, ?2)")?;
    let mut statement = db.prepare(
        "UPDATE duty SET state = 'cancelled' WHERE state = 'waiting'
         AND record IN (SELECT id FROM record WHERE card_number = ?1)",
    )?;
    for card in cards {
        statement.execute([card])?;
        bury.execute([*card, night])?;
    }
    Ok(())
}

/// Writes the records and their duties; gives the duties' numbers by record.
fn write_records(db: &Transaction, entry: &NightEntry, night: &str) -> rusqlite::Result<Vec<Vec<i64>>> {
    let mut insert_record = db.prepare(
        "INSERT INTO record (card_number, reason, night, source_file, line, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let mut insert_duty =
        db.prepare("INSERT INTO duty (record, kind, due, state) VALUES (?1, ?2, ?3, ?4)")?;
    let mut numbers = Vec::with_capacity(entry.records.len());
    for record in &entry.records {
        if record.refused {
            numbers.push(Vec::new());
            continue;
        }
        let issuance = record.issuance;
        let body = serde_json::to_string(issuance)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        let (card, reason) = (issuance.card_number.as_str(), issuance.reason.code());
        insert_record.execute(params![card, reason, night, record.source_file, record.line as i64, body])?;
        let id = db.last_insert_rowid();
        let mut duties = Vec::with_capacity(record.duties.len());
        for duty in record.duties {
            let due = duty.due.map(|day| day.to_string());
            insert_duty.execute(params![id, duty.kind.code(), due, "waiting"])?;
            duties.push(db.last_insert_rowid());
        }
        numbers.push(duties);
    }
    Ok(numbers)
}

fn write_lot(
    db: &Transaction,
    lot: &LotEntry,
    night: &str,
    mailers_due: Date,
    duties: &[Vec<i64>],
) -> rusqlite::Result<()> {
    let (name, kind) = (lot.lot.as_str(), lot.kind.code());
    db.execute(
        "INSERT INTO lot VALUES (?1, ?2, ?3, 'releasing', ?4, ?5)",
        params![name, kind, night, lot.pieces.len() as i64, lot.template],
    )?;
    for (path, sha256) in &lot.files {
        db.execute("INSERT INTO print_file VALUES (?1, ?2, ?3, ?4)", params![name, kind, path, sha256])?;
    }
    let mut insert =
        db.prepare("INSERT INTO piece VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'released')")?;
    let mut release = db.prepare("UPDATE duty SET state = 'released', due = ?2 WHERE id = ?1")?;
    let mut follow = db.prepare(
        "UPDATE duty SET due = ?2 WHERE kind = 'mailer' AND state = 'waiting' AND due IS NULL
         AND record = (SELECT record FROM duty WHERE id = ?1)",
    )?;
    let due = mailers_due.to_string();
    for piece in &lot.pieces {
        let duty = match piece.origin {
            Origin::Stored(id) => id,
            Origin::New(record, duty) => duties[record][duty],
        };
        let tracking = piece.tracking.map(|number| number as i64);
        insert.execute(params![
            piece.piece_id,
            name,
            kind,
            piece.sequence,
            duty,
            piece.file,
            piece.first_page,
            piece.pages,
            tracking
        ])?;
        release.execute(params![duty, night])?;
        if lot.kind == PieceKind::Letter {
            follow.execute(params![duty, due])?;
        }
    }
    Ok(())
}

fn write_findings(db: &Transaction, run: i64, kind: &str, findings: &[Finding]) -> rusqlite::Result<()> {
    let mut insert = db.prepare("INSERT INTO finding VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
    for f in findings {
        insert.execute(params![
            run,
            kind,
            f.source_file,
            f.line as i64,
            f.card_number,
            f.field,
            f.code,
            f.message
        ])?;
    }
    Ok(())
}
