//! What the ledger promises of a night: what is due, what was released, and how nights follow each other.

use super::*;

pub(super) fn a_mailer_is_due_once_its_letter_has_left(book: &Book) {
    book.enter(false);
    let friday = book.due(NIGHT);
    assert_eq!(friday.len(), 1, "the letter; its mailer waits for it");
    assert_eq!((&friday[0].issuance, friday[0].line), (&record(), 2));
    assert_eq!(book.ledger.letter_of_card("2400140649", true).expect("a state"), LetterState::Waiting);
    assert_eq!(book.ledger.followers(&[friday[0].duty]).expect("a count"), 1);

    book.release_due();
    let monday = book.due(MONDAY);
    assert_eq!((monday.len(), monday[0].kind), (1, PieceKind::Mailer), "due from then on");
    assert!(book.ledger.mailer_waits("2400140649").expect("an answer"));
    assert_eq!(book.ledger.waiting_of_card("2400140649").expect("a count"), 1);
}

pub(super) fn a_mailer_of_a_letter_that_leaves_at_once_is_due_on_its_day(book: &Book) {
    book.enter(true);
    assert!(book.due(date(2026, 11, 22)).is_empty());
    let monday = book.due(MONDAY);
    assert_eq!((monday.len(), monday[0].kind), (1, PieceKind::Mailer));
    assert_eq!(
        book.ledger.letter_of_card("2400140649", true).expect("a state"),
        LetterState::Left { night: NIGHT, settled: None }
    );
    assert_eq!(book.ledger.letter_of_card("2400140650", true).expect("a state"), LetterState::None);
}

pub(super) fn files_and_cards_are_remembered_by_night(book: &Book) {
    book.enter(true);
    assert_eq!(book.ledger.night_of_file("aa").expect("a night"), Some(NIGHT));
    assert_eq!(book.ledger.night_of_file("ab").expect("none"), None);
    assert_eq!(book.ledger.night_of_card("2400140649").expect("a night"), Some(NIGHT));
    assert_eq!(book.ledger.last_night().expect("a night"), Some(NIGHT));
    assert!(book.ledger.knows_night(NIGHT).expect("an answer"));
    assert!(!book.ledger.knows_night(MONDAY).expect("an answer"));
    assert_eq!(book.ledger.lots_of_night(NIGHT, PieceKind::Letter).expect("a count"), 1);
    assert_eq!(book.ledger.lots_of_night(NIGHT, PieceKind::Mailer).expect("a count"), 0);
}

pub(super) fn a_release_is_interrupted_until_it_is_settled(book: &Book) {
    book.enter(true);
    let interrupted = book.ledger.interrupted().expect("a night");
    assert_eq!(interrupted.len(), 1);
    assert_eq!(interrupted[0].files, [("letters/26324A-0001.pdf".to_owned(), "bb".to_owned())]);
    assert_eq!(book.state(1), State::Composed);
    book.ledger.settle(&author()).expect("settled");
    assert!(book.ledger.interrupted().expect("none").is_empty());
    assert_eq!(book.state(1), State::Released);
}

pub(super) fn a_duty_is_never_fulfilled_twice(book: &Book) {
    book.enter(false);
    let (duty, release) = (book.due(NIGHT)[0].duty, book.next_release());
    let writer = book.begin();
    insert_lot(&writer, 2);
    let first = writer.insert_piece(PieceKind::Letter, duty, &piece(1));
    let second = first.and_then(|()| writer.insert_piece(PieceKind::Letter, duty, &piece(2)));
    // The database may report it with a later statement.
    let entered = second.and_then(|()| writer.commit(&release, "{}"));
    assert!(matches!(entered, Err(LedgerError::NoLedger { .. })), "{entered:?}");
    assert!(book.ledger.lots(None).expect("lots").is_empty(), "nothing of a refused entry is kept");
}

pub(super) fn a_night_that_is_dropped_leaves_nothing(book: &Book) {
    let writer = book.begin();
    let record = insert_record(&writer);
    writer.insert_waiting(record, PieceKind::Letter, Some(NIGHT)).expect("a duty");
    drop(writer);
    assert!(book.due(NIGHT).is_empty());
    assert_eq!(book.count("SELECT count(*) FROM record"), 0);
    book.enter(true);
    assert_eq!(book.count("SELECT max(id) FROM record"), 1, "its numbers are used again");
}

pub(super) fn each_release_is_chained_to_the_one_before(book: &Book) {
    assert_eq!(book.ledger.records_taken_in().expect("a count"), 0);
    book.enter(true);
    assert_eq!(book.ledger.records_taken_in().expect("a count"), 1);
    let first = book.ledger.stamp().expect("a history").expect("a release");
    assert_eq!((first.mark.release, first.mark.id.len()), (1, 16));
    book.begin().commit(&book.next_release(), "{ }").expect("entered");
    let second = book.ledger.stamp().expect("a history").expect("a release");
    assert_eq!((second.mark.release, &second.mark.id), (2, &first.mark.id));
    assert_eq!(book.ledger.head_of(1).expect("a history"), Some(first.head));
    assert_eq!(book.ledger.head_of(3).expect("a history"), None);
}

pub(super) fn no_release_number_is_used_twice(book: &Book) {
    book.enter(true);
    let used = book.ledger.stamp().expect("a history").expect("a release").mark;
    assert!(book.begin().commit(&used, "{}").is_err());
    assert_eq!(book.count("SELECT count(*) FROM run"), 1, "nothing of it is kept");
}

pub(super) fn tracking_numbers_follow_the_last_lot(book: &Book) {
    assert_eq!(book.ledger.last_tracking_number().expect("none"), None);
    let writer = book.begin();
    let name = letters();
    let lot = LotEntry {
        name: &name,
        kind: PieceKind::Mailer,
        template: "mailer 00",
        pieces: 25,
        first_tracking: Some(9_000_000_001),
        files: &[],
        cause: "composed and proved",
    };
    writer.insert_lot(&lot).expect("a lot");
    writer.commit(&book.next_release(), "{}").expect("entered");
    assert_eq!(book.ledger.last_tracking_number().expect("one"), Some(9_000_000_025));
}

pub(super) fn a_snapshot_sees_one_state(book: &Book) {
    let reader = book.ledger.again().expect("a reader");
    let snapshot = reader.snapshot().expect("a snapshot");
    assert_eq!(reader.waiting_count().expect("a count"), 0);
    book.enter(true);
    assert_eq!(reader.waiting_count().expect("a count"), 0, "what came later is not seen");
    drop(snapshot);
    assert_eq!(reader.waiting_count().expect("a count"), 1);
}

pub(super) fn foreign_keys_are_refused(book: &Book) {
    book.enter(true);
    let foreign = Book::in_a_file();
    let home = LedgerHome { keys: foreign.home.keys.clone(), ..book.home.clone() };
    assert!(matches!(Ledger::open(&home), Err(LedgerError::Keys(_))));
    let none = LedgerHome { keys: foreign.home.keys.join("none"), ..book.home.clone() };
    assert!(matches!(Ledger::open(&none), Err(LedgerError::Keys(_))));
    let view = Ledger::view(&none).expect("a view, which knows pieces");
    assert!(view.piece("26324A000001").expect("an answer").is_some());
    assert!(matches!(view.with_keys(), Err(LedgerError::Keys(_))), "and no card");
    assert!(!none.keys.exists(), "none are made");
}
