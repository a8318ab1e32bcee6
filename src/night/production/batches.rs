//! The batches of a lot: pieces are loaded, checked, numbered and composed on all cores, and recorded once they are
//! printed.

use composition::CheckedPiece;
use rayon::prelude::*;

use super::{BATCH, KindOrder};
use crate::failure::Failure;
use crate::night::lot::{LotNumbers, NumberedPiece, Numbering, PrintedPiece};
use crate::night::planning::Plan;
use crate::night::printing::{Batch, Batches, SheetCount};
use crate::night::recording::LedgerWriter;

/// The batches of a lot.
pub(super) struct LotBatches<'a, 'o, C> {
    /// The position in lot order from which the next batch begins.
    pub next: u32,
    pub order: &'a KindOrder<'o, C>,
    pub plan: &'a mut Plan,
    pub numbers: &'a LotNumbers,
    /// Records the pieces as they are printed; `None` keeps them in `unrecorded`.
    pub ledger: Option<&'a mut LedgerWriter>,
    /// The printed pieces that are not recorded.
    pub unrecorded: Vec<PrintedPiece>,
    /// The sheets of the pieces so far.
    pub sheets: SheetCount,
    pub numbering: Numbering<'a>,
    /// As `next` and `numbering`, for the pieces that are loaded again.
    pub again: (u32, Numbering<'a>),
    /// Whether a piece is printed here.
    pub prints: &'a (dyn Fn(&NumberedPiece) -> bool + Sync),
}

impl<C: CheckedPiece> Batches for LotBatches<'_, '_, C> {
    /// The next batch that has pieces.
    fn next(&mut self) -> Result<Option<Batch>, Failure> {
        loop {
            let batch = self.plan.next_pieces(self.order.kind, &mut self.next, BATCH);
            if batch.is_empty() {
                return Ok(None);
            }
            let loaded = self.plan.load(&batch)?;
            let passed = (self.order.check)(self.plan, loaded)?;
            let number = |(piece, checked)| Ok((self.numbering.number(piece)?, checked));
            let mut numbered: Vec<(NumberedPiece, C)> =
                passed.into_iter().map(number).collect::<Result<_, Failure>>()?;
            numbered.iter().for_each(|(_, checked)| self.sheets.add(checked.pages()));
            numbered.retain(|(piece, _)| (self.prints)(piece));
            if !numbered.is_empty() {
                let compose = |(piece, checked): (NumberedPiece, C)| {
                    let composed = (self.order.compose)(&piece, checked)?;
                    Ok((piece, composed))
                };
                let composed = numbered.into_par_iter().with_min_len(4).map(compose);
                return composed.collect::<Result<_, _>>().map(Some);
            }
        }
    }

    fn sheet_count(&self) -> SheetCount {
        self.sheets.clone()
    }

    /// Pieces that did not pass their check leave no more, so that the others come in the order in which they were printed.
    fn again(&mut self, most: usize) -> Result<Vec<NumberedPiece>, Failure> {
        let (next, numbering) = &mut self.again;
        let mut pieces = Vec::with_capacity(most);
        while pieces.len() < most {
            let batch = self.plan.next_pieces(self.order.kind, next, (most - pieces.len()).min(BATCH));
            if batch.is_empty() {
                break;
            }
            for piece in self.plan.load(&batch)? {
                let piece = numbering.number(piece)?;
                if (self.prints)(&piece) {
                    pieces.push(piece);
                }
            }
        }
        Ok(pieces)
    }

    fn printed(&mut self, pieces: Vec<PrintedPiece>) -> Result<(), Failure> {
        let Some(ledger) = &mut self.ledger else {
            self.unrecorded.extend(pieces);
            return Ok(());
        };
        ledger.letters(self.plan, self.numbers, &pieces)
    }
}
