//! The sheets, read back with poppler.

use super::*;
use crate::missing;

use std::io::Write;
use std::process::{Command, Stdio};

use jiff::civil::date;

const DAY: Date = date(2026, 11, 24);

fn pieces(count: u32) -> Vec<StackedPiece> {
    let piece = |sequence: u32| StackedPiece {
        piece_id: format!("26327A{sequence:06}"),
        file: "letters/26327A-0001.pdf".to_owned(),
        first_page: 2 * sequence - 1,
        pages: 2,
        column: None,
        state: State::Released,
    };
    (1..=count).map(piece).collect()
}

fn recall(pieces: &[StackedPiece]) -> RecallSheet<'_> {
    RecallSheet {
        language: Language::French,
        bureau: "Bureau d\u{2019}émission des cartes",
        lot: "L26327A",
        kind: PieceKind::Letter,
        reason: "carte déclarée perdue, dossier 12/2026",
        by: "C. Durand",
        day: DAY,
        pieces,
    }
}

/// The text of a PDF; `None` where poppler is missing and that may be.
fn text(pdf: &[u8]) -> Option<String> {
    let command = Command::new("pdftotext")
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = command else {
        missing::missing("`pdftotext`");
        return None;
    };
    child.stdin.take().expect("an input").write_all(pdf).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    Some(String::from_utf8(output.stdout).expect("UTF-8").replace(['\u{202F}', '\u{A0}'], " "))
}

fn pages(pdf: &[u8]) -> usize {
    lopdf::Document::load_mem(pdf).expect("a PDF").get_pages().len()
}

#[test]
fn a_recall_sheet_says_where_each_piece_lies() {
    let mut pieces = pieces(3);
    pieces[0].piece_id.push_str(".1");
    pieces[0].file = "letters/26327A.1-0001.pdf.age".to_owned();
    pieces[1].column = Some(2);
    pieces[2].state = State::InsertedByHand;
    let sheet = recall(&pieces);
    let pdf = recall_sheet(&sheet).expect("a sheet");
    assert_eq!(pdf, recall_sheet(&sheet).expect("a sheet"), "the same bytes");
    let Some(text) = text(&pdf) else { return };
    for word in [
        "Fiche de rappel",
        "L26327A",
        "dossier 12/2026",
        "C. Durand",
        "mardi 24 novembre 2026",
        "3 plis",
        "Retiré",
    ] {
        assert!(text.contains(word), "`{word}` is not in:\n{text}");
    }
    let line = |piece: &str| text.lines().find(|line| line.contains(piece)).expect(piece).to_owned();
    let cells = |piece: &str| line(piece).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(
        cells("26327A000002"),
        ["26327A000002", "26327A-0001.pdf", "3", "2", "droite", "à", "la", "presse"]
    );
    assert!(line("26327A000001.1").contains("26327A.1-0001.pdf.age"), "nothing is shortened");
    assert!(line("26327A000003").contains("mis à la main"));
    assert!(!text.contains("CONFIDENTIEL") && text.contains("Ne porte ni nom ni code"));
}

#[test]
fn many_pieces_take_several_pages_and_none_is_lost() {
    let many = pieces(100);
    let pdf = recall_sheet(&recall(&many)).expect("a sheet");
    assert_eq!(pages(&pdf), 4);
    let Some(text) = text(&pdf) else { return };
    assert!(many.iter().all(|piece| text.contains(&piece.piece_id)));
    assert!(text.contains("Page 4/4"));
}

#[test]
fn a_reason_never_stops_a_recall() {
    let pieces = pieces(1);
    let reason = format!("紙 {} \u{7}fin", "très long ".repeat(200));
    let sheet = RecallSheet { reason: &reason, by: "", kind: PieceKind::Mailer, ..recall(&pieces) };
    let Some(text) = text(&recall_sheet(&sheet).expect("a sheet")) else { return };
    assert!(text.contains("? très long") && text.contains('…') && text.contains("CONFIDENTIEL"), "{text}");
    let wide = "W".repeat(300);
    assert!(recall_sheet(&RecallSheet { reason: &wide, ..sheet }).is_ok());
}

#[test]
fn two_witnesses_sign_for_what_was_destroyed() {
    for (count, wanted) in [(1, 1), (24, 2), (60, 3)] {
        let pieces: Vec<(String, State)> =
            (1..=count).map(|number| (format!("26328A\\{number:06}"), State::Spoiled)).collect();
        let pdf = destruction_sheet(&DestructionSheet {
            language: Language::French,
            bureau: "Bureau",
            kind: PieceKind::Mailer,
            occasion: "gâches de la nuit",
            by: "C. Durand",
            day: DAY,
            pieces: &pieces,
            minutes: None,
        })
        .expect("a sheet");
        assert_eq!(pages(&pdf), wanted, "{count} pieces");
        let Some(text) = text(&pdf) else { return };
        for word in
            ["Procès-verbal de destruction", "Témoin 1", "Témoin 2", "Signature", "gâché", "CONFIDENTIEL"]
        {
            assert!(text.contains(word), "`{word}` is not in:\n{text}");
        }
        assert!(pieces.iter().all(|(piece, _)| text.contains(piece.as_str())));
    }
}

#[test]
fn the_minutes_of_a_destruction_name_both_persons_and_the_digest() {
    let pieces = [("26328A000001".to_owned(), State::Returned)];
    let sha256 = "ab".repeat(32);
    let pdf = destruction_sheet(&DestructionSheet {
        language: Language::French,
        bureau: "Bureau",
        kind: PieceKind::Letter,
        occasion: "Retours, carton 7",
        by: "C. Durand",
        day: DAY,
        pieces: &pieces,
        minutes: Some(Minutes { sha256: &sha256, witness: "D. Petit" }),
    })
    .expect("a sheet");
    let Some(text) = text(&pdf) else { return };
    for word in
        ["C. Durand", "D. Petit", "carton 7", "26328A000001", "revenu", "Plis détruits", &sha256[..30]]
    {
        assert!(text.contains(word), "`{word}` is not in:\n{text}");
    }
}

#[test]
fn the_sheet_of_a_piece_follows_from_its_pages() {
    let [first, second] = [&pieces(2)[0], &pieces(2)[1]].map(StackedPiece::sheet);
    assert_eq!((first, second), (1, 2));
    let one_sided = StackedPiece { first_page: 7, pages: 1, ..pieces(1)[0].clone() };
    assert_eq!(one_sided.sheet(), 7);
    let two_sheets = StackedPiece { first_page: 5, pages: 4, ..pieces(1)[0].clone() };
    assert_eq!(two_sheets.sheet(), 3);
}

#[test]
fn sheets_speak_english() {
    let pieces = pieces(2);
    let sheet =
        RecallSheet { language: Language::English, reason: "card lost", bureau: "Bureau", ..recall(&pieces) };
    let Some(said) = text(&recall_sheet(&sheet).expect("a sheet")) else { return };
    for word in
        ["Recall sheet", "Tuesday 24 November 2026", "2 pieces", "Pulled", "at the press", "Card letters"]
    {
        assert!(said.contains(word), "`{word}` is not in:\n{said}");
    }
    assert!(said.chars().all(|c| c.is_ascii() || "–\u{c}".contains(c)), "{said}");
    let spoiled = [("26328A\\000001".to_owned(), State::Spoiled)];
    let sha256 = "ab".repeat(32);
    for minutes in [None, Some(Minutes { sha256: &sha256, witness: "D. Petit" })] {
        let sheet = DestructionSheet {
            language: Language::English,
            bureau: "Bureau",
            kind: PieceKind::Mailer,
            occasion: "spoiled at night",
            by: "C. Durand",
            day: DAY,
            pieces: &spoiled,
            minutes,
        };
        let Some(said) = text(&destruction_sheet(&sheet).expect("a sheet")) else { return };
        for word in ["Record of destruction", "Witness", "spoiled", "CONFIDENTIAL", "1 piece", "Witnessed by"]
        {
            assert!(said.contains(word), "`{word}` is not in:\n{said}");
        }
        assert!(said.chars().all(|c| c.is_ascii() || "–\u{c}".contains(c)), "{said}");
    }
}
