//! What a ledger promises of keeping and forgetting.

use super::super::sealing;
use super::*;
use crate::job::Retention;
use crate::ledger::{PurgeOrder, Purged, WhyStaying};
use crate::vault::{LedgerKeysError, Month};

const RETENTION: Retention = Retention { names: 90, findings: 90, files: 30, inputs: 30, events: 365 };
/// The last day of November was 90 days ago.
const NOVEMBER_IS_OVER: Date = date(2027, 2, 28);

/// Events have the time of the clock, and all of it is over.
const AFTER_ALL: Date = date(2090, 1, 1);

fn purge_on(ledger: &mut Ledger, day: Date) -> Purged {
    let order = PurgeOrder { day, retention: RETENTION, dry_run: false };
    ledger.purge(&order).expect("purged")
}

/// Purges everything of a book that can be purged.
pub(super) fn purge_all(book: &Book) {
    purge_on(&mut book.ledger.again().expect("a connection"), AFTER_ALL);
}

fn rows(purged: &Purged, kind: &str) -> u64 {
    purged.rows.get(kind).map_or(0, |months| months.values().sum())
}

pub(super) fn a_name_stays_for_its_days_after_dispatch(book: &Book) {
    book.release(2);
    let mut ledger = book.ledger.again().expect("a connection");
    let before = purge_on(&mut ledger, date(2027, 2, 17));
    assert_eq!((rows(&before, "records"), before.keys.len()), (0, 0), "89 days");
    let order = PurgeOrder { day: date(2027, 2, 18), retention: RETENTION, dry_run: true };
    assert_eq!(rows(&ledger.purge(&order).expect("a rehearsal"), "records"), 2, "90 days");
    assert_eq!(book.count("SELECT count(*) FROM record WHERE body IS NOT NULL"), 2, "which changes nothing");
    assert_eq!(rows(&purge_on(&mut ledger, date(2027, 2, 18)), "records"), 2);
    assert_eq!(book.count("SELECT count(*) FROM record WHERE purged = '2027-02-18' AND body IS NULL"), 2);
    let again = purge_on(&mut ledger, date(2027, 2, 18));
    assert_eq!(again, Purged::default(), "nothing is left");
}

pub(super) fn a_dispatch_that_came_later_counts(book: &Book) {
    book.release(1);
    let change = Change { state: State::Dispatched, cause: "van", author: &author() };
    book.ledger.move_lot(&letters(), PieceKind::Letter, &change).expect("dispatched");
    let dispatched = book.ledger.one("SELECT max(at) FROM event WHERE state = 'dispatched'", &[], |row| {
        Ok(row.need_text(0)?[..10].parse::<Date>().expect("a day"))
    });
    let dispatched = dispatched.expect("an answer").expect("an event");
    let mut ledger = book.ledger.again().expect("a connection");
    let day = |days: i64| dispatched.saturating_add(jiff::Span::new().days(days));
    if dispatched > NIGHT {
        assert_eq!(rows(&purge_on(&mut ledger, day(89)), "records"), 0);
    }
    assert_eq!(rows(&purge_on(&mut ledger, day(90)), "records"), 1);
}

pub(super) fn what_waits_stays_under_another_key_when_its_month_is_over(book: &Book) {
    book.enter(true);
    book.ledger.settle(&author()).expect("settled");
    let mut ledger = book.ledger.again().expect("a connection");
    let purged = purge_on(&mut ledger, NOVEMBER_IS_OVER);
    assert_eq!(purged.keys, ["2026-11"]);
    assert_eq!(purged.sealed_again, 2, "the record, whose mailer waits, and the run");
    assert_eq!((purged.stay[0].reason, purged.stay[0].records), (WhyStaying::PieceWaits, 1));
    assert!(purged.needs_a_person());
    let again = Ledger::open(&book.home).expect("the ledger");
    let mut due = Vec::new();
    let told = again.due(NOVEMBER_IS_OVER, None, |waiting| {
        due.push(waiting.issuance);
        Ok::<_, LedgerError>(())
    });
    told.expect("duties");
    assert_eq!(due, [record()], "its mailer can be printed");
    assert_eq!(again.runs(NIGHT).expect("runs"), ["{}"]);
    assert_eq!(again.keys.months().expect("months"), [Month::of(NOVEMBER_IS_OVER)]);
    assert!(again.keys.destroyed().expect("a list").contains_key(&Month::of(NIGHT)));
}

pub(super) fn a_missing_piece_keeps_its_record(book: &Book) {
    book.release(2);
    let change = Change { state: State::Missing, cause: "camera", author: &author() };
    book.ledger.move_pieces(&[place(2)], &change).expect("missing");
    let purged = purge_on(&mut book.ledger.again().expect("a connection"), NOVEMBER_IS_OVER);
    assert_eq!((rows(&purged, "records"), purged.stay[0].records), (1, 1));
}

pub(super) fn a_held_card_is_not_forgotten_until_it_is_let_go(book: &Book) {
    book.release(2);
    let card = ["2400140649".to_owned()];
    book.ledger.hold(&card, "file 12/2026", NIGHT, &author()).expect("held");
    let mut ledger = book.ledger.again().expect("a connection");
    let purged = purge_on(&mut ledger, AFTER_ALL);
    assert_eq!((rows(&purged, "records"), rows(&purged, "events"), purged.sealed_again), (0, 0, 2));
    assert_eq!((purged.stay[0].reason, purged.needs_a_person()), (WhyStaying::Held, false));
    let holds = book.ledger.holds().expect("holds");
    assert_eq!((holds.len(), holds[0].reason.as_str(), holds[0].records), (1, "file 12/2026", 2));
    assert_eq!(book.ledger.let_go(&card).expect("let go"), 1);
    let purged = purge_on(&mut ledger, AFTER_ALL);
    assert_eq!((rows(&purged, "records"), rows(&purged, "events")), (2, 2));
}

pub(super) fn a_late_return_is_known_and_booked_after_a_purge(book: &Book) {
    book.release(1);
    purge_on(&mut book.ledger.again().expect("a connection"), AFTER_ALL);
    assert_eq!(book.ledger.night_of_card("2400140649").expect("a night"), Some(NIGHT));
    let found = book.ledger.person("2400140649").expect("an answer");
    let piece = &found.records[0].pieces[0];
    assert_eq!(
        (piece.piece_id.as_str(), found.records[0].purged.as_deref()),
        ("26324A000001", Some("2090-01-01"))
    );
    assert_eq!((&found.records[0].card_number, &found.records[0].record), (&None, &None));
    let known = book.ledger.holder_of("2400140649").expect("an answer").expect("a holder");
    assert!(book.ledger.is_holder(&known, &record()), "and so is its holder, by hash");
    let author = author();
    let change = |state| Change { state, cause: "returned", author: &author };
    book.ledger.move_pieces(&[place(1)], &change(State::Dispatched)).expect("dispatched");
    book.ledger.move_pieces(&[place(1)], &change(State::Returned)).expect("booked");
    assert_eq!(book.state(1), State::Returned);
}

pub(super) fn events_end_after_their_days_and_pieces_keep_their_state(book: &Book) {
    book.release(2);
    let change = Change { state: State::Spoiled, cause: "jam", author: &author() };
    book.ledger.move_pieces(&[place(2)], &change).expect("spoiled");
    assert_eq!(rows(&purge_on(&mut book.ledger.again().expect("a connection"), AFTER_ALL), "events"), 3);
    assert_eq!(book.count("SELECT count(*) FROM event"), 0);
    assert_eq!([1, 2].map(|sequence| book.state(sequence)), [State::Released, State::Spoiled]);
    book.ledger.move_pieces(&[place(1)], &change).expect("spoiled");
    assert_eq!(book.count("SELECT min(id) FROM event"), 4, "numbers go on");
    assert!(book.ledger.db.execute_now("DELETE FROM event", &[]).is_err(), "and stay");
}

pub(super) fn what_was_forgotten_stays_so_in_a_restored_ledger(book: &Book) {
    book.release(1);
    let writer = book.begin();
    let record = insert_record(&writer);
    writer.insert_waiting(record, PieceKind::Letter, Some(NIGHT)).expect("a duty");
    writer.commit(&book.next_release(), "{}").expect("entered");
    book.ledger.settle(&author()).expect("settled");
    let mut keys = crate::vault::LedgerKeys::create(&book.home.keys).expect("keys");
    let file = book.home.keys.join("2026-11.key");
    let key = fs_err::read(&file).expect("a key");
    keys.destroy(Month::of(NIGHT), date(2027, 3, 1)).expect("destroyed");
    fs_err::write(&file, key).expect("a destruction that was cut short");
    let restored = Ledger::open(&book.home).expect("the ledger of before");
    let told = restored.due(NIGHT, None, |_| Ok::<_, LedgerError>(()));
    assert!(
        matches!(told, Err(LedgerError::Keys(LedgerKeysError::Destroyed { .. }))),
        "its names open no more"
    );
    let removed = restored.apply_forgotten().expect("applied");
    assert_eq!((removed.rows, removed.lost_pieces), (4, 1), "two records, two runs");
    assert!(!file.exists(), "the destruction is finished");
    assert_eq!(book.count("SELECT count(*) FROM record WHERE purged = '2027-03-01'"), 2);
    assert_eq!(restored.apply_forgotten().expect("again").rows, 0);
    assert_eq!(book.count("SELECT count(*) FROM note WHERE name = 'cleaning'"), 0);
}

/// Enters a letter that left and a reject of the same card.
fn enter_with_a_reject(book: &Book) {
    let writer = book.begin();
    let record = insert_record(&writer);
    let duty = writer.insert_leaving(record, PieceKind::Letter).expect("a duty");
    writer.insert_piece(PieceKind::Letter, duty, &piece(1)).expect("a piece");
    insert_lot(&writer, 1);
    let finding = |card: &str, message: &str| Finding {
        source_file: "inbox/cards.csv".to_owned(),
        line: 3,
        card_number: card.to_owned(),
        field: "last_name".to_owned(),
        code: "empty".to_owned(),
        message: message.to_owned(),
        english: String::new(),
        client_ref: String::new(),
    };
    writer.insert_finding("reject", &finding("2400140649", "of MARTIN Zoé")).expect("a finding");
    writer.insert_finding("warning", &finding("", "holder 810003879623 is new")).expect("a finding");
    writer.insert_finding("warning", &finding("2400140650", "another's")).expect("a finding");
    writer.commit(&book.next_release(), "{}").expect("entered");
    book.ledger.settle(&author()).expect("settled");
}

pub(super) fn a_person_is_found_by_card_and_by_identifier(book: &Book) {
    enter_with_a_reject(book);
    let by_card = book.ledger.person("2400140649").expect("an answer");
    let by_holder = book.ledger.person("810003879623").expect("an answer");
    assert_eq!(by_card, by_holder);
    let [record] = &by_card.records[..] else { panic!("{by_card:?}") };
    assert_eq!(record.card_number.as_deref(), Some("2400140649"));
    assert_eq!(record.record.as_ref().expect("its record")["holder"]["named"]["last_name"], "Martin");
    let states: Vec<State> = record.pieces[0].events.iter().map(|event| event.state).collect();
    assert_eq!(states, [State::Composed, State::Released]);
    let messages: Vec<&str> = by_card.findings.iter().map(|found| found.finding.message.as_str()).collect();
    assert_eq!(messages, ["of MARTIN Zoé", "holder 810003879623 is new"]);
    assert!(book.ledger.person("810005012801").expect("an answer").is_unknown());
}

pub(super) fn an_erased_person_stays_erased(book: &Book) {
    enter_with_a_reject(book);
    let found = book.ledger.person("810003879623").expect("an answer");
    book.ledger.erase(&found, MONDAY).expect("erased");
    let after = book.ledger.person("2400140649").expect("an answer");
    assert_eq!((&after.records[0].record, after.records[0].purged.as_deref()), (&None, Some("2026-11-23")));
    assert!(after.findings.is_empty());
    assert!(book.ledger.person("810003879623").expect("an answer").is_unknown(), "no mark is left");
    assert_eq!(book.count("SELECT count(*) FROM finding"), 1, "another's stays");
    // A backup of before comes back.
    let marks = sealing::Marks::of(&record(), &book.ledger.keys);
    let values = [super::super::Value::Bytes(marks.as_bytes())];
    book.ledger.db.execute_now("UPDATE record SET marks = ?1, purged = NULL", &values).expect("restored");
    assert_eq!(book.ledger.apply_forgotten().expect("applied").rows, 1);
    assert!(book.ledger.person("810003879623").expect("an answer").is_unknown());
    // What is taken in of the card later is another matter.
    let writer = book.ledger.begin(date(2026, 11, 24), date(2026, 11, 25), author()).expect("a writer");
    insert_record(&writer);
    writer.commit(&book.next_release(), "{}").expect("entered");
    assert_eq!(book.ledger.apply_forgotten().expect("applied").rows, 0);
    assert_eq!(book.ledger.person("810003879623").expect("an answer").records.len(), 1);
}
