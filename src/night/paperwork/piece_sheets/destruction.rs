//! The destruction sheet: which pieces were destroyed, and the two witnesses who sign for it.

use mail::Language;
use printpdf::Op;

use super::DestructionSheet;
use super::list::{Cell, Column, List};
use crate::ledger::State;
use crate::night::paperwork::sheet::{
    Fonts, GREY, HAIR, LEFT, Page, PaperworkError, ROOM, WASH, bold, kind_name, regular, words,
};

fn columns(language: Language) -> [Column; 5] {
    [
        Column::text(language.of("Détruit", "Destroyed"), 0.0),
        Column::text(language.of("Pli", "Piece"), language.of(40.0, 54.0)),
        Column::text(language.of("État", "State"), 170.0),
        Column::text(language.of("Constaté par", "Witnessed by"), 280.0),
        Column::text(language.of("Heure", "Time"), 420.0),
    ]
}

/// The name of the sheet.
pub(super) fn title(language: Language) -> &'static str {
    language.of("Procès-verbal de destruction", "Record of destruction")
}

/// Height of the two witnesses' boxes, with the space above them.
const SIGNATURES: f32 = 150.0;

/// Draws the pages.
pub(super) fn pages(sheet: &DestructionSheet, fonts: &Fonts) -> Result<Vec<Vec<Op>>, PaperworkError> {
    let language = sheet.language;
    let list = List {
        language,
        bureau: sheet.bureau,
        title: title(language),
        kind: sheet.kind,
        day: sheet.day,
        columns: &columns(language),
        reserve: SIGNATURES,
    };
    let mut page = Page::new(fonts);
    let mut y = list.head(&mut page)? + 4.0;
    let pieces = words::counted(language, sheet.pieces.len() as u64, ("pli", "piece"));
    let (counted, by) = match sheet.minutes {
        Some(_) => language.of(("Plis détruits", "Détruits par"), ("Destroyed", "Destroyed by")),
        None => language.of(("Plis à détruire", "Demandé par"), ("To destroy", "Asked for by")),
    };
    let facts = [
        (language.of("Nature", "Kind"), kind_name(language, sheet.kind)),
        (counted, &pieces),
        (language.of("Motif", "Reason"), sheet.occasion),
        (by, sheet.by),
    ];
    let witness = language.of("Témoin", "Witness");
    let of_ledger = sheet.minutes.map(|minutes| [(witness, minutes.witness), ("SHA-256", minutes.sha256)]);
    for (label, value) in facts.into_iter().chain(of_ledger.into_iter().flatten()) {
        y = list.fact(&mut page, y, ROOM, label, value)?;
    }
    let rows: Vec<Vec<Cell>> = sheet.pieces.iter().map(|piece| row(language, piece)).collect();
    list.rows(fonts, page, y + 4.0, &rows, |page, bottom| signatures(sheet, page, bottom))
}

fn row(language: Language, (piece_id, state): &(String, State)) -> Vec<Cell> {
    let texts = [piece_id.clone(), state.name(language).to_owned()].map(Cell::Text);
    [Cell::Tick].into_iter().chain(texts).chain([Cell::Blank, Cell::Blank]).collect()
}

/// Draws a box for each of the two persons who answer for it. The minutes of the ledger have their names.
fn signatures(sheet: &DestructionSheet, page: &mut Page, bottom: f32) -> Result<(), PaperworkError> {
    let language = sheet.language;
    let (statement, persons) = match sheet.minutes {
        Some(minutes) => (
            language.of(
                "Les deux soussignés attestent que les plis énumérés ont été détruits en leur présence.",
                "The two persons who sign below certify that the pieces listed were destroyed in their presence.",
            ),
            [
                (language.of("Détruit par", "Destroyed by"), sheet.by),
                (language.of("Témoin", "Witness"), minutes.witness),
            ],
        ),
        None => (
            language.of(
                "Les deux témoins attestent que les plis cochés ont été détruits en leur présence, et qu\u{2019}aucun n\u{2019}a été ouvert ni lu.",
                "The two witnesses certify that the pieces ticked were destroyed in their presence, and that none was opened or read.",
            ),
            language.of([("Témoin 1", ""), ("Témoin 2", "")], [("Witness 1", ""), ("Witness 2", "")]),
        ),
    };
    let lines = language.of(["Nom", "Date, heure", "Signature"], ["Name", "Day, time", "Signature"]);
    page.free_text((LEFT, bottom + 22.0), ROOM, (regular(9.5), 13.0), 2, statement)?;
    let (gap, top) = (16.0, bottom + 38.0);
    let width = (ROOM - gap) / 2.0;
    for (index, (role, name)) in persons.into_iter().enumerate() {
        let x = LEFT + (width + gap) * index as f32;
        page.fill(x, top, width, 20.0, WASH);
        page.text(x + 7.0, top + 13.5, width - 14.0, bold(9.5), role)?;
        for (line, label) in lines.into_iter().enumerate() {
            let row = top + 20.0 + 20.0 * line as f32;
            page.fill(x, row, width, 0.5, HAIR);
            page.text(x + 7.0, row + 13.0, width - 14.0, regular(8.5).grey(GREY), label)?;
        }
        page.free_text((x + 100.0, top + 33.0), width - 107.0, (regular(9.5), 13.0), 1, name)?;
        page.frame(x, top, width, 100.0, 0.75, GREY);
    }
    Ok(())
}
