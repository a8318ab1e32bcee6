//! Files without delimiters that end with a line of their own: only a whole file is read.

use proptest::prelude::*;

use super::foreign_tests::{fixed, found, mapping_with, settings_of_places, take_named};
use super::tests::row;
use super::*;
use crate::failure::{Exit, Explained};

/// A layout whose last line begins with `99` and has a count of eight digits.
const KEYS: &str = "skip = 1\ntrailer = { starts_with = \"99\", count = [3, 8] }";

fn with_keys(keys: &str) -> IntakeSettings {
    IntakeSettings { mapping: mapping_with(keys), ..settings_of_places() }
}

fn rows(count: u64) -> Vec<String> {
    (0..count).map(|n| row(&[("card_number", &format!("{:010}", 2_400_000_000 + n))])).collect()
}

/// A file of records and the line behind them.
fn ending(count: u64, trailer: &str) -> Vec<u8> {
    let begin = if count == 0 { b"00 HEADER\r\n".to_vec() } else { fixed(&rows(count)) };
    [begin, trailer.as_bytes().to_vec()].concat()
}

#[test]
fn the_last_line_is_no_record_and_its_count_is_that_of_the_records() {
    let settings = with_keys(KEYS);
    let plain = take_named("a.txt", &fixed(&rows(3)), &settings_of_places()).unwrap();
    for trailer in ["9900000003", "99       3\r\n", "9900000003 and more\r\n\r\n  \n\u{1a}"] {
        let read = take_named("a.txt", &ending(3, trailer), &settings).unwrap();
        assert_eq!((read.rows, found(&read)), (3, found(&plain)), "{trailer:?}");
    }
    assert_eq!(take_named("a.txt", &ending(0, "9900000000\n"), &settings).unwrap().rows, 0);
    let only_begins = with_keys("skip = 1\ntrailer = { starts_with = \"FIN É\" }");
    let bytes = [ending(3, "FIN "), vec![0xC9]].concat();
    assert_eq!(take_named("a.txt", &bytes, &only_begins).unwrap().rows, 3);
}

#[test]
fn a_file_that_ends_before_its_first_record_is_no_empty_night() {
    let settings = with_keys("skip = 3");
    let early = take_named("a.txt", b"00 HEADER\r\n01 FROM\r\n", &settings).unwrap_err();
    assert_eq!((early.code(), early.exit()), ("records_end_early", Exit::Usage));
    assert_eq!(early.position().unwrap().line, Some(2));
    let without_records = take_named("a.txt", b"00 HEADER\r\n01 FROM\r\n02 TO\r\n", &settings).unwrap();
    assert_eq!(without_records.rows, 0);
}

#[test]
fn a_file_that_was_cut_or_counts_otherwise_is_refused_with_its_place() {
    let settings = with_keys(KEYS);
    let refused = |bytes: &[u8]| take_named("a.txt", bytes, &settings).unwrap_err();
    let place = |error: &IntakeError| {
        let position = error.position().unwrap();
        assert!(position.file.ends_with("a.txt"));
        (position.line, position.column)
    };
    let missing = refused(&ending(3, ""));
    assert_eq!((missing.code(), missing.exit()), ("records_trailer_missing", Exit::Usage));
    assert_eq!(place(&missing), (Some(4), None));
    assert!(missing.to_string().contains("`99`"), "{missing}");
    for (trailer, written) in
        [("9900000004", "`00000004`"), ("9900x", "`00x`"), ("99", "``"), ("99-0000003", "`-0000003`")]
    {
        let other = refused(&ending(3, trailer));
        assert_eq!((other.code(), other.exit()), ("records_trailer_count", Exit::Usage), "{trailer}");
        assert_eq!(place(&other), (Some(5), Some(3)));
        assert!(other.to_string().contains(written) && other.to_string().contains("has 3"), "{other}");
        assert!(other.advice().unwrap().contains("`trailer.count`"));
    }
    assert_eq!(refused(b"00 HEADER\n").code(), "records_trailer_missing");
    // One whole file behind another is none.
    let two = [ending(2, "9900000002\r\n"), ending(1, "9900000001\r\n")].concat();
    assert_eq!(refused(&two).code(), "records_trailer_count");
    let without = with_keys("skip = 1");
    assert_eq!(take_named("a.txt", &ending(3, ""), &without).unwrap().rows, 3, "the advice is followed");
    assert_eq!(take_named("a.txt", &ending(3, "9900000003"), &without).unwrap().rejected_rows, 1);
}

proptest! {
    #[test]
    fn no_cut_passes(count in 1_u64..4, cut in any::<prop::sample::Index>()) {
        let whole = ending(count, &format!("99{count:08}"));
        let settings = with_keys(KEYS);
        prop_assert_eq!(take_named("a.txt", &whole, &settings).unwrap().rows, count);
        let cut = cut.index(whole.len());
        prop_assert!(take_named("a.txt", &whole[..cut], &settings).is_err());
    }
}
