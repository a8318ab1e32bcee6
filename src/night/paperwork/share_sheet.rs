//! The sheet of a key's share (« part de clé »): one for each holder, with words that can be typed and a code that can be read.
//!
//! The code is a Data Matrix; words follow on further pages where a key is long.

use mail::Language;
use printpdf::Op;
use symbols::datamatrix::encode_c40;
use template::paperwork_fonts;

use super::sheet::{
    self, Description, Fonts, GREY, HAIR, LEFT, Page, PaperworkError, RIGHT, ROOM, bold, regular, words,
};
use crate::failure::Failure;
use jiff::civil::Date;

/// The side of a module in dots at 600 dpi, 0.42 mm.
const MODULE_DOTS: f32 = 10.0;
/// Points per dot at 600 dpi.
const DOT: f32 = 72.0 / 600.0;
/// The quiet zone, in modules.
const QUIET: f32 = 2.0;
/// The top of the facts, which stand beside the code.
const TOP: f32 = 110.0;
/// The distance of two lines of words.
const LEADING: f32 = 14.0;
/// The left edges of a line's words begin here, and are so far apart.
const FIRST_WORD: f32 = LEFT + 34.0;
const WORD: f32 = 57.0;
/// The program and its version, at the foot of each page.
const PROGRAM: &str = concat!("pli ", env!("CARGO_PKG_VERSION"));

/// What a sheet says.
pub(crate) struct ShareSheet<'a> {
    /// The language of the bureau whose key it is.
    pub language: Language,
    /// The share's number, from 1.
    pub index: u8,
    /// How many there are.
    pub count: u8,
    /// How many recover the key.
    pub needed: u8,
    /// The set's name.
    pub set: &'a str,
    /// The key's fingerprint.
    pub fingerprint: &'a str,
    /// The name of the key's file.
    pub file: &'a str,
    /// The lines of words, each with its label.
    pub lines: &'a [&'a str],
    /// The text of the machine code.
    pub code: &'a str,
    /// The day on the sheet.
    pub day: Date,
}

/// The sheet as PDF.
///
/// # Errors
/// `share_sheet`: the code does not fit a symbol, or a text the sheet.
pub(crate) fn share_sheet(share: &ShareSheet) -> Result<Vec<u8>, Failure> {
    draw(share).map_err(|error| Failure::midway("share_sheet", format!("the sheet of a share: {error}")))
}

fn draw(share: &ShareSheet) -> Result<Vec<u8>, PaperworkError> {
    let (regular, bold) = paperwork_fonts();
    let fonts = Fonts::parse(regular, bold)?;
    let mut page = Page::new(&fonts);
    head(&mut page, share)?;
    let mut top = facts(&mut page, share)?.max(code(&mut page, share)?) + 30.0;
    let mut pages: Vec<Vec<Op>> = Vec::new();
    for line in share.lines {
        if top > sheet::FOOTER_TOP - 12.0 {
            foot(&mut page, share)?;
            pages.push(std::mem::replace(&mut page, Page::new(&fonts)).into_operations());
            head(&mut page, share)?;
            top = TOP;
        }
        if line.starts_with("k1 ") {
            let note = share.language.of(
                "La clé scellée, la même sur toutes les parts\u{202F}: à saisir une seule fois.",
                "The sealed key, the same on all shares: to be typed once.",
            );
            page.text(LEFT, top + 4.0, ROOM, sheet::regular(8.5).grey(GREY), note)?;
            top += LEADING + 6.0;
        }
        words_of(&mut page, line, top)?;
        top += LEADING;
    }
    foot(&mut page, share)?;
    pages.push(page.into_operations());
    let title = title(share);
    let description = Description { title: &title, author: PROGRAM, program: PROGRAM, day: share.day };
    sheet::write(&description, fonts, pages)
}

fn title(share: &ShareSheet) -> String {
    let ShareSheet { index, count, .. } = share;
    share.language.of(format!("Part de clé {index} sur {count}"), format!("Key share {index} of {count}"))
}

fn head(page: &mut Page, share: &ShareSheet) -> Result<(), PaperworkError> {
    let title = title(share);
    let secret =
        share.language.of("SECRET – à remettre en main propre", "SECRET – to be handed over in person");
    page.text(LEFT, 50.0, 300.0, bold(12.0), &title)?;
    page.text_left_of(RIGHT, 50.0, 180.0, bold(9.5), secret)?;
    page.fill(LEFT, 58.0, ROOM, 1.25, 0.0);
    page.text(LEFT, 90.0, ROOM, bold(25.0), &title)
}

/// Writes what the sheet is and returns its bottom.
fn facts(page: &mut Page, share: &ShareSheet) -> Result<f32, PaperworkError> {
    let ShareSheet { language, needed, count, .. } = *share;
    let needed =
        language.of(format!("{needed} parts sur {count} suffisent"), format!("{needed} shares of {count}"));
    let rows = [
        (language.of("Clé", "Key"), share.fingerprint.to_owned()),
        (language.of("Jeu", "Set"), share.set.to_owned()),
        (language.of("Pour restaurer", "To restore"), needed),
        (language.of("Établie le", "Made on"), words::long_date(language, share.day)),
    ];
    let mut y = TOP + 14.0;
    for (label, value) in rows {
        page.text(LEFT, y, 80.0, regular(8.5).grey(GREY), label)?;
        page.text(LEFT + 84.0, y, 190.0, regular(10.0), &value)?;
        y += 18.0;
    }
    page.text(LEFT, y, 80.0, regular(8.5).grey(GREY), language.of("Fichier", "File"))?;
    page.path(LEFT + 84.0, y, 190.0, regular(10.0), share.file)?;
    let advice = language.of(
        "Cette part seule n\u{2019}apprend rien. Ne pas la réunir avec une autre, ni la copier ni la photographier. Sous enveloppe scellée, en un lieu que le détenteur seul ouvre.",
        "This share alone tells nothing. Do not bring it together with another, nor copy or photograph it. Keep it in a sealed envelope, where its holder alone has access.",
    );
    let lines = page.free_text((LEFT, y + 26.0), 275.0, (regular(9.5), 13.0), 6, advice)?;
    y += 26.0 + 13.0 * lines as f32;
    let restoring = language.of(
        "Restaurer\u{202F}: pli keys restore --output FICHIER, puis saisir les lignes ci-dessous, ou coller ce que dit un lecteur du code.",
        "To restore: pli keys restore --output FILE, then type the lines below, or paste what a reader of the code says.",
    );
    let lines = page.free_text((LEFT, y + 8.0), 275.0, (regular(9.5), 13.0), 4, restoring)?;
    Ok(y + 8.0 + 13.0 * lines as f32)
}

/// Draws the machine code at the right edge and returns its bottom.
fn code(page: &mut Page, share: &ShareSheet) -> Result<f32, PaperworkError> {
    let too_long = |_| PaperworkError::TooWide("the share's code".to_owned());
    let symbol = encode_c40(share.code.as_bytes()).map_err(too_long)?;
    let (side, module) = (symbol.side(), MODULE_DOTS * DOT);
    let left = ((RIGHT - side as f32 * module) / DOT).floor() * DOT;
    let top = TOP + QUIET * module;
    for row in 0..side {
        let mut column = 0;
        while column < side {
            let run = (column..side).take_while(|column| symbol.dark(row, *column)).count();
            if run > 0 {
                let (x, y) = (left + column as f32 * module, top + row as f32 * module);
                page.fill(x, y, run as f32 * module, module, 0.0);
            }
            column += run.max(1);
        }
    }
    Ok(top + (side as f32 + QUIET) * module)
}

/// Writes a line of words: its label, then each word in its column.
fn words_of(page: &mut Page, line: &str, y: f32) -> Result<(), PaperworkError> {
    page.fill(LEFT, y + 3.5, ROOM, 0.25, HAIR);
    let mut parts = line.split(' ');
    page.text(LEFT, y, 30.0, bold(9.5), parts.next().unwrap_or_default())?;
    for (column, word) in parts.enumerate() {
        page.text(FIRST_WORD + WORD * column as f32, y, WORD - 6.0, regular(11.0), word)?;
    }
    Ok(())
}

fn foot(page: &mut Page, share: &ShareSheet) -> Result<(), PaperworkError> {
    page.fill(LEFT, sheet::FOOTER_TOP, ROOM, 0.5, HAIR);
    let y = sheet::FOOTER_TOP + 14.0;
    page.text(LEFT, y, 200.0, regular(8.0).grey(GREY), PROGRAM)?;
    let (set, share_number) = share.language.of(("jeu", "part"), ("set", "share"));
    let set = format!("{set} {}, {share_number} {}", share.set, share.index);
    page.text_left_of(RIGHT, y, 250.0, regular(8.0).grey(GREY), &set)
}
