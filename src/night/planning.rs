//! Planning: records, date and ledger become the pieces that leave tonight, those that wait, and those that never
//! will.
//!
//! Takes valid records as they are read, and what the ledger holds. Gives pieces in lot order, without numbers yet: a
//! piece can still be refused by composition, and a refused piece takes no number. Keeps of each record what decisions
//! need, thirty-two bytes; the rest lies in a spool. Never writes the ledger.

mod entry;
mod pieces;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::{Date, Time};
use rayon::prelude::*;

pub use entry::Fate;
pub(super) use entry::{Entry, Sends};

use super::findings::{Findings, Weight};
use super::intake::{Outcome, TakenIn};
use super::spool::Spool;
use crate::failure::Failure;
use crate::ledger::{Finding, Ledger, LedgerError, LetterState, Waiting};
use composition::fact_values;
use mail::calendar::Calendar;
use mail::card::{CardNumber, CardStatus};
use mail::issuance::Issuance;
use mail::piece::PieceKind;
use mail::reason::Reason;

/// What a plan depends on besides records and ledger.
#[derive(Debug, Clone)]
pub struct Occasion {
    /// The night's date.
    pub night: Date,
    /// The only kind to send, where not both.
    pub only: Option<PieceKind>,
    /// The working days.
    pub calendar: Calendar,
    /// From when on an incident counts for the next working day.
    pub cut_off: Time,
}

/// A piece that leaves tonight, brought back from the spool.
#[derive(Debug, Clone)]
pub struct DuePiece {
    /// Its entry, by its place in the plan.
    pub(super) entry: u32,
    /// Its record.
    pub issuance: Issuance,
}

/// A row with what the spool keeps of it.
pub(super) struct RowToPlan {
    row: Outcome,
    body: Vec<u8>,
}

impl RowToPlan {
    /// Prepares a batch, on all cores.
    pub fn batch(rows: Vec<Outcome>) -> Vec<RowToPlan> {
        let prepare = |row| {
            let body = match &row {
                Outcome::Taken(taken, _) => serde_json::to_vec(&taken.issuance).unwrap_or_default(),
                Outcome::Rejected(..) => Vec::new(),
            };
            RowToPlan { row, body }
        };
        rows.into_par_iter().with_min_len(32).map(prepare).collect()
    }
}

/// The night's plan.
#[derive(Debug)]
pub(super) struct Plan {
    occasion: Occasion,
    /// The duties that the ledger held for tonight, then the records taken in, in the order of their files: lot order.
    pub entries: Vec<Entry>,
    /// The duties that the ledger held: those of the first entries.
    pub duties: Vec<i64>,
    records: Spool,
    names: Vec<Arc<str>>,
    facts: Facts,
    /// Cards whose waiting pieces must not leave, in order once the plan is complete.
    pub cancelled_cards: Vec<CardNumber>,
    /// Refusals and what a person should know.
    pub findings: Findings,
    /// Rows that were no records.
    pub rejected_rows: u64,
    /// Pieces that were due and wait all the same.
    pub held: u64,
}

/// The facts of pieces, each combination once.
#[derive(Debug, Default)]
struct Facts {
    known: Vec<FactValues>,
    places: HashMap<FactValues, u16>,
}

type FactValues = [&'static str; 5];

impl Facts {
    fn place(&mut self, values: FactValues) -> u16 {
        *self.places.entry(values).or_insert_with(|| {
            self.known.push(values);
            self.known.len() as u16 - 1
        })
    }
}

impl Plan {
    /// Begins a plan with what the ledger holds for tonight; its spools are made beside `place`.
    ///
    /// # Errors
    /// Those of the ledger and the disk.
    pub fn begin(occasion: Occasion, ledger: &Ledger, place: &Path) -> Result<Plan, Failure> {
        let mut plan = Plan {
            entries: Vec::new(),
            duties: Vec::new(),
            records: Spool::beside(place, "records")?,
            names: Vec::new(),
            facts: Facts::default(),
            cancelled_cards: Vec::new(),
            findings: Findings::beside(place)?,
            rejected_rows: 0,
            held: 0,
            occasion,
        };
        let night = plan.occasion.night;
        ledger.due(night, |waiting, body| plan.carry(&waiting, body))?;
        Ok(plan)
    }

    fn carry(&mut self, waiting: &Waiting, body: &str) -> Result<(), Failure> {
        let facts = self.facts.place(fact_values(waiting.kind, &waiting.issuance));
        self.entries.push(Entry {
            place: self.records.add(body.as_bytes())?,
            card: waiting.issuance.card_number,
            file: name_place(&mut self.names, &waiting.source_file),
            line: waiting.line as u32,
            fate: Fate::Piece,
            sends: Sends::only(waiting.kind),
            due: self.occasion.night,
            facts,
        });
        self.duties.push(waiting.duty);
        Ok(())
    }

    /// Takes a batch of rows; `names` are those of their files.
    ///
    /// # Errors
    /// Those of the ledger and the disk.
    pub fn take(&mut self, rows: Vec<RowToPlan>, names: &[String], ledger: &Ledger) -> Result<(), Failure> {
        for RowToPlan { row, body } in rows {
            match row {
                Outcome::Taken(taken, warnings) => {
                    self.note(Weight::Warning, &warnings)?;
                    let name = names.get(taken.file).map_or("", String::as_str);
                    self.take_record(&taken, &body, name, ledger)?;
                }
                Outcome::Rejected(rejects, revoked) => {
                    self.rejected_rows += 1;
                    self.cancelled_cards.extend(revoked);
                    self.note(Weight::Reject, &rejects)?;
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, weight: Weight, findings: &[Finding]) -> Result<(), Failure> {
        findings.iter().try_for_each(|finding| self.findings.add(weight, finding))?;
        Ok(())
    }

    /// Decides what a new record leads to.
    fn take_record(
        &mut self,
        taken: &TakenIn,
        body: &[u8],
        name: &str,
        ledger: &Ledger,
    ) -> Result<(), Failure> {
        let issuance = &taken.issuance;
        let sends = Sends::of(issuance);
        let kind = sends.first().unwrap_or(PieceKind::Letter);
        let mut entry = Entry {
            place: self.records.add(body)?,
            card: issuance.card_number,
            file: name_place(&mut self.names, name),
            line: taken.line as u32,
            fate: Fate::Deferred,
            sends,
            due: self.occasion.calendar.first_piece_due(issuance, self.occasion.cut_off),
            facts: self.facts.place(fact_values(kind, issuance)),
        };
        match self.objection(issuance, ledger)? {
            Some((fate, code, message)) => {
                (entry.fate, entry.sends) = (fate, Sends::Nothing);
                let weight = if fate == Fate::Rejected { Weight::Reject } else { Weight::Warning };
                let field = match code {
                    "revoked" => "status",
                    "mailer_waits" => "reason",
                    _ => "card_number",
                };
                self.findings.add(weight, &finding(name, &entry, field, code, message))?;
            }
            None => {
                if let (Reason::Incident, Some(replaced)) = (issuance.reason, issuance.replaced_card_number) {
                    self.cancelled_cards.push(replaced);
                }
            }
        }
        if issuance.status == CardStatus::Revoked {
            self.cancelled_cards.push(issuance.card_number);
        }
        self.entries.push(entry);
        Ok(())
    }

    /// Why nothing is sent for a record: its fate, a code and a message.
    fn objection(
        &self,
        issuance: &Issuance,
        ledger: &Ledger,
    ) -> Result<Option<(Fate, &'static str, String)>, LedgerError> {
        let card = issuance.card_number.as_str();
        if issuance.status == CardStatus::Revoked {
            let message = "the card is revoked: nothing is sent, and what still waited for it is cancelled";
            return Ok(Some((Fate::Nothing, "revoked", message.to_owned())));
        }
        if let Some(night) = ledger.dead_since(card)? {
            let message = format!(
                "card `{card}` was revoked or replaced on {night}; send the record of the card that is valid"
            );
            return Ok(Some((Fate::Rejected, "card_revoked", message)));
        }
        let sent = if issuance.reason.letter() { ledger.night_of_card(card)? } else { None };
        if let Some(night) = sent {
            let message = format!(
                "the ledger has taken in card `{card}` on {night}; send only new and corrected records, in a file of their own (codes are asked again with reason `codes_reissue`)"
            );
            return Ok(Some((Fate::Rejected, "already_taken_in", message)));
        }
        if issuance.reason == Reason::CodesReissue && ledger.mailer_waits(card)? {
            let message = "the card's codes wait for their day already: they are not sent twice";
            return Ok(Some((Fate::Nothing, "mailer_waits", message.to_owned())));
        }
        Ok(None)
    }

    /// Completes the plan once every row is in.
    ///
    /// # Errors
    /// Those of the ledger and the disk.
    pub fn complete(&mut self, ledger: &Ledger) -> Result<(), Failure> {
        self.cancelled_cards.sort_unstable();
        self.cancelled_cards.dedup();
        for index in 0..self.entries.len() {
            self.decide(index)?;
        }
        self.keep_apart(ledger)
    }

    /// Decides whether an entry's first piece leaves tonight; none of a card that tonight's records revoke or replace.
    fn decide(&mut self, index: usize) -> Result<(), Failure> {
        let entry = &self.entries[index];
        let Some(kind) = entry.sends.first() else { return Ok(()) };
        let wanted = self.occasion.only.is_none_or(|only| only == kind);
        let cancelled = self.cancelled_cards.binary_search(&entry.card).is_ok();
        let fate = match cancelled {
            true => Fate::Nothing,
            false if wanted && entry.due <= self.occasion.night => Fate::Piece,
            false => Fate::Deferred,
        };
        if cancelled && index >= self.carried() {
            let message =
                "another record of tonight revokes the card, or replaces it at once: nothing is sent";
            let name = &self.names[usize::from(entry.file)];
            let finding = finding(name, entry, "card_number", "revoked_tonight", message);
            self.findings.add(Weight::Warning, &finding)?;
            self.entries[index].sends = Sends::Nothing;
        }
        self.entries[index].fate = fate;
        Ok(())
    }

    /// Holds back every mailer whose card's letter leaves tonight, still waits, or left less than one working day
    /// ago: card and codes never travel together (pieces.md §3).
    fn keep_apart(&mut self, ledger: &Ledger) -> Result<(), Failure> {
        let mailers: Vec<u32> = self.pieces(PieceKind::Mailer).collect();
        if mailers.is_empty() {
            return Ok(());
        }
        let mut letters: Vec<CardNumber> =
            self.pieces(PieceKind::Letter).map(|index| self.entry(index).card).collect();
        letters.sort_unstable();
        for index in mailers {
            let card = self.entry(index).card;
            let earliest = match ledger.letter_of_card(card.as_str())? {
                LetterState::None => self.occasion.night,
                LetterState::Waiting => Date::MAX,
                LetterState::Left(night) => self.occasion.calendar.mailer_due(night),
            };
            if letters.binary_search(&card).is_ok() || earliest > self.occasion.night {
                let message =
                    "the card's letter has not left yet, or not a working day ago: the mailer waits";
                self.defer(index, "held_for_letter", message)?;
            }
        }
        Ok(())
    }
}

/// The place of a file's name among the names, where it is put if it is not there yet.
fn name_place(names: &mut Vec<Arc<str>>, name: &str) -> u16 {
    let known = names.iter().rposition(|known| **known == *name);
    known.unwrap_or_else(|| {
        names.push(name.into());
        names.len() - 1
    }) as u16
}

fn finding(name: &str, entry: &Entry, field: &str, code: &str, message: impl Into<String>) -> Finding {
    Finding {
        source_file: name.to_owned(),
        line: u64::from(entry.line),
        card_number: entry.card.to_string(),
        field: field.to_owned(),
        code: code.to_owned(),
        message: message.into(),
    }
}
