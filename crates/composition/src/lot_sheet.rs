//! The sheets at the ends of a lot. Nothing here can see a person, a card or a code.

use std::borrow::Cow;

use crate::PieceFault;
use crate::side::{Numbers, Values};
use crate::stamp::Stamper;
use mail::lot::LotName;
use mail::piece::PieceKind;
use print_file::PrintedPage;
use template::{FieldName, SheetSide};

/// A lot's sheets are no pieces.
const NONE: Numbers = Numbers { piece_id: "", tracking_id: "" };

/// What is known of a lot once it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LotCounts {
    /// Its last piece.
    pub last_piece: String,
    /// Its pieces, files, and sheets with those at its ends.
    pub pieces: u32,
    /// Its print files.
    pub files: u32,
    /// What the press prints.
    pub sheets: u32,
}

/// Makes the sheets at the ends of a lot.
#[derive(Clone, Copy)]
pub struct LotSheetPress<'a> {
    stamper: &'a Stamper<'a>,
    lot: &'a LotName,
    kind: PieceKind,
    /// How many sides a sheet of the lot has.
    sides: usize,
}

impl<'a> LotSheetPress<'a> {
    /// Prepares the sheets of a lot, printed on so many sides as its pieces; none where the template was not laid out
    /// with any.
    pub fn new(
        stamper: &'a Stamper<'a>,
        lot: &'a LotName,
        kind: PieceKind,
        sides: usize,
    ) -> Option<LotSheetPress<'a>> {
        stamper.template().lot_sheets.as_ref().map(|_| LotSheetPress { stamper, lot, kind, sides })
    }

    /// The sheet at the head of the lot.
    ///
    /// # Errors
    /// A text that does not go into its place.
    pub fn header(&self) -> Result<Vec<PrintedPage>, Vec<PieceFault>> {
        let sheets = self.stamper.template().lot_sheets.as_ref();
        self.compose(sheets.map_or(&[], |sheets| &sheets.header), "DEBUT", None)
    }

    /// The sheet at its end.
    ///
    /// # Errors
    /// A text that does not go into its place.
    pub fn trailer(&self, counts: &LotCounts) -> Result<Vec<PrintedPage>, Vec<PieceFault>> {
        let sheets = self.stamper.template().lot_sheets.as_ref();
        self.compose(sheets.map_or(&[], |sheets| &sheets.trailer), "FIN", Some(counts))
    }

    fn compose(
        &self,
        sides: &'a [SheetSide],
        end: &str,
        counts: Option<&LotCounts>,
    ) -> Result<Vec<PrintedPage>, Vec<PieceFault>> {
        let count =
            |of: fn(&LotCounts) -> u32| counts.map_or_else(String::new, |counts| of(counts).to_string());
        let field = |name: FieldName| -> Cow<str> {
            match name {
                FieldName::Lot => self.lot.as_str().into(),
                FieldName::LotCode => lot_code(self.lot, self.kind, end).into(),
                FieldName::FirstPiece => self.lot.piece_id(self.kind, 1).into(),
                FieldName::LastPiece => counts.map_or("", |counts| &counts.last_piece).into(),
                FieldName::Pieces => count(|counts| counts.pieces).into(),
                FieldName::Files => count(|counts| counts.files).into(),
                FieldName::Sheets => count(|counts| counts.sheets).into(),
                _ => "".into(),
            }
        };
        let values = Values { address: Vec::new(), field: &field, facsimile: &Vec::new };
        let sides = &sides[..sides.len().min(self.sides)];
        self.stamper.finish_sides(self.stamper.begin_sides(sides, &values, &NONE, None)?, &NONE, None)
    }
}

/// What the bar code says, such as `LOT-L26327A-DEBUT`: no piece's begins like that, no card number has a letter, and no
/// reader that knows Code 39's pairs for ASCII takes a part of it for one.
fn lot_code(lot: &LotName, kind: PieceKind, end: &str) -> String {
    let kind = match kind {
        PieceKind::Letter => "L",
        PieceKind::Mailer => "M",
    };
    format!("LOT-{kind}{lot}-{end}")
}
