//! The check of letters: finds what keeps a due piece from being composed, before it is numbered, so that a rejected piece takes
//! no number.
//!
//! Rejects such pieces in the plan by column and code, and returns the others with their record's texts set. Mailers are checked
//! by the mailer stage.

use composition::{CheckedLetter, LetterComposer, PieceFault};
use rayon::prelude::*;

use super::{BATCH, PieceSource};
use crate::failure::{Failure, in_one_line};
use crate::night::lot::{LotNumbers, PrintedPiece};
use crate::night::planning::{DuePiece, Plan};
use crate::night::recording::LedgerWriter;
use mail::piece::PieceKind;

/// The pieces of a batch that can be composed.
pub(super) type Passed<C> = Vec<(DuePiece, C)>;

/// The letters of a night, from its plan.
pub(super) struct Letters<'a, 'c> {
    /// The plan.
    pub plan: &'a mut Plan,
    /// Composes them.
    pub composer: &'a LetterComposer<'c>,
    /// Their lot; `None` where nothing is printed.
    pub numbers: Option<&'a LotNumbers>,
    /// Records them as they are printed; `None` keeps them in `unrecorded`.
    pub ledger: Option<&'a mut LedgerWriter>,
    /// The positions in lot order from which the next batch begins, and the next of those that are loaded again.
    pub next: u32,
    pub again: u32,
    /// The printed letters that are not recorded.
    pub unrecorded: Vec<PrintedPiece>,
}

impl<'c> PieceSource<CheckedLetter<'c>> for Letters<'_, 'c> {
    /// A truncated block is a warning.
    fn next(&mut self) -> Result<Option<Passed<CheckedLetter<'c>>>, Failure> {
        let batch = self.plan.next_pieces(PieceKind::Letter, &mut self.next, BATCH);
        if batch.is_empty() {
            return Ok(None);
        }
        let due = self.plan.load(&batch)?;
        let check = |piece: &DuePiece| self.composer.check(&piece.issuance);
        let outcomes: Vec<_> = due.par_iter().with_min_len(8).map(check).collect();
        let mut passed = Vec::with_capacity(due.len());
        for (piece, outcome) in due.into_iter().zip(outcomes) {
            match outcome {
                Ok((checked, truncations)) => {
                    for truncation in truncations {
                        let message = &truncation.message;
                        self.plan.warn(piece.entry, truncation.field, "twoddoc_truncated", message)?;
                    }
                    passed.push((piece, checked));
                }
                Err(faults) => reject(self.plan, &piece, faults)?,
            }
        }
        Ok(Some(passed))
    }

    /// Pieces that did not pass their check leave no more, so that the others come in the order in which they were printed.
    fn again(&mut self, most: usize) -> Result<Vec<DuePiece>, Failure> {
        let batch = self.plan.next_pieces(PieceKind::Letter, &mut self.again, most);
        self.plan.load(&batch)
    }

    fn printed(&mut self, pieces: Vec<PrintedPiece>) -> Result<(), Failure> {
        match (&mut self.ledger, self.numbers) {
            (Some(ledger), Some(numbers)) => ledger.letters(self.plan, numbers, &pieces),
            _ => {
                self.unrecorded.extend(pieces);
                Ok(())
            }
        }
    }
}

fn reject(plan: &mut Plan, piece: &DuePiece, faults: Vec<PieceFault>) -> Result<(), Failure> {
    let finding =
        |fault: PieceFault| plan.finding(piece.entry, &fault.field, fault.code, fault.words_with_advice());
    let findings: Vec<_> = faults.into_iter().map(finding).collect::<Result<_, _>>()?;
    plan.reject(piece.entry, &findings)
}

/// A record, a number or a control code of a piece that is printed again and does not fit the original's template.
pub(in crate::night) fn not_printable(piece_id: &str, faults: &[PieceFault]) -> Failure {
    let part = |fault: &PieceFault| {
        let problem = format!("{piece_id}: {}: {}", fault.field, in_one_line(fault, fault.advice));
        Failure::refused("not_printable", problem)
    };
    Failure::refused("not_printable", format!("`{piece_id}` does not fit its template; nothing was released"))
        .with_parts(faults.iter().map(part).collect())
        .with_advice("leave it out; the issuer can send a new record for the card")
}
