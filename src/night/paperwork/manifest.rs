//! The manifest of a lot: a row for each piece (contract: outputs of one night).

use std::io::{self, BufWriter};
use std::path::Path;

use serde::Deserialize;

use crate::files::{HashingWriter, finish_and_sync, harmless_cell};
use crate::job::PostalWeight;
use crate::ledger::ReleaseMark;
use crate::night::lot::{NumberedPiece, PiecePosition, template_name};
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

/// The columns that name the release of the ledger.
const RELEASE_COLUMNS: [&str; 2] = ["ledger_id", "release"];

/// The column of imposed lots: the piece's column on its sheets, 1 left and 2 right.
const POSITION_COLUMN: &str = "position";

/// The column of lots that are broken into bundles: the piece's bundle, from 1.
pub(super) const BUNDLE_COLUMN: &str = "bundle";

/// The last column of a letter's row. A mailer's has none: letters and mailers carry no handle in common.
const CLIENT_REF_COLUMN: &str = "client_ref";

/// The manifest's path, relative to the night's folder.
pub(crate) fn manifest_path(kind: PieceKind, lot: &LotName) -> String {
    format!("{}/{lot}.manifest.csv", kind.folder())
}

/// Writes the manifest of a lot, row by row. A mailer's row has no code, no name and no card number; that of a sealed one
/// has no variant either, since reason, family and holder of a rare one would name its card.
pub(crate) struct ManifestWriter<'t> {
    table: csv::Writer<HashingWriter>,
    kind: PieceKind,
    lot: String,
    weight: PostalWeight<'t>,
    stamper: &'t Stamper<'t>,
    /// Whether rows have [`POSITION_COLUMN`].
    imposed: bool,
    /// Whether rows have [`BUNDLE_COLUMN`].
    bundled: bool,
    /// Whether the lot's files are sealed.
    sealed: bool,
    ledger_id: &'t str,
    release: String,
}

impl<'t> ManifestWriter<'t> {
    /// Creates a manifest with its header.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn create(
        path: &Path,
        lot: &LotName,
        kind: PieceKind,
        stamper: &'t Stamper,
        weight: PostalWeight<'t>,
        imposed: bool,
        bundled: bool,
        sealed: bool,
        mark: &'t ReleaseMark,
    ) -> io::Result<Self> {
        path.parent().map_or(Ok(()), fs_err::create_dir_all)?;
        let output = HashingWriter::new(BufWriter::new(fs_err::File::create(path)?.into_parts().0));
        let mut table = csv::Writer::from_writer(output);
        let columns = match kind {
            PieceKind::Letter => &LETTER_COLUMNS[..],
            PieceKind::Mailer => &MAILER_COLUMNS[..],
        };
        let position = imposed.then_some(&POSITION_COLUMN);
        let bundle = bundled.then_some(&BUNDLE_COLUMN);
        let client_ref = (kind == PieceKind::Letter).then_some(&CLIENT_REF_COLUMN);
        let further = position.into_iter().chain(bundle).chain(client_ref);
        table.write_record(columns.iter().chain(&RELEASE_COLUMNS).chain(further))?;
        let (ledger_id, release) = (mark.id.as_str(), mark.release.to_string());
        Ok(ManifestWriter {
            table,
            kind,
            lot: lot.to_string(),
            weight,
            stamper,
            imposed,
            bundled,
            sealed,
            ledger_id,
            release,
        })
    }

    /// Writes the row of a piece.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn row(
        &mut self,
        piece: &NumberedPiece,
        position: &PiecePosition,
        pages: u16,
        twoddoc: Option<&str>,
    ) -> io::Result<()> {
        let issuance = &piece.piece.issuance;
        let card = issuance.card_number.as_str();
        let weight_class = self.weight.class(u32::from(pages).div_ceil(2)).to_string();
        let file = position.path.rsplit('/').next().unwrap_or(position.path);
        let numbers =
            [piece.sequence, position.first_page, u32::from(pages)].map(|number| number.to_string());
        let [sequence, first_page, pages] = &numbers;
        let of_every = [&piece.piece_id, &self.lot, sequence, file, first_page, pages];
        of_every.into_iter().try_for_each(|cell| self.table.write_field(cell))?;
        match self.kind {
            PieceKind::Letter => {
                let cells = [card, card, twoddoc.unwrap_or_default(), &weight_class];
                cells.into_iter().try_for_each(|cell| self.table.write_field(cell))?;
            }
            PieceKind::Mailer => {
                self.table.write_field(piece.tracking.map(|id| id.to_string()).unwrap_or_default())?
            }
        }
        let variant = match self.sealed {
            true => "",
            false => self.stamper.variant_name(fact_values(self.kind, issuance)),
        };
        let column = self.imposed.then(|| position.column.to_string());
        let template = harmless_cell(template_name(&self.stamper.template().name));
        let last = [&*template, variant, self.ledger_id, &self.release];
        let client_ref = (self.kind == PieceKind::Letter).then_some(issuance.client_ref.as_str());
        let bundle = self.bundled.then(|| piece.bundle.map(|number| number.to_string()).unwrap_or_default());
        let further = column.as_deref().into_iter().chain(bundle.as_deref()).chain(client_ref);
        self.table.write_record(last.into_iter().chain(further))?;
        Ok(())
    }

    /// Syncs the manifest and returns its SHA-256.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn finish(self) -> io::Result<String> {
        let hashing = self.table.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        let (buffered, sha256, _) = hashing.finish();
        finish_and_sync(buffered)?;
        Ok(sha256)
    }
}

/// A row as proofing reads it. Columns that a kind of piece does not have are empty.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct ManifestRow {
    /// The printed reference.
    pub piece_id: String,
    /// The lot's name.
    pub lot: String,
    /// The sequence in the lot, from 1.
    pub sequence: u32,
    /// The print file, without its folder.
    pub file: String,
    /// The first page, from 1.
    pub first_page: u32,
    /// How many pages.
    pub pages: u32,
    /// A letter's card.
    pub card_number: String,
    /// The text of a letter's Code 39.
    pub window_barcode: String,
    /// The text of a letter's 2D-DOC.
    pub twoddoc: String,
    /// A letter's postal weight class, in grams.
    pub weight_class: String,
    /// A mailer's tracking identifier.
    pub tracking_id: String,
    /// The template's name.
    pub template: String,
    /// The variant's name; empty for a sealed mailer.
    pub variant: String,
    /// The ledger's identity.
    pub ledger_id: String,
    /// The release of the ledger.
    pub release: String,
    /// Its column on its sheets, from 1 at the left; `None` for pieces that are not imposed.
    #[serde(rename = "position")]
    pub column: Option<u8>,
    /// Its bundle, from 1; `None` in a lot that is not broken into bundles.
    pub bundle: Option<u32>,
    /// The issuer's own reference of a letter.
    pub client_ref: String,
}
