//! What each station of a shift fills in by hand: how many pieces were good, spoiled and missing, who counted them, when.

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

/// The stations, in the order of the work.
const STATIONS: [&str; 5] = ["Presse", EMPTIED, "Mise sous pli", "Contrôle caméra", "Sécurité"];
/// The station of mailers only: queue and RIP hold no page of the lot any more (docs/press.md).
const EMPTIED: &str = "File, RIP vidés";

/// What each fills in, with the left edge of its column.
const COLUMNS: [(&str, f32); 6] = [
    ("Bons", LEFT + 96.0),
    ("Gâchés", LEFT + 149.0),
    ("Manquants", LEFT + 202.0),
    ("Compté par", LEFT + 260.0),
    ("Date, heure", LEFT + 353.0),
    ("Visa", LEFT + 433.0),
];

/// Draws the table of a lot of this kind.
pub(super) fn draw(page: &mut Page, kind: PieceKind) -> Result<(), PaperworkError> {
    let of_kind = |station: &&str| *station != EMPTIED || kind == PieceKind::Mailer;
    let stations: Vec<&str> = STATIONS.into_iter().filter(of_kind).collect();
    let (height, row_height) = (HEAD + ROWS, ROWS / stations.len() as f32);
    page.fill(LEFT, TOP, ROOM, HEAD, WASH);
    page.text(LEFT + 7.0, TOP + 12.5, 85.0, bold(9.0), "Relevé")?;
    for (column, (label, x)) in COLUMNS.iter().enumerate() {
        let end = COLUMNS.get(column + 1).map_or(RIGHT, |(_, next)| *next);
        page.text(x + 6.0, TOP + 12.5, end - x - 8.0, regular(8.5).grey(GREY), label)?;
        page.fill(*x, TOP, 0.5, height, HAIR);
    }
    for (row, station) in stations.into_iter().enumerate() {
        let top = TOP + HEAD + row_height * row as f32;
        page.fill(LEFT, top, ROOM, 0.5, HAIR);
        page.text(LEFT + 7.0, top + row_height / 2.0 + 3.0, 85.0, bold(9.0), station)?;
    }
    page.frame(LEFT, TOP, ROOM, height, 0.75, GREY);
    Ok(())
}
