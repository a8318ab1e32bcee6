//! What returned mail promises, whatever database keeps the ledger.

use super::super::{Booked, NewReturn, PastReturn, SeenPicture};
use super::*;

const CARD: &str = "2400140649";
const DAY: Date = date(2026, 12, 1);

fn new<'a>(place: &'a PiecePlace, batch: &'a str) -> NewReturn<'a> {
    NewReturn { place, on: DAY, reason: "unknown", text: Some("NPAI"), batch, box_number: Some(1) }
}

/// Books a return of a letter in a transaction of its own.
pub(super) fn book_return(book: &Book, sequence: u32, batch: &str) -> Booked {
    let writer = book.ledger.begin_returns(&author()).expect("a writer");
    let booked = writer.book(&new(&place(sequence), batch)).expect("an answer");
    writer.commit().expect("booked");
    booked
}

fn past(book: &Book, sequence: u32) -> Option<PastReturn> {
    book.ledger.past_return(&place(sequence)).expect("an answer")
}

fn no_faults(book: &Book) {
    assert_eq!(book.ledger.faults().expect("a check"), []);
}

pub(super) fn a_return_is_booked_once_and_joined_in_its_pile(book: &Book) {
    book.release(3);
    assert_eq!(past(book, 1), None);
    assert_eq!(book_return(book, 1, "monday"), Booked::Returned);
    let Booked::Joined(first) = book_return(book, 1, "monday") else { panic!("the letter of the envelope") };
    assert_eq!((first.on, first.reason.as_str(), first.box_number), (DAY, "unknown", Some(1)));
    assert_eq!(first.by, "operator");
    assert_eq!(book_return(book, 1, "tuesday"), Booked::Before(first.clone()));
    assert_eq!((past(book, 1), book.state(1)), (Some(first), State::Returned));
    assert_eq!(book.count("SELECT count(*) FROM event WHERE state = 'returned' AND cause = 'unknown'"), 1);
    let writer = book.ledger.begin_returns(&author()).expect("a writer");
    assert!(matches!(writer.book(&new(&place(9), "monday")), Err(LedgerError::Unknown { .. })));
    writer.book(&new(&place(2), "monday")).expect("booked");
    drop(writer);
    assert_eq!((past(book, 2), book.state(2)), (None, State::Released), "nothing is kept without a commit");
    no_faults(book);
}

pub(super) fn every_piece_that_was_printed_may_come_back(book: &Book) {
    book.enter(false);
    let author = author();
    book.release_due();
    let refused = {
        let writer = book.ledger.begin_returns(&author).expect("a writer");
        writer.book(&new(&place(1), "a"))
    };
    assert!(matches!(refused, Err(LedgerError::NotAllowed { from: State::Composed, .. })), "{refused:?}");
    book.ledger.settle(&author).expect("settled");
    let change = |state| Change { state, cause: "test", author: &author };
    for state in [State::Missing, State::Spoiled, State::Reprinted] {
        book.ledger.move_pieces(&[place(1)], &change(state)).expect("moved");
        assert_eq!(book_return(book, 1, "a"), Booked::Returned, "{state}");
        undo(book, 1, true);
        assert_eq!(book.state(1), state, "what it was");
    }
    no_faults(book);
}

fn undo(book: &Book, sequence: u32, expected: bool) {
    let writer = book.ledger.begin_returns(&author()).expect("a writer");
    assert_eq!(writer.undo(&place(sequence), "wrong pile").expect("an answer"), expected);
    writer.commit().expect("undone");
}

pub(super) fn an_undone_return_leaves_the_piece_where_it_was(book: &Book) {
    book.release(2);
    let author = author();
    let left = Change { state: State::Dispatched, cause: "van", author: &author };
    book.ledger.move_lot(&letters(), PieceKind::Letter, &left).expect("dispatched");
    undo(book, 1, false);
    book_return(book, 1, "a");
    undo(book, 1, true);
    undo(book, 1, false);
    assert_eq!((past(book, 1), book.state(1)), (None, State::Dispatched));
    let account = book.ledger.account(&letters(), PieceKind::Letter).expect("an answer").expect("a lot");
    assert_eq!((account.balances, account.tally.returned), (true, 0), "{:?}", account.faults);
    assert_eq!(book_return(book, 1, "b"), Booked::Returned, "it comes back indeed");
    let writer = book.ledger.begin_returns(&author).expect("a writer");
    assert!(writer.correct_reason(&place(1), "refused").expect("corrected"));
    assert!(!writer.correct_reason(&place(1), "refused").expect("an answer"), "it has this reason");
    writer.destroy(&place(1), DAY, "Zoé").expect("destroyed");
    writer.commit().expect("written");
    assert_eq!(past(book, 1).expect("a return").reason, "refused");
    undo(book, 1, false);
    let Booked::Before(gone) = book_return(book, 1, "b") else { panic!("it was destroyed") };
    assert_eq!((gone.destroyed, book.state(1)), (Some(DAY), State::Destroyed));
    let causes = "SELECT count(*) FROM event WHERE cause IN ('undone: wrong pile', 'refused', 'before the witness Zoé')";
    assert_eq!(book.count(causes), 3);
    no_faults(book);
}

pub(super) fn a_letter_that_came_back_holds_its_mailer_until_it_is_let_go(book: &Book) {
    book.enter(true);
    book.ledger.settle(&author()).expect("settled");
    let letter = |holds| book.ledger.letter_of_card(CARD, holds).expect("an answer");
    book_return(book, 1, "a");
    let held = LetterState::Held { piece_id: "26324A000001".to_owned(), why: "returned" };
    let left = LetterState::Left { night: NIGHT, settled: None };
    assert_eq!((letter(true), letter(false)), (held, left.clone()));
    let writer = book.ledger.begin_returns(&author()).expect("a writer");
    assert!(writer.let_go(&place(1), "the holder fetched it", DAY).expect("let go"));
    writer.commit().expect("written");
    assert_eq!(letter(true), left);
    undo(book, 1, true);
    book_return(book, 1, "b");
    assert_ne!(letter(true), left, "another return holds it again");
}

pub(super) fn an_address_is_held_by_its_returns_until_it_is_let_go(book: &Book) {
    book.release(3);
    let list = || book.ledger.hold_list(2).expect("a list").returns(&book.ledger.record_key(&record()));
    let counted =
        || book.ledger.held_addresses(1).expect("a list").iter().map(|held| held.days.len()).sum::<usize>();
    book_return(book, 1, "a");
    assert_eq!((list(), counted()), (None, 1));
    book_return(book, 2, "a");
    book_return(book, 3, "a");
    undo(book, 3, true);
    assert_eq!((list(), counted()), (Some(2), 2));
    let held = book.ledger.held_addresses(2).expect("a list");
    let [address] = &held[..] else { panic!("one address") };
    assert_eq!((address.pieces.len(), &address.days), (2, &vec![DAY, DAY]));
    assert_eq!(address.record.as_ref(), Some(&record()));
    let repeated = book.ledger.repeated_returns(2).expect("a list");
    assert_eq!((repeated.len(), repeated[0].pieces.len()), (1, 2));
    let marks = book.ledger.return_addresses_of_card(CARD).expect("addresses");
    assert_eq!(book.ledger.return_address_of_piece(&place(1)).expect("an address").as_ref(), marks.first());
    let writer = book.ledger.begin_returns(&author()).expect("a writer");
    assert_eq!(writer.let_address_go(&marks[0], "confirmed", DAY).expect("let go"), 2);
    assert_eq!(writer.let_address_go(&marks[0], "confirmed", DAY).expect("let go"), 0);
    writer.commit().expect("written");
    assert_eq!((list(), counted(), book.ledger.held_addresses(1).expect("a list").len()), (None, 0, 0));
    book_return(book, 3, "b");
    assert_eq!(counted(), 1, "counted anew");
}

/// Notes what was said of a picture of the first letter.
fn note(book: &Book, outcomes: &str) {
    let places = [place(1)];
    let seen = SeenPicture { sha256: "ab", page: 1, outcomes, on: DAY, places: &places };
    let writer = book.ledger.begin_returns(&author()).expect("a writer");
    writer.note_picture(&seen).expect("noted");
    writer.commit().expect("written");
}

pub(super) fn a_picture_is_known_by_its_digest_and_page(book: &Book) {
    book.release(1);
    let seen = |page| book.ledger.seen_picture("ab", page).expect("an answer");
    note(book, "[1]");
    note(book, "[2]");
    assert_eq!((seen(1).as_deref(), seen(2)), (Some("[2]"), None), "the last word counts");
    assert_eq!(book.count("SELECT count(*) FROM picture"), 1);
    let writer = book.ledger.begin_returns(&author()).expect("a writer");
    writer.forget_picture("ab", 1).expect("forgotten");
    writer.commit().expect("written");
    assert_eq!((seen(1), book.count("SELECT count(*) FROM picture_piece")), (None, 0));
    no_faults(book);
}

pub(super) fn a_box_is_nobody_elses(book: &Book) {
    book.release(2);
    let next = || book.ledger.next_box().expect("a box");
    assert_eq!((next(), next()), (1, 2));
    book_return(book, 1, "a");
    let in_box = || book.ledger.in_box(1).expect("pieces");
    assert_eq!(in_box(), [("26324A000001".to_owned(), None)]);
    undo(book, 1, true);
    assert!(in_box().is_empty());
    assert_eq!(next(), 3);
}

pub(super) fn a_purge_leaves_a_return_its_day_and_reason(book: &Book) {
    book.release(1);
    book_return(book, 1, "a");
    note(book, "[1]");
    forgetting::purge_all(book);
    let seen = book.ledger.seen_picture("ab", 1).expect("an answer");
    let left = past(book, 1).expect("a return");
    assert_eq!((seen, left.on, left.reason.as_str()), (None, DAY, "unknown"));
    assert_eq!((left.by.as_str(), left.batch.as_str()), ("", ""));
    let named = "SELECT count(*) FROM returned WHERE body IS NOT NULL OR address IS NOT NULL";
    assert_eq!(book.count(named) + book.count("SELECT count(*) FROM picture_piece"), 0);
    assert_eq!(book.ledger.record_of_piece(&place(1)).expect("an answer"), None);
    assert!(matches!(book_return(book, 1, ""), Booked::Before(_)), "it is known");
}

pub(super) fn a_return_shows_its_label_and_what_was_issued_instead(book: &Book) {
    book.release(1);
    book_return(book, 1, "a");
    let detail = || {
        let piece = book.ledger.piece("26324A000001").expect("an answer").expect("a piece");
        book.ledger.detail(piece, false).expect("its past").returned.expect("a return")
    };
    let returned = detail();
    assert_eq!((returned.past.on, returned.label.as_deref(), &returned.reissue), (DAY, Some("NPAI"), &None));
    let writer = book.ledger.begin(MONDAY, MONDAY, author()).expect("a writer");
    let record = insert_record(&writer);
    writer.insert_waiting(record, PieceKind::Letter, Some(MONDAY)).expect("a duty");
    writer.commit(&book.next_release(), "{}").expect("entered");
    let reissue = detail().reissue.expect("a later record of the card");
    assert_eq!((reissue.night, reissue.piece_id), (MONDAY, None));
}

pub(super) fn an_erased_person_takes_pictures_along(book: &Book) {
    book.release(1);
    book_return(book, 1, "a");
    note(book, "[1]");
    assert_eq!(book.ledger.record_of_piece(&place(1)).expect("an answer"), Some(record()));
    let person = book.ledger.person(CARD).expect("an answer");
    let piece = &person.records[0].pieces[0];
    assert_eq!((piece.returns.len(), piece.returns[0].label.as_deref()), (1, Some("NPAI")));
    assert_eq!(piece.pictures, [serde_json::json!([1])], "what is erased can be exported before");
    book.ledger.erase(&person, date(2026, 12, 2)).expect("erased");
    assert_eq!(book.ledger.seen_picture("ab", 1).expect("an answer"), None);
    let named = "SELECT count(*) FROM returned WHERE body IS NOT NULL OR address IS NOT NULL";
    assert_eq!((book.count(named), book.count("SELECT count(*) FROM returned")), (0, 1));
}
