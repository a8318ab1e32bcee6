//! What bookings after the press promise, whatever database keeps the ledger.

use super::super::{AlarmKind, Booking, LotInHand, NewAlarm};
use super::*;

const CARD: &str = "2400140649";

fn in_hand(book: &Book) -> LotInHand {
    book.ledger.in_hand(&letters(), PieceKind::Letter).expect("an answer").expect("a lot")
}

fn book_it(book: &Book, booking: &Booking) {
    book.ledger.book(&in_hand(book), booking, &author()).expect("booked");
}

fn alarm(sequence: Option<u32>, kind: AlarmKind) -> NewAlarm {
    let stranger = sequence.is_none().then(|| "2400999950".to_owned());
    NewAlarm { sequence, kind, source: vec![7; 16], place: "camera.csv:3".to_owned(), stranger }
}

fn missing(sequence: u32) -> Booking {
    let unseen = NewAlarm { source: Vec::new(), ..alarm(Some(sequence), AlarmKind::Missing) };
    Booking {
        moves: vec![(sequence, State::Missing, "not seen".to_owned())],
        alarms: vec![unseen],
        ..Booking::default()
    }
}

fn open_alarms(book: &Book) -> usize {
    in_hand(book).alarms.iter().filter(|alarm| alarm.is_open()).count()
}

pub(super) fn what_is_reported_twice_is_booked_once(book: &Book) {
    book.release(3);
    let booking = Booking {
        passages: vec![(1, String::new(), [1; 16]), (2, "exit".to_owned(), [2; 16])],
        alarms: vec![alarm(Some(2), AlarmKind::Duplicate)],
        ..Booking::default()
    };
    book_it(book, &booking);
    book_it(book, &booking);
    assert_eq!((book.count("SELECT count(*) FROM passage"), open_alarms(book)), (2, 1));
    let lot = in_hand(book);
    assert_eq!(lot.passages[&2], [("exit".to_owned(), [2; 16])]);
    assert_eq!((book.ledger.of_card(&lot, CARD), book.ledger.of_card(&lot, "2400140650")), (Some(3), None));
    let accepted = book.ledger.accept(&lot, Some(2), "", "one envelope", &author()).expect("accepted");
    assert_eq!((accepted, open_alarms(book)), (1, 0));
    book_it(book, &booking);
    assert_eq!(open_alarms(book), 0, "what was decided is not raised again");
    let [alarm] = &in_hand(book).alarms[..] else { panic!("one alarm") };
    let decision = alarm.decision.as_ref().expect("decided");
    assert_eq!((decision.verdict.as_str(), decision.reason.as_str()), ("accepted", "one envelope"));
    assert_eq!(decision.by_whom, "operator");
}

pub(super) fn a_booking_that_may_not_be_leaves_nothing(book: &Book) {
    book.release(2);
    let moves = vec![
        (1, State::Missing, "not seen".to_owned()),
        (2, State::Destroyed, "destroyed while it was good".to_owned()),
    ];
    let booking = Booking { passages: vec![(1, String::new(), [1; 16])], moves, ..Booking::default() };
    let refused = book.ledger.book(&in_hand(book), &booking, &author());
    assert!(matches!(refused, Err(LedgerError::NotAllowed { .. })), "{refused:?}");
    assert_eq!((book.state(1), book.count("SELECT count(*) FROM passage")), (State::Released, 0));
}

pub(super) fn a_settled_lot_is_inserted_except_what_is_missing(book: &Book) {
    book.release(4);
    book_it(book, &missing(2));
    book_it(book, &missing(3));
    book_it(book, &Booking { settled: Some(MONDAY), ..Booking::default() });
    let states = |book: &Book| [1, 2, 3, 4].map(|sequence| book.state(sequence));
    let (inserted, gone) = (State::Inserted, State::Missing);
    assert_eq!(states(book), [inserted, gone, gone, inserted]);
    assert_eq!(in_hand(book).settled, Some(MONDAY));
    let events = book.count("SELECT count(*) FROM event WHERE state = 'inserted'");
    assert_eq!(events, 1, "one event stands for all that are with their lot");
    book_it(book, &Booking { found: vec![3], ..Booking::default() });
    assert_eq!((book.state(3), open_alarms(book)), (State::Inserted, 1));
    book_it(book, &missing(3));
    assert_eq!((book.state(3), open_alarms(book)), (State::Missing, 2), "lost once more");
    book_it(book, &Booking { settled: Some(NIGHT), ..Booking::default() });
    assert_eq!(in_hand(book).settled, Some(MONDAY), "the first settlement counts");
    book.ledger.dispatch(&in_hand(book), MONDAY, &author()).expect("left");
    assert_eq!(states(book), [State::Dispatched, gone, gone, State::Dispatched]);
    assert_eq!(in_hand(book).dispatched, Some(MONDAY));
    let account = book.ledger.account(&letters(), PieceKind::Letter).expect("an answer").expect("a lot");
    assert!(account.balances, "{:?}", account.faults);
    assert_eq!(book.ledger.integrity().expect("checked"), Vec::<String>::new());
}

pub(super) fn a_recalled_lot_takes_along_what_may_still_leave(book: &Book) {
    book.release(3);
    let spoiled = vec![(2, State::Spoiled, "torn".to_owned())];
    book_it(book, &Booking { moves: spoiled, ..Booking::default() });
    book_it(book, &missing(3));
    book.ledger.recall_lot(&in_hand(book), "wrong paper", &author()).expect("recalled");
    assert_eq!(
        [1, 2, 3].map(|sequence| book.state(sequence)),
        [State::Recalled, State::Spoiled, State::Recalled]
    );
}

pub(super) fn a_stranger_is_kept_as_a_hash(book: &Book) {
    book.release(1);
    book_it(book, &Booking { alarms: vec![alarm(None, AlarmKind::Foreign)], ..Booking::default() });
    let lot = in_hand(book);
    let [stranger] = &lot.alarms[..] else { panic!("one alarm") };
    assert_eq!((stranger.sequence, stranger.said.as_deref()), (None, Some("240*****50")));
    assert!(book.ledger.is_about(stranger, "2400999950") && !book.ledger.is_about(stranger, "2400999951"));
    let accept = |text| book.ledger.accept(&lot, None, text, "sent back", &author()).expect("an answer");
    assert_eq!((accept("2400999951"), accept("2400999950"), accept("2400999950")), (0, 1, 0));
}

pub(super) fn a_letter_that_does_not_leave_holds_its_mailer(book: &Book) {
    book.enter(true);
    book.ledger.settle(&author()).expect("settled");
    let letter = || book.ledger.letter_of_card(CARD, true).expect("an answer");
    let held = |why| LetterState::Held { piece_id: "26324A000001".to_owned(), why };
    let left = |settled| LetterState::Left { night: NIGHT, settled };
    assert_eq!(letter(), left(None));
    book_it(book, &Booking { alarms: vec![alarm(Some(1), AlarmKind::Mismatch)], ..Booking::default() });
    assert_eq!(letter(), held("mismatch"));
    book.ledger.accept(&in_hand(book), Some(1), "", "the right card", &author()).expect("accepted");
    assert_eq!(letter(), left(None));
    book_it(book, &Booking { settled: Some(MONDAY), ..Booking::default() });
    assert_eq!(letter(), left(Some(MONDAY)));
    book_it(book, &missing(1));
    assert_eq!(letter(), held("missing"));
    book.ledger.accept(&in_hand(book), Some(1), "", "sent by courier", &author()).expect("accepted");
    assert_eq!(letter(), held("missing"), "what was accepted is still not there");
}

pub(super) fn mailers_are_found_by_their_letters(book: &Book) {
    book.enter(true);
    book.ledger.settle(&author()).expect("settled");
    let duty = book.due(MONDAY)[0].duty;
    let mailers = || book.ledger.released_mailers(in_hand(book).id, &[1]).expect("mailers");
    assert!(mailers().is_empty(), "it waits");
    let writer = book.ledger.begin(MONDAY, MONDAY, author()).expect("a writer");
    writer.release_duty(duty, PieceKind::Mailer).expect("released");
    writer.insert_piece(PieceKind::Mailer, duty, &piece(1)).expect("a piece");
    let (name, kind) = (LotName::new(MONDAY, 0).expect("a lot"), PieceKind::Mailer);
    let lot = LotEntry {
        name: &name,
        kind,
        template: "mailer 00",
        pieces: 1,
        first_tracking: Some(1),
        files: &[],
        cause: "composed",
    };
    writer.insert_lot(&lot).expect("a lot");
    writer.commit(&book.next_release(), "{}").expect("entered");
    book.ledger.settle(&author()).expect("settled");
    let found: Vec<(String, State)> =
        mailers().into_iter().map(|mailer| (mailer.piece_id, mailer.state)).collect();
    assert_eq!(found, [("26327A\\000001".to_owned(), State::Released)]);
    let lot = book.ledger.in_hand(&name, kind).expect("an answer").expect("a lot");
    let held = || book.ledger.held_mailers(lot.id, true, &|_, _| true).expect("mailers");
    assert!(held().is_empty(), "an original is never too young");
    book_it(book, &missing(1));
    let [first] = &held()[..] else { panic!("one mailer") };
    assert_eq!((first.sequence, first.letter.as_str(), first.why.as_str()), (1, "26324A000001", "missing"));
    book.ledger.recall_lot(&lot, "its letter is missing", &author()).expect("recalled");
    assert!(held().is_empty() && mailers().is_empty());
}
