//! Small print files of each kind as text, compared with the snapshots beside this file.
//!
//! `PLI_SNAPSHOTS=record cargo test -p print-file --test snapshots` records them again.
#![allow(missing_docs, clippy::expect_used, clippy::unwrap_used)]

mod files;
mod text;

use std::fmt::Write as _;
use std::path::Path;

/// The environment variable that records the snapshots again if it is `record`.
const VARIABLE: &str = "PLI_SNAPSHOTS";

/// Compares a file with the snapshot of that name, or records it.
fn compare(name: &str, file: &[u8]) {
    let found = text::of_file(file);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(format!("{name}.txt"));
    if std::env::var_os(VARIABLE).is_some_and(|value| value == "record") {
        return fs_err::write(path, found).unwrap();
    }
    let expected = fs_err::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{}", difference(name, &expected, &found));
}

/// The first lines that differ, and how to accept them.
fn difference(name: &str, expected: &str, found: &str) -> String {
    const LINES: usize = 5;
    let same = expected.lines().zip(found.lines()).take_while(|(expected, found)| expected == found).count();
    let mut message = format!("{name}.txt differs from line {}:\n", same + 1);
    for (mark, text) in [('-', expected), ('+', found)] {
        text.lines().skip(same).take(LINES).for_each(|line| writeln!(message, "{mark} {line}").unwrap());
    }
    message + &format!("if the new text is right, record it: {VARIABLE}=record cargo test -p print-file")
}

#[test]
fn a_letter_has_texts_bars_and_modules() {
    compare("letter", &files::letter());
}

#[test]
fn two_pieces_of_two_pages() {
    compare("two_pages", &files::two_pages());
}

#[test]
fn imposed_sheets() {
    compare("imposed", &files::imposed());
}

#[test]
fn a_file_for_the_archive() {
    compare("archive", &files::archive());
}

#[test]
fn lot_sheets_around_a_piece() {
    compare("lot_sheets", &files::lot_sheets());
}

#[test]
fn accents_at_their_height() {
    compare("accents", &files::accents());
}

#[test]
fn a_designers_picture_with_outlines() {
    compare("plain", &files::plain());
}

#[test]
fn a_difference_names_its_line_and_the_variable() {
    let message = difference("letter", "a\nb\nc\n", "a\nx\nc\n");
    assert!(message.starts_with("letter.txt differs from line 2:\n- b\n- c\n+ x\n+ c\n"), "{message}");
    assert!(message.contains("PLI_SNAPSHOTS=record"), "{message}");
}
