//! The sheet, read back with tools that share no code with the one that wrote it.

use super::*;
use crate::missing;
use crate::night::paperwork::sheet::words;

use std::io::Write;
use std::process::{Command, Stdio};

use jiff::civil::date;
use sha2::{Digest, Sha256};

use crate::job::Imposition;
use crate::night::lot::Turn;
use print_file::Grid;
use template::Seal;

const REGULAR: &[u8] = include_bytes!("../../../../fonts/IBMPlexSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../../../fonts/IBMPlexSans-Bold.ttf");

const KEY: &str = "9f2c61d07be44a1583c0d5f1a7e6b2984410cc5ad3f87e2b60915ed4c83a7f16";
const VERSION: &str = "4be1c0a95d237f6680b9e4d1a2c35f78e90b1d4c6a7f2e3580d9c4b6a1e7f235";

/// Files of 500 pieces and 1,000 pages each, with digests of their paths.
struct Press {
    names: Vec<(String, String)>,
}

impl Press {
    fn new(files: usize) -> Press {
        let path = |number| format!("2026-11-23/letters/26327A/26327A-{number:03}.pdf");
        let name = |number| (path(number), hex(path(number).as_bytes()));
        Press { names: (1..=files).map(name).collect() }
    }

    fn files(&self) -> Vec<PrintFile> {
        let file = |(path, sha256): &(String, String)| PrintFile {
            path: path.clone(),
            sha256: sha256.clone(),
            pieces: 500,
            pages: 1000,
            bytes: 4_812_345,
        };
        self.names.iter().map(file).collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn order(kind: PieceKind, files: &[PrintFile]) -> WorkOrder<'_> {
    let pieces = files.iter().map(|file| file.pieces).sum();
    WorkOrder {
        language: Language::French,
        bureau: "Bureau d’émission des cartes",
        lot: match kind {
            PieceKind::Letter => "L26327A",
            PieceKind::Mailer => "M26327A",
        },
        kind,
        night: date(2026, 11, 23),
        pieces,
        pages: 2 * pieces,
        sheets: pieces,
        layout: SheetLayout { grid: Grid::new(600), imposition: Imposition::OneUp, turn: Turn::LongEdge },
        lot_sheets: false,
        ends: ["26327A000001".to_owned(), "26327A\\000500".to_owned()],
        files,
        template: "card-letter",
        template_version: VERSION,
        key: Some(KEY),
        media: "A4 90 g/m² blanc, porte-carte prédécoupé",
        opacity: None,
        sealed: kind == PieceKind::Mailer,
        recipients: &[],
        envelope: None,
        seal: Seal::Envelope,
        weight_classes: &[20],
        bundles: &[],
        too_few: None,
        ending: &[],
        audit: None,
        proved: PROVED,
        program: "pli 0.1.0",
    }
}

/// The proof of a large lot.
const PROVED: ProvedFacts = ProvedFacts {
    extent: Prove::All,
    rules: 1,
    pieces: 999_999,
    texts: 29_999_999,
    symbols: 1_999_998,
    signatures: 999_999,
    drawn: 1001,
};

fn make(order: &WorkOrder) -> Vec<u8> {
    work_order(order, REGULAR, BOLD).expect("a work order")
}

/// Runs a tool of poppler or qpdf on a PDF; `None` if it is missing and `PLI_SKIP_MISSING=1`.
fn tool(name: &str, arguments: &[&str], pdf: &[u8]) -> Option<Vec<u8>> {
    let command = Command::new(name).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = command else {
        missing::missing(&format!("`{name}`"));
        return None;
    };
    child.stdin.take().expect("an input").write_all(pdf).expect("the tool reads");
    let output = child.wait_with_output().expect("the tool ends");
    assert!(output.status.success(), "{name} refuses the file");
    Some(output.stdout)
}

fn text(pdf: &[u8]) -> Option<String> {
    let text = tool("pdftotext", &["-layout", "-", "-"], pdf)?;
    Some(String::from_utf8(text).expect("UTF-8").replace(['\u{202F}', '\u{A0}'], " "))
}

fn contains_all(text: &str, expected: &[&str]) {
    for word in expected {
        assert!(text.contains(word), "`{word}` is not in:\n{text}");
    }
}

#[test]
fn same_lot_same_bytes() {
    let press = Press::new(40);
    let files = press.files();
    let first = make(&order(PieceKind::Letter, &files));
    assert_eq!(first, make(&order(PieceKind::Letter, &files)));
    let other = std::thread::scope(|threads| {
        threads.spawn(|| make(&order(PieceKind::Mailer, &files)));
        threads.spawn(|| make(&order(PieceKind::Letter, &files))).join().expect("a thread")
    });
    assert_eq!(first, other);
    let next_night = WorkOrder { night: date(2026, 11, 24), ..order(PieceKind::Letter, &files) };
    assert_ne!(first, make(&next_night));
}

#[test]
fn states_its_version_and_identifier() {
    let press = Press::new(1);
    let pdf = make(&order(PieceKind::Letter, &press.files()));
    assert!(pdf.starts_with(b"%PDF-1.7"));
    let document = lopdf::Document::load_mem(&pdf).expect("a PDF");
    assert!(document.trailer.get(b"ID").and_then(lopdf::Object::as_array).is_ok_and(|id| id.len() == 2));
    let info = document.trailer.get(b"Info").and_then(lopdf::Object::as_reference).expect("a description");
    let info = document.get_dictionary(info).expect("a description");
    assert!(info.get(b"GTS_PDFXVersion").is_err());
    assert_eq!(
        info.get(b"CreationDate").and_then(lopdf::Object::as_str).ok(),
        Some(&b"D:20261123000000Z"[..])
    );
}

#[test]
fn the_sheet_says_what_the_lot_is() {
    let press = Press::new(1);
    let Some(text) = text(&make(&order(PieceKind::Letter, &press.files()))) else { return };
    contains_all(&text, &["Ordre de fabrication", "L26327A", "Courriers carte", "lundi 23 novembre 2026"]);
    contains_all(&text, &["500", "1 000", "Recto verso", "26327A000001", "26327A\\000500", "20 g", "4,8 Mo"]);
    contains_all(&text, &["4be1c0a95d23", KEY, &press.names[0].0, &press.names[0].1, "Fichiers non scellés"]);
    contains_all(&text, &["Presse", "Mise sous pli", "Contrôle caméra", "Sécurité", "Visa"]);
    contains_all(&text, &["Relevé", "Bons", "Gâchés", "Manquants", "Compté par", "Date, heure"]);
    contains_all(&text, &["Ne porte ni nom ni code", "pli 0.1.0", "Page 1/1", "1 fichier"]);
    assert!(!text.contains("CONFIDENTIEL") && !text.contains("Suite") && !text.contains("RIP vidés"));
}

#[test]
fn mailers_are_announced_as_confidential() {
    let press = Press::new(1);
    let Some(text) = text(&make(&order(PieceKind::Mailer, &press.files()))) else { return };
    contains_all(
        &text,
        &["M26327A", "Courriers codes (confidentiels)", "CONFIDENTIEL", "Ne pas ouvrir", "Fichiers scellés"],
    );
    contains_all(&text, &["File, RIP vidés", "Visa"]);
}

#[test]
fn many_files_take_several_pages_and_none_is_lost() {
    for (files, pages) in [(1, 1), (40, 3), (600, 24)] {
        let press = Press::new(files);
        let pdf = make(&order(PieceKind::Mailer, &press.files()));
        let document = lopdf::Document::load_mem(&pdf).expect("a PDF");
        assert_eq!(document.get_pages().len(), pages, "{files} files");
        let Some(text) = text(&pdf) else { return };
        for (path, digest) in &press.names {
            contains_all(&text, &[path, digest]);
        }
        contains_all(&text, &[&format!("Page {pages}/{pages}")]);
        assert_eq!(text.matches("Suite page").count(), pages - 1);
        assert_eq!(text.matches("M26327A").count(), pages + 1, "large and under its bars, then on each page");
    }
}

#[test]
fn zbar_reads_the_lot_with_its_kind() {
    let press = Press::new(1);
    for (kind, code) in [(PieceKind::Letter, "CODE-39:L26327A"), (PieceKind::Mailer, "CODE-39:M26327A")] {
        let pdf = make(&order(kind, &press.files()));
        let Some(picture) = tool("pdftoppm", &["-r", "150", "-gray", "-"], &pdf) else { return };
        let only_code_39 = ["-q", "-Sdisable", "-Scode39.enable", "-"];
        let Some(read) = tool("zbarimg", &only_code_39, &picture) else { return };
        assert_eq!(String::from_utf8_lossy(&read).trim(), code);
    }
}

#[test]
fn qpdf_finds_nothing_to_say() {
    let press = Press::new(40);
    let pdf = make(&order(PieceKind::Letter, &press.files()));
    let path = std::env::temp_dir().join(format!("pli-paperwork-{}.pdf", std::process::id()));
    fs_err::write(&path, &pdf).expect("a file");
    let said = tool("qpdf", &["--check", &path.to_string_lossy()], &[]);
    std::fs::remove_file(&path).expect("the file");
    assert!(said.is_none_or(|said| String::from_utf8_lossy(&said).contains("No syntax")));
}

#[test]
fn a_missing_glyph_is_an_error() {
    let order = WorkOrder { media: "papier 紙", ..order(PieceKind::Letter, &[]) };
    match work_order(&order, REGULAR, BOLD) {
        Err(PaperworkError::MissingGlyph { character: '紙', text }) => assert_eq!(text, "papier 紙"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn sums_that_disagree_are_an_error() {
    let press = Press::new(2);
    let files = press.files();
    let order = WorkOrder { pieces: 999, ..order(PieceKind::Letter, &files) };
    let said = work_order(&order, REGULAR, BOLD).map_err(|error| error.to_string());
    assert_eq!(said, Err("the files of lot `L26327A` hold 1000 pieces, and the lot 999".to_owned()));
}

#[test]
fn only_paths_are_shortened() {
    let (path, sha256) = (format!("/{}/26327A-001.pdf", "dossier".repeat(40)), hex(b"long"));
    let file = PrintFile { path, sha256: sha256.clone(), pieces: 1, pages: 2, bytes: 812 };
    let files = [file];
    let Some(text) = text(&make(&order(PieceKind::Letter, &files))) else { return };
    contains_all(&text, &["…", "26327A-001.pdf", &sha256, "812 o"]);
    let endless = "A4 ".repeat(99);
    let order = WorkOrder { media: &endless, ..order(PieceKind::Letter, &files) };
    assert!(matches!(work_order(&order, REGULAR, BOLD), Err(PaperworkError::TooWide(_))));
}

#[test]
fn faults_are_named() {
    let order = order(PieceKind::Letter, &[]);
    assert!(matches!(work_order(&order, b"no font", BOLD), Err(PaperworkError::Font("regular"))));
    let lower = WorkOrder { lot: "l26327a", ..order };
    assert!(matches!(work_order(&lower, REGULAR, BOLD), Err(PaperworkError::Barcode(_))));
}

#[test]
fn french_words_and_numbers() {
    let french = Language::French;
    assert_eq!(words::long_date(french, date(2027, 1, 1)), "vendredi 1er janvier 2027");
    assert_eq!(words::long_date(french, date(2026, 8, 30)), "dimanche 30 août 2026");
    assert_eq!(
        [0, 999, 1000, 1_234_567].map(|number| words::count(french, number)),
        ["0", "999", "1\u{202F}000", "1\u{202F}234\u{202F}567"]
    );
    assert_eq!(
        [999, 1000, 999_949, 999_950]
            .map(|bytes| words::size(french, bytes))
            .map(|size| size.replace('\u{A0}', " ")),
        ["999 o", "1,0 ko", "999,9 ko", "1,0 Mo"]
    );
    assert_eq!(words::size(french, u64::MAX).replace('\u{A0}', " "), "18,4 Eo");
    let files = |number| words::counted(french, number, ("fichier", "file"));
    assert_eq!([0, 1, 2].map(files), ["0\u{A0}fichier", "1\u{A0}fichier", "2\u{A0}fichiers"]);
}

#[test]
fn english_words_and_numbers() {
    let english = Language::English;
    assert_eq!(words::long_date(english, date(2027, 1, 1)), "Friday 1 January 2027");
    assert_eq!(
        [0, 999, 1000, 1_234_567].map(|number| words::count(english, number)),
        ["0", "999", "1,000", "1,234,567"]
    );
    assert_eq!([999, 4_812_345].map(|bytes| words::size(english, bytes)), ["999\u{A0}B", "4.8\u{A0}MB"]);
    assert_eq!(words::decimal(english, 94.5), "94.5");
    let files = |number| words::counted(english, number, ("fichier", "file"));
    assert_eq!([0, 1, 2].map(files), ["0\u{A0}files", "1\u{A0}file", "2\u{A0}files"]);
}

/// Every word of the French sheet that is no value is in English on the English one, and the values are the same.
#[test]
fn the_sheet_speaks_english() {
    let files = Press::new(2).files();
    for kind in [PieceKind::Letter, PieceKind::Mailer] {
        let english = WorkOrder {
            language: Language::English,
            media: "A4 90 g/m2 white",
            bureau: "Bureau",
            ..order(kind, &files)
        };
        let Some(said) = text(&make(&english)) else { return };
        contains_all(
            &said,
            &["Work order", "Night of Monday 23 November 2026", "First piece", "26327A000001"],
        );
        contains_all(
            &said,
            &["Counts", "Good", "Spoiled", "Missing", "Counted by", "At (day, time)", "Signed"],
        );
        contains_all(&said, &["Press", "Inserting", "Camera check", "Security", "turn on the long edge"]);
        contains_all(&said, &["999,999 pieces, 29,999,999 texts", "2 files", "9.6 MB", "Both sides", KEY]);
        contains_all(
            &said,
            &["Holds neither a name nor a code", "and their SHA-256 digests", &files[1].sha256],
        );
        assert_eq!(said.contains("CONFIDENTIAL"), kind == PieceKind::Mailer);
        assert!(said.is_ascii() || said.chars().all(|c| c.is_ascii() || "—–×\u{c}".contains(c)), "{said}");
    }
}

#[test]
fn the_sheet_says_how_to_turn_and_what_closes_a_piece() {
    let files = Press::new(1).files();
    let plain = order(PieceKind::Mailer, &files);
    let named = WorkOrder { envelope: Some(("Enveloppe DL, une fenêtre", "GPV 2042")), ..plain.clone() };
    let Some(said) = text(&make(&named)) else { return };
    let wanted = ["retourner sur le grand côté", "Enveloppe DL, une fenêtre", "GPV 2042"];
    contains_all(&said, &wanted);
    let sealed = WorkOrder { seal: Seal::Pressure, ..named };
    let Some(said) = text(&make(&sealed)) else { return };
    contains_all(&said, &["Pli scellé par pression, sans enveloppe"]);
    assert!(!said.contains("GPV 2042"), "{said}");
}

#[test]
fn the_sheet_states_the_opacity_that_the_template_asks_for() {
    let files = Press::new(1).files();
    let plain = order(PieceKind::Mailer, &files);
    for (opacity, wanted) in [(94.0, "Opacité 94 % au moins"), (94.5, "Opacité 94,5 % au moins")] {
        let Some(said) = text(&make(&WorkOrder { opacity: Some(opacity), ..plain.clone() })) else { return };
        contains_all(&said, &[wanted]);
    }
    let Some(said) = text(&make(&plain)) else { return };
    assert!(!said.contains("Opacité"), "{said}");
}

#[test]
fn the_sheet_says_what_was_proved_and_how() {
    let files = Press::new(1).files();
    for kind in [PieceKind::Letter, PieceKind::Mailer] {
        let plain = order(kind, &files);
        let said = |proved: ProvedFacts| text(&make(&WorkOrder { proved, ..plain.clone() }));
        let Some(all) = said(PROVED) else { return };
        contains_all(
            &all,
            &["Relecture", "Chaque pièce, dans les fichiers (règles 1)", "1 001 pièces, sur image"],
        );
        let counts = "999 999 pièces, 29 999 999 textes, 1 999 998 symboles, 999 999 signatures";
        contains_all(&all, &["Relus, justes", counts]);
        let few = ProvedFacts { texts: 1, symbols: 2, signatures: 0, drawn: 0, pieces: 1, ..PROVED };
        let Some(few) = said(few) else { return };
        contains_all(&few, &["1 pièce, 1 texte, 2 symboles\n"]);
        assert!(!few.contains("signature,") && !few.contains("sur image"), "{few}");
        let sample = ProvedFacts { extent: Prove::Sample, texts: 0, signatures: 0, drawn: 0, ..PROVED };
        let Some(sample) = said(sample) else { return };
        contains_all(
            &sample,
            &["Par échantillon, sur image (règles 1)", "999 999 pièces, 1 999 998 symboles"],
        );
        let nothing = ProvedFacts { extent: Prove::None, ..PROVED };
        let Some(none) = said(nothing) else { return };
        contains_all(&none, &["Aucune : lot non relu"]);
        assert!(!none.contains("justes") && !none.contains("règles"), "{none}");
    }
}

/// A sheet with every line that there is still has its list of files above what is filled in by hand.
#[test]
fn the_fullest_sheet_has_room_for_its_files() {
    let files = Press::new(1).files();
    let recipients =
        [RecipientSummary { fingerprint: "0123456789abcdef".to_owned(), ..RecipientSummary::default() }];
    let fullest = WorkOrder {
        layout: SheetLayout { grid: Grid::new(600), imposition: Imposition::TwoUp, turn: Turn::LongEdge },
        lot_sheets: true,
        opacity: Some(94.5),
        recipients: &recipients,
        envelope: Some(("Enveloppe DL, une fenêtre", "GPV 2042")),
        ..order(PieceKind::Mailer, &files)
    };
    let pdf = make(&fullest);
    let Some(words) = tool("pdftotext", &["-bbox", "-", "-"], &pdf) else { return };
    let words = String::from_utf8(words).expect("UTF-8");
    let edge = |word: &str, edge: &str| -> f32 {
        let line = words.lines().find(|line| line.contains(&format!(">{word}<"))).expect("the word");
        let value = line.split(&format!("{edge}=\"")).nth(1).and_then(|rest| rest.split('"').next());
        value.and_then(|value| value.parse().ok()).expect("a number")
    };
    assert!(edge("Fichiers", "yMax") < edge("Relevé", "yMin"));
    assert!(edge("fichier", "yMax") < edge("Relevé", "yMin"), "the sum of the files");
    assert!(edge("Relecture", "yMin") > edge("Clé", "yMax") - 2.0);
}

/// A word on a page: its text, and its left, top, right and bottom edge.
type Word = (String, [f32; 4]);

/// The words of each page with their boxes; `None` where poppler is missing.
fn words_of_pages(pdf: &[u8]) -> Option<Vec<Vec<Word>>> {
    let boxes = String::from_utf8(tool("pdftotext", &["-bbox", "-", "-"], pdf)?).expect("UTF-8");
    let word = |line: &str| -> Option<Word> {
        let (edges, text) = line.trim().strip_prefix("<word ")?.split_once('>')?;
        let edges: Vec<f32> =
            edges.split('"').skip(1).step_by(2).map(|edge| edge.parse().expect("a number")).collect();
        Some((text.trim_end_matches("</word>").to_owned(), edges.try_into().expect("four edges")))
    };
    Some(boxes.split("<page ").skip(1).map(|page| page.lines().filter_map(word).collect()).collect())
}

/// Checks that every word lies on its page and over no other.
fn assert_apart(pages: &[Vec<Word>]) {
    for words in pages {
        for (index, (text, [left, top, right, bottom])) in words.iter().enumerate() {
            assert!(
                *left > 20.0 && *right < 575.3 && *top > 20.0 && *bottom < 821.9,
                "`{text}` is off the page"
            );
            for (other, [x, y, end, low]) in &words[..index] {
                let across = right.min(*end) - left.max(*x);
                let down = bottom.min(*low) - top.max(*y);
                let least = (bottom - top).min(low - y);
                assert!(across < 1.0 || down < 0.4 * least, "`{text}` lies over `{other}`");
            }
        }
    }
}

/// The longest names, every line that there is and many files, in both languages.
#[test]
fn nothing_lies_over_anything_else_on_the_fullest_sheets() {
    let long = "L’Agence du numérique en santé et des cartes de profession 60";
    let endless = (1..=120).map(|number| PrintFile {
        path: format!("2026-11-23/mailers/26327A.12-{number:04}-{}.pdf.age", "dossier".repeat(20)),
        sha256: hex(&[number]),
        pieces: 2000,
        pages: 4000,
        bytes: u64::MAX / 200,
    });
    let files: Vec<PrintFile> = endless.collect();
    let recipient =
        RecipientSummary { fingerprint: "0123456789abcdef".to_owned(), ..RecipientSummary::default() };
    let recipients = vec![recipient; 12];
    let ending = vec![format!("{} expire le mercredi 30 septembre 2026", &KEY[..16]); 3];
    let audit = format!("2026-11-22 : 345-{}", &KEY[..32]);
    for language in [Language::French, Language::English] {
        for kind in [PieceKind::Letter, PieceKind::Mailer] {
            for files in [&files[..1], &files[..]] {
                let order = order(kind, files);
                let fullest = WorkOrder {
                    language,
                    bureau: long,
                    lot: if kind == PieceKind::Letter { "L26327A.12" } else { "M26327A.12" },
                    ends: ["26327A000001.12".to_owned(), "26327A999999.12".to_owned()],
                    template: "courrier-de-carte-de-la-region",
                    media: "A4 90 g/m² blanc, porte-carte prédécoupé, à droite en bas, lot 12",
                    layout: SheetLayout { imposition: Imposition::TwoUp, ..order.layout },
                    lot_sheets: true,
                    opacity: Some(94.5),
                    recipients: &recipients,
                    ending: &ending,
                    audit: Some(&audit),
                    envelope: Some((
                        "Enveloppe DL, une fenêtre 45 × 100, patte gommée",
                        "DL 110 × 220, GPV 2042",
                    )),
                    ..order
                };
                let Some(pages) = words_of_pages(&make(&fullest)) else { return };
                assert_apart(&pages);
            }
        }
    }
}
