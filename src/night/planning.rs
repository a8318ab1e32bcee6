//! Planning: records, date and ledger become the pieces that leave tonight, those that wait, and those that never
//! will.
//!
//! Takes valid records and what the ledger holds. Gives pieces in lot order, without numbers yet: a piece can still
//! be refused by composition, and a refused piece takes no number. Never writes the ledger.

use std::collections::{BTreeSet, HashSet};

use jiff::civil::{Date, Time};

use super::intake::{Intake, TakenIn};
use crate::ledger::{Finding, Ledger, LedgerError, LetterState, NewDuty, Origin, Waiting};
use crate::mail::calendar::Calendar;
use crate::mail::card::{CardStatus, Issuance};
use crate::mail::piece::PieceKind;
use crate::mail::reason::{CodesDuty, Reason};

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

/// How a record, or a duty that waited, ends this night. Every one ends in exactly one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// A piece leaves, or more than one.
    Piece,
    /// Nothing leaves tonight; something will.
    Deferred,
    /// It was refused.
    Rejected,
    /// Nothing is to be sent.
    Nothing,
}

/// A piece that leaves tonight.
#[derive(Debug, Clone)]
pub struct DuePiece<'a> {
    /// The duty it fulfils.
    pub origin: Origin,
    /// Its kind.
    pub kind: PieceKind,
    /// Its record.
    pub issuance: &'a Issuance,
    /// The record's file.
    pub source_file: &'a str,
    /// The record's line.
    pub line: u64,
}

impl DuePiece<'_> {
    /// A finding about the piece's record.
    pub fn finding(&self, field: &str, code: &str, message: impl Into<String>) -> Finding {
        Finding {
            source_file: self.source_file.to_owned(),
            line: self.line,
            card_number: self.issuance.card_number.to_string(),
            field: field.to_owned(),
            code: code.to_owned(),
            message: message.into(),
        }
    }
}

/// A record taken in tonight, with the pieces it leads to.
#[derive(Debug)]
pub struct PlannedRecord<'a> {
    /// The record.
    pub taken: &'a TakenIn,
    /// Its file.
    pub source_file: &'a str,
    /// The pieces it leads to.
    pub duties: Vec<NewDuty>,
    /// How it ends.
    pub fate: Fate,
}

/// The night's plan.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The records taken in, in the order of their files.
    pub records: Vec<PlannedRecord<'a>>,
    /// The duties that the ledger held for tonight, with how each ends.
    pub carried: Vec<(&'a Waiting, Fate)>,
    /// The pieces that leave, letters and mailers in lot order.
    pub due: Vec<DuePiece<'a>>,
    /// Cards whose waiting pieces must not leave.
    pub cancelled_cards: Vec<&'a str>,
    /// Refusals found while planning.
    pub rejects: Vec<Finding>,
    /// What a person should know.
    pub warnings: Vec<Finding>,
    /// Pieces that were due and wait all the same.
    pub held: u64,
}

/// Plans a night.
///
/// # Errors
/// Those of the ledger.
pub fn plan<'a>(
    intake: &'a Intake,
    waiting: &'a [Waiting],
    ledger: &Ledger,
    occasion: &Occasion,
) -> Result<Plan<'a>, LedgerError> {
    let mut plan = Plan {
        records: Vec::with_capacity(intake.records.len()),
        carried: Vec::new(),
        due: Vec::new(),
        cancelled_cards: Vec::new(),
        rejects: Vec::new(),
        warnings: Vec::new(),
        held: 0,
    };
    for taken in &intake.records {
        let source_file = intake.files.get(taken.file).map_or("", |file| file.name.as_str());
        plan.take(taken, source_file, ledger, occasion)?;
    }
    plan.cancelled_cards.extend(intake.revoked.iter().map(|card| card.as_str()));
    plan.cancelled_cards.sort_unstable();
    plan.cancelled_cards.dedup();
    plan.carry(waiting, occasion);
    plan.collect_new(occasion);
    plan.keep_apart(ledger, occasion)?;
    Ok(plan)
}

impl<'a> Plan<'a> {
    /// Decides what a new record leads to.
    fn take(
        &mut self,
        taken: &'a TakenIn,
        source_file: &'a str,
        ledger: &Ledger,
        occasion: &Occasion,
    ) -> Result<(), LedgerError> {
        let issuance = &taken.issuance;
        let mut record = PlannedRecord { taken, source_file, duties: Vec::new(), fate: Fate::Deferred };
        let card = issuance.card_number.as_str();
        if issuance.status == CardStatus::Revoked {
            record.fate = Fate::Nothing;
            self.cancelled_cards.push(card);
            let message = "the card is revoked: nothing is sent, and what still waited for it is cancelled";
            self.warnings.push(finding(&record, "status", "revoked", message));
        } else if let Some(night) = ledger.dead_since(card)? {
            record.fate = Fate::Rejected;
            let message = format!(
                "card `{card}` was revoked or replaced on {night}; send the record of the card that is valid"
            );
            self.rejects.push(finding(&record, "card_number", "card_revoked", message));
        } else if let Some(night) = self.already_sent(issuance, ledger)? {
            record.fate = Fate::Rejected;
            let message = format!(
                "the ledger has taken in card `{card}` on {night}; send only new and corrected records, in a file of their own (codes are asked again with reason `codes_reissue`)"
            );
            self.rejects.push(finding(&record, "card_number", "already_taken_in", message));
        } else if issuance.reason == Reason::CodesReissue && ledger.mailer_waits(card)? {
            record.fate = Fate::Nothing;
            let message = "the card's codes wait for their day already: they are not sent twice";
            self.warnings.push(finding(&record, "reason", "mailer_waits", message));
        } else {
            record.duties = duties(issuance, occasion);
            if let (Reason::Incident, Some(replaced)) = (issuance.reason, &issuance.replaced_card_number) {
                self.cancelled_cards.push(replaced.as_str());
            }
        }
        self.records.push(record);
        Ok(())
    }

    /// The night on which this card's letter was asked for, where it may be asked for only once.
    fn already_sent(&self, issuance: &Issuance, ledger: &Ledger) -> Result<Option<Date>, LedgerError> {
        match issuance.reason.letter() {
            true => ledger.night_of_card(issuance.card_number.as_str()),
            false => Ok(None),
        }
    }

    /// Takes over what waited for tonight.
    fn carry(&mut self, waiting: &'a [Waiting], occasion: &Occasion) {
        let cancelled: HashSet<&str> = self.cancelled_cards.iter().copied().collect();
        for duty in waiting {
            if cancelled.contains(duty.issuance.card_number.as_str()) {
                self.carried.push((duty, Fate::Nothing));
            } else if occasion.only.is_some_and(|only| only != duty.kind) {
                self.carried.push((duty, Fate::Deferred));
            } else {
                self.carried.push((duty, Fate::Piece));
                self.due.push(DuePiece {
                    origin: Origin::Stored(duty.duty),
                    kind: duty.kind,
                    issuance: &duty.issuance,
                    source_file: &duty.source_file,
                    line: duty.line,
                });
            }
        }
    }

    /// The pieces of new records that leave at once; none of a card that tonight's records revoke or replace.
    fn collect_new(&mut self, occasion: &Occasion) {
        let cancelled: HashSet<&str> = self.cancelled_cards.iter().copied().collect();
        for (index, record) in self.records.iter_mut().enumerate() {
            let card = record.taken.issuance.card_number.as_str();
            if cancelled.contains(card) && !record.duties.is_empty() {
                let message =
                    "another record of tonight revokes the card, or replaces it at once: nothing is sent";
                self.warnings.push(finding(record, "card_number", "revoked_tonight", message));
                record.duties.clear();
                record.fate = Fate::Nothing;
                continue;
            }
            for (rank, duty) in record.duties.iter().enumerate() {
                let wanted = occasion.only.is_none_or(|only| only == duty.kind);
                if !wanted || duty.due.is_none_or(|due| due > occasion.night) {
                    continue;
                }
                record.fate = Fate::Piece;
                self.due.push(DuePiece {
                    origin: Origin::New(index, rank),
                    kind: duty.kind,
                    issuance: &record.taken.issuance,
                    source_file: record.source_file,
                    line: record.taken.line,
                });
            }
        }
    }

    /// Holds back every mailer whose card's letter leaves tonight, still waits, or left less than one working day
    /// ago: card and codes never travel together (pieces.md §3).
    fn keep_apart(&mut self, ledger: &Ledger, occasion: &Occasion) -> Result<(), LedgerError> {
        let letters: BTreeSet<&str> = self
            .due
            .iter()
            .filter(|piece| piece.kind == PieceKind::Letter)
            .map(|piece| piece.issuance.card_number.as_str())
            .collect();
        let mut held = Vec::new();
        for piece in self.due.iter().filter(|piece| piece.kind == PieceKind::Mailer) {
            let card = piece.issuance.card_number.as_str();
            let earliest = match ledger.letter_of_card(card)? {
                LetterState::None => occasion.night,
                LetterState::Waiting => Date::MAX,
                LetterState::Left(night) => occasion.calendar.mailer_due(night),
            };
            if letters.contains(card) || earliest > occasion.night {
                let message =
                    "the card's letter has not left yet, or not a working day ago: the mailer waits";
                held.push((piece.origin, piece.finding("card_number", "held_for_letter", message)));
            }
        }
        self.defer(held);
        Ok(())
    }

    /// Takes pieces out of the night: refused for good.
    pub fn reject(&mut self, refused: Vec<(Origin, Vec<Finding>)>) {
        self.take_out(refused.iter().map(|(origin, _)| *origin), Fate::Rejected);
        self.rejects.extend(refused.into_iter().flat_map(|(_, findings)| findings));
    }

    /// Takes pieces out of the night: they wait for another.
    pub fn defer(&mut self, postponed: Vec<(Origin, Finding)>) {
        self.held += postponed.len() as u64;
        self.take_out(postponed.iter().map(|(origin, _)| *origin), Fate::Deferred);
        self.warnings.extend(postponed.into_iter().map(|(_, finding)| finding));
    }

    fn take_out(&mut self, origins: impl Iterator<Item = Origin>, fate: Fate) {
        let out: HashSet<Origin> = origins.collect();
        if out.is_empty() {
            return;
        }
        self.due.retain(|piece| !out.contains(&piece.origin));
        for (duty, carried) in &mut self.carried {
            if out.contains(&Origin::Stored(duty.duty)) {
                *carried = fate;
            }
        }
        for origin in out {
            if let Origin::New(index, _) = origin {
                self.records[index].fate = fate;
            }
        }
    }

    /// Whether tonight's records lead to mailers, tonight or later.
    pub fn leads_to_mailers(&self) -> bool {
        let mut duties = self.records.iter().flat_map(|record| &record.duties);
        duties.any(|duty| duty.kind == PieceKind::Mailer)
    }

    /// The pieces of a kind, in lot order.
    pub fn pieces(&self, kind: PieceKind) -> Vec<DuePiece<'a>> {
        self.due.iter().filter(|piece| piece.kind == kind).cloned().collect()
    }

    /// How many records and waiting duties end in this way.
    pub fn count(&self, fate: Fate) -> u64 {
        let records = self.records.iter().filter(|record| record.fate == fate).count();
        let carried = self.carried.iter().filter(|(_, end)| *end == fate).count();
        (records + carried) as u64
    }
}

fn finding(record: &PlannedRecord, field: &str, code: &str, message: impl Into<String>) -> Finding {
    Finding {
        source_file: record.source_file.to_owned(),
        line: record.taken.line,
        card_number: record.taken.issuance.card_number.to_string(),
        field: field.to_owned(),
        code: code.to_owned(),
        message: message.into(),
    }
}

/// The pieces that a record leads to (pieces.md §3).
fn duties(issuance: &Issuance, occasion: &Occasion) -> Vec<NewDuty> {
    let mut duties = Vec::with_capacity(2);
    let first_due = occasion.calendar.first_piece_due(issuance, occasion.cut_off);
    if issuance.reason.letter() {
        duties.push(NewDuty { kind: PieceKind::Letter, due: Some(first_due) });
    }
    match issuance.reason.codes(issuance.replaced_generation) {
        CodesDuty::None => {}
        CodesDuty::New => duties.push(NewDuty { kind: PieceKind::Mailer, due: None }),
        CodesDuty::Same => {
            duties.push(NewDuty { kind: PieceKind::Mailer, due: Some(first_due) });
        }
    }
    duties
}
