//! What backup, export, import and check promise.

use super::*;
use crate::ledger::{Import, MailerLinks, Reach};

fn lines(ledger: &Ledger) -> String {
    lines_with(ledger, MailerLinks::Personal)
}

fn lines_with(ledger: &Ledger, mailers: MailerLinks) -> String {
    let mut lines = Vec::new();
    ledger.export(mailers, &mut lines).expect("an export");
    String::from_utf8(lines).expect("UTF-8")
}

/// A book with rows in each table, except holds.
fn fill(book: &Book) {
    book.release(3);
    let author = author();
    let change = Change { state: State::Missing, cause: "camera", author: &author };
    book.ledger.move_pieces(&[place(2)], &change).expect("missing");
    let writer = book.begin();
    let record = insert_record(&writer);
    writer.insert_waiting(record, PieceKind::Letter, Some(MONDAY)).expect("a duty");
    writer.insert_waiting(record, PieceKind::Mailer, None).expect("a duty");
    writer.insert_file("aa", "inbox/cards.csv", 1).expect("a file");
    writer.cancel_pieces("2400140651", None).expect("cancelled");
    writer.insert_reissue_release("2400140650", "verified").expect("released");
    let finding = Finding {
        source_file: "inbox/cards.csv".to_owned(),
        line: 7,
        card_number: String::new(),
        field: "last_name".to_owned(),
        code: "not_printable".to_owned(),
        message: "`Dupoñt` …".to_owned(),
        english: String::new(),
        client_ref: String::new(),
    };
    writer.insert_finding("reject", &finding).expect("a finding");
    writer.commit(&book.next_release(), "{ }").expect("entered");
}

/// The homes of empty ledgers with the keys of a book: in a file, and where there is PostgreSQL on a server.
fn empty_homes(book: &Book, folder: &std::path::Path) -> Vec<LedgerHome> {
    let file = LedgerLocation::File(folder.join("restored.db"));
    let server = postgres_server::shared().map(|server| ServerAddress::parse(&server.database()));
    let server =
        server.map(|address| LedgerLocation::Server(address.expect("an address").expect("a good one")));
    let home = |location| LedgerHome { location, keys: book.home.keys.clone() };
    [Some(file), server].into_iter().flatten().map(home).collect()
}

pub(super) fn a_backup_is_restored_to_either_database(book: &Book) {
    fill(book);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("backup.db");
    let reach = book.ledger.back_up(&file).expect("a backup");
    assert_eq!((reach.release, reach.events), (2, 3));
    assert_eq!(reach, book.ledger.reach().expect("a reach"));
    let backup = Ledger::keyless(&LedgerLocation::File(file)).expect("a ledger").expect("one");
    assert!(backup.reach().expect("a reach") == reach && !reach.lacks(&reach));
    assert!(reach.lacks(&Reach { events: 4, ..reach.clone() }) && Reach::default().lacks(&reach));
    for home in empty_homes(book, folder.path()) {
        assert_eq!(
            Ledger::fill_from(&home, &backup, backup.audit_head().expect("an answer").as_ref(), "before")
                .expect("filled"),
            None
        );
        let restored = Ledger::view(&home).expect("a ledger");
        assert_eq!(lines(&restored), lines(&book.ledger));
        assert_eq!(restored.faults().expect("a check"), []);
    }
}

pub(super) fn an_export_is_imported_by_either_database_whole_or_not_at_all(book: &Book) {
    fill(book);
    for mailers in [MailerLinks::Personal, MailerLinks::Opaque] {
        imported_by_either_database(book, mailers);
    }
}

fn imported_by_either_database(book: &Book, mailers: MailerLinks) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("export.jsonl");
    let all = lines_with(&book.ledger, mailers);
    let import = |home: &LedgerHome, text: &str| {
        fs_err::write(&file, text).expect("written");
        let lines = std::cell::RefCell::new(Import::begin(&file, std::fs::File::open(&file)?, &home.keys)?);
        let mut insert = |into: &dyn super::super::database::Database| lines.borrow_mut().insert(into);
        let mut approve = |ledger: &Ledger| Ok(lines.borrow().approve(ledger)?);
        Ledger::fill(home, &mut insert, &mut approve, "before").map(drop)
    };
    for home in empty_homes(book, folder.path()) {
        let changed = all.replacen("\"line\":2", "\"line\":3", 1);
        let cut = &all[..all.len() - 90];
        let twice = all.replacen("\"id\":2", "\"id\":1", 1);
        for bad in [changed.as_str(), cut, &twice] {
            let refused = import(&home, bad).expect_err("refused");
            assert_eq!(refused.code(), "import_line", "{refused}");
            let there = Ledger::keyless(&home.location).expect("an answer");
            assert!(there.is_none_or(|there| there.is_empty().expect("an answer")), "nothing is kept");
        }
        import(&home, &all).expect("imported");
        assert_eq!(lines(&Ledger::view(&home).expect("a ledger")), lines(&book.ledger));
    }
}

pub(super) fn a_check_finds_rows_that_contradict_each_other(book: &Book) {
    fill(book);
    assert_eq!(book.ledger.faults().expect("a check"), []);
    for (sql, part, word) in [
        ("UPDATE lot SET state = 'dispatched'", "states", "events say `released`"),
        ("UPDATE piece SET state = 'spoiled' WHERE sequence = 1", "states", "has no event"),
        ("UPDATE note SET value = 9 WHERE name = 'events'", "states", "9 were counted"),
        ("UPDATE lot SET pieces = 4", "counts", "has 4 pieces, and 3 are entered"),
        ("UPDATE duty SET state = 'waiting' WHERE id = 1", "counts", "not released"),
        ("UPDATE piece SET file = 7 WHERE sequence = 1", "counts", "files that their lot does not have"),
        (
            "UPDATE record SET body = (SELECT body FROM record WHERE id = 2) WHERE id = 1",
            "integrity",
            "rows can't be opened",
        ),
        ("UPDATE release SET head = 'x' WHERE number = 1", "history", "release 1 does not follow"),
        ("UPDATE release SET night = '2026-11-21' WHERE number = 2", "history", "release 2 does not follow"),
    ] {
        let transaction = book.ledger.change().expect("a transaction");
        assert!(book.ledger.db.execute_now(sql, &[]).expect("changed") > 0, "{sql}");
        let faults = book.ledger.faults().expect("a check");
        let found = faults.iter().any(|fault| fault.part == part && fault.message.contains(word));
        assert!(found && faults.iter().all(|fault| fault.damaged), "{sql}: {faults:?}");
        drop(transaction);
    }
    fs_err::remove_file(book.home.keys.join("2026-11.key")).expect("removed");
    let faults = Ledger::view(&book.home).expect("a ledger").faults().expect("a check");
    assert!(faults.len() == 1 && faults[0].part == "keys" && !faults[0].damaged, "{faults:?}");
}
