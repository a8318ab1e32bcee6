//! The recall sheet: where each piece lies, with boxes for whoever pulls it.

use mail::Language;
use printpdf::Op;

use super::list::{Cell, Column, List};
use super::{RecallSheet, StackedPiece};
use crate::night::paperwork::sheet::{
    BAR_HEIGHT, Fonts, GREY, LEFT, Page, PaperworkError, ROOM, barcode, bold, kind_name, regular, words,
};

fn columns(language: Language) -> [Column; 9] {
    [
        Column::text(language.of("Retiré", "Pulled"), 0.0),
        Column::text(language.of("Pli", "Piece"), 32.0),
        Column::text(language.of("Fichier", "File"), 120.0),
        Column::figure("Page", 230.0),
        Column::figure(language.of("Feuille", "Sheet"), 264.0),
        Column::text(language.of("Pose", "Side"), 300.0),
        Column::text(language.of("État", "State"), 342.0),
        Column::text(language.of("Par", "By"), 414.0),
        Column::text(language.of("Heure", "Time"), 458.0),
    ]
}

/// The name of the sheet.
pub(super) fn title(language: Language) -> &'static str {
    language.of("Fiche de rappel", "Recall sheet")
}

/// Draws the pages.
pub(super) fn pages(sheet: &RecallSheet, fonts: &Fonts) -> Result<Vec<Vec<Op>>, PaperworkError> {
    let language = sheet.language;
    let list = List {
        language,
        bureau: sheet.bureau,
        title: title(language),
        kind: sheet.kind,
        day: sheet.day,
        columns: &columns(language),
        reserve: 0.0,
    };
    let mut page = Page::new(fonts);
    let y = list.head(&mut page)?;
    let bars = barcode(&mut page, sheet.lot, 76.0)?;
    page.text(LEFT, y + 6.0, 60.0, regular(8.5).grey(GREY), "Lot")?;
    page.text(LEFT + 84.0, y + 10.0, bars - LEFT - 90.0, bold(20.0), sheet.lot)?;
    let mut y = y + 32.0;
    let pieces = words::counted(language, sheet.pieces.len() as u64, ("pli", "piece"));
    for (label, value) in [
        (language.of("Nature", "Kind"), kind_name(language, sheet.kind)),
        (language.of("Plis à retirer", "Pieces to pull"), &pieces),
        (language.of("Motif", "Reason"), sheet.reason),
        (language.of("Rappelé par", "Recalled by"), sheet.by),
    ] {
        let room = if y < 76.0 + BAR_HEIGHT + 20.0 { bars - LEFT } else { ROOM };
        y = list.fact(&mut page, y, room, label, value)?;
    }
    let rows: Vec<Vec<Cell>> = sheet.pieces.iter().map(|piece| row(language, piece)).collect();
    list.rows(fonts, page, y + 4.0, &rows, |_, _| Ok(()))
}

fn row(language: Language, piece: &StackedPiece) -> Vec<Cell> {
    let file = piece.file.rsplit('/').next().unwrap_or_default();
    let column = match piece.column {
        Some(1) => language.of("gauche", "left"),
        Some(_) => language.of("droite", "right"),
        None => "–",
    };
    let texts = [
        piece.piece_id.clone(),
        file.to_owned(),
        piece.first_page.to_string(),
        piece.sheet().to_string(),
        column.to_owned(),
        piece.state.name(language).to_owned(),
    ];
    let texts = texts.into_iter().map(Cell::Text);
    [Cell::Tick].into_iter().chain(texts).chain([Cell::Blank, Cell::Blank]).collect()
}
