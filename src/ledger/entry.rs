//! The rows that a night writes into the ledger.

use std::cell::Cell;

use jiff::civil::Date;

use super::database::Value::{Bytes, Integer, Null, Text};
use super::event::{Change, PiecePlace};
use super::sealing::{self, RecordKey};
use super::{Author, Finding, Ledger, LedgerError, ReleaseMark, State, Transaction, Value, history};
use crate::vault::Month;
use mail::lot::LotName;
use mail::piece::PieceKind;

/// A record that was accepted.
#[derive(Debug)]
pub(crate) struct NewRecord<'a> {
    /// What it is found by.
    pub key: &'a RecordKey,
    /// Its reason's code.
    pub reason: &'a str,
    /// Its file.
    pub source_file: &'a str,
    /// Its line.
    pub line: u64,
    /// The record as JSON.
    pub body: &'a [u8],
}

/// A piece that leaves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PieceEntry {
    /// Its sequence in the lot, from 1.
    pub sequence: u32,
    /// 0 for the original, `n` for the `n`th reprint.
    pub attempt: u32,
    /// The index of its print file among the lot's files.
    pub file: u16,
    /// Its first page in that file, from 1.
    pub first_page: u32,
    /// How many pages it has.
    pub pages: u32,
}

/// A lot that is complete.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LotEntry<'a> {
    /// Its name.
    pub name: &'a LotName,
    /// Its kind.
    pub kind: PieceKind,
    /// Its template and the template's version.
    pub template: &'a str,
    /// How many pieces it has.
    pub pieces: u64,
    /// The tracking number of its first mailer.
    pub first_tracking: Option<u64>,
    /// Its files, print files first: the path relative to the night's folder, and SHA-256.
    pub files: &'a [(String, String)],
    /// Why it was composed, for its first event.
    pub cause: &'a str,
}

/// Everything that one run changes, in one transaction. Nothing is written unless [`NightWriter::commit`] is called.
pub(crate) struct NightWriter<'l> {
    transaction: Transaction<'l>,
    ledger: &'l Ledger,
    night: String,
    month: Month,
    mailers_due: String,
    author: Author,
    run: i64,
    record: Cell<i64>,
    duty: Cell<i64>,
    finding: Cell<i64>,
    /// The number of the first lot; letters come first.
    lot: Cell<i64>,
}

impl Ledger {
    /// Begins the transaction of a night; `mailers_due` is the day on which the mailers of its letters are due.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn begin(
        &self,
        night: Date,
        mailers_due: Date,
        author: Author,
    ) -> Result<NightWriter<'_>, LedgerError> {
        let transaction = self.change()?;
        let last = |sql| Ok::<_, LedgerError>(self.number(sql, &[])?.unwrap_or_default());
        let writer = NightWriter {
            ledger: self,
            night: night.to_string(),
            month: Month::of(night),
            mailers_due: mailers_due.to_string(),
            author,
            run: last("SELECT max(id) FROM run")? + 1,
            record: Cell::new(last("SELECT max(id) FROM record")?),
            duty: Cell::new(last("SELECT max(id) FROM duty")?),
            finding: Cell::new(last("SELECT max(id) FROM finding")?),
            lot: Cell::new(last("SELECT max(id) FROM lot")? + 1),
            transaction,
        };
        let sql =
            "INSERT INTO run (id, night, state, sealed_for, body) VALUES (?1, ?2, 'releasing', 0, NULL)";
        self.db.execute(sql, &[Integer(writer.run), Text(&writer.night)])?;
        Ok(writer)
    }

    /// Marks the releasing runs and their lots as released: all their files are in place.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn settle(&self, author: &Author) -> Result<(), LedgerError> {
        let transaction = self.change()?;
        let sql = "SELECT id FROM lot WHERE state = 'composed' ORDER BY id";
        let lots = self.list(sql, &[], |row| row.need_integer(0))?;
        for lot in lots {
            self.append_event(lot, None, State::Released, "files in place", None, author)?;
        }
        self.db.execute("UPDATE lot SET state = 'released' WHERE state = 'composed'", &[])?;
        self.db.execute("UPDATE run SET state = 'released' WHERE state = 'releasing'", &[])?;
        transaction.commit()
    }
}

impl NightWriter<'_> {
    fn execute(&self, sql: &'static str, values: &[Value]) -> Result<(), LedgerError> {
        self.ledger.db.execute(sql, values)
    }

    /// The ledger that is written.
    pub(super) fn ledger(&self) -> &Ledger {
        self.ledger
    }

    /// Who writes it.
    pub(super) fn author(&self) -> &Author {
        &self.author
    }

    /// Cancels the waiting pieces of a card, which was revoked or which `replaced_by` replaces at once.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn cancel_pieces(
        &self,
        card_number: &str,
        replaced_by: Option<&str>,
    ) -> Result<(), LedgerError> {
        self.supersede(card_number)?;
        let card = self.ledger.hash(card_number);
        let by = replaced_by.map(|by| self.ledger.hash(by));
        let sql = "INSERT INTO dead_card (card, night, replaced_by) VALUES (?1, ?2, ?3)
                   ON CONFLICT (card) DO UPDATE SET replaced_by = NULL WHERE excluded.replaced_by IS NULL";
        self.execute(sql, &[Bytes(&card), Text(&self.night), by.as_ref().map_or(Null, |by| Bytes(by))])
    }

    /// Recalls a released piece that has not left.
    ///
    /// # Errors
    /// [`LedgerError::NotAllowed`]; those of the database.
    pub(crate) fn recall(&self, piece: &PiecePlace, cause: &str) -> Result<(), LedgerError> {
        self.ledger.last_event()?;
        let change = Change { state: State::Recalled, cause, author: &self.author };
        self.ledger.move_piece(piece, &change, Some(self.run))
    }

    /// Cancels the waiting pieces of a card whose record another one supersedes. The card stays valid.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn supersede(&self, card_number: &str) -> Result<(), LedgerError> {
        let sql = "UPDATE duty SET state = 'cancelled' WHERE state = 'waiting'
                   AND record IN (SELECT id FROM record WHERE card = ?1)";
        self.execute(sql, &[Bytes(&self.ledger.hash(card_number))])
    }

    /// Inserts the release of codes that were asked for again, with the reason that a person wrote.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn insert_reissue_release(&self, card_number: &str, reason: &str) -> Result<(), LedgerError> {
        let card = self.ledger.hash(card_number);
        let reason = sealing::reason(&self.ledger.keys, reason);
        let sql = "INSERT INTO reissue_release (card, night, reason) VALUES (?1, ?2, ?3)";
        self.execute(sql, &[Bytes(&card), Text(&self.night), Bytes(&reason)])
    }

    /// Inserts a record file that was taken in.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn insert_file(&self, sha256: &str, name: &str, rows: u64) -> Result<(), LedgerError> {
        let sql = "INSERT INTO intake_file (sha256, name, night, rows) VALUES (?1, ?2, ?3, ?4)";
        self.execute(sql, &[Text(sha256), Text(name), Text(&self.night), Integer(rows as i64)])
    }

    /// Inserts a record and returns its number.
    ///
    /// # Errors
    /// Those of the database and of the keys.
    pub(crate) fn insert_record(&self, record: &NewRecord) -> Result<i64, LedgerError> {
        let NewRecord { key, reason, source_file, line, body } = *record;
        let id = next(&self.record);
        let sealed = sealing::seal(&self.ledger.keys, self.month, "record", id, body)?;
        let sql = "INSERT INTO record (id, card, marks, reason, night, requested, source_file, line, body)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let values = [
            Integer(id),
            Bytes(key.card()),
            Bytes(key.marks()),
            Text(reason),
            Text(&self.night),
            Text(key.requested()),
            Text(source_file),
            Integer(line as i64),
            Bytes(&sealed),
        ];
        self.execute(sql, &values)?;
        Ok(id)
    }

    /// Inserts a duty that waits: for a day, or (`due` is `None`) for the record's letter.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn insert_waiting(
        &self,
        record: i64,
        kind: PieceKind,
        due: Option<Date>,
    ) -> Result<(), LedgerError> {
        let due = due.map(|day| day.to_string());
        self.insert_duty(record, kind, due.as_deref(), "waiting").map(drop)
    }

    /// Inserts a duty whose piece leaves tonight and returns its number.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn insert_leaving(&self, record: i64, kind: PieceKind) -> Result<i64, LedgerError> {
        self.insert_duty(record, kind, Some(&self.night), "released")
    }

    /// Inserts the duty of the mailer that follows tonight's letter of a record.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn insert_follower(&self, record: i64) -> Result<(), LedgerError> {
        self.insert_duty(record, PieceKind::Mailer, Some(&self.mailers_due), "waiting").map(drop)
    }

    fn insert_duty(
        &self,
        record: i64,
        kind: PieceKind,
        due: Option<&str>,
        state: &str,
    ) -> Result<i64, LedgerError> {
        let id = next(&self.duty);
        let sql = "INSERT INTO duty (id, record, kind, due, state) VALUES (?1, ?2, ?3, ?4, ?5)";
        let due = due.map_or(Null, Text);
        self.execute(sql, &[Integer(id), Integer(record), Text(kind.code()), due, Text(state)])?;
        Ok(id)
    }

    /// Marks a stored duty as released. A mailer that waited for this letter gets its day.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn release_duty(&self, duty: i64, kind: PieceKind) -> Result<(), LedgerError> {
        let sql = "UPDATE duty SET state = 'released', due = ?2 WHERE id = ?1";
        self.execute(sql, &[Integer(duty), Text(&self.night)])?;
        if kind == PieceKind::Letter {
            let sql = "UPDATE duty SET due = ?2 WHERE kind = 'mailer' AND state = 'waiting' AND due IS NULL
                       AND record = (SELECT record FROM duty WHERE id = ?1)";
            self.execute(sql, &[Integer(duty), Text(&self.mailers_due)])?;
        }
        Ok(())
    }

    /// Marks a stored duty as rejected, and with a letter the mailer that waits for it.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn reject_duty(&self, duty: i64) -> Result<(), LedgerError> {
        self.execute(
            "UPDATE duty SET state = 'rejected' WHERE id = ?1 OR (kind = 'mailer' AND state = 'waiting' AND due IS NULL
             AND record = (SELECT record FROM duty WHERE id = ?1))",
            &[Integer(duty)],
        )
    }

    /// Inserts a lot with its files, once it is complete.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn insert_lot(&self, lot: &LotEntry) -> Result<(), LedgerError> {
        let id = self.lot_number(lot.kind);
        let sql = "INSERT INTO lot (id, name, kind, night, state, pieces, template, first_tracking)
                   VALUES (?1, ?2, ?3, ?4, 'composed', ?5, ?6, ?7)";
        let values = [
            Integer(id),
            Text(lot.name.as_str()),
            Text(lot.kind.code()),
            Text(&self.night),
            Integer(lot.pieces as i64),
            Text(lot.template),
            lot.first_tracking.map_or(Null, |first| Integer(first as i64)),
        ];
        self.execute(sql, &values)?;
        for (number, (path, sha256)) in (0..).zip(lot.files) {
            let sql = "INSERT INTO print_file (lot, number, path, sha256) VALUES (?1, ?2, ?3, ?4)";
            self.execute(sql, &[Integer(id), Integer(number), Text(path), Text(sha256)])?;
        }
        self.ledger.append_event(id, None, State::Composed, lot.cause, Some(self.run), &self.author)
    }

    /// Begins another lot of the same kind, once the one before is inserted with its pieces.
    pub(crate) fn next_lot(&self) {
        next(&self.lot);
    }

    /// Inserts a piece of a duty.
    ///
    /// # Errors
    /// Those of the database, also for a duty that has this attempt already.
    pub(crate) fn insert_piece(
        &self,
        kind: PieceKind,
        duty: i64,
        piece: &PieceEntry,
    ) -> Result<(), LedgerError> {
        let PieceEntry { sequence, attempt, file, first_page, pages } = *piece;
        let sql = "INSERT INTO piece (lot, sequence, duty, attempt, file, first_page, pages)
                   VALUES (?1, ?2, ?3, ?7, ?4, ?5, ?6)";
        let numbers = [
            self.lot_number(kind),
            i64::from(sequence),
            duty,
            i64::from(file),
            i64::from(first_page),
            i64::from(pages),
            i64::from(attempt),
        ];
        self.execute(sql, &numbers.map(Integer))
    }

    /// The number of tonight's lot of a kind.
    fn lot_number(&self, kind: PieceKind) -> i64 {
        self.lot.get() + i64::from(kind == PieceKind::Mailer)
    }

    /// Inserts a reject or a warning.
    ///
    /// # Errors
    /// Those of the database and of the keys.
    pub(crate) fn insert_finding(&self, kind: &str, finding: &Finding) -> Result<(), LedgerError> {
        let id = next(&self.finding);
        let keys = &self.ledger.keys;
        let card = sealing::card_of_finding(keys, finding);
        let sealed = sealing::seal_finding(keys, self.month, id, finding)?;
        let sql = "INSERT INTO finding (id, run, kind, night, code, card, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let values = [
            Integer(id),
            Integer(self.run),
            Text(kind),
            Text(&self.night),
            Text(&finding.code),
            card.as_ref().map_or(Null, |card| Bytes(card)),
            Bytes(&sealed),
        ];
        self.execute(sql, &values)
    }

    /// Writes all of it as this release, with the run's summary as JSON; its lots are then composed, and released by
    /// [`Ledger::settle`].
    ///
    /// # Errors
    /// Those of the database, also where the ledger has a release of this number; nothing is written then.
    pub(crate) fn commit(self, mark: &ReleaseMark, summary: &str) -> Result<(), LedgerError> {
        let sealed = sealing::seal(&self.ledger.keys, self.month, "run", self.run, summary.as_bytes())?;
        let sealed_for = sealing::recipients_of(summary);
        let sql = "UPDATE run SET body = ?2, sealed_for = ?3 WHERE id = ?1";
        self.execute(sql, &[Integer(self.run), Bytes(&sealed), Integer(sealed_for)])?;
        history::add(self.ledger, mark, &self.night, summary)?;
        self.transaction.commit()
    }
}

fn next(number: &Cell<i64>) -> i64 {
    number.set(number.get() + 1);
    number.get()
}
