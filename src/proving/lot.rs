//! One lot through all checks. A fault ends none of the others.

use mail::piece::PieceKind;

use super::ProveOrder;
use super::certificate_file::CertificateFile;
use super::files::check_files;
use super::finding::FoundLot;
use super::pieces::Judge;
use super::print_file::{prove_file, read_clear, read_sealed};
use super::report::{Fault, LotReport};
use super::tables::{Piece, read_pieces};
use crate::certificate::{Certificate, CertifiedFile, Role, certificate_name};

/// What no lot alone can show.
const RECORDS: &str = "records: whether somebody asked for each piece, which only the bureau's ledger says";

/// Proves a lot again.
pub(super) fn prove_lot(order: &ProveOrder, lot: &FoundLot) -> LotReport {
    let mut report = LotReport::begin(&lot.name);
    let name = certificate_name(&lot.name);
    if !lot.certified {
        report.fault(Fault::of_file("certificate_missing", &name, "the lot has no certificate"));
        report.leave_out("everything: there is no certificate");
        return report;
    }
    let file = match CertificateFile::read(lot) {
        Ok(file) => file,
        Err(reason) => {
            report.fault(Fault::of_file("certificate", &name, reason));
            report.leave_out("everything: the certificate can't be used");
            return report;
        }
    };
    let certificate = &file.certificate;
    report.lot = mail::lot::LotName::parse(&lot.name)
        .map_or_else(|| lot.name.clone(), |name| name.marked(certificate.kind));
    report.kind = Some(certificate.kind);
    report.night = Some(foreign::legible(&certificate.night).into_owned());
    match file.verify(order.trust) {
        Ok(verdict) => {
            report.signed_by = verdict.signer;
            report.proved = Some(certificate.proved.clone());
        }
        Err(reason) => report.fault(Fault::of_file("certificate_signature", &name, reason)),
    }
    check_files(lot, certificate, &mut report);
    check_counts(certificate, &name, &mut report);
    match read_pieces(lot, certificate, &mut report) {
        Some(pieces) => prove_print_files(order, lot, certificate, &pieces, &mut report),
        None => report.leave_out("pages: the manifest can't be read"),
    }
    report.leave_out(RECORDS);
    report
}

/// Holds the certificate's counts against what it says of its print files.
fn check_counts(certificate: &Certificate, name: &str, report: &mut LotReport) {
    let print_files = || certificate.files.iter().filter(|file| file.role == Role::Print);
    let pieces: u64 = print_files().filter_map(|file| file.pieces).map(u64::from).sum();
    let pages: u64 = print_files().filter_map(|file| file.pages).map(u64::from).sum();
    if (pieces, pages) != (certificate.counts.pieces, certificate.counts.pages) {
        let message = "its print files have other counts than the lot";
        report.fault(Fault::of_file("certificate", name, message));
    }
}

/// Proves the print files one after the other, each with its pieces.
fn prove_print_files(
    order: &ProveOrder,
    lot: &FoundLot,
    certificate: &Certificate,
    pieces: &[Piece],
    report: &mut LotReport,
) {
    let judge = Judge { press: &certificate.press, trust: order.trust };
    let mut sealed = 0;
    let print_files = || certificate.files.iter().filter(|file| file.role == Role::Print);
    for file in print_files() {
        let of_file: Vec<&Piece> = pieces.iter().filter(|piece| piece.row.file == file.name).collect();
        let path = lot.folder.join(&file.name);
        if !path.exists() {
            report.leave_out(format!("pages of `{}`: it is not there", file.name));
            continue;
        }
        let bytes = match (is_sealed(file), order.identity) {
            (false, _) => read_clear(&path, certificate.kind == PieceKind::Mailer),
            (true, Some(identity)) => read_sealed(&path, identity),
            (true, None) => {
                sealed += 1;
                continue;
            }
        };
        match bytes {
            Ok(bytes) => prove_file(file, &bytes, &of_file, &judge, report),
            Err(reason) => report.fault(Fault::of_file("file_unreadable", &file.name, reason)),
        }
    }
    for piece in pieces.iter().filter(|piece| !print_files().any(|file| file.name == piece.row.file)) {
        let message = "its row of the manifest names a file that is no print file of the lot";
        report.fault(Fault::of_piece("row", &piece.row.file, &piece.row.piece_id, message));
    }
    if sealed > 0 {
        report.leave_out(format!(
            "pages of {sealed} sealed print files, whose digests alone were compared: give `--identity FILE` to open them in memory"
        ));
    }
}

fn is_sealed(file: &CertifiedFile) -> bool {
    file.name.ends_with(".age")
}
