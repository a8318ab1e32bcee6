//! The control file of a lot: a row for each piece, for the camera and the inserter that follow pieces by file.
//!
//! It holds no name and no code, and no card number of a mailer.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use super::manifest::BUNDLE_COLUMN;
use crate::files::finish_and_sync;
use crate::job::PostalWeight;
use crate::night::lot::NumberedPiece;
use composition::{Stamper, mailer_barcode};
use mail::lot::{LotName, LotPosition};
use mail::piece::PieceKind;

/// The columns, in order (docs/inserter.md).
const COLUMNS: [&str; 10] = [
    "piece_id",
    "lot",
    "kind",
    "sequence",
    "sheets",
    "window_symbology",
    "window_value",
    "weight_class",
    "omr_sequence",
    "control_code",
];

/// The last column of a reprint lot: the printed reference of the piece whose place this one takes.
const REPRINT_OF_COLUMN: &str = "reprint_of";

/// Writes a control file, row by row.
pub(crate) struct ControlFile<'a> {
    table: csv::Writer<BufWriter<File>>,
    kind: PieceKind,
    lot: &'a LotName,
    weight: PostalWeight<'a>,
    /// Whether rows have the column of bundles.
    bundled: bool,
    stamper: &'a Stamper<'a>,
}

/// The control file's path, relative to the night's folder.
pub(crate) fn control_file_path(kind: PieceKind, lot: &LotName) -> String {
    format!("{}/{lot}.control.csv", kind.folder())
}

impl<'a> ControlFile<'a> {
    /// Creates the control file of a lot with its header.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn create(
        path: &Path,
        lot: &'a LotName,
        kind: PieceKind,
        bundled: bool,
        stamper: &'a Stamper,
        weight: PostalWeight<'a>,
    ) -> io::Result<Self> {
        let mut table = csv::Writer::from_writer(BufWriter::new(fs_err::File::create(path)?.into_parts().0));
        let again = lot.reprint_number().map(|_| REPRINT_OF_COLUMN);
        table.write_record(COLUMNS.into_iter().chain(again).chain(bundled.then_some(BUNDLE_COLUMN)))?;
        Ok(ControlFile { table, kind, lot, weight, bundled, stamper })
    }

    /// Writes the row of a piece.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn row(&mut self, piece: &NumberedPiece) -> io::Result<()> {
        let issuance = &piece.piece.issuance;
        let position = LotPosition { lot: self.lot, kind: self.kind, sequence: piece.sequence };
        let marks = self.stamper.control_marks(issuance, position).unwrap_or_default();
        let (sequence, sheets) = (piece.sequence.to_string(), marks.sheets.to_string());
        let weight_class = self.weight.class(marks.sheets).to_string();
        let tracking = piece.tracking.map(|id| id.to_string()).unwrap_or_default();
        let barcode = mailer_barcode(&piece.piece_id);
        let (symbology, value) = match self.kind {
            PieceKind::Letter => ("code39", issuance.card_number.as_str()),
            PieceKind::Mailer if marks.barcode => ("code39", barcode.as_str()),
            PieceKind::Mailer => ("text", tracking.as_str()),
        };
        let omr = marks.omr_sequence.map(|count| count.to_string()).unwrap_or_default();
        let cells = [
            &piece.piece_id,
            self.lot.as_str(),
            self.kind.code(),
            &sequence,
            &sheets,
            symbology,
            value,
            &weight_class,
            &omr,
            &marks.codes.join(";"),
        ];
        let bundle = self.bundled.then(|| piece.bundle.map(|number| number.to_string()).unwrap_or_default());
        let further = piece.reprint_of.as_deref().into_iter().chain(bundle.as_deref());
        Ok(self.table.write_record(cells.into_iter().chain(further))?)
    }

    /// Syncs the file.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn finish(self) -> io::Result<()> {
        let buffered = self.table.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        finish_and_sync(buffered)
    }
}
