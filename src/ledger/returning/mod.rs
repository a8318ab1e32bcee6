//! Returned mail in the ledger: which pieces came back, when and why; the pictures that were read; the addresses from which
//! mail comes back.
//!
//! A return stays for ever, by its day and reason. What names a person or a clerk goes as `docs/ledger.md` says.

mod addresses;
mod day;
mod person;
mod pictures;
mod reissue;
mod writer;

use jiff::civil::Date;
use serde::Serialize;

use super::database::Value::{Integer, Text};
use super::event::PiecePlace;
use super::{Author, Ledger, LedgerError, Row, Value, sealing};
use mail::issuance::Issuance;
use mail::lot::LotName;
use mail::piece::PieceKind;

pub(crate) use addresses::{AddressMark, HeldAddress, HoldList, RepeatedReturn};
pub(crate) use day::DayReturn;
pub(crate) use person::PersonReturn;
pub(crate) use pictures::SeenPicture;
pub(crate) use reissue::{Reissue, ReturnStatus};
pub(crate) use writer::ReturnWriter;

/// A return that is booked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewReturn<'a> {
    /// The piece.
    pub place: &'a PiecePlace,
    /// The day on which it came back.
    pub on: Date,
    /// The code of the reason.
    pub reason: &'a str,
    /// The text of the post's own label, as it was read.
    pub text: Option<&'a str>,
    /// What tells this pile from every other one.
    pub batch: &'a str,
    /// The box into which the piece goes.
    pub box_number: Option<u32>,
}

/// A return that stands: it was booked, and not undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PastReturn {
    /// The day on which the piece came back.
    #[serde(rename = "day")]
    pub on: Date,
    /// The code of the reason.
    pub reason: String,
    /// Its pile; empty once purged.
    pub batch: String,
    /// The box in which the piece lies.
    #[serde(rename = "box")]
    pub box_number: Option<u32>,
    /// Who booked it; empty once purged.
    #[serde(rename = "by_whom")]
    pub by: String,
    /// The day on which the piece was destroyed.
    pub destroyed: Option<Date>,
}

/// A destruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Destroyed {
    /// The day.
    pub on: Date,
    /// Who destroyed it; empty once purged.
    pub by: String,
    /// Who saw it; empty once purged.
    pub witness: String,
}

/// What became of a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Booked {
    /// The piece came back.
    Returned,
    /// It had come back in the same pile: an envelope and its letter are one return.
    Joined(PastReturn),
    /// It had come back in an earlier pile, or was destroyed. Nothing was booked.
    Before(PastReturn),
}

/// The expression that says how often a person let go what waits for the return of a piece that stands: 0 where nobody did.
/// `piece` is the name that the query gives to the piece.
pub(super) fn let_go(piece: &str) -> String {
    format!(
        "(SELECT count(*) FROM return_release WHERE return_release.lot = {piece}.lot
         AND return_release.sequence = {piece}.sequence AND upto >= coalesce((SELECT max(returned.id) FROM returned
             WHERE returned.lot = {piece}.lot AND returned.sequence = {piece}.sequence AND undone IS NULL), 0))"
    )
}

/// How the cause of an event begins that undoes a return.
pub(super) const UNDONE: &str = "undone: ";

/// The columns of a return that stands, by which [`past`] reads it.
const PAST: &str =
    "returned.day, returned.reason, returned.batch, returned.box, returned.by_whom, returned.destroyed";

/// A return whose columns, those of [`PAST`], begin at `first`; `None` where they are empty.
fn past(row: &dyn Row, first: usize) -> Result<Option<PastReturn>, LedgerError> {
    let Some(day) = row.text(first)? else { return Ok(None) };
    let on = day.parse().map_err(|_| LedgerError::Damaged {
        place: "the ledger".to_owned(),
        table: "returned",
        number: 0,
        reason: "its day is no date".to_owned(),
    })?;
    Ok(Some(PastReturn {
        on,
        reason: row.need_text(first + 1)?.to_owned(),
        batch: row.need_text(first + 2)?.to_owned(),
        box_number: row.integer(first + 3)?.and_then(|number| u32::try_from(number).ok()),
        by: row.need_text(first + 4)?.to_owned(),
        destroyed: row.text(first + 5)?.and_then(|day| day.parse().ok()),
    }))
}

/// The columns of a destruction, by which [`destroyed`] reads it.
const DESTROYED: &str = "destroyed, witness,
    (SELECT by_whom FROM event WHERE event.lot = returned.lot AND event.sequence = returned.sequence
     AND event.state = 'destroyed' ORDER BY event.id DESC LIMIT 1)";

/// A destruction whose columns, those of [`DESTROYED`], begin at `first`; `None` where they are empty.
fn destroyed(row: &dyn Row, first: usize) -> Result<Option<Destroyed>, LedgerError> {
    let Some(on) = row.text(first)?.and_then(|day| day.parse().ok()) else { return Ok(None) };
    let text = |column| Ok::<_, LedgerError>(row.text(column)?.unwrap_or_default().to_owned());
    Ok(Some(Destroyed { on, by: text(first + 2)?, witness: text(first + 1)? }))
}

impl Ledger {
    /// Begins the transaction of a pile of returns, or of a part of it. Others that write the ledger wait until it ends.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn begin_returns(&self, author: &Author) -> Result<ReturnWriter<'_>, LedgerError> {
        ReturnWriter::begin(self, author)
    }

    /// The return of a piece that stands; `None` where it never came back, or that was undone.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn past_return(&self, place: &PiecePlace) -> Result<Option<PastReturn>, LedgerError> {
        let sql = format!(
            "SELECT {PAST} FROM returned JOIN lot ON lot.id = returned.lot
             WHERE lot.name = ?1 AND lot.kind = ?2 AND returned.sequence = ?3 AND returned.undone IS NULL
             ORDER BY returned.id DESC LIMIT 1"
        );
        Ok(self.one(&sql, &of_place(place), |row| past(row, 0))?.flatten())
    }

    /// The record of a piece; `None` where the ledger knows no such piece, and once the record's names are purged.
    ///
    /// # Errors
    /// Those of the database and of the keys; [`LedgerError::Damaged`]: the record can't be read.
    pub(crate) fn record_of_piece(&self, place: &PiecePlace) -> Result<Option<Issuance>, LedgerError> {
        let sql = "SELECT record.id, record.body, record.night, record.key_month FROM piece
                   JOIN lot ON lot.id = piece.lot JOIN duty ON duty.id = piece.duty
                   JOIN record ON record.id = duty.record
                   WHERE lot.name = ?1 AND lot.kind = ?2 AND piece.sequence = ?3";
        Ok(self.one(sql, &of_place(place), |row| self.issuance(row, 0))?.flatten())
    }

    /// The record whose number, body, night and month of the key are the columns from `first`; `None` once it is purged.
    fn issuance(&self, row: &dyn Row, first: usize) -> Result<Option<Issuance>, LedgerError> {
        let (record, sealed) = (row.need_integer(first)?, row.bytes(first + 1)?);
        if sealed.is_none() {
            return Ok(None);
        }
        let mut body = Vec::new();
        match self.unseal_record(record, sealed, row.need_text(first + 2)?, row.text(first + 3)?, &mut body) {
            Err(error) if error.is_of_forgotten_month() => Ok(None),
            opened => {
                opened?;
                serde_json::from_slice(&body).map(Some).map_err(|error| self.damaged("record", record, error))
            }
        }
    }

    /// Takes the number of the next box of returns; nobody else gets the same.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn next_box(&self) -> Result<u32, LedgerError> {
        let transaction = self.change()?;
        // Takes the turn among those who write.
        self.last_event()?;
        let noted = self.number("SELECT value FROM note WHERE name = 'boxes'", &[])?.unwrap_or_default();
        let used = self.number("SELECT max(box) FROM returned", &[])?.unwrap_or_default();
        let next = noted.max(used) + 1;
        self.set_note("boxes", next)?;
        transaction.commit()?;
        u32::try_from(next).map_err(|error| self.damaged("note", next, error))
    }

    /// What was put into a box, in its order: the printed references, and for what was destroyed when and by whom.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn in_box(&self, number: u32) -> Result<Vec<(String, Option<Destroyed>)>, LedgerError> {
        let sql = format!(
            "SELECT piece.duty, piece.attempt, {DESTROYED} FROM returned
             JOIN piece ON piece.lot = returned.lot AND piece.sequence = returned.sequence
             WHERE box = ?1 AND undone IS NULL ORDER BY returned.id"
        );
        let pieces = self.list(&sql, &[Integer(i64::from(number))], |row| {
            Ok((row.need_integer(0)?, row.need_integer(1)?, destroyed(row, 2)?))
        })?;
        let with_reference = |(duty, attempt, destroyed)| Ok((self.reference(duty, attempt)?, destroyed));
        pieces.into_iter().map(with_reference).collect()
    }

    /// On which day and before which witness a piece was destroyed that had come back.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn destruction_of(&self, place: &PiecePlace) -> Result<Option<Destroyed>, LedgerError> {
        let sql = format!(
            "SELECT {DESTROYED} FROM returned JOIN lot ON lot.id = returned.lot
             WHERE lot.name = ?1 AND lot.kind = ?2 AND returned.sequence = ?3 AND undone IS NULL"
        );
        Ok(self.one(&sql, &of_place(place), |row| destroyed(row, 0))?.flatten())
    }

    /// The printed reference of a piece, by its place.
    ///
    /// # Errors
    /// [`LedgerError::Unknown`]; those of the database.
    pub(crate) fn reference_at(&self, place: &PiecePlace) -> Result<String, LedgerError> {
        let sql = "SELECT piece.duty, piece.attempt FROM piece JOIN lot ON lot.id = piece.lot
                   WHERE lot.name = ?1 AND lot.kind = ?2 AND piece.sequence = ?3";
        let found =
            self.one(sql, &of_place(place), |row| Ok((row.need_integer(0)?, row.need_integer(1)?)))?;
        let (duty, attempt) =
            found.ok_or_else(|| LedgerError::Unknown { what: format!("piece `{}`", place.shown()) })?;
        self.reference(duty, attempt)
    }

    /// The text of a label, whose number, sealed body, day and month of the key are a row's first columns; `None` once it is forgotten.
    fn label(&self, row: &dyn Row) -> Result<Option<String>, LedgerError> {
        self.sealed_text(row, "returned")
    }

    /// The text that a row of a table seals, by the same columns.
    fn sealed_text(&self, row: &dyn Row, table: &'static str) -> Result<Option<String>, LedgerError> {
        let (id, mut clear) = (row.need_integer(0)?, Vec::new());
        let month = sealing::key_month(row.need_text(2)?, row.text(3)?)?;
        let sealed = row.bytes(1)?.unwrap_or_default();
        let opened = self.keys.unseal(month, id.unsigned_abs(), table, sealed, &mut clear);
        match opened.map_err(LedgerError::from) {
            Err(error) if error.is_of_forgotten_month() => Ok(None),
            opened => {
                opened?;
                String::from_utf8(clear).map(Some).map_err(|error| self.damaged(table, id, error))
            }
        }
    }

    /// The place of a piece: name, kind, sequence and number of its lot are a row's first columns.
    fn place_of(&self, row: &dyn Row) -> Result<PiecePlace, LedgerError> {
        let lot = row.need_integer(3)?;
        let damaged = |reason: &str| self.damaged("lot", lot, reason);
        Ok(PiecePlace {
            lot: LotName::parse(row.need_text(0)?).ok_or_else(|| damaged("its name is none"))?,
            kind: PieceKind::parse(row.need_text(1)?).ok_or_else(|| damaged("its kind is none"))?,
            sequence: u32::try_from(row.need_integer(2)?).map_err(|_| damaged("a piece has no number"))?,
        })
    }
}

/// The values of a place, as queries of this room number them.
fn of_place(place: &PiecePlace) -> [Value<'_>; 3] {
    [Text(place.lot.as_str()), Text(place.kind.code()), Integer(i64::from(place.sequence))]
}
