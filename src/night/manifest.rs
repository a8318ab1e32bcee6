//! The manifest of a lot: a row for each piece (contract: outputs of one night).

use std::path::Path;

use super::composition::facts;
use super::printing::{NumberedPiece, PrintedLot};
use crate::mail::lot::LotName;
use crate::mail::piece::PieceKind;
use crate::template::{CompiledTemplate, Facts, variant_name};

const LETTER_COLUMNS: [&str; 12] = [
    "piece_id",
    "lot",
    "sequence",
    "file",
    "first_page",
    "pages",
    "card_number",
    "window_barcode",
    "twoddoc",
    "weight_class",
    "template",
    "variant",
];
const MAILER_COLUMNS: [&str; 9] =
    ["piece_id", "lot", "sequence", "file", "first_page", "pages", "tracking_id", "template", "variant"];

/// The manifest's path, relative to the night's folder.
pub fn manifest_name(kind: PieceKind, lot: &LotName) -> String {
    format!("{}/{lot}.manifest.csv", kind.folder())
}

/// Writes the manifest of a printed lot. A mailer's row has no code, no name and no card number.
///
/// # Errors
/// Those of the disk.
pub fn write_manifest(
    path: &Path,
    kind: PieceKind,
    lot: &LotName,
    template: &CompiledTemplate,
    pieces: &[NumberedPiece],
    printed: &PrintedLot,
) -> std::io::Result<()> {
    let mut table = csv::Writer::from_writer(fs_err::File::create(path)?);
    match kind {
        PieceKind::Letter => table.write_record(LETTER_COLUMNS)?,
        PieceKind::Mailer => table.write_record(MAILER_COLUMNS)?,
    }
    let name = template_name(&template.name);
    for (piece, place) in pieces.iter().zip(&printed.pieces) {
        let file = &printed.files[place.file].path;
        let file = file.rsplit('/').next().unwrap_or(file);
        let card = piece.piece.issuance.card_number.as_str();
        let tracking = piece.tracking.map(|id| id.to_string()).unwrap_or_default();
        let mut row = vec![
            piece.piece_id.clone(),
            lot.to_string(),
            piece.sequence.to_string(),
            file.to_owned(),
            place.first_page.to_string(),
            place.pages.to_string(),
        ];
        match kind {
            PieceKind::Letter => row.extend([
                card.to_owned(),
                card.to_owned(),
                place.twoddoc.clone().unwrap_or_default(),
                template.manifest.weight_class().to_string(),
            ]),
            PieceKind::Mailer => row.push(tracking),
        }
        row.extend([name.to_owned(), variant_name(&variant(template, kind, piece))]);
        table.write_record(&row)?;
    }
    table.flush()?;
    table.into_inner().map_err(|error| std::io::Error::other(error.to_string()))?.sync_all()
}

fn variant(template: &CompiledTemplate, kind: PieceKind, piece: &NumberedPiece) -> Facts {
    let mut facts = facts(kind, piece.piece.issuance);
    facts.retain(|name, _| template.manifest.variants.contains(name));
    facts
}

/// A template's name without its folder.
pub fn template_name(name: &str) -> &str {
    Path::new(name).file_name().and_then(|name| name.to_str()).unwrap_or(name)
}
