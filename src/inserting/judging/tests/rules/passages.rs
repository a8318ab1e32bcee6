//! What makes one passage, and what makes two.

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
    let reads = vec![read(&number(1)).by("a"), read(&number(1)), read(&number(2)), read(&number(2)).by("a")];
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
    assert_eq!(sequences(&one(&lot, report(elsewhere)).duplicates), [2], "the first read names no camera");
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
