//! Checking: what keeps a due piece from being composed is found before it is numbered, so that a refused piece takes
//! no number.
//!
//! Takes due pieces, a batch at a time, and the presses that would compose them. Takes out of the plan what can't be:
//! rejects by column and code, mailers without codes as held back; gives the rest, begun. Never says the value of a code.

use rayon::prelude::*;

use super::planning::{DuePiece, Plan};
use crate::failure::{Failure, with_advice};
use crate::vault::CodesShelf;
use crate::vault::{CheckedMailer, MailerComposer};
use composition::PieceFault;
use composition::{CheckedLetter, LetterComposer};

/// The pieces of a batch that can be composed, as they are begun.
pub(super) type Passed<C> = Vec<(DuePiece, C)>;

/// The letters of a batch that can be composed; truncated blocks are warned of.
pub(super) fn check_letters<'a>(
    plan: &mut Plan,
    due: Vec<DuePiece>,
    press: &LetterComposer<'a>,
) -> Result<Passed<CheckedLetter<'a>>, Failure> {
    let outcomes: Vec<_> = due.par_iter().with_min_len(8).map(|piece| press.check(&piece.issuance)).collect();
    let mut passed = Vec::with_capacity(due.len());
    for (piece, outcome) in due.into_iter().zip(outcomes) {
        match outcome {
            Ok((checked, truncations)) => {
                for truncation in truncations {
                    plan.warn(piece.entry, truncation.field, "twoddoc_truncated", &truncation.message)?;
                }
                passed.push((piece, checked));
            }
            Err(faults) => refuse(plan, &piece, faults)?,
        }
    }
    Ok(passed)
}

/// Why a mailer is not composed.
enum Obstacle {
    Missing,
    Unfit(PieceFault),
    Faults(Vec<PieceFault>),
}

/// The mailers of a batch whose codes are there, fit, and can be printed.
pub(super) fn check_mailers<'a>(
    plan: &mut Plan,
    due: Vec<DuePiece>,
    press: &MailerComposer<'a>,
    shelf: &CodesShelf,
) -> Result<Passed<CheckedMailer<'a>>, Failure> {
    let check = |piece: &DuePiece| check_mailer(piece, press, shelf);
    let outcomes: Vec<_> = due.par_iter().with_min_len(8).map(check).collect();
    let mut passed = Vec::with_capacity(due.len());
    for (piece, outcome) in due.into_iter().zip(outcomes) {
        match outcome {
            Ok(checked) => passed.push((piece, checked)),
            Err(Obstacle::Missing) => {
                let message =
                    "no codes file knows the card: the mailer waits; put its codes file into the inbox";
                plan.defer(piece.entry, "codes_missing", message)?;
            }
            Err(Obstacle::Unfit(fault)) => refuse(plan, &piece, vec![fault])?,
            Err(Obstacle::Faults(faults)) => refuse(plan, &piece, faults)?,
        }
    }
    Ok(passed)
}

fn check_mailer<'a>(
    piece: &DuePiece,
    press: &MailerComposer<'a>,
    shelf: &CodesShelf,
) -> Result<CheckedMailer<'a>, Obstacle> {
    match shelf.codes(piece.issuance.card_number.as_str()) {
        None => Err(Obstacle::Missing),
        Some(Err(fault)) => {
            let message = format!("{}:{}: {}", fault.file, fault.line, fault.message);
            Err(Obstacle::Unfit(PieceFault {
                field: fault.field.to_owned(),
                code: fault.code,
                message,
                advice: None,
            }))
        }
        Some(Ok(codes)) => press.check(&piece.issuance, &codes).map_err(Obstacle::Faults),
    }
}

fn refuse(plan: &mut Plan, piece: &DuePiece, faults: Vec<PieceFault>) -> Result<(), Failure> {
    let finding = |fault: PieceFault| {
        plan.finding(piece.entry, &fault.field, fault.code, with_advice(&fault, fault.advice))
    };
    let findings: Vec<_> = faults.into_iter().map(finding).collect();
    plan.reject(piece.entry, &findings)
}
