//! Queries on the ledger.

use jiff::civil::Date;
use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

use super::{Finding, Ledger, LedgerError};
use mail::issuance::Issuance;
use mail::lot::LotName;
use mail::piece::PieceKind;

/// A duty that waits, with its record.
#[derive(Debug)]
pub(crate) struct Waiting {
    /// The duty's number.
    pub duty: i64,
    /// Its kind.
    pub kind: PieceKind,
    /// The record.
    pub issuance: Issuance,
    /// The record's file.
    pub source_file: String,
    /// The record's line.
    pub line: u64,
}

/// Whether a card's letter waits or has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LetterState {
    /// The ledger has no letter of the card.
    None,
    /// The letter waits.
    Waiting,
    /// The letter left on this night.
    Left(Date),
}

/// A night whose release was interrupted: some of its files may be missing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Interrupted {
    /// The night.
    pub night: Date,
    /// Its files with their SHA-256, relative to the night's folder.
    pub files: Vec<(String, String)>,
}

/// A lot in a status report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LotStatus {
    /// The lot.
    pub lot: String,
    /// Its kind.
    pub kind: String,
    /// The night it left.
    pub night: String,
    /// `releasing` or `released`.
    pub state: String,
    /// How many pieces it has.
    pub pieces: i64,
    /// The template and its version.
    pub template: String,
    /// Its files.
    pub files: Vec<String>,
}

/// A piece in a status report. Says nothing of the holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PieceStatus {
    /// The printed reference.
    pub piece_id: String,
    /// The lot.
    pub lot: String,
    /// Its kind.
    pub kind: String,
    /// Its sequence in the lot.
    pub sequence: i64,
    /// Its state.
    pub state: String,
    /// The night it left.
    pub night: String,
    /// Its print file.
    pub file: String,
    /// Its first page in that file.
    pub first_page: i64,
}

impl Ledger {
    /// The night on which a file with this SHA-256 was taken in.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn night_of_file(&self, sha256: &str) -> Result<Option<Date>, LedgerError> {
        let sql = "SELECT night FROM intake_file WHERE sha256 = ?1";
        let night: Option<String> =
            self.check(self.db.query_row(sql, [sha256], |row| row.get(0)).optional())?;
        Ok(night.and_then(|night| night.parse().ok()))
    }

    /// The night on which a card's letter was first requested.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn night_of_card(&self, card_number: &str) -> Result<Option<Date>, LedgerError> {
        let sql = "SELECT night FROM record WHERE card_number = ?1 AND reason <> 'codes_reissue' LIMIT 1";
        let mut statement = self.check(self.db.prepare_cached(sql))?;
        let night: Option<String> =
            self.check(statement.query_row([card_number], |row| row.get(0)).optional())?;
        Ok(night.and_then(|night| night.parse().ok()))
    }

    /// Whether a mailer of the card waits.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn mailer_waits(&self, card_number: &str) -> Result<bool, LedgerError> {
        let sql = "SELECT count(*) FROM duty JOIN record ON record.id = duty.record
                   WHERE record.card_number = ?1 AND duty.kind = 'mailer' AND duty.state = 'waiting'";
        let mut statement = self.check(self.db.prepare_cached(sql))?;
        let count: i64 = self.check(statement.query_row([card_number], |row| row.get(0)))?;
        Ok(count > 0)
    }

    /// Whether a card's letter waits or has left.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn letter_of_card(&self, card_number: &str) -> Result<LetterState, LedgerError> {
        let sql = "SELECT duty.state, duty.due FROM duty JOIN record ON record.id = duty.record
                   WHERE record.card_number = ?1 AND duty.kind = 'letter'
                   AND duty.state IN ('waiting', 'released') ORDER BY duty.id DESC LIMIT 1";
        let mut statement = self.check(self.db.prepare_cached(sql))?;
        let found = statement.query_row([card_number], |row| Ok((row.get(0)?, row.get(1)?))).optional();
        let found: Option<(String, Option<String>)> = self.check(found)?;
        Ok(match found {
            None => LetterState::None,
            Some((state, due)) => match due.and_then(|due| due.parse().ok()) {
                Some(night) if state == "released" => LetterState::Left(night),
                _ => LetterState::Waiting,
            },
        })
    }

    /// How many mailers wait for the letters of these duties.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn followers(&self, duties: &[i64]) -> Result<u64, LedgerError> {
        let sql = "SELECT count(*) FROM duty WHERE kind = 'mailer' AND state = 'waiting' AND due IS NULL
                   AND record = (SELECT record FROM duty WHERE id = ?1)";
        let mut statement = self.check(self.db.prepare(sql))?;
        let mut followers = 0;
        for duty in duties {
            let count: i64 = self.check(statement.query_row([duty], |row| row.get(0)))?;
            followers += count.unsigned_abs();
        }
        Ok(followers)
    }

    /// The last night on which something was released.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn last_night(&self) -> Result<Option<Date>, LedgerError> {
        let night: Option<String> =
            self.check(self.db.query_row("SELECT max(night) FROM lot", [], |row| row.get(0)))?;
        Ok(night.and_then(|night| night.parse().ok()))
    }

    /// Calls `visit` for the duties due on or before a day, oldest first, each with its record as JSON.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`]; [`LedgerError::Damaged`]: a stored record can't be read; those of `visit`.
    pub(crate) fn due<E: From<LedgerError>>(
        &self,
        day: Date,
        mut visit: impl FnMut(Waiting, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = "SELECT duty.id, duty.kind, record.id, record.body, record.source_file, record.line
                   FROM duty JOIN record ON record.id = duty.record
                   WHERE duty.state = 'waiting' AND duty.due <= ?1 ORDER BY duty.id";
        let mut statement = self.check(self.db.prepare(sql))?;
        let mut rows = self.check(statement.query([day.to_string()]))?;
        while let Some(row) = self.check(rows.next())? {
            let body: String = self.check(row.get(3))?;
            visit(self.waiting(row, &body)?, &body)?;
        }
        Ok(())
    }

    fn waiting(&self, row: &Row, body: &str) -> Result<Waiting, LedgerError> {
        let kind: String = self.check(row.get(1))?;
        let record: i64 = self.check(row.get(2))?;
        let line: i64 = self.check(row.get(5))?;
        let damaged = |reason: String| LedgerError::Damaged { file: self.file.clone(), record, reason };
        Ok(Waiting {
            duty: self.check(row.get(0))?,
            kind: PieceKind::parse(&kind).ok_or_else(|| damaged(format!("unknown kind `{kind}`")))?,
            issuance: serde_json::from_str(body).map_err(|error| damaged(error.to_string()))?,
            source_file: self.check(row.get(4))?,
            line: line.unsigned_abs(),
        })
    }

    /// How many duties wait for a later day, or for their letter.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn waiting_count(&self) -> Result<u64, LedgerError> {
        let sql = "SELECT count(*) FROM duty WHERE state = 'waiting'";
        let count: i64 = self.check(self.db.query_row(sql, [], |row| row.get(0)))?;
        Ok(count.unsigned_abs())
    }

    /// How many lots of a kind the night has.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn lots_of_night(&self, night: Date, kind: PieceKind) -> Result<u8, LedgerError> {
        let sql = "SELECT count(*) FROM lot WHERE night = ?1 AND kind = ?2";
        let parameters = params![night.to_string(), kind.code()];
        let count: i64 = self.check(self.db.query_row(sql, parameters, |row| row.get(0)))?;
        Ok(u8::try_from(count).unwrap_or(u8::MAX))
    }

    /// The tracking number used last.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn last_tracking_number(&self) -> Result<Option<u64>, LedgerError> {
        let sql = "SELECT tracking FROM piece WHERE kind = 'mailer' AND lot =
                   (SELECT lot FROM lot WHERE kind = 'mailer' ORDER BY rowid DESC LIMIT 1)
                   ORDER BY sequence DESC LIMIT 1";
        let last: Option<i64> = self.check(self.db.query_row(sql, [], |row| row.get(0)).optional())?;
        Ok(last.map(i64::unsigned_abs))
    }

    /// The summaries of a night's runs, in their order.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn runs(&self, night: Date) -> Result<Vec<String>, LedgerError> {
        let mut statement =
            self.check(self.db.prepare("SELECT body FROM run WHERE night = ?1 ORDER BY id"))?;
        let rows = statement.query_map([night.to_string()], |row| row.get(0));
        self.check(rows.and_then(Iterator::collect))
    }

    /// The summary of the last run that sealed mailers for somebody.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn last_run_with_recipients(&self) -> Result<Option<String>, LedgerError> {
        let sql = "SELECT body FROM run
                   WHERE json_valid(body) AND json_array_length(body, '$.recipients') > 0
                   ORDER BY id DESC LIMIT 1";
        self.check(self.db.query_row(sql, [], |row| row.get(0)).optional())
    }

    /// Calls `visit` for the rejects (or warnings) of a night's runs.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`]; those of `visit`.
    pub(crate) fn findings<E: From<LedgerError>>(
        &self,
        night: Date,
        kind: &str,
        mut visit: impl FnMut(&Finding) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = "SELECT source_file, line, card_number, field, code, message, client_ref FROM finding
                   JOIN run ON run.id = finding.run
                   WHERE run.night = ?1 AND finding.kind = ?2 ORDER BY finding.rowid";
        let mut statement = self.check(self.db.prepare(sql))?;
        let mut rows = self.check(statement.query(params![night.to_string(), kind]))?;
        while let Some(row) = self.check(rows.next())? {
            visit(&self.check(finding(row))?)?;
        }
        Ok(())
    }

    /// The nights whose release was interrupted, with the files of their lots.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn interrupted(&self) -> Result<Vec<Interrupted>, LedgerError> {
        let sql = "SELECT DISTINCT run.night, print_file.path, print_file.sha256 FROM run
                   LEFT JOIN lot ON lot.night = run.night AND lot.state = 'releasing'
                   LEFT JOIN print_file ON print_file.lot = lot.lot AND print_file.kind = lot.kind
                   WHERE run.state = 'releasing' ORDER BY run.night, print_file.path";
        let mut statement = self.check(self.db.prepare(sql))?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        let rows: Vec<(String, Option<String>, Option<String>)> =
            self.check(rows.and_then(Iterator::collect))?;
        let mut nights: Vec<Interrupted> = Vec::new();
        for (night, path, sha256) in rows {
            let Ok(night) = night.parse::<Date>() else { continue };
            if nights.last().is_none_or(|last| last.night != night) {
                nights.push(Interrupted { night, files: Vec::new() });
            }
            if let Some(last) = nights.last_mut() {
                last.files.extend(path.zip(sha256));
            }
        }
        Ok(nights)
    }

    /// The lots, newest first; with `name`, only those of this name.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn lots(&self, name: Option<&str>) -> Result<Vec<LotStatus>, LedgerError> {
        let sql = "SELECT lot, kind, night, state, pieces, template,
                   (SELECT group_concat(path, char(10)) FROM print_file
                    WHERE print_file.lot = lot.lot AND print_file.kind = lot.kind)
                   FROM lot WHERE ?1 IS NULL OR lot = ?1 ORDER BY night DESC, lot DESC, kind";
        let mut statement = self.check(self.db.prepare(sql))?;
        let rows = statement.query_map([name], |row| {
            let files: Option<String> = row.get(6)?;
            Ok(LotStatus {
                lot: row.get(0)?,
                kind: row.get(1)?,
                night: row.get(2)?,
                state: row.get(3)?,
                pieces: row.get(4)?,
                template: row.get(5)?,
                files: files.map(|files| files.lines().map(str::to_owned).collect()).unwrap_or_default(),
            })
        });
        self.check(rows.and_then(Iterator::collect))
    }

    /// The piece with this printed reference.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn piece(&self, piece_id: &str) -> Result<Option<PieceStatus>, LedgerError> {
        let Some((lot, kind, sequence)) = LotName::of_piece(piece_id) else { return Ok(None) };
        let sql = "SELECT piece_id, piece.lot, piece.kind, sequence, piece.state, night, file, first_page
                   FROM piece JOIN lot ON lot.lot = piece.lot AND lot.kind = piece.kind
                   WHERE piece.lot = ?1 AND piece.kind = ?2 AND sequence = ?3";
        let row = self.db.query_row(sql, params![lot.as_str(), kind.code(), sequence], |row| {
            Ok(PieceStatus {
                piece_id: row.get(0)?,
                lot: row.get(1)?,
                kind: row.get(2)?,
                sequence: row.get(3)?,
                state: row.get(4)?,
                night: row.get(5)?,
                file: row.get(6)?,
                first_page: row.get(7)?,
            })
        });
        self.check(row.optional())
    }
}

fn finding(row: &Row) -> rusqlite::Result<Finding> {
    Ok(Finding {
        source_file: row.get(0)?,
        line: row.get::<_, i64>(1)?.unsigned_abs(),
        card_number: row.get(2)?,
        field: row.get(3)?,
        code: row.get(4)?,
        message: row.get(5)?,
        client_ref: row.get(6)?,
    })
}
