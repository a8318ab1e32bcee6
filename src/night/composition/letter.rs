//! The card carrier letter. Nothing here can see a code.

use std::borrow::Cow;

use jiff::civil::Date;

use super::block::{BlockMaker, Truncation};
use super::stamp::{Stamper, Values, symbol};
use super::values::{facsimile, facts, of_record};
use super::{ComposedPiece, LetterFault, PieceFault};
use crate::barcode::datamatrix::Symbol;
use crate::mail::card::Issuance;
use crate::mail::piece::PieceKind;
use crate::template::FieldName;

/// Everything letters are composed from, but the records.
pub struct LetterPress<'a> {
    stamper: &'a Stamper<'a>,
    blocks: &'a BlockMaker,
    night: Date,
}

impl<'a> LetterPress<'a> {
    /// Prepares a night's letters.
    pub fn new(stamper: &'a Stamper<'a>, blocks: &'a BlockMaker, night: Date) -> Self {
        LetterPress { stamper, blocks, night }
    }

    /// Finds what would keep a letter from being composed, and the fields of its block that had to be truncated.
    ///
    /// # Errors
    /// All faults at once.
    pub fn check(&self, issuance: &Issuance) -> Result<Vec<Truncation>, Vec<PieceFault>> {
        let (text, truncations) = self.blocks.unsigned(issuance)?;
        let longest = format!("{text}{}", "A".repeat(BlockMaker::SIGNATURE_CHARACTERS));
        let symbol = symbol(&longest).map_err(|fault| vec![fault])?;
        let sides = self.stamper.sides(facts(PieceKind::Letter, issuance))?;
        let faults = self.with_values(issuance, "00000A000000", Some(&symbol), |values| {
            sides.iter().flat_map(|side| self.stamper.faults(side, values)).collect::<Vec<_>>()
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
        let sides = self.stamper.sides(facts(PieceKind::Letter, issuance))?;
        let pages = self.with_values(issuance, piece_id, Some(&symbol), |values| {
            sides.iter().map(|side| self.stamper.side(side, values)).collect::<Result<_, Vec<PieceFault>>>()
        })?;
        Ok(ComposedPiece { pages, twoddoc: Some(signed) })
    }

    fn with_values<T>(
        &self,
        issuance: &Issuance,
        piece_id: &str,
        symbol: Option<&Symbol>,
        work: impl FnOnce(&Values) -> T,
    ) -> T {
        let field = |name: FieldName| match name {
            FieldName::PieceId => Cow::Owned(piece_id.to_owned()),
            name => Cow::Owned(of_record(name, issuance, self.night).into_owned()),
        };
        let address = issuance.address.lines().collect();
        let facsimile = || facsimile(issuance, self.night);
        work(&Values { address, field: &field, symbol, facsimile: &facsimile })
    }
}
