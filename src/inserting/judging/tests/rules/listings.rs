//! Lists: of all pieces, or of those that are bad.

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
