//! The masks of a side: each belongs to one symbol mark, to the dot, and reads as what the record says.

use preflight::{Bounds, Paint, ShownMask};
use twoddoc::parse_text;

use super::fault::Fault;
use super::plan::SymbolPlan;
use super::side::{ROUNDING, SideJudge, Wanted};
use crate::night::proofing::claims::Claim;
use crate::night::proofing::claims::control::OmrBar;
use crate::night::proofing::symbols::{read_code39, read_data_matrix};

/// Characters of a signature of 64 bytes in Base32.
const SIGNATURE_CHARACTERS: usize = 103;

/// A mask with the name of its field and the rectangle that it keeps for itself.
pub(super) type OwnedMask<'p> = (&'static str, &'p ShownMask, Bounds);

impl<'j> SideJudge<'j> {
    /// Assigns each mask to a symbol and reads it. Returns those that keep a quiet zone.
    pub(super) fn masks(&mut self) -> Vec<OwnedMask<'j>> {
        let (paint, side) = (self.paint, self.side);
        let mut owned: Vec<OwnedMask<'j>> = Vec::with_capacity(2);
        let mut found = vec![0usize; side.plan.symbols.len()];
        let mut strangers: Vec<&ShownMask> = Vec::new();
        for mask in
            paint.iter().filter_map(|paint| if let Paint::Mask(mask) = paint { Some(mask) } else { None })
        {
            let place = side
                .plan
                .symbols
                .iter()
                .zip(&found)
                .position(|((index, symbol), found)| self.is_at(mask, symbol, *index, *found));
            let Some(place) = place else {
                strangers.push(mask);
                continue;
            };
            let (index, symbol) = &side.plan.symbols[place];
            found[place] += 1;
            self.judge_mask(*index, symbol, mask);
            if *symbol != SymbolPlan::Omr {
                owned.push((self.field(*index), mask, self.zone(symbol, mask)));
            }
        }
        self.missing(&found, strangers);
        owned
    }

    /// The symbols that are not where they must be, and the masks that are none.
    fn missing(&mut self, found: &[usize], strangers: Vec<&ShownMask>) {
        let mut strangers = strangers.len();
        for ((index, symbol), found) in self.side.plan.symbols.iter().zip(found) {
            let wanted = match &self.side.wanted[*index] {
                Wanted::Claim(Claim::Omr(bars)) => bars.len(),
                Wanted::Claim(Claim::Nothing) => 0,
                _ => 1,
            };
            if *found >= wanted {
                continue;
            }
            let lacking = wanted - found;
            let moved = strangers >= lacking;
            strangers -= strangers.min(lacking);
            self.find(
                self.field(*index),
                match (symbol, moved) {
                    (SymbolPlan::Omr, _) => Fault::OmrMarks,
                    (_, true) => Fault::SymbolPlace,
                    (_, false) => Fault::SymbolMissing,
                },
            );
        }
        for _ in 0..strangers {
            self.find("a mask", Fault::ForeignPaint);
        }
    }

    /// A length in points as dots, if it is a whole number of them.
    fn dots(&self, points: f64) -> Option<i64> {
        let dots = points / self.rules.press.grid.dot();
        ((dots - dots.round()).abs() * self.rules.press.grid.dot() <= ROUNDING).then_some(dots.round() as i64)
    }

    /// Whether a mask is that symbol by its place; `found` of it are there already.
    fn is_at(&self, mask: &ShownMask, symbol: &SymbolPlan, index: usize, found: usize) -> bool {
        let (left, top) = (mask.bounds.left - self.left, mask.bounds.top);
        let at =
            |x: u32, y: u32| self.dots(left) == Some(i64::from(x)) && self.dots(top) == Some(i64::from(y));
        match symbol {
            SymbolPlan::Code39 { left, top, .. } | SymbolPlan::DataMatrix { left, top, .. } => {
                found == 0 && at(*left, *top)
            }
            SymbolPlan::Omr => match &self.side.wanted[index] {
                // Their order is that of the strip.
                Wanted::Claim(Claim::Omr(bars)) => bars.get(found).is_some_and(|bar| self.is_bar(mask, bar)),
                _ => false,
            },
        }
    }

    /// Whether a mask is that mark of a strip.
    fn is_bar(&self, mask: &ShownMask, bar: &OmrBar) -> bool {
        let Bounds { left, top, right, bottom } = mask.bounds;
        let all_dark =
            mask.columns == 1 && mask.rows == 1 && mask.cells.first().is_some_and(|cell| cell & 0x80 != 0);
        let dpi = self.rules.press.grid.dpi();
        all_dark
            && mask.upright
            && is_black(mask)
            && bar.is_at(dpi, left - self.left, top, right - left, bottom - top)
    }

    /// Reads a symbol and compares it.
    fn judge_mask(&mut self, index: usize, symbol: &SymbolPlan, mask: &ShownMask) {
        let field = self.field(index);
        if !mask.overprint {
            return self.find(field, Fault::Overprint);
        }
        if *symbol == SymbolPlan::Omr {
            self.out.symbols += u64::from(
                matches!(&self.side.wanted[index], Wanted::Claim(Claim::Omr(bars)) if bars.last().is_some_and(|bar| self.is_bar(mask, bar))),
            );
            return;
        }
        if !mask.upright || !is_black(mask) || !self.has_size(symbol, mask) {
            return self.find(field, Fault::SymbolPlace);
        }
        let press = self.rules.press;
        let read = match symbol {
            SymbolPlan::Code39 { x, two_and_half, .. } => {
                let ratio = if *two_and_half { 2.5 } else { 3.0 };
                read_code39(mask, press.grid, *x, ratio, press.reduction)
            }
            SymbolPlan::DataMatrix { cell, .. } => {
                read_data_matrix(mask, press.grid, *cell, press.reduction).map(|read| read.text)
            }
            SymbolPlan::Omr => return,
        };
        match read {
            Err(_) => self.find(field, Fault::SymbolModule),
            Ok(text) => match self.says_right(index, &text) {
                Ok(()) => self.out.symbols += 1,
                Err(fault) => self.find(field, fault),
            },
        }
    }

    /// Whether a mask has the height of its mark and fits into its width.
    fn has_size(&self, symbol: &SymbolPlan, mask: &ShownMask) -> bool {
        let Bounds { left, top, right, bottom } = mask.bounds;
        let (Some(width), Some(height)) = (self.dots(right - left), self.dots(bottom - top)) else {
            return false;
        };
        let (quiet, _) = symbol.quiet();
        let fits = |room: u32| width + 2 * i64::from(quiet) <= i64::from(room);
        match symbol {
            SymbolPlan::Code39 { height: wanted, room, .. } => height == i64::from(*wanted) && fits(*room),
            SymbolPlan::DataMatrix { room, .. } => height == width && fits(*room),
            SymbolPlan::Omr => true,
        }
    }

    /// Whether a symbol says what it must.
    fn says_right(&mut self, index: usize, text: &str) -> Result<(), Fault> {
        match &self.side.wanted[index] {
            Wanted::Anything => Ok(()),
            Wanted::Claim(Claim::DataMatrix(block)) => {
                let code = parse_text(text).map_err(|_| Fault::BlockDiffers)?;
                block.compare(&code).map_err(|_| Fault::BlockDiffers)?;
                // Nothing stands before the signed part or behind the signature.
                if text.len() != code.signed.len() + 1 + SIGNATURE_CHARACTERS {
                    return Err(Fault::BlockDiffers);
                }
                if self.side.block.is_some_and(|row| row != text) {
                    return Err(Fault::Row);
                }
                if let Some(key) = self.rules.key {
                    let signature = code.signature.as_deref().unwrap_or_default();
                    key.verify(&code.signed, signature).map_err(|_| Fault::Signature)?;
                    self.out.signatures += 1;
                }
                Ok(())
            }
            Wanted::Claim(claim) if claim.is_shown_by(&[text]) => Ok(()),
            Wanted::Claim(Claim::Impossible) => Err(Fault::Record),
            Wanted::Claim(_) => Err(Fault::SymbolDiffers),
        }
    }

    /// What a symbol covers with its quiet zone.
    fn zone(&self, symbol: &SymbolPlan, mask: &ShownMask) -> Bounds {
        let (beside, around) = symbol.quiet();
        let points = |dots: u32| f64::from(dots) * self.rules.press.grid.dot();
        let Bounds { left, top, right, bottom } = mask.bounds;
        Bounds {
            left: left - points(beside),
            top: top - points(around),
            right: right + points(beside),
            bottom: bottom + points(around),
        }
    }
}

/// Whether a mask is painted in full black.
fn is_black(mask: &ShownMask) -> bool {
    mask.black > 0.999
}
