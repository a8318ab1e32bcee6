//! The batches of a lot: pieces that passed their check are numbered and composed on all cores.

use composition::CheckedPiece;
use rayon::prelude::*;

use super::{BATCH, KindOrder, PieceSource};
use crate::failure::Failure;
use crate::night::lot::{NumberedPiece, Numbering, PrintedPiece};
use crate::night::printing::{Batch, Batches, SheetCount};

/// The batches of a lot.
pub(super) struct LotBatches<'a, 'o, C> {
    pub order: &'a KindOrder<'o, C>,
    /// Where its pieces come from.
    pub pieces: &'a mut dyn PieceSource<C>,
    /// The sheets of the pieces so far.
    pub sheets: SheetCount,
    pub numbering: Numbering<'a>,
    /// As `numbering`, for the pieces that are loaded again.
    pub again: Numbering<'a>,
    /// Whether a piece is printed here.
    pub prints: &'a (dyn Fn(&NumberedPiece) -> bool + Sync),
}

impl<C: CheckedPiece> Batches for LotBatches<'_, '_, C> {
    /// The next batch that has pieces.
    fn next(&mut self) -> Result<Option<Batch>, Failure> {
        while let Some(passed) = self.pieces.next()? {
            let number = |(piece, checked)| Ok((self.numbering.number(piece)?, checked));
            let mut numbered: Vec<(NumberedPiece, C)> =
                passed.into_iter().map(number).collect::<Result<_, Failure>>()?;
            numbered.iter().for_each(|(piece, checked)| {
                self.sheets.add(checked.pages());
                self.sheets.note_bundle(piece.bundle);
            });
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
        Ok(None)
    }

    fn sheet_count(&self) -> SheetCount {
        self.sheets.clone()
    }

    fn again(&mut self, most: usize) -> Result<Vec<NumberedPiece>, Failure> {
        let mut pieces = Vec::with_capacity(most);
        while pieces.len() < most {
            let loaded = self.pieces.again((most - pieces.len()).min(BATCH))?;
            if loaded.is_empty() {
                break;
            }
            for piece in loaded {
                let piece = self.again.number(piece)?;
                if (self.prints)(&piece) {
                    pieces.push(piece);
                }
            }
        }
        Ok(pieces)
    }

    fn printed(&mut self, pieces: Vec<PrintedPiece>) -> Result<(), Failure> {
        self.pieces.printed(pieces)
    }
}
