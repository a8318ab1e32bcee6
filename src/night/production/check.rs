//! The check: finds what keeps a due piece from being composed, before it is numbered, so that a rejected piece takes no
//! number.
//!
//! Rejects such pieces in the plan by column and code, holds back mailers without codes, and returns the others with their
//! record's texts set. Never shows the value of a code.

use rayon::prelude::*;

use crate::failure::{Failure, in_one_line};
use crate::night::planning::{DuePiece, Plan};
use crate::vault::{CheckedMailer, CodesOfCard, CodesOfNight, MailerComposer};
use composition::PieceFault;
use composition::{CheckedLetter, LetterComposer};

/// The pieces of a batch that can be composed.
pub(super) type Passed<C> = Vec<(DuePiece, C)>;

/// Checks a batch of letters; a truncated block is a warning.
///
/// # Errors
/// I/O errors.
pub(super) fn check_letters<'a>(
    plan: &mut Plan,
    due: Vec<DuePiece>,
    composer: &LetterComposer<'a>,
) -> Result<Passed<CheckedLetter<'a>>, Failure> {
    let outcomes: Vec<_> =
        due.par_iter().with_min_len(8).map(|piece| composer.check(&piece.issuance)).collect();
    let mut passed = Vec::with_capacity(due.len());
    for (piece, outcome) in due.into_iter().zip(outcomes) {
        match outcome {
            Ok((checked, truncations)) => {
                for truncation in truncations {
                    plan.warn(piece.entry, truncation.field, "twoddoc_truncated", &truncation.message)?;
                }
                passed.push((piece, checked));
            }
            Err(faults) => reject(plan, &piece, faults)?,
        }
    }
    Ok(passed)
}

/// Why a mailer is not composed.
enum Obstacle {
    /// No codes file knows the card.
    NoCodes,
    /// Its codes or its texts can't be printed.
    Faults(Vec<PieceFault>),
}

/// Checks a batch of mailers: their codes are known, well formed, and fit.
///
/// # Errors
/// `codes_changed`, `codes_unreadable`: a codes file that can't be read again; I/O errors.
pub(super) fn check_mailers<'a>(
    plan: &mut Plan,
    due: Vec<DuePiece>,
    composer: &MailerComposer<'a>,
    codes: &CodesOfNight,
) -> Result<Passed<CheckedMailer<'a>>, Failure> {
    let cards: Vec<&str> = due.iter().map(|piece| piece.issuance.card_number.as_str()).collect();
    let of_cards = codes.of_cards(&cards);
    codes.check_unchanged()?;
    let check = |(piece, codes): (&DuePiece, CodesOfCard)| check_mailer(piece, composer, codes);
    let outcomes: Vec<_> = due.par_iter().zip(of_cards).with_min_len(8).map(check).collect();
    let mut passed = Vec::with_capacity(due.len());
    for (piece, outcome) in due.into_iter().zip(outcomes) {
        match outcome {
            Ok(checked) => passed.push((piece, checked)),
            Err(Obstacle::NoCodes) => {
                let message =
                    "no codes file knows the card: the mailer waits; put its codes file into the inbox";
                plan.defer(piece.entry, "codes_missing", message)?;
            }
            Err(Obstacle::Faults(faults)) => reject(plan, &piece, faults)?,
        }
    }
    Ok(passed)
}

fn check_mailer<'a>(
    piece: &DuePiece,
    composer: &MailerComposer<'a>,
    codes: CodesOfCard,
) -> Result<CheckedMailer<'a>, Obstacle> {
    match codes {
        None => Err(Obstacle::NoCodes),
        Some(Err(fault)) => {
            let message = format!("{}:{}: {}", fault.file, fault.line, fault.message);
            Err(Obstacle::Faults(vec![PieceFault {
                field: fault.field.to_owned(),
                code: fault.code,
                message,
                advice: None,
            }]))
        }
        Some(Ok(card)) => composer.check(&piece.issuance, &card).map_err(Obstacle::Faults),
    }
}

fn reject(plan: &mut Plan, piece: &DuePiece, faults: Vec<PieceFault>) -> Result<(), Failure> {
    let finding = |fault: PieceFault| {
        plan.finding(piece.entry, &fault.field, fault.code, in_one_line(&fault, fault.advice))
    };
    let findings: Vec<_> = faults.into_iter().map(finding).collect::<Result<_, _>>()?;
    plan.reject(piece.entry, &findings)
}
