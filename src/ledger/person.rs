//! What the ledger keeps of one person, and the removal of all of it (RGPD art. 15 and 17).
//!
//! A person is found by the number of a card or by the holder's identifier, both by hash, so that what was purged is said to
//! have been there. Never a code: the ledger has none.

use std::collections::BTreeSet;

use jiff::civil::Date;
use mail::identifiers::PsIdNat;
use mail::lot::LotName;
use mail::piece::PieceKind;
use serde::Serialize;

use super::database::Value::{Bytes, Integer};
use super::returning::PersonReturn;
use super::sealing::{CardHash, Marks};
use super::{Finding, Ledger, LedgerError, Row, State};
use crate::vault::ErasedCards;

/// What the ledger keeps of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Person {
    /// The records, in the order of their intake.
    pub records: Vec<PersonRecord>,
    /// The rejects and warnings that name the person.
    pub findings: Vec<PersonFinding>,
    /// Why a purge forgets nothing of the person; empty where it does.
    pub holds: Vec<String>,
    /// The texts by which the person is found in files: card numbers and identifiers.
    #[serde(skip)]
    pub names: BTreeSet<String>,
}

/// A record of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PersonRecord {
    /// The hash of its card's number.
    #[serde(skip)]
    card: CardHash,
    /// The number of its card; `None` once purged.
    pub card_number: Option<String>,
    /// The record as it was taken in; `None` once purged.
    pub record: Option<serde_json::Value>,
    /// Its reason.
    pub reason: String,
    /// The night that took it in.
    pub night: String,
    /// The file that it came from.
    pub source_file: String,
    /// Its line.
    pub line: u64,
    /// The day on which it was purged.
    pub purged: Option<String>,
    /// The pieces that it leads to.
    pub pieces: Vec<PersonPiece>,
}

/// A piece of a person, or one that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PersonPiece {
    /// The printed reference; empty before it is printed.
    pub piece_id: String,
    /// Its kind.
    pub kind: String,
    /// `waiting`, `rejected`, `cancelled`, or the state of the printed piece.
    pub state: String,
    /// The day on which it is due, or the night on which it left.
    pub day: Option<String>,
    /// Its print file, relative to the night's folder.
    pub file: Option<String>,
    /// Its first page in that file.
    pub first_page: Option<i64>,
    /// The day on which the file was removed.
    pub file_removed: Option<String>,
    /// What happened to it.
    pub events: Vec<PersonEvent>,
    /// How it came back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub returns: Vec<PersonReturn>,
    /// What was said of the pictures that show it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<serde_json::Value>,
    /// The number of its lot.
    #[serde(skip)]
    pub lot: Option<i64>,
}

/// What happened to a piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PersonEvent {
    /// When, in UTC.
    pub at: String,
    /// The state that followed.
    pub state: State,
    /// Why.
    pub cause: String,
}

/// A reject or a warning that names a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PersonFinding {
    /// Its number.
    #[serde(skip)]
    id: i64,
    /// `reject` or `warning`.
    pub kind: String,
    /// Its night.
    pub night: String,
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
}

impl Person {
    /// Whether the ledger knows nothing of the person.
    pub(crate) fn is_unknown(&self) -> bool {
        self.records.is_empty() && self.findings.is_empty()
    }

    /// The pieces of all records.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &PersonPiece> {
        self.records.iter().flat_map(|record| &record.pieces)
    }

    /// Removes what says which mailers are the person's: references, pages, and what was said of their pictures.
    pub(crate) fn hide_mailers(&mut self) {
        let pieces = self.records.iter_mut().flat_map(|record| &mut record.pieces);
        for piece in pieces.filter(|piece| piece.kind == PieceKind::Mailer.code()) {
            piece.piece_id.clear();
            piece.first_page = None;
            piece.pictures.clear();
        }
    }

    /// The numbers of the cards that the ledger can still read.
    pub(crate) fn cards(&self) -> Vec<String> {
        let cards: BTreeSet<&String> =
            self.records.iter().filter_map(|record| record.card_number.as_ref()).collect();
        cards.into_iter().cloned().collect()
    }
}

impl PersonPiece {
    /// Whether it waits, or may be printed again.
    pub(crate) fn is_under_way(&self) -> bool {
        let under_way = [State::Composed, State::Missing, State::Spoiled, State::Recalled];
        self.state == "waiting" || under_way.iter().any(|state| state.code() == self.state)
    }
}

impl Ledger {
    /// What the ledger keeps of the holder of a card, or of the holder with an identifier.
    ///
    /// # Errors
    /// Those of the database and of the keys.
    pub(crate) fn person(&self, name: &str) -> Result<Person, LedgerError> {
        let card = self.hash(name);
        let holder =
            PsIdNat::parse(name).ok().map(|holder| Marks::of_holder(&holder.to_string(), &self.keys));
        let holder = holder.unwrap_or_default();
        let sql = "SELECT id, card, body, night, key_month, reason, source_file, line, purged FROM record
            WHERE card = ?1 OR substr(marks, 1, 12) = ?2 ORDER BY id";
        let mut found = self.list(sql, &[Bytes(&card), Bytes(&holder)], |row| {
            Ok((row.need_integer(0)?, self.record_of_person(row)?))
        })?;
        let mut names = BTreeSet::from([name.to_owned()]);
        for (id, record) in &mut found {
            record.pieces = self.pieces_of_record(*id)?;
            names.extend(record.card_number.clone());
            names.extend(
                record.record.iter().filter_map(|it| Some(it.get("ps_id_nat")?.as_str()?.to_owned())),
            );
        }
        let records: Vec<PersonRecord> = found.into_iter().map(|(_, record)| record).collect();
        let findings = self.findings_of_person(&names)?;
        let holds = self.holds_of(&records)?;
        Ok(Person { records, findings, holds, names })
    }

    fn record_of_person(&self, row: &dyn Row) -> Result<PersonRecord, LedgerError> {
        let (id, night) = (row.need_integer(0)?, row.need_text(3)?);
        let mut body = zeroize::Zeroizing::new(Vec::new());
        let record = match row.bytes(2)? {
            None => None,
            sealed => match self.unseal_record(id, sealed, night, row.text(4)?, &mut body) {
                Err(error) if error.is_of_forgotten_month() => None,
                opened => {
                    opened?;
                    Some(serde_json::from_slice(&body).map_err(|error| self.damaged("record", id, error))?)
                }
            },
        };
        let number = |record: &serde_json::Value| Some(record.get("card_number")?.as_str()?.to_owned());
        let card = row.bytes(1)?.and_then(|card| card.try_into().ok());
        Ok(PersonRecord {
            card: card.ok_or_else(|| self.damaged("record", id, "its card is no hash"))?,
            card_number: record.as_ref().and_then(number),
            record,
            reason: row.need_text(5)?.to_owned(),
            night: night.to_owned(),
            source_file: row.need_text(6)?.to_owned(),
            line: row.need_count(7)?,
            purged: row.text(8)?.map(str::to_owned),
            pieces: Vec::new(),
        })
    }

    fn pieces_of_record(&self, record: i64) -> Result<Vec<PersonPiece>, LedgerError> {
        let sql = "SELECT duty.kind, duty.state, duty.due, lot.id, piece.sequence, coalesce(piece.state, lot.state),
            lot.night, path, piece.first_page, purged, first_lot.name, first.sequence, piece.attempt
            FROM duty LEFT JOIN piece ON piece.duty = duty.id LEFT JOIN lot ON lot.id = piece.lot
            LEFT JOIN print_file ON print_file.lot = lot.id AND print_file.number = piece.file
            LEFT JOIN piece first ON first.duty = duty.id AND first.attempt = 0
            LEFT JOIN lot first_lot ON first_lot.id = first.lot
            WHERE duty.record = ?1 ORDER BY duty.id, piece.attempt";
        let pieces = self.list(sql, &[Integer(record)], |row| {
            let owned = |column| Ok::<_, LedgerError>(row.text(column)?.map(str::to_owned));
            let kind = row.need_text(0)?;
            let piece = PersonPiece {
                piece_id: reference(row, kind)?.unwrap_or_default(),
                kind: kind.to_owned(),
                state: owned(5)?.map_or_else(|| Ok(row.need_text(1)?.to_owned()), Ok::<_, LedgerError>)?,
                day: owned(6)?.or(owned(2)?),
                file: owned(7)?,
                first_page: row.integer(8)?,
                file_removed: owned(9)?,
                events: Vec::new(),
                returns: Vec::new(),
                pictures: Vec::new(),
                lot: row.integer(3)?,
            };
            Ok((piece, row.integer(4)?))
        })?;
        let with_events = |(piece, sequence): (PersonPiece, Option<i64>)| {
            let Some((lot, sequence)) = piece.lot.zip(sequence) else { return Ok(piece) };
            let events = self.events_of_piece(lot, sequence)?;
            let returns = self.returns_of_piece(lot, sequence)?;
            Ok(PersonPiece { events, returns, pictures: self.pictures_of_piece(lot, sequence)?, ..piece })
        };
        pieces.into_iter().map(with_events).collect()
    }

    /// The events of a piece: those of its lot until it departed from it, then its own.
    fn events_of_piece(&self, lot: i64, sequence: i64) -> Result<Vec<PersonEvent>, LedgerError> {
        let sql = "SELECT at, state, cause FROM event WHERE lot = ?1 AND (sequence = ?2 OR (sequence IS NULL
            AND NOT EXISTS (SELECT 1 FROM event own WHERE own.lot = ?1 AND own.sequence = ?2 AND own.id < event.id)))
            ORDER BY id";
        self.list(sql, &[Integer(lot), Integer(sequence)], |row| {
            let (at, cause) = (row.need_text(0)?.to_owned(), row.need_text(2)?.to_owned());
            Ok(PersonEvent { at, state: self.state(row.need_text(1)?, lot)?, cause })
        })
    }

    /// Opens each finding and looks for these names.
    fn findings_of_person(&self, names: &BTreeSet<String>) -> Result<Vec<PersonFinding>, LedgerError> {
        let sql = "SELECT id, body, night, key_month, kind FROM finding ORDER BY id";
        let mut findings = Vec::new();
        self.db.query(sql, &[], &mut |row| {
            let finding = match self.finding(row) {
                Err(error) if error.is_of_forgotten_month() => return Ok(()),
                opened => opened?,
            };
            let id = row.need_integer(0)?;
            if names.iter().any(|name| finding.card_number == *name || has_word(&finding.message, name)) {
                let (night, kind) = (row.need_text(2)?.to_owned(), row.need_text(4)?.to_owned());
                findings.push(PersonFinding { id, kind, night, finding });
            }
            Ok(())
        })?;
        Ok(findings)
    }

    fn holds_of(&self, records: &[PersonRecord]) -> Result<Vec<String>, LedgerError> {
        let cards: BTreeSet<CardHash> = records.iter().map(|record| record.card).collect();
        let reason = |card: &CardHash| {
            self.one("SELECT reason FROM hold WHERE card = ?1", &[Bytes(card)], |row| {
                Ok(row.need_text(0)?.to_owned())
            })
        };
        let reasons = cards.iter().map(reason).collect::<Result<Vec<_>, _>>()?;
        Ok(reasons.into_iter().flatten().collect())
    }

    /// Removes what names a person: bodies and marks of records, and findings. The cards are listed first, so that no
    /// restored backup brings the person back. Returns how many rows had something.
    ///
    /// # Errors
    /// Those of the database and of the keys. The same call finishes what a failed one began.
    pub(crate) fn erase(&self, person: &Person, day: Date) -> Result<u64, LedgerError> {
        let cards: ErasedCards = person.records.iter().map(|record| (record.card, day)).collect();
        let cards = cards.into_iter().chain(person.findings.iter().filter_map(|found| {
            let number = &found.finding.card_number;
            (person.names.contains(number)).then(|| (self.hash(number), day))
        }));
        let cards: ErasedCards = cards.collect();
        self.keys.list_as_erased(&cards)?;
        let transaction = self.change()?;
        let mut rows = 0;
        for finding in &person.findings {
            rows += self.db.execute_now("DELETE FROM finding WHERE id = ?1", &[Integer(finding.id)])?;
        }
        for card in cards.keys() {
            rows += self.remove_card(card, &day.to_string())?;
        }
        self.note_cleaning()?;
        transaction.commit()?;
        self.db.clean()?;
        Ok(rows)
    }
}

/// The printed reference of a piece in a row of `pieces_of_record`; `None` where it is not printed.
fn reference(row: &dyn Row, kind: &str) -> Result<Option<String>, LedgerError> {
    let (lot, sequence, attempt) = (row.text(10)?, row.integer(11)?, row.integer(12)?);
    let number = |number: Option<i64>| number.and_then(|number| u32::try_from(number).ok());
    let lot = lot.and_then(LotName::parse);
    let parts = (lot, PieceKind::parse(kind), number(sequence), number(attempt));
    let (Some(lot), Some(kind), Some(sequence), Some(attempt)) = parts else { return Ok(None) };
    Ok(Some(lot.attempt_id(kind, sequence, attempt)))
}

/// Whether a text has a word, with no letter or digit before or after it.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    let joins = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
    let alone = |(at, found): (usize, &str)| {
        !joins(text[..at].chars().next_back()) && !joins(text[at + found.len()..].chars().next())
    };
    !word.is_empty() && text.match_indices(word).any(alone)
}
