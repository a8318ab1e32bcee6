//! What the ledger promises of the word to the issuer, whatever database keeps it.

use std::collections::BTreeSet;

use super::super::PieceWord;
use super::super::database::Value::{Integer, Text};
use super::*;

fn move_one(book: &Book, sequence: u32, state: State, cause: &str) {
    let author = author();
    let change = Change { state, cause, author: &author };
    book.ledger.move_pieces(&[place(sequence)], &change).expect("moved");
}

fn move_all(book: &Book, state: State) {
    let author = author();
    let change = Change { state, cause: "camera", author: &author };
    book.ledger.move_lot(&letters(), PieceKind::Letter, &change).expect("moved");
}

/// The day on which the events of this test happen.
fn today(book: &Book) -> Date {
    let at = book.ledger.one("SELECT max(substr(at, 1, 10)) FROM event", &[], |row| {
        Ok(row.need_text(0)?.parse::<Date>().expect("a day"))
    });
    at.expect("an event").expect("a day")
}

fn told(book: &Book, day: Date) -> Vec<PieceWord> {
    let mut words = Vec::new();
    let each = book.ledger.each_piece_word(day, |word| {
        words.push(word.clone());
        Ok::<_, LedgerError>(())
    });
    each.expect("words");
    words
}

/// References and states of what is told of a day, in its order.
fn rows(book: &Book, day: Date) -> Vec<(String, State)> {
    told(book, day).into_iter().map(|word| (word.piece_id, word.state)).collect()
}

fn row(sequence: u32, state: State) -> (String, State) {
    (letters().piece_id(PieceKind::Letter, sequence), state)
}

pub(super) fn a_day_is_news_once(book: &Book) {
    assert!(book.ledger.news().expect("news").days.is_empty());
    book.release(3);
    let news = book.ledger.news().expect("news");
    assert_eq!((&news.days, news.remakes), (&BTreeSet::from([NIGHT]), false));
    assert!(news.has_run(1));
    assert_eq!(book.ledger.news().expect("news"), news, "until it is noted");
    book.ledger.note_told(&news).expect("noted");
    let none = book.ledger.news().expect("news");
    assert!(none.days.is_empty() && !none.has_run(1));

    move_one(book, 1, State::Spoiled, "jam");
    assert!(book.ledger.news().expect("news").days.is_empty(), "a spoil alone is told to nobody");
    move_one(book, 1, State::CardSpoiled, "card cut");
    let news = book.ledger.news().expect("news");
    assert_eq!((news.days.clone(), news.remakes), (BTreeSet::from([today(book)]), true));
    book.ledger.note_told(&news).expect("noted");
    assert!(book.ledger.news().expect("news").days.is_empty());

    assert_eq!(book.ledger.unacknowledged_runs().expect("runs").len(), 1);
    book.ledger.note_acknowledged(1).expect("noted");
    assert!(book.ledger.unacknowledged_runs().expect("runs").is_empty());
}

pub(super) fn an_event_of_a_lot_is_told_of_each_piece_that_was_there(book: &Book) {
    book.release(4);
    assert_eq!(rows(book, NIGHT), [1, 2, 3, 4].map(|sequence| row(sequence, State::Released)));
    move_one(book, 2, State::Missing, "not seen");
    move_one(book, 3, State::InsertedByHand, "by hand");
    move_all(book, State::Inserted);
    move_one(book, 4, State::Recalled, "revoked");
    move_all(book, State::Dispatched);
    let day = today(book);
    let wanted = [
        row(2, State::Missing),
        row(3, State::InsertedByHand),
        row(1, State::Inserted),
        // A missing piece that the camera saw after all.
        row(4, State::Inserted),
        row(2, State::Inserted),
        row(4, State::Recalled),
        row(1, State::Dispatched),
        row(2, State::Dispatched),
        row(3, State::Dispatched),
    ];
    assert_eq!(rows(book, day), wanted);
    let first = &told(book, day)[0];
    assert_eq!((&*first.cause, &*first.names.card_number), ("not seen", "2400140649"));
    assert_eq!(first.next_id, "26324A000002.1");
    assert_eq!(rows(book, NIGHT).len(), 4, "the night's own rows stay");
}

pub(super) fn a_reprint_is_told_by_its_own_reference(book: &Book) {
    book.release(2);
    let reprint = "INSERT INTO lot (id, name, kind, night, state, pieces, template, first_tracking)
        VALUES (7, ?1, 'letter', '2026-11-23', 'released', 1, 'card-letter 00', NULL)";
    book.ledger.db.execute_now(reprint, &[Text("26324B")]).expect("a lot");
    let piece = "INSERT INTO piece (lot, sequence, duty, attempt, file, first_page, pages)
        SELECT 7, 1, duty, 1, 0, 1, 1 FROM piece WHERE sequence = ?1";
    book.ledger.db.execute_now(piece, &[Integer(2)]).expect("a piece");
    let released = book.ledger.append_event(7, None, State::Released, "files in place", None, &author());
    released.expect("an event");
    move_one(book, 2, State::Spoiled, "jam");
    move_one(book, 2, State::Reprinted, "26324A000002.1");
    assert_eq!(rows(book, MONDAY), [("26324A000002.1".to_owned(), State::Released)]);
    let reprinted = told(book, today(book));
    assert_eq!(reprinted.len(), 1);
    assert_eq!((&*reprinted[0].piece_id, &*reprinted[0].next_id), ("26324A000002", "26324A000002.1"));
}

/// The card, the kinds of what it leads to, and the nights on which these left.
type Planned = (String, Vec<(PieceKind, Option<Date>)>);

fn taken_in(book: &Book, night: Date) -> Vec<Planned> {
    let mut records = Vec::new();
    let each = book.ledger.each_record_of_night(night, |record| {
        let duties = record.duties.iter().map(|duty| (duty.kind, duty.left)).collect();
        records.push((record.names.card_number.clone(), duties));
        Ok::<_, LedgerError>(())
    });
    each.expect("records");
    records
}

pub(super) fn records_say_what_waits_and_erased_persons_are_left_out(book: &Book) {
    book.enter(true);
    book.ledger.settle(&author()).expect("settled");
    let mut other = record();
    other.card_number = mail::card::CardNumber::parse("2400158480").expect("a card");
    other.ps_id_nat = mail::identifiers::PsIdNat::parse("810002909371").expect("an identifier");
    let writer = book.begin();
    let number = insert_issuance(&writer, &other);
    writer.insert_waiting(number, PieceKind::Letter, Some(MONDAY)).expect("a duty");
    writer.insert_waiting(number, PieceKind::Mailer, None).expect("a duty");
    writer.commit(&book.next_release(), "{}").expect("entered");
    let left = vec![(PieceKind::Letter, Some(NIGHT)), (PieceKind::Mailer, None)];
    let waits = vec![(PieceKind::Letter, None), (PieceKind::Mailer, None)];
    let both = [("2400140649".to_owned(), left.clone()), ("2400158480".to_owned(), waits)];
    assert_eq!(taken_in(book, NIGHT), both);
    assert!(taken_in(book, MONDAY).is_empty());
    let at = book.ledger.time_of_night(NIGHT).expect("a time");
    assert!(at.len() == 20 && at.ends_with('Z'), "{at}");
    assert_eq!(book.ledger.time_of_night(MONDAY).expect("a time"), "2026-11-23");

    let person = book.ledger.person("2400158480").expect("a person");
    book.ledger.erase(&person, MONDAY).expect("erased");
    assert_eq!(taken_in(book, NIGHT), [("2400140649".to_owned(), left)]);
    let person = book.ledger.person("2400140649").expect("a person");
    book.ledger.erase(&person, MONDAY).expect("erased");
    assert_eq!((taken_in(book, NIGHT).len(), told(book, NIGHT).len()), (0, 0));
}

pub(super) fn purged_names_are_told_no_more(book: &Book) {
    book.release(2);
    move_one(book, 1, State::Missing, "not seen");
    let day = today(book);
    let since = date(2027, 6, 1);
    let days = |since| book.ledger.days_of_purged(since, NIGHT, NIGHT).expect("days");
    assert!(days(since).is_empty());
    let purge = "UPDATE record SET body = NULL, purged = ?1 WHERE id = 1";
    book.ledger.db.execute_now(purge, &[Text("2027-06-01")]).expect("purged");
    assert_eq!(days(since), BTreeSet::from([day]));
    assert!(days(date(2027, 6, 2)).is_empty(), "it was written again before");
    let names = |words: Vec<PieceWord>| words.into_iter().map(|it| it.names.card_number).collect::<Vec<_>>();
    assert_eq!(names(told(book, day)), [""]);
    assert_eq!(names(told(book, NIGHT)), ["", "2400140649"]);
    move_all(book, State::Inserted);
    assert_eq!(days(since), BTreeSet::from([day]), "also where the lot as a whole was moved");
    let after = book.ledger.days_of_purged(since, day, NIGHT).expect("days");
    assert!(after.is_empty(), "the file of such a day is gone");
}

pub(super) fn what_a_purge_left_to_write_is_remembered(book: &Book) {
    let (first, second) = (date(2027, 2, 28), date(2027, 3, 1));
    assert_eq!(book.ledger.begin_purge_of_word(first).expect("begun"), first);
    assert_eq!(
        book.ledger.begin_purge_of_word(second).expect("begun"),
        first,
        "the earlier one was cut short"
    );
    book.ledger.end_purge_of_word().expect("ended");
    assert_eq!(book.ledger.begin_purge_of_word(second).expect("begun"), second);
}
