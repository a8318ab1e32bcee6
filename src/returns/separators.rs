//! What a clerk lays before a batch or reads with a wand: the barcodes of reasons and commands, on sheets of paper.

use jiff::civil::Date;
use mail::Language;
use mail::returned::ReturnReasons;

use super::wand::{END_OF_BOX, UNDO};
use crate::failure::Failure;
use crate::night::{SeparatorCode, separator_sheets};

/// The separator sheets as PDF: one for each reason, and a menu of reasons and commands for a wand. `day` is the PDF's date.
///
/// # Errors
/// `separator_sheets`: a reason whose code Code 39 has no characters for, or that is too long for a sheet.
pub(crate) fn separators(language: Language, reasons: &ReturnReasons, day: Date) -> Result<Vec<u8>, Failure> {
    let code = |barcode: String, words: &str| SeparatorCode { barcode, words: words.to_owned() };
    let separators: Vec<SeparatorCode> = reasons
        .codes()
        .map(|reason| code(ReturnReasons::barcode(reason), reasons.words_in(language, reason)))
        .collect();
    let commands = [
        code(UNDO.to_owned(), language.of("Annuler le dernier pli", "Undo the last piece")),
        code(END_OF_BOX.to_owned(), language.of("Caisse pleine, caisse suivante", "Box full, next box")),
    ];
    separator_sheets(language, &separators, &commands, day)
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

    fn barcodes() -> Vec<String> {
        ReturnReasons::default().codes().map(ReturnReasons::barcode).collect()
    }

    #[test]
    fn every_barcode_of_every_sheet_reads_and_none_is_cut() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("separators.pdf");
        let pdf =
            separators(Language::French, &ReturnReasons::default(), date(2026, 11, 27)).expect("sheets");
        assert_eq!(
            pdf,
            separators(Language::French, &ReturnReasons::default(), date(2026, 11, 27)).expect("sheets"),
            "the same bytes"
        );
        fs_err::write(&path, pdf).expect("written");
        let pdf = OpenPdf::open(&path).expect("a PDF");
        let renderer = pdf.renderer();
        let read = |page: u32| -> BTreeSet<String> {
            let picture = renderer.picture(page, 150.0).expect("a page");
            let readings = read_code39s(&picture, &Effort::within(Duration::from_secs(5)));
            readings.iter().filter_map(|reading| reading.agreed().map(str::to_owned)).collect()
        };
        let all = barcodes();
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
        fs_err::write(
            &pdf_path,
            separators(Language::French, &ReturnReasons::default(), date(2026, 11, 27)).expect("sheets"),
        )
        .expect("written");
        let pdf = OpenPdf::open(&pdf_path).expect("a PDF");
        for (page, reason) in (1..).zip(barcodes()) {
            let png = pdf
                .renderer()
                .picture(page, 150.0)
                .and_then(|picture| Ok(picture.to_png()?))
                .expect("a page");
            fs_err::write(&path, png).expect("written");
            let zbar = std::process::Command::new("zbarimg").args(["--quiet", "--raw"]).arg(&path).output();
            let Ok(output) = zbar else { return missing::missing("`zbarimg`") };
            assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), reason);
        }
    }

    #[test]
    fn an_english_bureau_has_english_sheets_with_the_same_barcodes() {
        let reasons = ReturnReasons::default();
        let day = date(2026, 11, 27);
        let [french, english] = [Language::French, Language::English]
            .map(|language| separators(language, &reasons, day).expect("sheets"));
        assert_ne!(french, english);
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("separators.pdf");
        fs_err::write(&path, english).expect("written");
        let text = std::process::Command::new("pdftotext").arg(&path).arg("-").output();
        let Ok(output) = text else { return missing::missing("`pdftotext`") };
        let text = String::from_utf8_lossy(&output.stdout).replace('\n', " ");
        for words in ["Not known at this address", "Undo the last piece", "Lay this sheet", "RETURN/UNKNOWN"]
        {
            assert!(text.contains(words), "`{words}` is not in {text}");
        }
    }

    #[test]
    fn the_longest_reason_of_a_job_has_its_sheet() {
        let settings = serde_json::from_str(&format!(r#"{{"{}": {{"words": "紙 motif"}}}}"#, "w".repeat(20)));
        let reasons =
            ReturnReasons::build(&settings.expect("settings"), &Default::default()).expect("reasons");
        assert!(separators(Language::French, &reasons, date(2026, 11, 27)).is_ok());
    }
}
