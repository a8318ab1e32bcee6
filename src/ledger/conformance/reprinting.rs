//! What printing again promises, whatever database keeps the ledger.

use super::super::{AlarmKind, Booking, NewAlarm, SetAside};
use super::*;

/// The day of the reprint.
const DAY: Date = date(2026, 11, 25);

/// A reprint lot of the letters with these originals, by their sequences, as the next attempt.
fn print_again(
    writer: &NightWriter,
    name: &LotName,
    duties: &[i64],
    attempt: u32,
) -> Result<(), LedgerError> {
    for (sequence, duty) in (1..).zip(duties) {
        let entry = PieceEntry { sequence, attempt, file: 0, first_page: sequence, pages: 1 };
        writer.insert_piece(PieceKind::Letter, *duty, &entry)?;
    }
    let files = [(format!("letters/{name}-0001.pdf"), "cc".to_owned())];
    writer.insert_lot(&LotEntry {
        name,
        kind: PieceKind::Letter,
        template: "card-letter 00",
        pieces: duties.len() as u64,
        first_tracking: None,
        files: &files,
        cause: "printed again: torn",
    })?;
    writer.next_lot();
    Ok(())
}

fn reprinted(sequence: u32) -> SetAside {
    let to = |state, cause: &str| (state, cause.to_owned());
    let reprint = letters().attempt_id(PieceKind::Letter, sequence, 1);
    let steps = vec![to(State::Spoiled, "torn"), (State::Reprinted, reprint)];
    SetAside { place: place(sequence), steps }
}

fn duty_of(book: &Book, piece_id: &str) -> i64 {
    book.ledger.released_piece(piece_id).expect("an answer").expect("a piece").duty
}

fn begin(book: &Book) -> NightWriter<'_> {
    book.ledger.begin(DAY, DAY, author()).expect("a transaction")
}

pub(super) fn a_reprint_is_the_next_attempt_of_its_duty_and_its_lot_none_of_the_night(book: &Book) {
    book.release(3);
    let alarm = NewAlarm {
        sequence: Some(2),
        kind: AlarmKind::Duplicate,
        source: Vec::new(),
        place: String::new(),
        stranger: None,
    };
    let in_hand = || book.ledger.in_hand(&letters(), PieceKind::Letter).expect("an answer").expect("a lot");
    let booking = Booking { alarms: vec![alarm], ..Booking::default() };
    book.ledger.book(&in_hand(), &booking, &author()).expect("booked");
    let of = |id: &str| book.ledger.released_piece(id).expect("an answer").expect("a piece");
    assert!(of("26324A000002").doubled && !of("26324A000001").doubled);
    let lot = book.ledger.next_reprint_lot(&letters(), PieceKind::Letter).expect("a name");
    assert_eq!(lot.as_str(), "26324A.1");
    let duties = [duty_of(book, "26324A000002"), duty_of(book, "26324A000003")];
    let writer = begin(book);
    print_again(&writer, &lot, &duties, 1).expect("printed");
    writer.set_aside(&[reprinted(2), reprinted(3)]).expect("set aside");
    writer.commit(&book.next_release(), "{}").expect("entered");
    book.ledger.settle(&author()).expect("in place");
    let reprint = of("26324A000003.1");
    assert_eq!((reprint.lot.as_str(), reprint.sequence, reprint.attempt), ("26324A.1", 2, 1));
    assert_eq!((reprint.original.clone(), reprint.first_night, reprint.night), ((letters(), 3), NIGHT, DAY));
    assert_eq!((reprint.state, of("26324A000003").state), (State::Released, State::Reprinted));
    assert_eq!((of("26324A000003").last_attempt, of("26324A000001").last_attempt), (1, 0));
    assert!(!of("26324A000002").doubled, "its alarm ended");
    assert!(in_hand().alarms.iter().all(|alarm| !alarm.is_open()));
    for name in [letters(), lot] {
        let account = book.ledger.account(&name, PieceKind::Letter).expect("an answer").expect("a lot");
        assert!(account.balances, "{name}: {:?}", account.faults);
    }
    assert_eq!(book.ledger.lots_of_night(DAY, PieceKind::Letter).expect("a count"), 0);
    assert_eq!(book.ledger.last_night().expect("a night"), Some(NIGHT));
    let next = book.ledger.next_reprint_lot(&letters(), PieceKind::Letter).expect("a name");
    assert_eq!(next.as_str(), "26324A.2");
    assert!(book.ledger.faults().expect("faults").iter().all(|fault| !fault.damaged));
}

pub(super) fn a_piece_that_has_left_meanwhile_is_not_printed_again(book: &Book) {
    book.release(2);
    let lot = book.ledger.next_reprint_lot(&letters(), PieceKind::Letter).expect("a name");
    let duties = [duty_of(book, "26324A000001"), duty_of(book, "26324A000002")];
    let author = author();
    let left = Change { state: State::Dispatched, cause: "left", author: &author };
    book.ledger.move_pieces(&[place(2)], &left).expect("dispatched");
    let writer = begin(book);
    print_again(&writer, &lot, &duties, 1).expect("printed");
    let refused = writer.set_aside(&[reprinted(1), reprinted(2)]);
    assert!(matches!(refused, Err(LedgerError::NotAllowed { .. })), "{refused:?}");
    drop(writer);
    assert_eq!((book.state(1), book.state(2)), (State::Released, State::Dispatched));
    assert!(book.ledger.released_piece("26324A000001.1").expect("an answer").is_none());
    // Given up all together, or not at all.
    let lost =
        |sequence| SetAside { place: place(sequence), steps: vec![(State::CardSpoiled, "torn".to_owned())] };
    let refused = book.ledger.set_aside(&[lost(1), lost(2)], &author);
    assert!(matches!(refused, Err(LedgerError::NotAllowed { .. })), "{refused:?}");
    assert_eq!(book.state(1), State::Released);
}

pub(super) fn an_attempt_is_printed_once(book: &Book) {
    book.release(1);
    let duty = duty_of(book, "26324A000001");
    let lot = book.ledger.next_reprint_lot(&letters(), PieceKind::Letter).expect("a name");
    let writer = begin(book);
    let twice =
        print_again(&writer, &lot, &[duty, duty], 1).and_then(|()| writer.commit(&book.next_release(), "{}"));
    assert!(twice.is_err(), "one duty, one attempt, one piece");
    assert_eq!(book.count("SELECT count(*) FROM lot"), 1);
}

pub(super) fn a_card_that_was_given_up_comes_back_until_its_new_record_is_taken_in(book: &Book) {
    book.release(1);
    let piece = || book.ledger.released_piece("26324A000001").expect("an answer").expect("a piece");
    let answered = || book.ledger.remake_is_answered(&piece()).expect("an answer");
    let remakes = || {
        let mut found = 0;
        let each = book.ledger.each_remake(|_| {
            found += 1;
            Ok::<_, LedgerError>(())
        });
        each.expect("remakes");
        found
    };
    let steps = vec![(State::CardSpoiled, "torn".to_owned())];
    book.ledger.set_aside(&[SetAside { place: place(1), steps }], &author()).expect("given up");
    assert_eq!((answered(), remakes()), (false, 1));
    // A new record of the card.
    let sql = "INSERT INTO record (id, card, marks, reason, night, requested, source_file, line, key_month)
               SELECT 9000, card, marks, reason, '2026-11-26', requested, source_file, line, key_month
               FROM record";
    book.ledger.db.execute_now(sql, &[]).expect("taken in");
    assert!(answered());
    book.ledger.db.execute_now("DELETE FROM record WHERE id = 9000", &[]).expect("removed");
    // It is in hand after all.
    let lot = book.ledger.next_reprint_lot(&letters(), PieceKind::Letter).expect("a name");
    let writer = begin(book);
    print_again(&writer, &lot, &[duty_of(book, "26324A000001")], 1).expect("printed");
    let steps = vec![(State::Reprinted, "26324A000001.1".to_owned())];
    writer.set_aside(&[SetAside { place: place(1), steps }]).expect("taken back");
    writer.commit(&book.next_release(), "{}").expect("entered");
    book.ledger.settle(&author()).expect("in place");
    assert_eq!((book.state(1), remakes()), (State::Reprinted, 0));
    assert!(book.ledger.faults().expect("faults").iter().all(|fault| !fault.damaged));
}
