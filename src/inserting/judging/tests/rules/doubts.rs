//! Reads that contradict each other.

use super::*;

#[test]
fn the_only_read_of_a_piece_at_the_place_of_a_lookalike_is_not_believed() {
    let judgement =
        all_of(30, around(&[1, 2, 3], vec![read(&number(14))], &(5..=13).chain(15..=30).collect::<Vec<_>>()));
    assert_eq!(sequences(&judgement.unreadable), [4, 14]);
    assert!(!judgement.good.contains(&14));
    let late =
        all_of(30, around(&[1, 2, 3], vec![read(&number(26))], &(5..=25).chain(27..=30).collect::<Vec<_>>()));
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
    let judgement = all_of(30, around(&[1, 2, 3], vec![read(&number(14))], &(5..=30).collect::<Vec<_>>()));
    assert_eq!((sequences(&judgement.duplicates), judgement.missing), (vec![14], vec![4]));
    assert!(judgement.unreadable.is_empty());
}

#[test]
fn two_pieces_that_changed_places_are_good() {
    let order = (1..=3).chain([14]).chain(5..=13).chain([4]).chain(15..=30);
    assert_eq!(one(&InventedLot::of(30), of_pieces(order)).good.len(), 30);
}
