//! What the machine says that it did with a piece.

use super::*;

#[test]
fn a_piece_is_what_the_machine_did_with_it() {
    let reads =
        [Damaged, Attention, Pulled].iter().zip(1..).map(|(status, own)| read(&number(own)).status(*status));
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
