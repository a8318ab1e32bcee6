//! What a clerk lays before a batch or reads with a wand: the barcodes of reasons and commands, on sheets of paper.

use jiff::civil::Date;

use crate::failure::Failure;
use crate::night::{SeparatorCode, separator_sheets};

/// The command by which the last piece does not count.
pub(crate) const UNDO: &str = "UNDO";
/// The command by which a box is full and the next one begins.
pub(crate) const END_OF_BOX: &str = "END OF BOX";

/// A reason of returns as sheets show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PrintedReason {
    /// The text of its Code 39: `RETURN/UNKNOWN`.
    pub barcode: String,
    /// Its French words.
    pub words: String,
}

/// The separator sheets as PDF: one for each reason, and a menu of reasons and commands for a wand. `day` is the PDF's date.
///
/// # Errors
/// `separator_sheets`: a reason whose code Code 39 has no characters for, or that is too long for a sheet.
pub(crate) fn separators(reasons: &[PrintedReason], day: Date) -> Result<Vec<u8>, Failure> {
    let reason = |PrintedReason { barcode, words }: &PrintedReason| SeparatorCode {
        barcode: barcode.clone(),
        words: words.clone(),
    };
    let commands = [(UNDO, "Annuler le dernier pli"), (END_OF_BOX, "Caisse pleine, caisse suivante")];
    let commands = commands
        .map(|(barcode, words)| SeparatorCode { barcode: barcode.to_owned(), words: words.to_owned() });
    separator_sheets(&reasons.iter().map(reason).collect::<Vec<_>>(), &commands, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::missing;
    use crate::raster::OpenPdf;
    use jiff::civil::date;
    use std::collections::BTreeSet;
    use std::time::Duration;
    use symbols::{Effort, read_code39s};

    fn reasons() -> Vec<PrintedReason> {
        let all = [
            ("RETURN/ACCESS-OR-ADDRESS", "Défaut d\u{2019}accès ou d\u{2019}adressage"),
            ("RETURN/UNKNOWN", "Destinataire inconnu à l\u{2019}adresse"),
            ("RETURN/REFUSED", "Pli refusé par le destinataire"),
            ("RETURN/UNCLAIMED", "Pli avisé et non réclamé"),
            ("RETURN/OTHER", "Autre motif"),
        ];
        all.map(|(barcode, words)| PrintedReason { barcode: barcode.to_owned(), words: words.to_owned() })
            .to_vec()
    }

    #[test]
    fn every_barcode_of_every_sheet_reads_and_none_is_cut() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("separators.pdf");
        let pdf = separators(&reasons(), date(2026, 11, 27)).expect("sheets");
        assert_eq!(pdf, separators(&reasons(), date(2026, 11, 27)).expect("sheets"), "the same bytes");
        fs_err::write(&path, pdf).expect("written");
        let pdf = OpenPdf::open(&path).expect("a PDF");
        let renderer = pdf.renderer();
        let read = |page: u32| -> BTreeSet<String> {
            let picture = renderer.picture(page, 150.0).expect("a page");
            let readings = read_code39s(&picture, &Effort::within(Duration::from_secs(5)));
            readings.iter().filter_map(|reading| reading.agreed().map(str::to_owned)).collect()
        };
        let all: Vec<String> = reasons().into_iter().map(|reason| reason.barcode).collect();
        for (page, reason) in (1..).zip(&all) {
            assert_eq!(read(page), BTreeSet::from([reason.clone()]));
        }
        let menu: BTreeSet<String> =
            all.iter().cloned().chain([UNDO.to_owned(), END_OF_BOX.to_owned()]).collect();
        assert_eq!(read(all.len() as u32 + 1), menu);
    }

    #[test]
    fn zbar_reads_every_separator() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("page.png");
        let pdf_path = folder.path().join("separators.pdf");
        fs_err::write(&pdf_path, separators(&reasons(), date(2026, 11, 27)).expect("sheets"))
            .expect("written");
        let pdf = OpenPdf::open(&pdf_path).expect("a PDF");
        for (page, reason) in (1..).zip(reasons()) {
            let png = pdf
                .renderer()
                .picture(page, 150.0)
                .and_then(|picture| Ok(picture.to_png()?))
                .expect("a page");
            fs_err::write(&path, png).expect("written");
            let zbar = std::process::Command::new("zbarimg").args(["--quiet", "--raw"]).arg(&path).output();
            let Ok(output) = zbar else { return missing::missing("`zbarimg`") };
            assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), reason.barcode);
        }
    }

    #[test]
    fn a_reason_that_has_no_barcode_is_told_what_to_do() {
        for barcode in ["RETURN/É", &*format!("RETURN/{}", "LONG-".repeat(12))] {
            let reason = PrintedReason { barcode: barcode.to_owned(), words: "Motif".to_owned() };
            let failure = separators(&[reason], date(2026, 11, 27)).expect_err("no sheet");
            assert_eq!(failure.code(), "separator_sheets");
            assert!(failure.advice().is_some_and(|advice| advice.contains("short code")));
        }
    }
}
