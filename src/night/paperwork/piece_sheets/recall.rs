//! The recall sheet: where each piece lies, with boxes for whoever pulls it.

use printpdf::Op;

use super::list::{Cell, Column, List};
use super::{RecallSheet, StackedPiece, french};
use crate::night::paperwork::sheet::{
    BAR_HEIGHT, Fonts, GREY, LEFT, Page, PaperworkError, ROOM, barcode, bold, kind_name, regular, words,
};

const COLUMNS: [Column; 9] = [
    Column::text("Retiré", 0.0),
    Column::text("Pli", 32.0),
    Column::text("Fichier", 120.0),
    Column::figure("Page", 230.0),
    Column::figure("Feuille", 264.0),
    Column::text("Pose", 300.0),
    Column::text("État", 342.0),
    Column::text("Par", 414.0),
    Column::text("Heure", 458.0),
];

/// Draws the pages.
pub(super) fn pages(sheet: &RecallSheet, fonts: &Fonts) -> Result<Vec<Vec<Op>>, PaperworkError> {
    let list = List {
        bureau: sheet.bureau,
        title: "Fiche de rappel",
        kind: sheet.kind,
        day: sheet.day,
        columns: &COLUMNS,
        reserve: 0.0,
    };
    let mut page = Page::new(fonts);
    let y = list.head(&mut page)?;
    let bars = barcode(&mut page, sheet.lot, 76.0)?;
    page.text(LEFT, y + 6.0, 60.0, regular(8.5).grey(GREY), "Lot")?;
    page.text(LEFT + 84.0, y + 10.0, bars - LEFT - 90.0, bold(20.0), sheet.lot)?;
    let mut y = y + 32.0;
    let pieces = words::counted(sheet.pieces.len() as u64, "pli");
    for (label, value) in [
        ("Nature", kind_name(sheet.kind)),
        ("Plis à retirer", &pieces),
        ("Motif", sheet.reason),
        ("Rappelé par", sheet.by),
    ] {
        let room = if y < 76.0 + BAR_HEIGHT + 20.0 { bars - LEFT } else { ROOM };
        y = list.fact(&mut page, y, room, label, value)?;
    }
    let rows: Vec<Vec<Cell>> = sheet.pieces.iter().map(row).collect();
    list.rows(fonts, page, y + 4.0, &rows, |_, _| Ok(()))
}

fn row(piece: &StackedPiece) -> Vec<Cell> {
    let file = piece.file.rsplit('/').next().unwrap_or_default();
    let column = match piece.column {
        Some(1) => "gauche",
        Some(_) => "droite",
        None => "–",
    };
    let texts = [
        piece.piece_id.clone(),
        file.to_owned(),
        piece.first_page.to_string(),
        piece.sheet().to_string(),
        column.to_owned(),
        french(piece.state).to_owned(),
    ];
    let texts = texts.into_iter().map(Cell::Text);
    [Cell::Tick].into_iter().chain(texts).chain([Cell::Blank, Cell::Blank]).collect()
}
