//! What goes in comes out, and nothing else.

use jiff::civil::date;

use super::*;
use mail::issuance::Issuance;
use mail::lot::LotName;
use mail::piece::PieceKind;

const RECORD: &str = r#"{"card_number":"2400140649","family":"CPS","reason":"first",
    "requested_at":"2026-11-20T10:00:00","ps_id_nat":"810003879623",
    "holder":{"named":{"last_name":"Martin","first_name":"Zoé"}},"organisation":"",
    "address":ADDRESS,"status":"issued"}"#;

fn record() -> Issuance {
    let lines = ["MME MARTIN", "", "", "9 RUE HAUTE", "", "75015 PARIS"];
    let (address, _) = mail::address::PostalAddress::build(lines, "", "").expect("an address");
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

fn letters() -> LotName {
    LotName::new(date(2026, 11, 20), 0).expect("a lot")
}

/// Inserts the lot of [`letters`] with a file.
fn insert_lot(writer: &NightWriter) {
    writer.insert_lot(&letters(), PieceKind::Letter, "card-letter 00", 1).expect("a lot");
    writer.insert_print_file(&letters(), PieceKind::Letter, "letters/26324A-0001.pdf", "bb").expect("a file");
}

fn piece(sequence: u32) -> PieceEntry<'static> {
    let (piece_id, file) = ("26324A000001", "letters/26324A-0001.pdf");
    PieceEntry { piece_id, sequence, file, first_page: 1, pages: 1, tracking: None }
}

/// Inserts a record with a letter and a mailer. The letter leaves if `leaves`.
fn enter(ledger: &Ledger, leaves: bool) {
    let writer = ledger.begin(date(2026, 11, 20), date(2026, 11, 23)).expect("a writer");
    writer.insert_file("aa", "inbox/cards.csv", 1).expect("a file");
    let body = serde_json::to_string(&record()).expect("JSON");
    let source_file = "inbox/cards.csv";
    let new = NewRecord { card_number: "2400140649", reason: "first", source_file, line: 2, body: &body };
    let record = writer.insert_record(&new).expect("a record");
    if leaves {
        insert_lot(&writer);
        let duty = writer.insert_leaving(record, PieceKind::Letter).expect("a duty");
        writer.insert_piece(&letters(), PieceKind::Letter, duty, &piece(1)).expect("a piece");
        writer.insert_follower(record).expect("its mailer");
    } else {
        writer.insert_waiting(record, PieceKind::Letter, Some(date(2026, 11, 20))).expect("a duty");
        writer.insert_waiting(record, PieceKind::Mailer, None).expect("its mailer");
    }
    writer.commit(&next_release(ledger), "{}").expect("entered");
}

/// The release that follows the last one.
fn next_release(ledger: &Ledger) -> ReleaseMark {
    let last = ledger.stamp().expect("a stamp");
    last.map_or_else(|| ReleaseMark::first("2026-11-20", ["aa"].into_iter()), |last| last.mark.next())
}

fn due(ledger: &Ledger, day: jiff::civil::Date) -> Vec<Waiting> {
    let mut due = Vec::new();
    let told = ledger.due(day, |waiting, body| {
        assert_eq!(serde_json::from_str::<Issuance>(body).expect("a record"), waiting.issuance);
        due.push(waiting);
        Ok::<_, LedgerError>(())
    });
    told.expect("duties");
    due
}

#[test]
fn a_mailer_is_due_once_its_letter_has_left() {
    let book = book();
    enter(&book.ledger, false);
    let friday = due(&book.ledger, date(2026, 11, 20));
    assert_eq!(friday.len(), 1, "the letter; its mailer waits for it");
    assert_eq!(friday[0].issuance, record());

    let writer = book.ledger.begin(date(2026, 11, 20), date(2026, 11, 23)).expect("a writer");
    insert_lot(&writer);
    writer.release_duty(friday[0].duty, PieceKind::Letter).expect("released");
    writer.insert_piece(&letters(), PieceKind::Letter, friday[0].duty, &piece(1)).expect("a piece");
    writer.commit(&next_release(&book.ledger), "{}").expect("entered");
    assert_eq!(due(&book.ledger, date(2026, 11, 23)).len(), 1, "its mailer is due from then on");
}

#[test]
fn a_mailer_of_a_letter_that_leaves_at_once_is_due_on_its_day() {
    let book = book();
    enter(&book.ledger, true);
    assert!(due(&book.ledger, date(2026, 11, 22)).is_empty());
    let monday = due(&book.ledger, date(2026, 11, 23));
    assert_eq!((monday.len(), monday[0].kind), (1, PieceKind::Mailer));
    let left = book.ledger.letter_of_card("2400140649").expect("a state");
    assert_eq!(left, LetterState::Left(date(2026, 11, 20)));
}

#[test]
fn files_and_cards_are_remembered_by_night() {
    let book = book();
    enter(&book.ledger, true);
    let night = Some(date(2026, 11, 20));
    assert_eq!(book.ledger.night_of_file("aa").expect("a night"), night);
    assert_eq!(book.ledger.night_of_file("ab").expect("none"), None);
    assert_eq!(book.ledger.night_of_card("2400140649").expect("a night"), night);
    assert_eq!(book.ledger.lots_of_night(date(2026, 11, 20), PieceKind::Letter).expect("a count"), 1);
    assert_eq!(book.ledger.lots_of_night(date(2026, 11, 20), PieceKind::Mailer).expect("a count"), 0);
}

#[test]
fn a_release_is_interrupted_until_it_is_settled() {
    let book = book();
    enter(&book.ledger, true);
    let interrupted = book.ledger.interrupted().expect("a night");
    assert_eq!(interrupted.len(), 1);
    assert_eq!(interrupted[0].files, [("letters/26324A-0001.pdf".to_owned(), "bb".to_owned())]);
    book.ledger.settle().expect("settled");
    assert!(book.ledger.interrupted().expect("none").is_empty());
}

#[test]
fn a_duty_is_never_fulfilled_twice() {
    let book = book();
    enter(&book.ledger, false);
    let duty = due(&book.ledger, date(2026, 11, 20))[0].duty;
    let writer = book.ledger.begin(date(2026, 11, 20), date(2026, 11, 23)).expect("a writer");
    insert_lot(&writer);
    writer.insert_piece(&letters(), PieceKind::Letter, duty, &piece(1)).expect("a piece");
    assert!(writer.insert_piece(&letters(), PieceKind::Letter, duty, &piece(2)).is_err());
    drop(writer);
    assert!(book.ledger.lots(None).expect("lots").is_empty(), "nothing of a refused entry is kept");
}

#[test]
fn a_ledger_is_read_without_a_trace() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("50 % de l'année?/ledger #1.db");
    let empty = Ledger::read(&file).expect("an empty one");
    assert_eq!(empty.waiting_count().expect("a count"), 0);
    assert!(!file.exists(), "reading makes nothing");
    let ledger = Ledger::open(&file).expect("a ledger");
    enter(&ledger, true);
    assert!(matches!(Ledger::read(&file), Err(LedgerError::Unsettled { .. })), "its rows are in the log");
    ledger.settle().expect("settled");
    drop(ledger);
    let before = fs_err::read(&file).expect("bytes");
    let readers = [Ledger::read(&file).expect("a reader"), Ledger::read(&file).expect("another")];
    for reader in &readers {
        assert_eq!(reader.waiting_count().expect("a count"), 1);
        assert!(reader.settle().is_err(), "nothing can be written");
    }
    let beside = fs_err::read_dir(file.parent().expect("a folder")).expect("a folder").count();
    assert_eq!(
        (beside, fs_err::read(&file).expect("bytes")),
        (1, before),
        "nothing beside it, and nothing new"
    );
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

#[test]
fn a_ledger_of_version_1_is_brought_up_to_date() {
    let book = book();
    enter(&book.ledger, true);
    // As version 1 had it.
    let script = "PRAGMA foreign_keys = OFF; BEGIN;
        ALTER TABLE piece RENAME TO piece_2; DROP INDEX piece_duty;
        CREATE TABLE piece (piece_id TEXT NOT NULL, lot TEXT NOT NULL, kind TEXT NOT NULL, sequence INTEGER NOT NULL,
            duty INTEGER NOT NULL REFERENCES duty (id), file TEXT NOT NULL, first_page INTEGER NOT NULL,
            pages INTEGER NOT NULL, tracking INTEGER, state TEXT NOT NULL CHECK (state IN ('released')),
            PRIMARY KEY (lot, kind, sequence), FOREIGN KEY (lot, kind) REFERENCES lot (lot, kind)) STRICT;
        CREATE INDEX piece_id ON piece (piece_id);
        CREATE UNIQUE INDEX piece_duty ON piece (duty);
        INSERT INTO piece SELECT * FROM piece_2; DROP TABLE piece_2;
        PRAGMA user_version = 1; COMMIT;";
    as_version_2(&book.ledger);
    book.ledger.db.execute_batch(script).expect("version 1");
    let before = book.ledger.piece("26324A000001").expect("a ledger");
    let again = Ledger::open(book.ledger.file()).expect("a ledger of this version");
    assert_eq!(again.version().expect("a version"), SCHEMA_VERSION);
    assert!(before.is_some());
    assert_eq!(again.piece("26324A000001").expect("a ledger"), before);
}

/// Takes from a ledger what version 3 added.
fn as_version_2(ledger: &Ledger) {
    let script = "BEGIN; DROP TABLE release; DROP TABLE reissue_release; ALTER TABLE dead_card DROP COLUMN replaced_by;
        PRAGMA user_version = 2; COMMIT;";
    ledger.db.execute_batch(script).expect("version 2");
}

#[test]
fn a_ledger_of_version_2_gets_its_history_and_reads_without_it() {
    let book = book();
    enter(&book.ledger, true);
    as_version_2(&book.ledger);
    let file = book.ledger.file().to_owned();
    let Book { _folder, ledger } = book;
    drop(ledger);
    let before = fs_err::read(&file).expect("a file");
    let read = Ledger::read(&file).expect("a ledger").stamp().expect("a history").expect("a release");
    assert_eq!(fs_err::read(&file).expect("a file"), before, "reading changes nothing");
    let opened = Ledger::open(&file).expect("a ledger").stamp().expect("a history").expect("a release");
    assert_eq!((opened.mark.release, &opened), (1, &read));
}

#[test]
fn each_release_is_chained_to_the_one_before() {
    let (one, other) = (book(), book());
    for book in [&one, &other] {
        enter(&book.ledger, true);
    }
    let stamp = |book: &Book| book.ledger.stamp().expect("a history").expect("a release");
    assert_eq!(stamp(&one), stamp(&other), "the same inputs make the same history");
    let next = |book: &Book, body: &str| {
        let writer = book.ledger.begin(date(2026, 11, 23), date(2026, 11, 24)).expect("a writer");
        writer.commit(&next_release(&book.ledger), body).expect("entered");
    };
    next(&one, "{}");
    next(&other, "{ }");
    assert_eq!(stamp(&one).mark, stamp(&other).mark);
    assert_ne!(stamp(&one).head, stamp(&other).head);
    assert_eq!(one.ledger.head_of(1).expect("a history"), other.ledger.head_of(1).expect("a history"));
    let writer = one.ledger.begin(date(2026, 11, 24), date(2026, 11, 25)).expect("a writer");
    let used = stamp(&one).mark;
    assert!(writer.commit(&used, "{}").is_err(), "no release number is used twice");
}

#[test]
fn a_file_that_is_no_ledger_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = folder.path().join("text");
    fs_err::write(&text, vec![b'x'; 20_000]).expect("written");
    let others = folder.path().join("others.db");
    rusqlite::Connection::open(&others).expect("a file").execute_batch("CREATE TABLE t (a)").expect("made");
    for file in [text, others] {
        assert!(matches!(Ledger::open(&file), Err(LedgerError::NoLedger { .. })));
        assert!(matches!(Ledger::view(&file), Err(LedgerError::NoLedger { .. })));
    }
}
