//! Each rule by hand.

use mail::inserter::InsertStatus::{Attention, Damaged, None as Unset, Pulled};
use mail::inserter::Lists;

use super::super::judgement::Alarm;
use super::super::{Judgement, Standing};
use super::*;
use crate::inserting::results::{RowFault, RowProblem};

fn sequences(alarms: &[Alarm]) -> Vec<u32> {
    alarms.iter().map(|alarm| alarm.sequence).collect()
}

/// Judges one report that goes on.
fn one(lot: &InventedLot, report: MachineReport) -> Judgement {
    judge(lot, &[report], false)
}

/// Judges rows as the only report, to the end.
fn all_of(pieces: u32, reads: Vec<Read>) -> Judgement {
    judge(&InventedLot::of(pieces), &[report(reads)], true)
}

/// Good reads of pieces, with a text in between.
fn around(before: &[u32], between: Vec<Read>, after: &[u32]) -> Vec<Read> {
    let good = |sequences: &[u32]| sequences.iter().map(|own| read(&number(*own))).collect::<Vec<_>>();
    [good(before), between, good(after)].concat()
}

fn listing(lists: Lists, reads: Vec<Read>) -> MachineReport {
    MachineReport { lists, ..report(reads) }
}

mod order {
    use super::*;

    #[test]
    fn a_lot_that_was_read_whole_settles() {
        let judgement = one(&InventedLot::of(5), of_pieces(1..=5));
        assert_eq!(judgement.good, [1, 2, 3, 4, 5]);
        assert!(judgement.settles);
        assert_eq!(judgement.passages.len(), 5);
        assert_eq!(judgement.last_at, "2026-11-24T09:00:25");
        assert_eq!(judgement.counts.cameras, [(String::new(), 5)]);
    }

    #[test]
    fn what_a_growing_file_has_not_reached_is_pending() {
        let judgement = one(&InventedLot::of(9), of_pieces([1, 2, 4, 5]));
        assert_eq!((judgement.missing, judgement.pending), (vec![3], 4));
        assert!(!judgement.settles);
    }

    #[test]
    fn a_stack_fed_from_its_end_is_in_order() {
        let judgement = one(&InventedLot::of(9), of_pieces([9, 8, 6, 5]));
        assert_eq!((judgement.missing, judgement.pending), (vec![7], 4));
    }

    #[test]
    fn the_end_settles_and_so_does_an_end_mark_and_a_file_without_order() {
        let lot = InventedLot::of(6);
        let ended = MachineReport { ended: true, ..of_pieces([1, 2, 3]) };
        assert_eq!(judge(&lot, &[of_pieces([1, 2, 3])], true).missing, [4, 5, 6]);
        assert_eq!(one(&lot, ended).missing, [4, 5, 6]);
        let shuffled = one(&lot, of_pieces([3, 1, 4, 2]));
        assert_eq!(shuffled.missing, [5, 6]);
        assert!(shuffled.settles);
    }

    #[test]
    fn a_swapped_pair_among_the_first_reads_is_order() {
        for reads in [
            &[2, 1][..],
            &[1, 3, 2],
            &[2, 1, 3, 4, 5],
            &[60, 59],
            &[59, 60],
            &[40, 41],
            &[59, 60, 58],
            &[60, 58, 59, 57],
            &[60, 59, 57, 58, 56, 55, 53, 54, 52],
        ] {
            let judgement = one(&InventedLot::of(60), of_pieces(reads.iter().copied()));
            assert_eq!(
                (judgement.missing.len(), judgement.pending),
                (0, 60 - reads.len() as u32),
                "{reads:?}"
            );
        }
    }

    #[test]
    fn one_read_says_nothing_of_the_others() {
        assert_eq!(one(&InventedLot::of(9), of_pieces([7])).pending, 8);
        assert_eq!(one(&InventedLot::of(9), report(Vec::new())).pending, 9);
    }

    #[test]
    fn a_lone_read_far_ahead_leaves_the_rest_pending() {
        let lot = InventedLot::of(90);
        let ahead = one(&lot, of_pieces((1..=10).chain([60])));
        assert_eq!((ahead.missing.len(), ahead.pending), (0, 79));
        let two = one(&lot, of_pieces((1..=10).chain([60, 61])));
        assert_eq!((two.missing.len(), two.pending), (49, 29));
        let near = one(&lot, of_pieces((1..=10).chain([35])));
        assert_eq!(near.missing.len(), 24);
    }

    #[test]
    fn positions_restore_the_order_of_rows() {
        let reads = [4, 1, 3, 2].map(|own: u32| read(&number(own)).on(u64::from(own)));
        assert_eq!(one(&InventedLot::of(6), report(reads.to_vec())).pending, 2);
    }

    #[test]
    fn the_furthest_camera_counts() {
        let by = |camera: &str, pieces: u32| {
            (1..=pieces).map(|own| read(&number(own)).by(camera)).collect::<Vec<_>>()
        };
        let without_four = by("a", 6).into_iter().filter(|read| read.value != number(4)).collect();
        let judgement = judge(&InventedLot::of(9), &[report(without_four), report(by("b", 3))], false);
        assert_eq!((judgement.missing, judgement.pending), (vec![4], 3));
    }

    #[test]
    fn a_second_read_near_the_one_ahead_counts_in_any_order() {
        let judgement = one(&InventedLot::of(90), of_pieces((1..=10).chain([60, 59])));
        assert_eq!(judgement.missing.len(), 48);
    }
}

mod passages {
    use super::*;

    #[test]
    fn two_reads_at_one_camera_are_a_duplicate() {
        let judgement = one(&InventedLot::of(4), of_pieces([1, 2, 2, 3, 4]));
        assert_eq!(judgement.good, [1, 3, 4]);
        assert_eq!((sequences(&judgement.duplicates), judgement.duplicates[0].line), (vec![2], 4));
        assert_eq!(judgement.tally.duplicate, 1);
        assert!(judgement.settles);
    }

    #[test]
    fn two_cameras_make_one_passage() {
        let twice = |own: u32| [read(&number(own)).by("a"), read(&number(own)).by("b")];
        let judgement = one(&InventedLot::of(3), report((1..=3).flat_map(twice).collect()));
        assert_eq!(judgement.good, [1, 2, 3]);
        assert_eq!(judgement.counts.cameras, [("a".into(), 3), ("b".into(), 3)]);
    }

    #[test]
    fn a_read_without_camera_may_be_of_any() {
        let reads =
            vec![read(&number(1)).by("a"), read(&number(1)), read(&number(2)), read(&number(2)).by("a")];
        assert_eq!(sequences(&all_of(2, reads).duplicates), [1, 2]);
    }

    #[test]
    fn a_file_given_twice_or_grown_is_read_once() {
        let lot = InventedLot::of(5);
        let twice = judge(&lot, &[of_pieces(1..=5), of_pieces(1..=5)], false);
        assert_eq!((twice.good.len(), twice.counts.repeated), (5, 5));
        let first = one(&lot, of_pieces(1..=3));
        let second = one(&lot.book(&first), of_pieces(1..=5));
        assert!(second.duplicates.is_empty());
        assert_eq!(second.passages.iter().map(|passage| passage.sequence).collect::<Vec<_>>(), [4, 5]);
    }

    #[test]
    fn equal_rows_of_one_file_are_two_reads() {
        let row = || read(&number(1)).at("2026-11-24T09:00:00");
        assert_eq!(sequences(&all_of(1, vec![row(), row()]).duplicates), [1]);
    }

    #[test]
    fn equal_rows_without_time_and_position_are_one_read_in_a_grown_file_only() {
        let plain = |sequences: &[u32]| {
            let reads = sequences.iter().map(|own| read(&number(*own))).collect();
            MachineReport { reads, ..report(Vec::new()) }
        };
        let lot = InventedLot::of(4);
        assert!(judge(&lot, &[plain(&[1, 2]), plain(&[1, 2, 3])], true).duplicates.is_empty());
        assert_eq!(sequences(&judge(&lot, &[plain(&[1, 2]), plain(&[3, 2])], true).duplicates), [2]);
    }

    #[test]
    fn a_second_read_after_a_booked_one_is_a_duplicate() {
        let lot = InventedLot::of(2);
        let lot = lot.book(&one(&InventedLot::of(2), of_pieces([1, 2])));
        let again = vec![read(&number(2)).at("2026-11-24T11:00:00")];
        assert_eq!(sequences(&one(&lot, report(again.clone())).duplicates), [2]);
        let elsewhere = again.into_iter().map(|read| read.by("b")).collect();
        assert_eq!(
            sequences(&one(&lot, report(elsewhere)).duplicates),
            [2],
            "the first read names no camera"
        );
    }

    #[test]
    fn a_booked_passage_is_not_missing_in_another_file() {
        let lot = InventedLot::of(5).book(&one(&InventedLot::of(5), of_pieces([1, 2])));
        let judgement = judge(&lot, &[of_pieces([3, 4, 5])], true);
        assert_eq!((judgement.missing.len(), judgement.tally.stopped), (0, 2));
        assert!(judgement.settles);
    }

    #[test]
    fn a_missing_piece_that_is_read_is_found() {
        let judgement = one(&InventedLot::of(3).with(2, Standing::Missing), of_pieces(1..=3));
        assert_eq!((judgement.good, judgement.found), (vec![1, 3], vec![2]));
        let unseen = judge(&InventedLot::of(3).with(2, Standing::Missing), &[of_pieces([1, 3])], true);
        assert_eq!((unseen.missing.len(), unseen.tally.missing), (0, 1));
    }

    #[test]
    fn a_stopped_piece_stays_stopped() {
        let judgement = one(&InventedLot::of(3).with(2, Standing::Stopped), of_pieces(1..=3));
        assert_eq!((judgement.good, judgement.tally.stopped), (vec![1, 3], 1));
    }

    #[test]
    fn an_accepted_piece_is_not_judged_again() {
        let judgement = one(&InventedLot::of(2), of_pieces([1, 2, 2]));
        let accepted = InventedLot::of(2).book(&judgement).with(2, Standing::Good);
        let again = one(&accepted, of_pieces([1, 2, 2]));
        assert!(again.duplicates.is_empty());
        let third = one(&accepted, of_pieces([1, 2, 2, 2]));
        assert_eq!(sequences(&third.duplicates).last(), Some(&2));
    }

    #[test]
    fn a_piece_that_must_not_pass_is_an_alarm_once() {
        let out = |lot: InventedLot| lot.with(2, Standing::Out);
        let judgement = one(&out(InventedLot::of(3)), of_pieces(1..=3));
        assert_eq!((sequences(&judgement.passed), judgement.tally.out), (vec![2], 1));
        assert!(judgement.settles);
        let before = one(&InventedLot::of(3), of_pieces(1..=3));
        assert!(one(&out(InventedLot::of(3).book(&before)), of_pieces(1..=3)).passed.is_empty());
        let pulled = around(&[1], vec![read(&number(2)).status(Pulled)], &[3]);
        assert!(one(&out(InventedLot::of(3)), report(pulled)).passed.is_empty());
        assert!(one(&out(InventedLot::of(3)), of_pieces([1, 3])).passed.is_empty());
        let unreadable = around(&[1], vec![read("")], &[3]);
        assert_eq!(sequences(&one(&out(InventedLot::of(3)), report(unreadable)).passed), [2]);
    }

    #[test]
    fn a_stopped_piece_that_is_not_read_is_not_missing() {
        let judgement = judge(&InventedLot::of(3).with(2, Standing::Stopped), &[of_pieces([1, 3])], true);
        assert_eq!((judgement.missing.len(), judgement.tally.stopped), (0, 1));
    }

    #[test]
    fn the_read_that_is_new_is_the_duplicate() {
        let late = || read(&number(1)).at("2026-11-24T12:00:00");
        let early = || read(&number(1)).at("2026-11-24T08:00:00");
        let first = one(&InventedLot::of(1), report(vec![late()]));
        let second = one(&InventedLot::of(1).book(&first), report(vec![late(), early()]));
        assert_eq!(second.duplicates.iter().map(|alarm| alarm.line).collect::<Vec<_>>(), [3]);
        assert_eq!(second.passages[0].key, second.duplicates[0].key);
        let whole = InventedLot::of(1).book(&first).book(&second);
        assert!(one(&whole, report(vec![late()])).duplicates.is_empty(), "booked, and raised before");
    }
}

mod cards {
    use super::*;

    fn pair(letter: u32, card: u32) -> Read {
        read(&number(letter)).card(&number(card))
    }

    #[test]
    fn swapped_cards_are_two_mismatches() {
        let judgement = all_of(4, vec![pair(1, 1), pair(2, 3), pair(3, 2), pair(4, 4)]);
        assert_eq!((sequences(&judgement.mismatches), judgement.good), (vec![2, 3], vec![1, 4]));
    }

    #[test]
    fn a_card_of_another_lot_or_of_nobody_is_a_mismatch() {
        let reads = vec![pair(1, 1), read(&number(2)).card(&other(1)), read(&number(3)).card(&misread(3))];
        assert_eq!(sequences(&all_of(3, reads).mismatches), [2, 3]);
    }

    #[test]
    fn a_letter_whose_card_lies_elsewhere_is_not_good() {
        let unread = all_of(3, vec![pair(1, 1), pair(2, 3), read(&number(3))]);
        assert_eq!(sequences(&unread.mismatches), [2, 3]);
        let foreign = all_of(2, vec![pair(1, 1), read(&other(1)).card(&number(2)), read(&number(2))]);
        assert_eq!(sequences(&foreign.mismatches), [2]);
        let confirmed = all_of(3, vec![pair(1, 1), pair(2, 3), pair(3, 3)]);
        assert_eq!(sequences(&confirmed.mismatches), [2]);
    }

    #[test]
    fn a_misread_card_beside_the_right_pair_is_no_alarm() {
        let wrong = || read(&number(1)).card(&misread(1)).by("a");
        let judgement = all_of(1, vec![wrong(), pair(1, 1).by("b")]);
        assert_eq!((judgement.good.len(), judgement.counts.cards_misread), (1, 1));
        let real = read(&number(1)).card(&number(2)).by("a");
        assert_eq!(sequences(&all_of(2, vec![real, pair(1, 1).by("b")]).mismatches), [1]);
        let far = read(&number(1)).card("9876543210").by("a");
        assert_eq!(sequences(&all_of(1, vec![far, pair(1, 1).by("b")]).mismatches), [1]);
        assert_eq!(sequences(&all_of(1, vec![wrong()]).mismatches), [1]);
        assert_eq!(sequences(&all_of(1, vec![wrong(), read(&number(1)).by("b")]).mismatches), [1]);
    }

    #[test]
    fn an_unreadable_card_is_counted_and_no_alarm() {
        let judgement = all_of(3, vec![pair(1, 1), read(&number(2)), read(&number(3)).card("?")]);
        assert_eq!((judgement.good.len(), judgement.counts.cards_unread), (3, 2));
        assert_eq!(one(&InventedLot::of(3), of_pieces(1..=3)).counts.cards_unread, 0);
    }

    #[test]
    fn a_wrong_card_beside_a_misread_letter_is_a_mismatch() {
        let wrong = read(&misread(1)).by("a").on(1).card(&number(2));
        let judgement =
            all_of(2, vec![wrong, read(&number(1)).by("b").on(1), read(&number(2)).by("b").on(2)]);
        assert_eq!(judgement.counts.misreads, 1);
        assert_eq!(sequences(&judgement.mismatches), [1, 2]);
    }

    #[test]
    fn a_right_pair_of_another_passage_excuses_nothing() {
        let first = read(&number(1)).card(&misread(1)).status(Attention);
        assert_eq!(sequences(&all_of(1, vec![first, pair(1, 1)]).mismatches), [1]);
    }

    #[test]
    fn a_card_in_the_envelope_of_an_unreadable_letter_is_missed_by_its_own() {
        let judgement = all_of(4, vec![pair(1, 1), read("").card(&number(3)), read(&number(3)), pair(4, 4)]);
        assert_eq!((sequences(&judgement.unreadable), sequences(&judgement.mismatches)), (vec![2], vec![3]));
    }
}

mod strangers {
    use super::*;

    #[test]
    fn pieces_of_other_lots_and_unknown_numbers_are_foreign() {
        let strangers = vec![read(&other(7)), read("9876543210"), read("L26001C000004")];
        let judgement = all_of(4, around(&[1, 2], strangers, &[3, 4]));
        let texts: Vec<_> = judgement.foreign.iter().map(|foreign| foreign.text.as_str()).collect();
        assert_eq!(texts, [other(7).as_str(), "9876543210", "L26001C000004"]);
        assert_eq!(judgement.foreign[0].piece_id.as_deref(), Some("26327B000007"));
        assert_eq!((judgement.foreign[1].piece_id.as_deref(), judgement.foreign[1].line), (None, 5));
        assert_eq!(judgement.good.len(), 4);
    }

    #[test]
    fn a_number_at_an_open_end_waits_while_a_piece_that_it_looks_like_is_due() {
        let reads = around(&[1, 2], vec![read(&misread(3))], &[]);
        let open = one(&InventedLot::of(3), report(reads.clone()));
        assert_eq!((open.foreign.len(), open.counts.waiting, open.settles), (0, 1, false));
        assert_eq!(all_of(2, reads).foreign.len(), 1);
        let known = around(&[1, 2], vec![read(&other(1))], &[]);
        assert_eq!(one(&InventedLot::of(2), report(known)).foreign.len(), 1);
    }

    #[test]
    fn a_stranger_at_an_open_end_that_no_row_can_explain_is_foreign_at_once() {
        let unlike = one(&InventedLot::of(9), report(around(&[1, 2, 3], vec![read("9876543210")], &[])));
        assert_eq!((unlike.foreign.len(), unlike.counts.waiting, unlike.pending), (1, 0, 6));
        // It looks like the first piece, which passed long before.
        let last = one(&InventedLot::of(5), report(around(&[1, 2, 3, 4, 5], vec![read(&misread(1))], &[])));
        assert_eq!((last.foreign.len(), last.counts.waiting, last.settles), (1, 0, true));
    }

    #[test]
    fn a_number_waits_while_its_camera_lags_behind_another() {
        let ahead = (1..=4).map(|own| read(&number(own)).by("a"));
        let behind = [number(1), misread(2)].map(|text| read(&text).by("b"));
        let open = one(&InventedLot::of(4), report(ahead.chain(behind).collect()));
        assert_eq!((open.foreign.len(), open.counts.waiting), (0, 1));
    }

    #[test]
    fn a_misread_in_a_neighbouring_row_is_no_alarm() {
        let judgement = all_of(5, around(&[1, 2, 3], vec![read(&misread(3))], &[4, 5]));
        assert_eq!((judgement.counts.misreads, judgement.foreign.len()), (1, 0));
        let far = all_of(6, around(&[1, 2, 3, 4, 5], vec![read(&misread(1))], &[6]));
        assert_eq!(far.foreign.len(), 1);
    }

    #[test]
    fn a_misread_at_the_position_of_a_good_read_is_no_alarm() {
        let reads = |text: &str| {
            let shuffled = [6, 2, 5, 1, 4, 3].map(|own: u32| read(&number(own)).by("b").on(u64::from(own)));
            let elsewhere = vec![read("X").by("a").at("2026-11-24T20:00:00").on(77)];
            let own = vec![read(text).by("a").at("2026-11-24T20:00:10").on(2)];
            [report(shuffled.to_vec()), report([elsewhere, own].concat())]
        };
        let lot = InventedLot::of(6);
        let beside = judge(&lot, &reads(&misread(2)), true);
        assert_eq!((beside.counts.misreads, beside.foreign.len()), (1, 0));
        assert_eq!(judge(&lot, &reads(&misread(5)), true).foreign.len(), 1, "not of this passage");
        assert_eq!(judge(&lot, &reads("9876543210"), true).foreign.len(), 1);
        assert_eq!(judge(&lot, &reads(""), true).counts.blanks, 1);
    }

    #[test]
    fn a_misread_at_the_time_of_another_camera_is_no_alarm() {
        let reads = |at: &str| {
            let good =
                [3, 1, 2].map(|own| read(&number(own)).by("b").at(&format!("2026-11-24T09:00:{own}0")));
            [report(good.to_vec()), report(vec![read(&misread(2)).by("a").at(at)])]
        };
        let lot = InventedLot::of(3);
        assert_eq!(judge(&lot, &reads("2026-11-24T09:00:21.5"), true).counts.misreads, 1);
        assert_eq!(judge(&lot, &reads("2026-11-24T09:00:23"), true).foreign.len(), 1);
    }

    #[test]
    fn noise_where_no_piece_is_due_is_counted() {
        let judgement = all_of(4, around(&[1, 2], vec![read("GLARE"), read("")], &[3, 4]));
        assert_eq!((judgement.counts.misreads, judgement.counts.blanks), (1, 1));
        assert_eq!((judgement.good.len(), judgement.counts.unreadable_reads), (4, 0));
    }

    #[test]
    fn the_longest_file_tells_the_neighbours() {
        let lot = InventedLot::of(5);
        let files = |rows: &[&str], more: &[&str]| {
            let reads = |texts: &[&str]| report(texts.iter().map(|text| read(text)).collect());
            [reads(rows), reads(&[rows, more].concat())]
        };
        let own: Vec<String> = (0..=5).map(number).collect();
        let shuffled = files(&[&own[2], &own[5], &own[4], &misread(1)], &[&own[1], &own[3]]);
        assert_eq!(judge(&lot, &shuffled, true).counts.misreads, 1);
        let open = judge(&lot, &files(&[&own[1], &own[2], &misread(5)], &[&own[3], &own[4]]), false);
        assert_eq!((open.foreign.len(), open.counts.waiting), (1, 0));
    }

    #[test]
    fn rows_are_neighbours_by_position_too() {
        let good = |own: u32, position: u64| read(&number(own)).on(position);
        let rows = vec![read(&misread(2)).on(3), good(4, 5), good(5, 6), good(3, 4), good(2, 2), good(1, 1)];
        assert_eq!(all_of(5, rows).counts.misreads, 1);
    }

    #[test]
    fn the_time_of_the_same_camera_excuses_nothing() {
        let texts = [2, 5, 1, 4, 3].map(number).into_iter().chain([misread(2)]);
        let judgement = all_of(5, texts.map(|text| read(&text).at("2026-11-24T09:00:00")).collect());
        assert_eq!(judgement.foreign.len(), 1);
    }

    #[test]
    fn a_misread_of_what_another_camera_read_is_no_alarm_even_if_it_was_good_before() {
        let rows = |texts: &[String], camera: &str, hour: u32| {
            let row = |(text, second): (&String, u32)| {
                read(text).by(camera).at(&format!("2026-11-24T{hour}:00:0{second}"))
            };
            report(texts.iter().zip(1..).map(row).collect())
        };
        let files =
            [rows(&[number(1), misread(2), number(3)], "a", 10), rows(&[number(2), number(3)], "b", 14)];
        let judgement = judge(&InventedLot::of(3).with(2, Standing::Good), &files, true);
        assert_eq!((judgement.counts.misreads, judgement.foreign.len()), (1, 0));
    }
}

mod unreadable {
    use super::*;

    #[test]
    fn an_unreadable_read_in_the_gap_of_one_piece_is_that_piece() {
        for text in ["", "GLARE", &misread(3)] {
            let judgement = all_of(5, around(&[1, 2], vec![read(text)], &[4, 5]));
            assert_eq!((sequences(&judgement.unreadable), judgement.missing.len()), (vec![3], 0), "{text}");
            assert_eq!((judgement.counts.placed, judgement.tally.unreadable), (1, 1));
            assert!(judgement.passages.iter().any(|passage| passage.sequence == 3));
        }
    }

    #[test]
    fn a_misread_that_looks_like_its_neighbours_too_is_the_piece_that_is_due() {
        let judgement = all_of(5, around(&[1, 2], vec![read("0002000009")], &[4, 5]));
        assert_eq!((sequences(&judgement.unreadable), judgement.counts.misreads), (vec![3], 0));
    }

    #[test]
    fn a_number_far_from_the_missing_piece_is_foreign() {
        let judgement = all_of(5, around(&[1, 2], vec![read("9876543210")], &[4, 5]));
        assert_eq!((judgement.missing, judgement.foreign.len()), (vec![3], 1));
    }

    #[test]
    fn a_wider_gap_is_told_by_the_text_or_by_as_many_reads() {
        let named = all_of(6, around(&[1, 2], vec![read(&misread(4))], &[5, 6]));
        assert_eq!((sequences(&named.unreadable), named.missing), (vec![4], vec![3]));
        let blank = all_of(6, around(&[1, 2], vec![read("")], &[5, 6]));
        assert_eq!((blank.missing, blank.counts.unreadable_reads), (vec![3, 4], 1));
        let both = all_of(6, around(&[1, 2], vec![read(""), read("")], &[5, 6]));
        assert_eq!(sequences(&both.unreadable), [3, 4]);
        let either = all_of(6, around(&[1, 2], vec![read("0002000009")], &[5, 6]));
        assert_eq!((either.missing, either.counts.unreadable_reads), (vec![3, 4], 1));
    }

    #[test]
    fn without_order_no_place_tells() {
        let judgement = all_of(5, around(&[5, 2], vec![read("")], &[4, 1]));
        assert_eq!((judgement.missing, judgement.counts.unreadable_reads), (vec![3], 1));
    }

    #[test]
    fn a_good_read_of_another_camera_makes_it_harmless() {
        let by = |camera: &str, value: &str| read(value).by(camera);
        let a = vec![by("a", &number(1)), by("a", ""), by("a", &number(3))];
        let b = (1..=3).map(|own| by("b", &number(own)).at("2026-11-24T10:00:00")).collect();
        let judgement = judge(&InventedLot::of(3), &[report(a), report(b)], true);
        assert_eq!((judgement.good.len(), judgement.counts.blanks), (3, 1));
    }

    #[test]
    fn a_shifted_camera_does_not_excuse_a_blank() {
        let by = |camera: &str, value: &str, position: u64| read(value).by(camera).on(position);
        let a = vec![by("a", &number(1), 1), by("a", "", 2), by("a", &number(3), 3)];
        let b = vec![by("b", &number(1), 2), by("b", &number(3), 4)];
        let judgement = judge(&InventedLot::of(3), &[report(a), report(b)], true);
        assert_eq!(sequences(&judgement.unreadable), [2]);
    }

    #[test]
    fn a_piece_filled_by_hand_is_not_due() {
        let lot = InventedLot::of(5).with(3, Standing::Good);
        let judgement = one(&lot, report(around(&[1, 2], vec![read("")], &[4, 5])));
        assert_eq!((judgement.counts.blanks, judgement.tally.good), (1, 5));
    }

    #[test]
    fn an_unreadable_piece_stays_one_when_the_file_has_grown() {
        let rows = around(&[1, 2], vec![read("")], &[4, 5]);
        let first = one(&InventedLot::of(6), report(rows.clone()));
        let lot = InventedLot::of(6).book(&first);
        let grown = one(&lot, report([rows, vec![read(&number(6))]].concat()));
        assert_eq!((sequences(&grown.unreadable), grown.passages.len()), (vec![3], 1));
        let rest = judge(&lot, &[report(vec![read(&number(6)).at("2026-11-24T10:00:00")])], true);
        assert_eq!((rest.missing.len(), rest.tally.stopped), (0, 5));
    }

    #[test]
    fn the_last_piece_is_due_at_the_end() {
        let rows = around(&[1, 2], vec![read("")], &[]);
        assert_eq!(sequences(&all_of(3, rows.clone()).unreadable), [3]);
        assert_eq!(one(&InventedLot::of(3), report(rows)).pending, 1);
    }

    #[test]
    fn two_unreadable_reads_in_the_gap_of_one_piece_are_both_of_it() {
        let judgement = all_of(5, around(&[1, 2], vec![read(""), read("GLARE")], &[4, 5]));
        assert_eq!((sequences(&judgement.unreadable), judgement.counts.placed), (vec![3], 2));
    }

    #[test]
    fn positions_that_begin_again_excuse_nothing() {
        let file = |texts: [&str; 3], hour: u32| {
            let rows = texts.iter().zip(1..).map(|(text, position)| {
                read(text).on(position).at(&format!("2026-11-24T{hour}:00:0{position}"))
            });
            report(rows.collect())
        };
        let own: Vec<String> = (0..=6).map(number).collect();
        let files = [file([&own[1], &own[2], &own[3]], 10), file([&own[4], "", &own[6]], 14)];
        assert_eq!(sequences(&judge(&InventedLot::of(6), &files, true).unreadable), [5]);
    }

    #[test]
    fn one_position_for_all_rows_is_none() {
        let texts = (1..=20).map(|own| if own == 10 { String::new() } else { number(own) });
        let judgement = all_of(20, texts.map(|text| read(&text).on(7)).collect());
        assert_eq!(sequences(&judgement.unreadable), [10]);
    }

    #[test]
    fn a_piece_that_was_booked_from_another_file_is_not_due() {
        let earlier = report(vec![read(&number(2)).at("2026-11-24T08:00:00")]);
        let lot = InventedLot::of(3).book(&one(&InventedLot::of(3), earlier));
        let judgement = one(&lot, report(around(&[1], vec![read("")], &[3])));
        assert_eq!((judgement.unreadable.len(), judgement.counts.blanks), (0, 1));
    }

    #[test]
    fn a_misread_of_a_piece_that_is_due_elsewhere_is_foreign() {
        let judgement = all_of(9, around(&[1, 2], vec![read(&misread(7))], &[4, 5, 6, 8, 9]));
        assert_eq!((judgement.missing, judgement.foreign.len()), (vec![3, 7], 1));
    }

    #[test]
    fn a_misread_leaves_the_other_piece_of_its_gap_to_the_blank() {
        let judgement = all_of(6, around(&[1, 2], vec![read(""), read(&misread(4))], &[5, 6]));
        assert_eq!(sequences(&judgement.unreadable), [3, 4]);
    }
}

mod doubts {
    use super::*;

    #[test]
    fn the_only_read_of_a_piece_at_the_place_of_a_lookalike_is_not_believed() {
        let judgement = all_of(
            30,
            around(&[1, 2, 3], vec![read(&number(14))], &(5..=13).chain(15..=30).collect::<Vec<_>>()),
        );
        assert_eq!(sequences(&judgement.unreadable), [4, 14]);
        assert!(!judgement.good.contains(&14));
        let late = all_of(
            30,
            around(&[1, 2, 3], vec![read(&number(26))], &(5..=25).chain(27..=30).collect::<Vec<_>>()),
        );
        assert!(late.good.contains(&26), "26 does not look like 4");
        let swapped = one(&InventedLot::of(90), of_pieces((1..=19).chain([60, 59])));
        assert!(swapped.unreadable.is_empty(), "several pieces are due");
    }

    #[test]
    fn two_cameras_that_contradict_each_other_are_not_believed() {
        let rows = |camera: &str, middle: u32| {
            [1, middle, 4]
                .iter()
                .zip(1..)
                .map(|(own, position)| read(&number(*own)).by(camera).on(position))
                .collect()
        };
        let judgement = judge(&InventedLot::of(4), &[report(rows("a", 3)), report(rows("b", 2))], true);
        assert_eq!((sequences(&judgement.unreadable), judgement.good), (vec![2, 3], vec![1, 4]));
    }

    #[test]
    fn shifted_cameras_do_not_contradict_each_other() {
        let rows = |camera: &str, shift: u64| {
            (1..=5).map(|own| read(&number(own)).by(camera).on(u64::from(own) + shift)).collect::<Vec<_>>()
        };
        let mut second = rows("b", 1);
        second.remove(2);
        let judgement = judge(&InventedLot::of(5), &[report(rows("a", 0)), report(second)], true);
        assert_eq!(judgement.good.len(), 5);
    }

    #[test]
    fn a_piece_that_is_good_already_is_not_doubted() {
        let rows = around(&[1, 2, 3], vec![read(&number(14))], &(5..=13).chain(15..=30).collect::<Vec<_>>());
        let judgement = one(&InventedLot::of(30).with(14, Standing::Good), report(rows));
        assert_eq!((sequences(&judgement.unreadable), judgement.tally.good), (vec![4], 29));
    }

    #[test]
    fn numbers_that_do_not_look_alike_do_not_contradict_each_other() {
        let rows = |camera: &str, middle: u32| {
            [1, middle, 12]
                .iter()
                .zip(1..)
                .map(|(own, position)| read(&number(*own)).by(camera).on(position))
                .collect()
        };
        let judgement = judge(&InventedLot::of(12), &[report(rows("a", 9)), report(rows("b", 10))], true);
        assert_eq!(judgement.good, [1, 9, 10, 12]);
    }

    #[test]
    fn a_double_at_the_place_of_a_lookalike_is_a_double() {
        let judgement =
            all_of(30, around(&[1, 2, 3], vec![read(&number(14))], &(5..=30).collect::<Vec<_>>()));
        assert_eq!((sequences(&judgement.duplicates), judgement.missing), (vec![14], vec![4]));
        assert!(judgement.unreadable.is_empty());
    }

    #[test]
    fn two_pieces_that_changed_places_are_good() {
        let order = (1..=3).chain([14]).chain(5..=13).chain([4]).chain(15..=30);
        assert_eq!(one(&InventedLot::of(30), of_pieces(order)).good.len(), 30);
    }
}

mod statuses {
    use super::*;

    #[test]
    fn a_piece_is_what_the_machine_did_with_it() {
        let reads = [Damaged, Attention, Pulled]
            .iter()
            .zip(1..)
            .map(|(status, own)| read(&number(own)).status(*status));
        let judgement = all_of(4, reads.chain([read(&number(4))]).collect());
        assert_eq!(sequences(&judgement.damaged), [1]);
        assert_eq!(sequences(&judgement.attention), [2]);
        assert_eq!(sequences(&judgement.pulled), [3]);
        assert_eq!(judgement.good, [4]);
    }

    #[test]
    fn the_worst_counts() {
        let own = || read(&number(1));
        let judgement =
            all_of(1, vec![own().by("a").status(Damaged), own().by("b").status(Pulled), own().by("c")]);
        assert_eq!((sequences(&judgement.pulled), judgement.damaged.len()), (vec![1], 0));
        let attention = all_of(1, vec![own().by("a").status(Attention), own().by("b")]);
        assert_eq!(sequences(&attention.attention), [1]);
        assert_eq!(sequences(&all_of(1, vec![own().status(Damaged), own()]).damaged), [1]);
    }

    #[test]
    fn a_piece_that_was_fed_again_after_attention_is_good() {
        let own = || read(&number(1));
        let judgement = all_of(1, vec![own().status(Attention), own()]);
        assert_eq!((judgement.good, judgement.duplicates.len()), (vec![1], 0));
        assert_eq!(sequences(&all_of(1, vec![own(), own().status(Attention)]).attention), [1]);
        let twice = all_of(1, vec![own().status(Attention), own(), own()]);
        assert_eq!(sequences(&twice.duplicates), [1]);
    }

    #[test]
    fn the_status_of_a_misread_counts_for_the_piece_beside_it() {
        let damaged = read(&misread(2)).by("a").status(Damaged);
        let judgement = all_of(3, vec![read(&number(1)), damaged, read(&number(2)), read(&number(3))]);
        assert_eq!((sequences(&judgement.damaged), judgement.good), (vec![2], vec![1, 3]));
    }

    #[test]
    fn a_row_without_status_is_no_read() {
        let judgement = all_of(2, vec![read(&number(1)).status(Unset), read(&number(2))]);
        assert_eq!((judgement.missing, judgement.counts.unset), (vec![1], 1));
    }

    #[test]
    fn a_piece_that_was_fed_again_is_no_duplicate_in_a_file_that_has_grown() {
        let looked_at = || read(&number(1)).status(Attention);
        let first = one(&InventedLot::of(1), report(vec![looked_at()]));
        let second = one(&InventedLot::of(1).book(&first), report(vec![looked_at(), read(&number(1))]));
        assert!(second.duplicates.is_empty());
    }
}

mod listings {
    use super::*;

    #[test]
    fn a_list_of_all_pieces_settles_when_each_has_its_status() {
        let lot = InventedLot::of(3);
        let full =
            listing(Lists::All, vec![read(&number(1)), read(&number(2)).status(Damaged), read(&number(3))]);
        let judgement = one(&lot, full);
        assert_eq!((judgement.good, judgement.settles), (vec![1, 3], true));
        let unset = listing(Lists::All, vec![read(&number(1)), read(&number(2)).status(Unset)]);
        let judgement = judge(&lot, &[MachineReport { ended: true, ..unset }], true);
        assert_eq!((judgement.pending, judgement.missing.len(), judgement.settles), (2, 0, false));
    }

    #[test]
    fn a_list_given_out_again_is_no_duplicate_except_within_itself() {
        let rows = |at: &str| (1..=2).map(|own| read(&number(own)).at(at)).collect::<Vec<_>>();
        let list = |at: &str| listing(Lists::All, rows(at));
        let (first, second) = (list("2026-11-24T09:00:00"), list("2026-11-24T10:00:00"));
        assert!(judge(&InventedLot::of(2), &[first, second], false).duplicates.is_empty());
        let double = listing(Lists::All, [rows("2026-11-24T09:00:00"), rows("2026-11-24T09:00:01")].concat());
        assert_eq!(sequences(&one(&InventedLot::of(2), double).duplicates), [1, 2]);
    }

    #[test]
    fn an_ended_list_of_bad_pieces_makes_the_others_good() {
        let lot = InventedLot::of(4);
        let bad = || listing(Lists::Bad, vec![read(&number(2)).status(Damaged), read(&number(3))]);
        let judgement = judge(&lot, &[bad()], true);
        assert_eq!((judgement.good, sequences(&judgement.damaged)), (vec![1, 4], vec![2]));
        assert_eq!(sequences(&judgement.attention), [3], "a listed piece is never good");
        assert!(judgement.settles);
        assert_eq!(one(&lot, bad()).pending, 2);
        assert_eq!(one(&lot, MachineReport { ended: true, ..bad() }).good, [1, 4]);
    }

    #[test]
    fn a_bad_piece_without_name_makes_no_other_good() {
        for text in ["", "GLARE", "9876543210"] {
            let bad = listing(Lists::Bad, vec![read(text).status(Damaged)]);
            let judgement = judge(&InventedLot::of(2), &[bad], true);
            assert_eq!((judgement.good.len(), judgement.pending), (0, 2), "{text}");
        }
        let fault = RowFault { line: 2, column: String::new(), problem: RowProblem::Quote };
        let faulty = MachineReport { faults: vec![fault], ..listing(Lists::Bad, Vec::new()) };
        assert_eq!(judge(&InventedLot::of(2), &[faulty], true).pending, 2);
        let elsewhere = listing(Lists::Bad, vec![read(&other(1)).status(Damaged)]);
        assert_eq!(judge(&InventedLot::of(2), &[elsewhere], true).good, [1, 2]);
        let unset = listing(Lists::Bad, vec![read(&number(1)).status(Unset)]);
        assert_eq!(judge(&InventedLot::of(2), &[unset], true).good, [2]);
    }

    #[test]
    fn what_a_camera_did_not_see_is_not_good_by_a_list_of_bad_pieces() {
        let bad = listing(Lists::Bad, vec![read(&number(3)).status(Damaged)]);
        let judgement = judge(&InventedLot::of(3), &[bad, of_pieces([1])], true);
        assert_eq!((judgement.good, judgement.missing), (vec![1], vec![2]));
    }
}
