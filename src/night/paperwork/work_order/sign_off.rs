//! What each station of a shift fills in by hand: how many pieces were good, spoiled and missing, who counted them, when.

use mail::Language;
use mail::piece::PieceKind;

use crate::night::paperwork::sheet::{
    GREY, HAIR, LEFT, Page, PaperworkError, RIGHT, ROOM, WASH, bold, regular,
};

/// The top of the table.
pub(super) const TOP: f32 = 668.0;
/// Height of its head.
const HEAD: f32 = 18.0;
/// Height of all stations' rows together.
const ROWS: f32 = 96.0;

/// The left edges of the columns that are filled in.
const COLUMNS: [f32; 6] = [LEFT + 96.0, LEFT + 149.0, LEFT + 202.0, LEFT + 260.0, LEFT + 353.0, LEFT + 433.0];

/// What stands over them.
fn heads(language: Language) -> [&'static str; 6] {
    language.of(
        ["Bons", "Gâchés", "Manquants", "Compté par", "Date, heure", "Visa"],
        ["Good", "Spoiled", "Missing", "Counted by", "At (day, time)", "Signed"],
    )
}

/// The stations, in the order of the work. Of mailers, queue and RIP hold no page of the lot any more (docs/press.md).
fn stations(language: Language, kind: PieceKind) -> Vec<&'static str> {
    let emptied = language.of("File, RIP vidés", "Queue, RIP emptied");
    let emptied = (kind == PieceKind::Mailer).then_some(emptied);
    let others = language
        .of(["Mise sous pli", "Contrôle caméra", "Sécurité"], ["Inserting", "Camera check", "Security"]);
    [language.of("Presse", "Press")].into_iter().chain(emptied).chain(others).collect()
}

/// Draws the table of a lot of this kind.
pub(super) fn draw(page: &mut Page, language: Language, kind: PieceKind) -> Result<(), PaperworkError> {
    let stations = stations(language, kind);
    let (height, row_height) = (HEAD + ROWS, ROWS / stations.len() as f32);
    page.fill(LEFT, TOP, ROOM, HEAD, WASH);
    page.text(LEFT + 7.0, TOP + 12.5, 85.0, bold(9.0), language.of("Relevé", "Counts"))?;
    for (column, (label, x)) in heads(language).into_iter().zip(COLUMNS).enumerate() {
        let end = COLUMNS.get(column + 1).map_or(RIGHT, |next| *next);
        page.text(x + 6.0, TOP + 12.5, end - x - 8.0, regular(8.5).grey(GREY), label)?;
        page.fill(x, TOP, 0.5, height, HAIR);
    }
    for (row, station) in stations.into_iter().enumerate() {
        let top = TOP + HEAD + row_height * row as f32;
        page.fill(LEFT, top, ROOM, 0.5, HAIR);
        page.text(LEFT + 7.0, top + row_height / 2.0 + 3.0, 85.0, bold(9.0), station)?;
    }
    page.frame(LEFT, TOP, ROOM, height, 0.75, GREY);
    Ok(())
}
