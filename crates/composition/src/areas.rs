//! Unprinted areas, drawn for designers: their outlines, and what the card in its area shows.

use print_file::{FontProgram, PageContent, shape};
use template::{Area, AreaKind, Rect};

/// Outlines an area in the colour of its kind.
pub(crate) fn outline(page: &mut PageContent, area: &Area) {
    let Rect { x, y, width, height } = area.rect;
    page.outline(x, y, width, height, colour(&area.kind));
}

/// Shows the lines of the card in the card's area.
pub(crate) fn facsimile(page: &mut PageContent, card: &Rect, font: &FontProgram, lines: &[String]) {
    const SIZE: f64 = 8.0;
    const LEADING: f64 = 12.0;
    const INDENT: f64 = 12.0;
    const GREY: f64 = 0.55;
    for (line, number) in lines.iter().zip(1..) {
        if let Ok(run) = shape(font, line) {
            let (x, y) = (card.x + INDENT, card.y + 6.0 + LEADING * f64::from(number));
            page.text(0, &run, SIZE, 0.0, GREY, x, y);
        }
    }
}

/// The colour in which designers see an area: red, green and blue.
fn colour(kind: &AreaKind) -> [f64; 3] {
    match kind {
        AreaKind::Window(_) => [0.0, 0.45, 0.85],
        AreaKind::Card => [0.85, 0.3, 0.0],
        AreaKind::Safe => [0.6, 0.6, 0.6],
        AreaKind::Fold => [0.8, 0.0, 0.6],
        AreaKind::Inside => [0.0, 0.6, 0.2],
        AreaKind::Outside => [0.8, 0.0, 0.0],
        AreaKind::Glue => [0.75, 0.6, 0.0],
        AreaKind::Perforation | AreaKind::TearStrip => [0.0, 0.55, 0.55],
    }
}
