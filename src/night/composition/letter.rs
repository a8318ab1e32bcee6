//! The card carrier letter. Nothing here can see a code.

use std::borrow::Cow;

use jiff::civil::Date;

use super::block::{BlockMaker, Truncation};
use super::stamp::{Stamper, Values, symbol, symbol_size};
use super::values::{facsimile, fact_values, of_record};
use super::{ComposedPiece, LetterFault, PieceFault};
use crate::barcode::datamatrix::Symbol;
use crate::mail::calendar::french_date;
use crate::mail::card::Issuance;
use crate::mail::piece::PieceKind;
use crate::template::FieldName;

/// Everything letters are composed from, but the records.
pub struct LetterPress<'a> {
    stamper: &'a Stamper<'a>,
    blocks: &'a BlockMaker,
    night: Date,
    /// The night as pieces show it.
    day: String,
}

impl<'a> LetterPress<'a> {
    /// Prepares a night's letters.
    pub fn new(stamper: &'a Stamper<'a>, blocks: &'a BlockMaker, night: Date) -> Self {
        LetterPress { stamper, blocks, night, day: french_date(night) }
    }

    /// Finds what would keep a letter from being composed, and the fields of its block that had to be truncated.
    ///
    /// # Errors
    /// All faults at once.
    pub fn check(&self, issuance: &Issuance) -> Result<Vec<Truncation>, Vec<PieceFault>> {
        let (text, truncations) = self.blocks.unsigned(issuance)?;
        let longest = format!("{text}{}", "A".repeat(BlockMaker::SIGNATURE_CHARACTERS));
        let size = symbol_size(&longest).map_err(|fault| vec![fault])?;
        let sides = self.stamper.sides(fact_values(PieceKind::Letter, issuance))?;
        let faults = self.with_values(issuance, "00000A000000", None, |values| {
            let faults = |side| self.stamper.faults(side, values, Some(size));
            sides.iter().flat_map(faults).collect::<Vec<_>>()
        });
        if faults.is_empty() { Ok(truncations) } else { Err(faults) }
    }

    /// Composes a letter.
    ///
    /// # Errors
    /// Those that [`LetterPress::check`] finds, and a signer that fails.
    pub fn compose(&self, issuance: &Issuance, piece_id: &str) -> Result<ComposedPiece, LetterFault> {
        let signed = self.blocks.signed(issuance)?;
        let symbol = symbol(&signed).map_err(|fault| vec![fault])?;
        let sides = self.stamper.sides(fact_values(PieceKind::Letter, issuance))?;
        let pages = self.with_values(issuance, piece_id, Some(&symbol), |values| {
            sides.iter().map(|side| self.stamper.side(side, values)).collect::<Result<_, Vec<PieceFault>>>()
        })?;
        Ok(ComposedPiece { pages, twoddoc: Some(signed) })
    }

    fn with_values<'v, T>(
        &'v self,
        issuance: &'v Issuance,
        piece_id: &'v str,
        symbol: Option<&Symbol>,
        work: impl FnOnce(&Values) -> T,
    ) -> T {
        let field = |name: FieldName| match name {
            FieldName::PieceId => Cow::Borrowed(piece_id),
            FieldName::Date => Cow::Borrowed(self.day.as_str()),
            name => of_record(name, issuance, self.night),
        };
        let address = issuance.address.lines().collect();
        let facsimile = || facsimile(issuance, self.night);
        work(&Values { address, field: &field, symbol, facsimile: &facsimile })
    }
}
