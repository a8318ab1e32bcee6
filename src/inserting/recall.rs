//! Recall: pieces are pulled before they leave.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::opening::OpenJob;
use super::standing::MailerReleased;
use crate::approvals::{self, Act, Asking, Subject};
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::{Author, Change, PieceFilter, PiecePlace, PieceStatus, State};
use crate::night::write_recall_sheets;
use mail::lot::LotName;
use mail::piece::PieceKind;

/// What is recalled.
pub(crate) enum Recalled {
    /// Pieces, by their printed references.
    Pieces(Vec<String>),
    /// A whole lot.
    Lot(LotName, PieceKind),
    /// All pieces of a card that have not left.
    Card(String),
}

/// An order to recall pieces.
pub(crate) struct RecallOrder<'a> {
    /// The job.
    pub job: &'a Job,
    /// What is recalled.
    pub what: &'a Recalled,
    /// Why.
    pub reason: &'a str,
    /// Who says so.
    pub author: &'a Author,
    /// The day on the sheets.
    pub day: Date,
    /// With what approvals are asked for.
    pub asking: Asking,
}

/// What a recall did.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RecallReport {
    /// The pieces to pull, with the place of each.
    pub recalled: Vec<PieceStatus>,
    /// Pieces that were recalled before; they stand on the sheets too.
    pub already: Vec<PieceStatus>,
    /// Pieces that have left, or that are lost to their lot: there is nothing to pull.
    pub not_recalled: Vec<PieceStatus>,
    /// Mailers of recalled letters that have left.
    pub mailers_left: Vec<MailerReleased>,
    /// The recall sheets.
    pub sheets: Vec<String>,
}

impl RecallReport {
    /// Whether a person must act: pieces to pull, or pieces that can't be pulled any more.
    pub(crate) fn needs_a_person(&self) -> bool {
        !self.not_recalled.is_empty() || !self.mailers_left.is_empty()
    }
}

/// Recalls pieces that have not left, and with a letter the mailers that were released for its card.
///
/// # Errors
/// `unknown_piece`, `unknown_lot`, `unknown_card`; `wrong_user`: some are another operator's; `approval_needed`: there are mailers among them, and two persons must
/// approve first; ledger and I/O errors.
pub(crate) fn recall(order: &RecallOrder) -> Result<RecallReport, Failure> {
    let RecallOrder { job, what, reason, author, day, asking } = order;
    let open = OpenJob::begin(job)?;
    let mut pieces = meant(&open, what)?;
    let with_letters = mailers_of(&open, &pieces)?;
    let mut report = RecallReport::default();
    for (letter, mailer) in with_letters {
        if mailer.state == State::Dispatched {
            let (letter, state, mailer) = (letter, mailer.state, mailer.piece_id);
            report.mailers_left.push(MailerReleased { letter, mailer, state });
        } else if !pieces.iter().any(|piece| piece.piece_id == mailer.piece_id && piece.kind == mailer.kind) {
            pieces.push(mailer);
        }
    }
    let (may, may_not): (Vec<_>, Vec<_>) = pieces.into_iter().partition(|piece| piece.state.may_leave());
    for kind in PieceKind::ALL.into_iter().filter(|kind| may.iter().any(|piece| piece.kind == kind.code())) {
        approvals::permit_moving(job, kind)?;
    }
    let (already, not_recalled): (Vec<_>, Vec<_>) =
        may_not.into_iter().partition(|piece| piece.state == State::Recalled);
    let mailers = may.iter().filter(|piece| piece.kind == PieceKind::Mailer.code());
    let mailers: Vec<String> = mailers.map(|piece| piece.piece_id.clone()).collect();
    if !mailers.is_empty() {
        let details = [("day", day.to_string()), ("reason", (*reason).to_owned())];
        let subject = Subject::new(Act::RecallMailers, mailers, details);
        approvals::pass(job, &open.ledger, asking, vec![subject])?;
    }
    match what {
        Recalled::Lot(name, kind) if may.iter().any(|piece| piece.is_with_its_lot()) => {
            let lot = open.lot(name, *kind)?;
            open.ledger.recall_lot(&lot, reason, author)?;
            let others = may.iter().filter(|piece| piece.lot != name.as_str() || piece.kind != kind.code());
            open.ledger.move_pieces(&places(others), &change(reason, author))?;
        }
        _ => open.ledger.move_pieces(&places(may.iter()), &change(reason, author))?,
    }
    report.recalled = may;
    report.recalled.iter_mut().for_each(|piece| piece.state = State::Recalled);
    report.already = already;
    report.not_recalled = not_recalled;
    let pulled = report.recalled.iter().chain(&report.already);
    report.sheets = write_recall_sheets(job, &open.ledger, pulled, &author.name, *day)?;
    open.tell()?;
    Ok(report)
}

fn change<'a>(reason: &'a str, author: &'a Author) -> Change<'a> {
    Change { state: State::Recalled, cause: reason, author }
}

fn places<'p>(pieces: impl Iterator<Item = &'p PieceStatus>) -> Vec<PiecePlace> {
    pieces.filter_map(PieceStatus::place).collect()
}

/// The pieces that are meant.
fn meant(open: &OpenJob, what: &Recalled) -> Result<Vec<PieceStatus>, Failure> {
    let ledger = &open.ledger;
    match what {
        Recalled::Pieces(references) => {
            let one = |reference: &String| {
                ledger.piece(reference)?.ok_or_else(|| {
                    Failure::usage("unknown_piece", format!("the ledger knows no piece `{reference}`"))
                        .with_advice("`pli status JOB` lists the lots and how many pieces each has")
                })
            };
            references.iter().map(one).collect()
        }
        Recalled::Lot(name, kind) => {
            open.lot(name, *kind)?;
            let mut pieces = Vec::new();
            ledger.each_piece(&PieceFilter::of_lot(name, *kind), |piece| {
                pieces.push(piece);
                Ok::<_, Failure>(())
            })?;
            Ok(pieces)
        }
        Recalled::Card(number) => {
            let mut pieces = ledger.pieces_of_card(number)?;
            // A print that a later one replaced is not in hand.
            pieces.retain(|piece| piece.state != State::Reprinted);
            match pieces.is_empty() {
                true => Err(Failure::usage("unknown_card", "the ledger knows no piece of this card")
                    .with_advice("what waits for it is cancelled by a record with status `revoked`")),
                false => Ok(pieces),
            }
        }
    }
}

/// The mailers that were released for the cards of these letters, each with its letter.
fn mailers_of(open: &OpenJob, pieces: &[PieceStatus]) -> Result<Vec<(String, PieceStatus)>, Failure> {
    let mut by_lot: BTreeMap<i64, Vec<&PieceStatus>> = BTreeMap::new();
    for piece in pieces.iter().filter(|piece| piece.kind == PieceKind::Letter.code()) {
        by_lot.entry(piece.lot_number()).or_default().push(piece);
    }
    let mut mailers = Vec::new();
    for (lot, letters) in by_lot {
        let sequences: Vec<u32> = letters.iter().map(|letter| letter.sequence as u32).collect();
        for mailer in open.ledger.released_mailers(lot, &sequences)? {
            let letter = letters.iter().find(|letter| letter.sequence == i64::from(mailer.letter));
            if let Some((letter, mailer)) = letter.zip(open.ledger.piece(&mailer.piece_id)?) {
                mailers.push((letter.piece_id.clone(), mailer));
            }
        }
    }
    Ok(mailers)
}
