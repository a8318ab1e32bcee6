//! Rows of the manifest and leaves of the document parts, held against the pieces.

use std::path::Path;

use preflight::Leaf;

use super::fault::{Fault, Finding};
use super::places::{Part, Place, Places};
use super::rules::LotRules;
use crate::files::harmless_cell;
use crate::night::lot::NumberedPiece;
use crate::night::paperwork::ManifestRow;
use mail::piece::PieceKind;

/// Checks that there is one row for each piece, in order, and that its columns say what the record says. The signed block
/// is compared when it is read.
pub(super) fn check_rows(
    rows: &[ManifestRow],
    pieces: &[NumberedPiece],
    places: &Places,
    file: &str,
    rules: &LotRules,
    findings: &mut Vec<Finding>,
) {
    if rows.len() != pieces.len() {
        findings.push(Finding::new(file, "the number of rows", Fault::Row));
    }
    for place in &places.parts {
        let Part::Piece(index) = place.part else { continue };
        let (Some(row), Some(piece)) = (rows.get(index), pieces.get(index)) else { continue };
        let wrong = wrong_columns(row, piece, place, file, rules);
        findings.extend(wrong.map(|column| Finding::new(&piece.piece_id, column, Fault::Row)));
    }
}

/// The columns of a row that do not agree with its piece.
fn wrong_columns(
    row: &ManifestRow,
    piece: &NumberedPiece,
    place: &Place,
    file: &str,
    rules: &LotRules,
) -> impl Iterator<Item = &'static str> + use<> {
    let issuance = &piece.piece.issuance;
    let letter = rules.numbers.kind == PieceKind::Letter;
    let card = if letter { issuance.card_number.as_str() } else { "" };
    let name = Path::new(&rules.template.name).file_name().and_then(|name| name.to_str());
    let variant = rules.variant(piece);
    let variant_name = if rules.sealed { "" } else { variant.map_or("", |variant| &variant.name) };
    let tracking = piece.tracking.filter(|_| !letter).map(|id| id.to_string()).unwrap_or_default();
    let weight = if letter { rules.weight.class(sheets_of(place)).to_string() } else { String::new() };
    let client_ref = if letter { issuance.client_ref.as_str() } else { "" };
    let column = rules.layout.imposed().then_some(place.column);
    let columns = [
        ("piece_id", row.piece_id == piece.piece_id),
        ("lot", row.lot == rules.numbers.name.as_str()),
        ("sequence", row.sequence == piece.sequence),
        ("file", row.file == file),
        ("first_page", row.first_page as usize == place.first_page + 1),
        ("pages", variant.is_some_and(|variant| row.pages as usize == variant.sides.len())),
        ("card_number", row.card_number == card),
        ("window_barcode", row.window_barcode == card),
        ("weight_class", row.weight_class == weight),
        ("tracking_id", row.tracking_id == tracking),
        ("template", row.template == harmless_cell(name.unwrap_or_default())),
        ("variant", row.variant == variant_name),
        ("ledger_id", row.ledger_id == rules.mark.id),
        ("release", row.release == rules.mark.release.to_string()),
        ("position", row.column == column),
        ("bundle", row.bundle == piece.bundle),
        ("client_ref", row.client_ref == client_ref),
        // That of a letter is compared when its symbol is read.
        ("twoddoc", letter || row.twoddoc.is_empty()),
    ];
    columns.into_iter().filter(|(_, agrees)| !agrees).map(|(column, _)| column)
}

/// Checks that the leaves cover the pages as the pieces do, in order, and name them.
pub(super) fn check_leaves(
    leaves: &[Leaf],
    pieces: &[NumberedPiece],
    places: &Places,
    file: &str,
    rules: &LotRules,
    findings: &mut Vec<Finding>,
) {
    let wanted = match rules.layout.imposed() {
        true => leaves_of_sheets(pieces, places, rules),
        false => leaves_of_parts(pieces, places, rules),
    };
    if leaves.len() != wanted.len() {
        findings.push(Finding::new(file, "the number of leaves", Fault::Leaf));
    }
    for (leaf, (of, pages, labels)) in leaves.iter().zip(&wanted) {
        if leaf.pages.start != pages.start || leaf.pages.end != pages.end {
            findings.push(Finding::new(of, "the pages of its leaf", Fault::Leaf));
        }
        if !leaf.named_by_its_pages {
            findings.push(Finding::new(of, "a page that does not name its leaf", Fault::Leaf));
        }
        let mut shown: Vec<(&str, &str)> =
            leaf.labels.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
        let mut labels: Vec<(&str, &str)> = labels.iter().map(|(key, text)| (*key, text.as_str())).collect();
        // The order of the keys is free; that of the texts of one key is not.
        shown.sort_by_key(|(key, _)| *key);
        labels.sort_by_key(|(key, _)| *key);
        if shown != labels {
            findings.push(Finding::new(of, "the label of its leaf", Fault::Leaf));
        }
    }
}

/// A leaf as it must be: what it is of, its pages and its labels.
type WantedLeaf = (String, std::ops::Range<usize>, Vec<(&'static str, String)>);

/// What a part is called.
pub(super) fn name_of(part: Part, pieces: &[NumberedPiece]) -> &str {
    match part {
        Part::Header => "header",
        Part::Trailer => "trailer",
        Part::Piece(index) => pieces.get(index).map_or("", |piece| &piece.piece_id),
    }
}

/// The sheets of a part.
fn sheets_of(place: &Place) -> u32 {
    place.pages.div_ceil(2) as u32
}

fn leaves_of_parts(pieces: &[NumberedPiece], places: &Places, rules: &LotRules) -> Vec<WantedLeaf> {
    let lot = || ("PLI_Lot", rules.numbers.name.to_string());
    let leaf = |place: &Place| {
        let name = name_of(place.part, pieces).to_owned();
        let labels = match place.part {
            Part::Piece(index) => vec![
                ("PLI_Piece", name.clone()),
                lot(),
                ("PLI_Sequence", pieces.get(index).map_or(0, |piece| piece.sequence).to_string()),
                ("PLI_Kind", rules.numbers.kind.code().to_owned()),
                ("PLI_Sheets", sheets_of(place).to_string()),
                ("PLI_WeightClass", rules.weight.class(sheets_of(place)).to_string()),
            ],
            _ => vec![lot(), ("PLI_Kind", name.clone()), ("PLI_Sheets", "1".to_owned())],
        };
        (name, place.first_page..place.first_page + place.pages, labels)
    };
    places.parts.iter().map(leaf).collect()
}

fn leaves_of_sheets(pieces: &[NumberedPiece], places: &Places, rules: &LotRules) -> Vec<WantedLeaf> {
    let sides = rules.layout.sides();
    let sheets = places.pages.len() / sides;
    let mut names: Vec<[Option<&str>; 2]> = vec![[None; 2]; sheets];
    let mut classes = vec![0; sheets];
    for place in &places.parts {
        let of_part = names.iter_mut().skip(place.first_page / sides).take(place.pages / sides);
        of_part.for_each(|names| {
            names[usize::from(place.column) - 1] = Some(name_of(place.part, pieces));
        });
        let class = rules.weight.class(sheets_of(place));
        let of_part = classes.iter_mut().skip(place.first_page / sides).take(place.pages / sides);
        of_part.for_each(|heaviest| *heaviest = class.max(*heaviest));
    }
    let leaf = |(index, (names, class)): (usize, (&[Option<&str>; 2], &u32))| {
        let of = names.iter().flatten().next().copied().unwrap_or_default().to_owned();
        let on_it = names.iter().flatten().map(|name| ("PLI_Pieces", (*name).to_owned()));
        let others = [
            ("PLI_Lot", rules.numbers.name.to_string()),
            ("PLI_Sheet", (index + 1).to_string()),
            ("PLI_Kind", rules.numbers.kind.code().to_owned()),
            ("PLI_WeightClass", class.to_string()),
        ];
        (of, index * sides..(index + 1) * sides, on_it.chain(others).collect())
    };
    names.iter().zip(&classes).enumerate().map(leaf).collect()
}
