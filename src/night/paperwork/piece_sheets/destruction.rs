//! The destruction sheet: which pieces were destroyed, and the two witnesses who sign for it.

use printpdf::Op;

use super::list::{Cell, Column, List};
use super::{DestructionSheet, french};
use crate::ledger::State;
use crate::night::paperwork::sheet::{
    Fonts, GREY, HAIR, LEFT, Page, PaperworkError, ROOM, WASH, bold, kind_name, regular, words,
};

const COLUMNS: [Column; 5] = [
    Column::text("Détruit", 0.0),
    Column::text("Pli", 40.0),
    Column::text("État", 170.0),
    Column::text("Constaté par", 280.0),
    Column::text("Heure", 420.0),
];

/// Height of the two witnesses' boxes, with the space above them.
const SIGNATURES: f32 = 150.0;

/// Draws the pages.
pub(super) fn pages(sheet: &DestructionSheet, fonts: &Fonts) -> Result<Vec<Vec<Op>>, PaperworkError> {
    let list = List {
        bureau: sheet.bureau,
        title: "Procès-verbal de destruction",
        kind: sheet.kind,
        day: sheet.day,
        columns: &COLUMNS,
        reserve: SIGNATURES,
    };
    let mut page = Page::new(fonts);
    let mut y = list.head(&mut page)? + 4.0;
    let pieces = words::counted(sheet.pieces.len() as u64, "pli");
    let (counted, by) = match sheet.minutes {
        Some(_) => ("Plis détruits", "Détruits par"),
        None => ("Plis à détruire", "Demandé par"),
    };
    let facts =
        [("Nature", kind_name(sheet.kind)), (counted, &pieces), ("Motif", sheet.occasion), (by, sheet.by)];
    let of_ledger = sheet.minutes.map(|minutes| [("Témoin", minutes.witness), ("SHA-256", minutes.sha256)]);
    for (label, value) in facts.into_iter().chain(of_ledger.into_iter().flatten()) {
        y = list.fact(&mut page, y, ROOM, label, value)?;
    }
    let rows: Vec<Vec<Cell>> = sheet.pieces.iter().map(row).collect();
    list.rows(fonts, page, y + 4.0, &rows, |page, bottom| signatures(sheet, page, bottom))
}

fn row((piece_id, state): &(String, State)) -> Vec<Cell> {
    let texts = [piece_id.clone(), french(*state).to_owned()].map(Cell::Text);
    [Cell::Tick].into_iter().chain(texts).chain([Cell::Blank, Cell::Blank]).collect()
}

/// Draws a box for each of the two persons who answer for it. The minutes of the ledger have their names.
fn signatures(sheet: &DestructionSheet, page: &mut Page, bottom: f32) -> Result<(), PaperworkError> {
    let (statement, persons) = match sheet.minutes {
        Some(minutes) => (
            "Les deux soussignés attestent que les plis énumérés ont été détruits en leur présence.",
            [("Détruit par", sheet.by), ("Témoin", minutes.witness)],
        ),
        None => (
            "Les deux témoins attestent que les plis cochés ont été détruits en leur présence, et qu\u{2019}aucun n\u{2019}a été ouvert ni lu.",
            [("Témoin 1", ""), ("Témoin 2", "")],
        ),
    };
    page.free_text((LEFT, bottom + 22.0), ROOM, (regular(9.5), 13.0), 2, statement)?;
    let (gap, top) = (16.0, bottom + 38.0);
    let width = (ROOM - gap) / 2.0;
    for (index, (role, name)) in persons.into_iter().enumerate() {
        let x = LEFT + (width + gap) * index as f32;
        page.fill(x, top, width, 20.0, WASH);
        page.text(x + 7.0, top + 13.5, width - 14.0, bold(9.5), role)?;
        for (line, label) in ["Nom", "Date, heure", "Signature"].into_iter().enumerate() {
            let row = top + 20.0 + 20.0 * line as f32;
            page.fill(x, row, width, 0.5, HAIR);
            page.text(x + 7.0, row + 13.0, width - 14.0, regular(8.5).grey(GREY), label)?;
        }
        page.free_text((x + 100.0, top + 33.0), width - 107.0, (regular(9.5), 13.0), 1, name)?;
        page.frame(x, top, width, 100.0, 0.75, GREY);
    }
    Ok(())
}
