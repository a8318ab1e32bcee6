//! The print files, judged by poppler, qpdf, zbar and libdmtx.

use crate::inserter::copied;
use crate::job::{FRIDAY, TestJob};
use crate::tools::{pdf_text, picture, text, tool};

const LETTERS: &str = "out/2026-11-20/letters/26324A-0001.pdf";

#[test]
fn files_are_sound_and_their_fonts_embedded() {
    let job = TestJob::new();
    job.run(FRIDAY, &[]);
    let file = job.path(LETTERS);
    for pdf in [&file, &job.path("out/2026-11-20/letters/26324A.work-order.pdf")] {
        tool("qpdf", &["--check", text(pdf)]);
        let Some(fonts) = tool("pdffonts", &[text(pdf)]) else { return };
        let fonts = String::from_utf8_lossy(&fonts).into_owned();
        let rows: Vec<&str> = fonts.lines().skip(2).collect();
        assert!(!rows.is_empty());
        assert!(rows.iter().all(|row| row.contains(" yes ")), "{fonts}");
    }
    let Some(info) = tool("pdfinfo", &["-box", text(&file)]) else { return };
    let info = String::from_utf8_lossy(&info).into_owned();
    assert!(info.contains("Pages:           22") && info.contains("PDF version:     1.6"), "{info}");
    let page = "0.00     0.00   595.32   841.92";
    for named in ["MediaBox", "BleedBox", "TrimBox"] {
        let line = info.lines().find(|line| line.starts_with(named)).unwrap_or_default();
        assert!(line.ends_with(page), "{line}");
    }
}

#[test]
fn nothing_is_printed_in_another_ink_than_black() {
    let job = TestJob::new();
    job.run(FRIDAY, &[]);
    let plain = job.path("plain.pdf");
    if tool("qpdf", &["--qdf", "--object-streams=disable", text(&job.path(LETTERS)), text(&plain)]).is_none()
    {
        return;
    }
    let content = without_pictures(&fs_err::read(&plain).unwrap());
    for line in content.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        for (at, word) in words.iter().enumerate() {
            if matches!(*word, "k" | "K") && at >= 4 {
                assert_eq!(words[at - 4..at - 1], ["0", "0", "0"], "{line}");
            }
        }
        let operator = words.last().copied().unwrap_or_default();
        assert!(!matches!(operator, "rg" | "RG" | "cs" | "CS" | "scn" | "SCN" | "sh"), "{line}");
    }
    assert!(!content.contains("/DeviceRGB") && !content.contains("/ICCBased") && !content.contains("/SMask"));
    assert!(content.contains("/OP true") && content.contains("/op true") && content.contains("/OPM 1"));
}

/// A file in text, without the bytes of its inline pictures, which may look like operators.
fn without_pictures(file: &[u8]) -> String {
    let find = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).position(|window| window == part);
    let (mut rest, mut text) = (file, String::new());
    while let Some(begin) = find(rest, b" ID ") {
        text.push_str(&String::from_utf8_lossy(&rest[..begin]));
        let end = find(&rest[begin..], b"EI Q").expect("an inline picture ends");
        rest = &rest[begin + end..];
    }
    text + &String::from_utf8_lossy(rest)
}

#[test]
fn what_does_not_change_is_stored_once() {
    let job = TestJob::new();
    let report = job.run(FRIDAY, &[]).json();
    let variants: std::collections::BTreeSet<String> = job
        .table("out/2026-11-20/letters/26324A.manifest.csv")
        .iter()
        .map(|row| row["variant"].clone())
        .collect();
    let plain = job.path("plain.pdf");
    if tool("qpdf", &["--qdf", "--object-streams=disable", text(&job.path(LETTERS)), text(&plain)]).is_none()
    {
        return;
    }
    let content = String::from_utf8_lossy(&fs_err::read(&plain).unwrap()).into_owned();
    let pages: std::collections::BTreeSet<&str> =
        content.lines().filter(|line| line.trim_start().starts_with("/S")).filter_map(page_form).collect();
    assert_eq!(pages.len(), variants.len(), "one page form for each variant: {}", report["letters"]);
}

/// The form that `/S0 17 0 R` names.
fn page_form(line: &str) -> Option<&str> {
    let (name, form) = line.trim().strip_prefix("/S")?.split_once(' ')?;
    name.parse::<usize>().ok().map(|_| form)
}

#[test]
fn letters_show_what_their_records_say() {
    let job = TestJob::new();
    job.run(FRIDAY, &[]);
    let Some(pages) = pdf_text(&job.path(LETTERS)) else { return };
    let rows = job.table("out/2026-11-20/letters/26324A.manifest.csv");
    for (row, page) in rows.iter().zip(&pages) {
        assert!(page.contains(&row["piece_id"]), "{page}");
        assert_eq!(page.matches(&row["card_number"]).count(), 2, "under the card and on its line");
        assert!(page.contains("2D-DOC") && page.contains("POUR INFORMATION") && page.contains("ATTENTION"));
        assert!(page.contains("À CONSERVER") && page.contains("Nous contacter"));
    }
    let all = pages.concat();
    for word in ["É", "Œ", "ÿ", "’", "CEDEX", "BELGIQUE", "novembre 2026"] {
        assert!(all.contains(word), "`{word}` is printed");
    }
}

#[test]
fn every_letters_symbols_read_with_other_decoders() {
    let job = TestJob::new();
    job.run(FRIDAY, &[]);
    let rows = job.table("out/2026-11-20/letters/26324A.manifest.csv");
    for row in &rows {
        let page: u32 = row["first_page"].parse().unwrap();
        let png = job.path("symbol.png");
        // The places are those of templates/card-letter: the bar code's window, and the 2D-DOC's corner.
        let Some(()) = picture(&job.path(LETTERS), page, 300, [10.0, 54.5, 70.0, 30.0], &png) else { return };
        let Some(read) = tool("zbarimg", &["-q", "--raw", "-Sdisable", "-Scode39.enable", text(&png)]) else {
            return;
        };
        assert_eq!(String::from_utf8_lossy(&read).trim_end(), row["window_barcode"]);
        picture(&job.path(LETTERS), page, 300, [99.0, 199.0, 35.0, 36.0], &png);
        let Some(read) = tool("dmtxread", &["-N1", "-m3000", text(&png)]) else { return };
        assert_eq!(read, row["twoddoc"].as_bytes(), "{}", row["piece_id"]);
    }
}

#[test]
fn the_signed_block_holds_the_records_fields_and_verifies() {
    let job = TestJob::new();
    job.run(FRIDAY, &[]);
    let key = twoddoc::VerifyingKey::from_spki_pem(&job.read("keys/signing.pub")).unwrap();
    for row in job.table("out/2026-11-20/letters/26324A.manifest.csv") {
        let code = twoddoc::parse_text(&row["twoddoc"]).unwrap();
        assert!(twoddoc::verify(&code, &key).is_ok(), "{}", row["piece_id"]);
        let ids: Vec<&str> = code.fields.iter().map(|field| field.id.as_str()).collect();
        assert_eq!(ids, ["01", "10", "82", "83"]);
        assert_eq!(code.field("82").map(|field| field.value.as_str()), Some(row["card_number"].as_str()));
        assert_eq!(code.header.document_type, "P1");
    }
    let truncated = job.table("out/2026-11-20/warnings.csv");
    assert!(
        truncated.iter().any(|row| row["code"] == "twoddoc_truncated" && row["card_number"] == "2417203395")
    );
}

#[test]
fn the_same_night_gives_the_same_bytes() {
    let job = TestJob::new();
    let twin = TestJob::new();
    for name in ["signing.pem", "signing.pub"] {
        fs_err::copy(job.path(&format!("keys/{name}")), twin.path(&format!("keys/{name}"))).unwrap();
    }
    job.run(FRIDAY, &[]);
    let one_thread = crate::job::program()
        .env("RAYON_NUM_THREADS", "1")
        .args(["run", twin.path("job.toml").to_str().unwrap(), "--date", FRIDAY])
        .output()
        .unwrap();
    assert_eq!(one_thread.status.code(), Some(1));
    for file in [
        LETTERS,
        "out/2026-11-20/letters/26324A.manifest.csv",
        "out/2026-11-20/letters/26324A.control.csv",
        "out/2026-11-20/letters/26324A.xjdf",
        "out/2026-11-20/letters/26324A.work-order.pdf",
    ] {
        let (a, b) = (fs_err::read(job.path(file)).unwrap(), fs_err::read(twin.path(file)).unwrap());
        assert!(a == b, "{file} differs");
    }
}

#[test]
fn a_lot_is_split_at_pieces_per_file() {
    let job = TestJob::new();
    job.replace("job.toml", "dir = \"out\"", "dir = \"out\"\npieces_per_file = 10");
    let report = job.run(FRIDAY, &["--prove", "all"]).json();
    let letters: Vec<u64> = report["files"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|file| file["path"].as_str().unwrap().starts_with("letters/"))
        .map(|file| file["pieces"].as_u64().unwrap())
        .collect();
    assert_eq!(letters, [10, 10, 2]);
    assert_eq!(report["proof"]["failures"], 0);
    assert_eq!(job.table("out/2026-11-20/letters/26324A.manifest.csv")[10]["first_page"], "1");
}

#[test]
fn another_resolution_moves_every_bar_to_its_grid() {
    for (dpi, reduction) in [(300, 0), (720, 0), (1200, 0), (600, 1)] {
        let job = TestJob::new();
        let press = format!(
            "[limits]\nmax_reject_percent = 25.0\n\n[press]\ndpi = {dpi}\nbar_width_reduction = {reduction}\n# "
        );
        job.replace("job.toml", "[limits]\nmax_reject_percent = 25.0 ", &press);
        let report = job.run(FRIDAY, &["--prove", "all"]).json();
        assert_eq!(
            (&report["proof"]["barcodes"], &report["proof"]["failures"]),
            (&45.into(), &0.into()),
            "{dpi}"
        );
    }
}

#[test]
fn where_sheets_are_turned_each_piece_begins_on_one_of_its_own() {
    let job = TestJob::new();
    copied(&job.path(""), "card-letter", "");
    let main = "templates/card-letter/card-letter.typ";
    let back = "\n#if sys.inputs.reason == \"first\" { pagebreak(); [Verso] }\n";
    job.write(main, &(job.read(main) + back));
    let report = job.run(FRIDAY, &["--prove", "all"]);
    assert_eq!(report.json()["proof"]["failures"], 0, "{}", report.stderr);
    let rows = job.table("out/2026-11-20/letters/26324A.manifest.csv");
    let Some(pages) = pdf_text(&job.path(LETTERS)) else { return };
    let mut backs = 0;
    for (rank, row) in rows.iter().enumerate() {
        assert_eq!(row["first_page"], (2 * rank + 1).to_string());
        assert!(pages[2 * rank].contains(&row["piece_id"]), "{}", row["piece_id"]);
        let back = pages[2 * rank + 1].trim();
        assert_eq!((row["pages"].as_str(), back), if back.is_empty() { ("1", "") } else { ("2", "Verso") });
        backs += usize::from(!back.is_empty());
    }
    assert!(backs > 0 && backs < rows.len(), "{backs} of {}", rows.len());
}
