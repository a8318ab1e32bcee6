//! What status reports promise, whatever database keeps the ledger.

use std::collections::BTreeMap;

use super::super::database::Value::{Integer, Text};
use super::super::{Account, PieceFilter, PieceStatus};
use super::*;

/// The lot in which pieces are printed again.
const AGAIN: &str = "26324B";

fn to(state: State, author: &Author) -> Change<'_> {
    Change { state, cause: "camera", author }
}

fn lot_number(book: &Book, name: &str) -> i64 {
    let sql = "SELECT id FROM lot WHERE name = ?1";
    book.ledger.number(sql, &[Text(name)]).expect("a lot").expect("its number")
}

/// Opens the lot of reprints.
fn open_reprint_lot(book: &Book) {
    let sql = "INSERT INTO lot (id, name, kind, night, state, pieces, template, first_tracking)
               SELECT max(id) + 1, ?1, 'letter', '2026-11-23', 'released', 0, 'card-letter 00', NULL FROM lot";
    book.ledger.db.execute_now(sql, &[Text(AGAIN)]).expect("a lot");
    let lot = lot_number(book, AGAIN);
    book.ledger
        .append_event(lot, None, State::Released, "files in place", None, &author())
        .expect("released");
}

/// Prints a piece again and returns the sequence of its reprint.
fn print_again(book: &Book, lot: &str, sequence: u32) -> u32 {
    let again = Integer(lot_number(book, AGAIN));
    let (lot, sequence) = (Integer(lot_number(book, lot)), Integer(i64::from(sequence)));
    let sql = "INSERT INTO piece (lot, sequence, duty, attempt, file, first_page, pages)
               SELECT ?3, (SELECT pieces + 1 FROM lot WHERE id = ?3), duty,
                   (SELECT max(attempt) + 1 FROM piece print WHERE print.duty = piece.duty), 0, 1, 1
               FROM piece WHERE lot = ?1 AND sequence = ?2";
    assert_eq!(book.ledger.db.execute_now(sql, &[lot, sequence, again]).expect("a piece"), 1);
    book.ledger
        .db
        .execute_now("UPDATE lot SET pieces = pieces + 1 WHERE id = ?1", &[again])
        .expect("counted");
    let pieces = book.ledger.number("SELECT pieces FROM lot WHERE id = ?1", &[again]).expect("a count");
    u32::try_from(pieces.expect("a count")).expect("small")
}

fn account(book: &Book) -> Account {
    book.ledger.account(&letters(), PieceKind::Letter).expect("an answer").expect("a lot")
}

fn found(book: &Book, filter: PieceFilter) -> Vec<String> {
    let mut found = Vec::new();
    let told = book.ledger.each_piece(&filter, |piece| {
        found.push(piece.piece_id);
        Ok::<_, LedgerError>(())
    });
    told.expect("pieces");
    found
}

fn the_piece(book: &Book, id: &str) -> PieceStatus {
    book.ledger.piece(id).expect("an answer").expect("a piece")
}

pub(super) fn a_piece_shows_its_past_and_all_its_prints(book: &Book) {
    book.release(3);
    open_reprint_lot(book);
    let author = author();
    book.ledger.move_pieces(&[place(2)], &to(State::Missing, &author)).expect("missing");
    book.ledger.move_lot(&letters(), PieceKind::Letter, &to(State::Dispatched, &author)).expect("dispatched");
    book.ledger.move_pieces(&[place(2)], &to(State::Reprinted, &author)).expect("reprinted");
    assert_eq!(print_again(book, "26324A", 2), 1);
    let past = |id: &str| {
        let detail = book.ledger.detail(the_piece(book, id), false).expect("a past");
        let states: Vec<State> = detail.history.iter().map(|event| event.state).collect();
        (states, detail)
    };
    let (states, stayed) = past("26324A000001");
    assert_eq!(states, [State::Composed, State::Released, State::Dispatched], "that of its lot");
    assert_eq!(stayed.piece.dispatched.as_deref(), stayed.piece.since.as_deref().and_then(|at| at.get(..10)));
    let (states, departed) = past("26324A000002");
    let own = [State::Composed, State::Released, State::Missing, State::Reprinted];
    assert_eq!(states, own, "its lot's until it departed, and its own");
    assert_eq!((departed.piece.state, departed.piece.dispatched), (State::Reprinted, None));
    let prints: Vec<String> = departed.attempts.into_iter().map(|piece| piece.piece_id).collect();
    assert_eq!(prints, ["26324A000002", "26324A000002.1"]);
    let (states, reprint) = past("26324A000002.1");
    assert_eq!(states, [State::Released]);
    assert_eq!((reprint.piece.lot.as_str(), reprint.piece.sequence, reprint.piece.attempt), (AGAIN, 1, 1));
    assert_eq!(book.ledger.piece("26324A000002.2").expect("an answer"), None);
    assert_eq!(book.ledger.piece("26324A\\000002").expect("an answer"), None, "no mailer");
    let of_card = book.ledger.pieces_of_card("2400140649").expect("pieces");
    assert_eq!(of_card.len(), 4, "three originals and a reprint");
    assert!(book.ledger.pieces_of_card("2400140650").expect("none").is_empty());
}

pub(super) fn pieces_are_found_by_lot_night_kind_and_state(book: &Book) {
    book.release(4);
    open_reprint_lot(book);
    let author = author();
    book.ledger.move_pieces(&[place(2), place(3)], &to(State::Spoiled, &author)).expect("spoiled");
    book.ledger.move_pieces(&[place(3)], &to(State::Reprinted, &author)).expect("reprinted");
    print_again(book, "26324A", 3);
    let all = PieceFilter::default;
    let lot = |name: &str| Some((LotName::parse(name).expect("a lot"), PieceKind::Letter));
    let states = |states: &[State]| Some(states.to_vec());
    let originals = ["26324A000001", "26324A000002", "26324A000003", "26324A000004"];
    assert_eq!(found(book, PieceFilter { lot: lot("26324A"), ..all() }), originals);
    assert_eq!(found(book, PieceFilter { lot: lot(AGAIN), ..all() }), ["26324A000003.1"]);
    assert_eq!(found(book, all()).len(), 5);
    assert_eq!(found(book, PieceFilter { night: Some(NIGHT), ..all() }), originals);
    assert_eq!(found(book, PieceFilter { night: Some(MONDAY), ..all() }), ["26324A000003.1"]);
    assert!(found(book, PieceFilter { kind: Some(PieceKind::Mailer), ..all() }).is_empty());
    let released = PieceFilter { states: states(&[State::Released]), ..all() };
    assert_eq!(
        found(book, released),
        ["26324A000003.1", "26324A000001", "26324A000004"],
        "the newest lot first"
    );
    let spoiled = PieceFilter { states: states(&[State::Spoiled, State::Missing]), ..all() };
    assert_eq!(found(book, spoiled.clone()), ["26324A000002"]);
    assert!(found(book, PieceFilter { night: Some(MONDAY), ..spoiled.clone() }).is_empty());
    assert!(spoiled.admits(&the_piece(book, "26324A000002")));
    assert!(!spoiled.admits(&the_piece(book, "26324A000001")));
    let counted = book.ledger.lots(Some("26324A")).expect("lots")[0].states.clone();
    let expected = [("released", 2), ("reprinted", 1), ("spoiled", 1)];
    assert_eq!(counted, BTreeMap::from(expected.map(|(state, pieces)| (state.to_owned(), pieces))));
}

pub(super) fn a_mailer_is_found_by_its_tracking_number(book: &Book) {
    let writer = book.begin();
    let record = insert_record(&writer);
    for sequence in 1..=2 {
        let duty = writer.insert_leaving(record, PieceKind::Mailer).expect("a duty");
        writer.insert_piece(PieceKind::Mailer, duty, &piece(sequence)).expect("a piece");
    }
    let name = letters();
    let lot = LotEntry {
        name: &name,
        kind: PieceKind::Mailer,
        template: "mailer 00",
        pieces: 2,
        first_tracking: Some(97_959),
        files: &[],
        cause: "composed and proved",
    };
    writer.insert_lot(&lot).expect("a lot");
    writer.commit(&book.next_release(), "{}").expect("entered");
    let of = |number| book.ledger.mailers_of_tracking(number).expect("an answer");
    assert!(of(97_958).is_empty() && of(97_961).is_empty());
    let second = of(97_960);
    assert_eq!((second.len(), second[0].piece_id.as_str()), (1, "26324A\\000002"));
    assert_eq!(second[0].tracking_number, Some(97_960));
}

pub(super) fn what_waits_is_counted_by_day(book: &Book) {
    book.enter(false);
    let waiting: Vec<(Option<String>, i64)> =
        (book.ledger.waiting_by_day().expect("days").into_iter()).map(|day| (day.due, day.pieces)).collect();
    assert_eq!(waiting, [(Some("2026-11-20".to_owned()), 1), (None, 1)], "the mailer waits for its letter");
    let planned = book.ledger.planned_of_card("2400140649").expect("pieces");
    let kinds: Vec<&str> = planned.iter().map(|piece| piece.kind.as_str()).collect();
    assert_eq!(kinds, ["letter", "mailer"]);
    assert_eq!((planned[0].state, planned[0].due.as_deref()), (State::Planned, Some("2026-11-20")));
    let mut due = 0;
    let told = book.ledger.each_planned(None, Some(NIGHT), false, |piece| {
        due += 1;
        assert_eq!(piece.card_number, None);
        Ok::<_, LedgerError>(())
    });
    told.expect("pieces");
    assert_eq!(due, 1);
    let mut named = Vec::new();
    let told = book.ledger.each_planned(None, None, true, |piece| {
        named.push((piece.kind, piece.card_number));
        Ok::<_, LedgerError>(())
    });
    told.expect("pieces");
    let letter = ("letter".to_owned(), Some("2400140649".to_owned()));
    assert_eq!(named, [letter, ("mailer".to_owned(), None)], "a mailer leads to no card");
    assert!(book.ledger.knows_card("2400140649").expect("an answer"));
    assert!(!book.ledger.knows_card("2400140650").expect("an answer"));
}

pub(super) fn a_renewal_counts_from_the_day_on_which_it_is_due(book: &Book) {
    let writer = book.begin();
    let issuance = record();
    let body = serde_json::to_vec(&issuance).expect("JSON");
    let key = &book.ledger.record_key(&issuance);
    let new = NewRecord { key, reason: "renewal", source_file: "a", line: 2, body: &body };
    let renewal = writer.insert_record(&new).expect("a record");
    writer.insert_waiting(renewal, PieceKind::Letter, Some(date(2027, 3, 1))).expect("a duty");
    writer.insert_waiting(renewal, PieceKind::Mailer, None).expect("its mailer");
    writer.commit(&book.next_release(), "{}").expect("entered");
    for piece in book.ledger.planned_of_card("2400140649").expect("pieces") {
        assert_eq!((piece.requested.as_str(), piece.counted_from.as_str()), ("2026-11-20", "2027-03-01"));
    }
}

pub(super) fn a_purged_record_says_so_and_its_pieces_stay(book: &Book) {
    let writer = book.begin();
    let issuance = Issuance { client_ref: "A-17".to_owned(), ..record() };
    let record = insert_issuance(&writer, &issuance);
    let duty = writer.insert_leaving(record, PieceKind::Letter).expect("a duty");
    writer.insert_piece(PieceKind::Letter, duty, &piece(1)).expect("a piece");
    insert_lot(&writer, 1);
    writer.commit(&book.next_release(), "{}").expect("entered");
    let detail = || {
        let pieces = book.ledger.pieces_of_card("2400140649").expect("pieces");
        book.ledger.detail(pieces[0].clone(), true).expect("a past")
    };
    let (reference, purged) = (detail().client_ref, detail().piece.purged);
    assert_eq!((reference.as_deref(), purged), (Some("A-17"), None));
    let sql = "UPDATE record SET body = NULL, purged = '2027-03-01'";
    book.ledger.db.execute_now(sql, &[]).expect("purged");
    let (reference, purged) = (detail().client_ref, detail().piece.purged);
    assert_eq!((reference, purged.as_deref()), (None, Some("2027-03-01")));
}

/// What was done with a piece before it left, by its states.
fn outcome(states: &[State]) -> &'static str {
    let before = states.iter().take_while(|state| **state != State::Dispatched);
    let neutral = [State::Released, State::Reprinted, State::Returned, State::Destroyed];
    match before.filter(|state| !neutral.contains(state)).last() {
        Some(state) => state.code(),
        None => "not_reported",
    }
}

/// A lot whose pieces and reprints move as they may, at random.
struct Walk<'b> {
    book: &'b Book,
    random: fastrand::Rng,
    /// The states of each piece, by lot and sequence.
    states: BTreeMap<(&'static str, u32), Vec<State>>,
    lots: BTreeMap<&'static str, State>,
}

impl Walk<'_> {
    fn present(&self, piece: (&'static str, u32)) -> State {
        *self.states[&piece].last().expect("a state")
    }

    fn move_a_piece(&mut self) {
        let pieces: Vec<(&'static str, u32)> = self.states.keys().copied().collect();
        let (lot, sequence) = pieces[self.random.usize(..pieces.len())];
        let Some(next) = self.random.choice(self.present((lot, sequence)).followers()) else { return };
        let place =
            PiecePlace { lot: LotName::parse(lot).expect("a lot"), kind: PieceKind::Letter, sequence };
        self.book.ledger.move_pieces(&[place], &to(*next, &author())).expect("it may");
        self.states.entry((lot, sequence)).or_default().push(*next);
        if *next == State::Reprinted {
            let again = print_again(self.book, lot, sequence);
            self.states.insert((AGAIN, again), vec![self.lots[AGAIN]]);
        }
    }

    fn move_a_lot(&mut self) {
        let lot = if self.random.bool() { "26324A" } else { AGAIN };
        let next = self.random.choice(self.lots[lot].followers()).copied();
        let Some(next) = next.filter(|next| *next != State::Reprinted) else { return };
        let before = self.lots[lot];
        let name = LotName::parse(lot).expect("a lot");
        let departed = self.departed(lot);
        self.book.ledger.move_lot(&name, PieceKind::Letter, &to(next, &author())).expect("it may");
        self.lots.insert(lot, next);
        for ((_, sequence), states) in self.states.iter_mut().filter(|((of, _), _)| *of == lot) {
            let last = *states.last().expect("a state");
            let follows = if departed.contains(sequence) { last.allows(next) } else { last == before };
            if follows {
                states.push(next);
            }
        }
    }

    /// The pieces of a lot that have a state of their own.
    fn departed(&self, lot: &str) -> Vec<u32> {
        let sql = "SELECT sequence FROM piece WHERE lot = ?1 AND state IS NOT NULL";
        let lot = Integer(lot_number(self.book, lot));
        let sequences = self.book.ledger.list(sql, &[lot], |row| row.need_count(0)).expect("pieces");
        sequences.into_iter().map(|sequence| u32::try_from(sequence).expect("small")).collect()
    }
}

pub(super) fn the_account_of_a_lot_always_balances(book: &Book) {
    book.release(12);
    open_reprint_lot(book);
    let pieces = (1..=12).map(|sequence| (("26324A", sequence), vec![State::Released]));
    let mut walk = Walk {
        book,
        random: fastrand::Rng::with_seed(26_324),
        states: pieces.collect(),
        lots: BTreeMap::from([("26324A", State::Released), (AGAIN, State::Released)]),
    };
    let mut reprints = 0;
    for step in 0..150 {
        if step % 30 == 29 {
            walk.move_a_lot()
        } else {
            walk.move_a_piece()
        }
        let account = account(book);
        assert!(account.balances, "after step {step}: {account:?}");
        let mut expected: BTreeMap<&str, u64> = BTreeMap::new();
        for (_, states) in walk.states.iter().filter(|((lot, _), _)| *lot == "26324A") {
            *expected.entry(outcome(states)).or_default() += 1;
        }
        let outcomes = account.tally.outcomes().map(|(name, pieces)| (name.replace(' ', "_"), pieces));
        for (name, pieces) in outcomes {
            assert_eq!(
                pieces,
                expected.get(name.as_str()).copied().unwrap_or_default(),
                "{name}, step {step}"
            );
        }
        let dispatched = walk
            .states
            .iter()
            .filter(|((lot, _), states)| *lot == "26324A" && states.contains(&State::Dispatched));
        assert_eq!(account.tally.dispatched, dispatched.count() as u64, "step {step}");
        reprints = account.reprints.iter().map(|reprint| reprint.tally.pieces).sum();
        assert_eq!(reprints as usize, walk.states.len() - 12, "step {step}");
    }
    assert!(reprints > 0, "the walk prints something again");
}

pub(super) fn an_account_balances_once_events_are_purged(book: &Book) {
    book.release(2);
    let author = author();
    book.ledger.move_pieces(&[place(1)], &to(State::Missing, &author)).expect("missing");
    book.ledger.move_lot(&letters(), PieceKind::Letter, &to(State::Dispatched, &author)).expect("dispatched");
    let db = &book.ledger.db;
    db.execute_now("INSERT INTO note (name, value) VALUES ('purging', 1)", &[]).expect("noted");
    db.execute_now("DELETE FROM event WHERE state <> 'dispatched'", &[]).expect("purged");
    let missing = the_piece(book, "26324A000001");
    assert_eq!((missing.state, &missing.since, &missing.dispatched), (State::Missing, &None, &None));
    assert!(
        book.ledger.detail(missing, true).expect("a past").history.is_empty(),
        "its lot's later event is not its own"
    );
    let account = account(book);
    assert!(account.balances, "{account:?}");
    assert_eq!((account.tally.missing, account.tally.dispatched), (1, 1));
}

pub(super) fn an_account_that_does_not_balance_says_why(book: &Book) {
    book.release(3);
    open_reprint_lot(book);
    let author = author();
    assert!(account(book).balances);
    book.ledger.move_pieces(&[place(1)], &to(State::Spoiled, &author)).expect("spoiled");
    book.ledger.move_pieces(&[place(1)], &to(State::Reprinted, &author)).expect("reprinted");
    let faults = account(book).faults;
    assert_eq!(faults, ["piece 1 is marked as printed again, and has no reprint"]);
    print_again(book, "26324A", 1);
    assert!(account(book).balances);
    print_again(book, "26324A", 2);
    assert_eq!(account(book).faults, ["piece 2 has a reprint, and is not marked as printed again"]);
    let db = &book.ledger.db;
    db.execute_now("UPDATE piece SET state = 'missing' WHERE sequence = 3", &[]).expect("changed");
    db.execute_now("DELETE FROM piece WHERE attempt = 1 AND sequence = 2", &[]).expect("deleted");
    let found = account(book);
    assert!(!found.balances);
    assert_eq!(found.faults, ["piece 3 is missing, and no event says so"]);
    db.execute_now("UPDATE lot SET pieces = 4 WHERE name = '26324A'", &[]).expect("changed");
    assert_eq!(account(book).faults[1], "the lot has 4 pieces, and the ledger 3");
}
