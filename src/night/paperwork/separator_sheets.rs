//! The sheets that a returned-mail clerk lays before a batch (« feuilles de séparation »), and the menu for a hand scanner.
//!
//! A separator has one large barcode and one large text, so that it is told from mail at a glance. On the menu the barcodes
//! stand far apart and in turn at the left and at the right, so that a wand reads the one that is meant.

use mail::Language;
use printpdf::Op;
use symbols::code39::{Code39, Ratio};
use template::paperwork_fonts;

use super::sheet::{
    self, Description, Fonts, GREY, HAIR, HEIGHT, LEFT, Page, PaperworkError, RIGHT, ROOM, bold, regular,
};
use crate::failure::Failure;
use jiff::civil::Date;

/// The X dimensions in dots at 600 dpi, the largest first: 0.51 to 0.25 mm. Even, as a ratio of 2.5 needs them.
const X_DOTS: [u32; 4] = [12, 10, 8, 6];
/// Points per dot at 600 dpi.
const DOT: f32 = 72.0 / 600.0;
/// Height of a separator's bars, 30 mm.
const SEPARATOR_BARS: f32 = 85.0;
/// Height of the menu's bars, 12 mm.
const MENU_BARS: f32 = 34.0;
/// X dimension of the menu in dots: short barcodes leave room beside them.
const MENU_X_DOTS: u32 = 6;
/// The share of a row that a barcode of the menu may take; the longest reason's fits.
const MENU_SHARE: f32 = 0.66;
/// The distance of the menu's barcodes, 30 mm.
const MENU_ROW: f32 = 85.0;
/// The top of the menu's first row.
const MENU_TOP: f32 = 120.0;
/// The program and its version, at the foot of each sheet.
const PROGRAM: &str = concat!("pli ", env!("CARGO_PKG_VERSION"));

/// A barcode with what it says to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeparatorCode {
    /// The text of its Code 39.
    pub barcode: String,
    /// What it says.
    pub words: String,
}

/// The sheets as PDF: one for each separator, then the menu with the separators and the commands. The same codes make the same
/// bytes.
///
/// # Errors
/// `separator_sheets`: a barcode that Code 39 has no characters for, or that is too long for a sheet.
pub(crate) fn separator_sheets(
    language: Language,
    separators: &[SeparatorCode],
    commands: &[SeparatorCode],
    day: Date,
) -> Result<Vec<u8>, Failure> {
    draw(language, separators, commands, day).map_err(|error| {
        let problem = format!("the separator sheets: {error}");
        let failure = match &error {
            PaperworkError::MissingGlyph { .. } | PaperworkError::TooWide(_) | PaperworkError::Barcode(_) => {
                Failure::usage("separator_sheets", problem).with_advice(
                    "give the reason in `[returns.reasons]` a short code of a to z, digits and `_`, and words of the Latin alphabet",
                )
            }
            _ => Failure::midway("separator_sheets", problem),
        };
        failure.caused_by(error)
    })
}

fn draw(
    language: Language,
    separators: &[SeparatorCode],
    commands: &[SeparatorCode],
    day: Date,
) -> Result<Vec<u8>, PaperworkError> {
    let (regular, bold) = paperwork_fonts();
    let fonts = Fonts::parse(regular, bold)?;
    let mut pages = Vec::new();
    for separator in separators {
        pages.push(separator_page(language, separator, &fonts)?);
    }
    let menu: Vec<&SeparatorCode> = separators.iter().chain(commands).collect();
    let rows = ((HEIGHT - MENU_TOP - 60.0) / MENU_ROW) as usize;
    for part in menu.chunks(rows.max(1)) {
        pages.push(menu_page(language, part, &fonts)?);
    }
    let title = language.of("Feuilles de séparation des retours", "Separator sheets for returned mail");
    sheet::write(&Description { title, author: PROGRAM, program: PROGRAM, day }, fonts, pages)
}

/// A sheet that is laid before the mail that came back for one reason.
fn separator_page(
    language: Language,
    separator: &SeparatorCode,
    fonts: &Fonts,
) -> Result<Vec<Op>, PaperworkError> {
    let mut page = Page::new(fonts);
    head(&mut page, language.of("Retours – feuille de séparation", "Returned mail – separator sheet"))?;
    page.free_text((LEFT, 165.0), ROOM, (bold(46.0), 54.0), 4, &separator.words)?;
    let widest =
        X_DOTS.into_iter().find(|x| width(&separator.barcode, *x).is_ok_and(|wide| wide <= RIGHT - LEFT));
    let x_dots = widest.ok_or_else(|| PaperworkError::TooWide(separator.barcode.clone()))?;
    let top = 430.0;
    let left = LEFT + (ROOM - width(&separator.barcode, x_dots)?) / 2.0;
    bars(&mut page, &separator.barcode, (left, top), x_dots, SEPARATOR_BARS)?;
    let middle = LEFT + ROOM / 2.0;
    page.text_around(middle, top + SEPARATOR_BARS + 24.0, ROOM, regular(15.0), &separator.barcode)?;
    let use_of_it = language.of(
        "Posez cette feuille sur la vitre ou dans le chargeur devant les plis revenus pour ce motif. Elle vaut jusqu\u{2019}à la feuille suivante.",
        "Lay this sheet on the glass or in the feeder before the pieces that came back for this reason. It holds until the next sheet.",
    );
    page.free_text((LEFT, 600.0), ROOM, (regular(13.0), 18.0), 4, use_of_it)?;
    foot(&mut page)?;
    Ok(page.into_operations())
}

/// A sheet of barcodes for a hand scanner.
fn menu_page(language: Language, codes: &[&SeparatorCode], fonts: &Fonts) -> Result<Vec<Op>, PaperworkError> {
    let mut page = Page::new(fonts);
    head(&mut page, language.of("Retours – menu pour la douchette", "Returned mail – menu for the wand"))?;
    for (index, code) in codes.iter().enumerate() {
        let top = MENU_TOP + MENU_ROW * index as f32;
        let wide = width(&code.barcode, MENU_X_DOTS)?;
        if wide > ROOM * MENU_SHARE {
            return Err(PaperworkError::TooWide(code.barcode.clone()));
        }
        let room = ROOM - wide - 18.0;
        page.fill(LEFT, top - 20.0, ROOM, 0.5, HAIR);
        let (at, words) = match index % 2 {
            0 => (LEFT, LEFT + wide + 18.0),
            _ => (RIGHT - wide, LEFT),
        };
        bars(&mut page, &code.barcode, (at, top), MENU_X_DOTS, MENU_BARS)?;
        page.text_around(
            at + wide / 2.0,
            top + MENU_BARS + 12.0,
            wide,
            regular(8.5).grey(GREY),
            &code.barcode,
        )?;
        page.free_text((words, top + 16.0), room, (bold(15.0), 18.0), 2, &code.words)?;
    }
    foot(&mut page)?;
    Ok(page.into_operations())
}

fn head(page: &mut Page, title: &str) -> Result<(), PaperworkError> {
    page.text(LEFT, 50.0, ROOM, bold(12.0), title)?;
    page.fill(LEFT, 58.0, ROOM, 1.25, 0.0);
    Ok(())
}

fn foot(page: &mut Page) -> Result<(), PaperworkError> {
    page.fill(LEFT, sheet::FOOTER_TOP, ROOM, 0.5, HAIR);
    page.text(LEFT, sheet::FOOTER_TOP + 14.0, ROOM, regular(8.0).grey(GREY), PROGRAM)
}

/// The width of a text's bars with their quiet zones, in points.
fn width(text: &str, x_dots: u32) -> Result<f32, PaperworkError> {
    Ok(Code39::new(text)?.layout(x_dots, Ratio::TwoAndHalf, 0)?.width_dots as f32 * DOT)
}

/// Draws a text's bars with their quiet zones from a left edge. The edge lies on the grid of 600 dpi.
fn bars(
    page: &mut Page,
    text: &str,
    (left, top): (f32, f32),
    x_dots: u32,
    height: f32,
) -> Result<(), PaperworkError> {
    let left = (left / DOT).round() * DOT;
    for bar in Code39::new(text)?.layout(x_dots, Ratio::TwoAndHalf, 0)?.bars {
        page.fill(left + bar.x as f32 * DOT, top, bar.width as f32 * DOT, height, 0.0);
    }
    Ok(())
}
