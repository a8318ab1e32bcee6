//! Planning: records, date and ledger decide which pieces leave tonight, which wait, and which are never sent.
//!
//! A plan has an entry for each valid record, as it is read, and for each duty that waits in the ledger. Pieces are listed in
//! lot order without numbers: the check can still reject a piece, and a rejected piece has no number. Letters lie in the
//! order of the entries, unless the job asks for another, mailers in an order that tells nothing of it. An entry is 40 bytes in memory; the record itself is
//! in a spool. The ledger is not written.

mod cancellation;
mod causes;
mod entry;
mod file_names;
mod finding_row;
mod findings;
mod held;
mod letter_order;
mod objections;
mod pieces;
mod spooled;

use jiff::civil::{Date, Time};
use rayon::prelude::*;
use std::collections::HashMap;
use std::path::Path;

pub(super) use cancellation::{Cancellation, RecallByRecord, cause_of_recall};
pub(super) use causes::CommonCause;
pub(super) use entry::{Entry, Mailing, Outcome};
pub(super) use findings::{Findings, Severity};
pub(super) use spooled::SpooledRecord;

use file_names::FileNames;
use finding_row::FindingRow;
use held::{DOUBTFUL, held_by_letter};

use super::intake::{AcceptedRow, ExaminedRow};
use super::order::ReleasedReissues;
use crate::failure::Failure;
use crate::files::Spool;
use crate::job::{Dispatch, LetterOrder, OnHold};
use crate::ledger::{Finding, HoldList, Ledger, LetterState, Waiting};
use crate::vault::MailerOrder;
use cancellation::Claim;
use composition::fact_values;
use letter_order::LetterKey;
use mail::calendar::Calendar;
use mail::card::{CardNumber, CardStatus};
use mail::issuance::Issuance;
use mail::piece::PieceKind;
use mail::reason::Reason;
use mail::{Language, Words};
use objections::{Remark, replaces_stranger};
use spooled::NewRecord;

/// The settings of a plan.
#[derive(Debug, Clone)]
pub(super) struct PlanningRules {
    /// The night's date.
    pub night: Date,
    /// The only kind to send; `None` for both.
    pub only: Option<PieceKind>,
    /// The working days.
    pub calendar: Calendar,
    /// The time from which an incident counts for the next working day.
    pub cut_off: Time,
    /// The day from which a mailer of a letter counts.
    pub dispatch: Dispatch,
    /// The language of rejects and warnings.
    pub language: Language,
    /// The codes that a person released.
    pub reissues: ReleasedReissues,
    /// What is held because of mail that came back.
    pub holds: HoldRules,
    /// The order of the letters.
    pub letters: LetterOrder,
}

/// What is held because of mail that came back (`[returns]` of the job).
#[derive(Debug, Clone, Copy)]
pub(super) struct HoldRules {
    /// Whether a mailer waits while its card's letter lies here.
    pub mailers: bool,
    /// From how many returns on an address is on the hold list.
    pub after: u32,
    /// What is done with a record whose address is on the hold list.
    pub on_hold: OnHold,
}

/// A piece that leaves, with its record.
#[derive(Debug, Clone)]
pub(super) struct DuePiece {
    /// The index of its entry in the plan, or of its piece in the order of a reprint.
    pub entry: u32,
    /// Its record.
    pub issuance: Issuance,
}

/// An examined row with the forms of its record.
pub(super) struct RowToPlan {
    row: ExaminedRow,
    forms: NewRecord,
}

impl RowToPlan {
    /// Makes the forms of a batch's records, on all cores.
    pub(super) fn batch(rows: Vec<ExaminedRow>) -> Vec<RowToPlan> {
        let prepare = |row| {
            let forms = match &row {
                ExaminedRow::Accepted(record, _) => NewRecord::of(&record.issuance),
                ExaminedRow::Rejected(..) => NewRecord::default(),
            };
            RowToPlan { row, forms }
        };
        rows.into_par_iter().with_min_len(32).map(prepare).collect()
    }
}

/// The night's plan.
#[derive(Debug)]
pub(super) struct Plan {
    rules: PlanningRules,
    /// The addresses from which mail came back.
    hold_list: HoldList,
    /// First the duties that waited in the ledger for tonight, then the new records in the order of their files: the order of
    /// the lot of letters, unless the job asks for another.
    pub entries: Vec<Entry>,
    /// Where each entry's letter lies, where the job asks for an order of letters; empty once they are sorted.
    letter_keys: Vec<LetterKey>,
    /// The entries of the letters in lot order, where the job asks for an order of letters, once the plan is complete.
    letters: Option<Vec<u32>>,
    /// The order of the lot of mailers, once it is set.
    mailers: Option<ArrangedMailers>,
    /// The ledger's numbers of the duties that waited: those of the first entries.
    pub duties: Vec<i64>,
    records: Spool,
    names: FileNames,
    facts: Facts,
    /// Cards whose waiting pieces must not leave; sorted by card once the plan is complete.
    pub cancelled_cards: Vec<Cancellation>,
    /// Pieces that waited and are cancelled.
    pub cancelled_pieces: u64,
    /// Released pieces of cancelled cards that have not left: they are recalled.
    pub recalls: Vec<RecallByRecord>,
    /// Records that name the card which theirs replaces.
    claims: Vec<Claim>,
    /// Cards that a rejected row may have reported lost: their pieces wait tonight. Sorted once the plan is complete.
    doubtful_cards: Vec<CardNumber>,
    /// Cards whose record replaces one of which nothing had left.
    pub superseded_cards: Vec<CardNumber>,
    /// Codes that are sent again because a person released them, with the reason.
    pub released_codes: Vec<(CardNumber, String)>,
    /// Rejects and warnings.
    pub findings: Findings,
    /// Rejected rows.
    pub rejected_rows: u64,
    /// Pieces that were due and are held back.
    pub held: u64,
}

/// The mailers of a plan in an order of their own.
#[derive(Debug)]
struct ArrangedMailers {
    /// The indices of their entries, in lot order.
    entries: Vec<u32>,
    /// The key of that order.
    order: MailerOrder,
}

/// The facts of pieces, each combination once.
#[derive(Debug, Default)]
struct Facts {
    known: Vec<FactValues>,
    indices: HashMap<FactValues, u16>,
}

type FactValues = [&'static str; 5];

impl Facts {
    fn index_of(&mut self, values: FactValues) -> u16 {
        *self.indices.entry(values).or_insert_with(|| {
            self.known.push(values);
            self.known.len() as u16 - 1
        })
    }
}

impl Plan {
    /// Begins a plan with what waits in the ledger for tonight, of the kind that is sent; its spools are created in `scratch`.
    ///
    /// # Errors
    /// Ledger and I/O errors.
    pub(super) fn begin(rules: PlanningRules, ledger: &Ledger, scratch: &Path) -> Result<Plan, Failure> {
        let mut plan = Plan {
            entries: Vec::new(),
            letter_keys: Vec::new(),
            letters: None,
            mailers: None,
            duties: Vec::new(),
            records: Spool::create_in(scratch, "records")?,
            names: FileNames::default(),
            facts: Facts::default(),
            cancelled_cards: Vec::new(),
            cancelled_pieces: 0,
            recalls: Vec::new(),
            claims: Vec::new(),
            doubtful_cards: Vec::new(),
            superseded_cards: Vec::new(),
            released_codes: Vec::new(),
            findings: Findings::create_in(scratch, rules.language)?,
            rejected_rows: 0,
            held: 0,
            hold_list: ledger.hold_list(rules.holds.after)?,
            rules,
        };
        let (night, only) = (plan.rules.night, plan.rules.only);
        ledger.due(night, only, |waiting| plan.carry(&waiting))?;
        Ok(plan)
    }

    fn carry(&mut self, waiting: &Waiting) -> Result<(), Failure> {
        let facts = self.facts.index_of(fact_values(waiting.kind, &waiting.issuance));
        self.note_letter(&waiting.issuance);
        self.entries.push(Entry {
            span: self.records.add(&SpooledRecord::of_duty(&waiting.issuance))?,
            card: waiting.issuance.card_number,
            file: self.names.index_of(&waiting.source_file),
            line: waiting.line as u32,
            outcome: Outcome::Piece,
            mailing: Mailing::only(waiting.kind),
            due: self.rules.night,
            facts,
        });
        self.duties.push(waiting.duty);
        Ok(())
    }

    /// Adds a batch of rows; `names` are those of their files.
    ///
    /// # Errors
    /// Ledger and I/O errors.
    pub(super) fn add(
        &mut self,
        rows: Vec<RowToPlan>,
        names: &[String],
        ledger: &Ledger,
    ) -> Result<(), Failure> {
        for RowToPlan { row, forms } in rows {
            match row {
                ExaminedRow::Accepted(record, warnings) => {
                    self.findings.add_of_row(Severity::Warning, &warnings)?;
                    let name = names.get(record.file).map_or("", String::as_str);
                    self.add_record(&record, &forms, name, ledger)?;
                }
                ExaminedRow::Rejected(rejects, declared) => {
                    self.rejected_rows += 1;
                    if let Some(first) = rejects.first() {
                        self.heed(&declared, first, ledger)?;
                    }
                    self.findings.add_of_row(Severity::Reject, &rejects)?;
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, severity: Severity, findings: &[Finding]) -> Result<(), Failure> {
        findings.iter().try_for_each(|finding| self.findings.add(severity, finding))?;
        Ok(())
    }

    /// Decides which pieces a new record leads to.
    fn add_record(
        &mut self,
        record: &AcceptedRow,
        forms: &NewRecord,
        name: &str,
        ledger: &Ledger,
    ) -> Result<(), Failure> {
        let issuance = &record.issuance;
        let mailing = Mailing::of(issuance);
        let kind = mailing.first().unwrap_or(PieceKind::Letter);
        let key = ledger.record_key(issuance);
        let mut entry = Entry {
            span: self.records.add(&forms.spooled(&key))?,
            card: issuance.card_number,
            file: self.names.index_of(name),
            line: record.line as u32,
            outcome: Outcome::Deferred,
            mailing,
            due: self.rules.calendar.first_piece_due(issuance, self.rules.cut_off),
            facts: self.facts.index_of(fact_values(kind, issuance)),
        };
        let mut remarks = self.remarks(issuance, ledger)?;
        self.heed_hold_list(&key, &mut remarks);
        let row = FindingRow::of(name, entry.line, entry.card, &issuance.client_ref);
        for Remark { field, code, message } in remarks.warnings {
            let finding = row.finding(self.rules.language, field, code, &message);
            self.findings.add(Severity::Warning, &finding)?;
        }
        if let Some((outcome, Remark { field, code, message })) = remarks.objection {
            (entry.outcome, entry.mailing) = (outcome, Mailing::Nothing);
            let severity = if outcome == Outcome::Rejected { Severity::Reject } else { Severity::Warning };
            self.findings.add(severity, &row.finding(self.rules.language, field, code, &message))?;
        }
        // An incident stops what waits for the old card, even where its own record is refused for another reason.
        let cancels = issuance.reason == Reason::Incident;
        let wanted = entry.mailing != Mailing::Nothing || (cancels && !replaces_stranger(issuance, ledger)?);
        if let Some(replaced) = issuance.replaced_card_number.filter(|_| wanted) {
            self.claims.push(Claim { replaced, entry: self.entries.len() as u32, cancels });
        }
        if issuance.status == CardStatus::Revoked {
            let (card, file, line) = (entry.card, entry.file, entry.line);
            let client_ref = issuance.client_ref.clone();
            self.cancelled_cards.push(Cancellation { card, by: None, file, line, client_ref });
        }
        self.note_letter(issuance);
        self.entries.push(entry);
        Ok(())
    }

    /// Completes the plan once every row is in.
    ///
    /// # Errors
    /// Ledger and I/O errors.
    pub(super) fn complete(&mut self, ledger: &Ledger) -> Result<(), Failure> {
        self.settle_cancellations(ledger)?;
        self.doubtful_cards.sort_unstable();
        for index in 0..self.entries.len() {
            self.decide(index)?;
        }
        self.keep_apart(ledger)?;
        self.arrange_letters();
        Ok(())
    }

    /// Decides whether an entry's first piece leaves tonight. Nothing is sent for a card that tonight's records revoke or
    /// replace.
    fn decide(&mut self, index: usize) -> Result<(), Failure> {
        let entry = &self.entries[index];
        let card = entry.card;
        let Some(kind) = entry.mailing.first() else { return Ok(()) };
        let wanted = self.rules.only.is_none_or(|only| only == kind);
        let cancelled = self.is_cancelled(entry.card);
        let outcome = match cancelled {
            true => Outcome::Nothing,
            false if wanted && entry.due <= self.rules.night => Outcome::Piece,
            false => Outcome::Deferred,
        };
        if cancelled && index >= self.carried() {
            let message = Words::new(
                "un autre enregistrement de cette nuit révoque la carte, ou la remplace aussitôt\u{202F}: rien n’est envoyé",
                "another record of tonight revokes the card, or replaces it at once: nothing is sent",
            );
            let finding = self.finding(index as u32, "card_number", "revoked_tonight", message)?;
            self.findings.add(Severity::Warning, &finding)?;
            self.entries[index].mailing = Mailing::Nothing;
        }
        let doubtful = outcome == Outcome::Piece && self.doubtful_cards.binary_search(&card).is_ok();
        self.entries[index].outcome = outcome;
        match doubtful {
            true => self.defer(index as u32, "held_for_incident", &DOUBTFUL),
            false => Ok(()),
        }
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
            let earliest = match ledger.letter_of_card(card.as_str(), self.rules.holds.mailers)? {
                LetterState::None => self.rules.night,
                LetterState::Waiting => Date::MAX,
                LetterState::Left { night, settled } => match self.rules.dispatch {
                    Dispatch::Release => self.rules.calendar.mailer_due(night),
                    Dispatch::Settled => settled.map_or(Date::MAX, |day| self.rules.calendar.mailer_due(day)),
                },
                LetterState::Held { piece_id, why } => {
                    let message = held_by_letter(&piece_id, why);
                    self.defer(index, "held_for_letter", &message)?;
                    continue;
                }
            };
            if letters.binary_search(&card).is_ok() || earliest > self.rules.night {
                let message = Words::new(
                    "le courrier de la carte n’est pas encore parti, ou pas depuis un jour ouvré\u{202F}: le courrier codes attend",
                    "the card's letter has not left yet, or not a working day ago: the mailer waits",
                );
                self.defer(index, "held_for_letter", &message)?;
            }
        }
        Ok(())
    }
}
