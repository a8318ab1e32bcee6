//! The batches of a lot: pieces brought back, checked, numbered and composed, on all cores, and told to the ledger's keeper
//! once they are printed.

use rayon::prelude::*;

use super::{BATCH, KindOrder};
use crate::failure::Failure;
use crate::night::keeper::Keeper;
use crate::night::numbering::{Numbering, Series};
use crate::night::planning::Plan;
use crate::night::printing::{Batch, Batches, NumberedPiece, PrintedPiece, Tally, file_name};
use composition::CheckedPiece;

/// The batches of a lot.
pub(super) struct LotBatches<'a, 'o, C> {
    /// The entry from which the next batch begins.
    pub next: u32,
    pub order: &'a KindOrder<'o, C>,
    pub plan: &'a mut Plan,
    pub series: &'a Series,
    /// Who enters the pieces into the ledger as they are printed.
    pub keeper: Option<&'a mut Keeper>,
    /// Where the printed pieces are, where nobody does.
    pub kept: Vec<PrintedPiece>,
    /// What the lot's trailer counts.
    pub tally: Tally,
    pub numbering: Numbering<'a>,
    /// Whether a piece is printed here.
    pub prints: &'a (dyn Fn(&NumberedPiece) -> bool + Sync),
}

impl<C: CheckedPiece> Batches for LotBatches<'_, '_, C> {
    /// The next batch that has pieces: brought back, checked, numbered, composed.
    fn next(&mut self) -> Result<Option<Batch>, Failure> {
        loop {
            let share = self.plan.next_pieces(self.order.kind, &mut self.next, BATCH);
            if share.is_empty() {
                return Ok(None);
            }
            let loaded = self.plan.load(&share)?;
            let passed = (self.order.check)(self.plan, loaded)?;
            let number = |(piece, checked)| Ok((self.numbering.number(piece)?, checked));
            let mut numbered: Vec<(NumberedPiece, C)> =
                passed.into_iter().map(number).collect::<Result<_, Failure>>()?;
            numbered.iter().for_each(|(_, checked)| self.tally.add(checked.pages()));
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

    fn tally(&self) -> Tally {
        self.tally.clone()
    }

    fn printed(&mut self, pieces: Vec<PrintedPiece>) -> Result<(), Failure> {
        let Some(keeper) = &mut self.keeper else {
            self.kept.extend(pieces);
            return Ok(());
        };
        let Series { lot, kind, .. } = self.series;
        let sealed = self.order.seal_to.is_some();
        let file = |rank: u16| file_name(*kind, lot, usize::from(rank) + 1, sealed);
        keeper.letters(self.plan, self.series, &pieces, &file)
    }
}
