//! What a ledger promises, whatever database keeps it: each promise is tested on each of them.

mod care;
mod events;
mod forgetting;
mod nights;
mod records;
mod reprinting;
mod returning;
mod settling;
mod statuses;
mod word;

use jiff::civil::{Date, date};

use statuses::*;

use super::event::{Change, PiecePlace};
use super::postgres::tests::postgres_server;
use super::{
    Author, Finding, Ledger, LedgerError, LetterState, LotEntry, NewRecord, NightWriter, PieceEntry,
    ReleaseMark, State, Waiting,
};
use care::*;
use events::*;
use forgetting::*;
use nights::*;
use records::*;
use reprinting::*;
use returning::*;
use settling::*;
use word::*;

use crate::job::{LedgerHome, LedgerLocation, ServerAddress};
use mail::issuance::Issuance;
use mail::lot::LotName;
use mail::piece::PieceKind;

/// The promises, each a test of each database.
macro_rules! promises {
    ($($promise:ident,)*) => {
        mod sqlite {
            $(#[test] fn $promise() { super::$promise(&super::Book::in_a_file()) })*
        }
        mod postgres {
            $(#[test] fn $promise() {
                let Some(book) = super::Book::on_a_server() else { return };
                super::$promise(&book)
            })*
        }
    };
}

promises! {
    a_mailer_is_due_once_its_letter_has_left,
    a_mailer_of_a_letter_that_leaves_at_once_is_due_on_its_day,
    files_and_cards_are_remembered_by_night,
    a_release_is_interrupted_until_it_is_settled,
    a_duty_is_never_fulfilled_twice,
    a_night_that_is_dropped_leaves_nothing,
    each_release_is_chained_to_the_one_before,
    no_release_number_is_used_twice,
    holders_and_addresses_are_known_by_their_marks,
    a_dead_card_names_the_one_that_replaced_it,
    a_superseded_record_sends_nothing,
    findings_and_summaries_come_back_as_they_were,
    a_piece_departs_from_its_lot_and_keeps_its_own_state,
    a_state_that_may_not_follow_is_refused_and_nothing_moves,
    an_event_is_never_changed,
    event_numbers_have_no_gap,
    tracking_numbers_follow_the_last_lot,
    a_snapshot_sees_one_state,
    foreign_keys_are_refused,
    a_piece_shows_its_past_and_all_its_prints,
    pieces_are_found_by_lot_night_kind_and_state,
    a_mailer_is_found_by_its_tracking_number,
    what_waits_is_counted_by_day,
    a_renewal_counts_from_the_day_on_which_it_is_due,
    a_purged_record_says_so_and_its_pieces_stay,
    the_account_of_a_lot_always_balances,
    an_account_balances_once_events_are_purged,
    an_account_that_does_not_balance_says_why,
    a_name_stays_for_its_days_after_dispatch,
    a_dispatch_that_came_later_counts,
    what_waits_stays_under_another_key_when_its_month_is_over,
    a_missing_piece_keeps_its_record,
    a_held_card_is_not_forgotten_until_it_is_let_go,
    a_late_return_is_known_and_booked_after_a_purge,
    events_end_after_their_days_and_pieces_keep_their_state,
    what_was_forgotten_stays_so_in_a_restored_ledger,
    a_person_is_found_by_card_and_by_identifier,
    an_erased_person_stays_erased,
    a_reprint_is_the_next_attempt_of_its_duty_and_its_lot_none_of_the_night,
    a_piece_that_has_left_meanwhile_is_not_printed_again,
    a_card_that_was_given_up_comes_back_until_its_new_record_is_taken_in,
    an_attempt_is_printed_once,
    a_backup_is_restored_to_either_database,
    an_export_is_imported_by_either_database_whole_or_not_at_all,
    a_check_finds_rows_that_contradict_each_other,
    what_is_reported_twice_is_booked_once,
    a_booking_that_may_not_be_leaves_nothing,
    a_settled_lot_is_inserted_except_what_is_missing,
    a_recalled_lot_takes_along_what_may_still_leave,
    a_stranger_is_kept_as_a_hash,
    a_letter_that_does_not_leave_holds_its_mailer,
    mailers_are_found_by_their_letters,
    a_return_is_booked_once_and_joined_in_its_pile,
    every_piece_that_was_printed_may_come_back,
    an_undone_return_leaves_the_piece_where_it_was,
    a_letter_that_came_back_holds_its_mailer_until_it_is_let_go,
    an_address_is_held_by_its_returns_until_it_is_let_go,
    a_picture_is_known_by_its_digest_and_page,
    a_box_is_nobody_elses,
    a_return_shows_its_label_and_what_was_issued_instead,
    a_purge_leaves_a_return_its_day_and_reason,
    an_erased_person_takes_pictures_along,
    a_day_is_news_once,
    an_event_of_a_lot_is_told_of_each_piece_that_was_there,
    a_reprint_is_told_by_its_own_reference,
    records_say_what_waits_and_erased_persons_are_left_out,
    purged_names_are_told_no_more,
    what_a_purge_left_to_write_is_remembered,
}

const RECORD: &str = r#"{"card_number":"2400140649","family":"CPS","reason":"first",
    "requested_at":"2026-11-20T10:00:00","ps_id_nat":"810003879623",
    "holder":{"named":{"last_name":"Martin","first_name":"Zoé"}},"organisation":"",
    "address":ADDRESS,"status":"issued"}"#;

const NIGHT: Date = date(2026, 11, 20);
const MONDAY: Date = date(2026, 11, 23);

pub(super) fn record() -> Issuance {
    let lines = ["MME MARTIN", "", "", "9 RUE HAUTE", "", "75015 PARIS"];
    let (address, _) = mail::address::PostalAddress::build(lines, "", "").expect("an address");
    let address = serde_json::to_string(&address).expect("JSON");
    serde_json::from_str(&RECORD.replace("ADDRESS", &address)).expect("a record")
}

/// A ledger with its home.
pub(super) struct Book {
    _folder: tempfile::TempDir,
    pub(super) home: LedgerHome,
    pub(super) ledger: Ledger,
}

impl Book {
    pub(super) fn in_a_file() -> Book {
        let folder = tempfile::tempdir().expect("a folder");
        let location = LedgerLocation::File(folder.path().join("job/ledger.db"));
        let home = LedgerHome { location, keys: folder.path().join("job/keys/ledger") };
        let ledger = Ledger::open(&home).expect("a ledger");
        Book { _folder: folder, home, ledger }
    }

    /// In a database of its own; `None` where PostgreSQL is not installed.
    fn on_a_server() -> Option<Book> {
        let folder = tempfile::tempdir().expect("a folder");
        let address = ServerAddress::parse(&postgres_server::shared()?.database());
        let address = address.expect("an address").expect("a good one");
        let location = LedgerLocation::Server(address);
        let home = LedgerHome { location, keys: folder.path().join("job/keys/ledger") };
        let ledger = Ledger::open(&home).expect("a ledger");
        Some(Book { _folder: folder, home, ledger })
    }

    fn begin(&self) -> NightWriter<'_> {
        self.ledger.begin(NIGHT, MONDAY, author()).expect("a writer")
    }

    /// Enters a record with a letter and a mailer. The letter leaves if `leaves`.
    pub(super) fn enter(&self, leaves: bool) {
        let writer = self.begin();
        writer.insert_file("aa", "inbox/cards.csv", 1).expect("a file");
        let record = insert_record(&writer);
        if leaves {
            let duty = writer.insert_leaving(record, PieceKind::Letter).expect("a duty");
            writer.insert_piece(PieceKind::Letter, duty, &piece(1)).expect("a piece");
            insert_lot(&writer, 1);
            writer.insert_follower(record).expect("its mailer");
        } else {
            writer.insert_waiting(record, PieceKind::Letter, Some(NIGHT)).expect("a duty");
            writer.insert_waiting(record, PieceKind::Mailer, None).expect("its mailer");
        }
        writer.commit(&self.next_release(), "{}").expect("entered");
    }

    /// Enters a lot of letters and settles it.
    fn release(&self, pieces: u32) {
        let writer = self.begin();
        for sequence in 1..=pieces {
            let record = insert_record(&writer);
            let duty = writer.insert_leaving(record, PieceKind::Letter).expect("a duty");
            writer.insert_piece(PieceKind::Letter, duty, &piece(sequence)).expect("a piece");
        }
        insert_lot(&writer, u64::from(pieces));
        writer.commit(&self.next_release(), "{}").expect("entered");
        self.ledger.settle(&author()).expect("settled");
    }

    /// Prints the letter that waits for the night.
    fn release_due(&self) {
        let duty = self.due(NIGHT)[0].duty;
        let writer = self.begin();
        writer.release_duty(duty, PieceKind::Letter).expect("released");
        writer.insert_piece(PieceKind::Letter, duty, &piece(1)).expect("a piece");
        insert_lot(&writer, 1);
        writer.commit(&self.next_release(), "{}").expect("entered");
    }

    /// The release that follows the last one.
    fn next_release(&self) -> ReleaseMark {
        let last = self.ledger.stamp().expect("a stamp");
        last.map_or_else(|| ReleaseMark::first("2026-11-20", ["aa"].into_iter()), |last| last.mark.next())
    }

    fn due(&self, day: Date) -> Vec<Waiting> {
        let mut due = Vec::new();
        let told = self.ledger.due(day, None, |waiting| {
            due.push(waiting);
            Ok::<_, LedgerError>(())
        });
        told.expect("duties");
        due
    }

    fn state(&self, sequence: u32) -> State {
        let id = letters().piece_id(PieceKind::Letter, sequence);
        self.ledger.piece(&id).expect("an answer").expect("a piece").state
    }

    fn count(&self, sql: &str) -> u64 {
        self.ledger.count(sql, &[]).expect("a count")
    }
}

fn author() -> Author {
    Author { name: "operator".to_owned() }
}

fn letters() -> LotName {
    LotName::new(NIGHT, 0).expect("a lot")
}

fn insert_record(writer: &NightWriter) -> i64 {
    insert_issuance(writer, &record())
}

fn insert_issuance(writer: &NightWriter, issuance: &Issuance) -> i64 {
    let body = serde_json::to_vec(issuance).expect("JSON");
    let source_file = "inbox/cards.csv";
    let key = &writer.ledger().record_key(issuance);
    let new = NewRecord { key, reason: "first", source_file, line: 2, body: &body };
    writer.insert_record(&new).expect("a record")
}

fn insert_lot(writer: &NightWriter, pieces: u64) {
    let files = [("letters/26324A-0001.pdf".to_owned(), "bb".to_owned())];
    let (name, template) = (letters(), "card-letter 00");
    let kind = PieceKind::Letter;
    let lot = LotEntry {
        name: &name,
        kind,
        template,
        pieces,
        first_tracking: None,
        files: &files,
        cause: "composed and proved",
    };
    writer.insert_lot(&lot).expect("a lot");
}

fn piece(sequence: u32) -> PieceEntry {
    PieceEntry { sequence, attempt: 0, file: 0, first_page: sequence, pages: 1 }
}

fn place(sequence: u32) -> PiecePlace {
    PiecePlace { lot: letters(), kind: PieceKind::Letter, sequence }
}
