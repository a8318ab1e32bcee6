//! Checking: what keeps a due piece from being composed is found before it is numbered, so that a refused piece takes
//! no number.
//!
//! Takes due pieces, a batch at a time, and the presses that would compose them. Takes out of the plan what can't be:
//! rejects by column and code, mailers without codes as held back; gives the rest. Never says the value of a code.

use rayon::prelude::*;

use super::composition::PieceFault;
use super::composition::letter::LetterPress;
use super::composition::mailer::MailerPress;
use super::planning::{DuePiece, Plan};
use crate::failure::Failure;
use crate::vault::CodesShelf;

/// The letters of a batch that can be composed; truncated blocks are warned of.
pub(super) fn check_letters(
    plan: &mut Plan,
    due: Vec<DuePiece>,
    press: &LetterPress,
) -> Result<Vec<DuePiece>, Failure> {
    let outcomes: Vec<_> = due.par_iter().with_min_len(8).map(|piece| press.check(&piece.issuance)).collect();
    let mut passed = Vec::with_capacity(due.len());
    for (piece, outcome) in due.into_iter().zip(outcomes) {
        match outcome {
            Ok(truncations) => {
                for truncation in truncations {
                    plan.warn(piece.entry, truncation.field, "twoddoc_truncated", &truncation.message)?;
                }
                passed.push(piece);
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
pub(super) fn check_mailers(
    plan: &mut Plan,
    due: Vec<DuePiece>,
    press: &MailerPress,
    shelf: &CodesShelf,
) -> Result<Vec<DuePiece>, Failure> {
    let check = |piece: &DuePiece| obstacle(piece, press, shelf);
    let obstacles: Vec<_> = due.par_iter().with_min_len(8).map(check).collect();
    let mut passed = Vec::with_capacity(due.len());
    for (piece, obstacle) in due.into_iter().zip(obstacles) {
        match obstacle {
            None => passed.push(piece),
            Some(Obstacle::Missing) => {
                let message =
                    "no codes file knows the card: the mailer waits; put its codes file into the inbox";
                plan.defer(piece.entry, "codes_missing", message)?;
            }
            Some(Obstacle::Unfit(fault)) => refuse(plan, &piece, vec![fault])?,
            Some(Obstacle::Faults(faults)) => refuse(plan, &piece, faults)?,
        }
    }
    Ok(passed)
}

fn obstacle(piece: &DuePiece, press: &MailerPress, shelf: &CodesShelf) -> Option<Obstacle> {
    match shelf.codes(piece.issuance.card_number.as_str()) {
        None => Some(Obstacle::Missing),
        Some(Err(fault)) => {
            let message = format!("{}:{}: {}", fault.file, fault.line, fault.message);
            Some(Obstacle::Unfit(PieceFault { field: fault.field.to_owned(), code: fault.code, message }))
        }
        Some(Ok(codes)) => {
            let faults = press.check(&piece.issuance, &codes);
            (!faults.is_empty()).then_some(Obstacle::Faults(faults))
        }
    }
}

fn refuse(plan: &mut Plan, piece: &DuePiece, faults: Vec<PieceFault>) -> Result<(), Failure> {
    let finding = |fault: PieceFault| plan.finding(piece.entry, &fault.field, fault.code, fault.message);
    let findings: Vec<_> = faults.into_iter().map(finding).collect();
    plan.reject(piece.entry, &findings)
}
