//! The card that a camera read in the envelope.

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
    let judgement = all_of(2, vec![wrong, read(&number(1)).by("b").on(1), read(&number(2)).by("b").on(2)]);
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
