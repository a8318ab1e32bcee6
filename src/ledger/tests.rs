//! What goes in comes out, and nothing else.

use jiff::civil::date;

use super::*;
use crate::mail::card::Issuance;
use crate::mail::lot::LotName;
use crate::mail::piece::PieceKind;

const RECORD: &str = r#"{"card_number":"2400140649","family":"CPS","reason":"first",
    "requested_at":"2026-11-20T10:00:00","ps_id_nat":"810003879623",
    "holder":{"named":{"last_name":"Martin","first_name":"Zoé"}},"organisation":"",
    "address":ADDRESS,"status":"issued"}"#;

fn record() -> Issuance {
    let lines = ["MME MARTIN", "", "", "9 RUE HAUTE", "", "75015 PARIS"];
    let (address, _) = crate::mail::address::PostalAddress::build(lines, "", "").expect("an address");
    let address = serde_json::to_string(&address).expect("JSON");
    serde_json::from_str(&RECORD.replace("ADDRESS", &address)).expect("a record")
}

struct Book {
    _folder: tempfile::TempDir,
    ledger: Ledger,
}

fn book() -> Book {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = Ledger::open(&folder.path().join("job/ledger.db")).expect("a ledger");
    Book { _folder: folder, ledger }
}

fn enter(ledger: &mut Ledger, lots: &[LotEntry]) {
    let issuance = record();
    let duties = [
        NewDuty { kind: PieceKind::Letter, due: Some(date(2026, 11, 20)) },
        NewDuty { kind: PieceKind::Mailer, due: None },
    ];
    let entry = NightEntry {
        night: date(2026, 11, 20),
        mailers_due: date(2026, 11, 23),
        files: vec![("aa", "inbox/cards.csv", 1)],
        records: vec![NewRecord {
            issuance: &issuance,
            source_file: "inbox/cards.csv",
            line: 2,
            duties: &duties,
            refused: false,
        }],
        rejected: Vec::new(),
        cancelled_cards: Vec::new(),
        lots,
        rejects: &[],
        warnings: &[],
        summary: "{}".to_owned(),
    };
    ledger.enter(&entry).expect("entered");
}

fn letters() -> LotEntry {
    let lot = LotName::new(date(2026, 11, 20), 0).expect("a lot");
    LotEntry {
        kind: PieceKind::Letter,
        template: "card-letter 00".to_owned(),
        pieces: vec![PieceEntry {
            origin: Origin::New(0, 0),
            piece_id: lot.piece_id(PieceKind::Letter, 1),
            sequence: 1,
            file: "letters/26324A-0001.pdf".to_owned(),
            first_page: 1,
            pages: 1,
            tracking: None,
        }],
        files: vec![("letters/26324A-0001.pdf".to_owned(), "bb".to_owned())],
        lot,
    }
}

#[test]
fn a_mailer_is_due_once_its_letter_has_left() {
    let mut book = book();
    enter(&mut book.ledger, &[]);
    let friday = book.ledger.due(date(2026, 11, 20)).expect("duties");
    assert_eq!(friday.len(), 1, "the letter; its mailer waits for it");
    assert_eq!(friday[0].issuance, record());

    let mut book = self::book();
    enter(&mut book.ledger, &[letters()]);
    assert!(book.ledger.due(date(2026, 11, 22)).expect("duties").is_empty());
    let monday = book.ledger.due(date(2026, 11, 23)).expect("duties");
    assert_eq!((monday.len(), monday[0].kind), (1, PieceKind::Mailer));
    let left = book.ledger.letter_of_card("2400140649").expect("a state");
    assert_eq!(left, LetterState::Left(date(2026, 11, 20)));
}

#[test]
fn files_and_cards_are_remembered_by_night() {
    let mut book = book();
    enter(&mut book.ledger, &[letters()]);
    let night = Some(date(2026, 11, 20));
    assert_eq!(book.ledger.night_of_file("aa").expect("a night"), night);
    assert_eq!(book.ledger.night_of_file("ab").expect("none"), None);
    assert_eq!(book.ledger.night_of_card("2400140649").expect("a night"), night);
    assert_eq!(book.ledger.lots_of_night(date(2026, 11, 20), PieceKind::Letter).expect("a count"), 1);
    assert_eq!(book.ledger.lots_of_night(date(2026, 11, 20), PieceKind::Mailer).expect("a count"), 0);
}

#[test]
fn a_release_is_interrupted_until_it_is_settled() {
    let mut book = book();
    enter(&mut book.ledger, &[letters()]);
    let interrupted = book.ledger.interrupted().expect("a night");
    assert_eq!(interrupted.len(), 1);
    assert_eq!(interrupted[0].files, [("letters/26324A-0001.pdf".to_owned(), "bb".to_owned())]);
    book.ledger.settle().expect("settled");
    assert!(book.ledger.interrupted().expect("none").is_empty());
}

#[test]
fn a_duty_is_never_fulfilled_twice() {
    let mut book = book();
    let mut lot = letters();
    let mut twin = lot.pieces[0].clone();
    twin.sequence = 2;
    lot.pieces.push(twin);
    let issuance = record();
    let duties = [NewDuty { kind: PieceKind::Letter, due: Some(date(2026, 11, 20)) }];
    let entry = NightEntry {
        night: date(2026, 11, 20),
        mailers_due: date(2026, 11, 23),
        files: Vec::new(),
        records: vec![NewRecord {
            issuance: &issuance,
            source_file: "c",
            line: 2,
            duties: &duties,
            refused: false,
        }],
        rejected: Vec::new(),
        cancelled_cards: Vec::new(),
        lots: &[lot],
        rejects: &[],
        warnings: &[],
        summary: String::new(),
    };
    assert!(book.ledger.enter(&entry).is_err());
    assert!(book.ledger.lots(None).expect("lots").is_empty(), "nothing of a refused entry is kept");
}

#[test]
fn a_ledger_of_another_version_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ledger.db");
    rusqlite::Connection::open(&file)
        .expect("a file")
        .execute_batch("PRAGMA user_version = 99")
        .expect("set");
    assert!(matches!(Ledger::open(&file), Err(LedgerError::Version { found: 99, .. })));
}
