//! Checking: what keeps a due piece from being composed is found before the lot is numbered, so that a refused piece
//! takes no number.
//!
//! Takes the plan's due pieces and the presses that would compose them. Takes out of the plan what can't be: rejects
//! by column and code, mailers without codes as held back. Never says the value of a code.

use rayon::prelude::*;

use super::composition::PieceFault;
use super::composition::letter::LetterPress;
use super::composition::mailer::MailerPress;
use super::planning::{DuePiece, Plan};
use crate::ledger::{Finding, Origin};
use crate::vault::CodesShelf;

/// Takes out of the plan the letters that can't be composed, and warns of truncated blocks.
pub(super) fn check_letters(plan: &mut Plan, due: &[DuePiece], press: &LetterPress) {
    let checked: Vec<_> = due.par_iter().map(|piece| (piece, press.check(piece.issuance))).collect();
    let mut refused = Vec::new();
    for (piece, outcome) in checked {
        match outcome {
            Ok(truncations) => plan.warnings.extend(
                truncations.iter().map(|t| piece.finding(t.field, "twoddoc_truncated", t.message.as_str())),
            ),
            Err(faults) => refused.push((piece.origin, findings(piece, faults))),
        }
    }
    plan.reject(refused);
}

/// Takes out of the plan the mailers whose codes are unfit, missing or can't be printed.
pub(super) fn check_mailers(plan: &mut Plan, due: &[DuePiece], press: &MailerPress, shelf: &CodesShelf) {
    let mut refused: Vec<(Origin, Vec<Finding>)> = Vec::new();
    let mut postponed = Vec::new();
    for piece in due {
        match shelf.codes(piece.issuance.card_number.as_str()) {
            None => {
                let message =
                    "no codes file knows the card: the mailer waits; put its codes file into the inbox";
                postponed.push((piece.origin, piece.finding("card_number", "codes_missing", message)));
            }
            Some(Err(fault)) => {
                let place = format!("{}:{}: {}", fault.file, fault.line, fault.message);
                refused.push((piece.origin, vec![piece.finding(fault.field, fault.code, place)]));
            }
            Some(Ok(codes)) => {
                let faults = press.check(piece.issuance, &codes);
                if !faults.is_empty() {
                    refused.push((piece.origin, findings(piece, faults)));
                }
            }
        }
    }
    plan.reject(refused);
    plan.defer(postponed);
}

fn findings(piece: &DuePiece, faults: Vec<PieceFault>) -> Vec<Finding> {
    faults.into_iter().map(|fault| piece.finding(&fault.field, fault.code, fault.message)).collect()
}
