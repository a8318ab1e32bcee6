//! The card carrier letter. Nothing here can see a code.

use std::borrow::Cow;

use jiff::civil::Date;

use crate::block::{BlockMaker, Truncation};
use crate::side::{BegunSide, Numbers, Values};
use crate::stamp::{Stamper, symbol, symbol_size};
use crate::values::{facsimile, fact_values, of_record};
use crate::{CheckedPiece, ComposedPiece, LetterFault, PieceFault};
use mail::calendar::french_date;
use mail::card::Issuance;
use mail::piece::PieceKind;
use template::FieldName;
use twoddoc::UnsignedBlock;

/// Numbers as long as a letter's.
const ANY: Numbers = Numbers { piece_id: "00000A000000", tracking_id: "" };

/// A letter that waits for its number and its signature.
pub struct CheckedLetter<'a> {
    sides: Vec<BegunSide<'a>>,
    /// What the signature covers.
    block: UnsignedBlock,
}

impl CheckedPiece for CheckedLetter<'_> {
    fn pages(&self) -> usize {
        self.sides.len()
    }
}

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

    /// Begins a letter: finds what would keep it from being composed, and the fields of its block that had to be truncated.
    ///
    /// # Errors
    /// All faults at once.
    pub fn check(
        &self,
        issuance: &Issuance,
    ) -> Result<(CheckedLetter<'a>, Vec<Truncation>), Vec<PieceFault>> {
        let block = self.blocks.compose(issuance)?;
        let longest = format!("{}{}", block.text, "A".repeat(BlockMaker::SIGNATURE_CHARACTERS));
        let size = symbol_size(&longest).map_err(|fault| vec![fault])?;
        let sides = self.stamper.sides(fact_values(PieceKind::Letter, issuance))?;
        let field = |name: FieldName| match name {
            FieldName::Date => Cow::Borrowed(self.day.as_str()),
            name => of_record(name, issuance, self.night),
        };
        let facsimile = || facsimile(issuance, self.night);
        let address = issuance.address.lines().collect();
        let values = Values { address, field: &field, facsimile: &facsimile };
        let sides = self.stamper.begin_sides(sides, &values, &ANY, Some(size))?;
        let truncations = self.blocks.truncations(&block);
        Ok((CheckedLetter { sides, block }, truncations))
    }

    /// Composes a letter that was checked.
    ///
    /// # Errors
    /// A signer that fails, and a number that does not go into its place.
    pub fn compose(&self, checked: CheckedLetter, piece_id: &str) -> Result<ComposedPiece, LetterFault> {
        let CheckedLetter { sides, block } = checked;
        let signed = self.blocks.signed(&block)?;
        let symbol = symbol(&signed).map_err(|fault| vec![fault])?;
        let numbers = Numbers { piece_id, tracking_id: "" };
        let pages = self.stamper.finish_sides(sides, &numbers, Some(&symbol))?;
        Ok(ComposedPiece { pages, twoddoc: Some(signed) })
    }
}
