//! The card carrier letter. No PIN can be reached from here.

use std::borrow::Cow;

use jiff::civil::Date;

use crate::block::{BlockComposer, Truncation};
use crate::fault::{LetterFault, PieceFault};
use crate::stamp::{PreparedSide, Stamper};
use crate::symbol::{encode, required_size};
use crate::values::{PieceNumbers, PieceValues, facsimile, fact_values, record_value};
use crate::{CheckedPiece, ComposedPiece};
use mail::calendar::french_date;
use mail::issuance::Issuance;
use mail::piece::PieceKind;
use template::FieldName;
use twoddoc::UnsignedBlock;

/// Numbers as long as those of every letter.
const SAMPLE: PieceNumbers = PieceNumbers { piece_id: "00000A000000", tracking_id: "", position: None };

/// A letter that passed its check and waits for its number and its signature.
pub struct CheckedLetter<'a> {
    sides: Vec<PreparedSide<'a>>,
    /// What the signature covers.
    block: UnsignedBlock,
}

impl CheckedPiece for CheckedLetter<'_> {
    fn pages(&self) -> usize {
        self.sides.len()
    }
}

/// Composes a night's letters.
pub struct LetterComposer<'a> {
    stamper: &'a Stamper<'a>,
    blocks: &'a BlockComposer,
    /// The night of the originals, from which other dates are counted.
    night: Date,
    /// The date as pieces print it.
    day: String,
}

impl<'a> LetterComposer<'a> {
    /// Prepares a night's letters.
    pub fn new(stamper: &'a Stamper<'a>, blocks: &'a BlockComposer, night: Date) -> Self {
        LetterComposer { stamper, blocks, night, day: french_date(night) }
    }

    /// The same letters printed again on a later day, whose date they show. What was counted from their night stays.
    #[must_use]
    pub fn again(self, day: Date) -> Self {
        LetterComposer { day: french_date(day), ..self }
    }

    /// Checks that a letter can be composed. Returns it with the truncated fields of its block.
    ///
    /// # Errors
    /// Every [`PieceFault`] of the block, or else every one of the pages.
    pub fn check(
        &self,
        issuance: &Issuance,
    ) -> Result<(CheckedLetter<'a>, Vec<Truncation>), Vec<PieceFault>> {
        let block = self.blocks.compose(issuance)?;
        let longest = format!("{}{}", block.text, "A".repeat(BlockComposer::SIGNATURE_CHARACTERS));
        let size = required_size(&longest).map_err(|fault| vec![fault])?;
        let sides = self.stamper.sides(fact_values(PieceKind::Letter, issuance))?;
        let field = |name: FieldName| match name {
            FieldName::Date => Cow::Borrowed(self.day.as_str()),
            name => record_value(name, issuance, self.night),
        };
        let facsimile = || facsimile(issuance, self.night);
        let address = issuance.address.lines().collect();
        let values = PieceValues { address, field: &field, confusion: &|_| [0; 32], facsimile: &facsimile };
        let sides = self.stamper.prepare_sides(sides, &values, &SAMPLE, Some(size))?;
        let truncations = self.blocks.truncations(&block);
        Ok((CheckedLetter { sides, block }, truncations))
    }

    /// Composes a letter that was checked, with its numbers.
    ///
    /// # Errors
    /// [`LetterFault::Signer`] if the signer fails, [`LetterFault::Piece`] if a number does not fit its mark.
    pub fn compose(
        &self,
        checked: CheckedLetter,
        numbers: &PieceNumbers,
    ) -> Result<ComposedPiece, LetterFault> {
        let CheckedLetter { sides, block } = checked;
        let signed = self.blocks.signed(&block)?;
        let symbol = encode(&signed).map_err(|fault| vec![fault])?;
        let pages = self.stamper.finish_sides(sides, numbers, Some(&symbol))?;
        Ok(ComposedPiece { pages, twoddoc: Some(signed) })
    }
}
