//! What all sheets of paper share: drawing on A4 pages, the PDF around them, words and numbers, edges and feet.
//!
//! The same contents make the same bytes; neither clock nor disk is read.

mod page;
mod pdf;
mod placed;
pub(super) mod words;

use foreign::legible;
use symbols::code39::{Code39, Code39Error, Ratio};

pub(super) use page::{Fonts, GREY, HAIR, HEIGHT, Page, WASH, WHITE, WIDTH, bold, regular};
pub(super) use pdf::{Description, write};
pub(super) use placed::{PlacedOn, PlacedPage, write_placed};

use mail::Language;
use mail::piece::PieceKind;

/// The left edge of everything.
pub(super) const LEFT: f32 = 48.0;
/// The right edge of everything.
pub(super) const RIGHT: f32 = WIDTH - LEFT;
/// The width between the edges.
pub(super) const ROOM: f32 = RIGHT - LEFT;
/// The footer's rule.
pub(super) const FOOTER_TOP: f32 = HEIGHT - 46.0;

/// X dimension of the bar code: 10 dots at 600 dpi, 0.42 mm.
const X_DOTS: u32 = 10;
/// Points per dot at 600 dpi.
const DOT: f32 = 72.0 / 600.0;
/// Height of the bars, 16.8 mm.
pub(super) const BAR_HEIGHT: f32 = 47.5;

/// Why a sheet can't be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(super) enum PaperworkError {
    /// A font that can't be read: `regular` or `bold`.
    #[error("the {0} font of the sheet can't be read")]
    Font(&'static str),
    /// A character that the font lacks.
    #[error("the sheet's font has no character U+{code:04X} of `{}`", legible(.text), code = *character as u32)]
    MissingGlyph {
        /// The character.
        character: char,
        /// The text that holds it.
        text: String,
    },
    /// A text that stays too wide at the smallest legible size.
    #[error("`{0}` is too long for the sheet")]
    TooWide(String),
    /// The files and the lot disagree on a sum.
    #[error("the files of lot `{lot}` hold {files} {what}, and the lot {order}")]
    Sum {
        /// The lot with its kind.
        lot: String,
        /// `pieces` or `pages`.
        what: &'static str,
        /// The sum over the files.
        files: u64,
        /// The lot's own sum.
        order: u32,
    },
    /// The lot's name has no Code 39.
    #[error("the lot's bar code: {0}")]
    Barcode(#[from] Code39Error),
    /// The PDF library warns.
    #[error("the sheet's PDF: {0}")]
    Composition(String),
    /// The PDF can't be finished or written.
    #[error("the sheet's PDF: {0}")]
    Document(#[from] lopdf::Error),
}

/// The kind's name.
pub(super) fn kind_name(language: Language, kind: PieceKind) -> &'static str {
    match kind {
        PieceKind::Letter => language.of("Courriers carte", "Card letters"),
        PieceKind::Mailer => language.of("Courriers codes (confidentiels)", "Code mailers (confidential)"),
    }
}

/// Draws the Code 39 of a lot at the right edge, its right quiet zone in the margin, and returns its left edge.
pub(super) fn barcode(page: &mut Page, lot: &str, y: f32) -> Result<f32, PaperworkError> {
    let symbol = Code39::new(lot)?.layout(X_DOTS, Ratio::TwoAndHalf, 0)?;
    let quiet = symbol.quiet_zone_dots as f32 * DOT;
    let left = RIGHT + quiet - symbol.width_dots as f32 * DOT;
    if left < WIDTH / 2.0 {
        return Err(PaperworkError::TooWide(lot.to_owned()));
    }
    for bar in &symbol.bars {
        page.fill(left + bar.x as f32 * DOT, y, bar.width as f32 * DOT, BAR_HEIGHT, 0.0);
    }
    let width = symbol.symbol_width_dots as f32 * DOT;
    page.text_around(RIGHT - width / 2.0, y + BAR_HEIGHT + 12.0, width, regular(9.5), lot)?;
    Ok(left)
}

/// The word on all paper of mailers.
pub(super) fn confidential_word(language: Language) -> &'static str {
    language.of("CONFIDENTIEL", "CONFIDENTIAL")
}

/// Writes the word `CONFIDENTIEL` in the middle of a further page's head.
pub(super) fn confidential_mark(page: &mut Page, language: Language) -> Result<(), PaperworkError> {
    page.fill(WIDTH / 2.0 - 44.0, 38.5, 88.0, 16.0, 0.0);
    page.text_around(WIDTH / 2.0, 50.0, 80.0, bold(9.5).grey(WHITE), confidential_word(language))
}

/// Writes the foot of a page: what the sheet does not hold, the program, the page's number.
pub(super) fn footer(
    page: &mut Page,
    language: Language,
    program: &str,
    number: usize,
    of: usize,
) -> Result<(), PaperworkError> {
    let holds = language.of("Ne porte ni nom ni code", "Holds neither a name nor a code");
    let y = FOOTER_TOP + 14.0;
    page.fill(LEFT, FOOTER_TOP, ROOM, 0.5, HAIR);
    page.text(LEFT, y, 180.0, regular(8.0).grey(GREY), holds)?;
    page.text_around(WIDTH / 2.0, y, 140.0, regular(8.0).grey(GREY), program)?;
    page.text_left_of(RIGHT, y, 120.0, regular(8.0).grey(GREY), &format!("Page {number}/{of}"))
}
