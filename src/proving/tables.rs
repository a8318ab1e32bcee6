//! The tables of a lot: manifest, control file, pieces and salts, read side by side, one row a piece, and held against each other.

use serde::Deserialize;

use super::finding::FoundLot;
use super::report::{Fault, LotReport};
use super::table::Rows;
use crate::certificate::{
    Certificate, CertifiedFile, PieceRow, Role, SALT_LENGTH, Salt, SaltRow, parse_salt, salts_name,
};
use crate::failure::counted;

/// A row of the manifest of either kind. Other columns are left aside.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ManifestRow {
    pub piece_id: String,
    pub lot: String,
    pub sequence: u64,
    pub file: String,
    pub first_page: u32,
    pub pages: u32,
    /// A letter's card.
    #[serde(default)]
    pub card_number: String,
    /// What a letter's Code 39 says.
    #[serde(default)]
    pub window_barcode: String,
    /// What a letter's 2D-DOC says.
    #[serde(default)]
    pub twoddoc: String,
    /// Its column on imposed sheets.
    #[serde(default = "leftmost")]
    pub position: u8,
}

/// The column of pieces that are not imposed.
fn leftmost() -> u8 {
    1
}

/// A row of the control file. Other columns are left aside.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ControlRow {
    pub piece_id: String,
    pub lot: String,
    pub sequence: u64,
    pub window_symbology: String,
    pub window_value: String,
    pub control_code: String,
}

/// A piece with its rows.
pub(super) struct Piece {
    pub row: ManifestRow,
    /// Its row of the control file, where there is one.
    pub control: Option<ControlRow>,
    /// Its row of the table of pieces, where there is one.
    pub digests: Option<PieceRow>,
    /// Its salt, where it was handed over.
    pub salt: Option<Salt>,
}

/// The columns that each table must have.
const MANIFEST: [&str; 6] = ["piece_id", "lot", "sequence", "file", "first_page", "pages"];
const CONTROL: [&str; 6] =
    ["piece_id", "lot", "sequence", "window_symbology", "window_value", "control_code"];
const PIECES: [&str; 8] = ["piece_id", "file", "first_page", "pages", "position", "forms", "texts", "layout"];
const SALTS: [&str; 2] = ["piece_id", "salt"];

/// The tables of a lot, read row by row.
pub(super) struct Tables<'l> {
    lot: &'l str,
    manifest_name: &'l str,
    manifest: Rows<ManifestRow>,
    control: Option<Rows<ControlRow>>,
    pieces: Option<Rows<PieceRow>>,
    salts: Option<Rows<SaltRow>>,
    /// Rows of the manifest so far.
    sequence: u64,
}

impl<'l> Tables<'l> {
    /// Opens the tables of a lot. `None` where there is no manifest that can be read.
    pub(super) fn open(
        lot: &'l FoundLot,
        certificate: &'l Certificate,
        report: &mut LotReport,
    ) -> Option<Tables<'l>> {
        let name = |role: Role| {
            certificate.files.iter().find(|file| file.role == role).map_or("", |file| file.name.as_str())
        };
        let manifest = Rows::open(lot, name(Role::Manifest), "manifest", &MANIFEST, report);
        let control = Rows::open(lot, name(Role::Control), "control file", &CONTROL, report);
        let pieces = Rows::open(lot, name(Role::Pieces), "table of pieces", &PIECES, report);
        let salts = open_salts(lot, certificate, report);
        Some(Tables {
            lot: &lot.name,
            manifest_name: name(Role::Manifest),
            manifest: manifest?,
            control,
            pieces,
            salts,
            sequence: 0,
        })
    }

    /// Reads the pieces of the print file that comes next: the rows that name it, as long as they do, and at most as many as
    /// the certificate says.
    pub(super) fn of_file(&mut self, file: &CertifiedFile, report: &mut LotReport) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for _ in 0..file.pieces.unwrap_or_default() {
            let Some(row) = self.manifest.next_if(|row| row.file == file.name) else { break };
            pieces.push(self.piece(row, report));
        }
        if let Some(problem) = self.manifest.take_problem() {
            report.fault(Fault::of_file("table_unreadable", self.manifest_name, problem));
        }
        pieces
    }

    /// Pairs a row of the manifest with those of the other tables.
    fn piece(&mut self, row: ManifestRow, report: &mut LotReport) -> Piece {
        self.sequence += 1;
        let control = self.control.as_mut().and_then(Iterator::next);
        let digests = self.pieces.as_mut().and_then(Iterator::next);
        if let Some(problem) = self.disagreement(&row, control.as_ref(), digests.as_ref()) {
            report.fault(Fault::of_piece("row", self.manifest_name, &row.piece_id, problem));
        }
        let salt =
            self.salts.as_mut().and_then(Iterator::next).and_then(|salt| self.salt(&row, &salt, report));
        Piece { row, control, digests, salt }
    }

    /// How the rows of a piece disagree; `None` where they don't.
    fn disagreement(
        &self,
        row: &ManifestRow,
        control: Option<&ControlRow>,
        digests: Option<&PieceRow>,
    ) -> Option<&'static str> {
        if row.lot != self.lot || row.sequence != self.sequence {
            return Some("its row of the manifest is of another lot or out of sequence");
        }
        if row.window_barcode != row.card_number {
            return Some("its row of the manifest has another number for the window than for the card");
        }
        let same = |control: &ControlRow| {
            let window = row.card_number.is_empty() || control.window_value == row.window_barcode;
            control.piece_id == row.piece_id
                && control.lot == row.lot
                && control.sequence == row.sequence
                && window
        };
        if control.is_some_and(|control| !same(control)) {
            return Some("its rows of manifest and control file disagree");
        }
        let same = |digests: &PieceRow| {
            let place = (&digests.file, digests.first_page, digests.pages, digests.position);
            digests.piece_id == row.piece_id && place == (&row.file, row.first_page, row.pages, row.position)
        };
        if digests.is_some_and(|digests| !same(digests)) {
            return Some("its rows of manifest and table of pieces disagree");
        }
        None
    }

    /// The salt of a piece, from its row.
    fn salt(&self, row: &ManifestRow, salt: &SaltRow, report: &mut LotReport) -> Option<Salt> {
        let name = salts_name(self.lot);
        if salt.piece_id != row.piece_id {
            report.fault(Fault::of_piece(
                "salt",
                &name,
                &row.piece_id,
                "its row has the salt of another piece",
            ));
            return None;
        }
        let parsed = parse_salt(&salt.salt);
        if parsed.is_none() {
            let message = format!("its salt is not of {SALT_LENGTH} bytes in hexadecimal");
            report.fault(Fault::of_piece("salt", &name, &row.piece_id, message));
        }
        parsed
    }

    /// Names the rows that are left over, and counts that disagree.
    pub(super) fn finish(mut self, certificate: &Certificate, report: &mut LotReport) {
        while let Some(row) = self.manifest.next() {
            let message = "its row of the manifest does not stand with those of a print file of the lot";
            report.fault(Fault::of_piece("row", self.manifest_name, &row.piece_id, message));
            self.piece(row, report);
        }
        let (rows, pieces) = (self.sequence, certificate.counts.pieces);
        if rows != pieces {
            let message = format!(
                "it has {}, and the certificate says {}",
                counted(rows, "row"),
                counted(pieces, "piece")
            );
            report.fault(Fault::of_file("row", self.manifest_name, message));
        }
        let lengths = [
            Some(self.manifest.into_length()),
            self.control.map(Rows::into_length),
            self.pieces.map(Rows::into_length),
            self.salts.map(Rows::into_length),
        ];
        for (name, length, problem) in lengths.into_iter().flatten() {
            if let Some(problem) = problem {
                report.fault(Fault::of_file("table_unreadable", &name, problem));
            } else if length != rows {
                let message = format!("it has {}, and the manifest has {rows}", counted(length, "row"));
                report.fault(Fault::of_file("row", &name, message));
            }
        }
    }
}

/// Opens the salts, where they were handed over.
fn open_salts(lot: &FoundLot, certificate: &Certificate, report: &mut LotReport) -> Option<Rows<SaltRow>> {
    if certificate.counts.texts == 0 {
        return None;
    }
    let name = salts_name(&lot.name);
    if !lot.files.contains(&name) {
        report.leave_out(
            "texts, and where they stand",
            format!("no salts: `{name}`, which the bureau keeps, is not beside the certificate"),
        );
        return None;
    }
    Rows::open(lot, &name, "file of salts", &SALTS, report)
}
