//! The wording of a proof sheet: every sentence once, with the variants that show it.

use super::super::sheet::{
    FOOTER_TOP, Fonts, GREY, HAIR, LEFT, Page, PaperworkError, RIGHT, ROOM, bold, regular,
};
use super::{ProofSentence, ProofSheet, TOP, head};

/// The left edges of the columns, and the rooms of the two that hold text.
const TEXT: f32 = LEFT + 34.0;
const SHOWN: f32 = RIGHT - 150.0;
const TEXT_ROOM: f32 = SHOWN - TEXT - 14.0;
/// Size and leading of sentences, and of the variants that show them.
const SENTENCE: (f32, f32) = (9.0, 11.5);
const VARIANTS: (f32, f32) = (8.0, 10.5);
/// More lines than any sentence needs.
const MOST_LINES: usize = 30;

/// Draws the pages.
pub(super) fn wording<'f>(fonts: &'f Fonts, proof: &ProofSheet) -> Result<Vec<Page<'f>>, PaperworkError> {
    let mut pages = Vec::new();
    let mut page = begin(fonts, proof)?;
    let mut y = TOP + 20.0;
    for (number, sentence) in (1..).zip(&proof.sentences) {
        // Drawn beside the page first: how high it is depends on its lines.
        let height = row(&mut Page::new(fonts), y, number, sentence)?;
        if y + height > FOOTER_TOP - 6.0 {
            pages.push(std::mem::replace(&mut page, begin(fonts, proof)?));
            y = TOP + 20.0;
        }
        y += row(&mut page, y, number, sentence)?;
    }
    pages.push(page);
    Ok(pages)
}

/// A page with the heads of the columns.
fn begin<'f>(fonts: &'f Fonts, proof: &ProofSheet) -> Result<Page<'f>, PaperworkError> {
    let mut page = head(fonts, proof, "Textes")?;
    for (x, words) in [(LEFT, "N°"), (TEXT, "Phrase (‹ › : donnée de la fiche)"), (SHOWN, "Variantes")]
    {
        page.text(x, TOP, RIGHT - x, regular(8.0).grey(GREY), words)?;
    }
    Ok(page)
}

/// Draws a row and returns its height.
fn row(page: &mut Page, y: f32, number: usize, sentence: &ProofSentence) -> Result<f32, PaperworkError> {
    page.fill(LEFT, y - 12.0, ROOM, 0.5, HAIR);
    let sign = format!("{number} {}", sentence.sign);
    page.text(LEFT, y, TEXT - LEFT - 4.0, bold(8.5), sign.trim_end())?;
    let lines =
        page.free_text((TEXT, y), TEXT_ROOM, (regular(SENTENCE.0), SENTENCE.1), MOST_LINES, sentence.text)?;
    let shown = page.free_text(
        (SHOWN, y),
        RIGHT - SHOWN,
        (regular(VARIANTS.0), VARIANTS.1),
        MOST_LINES,
        sentence.shown,
    )?;
    let mut height = (lines as f32 * SENTENCE.1).max(shown as f32 * VARIANTS.1);
    if let Some(before) = &sentence.before {
        let style = (regular(VARIANTS.0).grey(GREY), VARIANTS.1);
        let before = format!("Avant : {before}");
        height +=
            VARIANTS.1 * page.free_text((TEXT, y + height), RIGHT - TEXT, style, MOST_LINES, &before)? as f32;
    }
    Ok(height + 6.0)
}
