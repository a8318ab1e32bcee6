//! The proof sheet of a template (« bon à tirer »): what it is and how it was checked, a place to sign, every variant small and
//! then reduced, and its wording. The issuer of the cards signs it before a template goes into production.
//!
//! It is an A4 PDF in French, as the wording that is signed. The same contents make the same bytes. It shows invented records only.

mod front;
mod texts;
mod variants;

use jiff::civil::Date;
use mail::piece::PieceKind;
use template::paperwork_fonts;

use super::sheet::{
    self, Description, Fonts, GREY, HAIR, LEFT, Page, PaperworkError, PlacedOn, RIGHT, ROOM, bold, regular,
};
use crate::failure::Failure;

/// The program and its version.
const PROGRAM: &str = concat!("pli ", env!("CARGO_PKG_VERSION"));
/// The top of what stands below the head of a further page.
const TOP: f32 = 78.0;

/// The contents of a proof sheet.
#[derive(Debug)]
pub(crate) struct ProofSheet<'a> {
    /// The bureau's name.
    pub bureau: &'a str,
    /// The template's title.
    pub title: &'a str,
    /// The template's name.
    pub name: &'a str,
    /// Its version: SHA-256 of its files, in hexadecimal.
    pub version: &'a str,
    /// The kind of its pieces.
    pub kind: PieceKind,
    /// The paper that the press loads.
    pub media: &'a str,
    /// The day of the proof, which the pieces show too.
    pub day: Date,
    /// Every variant, in order.
    pub variants: Vec<ProofVariant>,
    /// The name and version that the wording is compared with.
    pub against: Option<(&'a str, &'a str)>,
    /// Every sentence once, in reading order, then those that are gone.
    pub sentences: Vec<ProofSentence<'a>>,
    /// The warnings of the check.
    pub warnings: Vec<String>,
    /// A PDF with the pages of all variants.
    pub pieces: &'a [u8],
}

/// A variant.
#[derive(Debug)]
pub(crate) struct ProofVariant {
    /// Its facts in words.
    pub words: String,
    /// The indices of its pages in the PDF of all pieces.
    pub pages: std::ops::Range<usize>,
}

/// A sentence of the wording.
#[derive(Debug)]
pub(crate) struct ProofSentence<'a> {
    /// Its words.
    pub text: &'a str,
    /// The variants that show it, in words.
    pub shown: &'a str,
    /// What became of it, in one sign: `+`, `≠`, `↔`, [`GONE`], or nothing.
    pub sign: &'static str,
    /// The sentence as it was, or the variants that showed it, where that changed.
    pub before: Option<String>,
}

/// The sign of a sentence that is gone.
pub(crate) const GONE: &str = "−";

/// The proof sheet as PDF.
///
/// # Errors
/// `proof_sheet`: a text that does not fit or has a character that the sheet's font lacks.
pub(crate) fn proof_sheet(proof: &ProofSheet) -> Result<Vec<u8>, Failure> {
    draw(proof).map_err(|error| {
        let problem = format!("the proof sheet of `{}`: {error}", foreign::legible(proof.name));
        let failure = match &error {
            PaperworkError::MissingGlyph { .. } | PaperworkError::TooWide(_) => {
                Failure::usage("proof_sheet", problem).with_advice(
                    "write `title` and `media` of the template, and `bureau.name` of the job, shorter and in letters of the Latin alphabet",
                )
            }
            _ => Failure::midway("proof_sheet", problem),
        };
        failure.caused_by(error)
    })
}

fn draw(proof: &ProofSheet) -> Result<Vec<u8>, PaperworkError> {
    let (regular, bold) = paperwork_fonts();
    let fonts = Fonts::parse(regular, bold)?;
    let mut pages: Vec<(Page, Vec<sheet::PlacedPage>)> = vec![(front::front(&fonts, proof)?, Vec::new())];
    pages.extend(variants::small(&fonts, proof)?);
    pages.extend(variants::reduced(&fonts, proof)?);
    pages.extend(texts::wording(&fonts, proof)?.into_iter().map(|page| (page, Vec::new())));
    let count = pages.len();
    let mut finished: Vec<PlacedOn> = Vec::with_capacity(count);
    for (number, (mut page, placed)) in (1..).zip(pages) {
        foot(&mut page, proof, number, count)?;
        finished.push((page.into_operations(), placed));
    }
    let title = format!("Bon à tirer : {}", proof.title);
    let description = Description { title: &title, author: proof.bureau, program: PROGRAM, day: proof.day };
    sheet::write_placed(&description, fonts, finished, proof.pieces)
}

/// The head of a further page.
fn head<'f>(fonts: &'f Fonts, proof: &ProofSheet, title: &str) -> Result<Page<'f>, PaperworkError> {
    let mut page = Page::new(fonts);
    page.text(LEFT, 50.0, ROOM * 0.45, bold(12.0), title)?;
    page.text_left_of(RIGHT, 50.0, ROOM * 0.5, regular(9.0).grey(GREY), proof.title)?;
    page.fill(LEFT, 58.0, ROOM, 1.25, 0.0);
    Ok(page)
}

/// The foot: the template's version and the program, so that each page says what it is of, and its number.
fn foot(page: &mut Page, proof: &ProofSheet, number: usize, of: usize) -> Result<(), PaperworkError> {
    let y = sheet::FOOTER_TOP + 14.0;
    let version = format!("Version {}", abridged(proof.version));
    page.fill(LEFT, sheet::FOOTER_TOP, ROOM, 0.5, HAIR);
    page.text(LEFT, y, 200.0, regular(8.0).grey(GREY), &version)?;
    page.text_around(LEFT + ROOM / 2.0, y, 120.0, regular(8.0).grey(GREY), PROGRAM)?;
    page.text_left_of(RIGHT, y, 120.0, regular(8.0).grey(GREY), &format!("Page {number}/{of}"))
}

/// The begin of a digest, which people compare.
fn abridged(digest: &str) -> &str {
    digest.get(..16).unwrap_or(digest)
}
