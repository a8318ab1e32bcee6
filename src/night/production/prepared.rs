//! Pieces that are checked and numbered, composed a batch at a time.

use std::collections::VecDeque;

use composition::{CheckedPiece, ComposedPiece};
use rayon::prelude::*;

use crate::failure::Failure;
use crate::night::lot::{NumberedPiece, PrintedPiece};
use crate::night::printing::{Batch, Batches, SheetCount};

/// How many pieces are composed at a time, on all cores.
const BATCH: usize = 1024;

/// The pieces of a reprint lot.
pub(in crate::night) struct PreparedPieces<'a, C> {
    waiting: std::vec::IntoIter<(NumberedPiece, C)>,
    compose: &'a (dyn Fn(&NumberedPiece, C) -> Result<ComposedPiece, Failure> + Sync),
    sheets: SheetCount,
    printed: Vec<PrintedPiece>,
    /// The pieces that were composed.
    composed: VecDeque<NumberedPiece>,
}

impl<'a, C> PreparedPieces<'a, C> {
    /// Takes the pieces in the order of their lot.
    pub(in crate::night) fn new(
        pieces: Vec<(NumberedPiece, C)>,
        compose: &'a (dyn Fn(&NumberedPiece, C) -> Result<ComposedPiece, Failure> + Sync),
        sheets: SheetCount,
    ) -> PreparedPieces<'a, C> {
        PreparedPieces {
            waiting: pieces.into_iter(),
            compose,
            sheets,
            printed: Vec::new(),
            composed: VecDeque::new(),
        }
    }

    /// Where the pieces were printed.
    pub(in crate::night) fn printed(self) -> Vec<PrintedPiece> {
        self.printed
    }
}

impl<C: CheckedPiece + Send> Batches for PreparedPieces<'_, C> {
    fn next(&mut self) -> Result<Option<Batch>, Failure> {
        let batch: Vec<(NumberedPiece, C)> = self.waiting.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return Ok(None);
        }
        batch.iter().for_each(|(_, checked)| self.sheets.add(checked.pages()));
        self.composed.extend(batch.iter().map(|(piece, _)| piece.clone()));
        let compose = |(piece, checked): (NumberedPiece, C)| {
            let composed = (self.compose)(&piece, checked)?;
            Ok((piece, composed))
        };
        batch.into_par_iter().with_min_len(4).map(compose).collect::<Result<_, _>>().map(Some)
    }

    fn sheet_count(&self) -> SheetCount {
        self.sheets.clone()
    }

    fn again(&mut self, most: usize) -> Result<Vec<NumberedPiece>, Failure> {
        Ok(self.composed.drain(..most.min(self.composed.len())).collect())
    }

    fn printed(&mut self, pieces: Vec<PrintedPiece>) -> Result<(), Failure> {
        self.printed.extend(pieces);
        Ok(())
    }
}
