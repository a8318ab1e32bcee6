//! The sheets at the ends of a lot, judged by poppler, zbar, pikepdf and our own preflight.

use std::path::Path;
use std::sync::Arc;

use preflight::{Marks, Standard, preflight};

use crate::job::{FRIDAY, MONDAY, TORN, TestJob};
use crate::tools::{pdf_text, picture, python, text, tool};

const LETTERS: &str = "out/2026-11-20/letters/26324A";
const MAILERS: &str = "out/2026-11-23/mailers/26327A";

/// The fixture's job with lot sheets and further keys of `[press]`, nine pieces to a file.
fn job(press: &str) -> TestJob {
    let job = TestJob::new();
    job.replace("job.toml", "dir = \"out\"", "dir = \"out\"\npieces_per_file = 9");
    job.replace("job.toml", "[limits]\n", &format!("[press]\nlot_sheets = true\n{press}\n\n[limits]\n"));
    job
}

fn assert_sound(file: &Path, standard: Standard) {
    let faults = preflight(&Arc::new(fs_err::read(file).unwrap()), standard, Marks::All);
    assert!(faults.is_empty(), "{faults:?}");
    tool("qpdf", &["--check", text(file)]);
    if let Some(met) = python("pikepdf or fonttools", &["tests/press.py", text(file)]) {
        assert_eq!(met.lines().count(), 19, "{met}");
    }
}

/// What zbar reads of a lot sheet's bars, in their place on a page of one piece.
fn lot_code(job: &TestJob, file: &Path, page: u32) -> Option<String> {
    let png = job.path("lot.png");
    picture(file, page, 200, [12.0, 118.0, 190.0, 36.0], &png)?;
    let read = tool("zbarimg", &["-q", "--raw", "-Sdisable", "-Scode39.enable", text(&png)])?;
    Some(String::from_utf8(read).unwrap().trim_end().to_owned())
}

/// The words behind a label.
fn told<'p>(page: &'p str, label: &str) -> &'p str {
    let line = page.lines().find_map(|line| line.trim().strip_prefix(label));
    line.unwrap_or_else(|| panic!("no `{label}`: {page}")).trim()
}

#[test]
fn a_lot_of_letters_begins_and_ends_with_its_sheets() {
    let job = job("media = \"A4 offset\"");
    let ran = job.run(FRIDAY, &["--prove", "all"]);
    let report = ran.json();
    assert_eq!(report["proof"]["failures"], 0, "{}", ran.stderr);
    let files: Vec<(u64, u64)> = (report["files"].as_array().unwrap().iter())
        .filter(|file| file["path"].as_str().unwrap().starts_with("letters/"))
        .map(|file| (file["pieces"].as_u64().unwrap(), file["pages"].as_u64().unwrap()))
        .collect();
    assert_eq!(files, [(9, 10), (9, 9), (4, 5)]);
    let rows = job.table(&format!("{LETTERS}.manifest.csv"));
    assert_eq!((rows[0]["first_page"].as_str(), rows[9]["first_page"].as_str()), ("2", "1"));
    let (first, last) = (job.path(&format!("{LETTERS}-0001.pdf")), job.path(&format!("{LETTERS}-0003.pdf")));
    assert_sound(&first, Standard::Press);
    assert_sound(&last, Standard::Press);
    let Some(begin) = pdf_text(&first) else { return };
    let Some(end) = pdf_text(&last) else { return };
    let (header, trailer) = (&begin[0], &end[4]);
    assert!(
        header.contains("DÉBUT DE LOT")
            && header.lines().any(|line| line.trim() == "L26324A")
            && header.contains("Courriers carte")
    );
    assert_eq!(told(header, "Première pièce"), "26324A000001");
    assert_eq!(told(header, "Support"), "A4 offset");
    assert!(trailer.contains("FIN DE LOT") && trailer.contains("20 novembre 2026"));
    for (label, value) in [
        ("Première pièce", "26324A000001"),
        ("Dernière pièce", "26324A000022"),
        ("Pièces", "22"),
        ("Feuilles imprimées", "24"),
        ("Fichiers", "3"),
        ("Modèle", "Courrier carte"),
    ] {
        assert_eq!(told(trailer, label), value);
    }
    assert!(begin[1].contains("26324A000001") && end[3].contains("26324A000022"), "pieces lie between");
    for row in &rows {
        assert!(!header.contains(&row["card_number"]) && !trailer.contains(&row["card_number"]));
    }
    let Some(code) = lot_code(&job, &first, 1) else { return };
    assert_eq!(code, "LOT-L26324A-DEBUT");
    assert_eq!(lot_code(&job, &last, 5).unwrap(), "LOT-L26324A-FIN");
    let ticket = job.read(&format!("{LETTERS}.xjdf"));
    assert!(
        ticket.contains("<PartAmount Amount=\"24\"/></AmountPool>\n      <Component MediaRef"),
        "{ticket}"
    );
    let order =
        tool("pdftotext", &["-layout", text(&job.path(&format!("{LETTERS}.work-order.pdf"))), "-"]).unwrap();
    assert!(String::from_utf8(order).unwrap().contains("Début et fin, compris dans les pages"));
}

#[test]
fn the_sheets_of_sealed_mailers_have_backs_and_are_sealed_too() {
    let job = job("");
    job.both_nights();
    let files = job.table(&format!("{MAILERS}.manifest.csv"));
    assert_eq!(files[0]["first_page"], "3");
    let opened =
        pli::vault::open(&job.path(&format!("{MAILERS}-0001.pdf.age")), &job.path("keys/press.identity"));
    let plain = job.path("opened.pdf");
    fs_err::write(&plain, &*opened.unwrap()).unwrap();
    assert_sound(&plain, Standard::Press);
    let Some(pages) = pdf_text(&plain) else { return };
    assert!(pages[0].contains("DÉBUT DE LOT") && pages[0].contains("Courriers codes (confidentiels)"));
    assert_eq!(told(&pages[0], "Première pièce"), "26327A\\000001");
    assert!(pages[0].lines().any(|line| line.trim() == "M26327A"), "{}", pages[0]);
    assert!(pages[1].contains("Verso : début de lot") && pages[1].contains("M26327A"), "{}", pages[1]);
    assert!(pages[2].contains("26327A\\000001"));
    let Some(code) = lot_code(&job, &plain, 1) else { return };
    assert_eq!(code, "LOT-M26327A-DEBUT");
}

#[test]
fn imposed_lot_sheets_are_the_first_and_the_last_of_the_cut_pile() {
    let job = job("imposition = \"2-up\"");
    job.replace("job.toml", "pieces_per_file = 9", "pieces_per_file = 2000\nunsealed = true");
    let report = job.run(FRIDAY, &["--prove", "all"]).json();
    assert_eq!(report["proof"]["failures"], 0);
    let rows = job.table(&format!("{LETTERS}.manifest.csv"));
    let place = |at: usize| (rows[at]["position"].as_str(), rows[at]["first_page"].as_str());
    assert_eq!([0, 10, 11, 21].map(place), [("1", "2"), ("1", "12"), ("2", "1"), ("2", "11")]);
    let file = job.path(&format!("{LETTERS}-0001.pdf"));
    assert_sound(&file, Standard::Imposed);
    let Some(pages) = pdf_text(&file) else { return };
    assert!(pages[0].contains("DÉBUT DE LOT") && pages[0].contains("26324A000012"), "{}", pages[0]);
    assert!(pages[11].contains("26324A000011") && pages[11].contains("FIN DE LOT"), "{}", pages[11]);
    let line = pages[11].lines().find(|line| line.contains("Feuilles imprimées")).unwrap();
    assert!(line.trim_end().ends_with("12"), "{line}");
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    job.run(MONDAY, &[]);
    let mailers = job.path(&format!("{MAILERS}-0001.pdf"));
    assert_sound(&mailers, Standard::Imposed);
    let mailers = pdf_text(&mailers).unwrap();
    let verso = mailers[1].lines().find(|line| line.contains("Verso : début de lot")).unwrap();
    assert!(verso.find("Verso").unwrap() > 60, "behind the header, which lies left: {verso}");
}

#[test]
fn a_mailer_that_is_printed_again_has_lot_sheets_too() {
    let job = job("");
    job.both_nights();
    let mailer = job.table(&format!("{MAILERS}.manifest.csv"))[0]["piece_id"].clone();
    let order = [&[mailer.as_str()][..], &TORN].concat();
    let ran = job.pli("reprint", &order);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}
