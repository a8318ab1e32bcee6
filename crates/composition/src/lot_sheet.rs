//! The sheets at the ends of a lot. They show nothing of a person, a card or a code.

use std::borrow::Cow;

use crate::fault::PieceFault;
use crate::stamp::Stamper;
use crate::values::{PieceNumbers, PieceValues};
use mail::lot::LotName;
use mail::piece::PieceKind;
use print_file::PrintedPage;
use template::{FieldName, SheetSide};

/// The sheets of a lot are not pieces and have no numbers.
const NONE: PieceNumbers = PieceNumbers { piece_id: "", tracking_id: "", position: None };

/// The counts of a printed lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LotCounts {
    /// The printed reference of its first piece.
    pub first_piece: String,
    /// The printed reference of its last piece.
    pub last_piece: String,
    /// Its pieces.
    pub pieces: u32,
    /// Its print files.
    pub files: u32,
    /// The sheets that the press prints, those at its ends included.
    pub sheets: u32,
    /// The bundles that it is broken into; 0 where it is not.
    pub bundles: u32,
}

/// Composes the sheets at the ends of a lot.
#[derive(Clone, Copy)]
pub struct LotSheetComposer<'a> {
    stamper: &'a Stamper<'a>,
    lot: &'a LotName,
    kind: PieceKind,
    /// How many sides a sheet of the lot has.
    sides: usize,
}

impl<'a> LotSheetComposer<'a> {
    /// Prepares the sheets of a lot, printed on `sides` sides as its pieces are. `None` if the template was laid out
    /// without lot sheets.
    pub fn new(
        stamper: &'a Stamper<'a>,
        lot: &'a LotName,
        kind: PieceKind,
        sides: usize,
    ) -> Option<LotSheetComposer<'a>> {
        stamper.template().lot_sheets.as_ref().map(|_| LotSheetComposer { stamper, lot, kind, sides })
    }

    /// The sheet at the head of the lot, with the printed reference of its first piece.
    ///
    /// # Errors
    /// Every text and symbol that does not fit its mark.
    pub fn header(&self, first_piece: &str) -> Result<Vec<PrintedPage>, Vec<PieceFault>> {
        let sheets = self.stamper.template().lot_sheets.as_ref();
        self.compose(sheets.map_or(&[], |sheets| &sheets.header), "DEBUT", first_piece, None)
    }

    /// The sheet at the end of the lot.
    ///
    /// # Errors
    /// Every text and symbol that does not fit its mark.
    pub fn trailer(&self, counts: &LotCounts) -> Result<Vec<PrintedPage>, Vec<PieceFault>> {
        let sheets = self.stamper.template().lot_sheets.as_ref();
        self.compose(sheets.map_or(&[], |sheets| &sheets.trailer), "FIN", &counts.first_piece, Some(counts))
    }

    fn compose(
        &self,
        sides: &'a [SheetSide],
        end: &str,
        first_piece: &str,
        counts: Option<&LotCounts>,
    ) -> Result<Vec<PrintedPage>, Vec<PieceFault>> {
        let count =
            |of: fn(&LotCounts) -> u32| counts.map_or_else(String::new, |counts| of(counts).to_string());
        let field = |name: FieldName| -> Cow<str> {
            match name {
                FieldName::Lot => self.lot.marked(self.kind).into(),
                FieldName::LotCode => lot_code(self.lot, self.kind, end).into(),
                FieldName::FirstPiece => first_piece.into(),
                FieldName::LastPiece => counts.map_or("", |counts| &counts.last_piece).into(),
                FieldName::Pieces => count(|counts| counts.pieces).into(),
                FieldName::Files => count(|counts| counts.files).into(),
                FieldName::Sheets => count(|counts| counts.sheets).into(),
                FieldName::Bundles => count(|counts| counts.bundles).into(),
                _ => "".into(),
            }
        };
        let values =
            PieceValues { address: Vec::new(), field: &field, confusion: &|_| [0; 32], facsimile: &Vec::new };
        let sides = &sides[..sides.len().min(self.sides)];
        self.stamper.finish_sides(self.stamper.prepare_sides(sides, &values, &NONE, None)?, &NONE, None)
    }
}

/// The text of the barcode, such as `LOT-L26327A-DEBUT`. It can't be taken for a card number, which has no letter, nor
/// for a pair of Full ASCII Code 39.
fn lot_code(lot: &LotName, kind: PieceKind, end: &str) -> String {
    format!("LOT-{}-{end}", lot.marked(kind))
}
