//! The order of reads, and what a growing file has not reached yet.

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
        assert_eq!((judgement.missing.len(), judgement.pending), (0, 60 - reads.len() as u32), "{reads:?}");
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
    let by =
        |camera: &str, pieces: u32| (1..=pieces).map(|own| read(&number(own)).by(camera)).collect::<Vec<_>>();
    let without_four = by("a", 6).into_iter().filter(|read| read.value != number(4)).collect();
    let judgement = judge(&InventedLot::of(9), &[report(without_four), report(by("b", 3))], false);
    assert_eq!((judgement.missing, judgement.pending), (vec![4], 3));
}

#[test]
fn a_second_read_near_the_one_ahead_counts_in_any_order() {
    let judgement = one(&InventedLot::of(90), of_pieces((1..=10).chain([60, 59])));
    assert_eq!(judgement.missing.len(), 48);
}
