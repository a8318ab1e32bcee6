//! What the ledger promises of events and of the states that they lead to.

use super::*;

pub(super) fn a_piece_departs_from_its_lot_and_keeps_its_own_state(book: &Book) {
    book.release(3);
    let author = author();
    let to = |state| Change { state, cause: "camera", author: &author };
    book.ledger.move_pieces(&[place(2)], &to(State::Missing)).expect("missing");
    book.ledger.move_pieces(&[place(3)], &to(State::InsertedByHand)).expect("by hand");
    book.ledger.move_lot(&letters(), PieceKind::Letter, &to(State::Inserted)).expect("inserted");
    let states = [1, 2, 3].map(|sequence| book.state(sequence));
    assert_eq!(states, [State::Inserted, State::Inserted, State::InsertedByHand]);
    book.ledger.move_pieces(&[place(2)], &to(State::Spoiled)).expect("spoiled");
    book.ledger.move_lot(&letters(), PieceKind::Letter, &to(State::Dispatched)).expect("dispatched");
    let states = [1, 2, 3].map(|sequence| book.state(sequence));
    assert_eq!(states, [State::Dispatched, State::Spoiled, State::Dispatched]);
}

pub(super) fn a_state_that_may_not_follow_is_refused_and_nothing_moves(book: &Book) {
    book.release(2);
    let author = author();
    let change = Change { state: State::Missing, cause: "camera", author: &author };
    book.ledger.move_pieces(&[place(2)], &change).expect("missing");
    let change = Change { state: State::Dispatched, ..change };
    let refused = book.ledger.move_pieces(&[place(1), place(2)], &change);
    assert!(matches!(refused, Err(LedgerError::NotAllowed { .. })), "{refused:?}");
    assert_eq!([1, 2].map(|sequence| book.state(sequence)), [State::Released, State::Missing]);
    let unknown = book.ledger.move_pieces(&[place(9)], &change);
    assert!(matches!(unknown, Err(LedgerError::Unknown { .. })), "{unknown:?}");
}

pub(super) fn an_event_is_never_changed(book: &Book) {
    book.release(1);
    assert!(book.ledger.db.execute_now("UPDATE event SET cause = 'another'", &[]).is_err());
    assert!(book.ledger.db.execute_now("DELETE FROM event", &[]).is_err());
    assert_eq!(book.count("SELECT count(*) FROM event"), 2);
}

pub(super) fn event_numbers_have_no_gap(book: &Book) {
    book.release(2);
    let author = author();
    let change = Change { state: State::Dispatched, cause: "van", author: &author };
    assert!(book.ledger.move_pieces(&[place(1), place(9)], &change).is_err());
    book.ledger.move_pieces(&[place(1)], &change).expect("dispatched");
    let (last, count) = (book.count("SELECT max(id) FROM event"), book.count("SELECT count(*) FROM event"));
    assert_eq!((last, count), (3, 3));
}
