//! Lists of pieces in a file: one reference a line, or a CSV file whose first column is the reference.
//!
//! Blank lines and lines that begin with `#` say nothing; a first line `piece_id` is a header. A piece that is named twice is
//! taken once.

use std::collections::HashSet;
use std::path::Path;

use foreign::legible;

use super::names;
use crate::failure::{Failure, Position};
use mail::lot::WrittenPiece;

/// The largest list that is read, in bytes.
const MAX_SIZE: u64 = 64 << 20;
/// How many faults of a list are told.
const SHOWN: usize = 20;

/// Reads a list; without a file there is nothing in it.
///
/// # Errors
/// `list_unreadable`; `list_faults`: lines that name no piece, each told; `list_empty`.
pub(super) fn read(file: Option<&Path>) -> Result<Vec<WrittenPiece>, Failure> {
    let Some(file) = file else { return Ok(Vec::new()) };
    let text = foreign::read_text(file, MAX_SIZE).map_err(|error| {
        Failure::usage("list_unreadable", error.to_string())
            .in_file(&error.file)
            .with_advice("name a text file of references, one a line")
            .caused_by(error)
    })?;
    let (mut pieces, mut faults, mut named) = (Vec::new(), Vec::new(), HashSet::new());
    for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let cell = line.split([',', ';', '\t']).next().unwrap_or_default();
        let cell = cell.trim().trim_matches('"').trim();
        let is_header = pieces.is_empty() && cell.eq_ignore_ascii_case("piece_id");
        if cell.is_empty() || cell.starts_with('#') || is_header {
            continue;
        }
        match names::piece(cell) {
            Ok(piece) => {
                if named.insert(piece.to_string()) {
                    pieces.push(piece);
                }
            }
            Err(problem) => {
                let problem = format!("`{}`: {problem}", legible(cell));
                let position = Position::line(file.display(), number);
                faults.push(Failure::usage("unknown_reference", problem).at(position));
            }
        }
    }
    if !faults.is_empty() {
        let problem = format!("{} lines name no piece", faults.len());
        faults.truncate(SHOWN);
        return Err(Failure::usage("list_faults", problem)
            .in_file(file.display())
            .with_parts(faults)
            .with_advice("correct these lines or remove them, then run the same command again"));
    }
    match pieces.is_empty() {
        true => Err(Failure::usage("list_empty", "the list names no piece")
            .in_file(file.display())
            .with_advice("write references in it, one a line, such as 26327A000908")),
        false => Ok(pieces),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(text: &str) -> Result<Vec<String>, Failure> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("list.csv");
        fs_err::write(&file, text).expect("written");
        Ok(read(Some(&file))?.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn lines_and_first_columns_are_read() {
        let two = vec!["26327A000001".to_owned(), "M26327A000002".to_owned()];
        for text in [
            "26327A000001\nM26327A000002\n",
            "\u{feff}piece_id,cause\r\n26327A000001,missing\r\n26327A\\000002,spoiled\r\n",
            "# spoiled today\n\n\"26327A000001\";x\n26327A000001\nm26327a000002",
        ] {
            assert_eq!(listed(text).expect("a list"), two, "{text}");
        }
    }

    #[test]
    fn a_line_that_names_no_piece_is_told_with_its_line() {
        let failure = listed("piece_id\n26327A000001\n26327A\nnobody\n").expect_err("faults");
        let told: Vec<String> = failure.parts().iter().map(ToString::to_string).collect();
        assert!(told[0].contains("list.csv:3: `26327A`: it is a lot"), "{told:?}");
        assert!(told[1].contains(":4: `nobody`"), "{told:?}");
        assert_eq!(listed("# nothing\n").expect_err("empty").code(), "list_empty");
    }
}
