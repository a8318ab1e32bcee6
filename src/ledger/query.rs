//! What a night asks the ledger.

use jiff::civil::Date;

use super::database::Value::{Bytes, Integer, Text};
use super::returning::let_go;
use super::{AlarmKind, Finding, Ledger, LedgerError, Row, sealing};
use mail::issuance::Issuance;
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LetterState {
    /// The ledger has no letter of the card.
    None,
    /// The letter waits.
    Waiting,
    /// The letter left.
    Left {
        /// The night of its release; of a letter that was printed again, the reprint's.
        night: Date,
        /// The day on which its lot was settled; `None` while it is not.
        settled: Option<Date>,
    },
    /// The letter was released, and does not leave as things stand.
    Held {
        /// Its printed reference.
        piece_id: String,
        /// Why: its state, or what its alarm is about.
        why: &'static str,
    },
}

/// A night whose release was interrupted: some of its files may be missing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Interrupted {
    /// The night.
    pub night: Date,
    /// Its files with their SHA-256, relative to the night's folder.
    pub files: Vec<(String, String)>,
}

impl Ledger {
    /// The night on which a file with this SHA-256 was taken in.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn night_of_file(&self, sha256: &str) -> Result<Option<Date>, LedgerError> {
        self.date("SELECT night FROM intake_file WHERE sha256 = ?1", &[Text(sha256)])
    }

    /// The night on which a card's letter was first requested.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn night_of_card(&self, card_number: &str) -> Result<Option<Date>, LedgerError> {
        let sql =
            "SELECT night FROM record WHERE card = ?1 AND reason <> 'codes_reissue' ORDER BY id LIMIT 1";
        self.date(sql, &[Bytes(&self.hash(card_number))])
    }

    /// Whether a mailer of the card waits.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn mailer_waits(&self, card_number: &str) -> Result<bool, LedgerError> {
        let sql = "SELECT count(*) FROM duty JOIN record ON record.id = duty.record
                   WHERE record.card = ?1 AND duty.kind = 'mailer' AND duty.state = 'waiting'";
        Ok(self.count(sql, &[Bytes(&self.hash(card_number))])? > 0)
    }

    /// Whether a card's letter waits or has left. One that came back is held where `returned_hold` says so, until a person lets its
    /// mailer go.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn letter_of_card(
        &self,
        card_number: &str,
        returned_hold: bool,
    ) -> Result<LetterState, LedgerError> {
        let sql = format!(
"SELECT duty.state, lot.night, lot.id, piece.sequence, coalesce(piece.state, lot.state), milestone.day,
                   piece.duty, piece.attempt,
                   (SELECT min(kind) FROM alarm
                    WHERE alarm.lot = piece.lot AND alarm.sequence = piece.sequence AND decided IS NULL),
                   {}
                   FROM record JOIN duty ON duty.record = record.id LEFT JOIN piece ON piece.duty = duty.id
                   LEFT JOIN lot ON lot.id = piece.lot
                   LEFT JOIN milestone ON milestone.lot = lot.id AND milestone.name = 'settled'
                   WHERE record.card = ?1 AND duty.kind = 'letter' AND duty.state IN ('waiting', 'released')
                   ORDER BY duty.id DESC, piece.attempt DESC LIMIT 1",
let_go("piece")
);
        let found = self.one(&sql, &[Bytes(&self.hash(card_number))], |row| {
            let night = row.text(1)?.and_then(|night| night.parse().ok());
            let Some(night) = night.filter(|_| row.text(0).is_ok_and(|state| state == Some("released")))
            else {
                return Ok((LetterState::Waiting, None));
            };
            let state = self.state(row.need_text(4)?, row.need_integer(2)?)?;
            let alarm = row.text(8)?.and_then(AlarmKind::parse);
            let keeps_back = state.keeps_back_mailers(returned_hold, row.need_count(9)? > 0);
            match alarm.map(AlarmKind::code).or_else(|| keeps_back.then(|| state.code())) {
                None => {
                    let settled = row.text(5)?.and_then(|day| day.parse().ok());
                    Ok((LetterState::Left { night, settled }, None))
                }
                Some(why) => {
                    let held = LetterState::Held { piece_id: String::new(), why };
                    Ok((held, Some((row.need_integer(6)?, row.need_integer(7)?))))
                }
            }
        })?;
        Ok(match found {
            Some((LetterState::Held { why, .. }, Some((duty, attempt)))) => {
                LetterState::Held { piece_id: self.reference(duty, attempt)?, why }
            }
            Some((state, _)) => state,
            None => LetterState::None,
        })
    }

    /// How many mailers wait for the letters of these duties.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn followers(&self, duties: &[i64]) -> Result<u64, LedgerError> {
        let sql = "SELECT count(*) FROM duty WHERE kind = 'mailer' AND state = 'waiting' AND due IS NULL
                   AND record = (SELECT record FROM duty WHERE id = ?1)";
        let count = |duty: &i64| self.count(sql, &[Integer(*duty)]);
        duties.iter().map(count).sum()
    }

    /// The last night on which something was released. Pieces that are printed again have no night.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn last_night(&self) -> Result<Option<Date>, LedgerError> {
        self.date("SELECT max(night) FROM lot WHERE name NOT LIKE '%.%'", &[])
    }

    /// Calls `visit` for the duties due on or before a day, oldest first, each with its record. `only`: those of one kind.
    ///
    /// # Errors
    /// Those of the database and the keys; [`LedgerError::Damaged`]: a stored record can't be read; those of `visit`.
    pub(crate) fn due<E: From<LedgerError>>(
        &self,
        day: Date,
        only: Option<PieceKind>,
        mut visit: impl FnMut(Waiting) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = "SELECT duty.id, duty.kind, record.id, record.body, record.night, record.key_month,
                   record.source_file, record.line FROM duty JOIN record ON record.id = duty.record
                   WHERE duty.state = 'waiting' AND duty.due <= ?1
                   AND duty.kind IN (?2, ?3) ORDER BY duty.id";
        let [letter, mailer] = PieceKind::ALL.map(|kind| only.unwrap_or(kind).code());
        let mut body = Vec::new();
        self.each(sql, &[Text(&day.to_string()), Text(letter), Text(mailer)], |row| {
            let waiting = self.waiting(row, &mut body)?;
            visit(waiting)
        })
    }

    fn waiting(&self, row: &dyn Row, body: &mut Vec<u8>) -> Result<Waiting, LedgerError> {
        let record = row.need_integer(2)?;
        let kind = row.need_text(1)?;
        self.unseal_record(record, row.bytes(3)?, row.need_text(4)?, row.text(5)?, body)?;
        Ok(Waiting {
            duty: row.need_integer(0)?,
            kind: PieceKind::parse(kind)
                .ok_or_else(|| self.damaged("record", record, format!("unknown kind `{kind}`")))?,
            issuance: serde_json::from_slice(body).map_err(|error| self.damaged("record", record, error))?,
            source_file: row.need_text(6)?.to_owned(),
            line: row.need_count(7)?,
        })
    }

    /// Opens the body of a record.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`]: it was purged; errors of the keys.
    pub(super) fn unseal_record(
        &self,
        record: i64,
        sealed: Option<&[u8]>,
        night: &str,
        key_month: Option<&str>,
        body: &mut Vec<u8>,
    ) -> Result<(), LedgerError> {
        let sealed = sealed.ok_or_else(|| self.damaged("record", record, "it was purged"))?;
        let month = sealing::key_month(night, key_month)?;
        Ok(self.keys.unseal(month, record.unsigned_abs(), "record", sealed, body)?)
    }

    /// How many duties wait for a later day, or for their letter.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn waiting_count(&self) -> Result<u64, LedgerError> {
        self.count("SELECT count(*) FROM duty WHERE state = 'waiting'", &[])
    }

    /// How many lots of a kind the night has. Reprint lots take no letter of its alphabet.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn lots_of_night(&self, night: Date, kind: PieceKind) -> Result<u8, LedgerError> {
        let sql = "SELECT count(*) FROM lot WHERE night = ?1 AND kind = ?2 AND name NOT LIKE '%.%'";
        let count = self.count(sql, &[Text(&night.to_string()), Text(kind.code())])?;
        Ok(u8::try_from(count).unwrap_or(u8::MAX))
    }

    /// The tracking number used last.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn last_tracking_number(&self) -> Result<Option<u64>, LedgerError> {
        let sql =
            "SELECT first_tracking + pieces - 1 FROM lot WHERE kind = 'mailer' AND first_tracking IS NOT NULL
                   ORDER BY id DESC LIMIT 1";
        Ok(self.number(sql, &[])?.map(i64::unsigned_abs))
    }

    /// The summaries of a night's runs, in their order. One that was purged is left out.
    ///
    /// # Errors
    /// Those of the database and of the keys.
    pub(crate) fn runs(&self, night: Date) -> Result<Vec<String>, LedgerError> {
        let sql =
            "SELECT id, body, night, key_month FROM run WHERE night = ?1 AND body IS NOT NULL ORDER BY id";
        self.list(sql, &[Text(&night.to_string())], |row| self.summary(row))
    }

    /// The summaries of the last 20 runs, the last one first. One that was purged is left out.
    ///
    /// # Errors
    /// Those of the database and of the keys.
    pub(crate) fn last_runs(&self) -> Result<Vec<String>, LedgerError> {
        let sql =
            "SELECT id, body, night, key_month FROM run WHERE body IS NOT NULL ORDER BY id DESC LIMIT 20";
        self.list(sql, &[], |row| self.summary(row))
    }

    /// How many records the files had that were taken in, accepted or rejected.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn records_taken_in(&self) -> Result<u64, LedgerError> {
        self.count("SELECT CAST(coalesce(sum(rows), 0) AS BIGINT) FROM intake_file", &[])
    }

    /// Whether a night has released something.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn knows_night(&self, night: Date) -> Result<bool, LedgerError> {
        Ok(self.count("SELECT count(*) FROM run WHERE night = ?1", &[Text(&night.to_string())])? > 0)
    }

    /// The summary of the last run that sealed mailers for somebody.
    ///
    /// # Errors
    /// Those of the database and of the keys.
    pub(crate) fn last_run_with_recipients(&self) -> Result<Option<String>, LedgerError> {
        let sql = "SELECT id, body, night, key_month FROM run WHERE sealed_for > 0 AND body IS NOT NULL
                   ORDER BY id DESC LIMIT 1";
        self.one(sql, &[], |row| self.summary(row))
    }

    /// The summary of a run, whose number, body, night and month of the key are a row's first columns.
    pub(super) fn summary(&self, row: &dyn Row) -> Result<String, LedgerError> {
        let run = row.need_integer(0)?;
        let month = sealing::key_month(row.need_text(2)?, row.text(3)?)?;
        let mut body = Vec::new();
        self.keys.unseal(month, run.unsigned_abs(), "run", row.bytes(1)?.unwrap_or_default(), &mut body)?;
        String::from_utf8(body).map_err(|error| self.damaged("run", run, error))
    }

    /// Calls `visit` for the rejects (or warnings) of a night's runs.
    ///
    /// # Errors
    /// Those of the database, of the keys and of `visit`.
    pub(crate) fn findings<E: From<LedgerError>>(
        &self,
        night: Date,
        kind: &str,
        mut visit: impl FnMut(&Finding) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql =
            "SELECT id, body, night, key_month FROM finding WHERE run IN (SELECT id FROM run WHERE night = ?1)
                   AND kind = ?2 ORDER BY id";
        self.each(sql, &[Text(&night.to_string()), Text(kind)], |row| visit(&self.finding(row)?))
    }

    /// A finding, whose number, body, night and month of the key are a row's first columns.
    pub(super) fn finding(&self, row: &dyn Row) -> Result<Finding, LedgerError> {
        let id = row.need_integer(0)?;
        let month = sealing::key_month(row.need_text(2)?, row.text(3)?)?;
        let mut body = Vec::new();
        let sealed = row.bytes(1)?.unwrap_or_default();
        self.keys.unseal(month, id.unsigned_abs(), "finding", sealed, &mut body)?;
        serde_json::from_slice(&body).map_err(|error| self.damaged("finding", id, error))
    }

    /// The nights whose release was interrupted, with the files of their lots.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn interrupted(&self) -> Result<Vec<Interrupted>, LedgerError> {
        let sql = "SELECT DISTINCT run.night, print_file.path, print_file.sha256 FROM run
                   LEFT JOIN lot ON lot.night = run.night AND lot.state = 'composed'
                   LEFT JOIN print_file ON print_file.lot = lot.id
                   WHERE run.state = 'releasing' ORDER BY run.night, print_file.path";
        let rows = self.list(sql, &[], |row| {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            Ok((row.need_text(0)?.to_owned(), owned(row.text(1)?), owned(row.text(2)?)))
        })?;
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

    /// The day of an answer of one day.
    fn date(&self, sql: &str, values: &[super::Value]) -> Result<Option<Date>, LedgerError> {
        let day = self.one(sql, values, |row| Ok(row.text(0)?.and_then(|day| day.parse().ok())))?;
        Ok(day.flatten())
    }
}
