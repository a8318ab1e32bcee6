//! What only a ledger in a file promises: it is read without a trace, and older ones are brought up to date.

use jiff::civil::date;

use super::conformance::{Book, record};
use super::*;
use crate::job::LedgerLocation;
use mail::issuance::Issuance;

/// The tables of version 3 with a letter that left, its mailer that waits, and a reject.
fn version_3(home: &LedgerHome) {
    let LedgerLocation::File(file) = &home.location else { unreachable!("a file") };
    fs_err::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    let db = rusqlite::Connection::open(file).expect("a file");
    let tables = [
        include_str!("sqlite/before/version_1.sql"),
        include_str!("sqlite/before/piece_of_version_2.sql"),
        include_str!("sqlite/before/version_3.sql"),
    ];
    db.execute_batch(&tables.concat()).expect("tables");
    let body = serde_json::to_string(&record()).expect("JSON");
    let script = format!(
        "BEGIN; INSERT INTO intake_file VALUES ('aa', 'inbox/cards.csv', '2026-11-20', 1);
         INSERT INTO record VALUES (1, '2400140649', 'first', '2026-11-20', 'inbox/cards.csv', 2, '{}');
         INSERT INTO duty VALUES (1, 1, 'letter', '2026-11-20', 'released');
         INSERT INTO duty VALUES (2, 1, 'mailer', '2026-11-23', 'waiting');
         INSERT INTO duty VALUES (3, 1, 'mailer', '2026-11-20', 'released');
         INSERT INTO lot VALUES ('26324A', 'letter', '2026-11-20', 'released', 1, 'card-letter 00');
         INSERT INTO lot VALUES ('26324A', 'mailer', '2026-11-20', 'released', 1, 'mailer 00');
         INSERT INTO print_file VALUES ('26324A', 'letter', 'letters/26324A-0001.pdf', 'bb');
         INSERT INTO print_file VALUES ('26324A', 'letter', 'letters/26324A.manifest.csv', 'cc');
         INSERT INTO print_file VALUES ('26324A', 'mailer', 'mailers/26324A-0001.pdf.age', 'dd');
         INSERT INTO piece VALUES ('26324A000001', '26324A', 'letter', 1, 1, 'letters/26324A-0001.pdf', 1, 1, NULL, 'released');
         INSERT INTO piece VALUES ('26324A\\000001', '26324A', 'mailer', 1, 3, 'mailers/26324A-0001.pdf.age', 1, 1, 77, 'released');
         INSERT INTO run VALUES (1, '2026-11-20', 'released', '{{\"night\":\"2026-11-20\"}}');
         INSERT INTO finding VALUES (1, 'reject', 'inbox/cards.csv', 3, '2400140650', 'last_name', 'empty', 'of MARTIN Zoé');
         INSERT INTO dead_card (card_number, night) VALUES ('2400140651', '2026-11-20');
         INSERT INTO reissue_release VALUES ('2400140650', '2026-11-20', 'verified');
         INSERT INTO release VALUES (1, '0123456789abcdef', '2026-11-20', 'ee');
         PRAGMA user_version = 3; COMMIT;",
        body.replace('\'', "''")
    );
    db.execute_batch(&script).expect("rows");
}

/// A folder for a ledger that is not there yet.
fn home() -> (tempfile::TempDir, LedgerHome) {
    let folder = tempfile::tempdir().expect("a folder");
    let location = LedgerLocation::File(folder.path().join("50 % de l'année?/ledger #1.db"));
    let keys = folder.path().join("keys");
    (folder, LedgerHome { location, keys })
}

fn file(home: &LedgerHome) -> &std::path::Path {
    let LedgerLocation::File(file) = &home.location else { unreachable!("a file") };
    file
}

#[test]
fn a_ledger_is_read_without_a_trace() {
    let (_folder, home) = home();
    let empty = Ledger::read(&home).expect("an empty one");
    assert_eq!(empty.waiting_count().expect("a count"), 0);
    assert!(!file(&home).exists() && !home.keys.exists(), "reading makes nothing");
    let ledger = Ledger::open(&home).expect("a ledger");
    let author = Author { name: "operator".to_owned() };
    let writer = ledger.begin(date(2026, 11, 20), date(2026, 11, 23), author.clone()).expect("a writer");
    writer.commit(&ReleaseMark::first("2026-11-20", ["aa"].into_iter()), "{}").expect("entered");
    assert!(matches!(Ledger::read(&home), Err(LedgerError::Unsettled { .. })), "its rows are in the log");
    assert!(Ledger::view(&home).expect("a view").knows_night(date(2026, 11, 20)).expect("an answer"));
    ledger.settle(&author).expect("settled");
    drop(ledger);
    let before = fs_err::read(file(&home)).expect("bytes");
    let readers = [Ledger::read(&home).expect("a reader"), Ledger::read(&home).expect("another")];
    for reader in &readers {
        assert!(reader.knows_night(date(2026, 11, 20)).expect("an answer"));
        assert!(reader.settle(&author).is_err(), "nothing can be written");
    }
    let beside = fs_err::read_dir(file(&home).parent().expect("a folder")).expect("a folder").count();
    let after = fs_err::read(file(&home)).expect("bytes");
    assert_eq!((beside, after), (1, before), "nothing beside it, and nothing new");
}

#[test]
fn a_ledger_of_a_later_version_is_refused_by_name() {
    let (_folder, home) = home();
    drop(Ledger::open(&home).expect("a ledger"));
    let db = rusqlite::Connection::open(file(&home)).expect("a file");
    db.execute_batch("PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE);").expect("set");
    for opened in [Ledger::open(&home), Ledger::read(&home), Ledger::view(&home)] {
        assert!(matches!(opened, Err(LedgerError::Version { found: 99, .. })));
    }
}

/// What a migrated ledger answers.
fn is_brought_up_to_date(ledger: &Ledger) {
    let letter = ledger.piece("26324A000001").expect("an answer").expect("a piece");
    assert_eq!((letter.file.as_str(), letter.state), ("letters/26324A-0001.pdf", State::Released));
    let mailer = ledger.piece("26324A\\000001").expect("an answer").expect("a piece");
    assert_eq!(mailer.file, "mailers/26324A-0001.pdf.age");
    assert_eq!(ledger.last_tracking_number().expect("a number"), Some(77));
    assert_eq!(ledger.night_of_card("2400140649").expect("a night"), Some(date(2026, 11, 20)));
    assert!(ledger.dead_card("2400140651").expect("an answer").is_some());
    assert!(ledger.reissue_released("2400140650", "verified").expect("an answer").is_some());
    assert!(ledger.stamp().expect("a history").is_some());
    let mut due: Vec<Issuance> = Vec::new();
    let told = ledger.due(date(2026, 11, 23), None, |waiting| {
        due.push(waiting.issuance);
        Ok::<_, LedgerError>(())
    });
    told.expect("duties");
    assert_eq!(due, [record()]);
    let mut messages = Vec::new();
    let told = ledger.findings(date(2026, 11, 20), "reject", |finding| {
        messages.push(finding.message.clone());
        Ok::<_, LedgerError>(())
    });
    told.expect("findings");
    assert_eq!(messages, ["of MARTIN Zoé"]);
}

#[test]
fn a_ledger_of_version_3_reads_without_a_trace_and_is_brought_up_to_date() {
    let (_folder, home) = home();
    version_3(&home);
    let before = fs_err::read(file(&home)).expect("a file");
    is_brought_up_to_date(&Ledger::read(&home).expect("a ledger"));
    is_brought_up_to_date(&Ledger::view(&home).expect("a ledger"));
    assert_eq!(fs_err::read(file(&home)).expect("a file"), before, "reading changes nothing");
    assert!(!home.keys.exists(), "and makes no keys");
    is_brought_up_to_date(&Ledger::open(&home).expect("a ledger"));
    is_brought_up_to_date(&Ledger::open(&home).expect("the same ledger again"));
}

/// Makes a ledger one of version 5, and one of version 5 one of version 4.
const OF_5: &str =
    "DROP TABLE picture_piece; DROP TABLE picture; DROP TABLE return_release; DROP TABLE returned;
    PRAGMA user_version = 5;";
const OF_4: &str = "DROP TABLE passage; DROP TABLE alarm; DROP TABLE milestone; DROP INDEX record_night;
    PRAGMA user_version = 4;";

#[test]
fn a_ledger_of_version_4_or_5_keeps_its_keys() {
    for earlier in [OF_5.to_owned(), format!("{OF_5} {OF_4}")] {
        keeps_its_keys(&earlier);
    }
}

fn keeps_its_keys(earlier: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let location = LedgerLocation::File(folder.path().join("ledger.db"));
    let home = LedgerHome { location, keys: folder.path().join("keys") };
    drop(Ledger::open(&home).expect("a ledger"));
    let file = folder.path().join("ledger.db");
    let db = rusqlite::Connection::open(&file).expect("a database");
    db.execute_batch(earlier).expect("an earlier version");
    drop(db);
    let before = fs_err::read(&file).expect("read");
    let viewed = Ledger::view(&home).expect("a ledger").with_keys().expect("its keys");
    assert!(viewed.alarms(1).expect("an answer").is_empty());
    drop(viewed);
    assert!(fs_err::read(&file).expect("read") == before, "whoever reads changes nothing");
    let opened = Ledger::open(&home).expect("a ledger");
    assert_eq!(opened.number("PRAGMA user_version", &[]).expect("a number"), Some(6));
}

#[test]
fn a_ledger_of_version_1_and_2_takes_every_step() {
    for version in [1, 2] {
        let (_folder, home) = home();
        version_3(&home);
        let db = rusqlite::Connection::open(file(&home)).expect("a file");
        let script = "PRAGMA foreign_keys = OFF; BEGIN; DROP TABLE reissue_release; DROP TABLE release;
            ALTER TABLE dead_card DROP COLUMN replaced_by; PRAGMA user_version = 2; COMMIT;";
        db.execute_batch(script).expect("version 2");
        if version == 1 {
            let script = "BEGIN; DROP INDEX piece_duty; CREATE INDEX piece_id ON piece (piece_id);
                CREATE UNIQUE INDEX piece_duty ON piece (duty); PRAGMA user_version = 1; COMMIT;";
            db.execute_batch(script).expect("version 1");
        }
        drop(db);
        let ledger = Ledger::open(&home).expect("a ledger");
        assert_eq!(ledger.stamp().expect("a history").map(|stamp| stamp.mark.release), Some(1));
        let letter = ledger.piece("26324A000001").expect("an answer").expect("a piece");
        assert_eq!(letter.state, State::Released);
    }
}

#[test]
fn nothing_in_clear_is_left_of_a_ledger_of_version_3() {
    let (_folder, home) = home();
    version_3(&home);
    let personal = ["2400140649", "2400140651", "MARTIN", "Martin", "RUE HAUTE", "810003879623"];
    let bytes = |home: &LedgerHome| fs_err::read(file(home)).expect("a file");
    let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(personal.iter().all(|text| holds(&bytes(&home), text)), "version 3 had them in clear");
    drop(Ledger::open(&home).expect("a ledger"));
    for text in personal {
        assert!(!holds(&bytes(&home), text), "{text}");
    }
    let beside = fs_err::read_dir(file(&home).parent().expect("a folder")).expect("a folder").count();
    assert_eq!(beside, 1, "no log either");
}

#[test]
fn a_file_that_is_no_ledger_is_refused_untouched() {
    let (_folder, home) = home();
    fs_err::create_dir_all(file(&home).parent().expect("a folder")).expect("a folder");
    let others = |file: &std::path::Path| {
        let db = rusqlite::Connection::open(file).expect("a file");
        db.execute_batch("CREATE TABLE t (a)").expect("made");
    };
    let text = |file: &std::path::Path| fs_err::write(file, vec![b'x'; 20_000]).expect("written");
    let short = |file: &std::path::Path| fs_err::write(file, "ledger").expect("written");
    for make in [&others as &dyn Fn(&std::path::Path), &text, &short] {
        make(file(&home));
        let before = fs_err::read(file(&home)).expect("a file");
        for opened in [Ledger::open(&home), Ledger::read(&home), Ledger::view(&home)] {
            assert!(matches!(opened, Err(LedgerError::NoLedger { .. })));
        }
        assert_eq!(fs_err::read(file(&home)).expect("a file"), before);
        assert!(!home.keys.exists(), "no keys are made for it");
        fs_err::remove_file(file(&home)).expect("removed");
    }
}

#[test]
fn a_book_is_closed_and_opened_again() {
    let book = Book::in_a_file();
    book.enter(true);
    let again = Ledger::open(&book.home).expect("a ledger");
    assert_eq!(again.stamp().expect("a history"), book.ledger.stamp().expect("a history"));
}
