//! The tables of a lot: manifest, control file, pieces and salts, one row a piece, held against each other.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::finding::FoundLot;
use super::report::{Fault, LotReport};
use crate::certificate::{Certificate, PieceRow, Role, SALT_LENGTH, Salt, SaltRow, parse_salt, salts_name};

/// The largest table that is read, in bytes.
const MAX_SIZE: u64 = 1 << 30;

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
    /// The digests of its texts, where the table of pieces has it.
    pub texts: Option<String>,
    /// Its salt, where it was handed over.
    pub salt: Option<Salt>,
}

/// Reads the tables of a lot and pairs their rows. `None` where the manifest can't be read.
pub(super) fn read_pieces(
    lot: &FoundLot,
    certificate: &Certificate,
    report: &mut LotReport,
) -> Option<Vec<Piece>> {
    let name =
        |role: Role| certificate.files.iter().find(|file| file.role == role).map(|file| file.name.as_str());
    let manifest: Vec<ManifestRow> = read_table(lot, name(Role::Manifest), "manifest", report)?;
    let control: Option<Vec<ControlRow>> = read_table(lot, name(Role::Control), "control file", report);
    let pieces: Option<Vec<PieceRow>> = read_table(lot, name(Role::Pieces), "table of pieces", report);
    let salts = read_salts(lot, certificate, report);
    let manifest_name = name(Role::Manifest).unwrap_or_default();
    if manifest.len() as u64 != certificate.counts.pieces {
        let message = format!(
            "it has {} rows, and the certificate says {} pieces",
            manifest.len(),
            certificate.counts.pieces
        );
        report.fault(Fault::of_file("row", manifest_name, message));
    }
    check_lengths(
        manifest.len(),
        [control.as_ref().map(Vec::len), pieces.as_ref().map(Vec::len)],
        certificate,
        report,
    );
    let (mut control, mut pieces) = (control.map(Vec::into_iter), pieces.map(Vec::into_iter));
    let mut paired = Vec::with_capacity(manifest.len());
    for (row, sequence) in manifest.into_iter().zip(1..) {
        let control = control.as_mut().and_then(Iterator::next);
        let digests = pieces.as_mut().and_then(Iterator::next);
        if let Some(problem) = disagreement(&row, sequence, lot, control.as_ref(), digests.as_ref()) {
            report.fault(Fault::of_piece("row", manifest_name, &row.piece_id, problem));
        }
        let salt = salts.as_ref().and_then(|salts| salts.get(&row.piece_id).cloned());
        let texts = digests.map(|digests| digests.texts);
        paired.push(Piece { row, control, texts, salt });
    }
    Some(paired)
}

/// Names tables that have another number of rows than the manifest.
fn check_lengths(rows: usize, others: [Option<usize>; 2], certificate: &Certificate, report: &mut LotReport) {
    for (role, length) in [Role::Control, Role::Pieces].into_iter().zip(others) {
        let Some(length) = length.filter(|length| *length != rows) else { continue };
        let file = certificate.files.iter().find(|file| file.role == role);
        let message = format!("it has {length} rows, and the manifest has {rows}");
        report.fault(Fault::of_file("row", file.map_or("", |file| &file.name), message));
    }
}

/// How the rows of a piece disagree; `None` where they don't.
fn disagreement(
    row: &ManifestRow,
    sequence: u64,
    lot: &FoundLot,
    control: Option<&ControlRow>,
    digests: Option<&PieceRow>,
) -> Option<&'static str> {
    if row.lot != lot.name || row.sequence != sequence {
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

/// The salts that were handed over, by piece; `None` where there are none.
fn read_salts(
    lot: &FoundLot,
    certificate: &Certificate,
    report: &mut LotReport,
) -> Option<BTreeMap<String, Salt>> {
    if certificate.counts.texts == 0 {
        report.leave_out("texts: the certificate has no digests of them");
        return None;
    }
    let name = salts_name(&lot.name);
    if !lot.files.contains(&name) {
        report.leave_out(format!(
            "texts: no salts (`{name}`, which the bureau keeps, is not beside the certificate)"
        ));
        return None;
    }
    let rows: Vec<SaltRow> = read_table(lot, Some(&name), "file of salts", report)?;
    let mut salts = BTreeMap::new();
    for row in rows {
        match parse_salt(&row.salt) {
            Some(salt) => _ = salts.insert(row.piece_id, salt),
            None => {
                let message = format!("a salt is not of {SALT_LENGTH} bytes in hexadecimal");
                report.fault(Fault::of_piece("salt", &name, &row.piece_id, message));
            }
        }
    }
    Some(salts)
}

/// The rows of a table; `None`, with a fault, where it can't be read. One that is missing is named already.
fn read_table<T: DeserializeOwned>(
    lot: &FoundLot,
    name: Option<&str>,
    what: &str,
    report: &mut LotReport,
) -> Option<Vec<T>> {
    let Some(name) = name else {
        report.fault(Fault::of_file("certificate", "", format!("the certificate names no {what}")));
        return None;
    };
    let path = lot.folder.join(name);
    if !path.exists() {
        report.leave_out(format!("rows: `{name}` is not there"));
        return None;
    }
    let read = foreign::read(&path, MAX_SIZE).map_err(|unreadable| unreadable.error.to_string());
    let rows = read.and_then(|bytes| {
        let rows =
            csv::Reader::from_reader(bytes.as_slice()).into_deserialize().collect::<Result<Vec<T>, _>>();
        // The error's own words quote cells.
        rows.map_err(|error| {
            let line = error.position().map(|position| format!(", line {}", position.line()));
            format!("its rows can't be read{}", line.unwrap_or_default())
        })
    });
    match rows {
        Ok(rows) => Some(rows),
        Err(reason) => {
            report.fault(Fault::of_file("table_unreadable", name, reason));
            None
        }
    }
}
