//! Reads of which no number came out, and misreads.

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
        let rows = texts
            .iter()
            .zip(1..)
            .map(|(text, position)| read(text).on(position).at(&format!("2026-11-24T{hour}:00:0{position}")));
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
