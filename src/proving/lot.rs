//! One lot through all checks. A fault ends none of the others.

use mail::piece::PieceKind;

use super::ProveOrder;
use super::certificate_file::CertificateFile;
use super::files::check_files;
use super::finding::FoundLot;
use super::pieces::Judge;
use super::print_file::{PrintFile, read_clear, read_sealed};
use super::report::{Fault, LotReport};
use super::tables::Tables;
use crate::certificate::{Certificate, CertifiedFile, Role, certificate_name};
use crate::failure::{agreeing, counted};

/// What no lot alone can show, and why.
const BEYOND: [(&str, &str); 3] = [
    ("records", "whether somebody asked for each piece, only the bureau's ledger says"),
    (
        "the template",
        "whether its stock is what the customer approved: compare the template's version with the approved proof",
    ),
    ("the night's own proof", "what it read and compared is the bureau's word, under its signature"),
];

/// Proves a lot again.
pub(super) fn prove_lot(order: &ProveOrder, lot: &FoundLot) -> LotReport {
    let mut report = LotReport::begin(&lot.name);
    let name = certificate_name(&lot.name);
    if !lot.certified {
        report.fault(Fault::of_file("certificate_missing", &name, "the lot has no certificate"));
        report.leave_out("everything", "there is no certificate");
        return report;
    }
    let file = match CertificateFile::read(lot) {
        Ok(file) => file,
        Err(reason) => {
            report.fault(Fault::of_file("certificate", &name, reason));
            report.leave_out("everything", "the certificate can't be used");
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
    match Tables::open(lot, certificate, &mut report) {
        Some(tables) => prove_print_files(order, lot, certificate, tables, &mut report),
        None => report.leave_out("pages", "the manifest can't be read"),
    }
    BEYOND.iter().for_each(|(what, reason)| report.leave_out(*what, *reason));
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
    mut tables: Tables,
    report: &mut LotReport,
) {
    let judge = Judge {
        press: &certificate.press,
        stock: &certificate.stock,
        kind: certificate.kind,
        trust: order.trust,
    };
    let (mut sealed, mut of_no_piece) = (0, 0);
    for file in certificate.files.iter().filter(|file| file.role == Role::Print) {
        let pieces = tables.of_file(file, report);
        let path = lot.folder.join(&file.name);
        if !path.exists() {
            report.leave_out(format!("pages of `{}`", file.name), "it is not there");
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
            Ok(bytes) => {
                of_no_piece += PrintFile { file, pieces: &pieces, judge: &judge }.prove(&bytes, report)
            }
            Err(reason) => report.fault(Fault::of_file("file_unreadable", &file.name, reason)),
        }
    }
    tables.finish(certificate, report);
    leave_out_pages(sealed, of_no_piece, report);
    leave_out_digests(certificate, sealed, report);
}

/// Names the pages that were not read, or not held against anything.
fn leave_out_pages(sealed: u64, of_no_piece: u64, report: &mut LotReport) {
    if sealed > 0 {
        report.leave_out(
            format!("pages of {}", counted(sealed, "sealed print file")),
            "their digests alone were compared: give `--identity FILE` to open them in memory",
        );
    }
    if of_no_piece > 0 {
        report.leave_out(
            format!(
                "what {} {} to no piece",
                counted(of_no_piece, "page"),
                agreeing(of_no_piece, "shows that belongs", "show that belong")
            ),
            "sheets of the lot have no rows: the digest of their file covers them",
        );
    }
}

/// Names what the certificate has no digests of.
fn leave_out_digests(certificate: &Certificate, sealed: u64, report: &mut LotReport) {
    match certificate.kind {
        PieceKind::Mailer => report.leave_out(
            "texts, places and fonts of mailers",
            "no digests are made of them, since codes could be found from them by trying",
        ),
        PieceKind::Letter if certificate.counts.texts == 0 => {
            report.leave_out("texts, and where they stand", "the certificate has no digests of them");
        }
        PieceKind::Letter => {}
    }
    if certificate.stock.is_empty() && sealed == 0 {
        report.leave_out("the stock forms", "the certificate has no digests of them");
    }
}

fn is_sealed(file: &CertifiedFile) -> bool {
    file.name.ends_with(".age")
}
