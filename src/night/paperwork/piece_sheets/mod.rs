//! Sheets with a row for each piece: the recall sheet (« fiche de rappel »), by which pieces are pulled from the stack, and
//! the destruction sheet (« procès-verbal de destruction »), which two witnesses sign.
//!
//! A4 PDFs with boxes to fill in by hand. They name pieces by their references: no holder, no card number, no code.

mod destruction;
mod list;
mod recall;

#[cfg(test)]
mod tests;

use jiff::civil::Date;
use mail::Language;
use mail::piece::PieceKind;
use template::paperwork_fonts;

use super::sheet::{self, Description, Fonts, PaperworkError};
use crate::failure::Failure;
use crate::ledger::{PieceStatus, State};

/// The program and its version, at the foot of each sheet.
const PROGRAM: &str = concat!("pli ", env!("CARGO_PKG_VERSION"));

/// A recall: the pieces of one lot that are to be pulled before they leave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RecallSheet<'a> {
    /// The bureau's language.
    pub language: Language,
    /// The bureau's name.
    pub bureau: &'a str,
    /// The lot with its kind, `L26327A`.
    pub lot: &'a str,
    /// The kind of its pieces.
    pub kind: PieceKind,
    /// Why they are pulled, as a person wrote it. It must name nobody.
    pub reason: &'a str,
    /// Who recalls them.
    pub by: &'a str,
    /// The day; also the PDF's date.
    pub day: Date,
    /// The pieces, in the order of the stack.
    pub pieces: &'a [StackedPiece],
}

/// A piece, and where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StackedPiece {
    /// The printed reference.
    pub piece_id: String,
    /// Its print file, relative to the night's folder.
    pub file: String,
    /// Its first page in that file, from 1.
    pub first_page: u32,
    /// How many pages it has.
    pub pages: u32,
    /// Its column on imposed sheets, 1 left and 2 right; `None` where sheets hold one piece, or where it is not known.
    pub column: Option<u8>,
    /// Its state.
    pub state: State,
}

impl StackedPiece {
    /// A piece as the ledger knows it. The ledger does not know its column.
    pub(crate) fn of(piece: &PieceStatus) -> StackedPiece {
        let number = |number: i64| u32::try_from(number).unwrap_or_default();
        StackedPiece {
            piece_id: piece.piece_id.clone(),
            file: piece.file.clone(),
            first_page: number(piece.first_page),
            pages: number(piece.pages),
            column: None,
            state: piece.state,
        }
    }

    /// The number of the piece's first sheet in its file, from 1. A piece of several pages lies on both sides of its sheets.
    pub(crate) fn sheet(&self) -> u32 {
        let sides = if self.pages > 1 { 2 } else { 1 };
        self.first_page.saturating_sub(1) / sides + 1
    }
}

/// A destruction: pieces that are destroyed before two witnesses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DestructionSheet<'a> {
    /// The bureau's language.
    pub language: Language,
    /// The bureau's name.
    pub bureau: &'a str,
    /// The kind of the pieces.
    pub kind: PieceKind,
    /// What is destroyed, as a person wrote it: a box, a lot, a reason. It must name nobody.
    pub occasion: &'a str,
    /// Who asks for it.
    pub by: &'a str,
    /// The day; also the PDF's date.
    pub day: Date,
    /// The printed references with their states, in order.
    pub pieces: &'a [(String, State)],
    /// What the ledger has of it; `None` where the sheet asks for a destruction that is still to come.
    pub minutes: Option<Minutes<'a>>,
}

/// A destruction that is in the ledger.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Minutes<'a> {
    /// SHA-256 over the references, each with a line feed behind it, in hexadecimal digits.
    pub sha256: &'a str,
    /// Who saw it; who destroyed the pieces is [`DestructionSheet::by`].
    pub witness: &'a str,
}

/// The recall sheet as PDF. The same recall makes the same bytes.
///
/// # Errors
/// `recall_sheet`: the lot's name has no bar code, or the bureau's name does not fit.
pub(crate) fn recall_sheet(sheet: &RecallSheet) -> Result<Vec<u8>, Failure> {
    let title = format!("{} {}", recall::title(sheet.language), sheet.lot);
    let drawn = make(&title, sheet.bureau, sheet.day, |fonts| recall::pages(sheet, fonts));
    drawn.map_err(|error| failed("recall_sheet", &title, error))
}

/// The destruction sheet as PDF. The same destruction makes the same bytes.
///
/// # Errors
/// `destruction_sheet`: the bureau's name does not fit.
pub(crate) fn destruction_sheet(sheet: &DestructionSheet) -> Result<Vec<u8>, Failure> {
    let title = format!("{} {}", destruction::title(sheet.language), sheet.day);
    let drawn = make(&title, sheet.bureau, sheet.day, |fonts| destruction::pages(sheet, fonts));
    drawn.map_err(|error| failed("destruction_sheet", &title, error))
}

fn make(
    title: &str,
    author: &str,
    day: Date,
    draw: impl FnOnce(&Fonts) -> Result<Vec<Vec<printpdf::Op>>, PaperworkError>,
) -> Result<Vec<u8>, PaperworkError> {
    let (regular, bold) = paperwork_fonts();
    let fonts = Fonts::parse(regular, bold)?;
    let pages = draw(&fonts)?;
    sheet::write(&Description { title, author, program: PROGRAM, day }, fonts, pages)
}

fn failed(code: &'static str, title: &str, error: PaperworkError) -> Failure {
    let problem = format!("{title}: {error}");
    let failure = match &error {
        PaperworkError::MissingGlyph { .. } | PaperworkError::TooWide(_) => Failure::usage(code, problem)
            .with_advice("write `bureau.name` in the job shorter and in letters of the Latin alphabet"),
        _ => Failure::midway(code, problem),
    };
    failure.caused_by(error)
}
