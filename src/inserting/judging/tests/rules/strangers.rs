//! Numbers that are no piece of the lot.

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
        let good = [3, 1, 2].map(|own| read(&number(own)).by("b").at(&format!("2026-11-24T09:00:{own}0")));
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
    let files = [rows(&[number(1), misread(2), number(3)], "a", 10), rows(&[number(2), number(3)], "b", 14)];
    let judgement = judge(&InventedLot::of(3).with(2, Standing::Good), &files, true);
    assert_eq!((judgement.counts.misreads, judgement.foreign.len()), (1, 0));
}
