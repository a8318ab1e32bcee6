//! The manifest of a lot: a row for each piece (contract: outputs of one night).

use std::io::{self, BufWriter};
use std::path::Path;

use serde::Deserialize;

use super::printing::{Hashing, NumberedPiece, PiecePlace};
use composition::{Stamper, fact_values};
use mail::lot::LotName;
use mail::piece::PieceKind;

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

/// The column of imposed lots: where on its sheets a piece lies, 1 left and 2 right.
const POSITION_COLUMN: &str = "position";

/// The manifest's path, relative to the night's folder.
pub fn manifest_name(kind: PieceKind, lot: &LotName) -> String {
    format!("{}/{lot}.manifest.csv", kind.folder())
}

/// The manifest of a lot as it grows. A mailer's row has no code, no name and no card number.
pub(super) struct ManifestWriter<'t> {
    table: csv::Writer<Hashing>,
    kind: PieceKind,
    lot: String,
    weight_class: String,
    stamper: &'t Stamper<'t>,
    /// Whether rows say where on its sheets a piece lies.
    imposed: bool,
}

impl<'t> ManifestWriter<'t> {
    /// Begins a manifest with its header.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn create(
        path: &Path,
        lot: &LotName,
        kind: PieceKind,
        stamper: &'t Stamper,
        imposed: bool,
    ) -> io::Result<Self> {
        path.parent().map_or(Ok(()), fs_err::create_dir_all)?;
        let output = Hashing::new(BufWriter::new(fs_err::File::create(path)?.into_parts().0));
        let mut table = csv::Writer::from_writer(output);
        let columns = match kind {
            PieceKind::Letter => &LETTER_COLUMNS[..],
            PieceKind::Mailer => &MAILER_COLUMNS[..],
        };
        table.write_record(columns.iter().chain(imposed.then_some(&POSITION_COLUMN)))?;
        let weight_class = stamper.template().manifest.weight_class().to_string();
        Ok(ManifestWriter { table, kind, lot: lot.to_string(), weight_class, stamper, imposed })
    }

    /// Writes the row of a piece.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn row(
        &mut self,
        piece: &NumberedPiece,
        place: &PiecePlace,
        pages: u16,
        twoddoc: Option<&str>,
    ) -> io::Result<()> {
        let issuance = &piece.piece.issuance;
        let card = issuance.card_number.as_str();
        let file = place.path.rsplit('/').next().unwrap_or(place.path);
        let numbers = [piece.sequence, place.first_page, u32::from(pages)].map(|number| number.to_string());
        let [sequence, first_page, pages] = &numbers;
        let of_every = [&piece.piece_id, &self.lot, sequence, file, first_page, pages];
        of_every.into_iter().try_for_each(|cell| self.table.write_field(cell))?;
        match self.kind {
            PieceKind::Letter => {
                let cells = [card, card, twoddoc.unwrap_or_default(), &self.weight_class];
                cells.into_iter().try_for_each(|cell| self.table.write_field(cell))?;
            }
            PieceKind::Mailer => {
                self.table.write_field(piece.tracking.map(|id| id.to_string()).unwrap_or_default())?
            }
        }
        let variant = self.stamper.variant_name(fact_values(self.kind, issuance));
        let position = self.imposed.then(|| place.position.to_string());
        let last = [template_name(&self.stamper.template().name), variant];
        self.table.write_record(last.into_iter().chain(position.as_deref()))?;
        Ok(())
    }

    /// Ends the manifest on the disk; gives its SHA-256.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn finish(self) -> io::Result<String> {
        let hashing = self.table.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        let (buffered, sha256, _) = hashing.finish();
        buffered.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(sha256)
    }
}

/// What proofing needs of a letter's row.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct LetterRow {
    /// The printed reference.
    pub piece_id: String,
    /// The print file, without its folder.
    pub file: String,
    /// The first page, from 1.
    pub first_page: u32,
    /// What Code 39 says.
    pub window_barcode: String,
    /// What the 2D-DOC says.
    pub twoddoc: String,
    /// The variant's name.
    pub variant: String,
    /// Its place on its sheets, from 1 at the left.
    #[serde(default = "leftmost")]
    pub position: u8,
}

/// Where pieces lie that are not imposed.
fn leftmost() -> u8 {
    1
}

/// A template's name without its folder.
pub fn template_name(name: &str) -> &str {
    Path::new(name).file_name().and_then(|name| name.to_str()).unwrap_or(name)
}
