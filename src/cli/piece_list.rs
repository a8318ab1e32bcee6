//! Pieces as a command is given them: one by one, or in a file.
//!
//! A file has one reference a line, or is a table whose first column is `piece_id`. Blank lines and lines that begin with `#`
//! are skipped. A piece that is named twice is taken once. A table has references as they are printed: one without `L`, `M`
//! or backslash is that of a letter.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use clap::Args;

use super::acts::Act;
use super::names::{self, Kind};
use crate::failure::{Failure, Position};
use crate::ledger::Ledger;
use mail::lot::WrittenPiece;
use mail::piece::PieceKind;

/// The largest list, in bytes.
const MAX_LIST: u64 = 16 << 20;

/// The name of a table's first column.
const COLUMN: &str = "piece_id";

/// Pieces on the command line: references, or a file of them.
#[derive(Debug, Args)]
#[group(multiple = true)]
pub(super) struct PieceList {
    /// Pieces by their printed reference: 26327A000001, L26327A000001, M26327A000001; `.1` behind it names a reprint
    #[arg(value_name = "PIECE", value_parser = names::piece)]
    pieces: Vec<WrittenPiece>,
    /// A file of references: one a line, or a table whose first column is `piece_id`
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,
}

/// A piece that is named, and where.
struct Named {
    written: WrittenPiece,
    position: Option<Position>,
}

impl PieceList {
    /// One piece.
    pub(super) fn of(written: WrittenPiece) -> PieceList {
        PieceList { pieces: vec![written], list: None }
    }

    /// The act with these pieces, for the audit log: each with its kind, where it or `--kind` says one.
    pub(super) fn noted(&self, act: Act, asked: Option<Kind>) -> Act {
        let pieces: Vec<WrittenPiece> =
            self.pieces.iter().map(|piece| piece.or_kind(asked.map(PieceKind::from))).collect();
        act.pieces(&pieces).list(self.list.as_deref())
    }

    /// Whether nothing was named.
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.list.is_none()
    }

    /// The printed references of the pieces, each once, in the order in which they are named.
    ///
    /// # Errors
    /// `piece_list`: the file can't be read, has a line that is no reference, or names none; `unknown_piece`,
    /// `piece_ambiguous`: a piece that the ledger does not know, or knows twice. Several faults are parts of one.
    pub(super) fn references(&self, ledger: &Ledger, asked: Option<Kind>) -> Result<Vec<String>, Failure> {
        let (mut found, mut faults, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
        for named in self.named()? {
            match reference(&named.written, ledger, asked) {
                Ok(reference) => {
                    if seen.insert(reference.clone()) {
                        found.push(reference);
                    }
                }
                Err(fault) => faults.push(match named.position {
                    Some(position) => fault.at(position),
                    None => fault,
                }),
            }
        }
        one_of(faults)?;
        Ok(found)
    }

    /// The pieces of a file.
    pub(super) fn in_file(list: &Path) -> PieceList {
        PieceList { pieces: Vec::new(), list: Some(list.to_owned()) }
    }

    fn named(&self) -> Result<Vec<Named>, Failure> {
        let given = self.pieces.iter().map(|written| Named { written: written.clone(), position: None });
        let mut named: Vec<Named> = given.collect();
        if let Some(list) = &self.list {
            named.extend(read(list)?);
        }
        Ok(named)
    }
}

/// The only fault, or all of them as parts of one; nothing where there is none.
fn one_of(mut faults: Vec<Failure>) -> Result<(), Failure> {
    match (faults.len(), faults.pop()) {
        (_, None) => Ok(()),
        (1, Some(only)) => Err(only),
        (count, Some(last)) => {
            faults.push(last);
            let problem = format!("{count} pieces can't be found; nothing was done");
            Err(Failure::usage("piece_list", problem).with_parts(faults))
        }
    }
}

/// The printed reference of the piece that is meant.
///
/// # Errors
/// `unknown_piece`, `piece_ambiguous`; ledger errors.
pub(super) fn reference(
    written: &WrittenPiece,
    ledger: &Ledger,
    asked: Option<Kind>,
) -> Result<String, Failure> {
    let mut found = names::pieces(written, asked, |id| Ok(ledger.piece(id)?.map(|piece| piece.piece_id)))?;
    match (found.pop(), found.is_empty()) {
        (Some(piece), true) => Ok(piece),
        _ => {
            let [letter, mailer] =
                PieceKind::ALL.map(|kind| WrittenPiece { kind: Some(kind), ..written.clone() });
            let problem = format!("`{written}` is a letter, `{letter}`, and a mailer, `{mailer}`");
            Err(Failure::usage("piece_ambiguous", problem)
                .with_advice(format!("write `{letter}` or `{mailer}`")))
        }
    }
}

/// The pieces of a file.
fn read(path: &Path) -> Result<Vec<Named>, Failure> {
    let text = foreign::read_text(path, MAX_LIST).map_err(|error| {
        let advice = foreign::advice(&error.error).unwrap_or("name a text file in UTF-8 behind `--list`");
        Failure::usage("piece_list", error.to_string())
            .with_advice(advice)
            .in_file(&error.file)
            .caused_by(error)
    })?;
    let (mut named, mut faults) = (Vec::new(), Vec::new());
    let lines = (1..).zip(text.trim_start_matches('\u{feff}').lines());
    let mut lines =
        lines.filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#')).peekable();
    let is_header = |(_, line): &(u64, &str)| first_cell(line).eq_ignore_ascii_case(COLUMN);
    let printed = lines.next_if(is_header).map(|_| PieceKind::Letter);
    for (line, text) in lines {
        let position = Position::line(path.display(), line);
        match names::piece(first_cell(text)) {
            Ok(written) => {
                let written = WrittenPiece { kind: written.kind.or(printed), ..written };
                named.push(Named { written, position: Some(position) });
            }
            Err(problem) => faults.push(Failure::usage("piece_list", problem).at(position)),
        }
    }
    one_of(faults)?;
    match named.is_empty() {
        true => Err(Failure::usage("piece_list", "the file names no piece")
            .in_file(path.display())
            .with_advice("write one reference a line, such as L26327A000001")),
        false => Ok(named),
    }
}

/// The first cell of a line, without the quotes of a table.
fn first_cell(line: &str) -> &str {
    let cell = line.split([',', ';', '\t']).next().unwrap_or_default().trim();
    cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(text: &str) -> Result<Vec<(String, u64)>, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("again.csv");
        fs_err::write(&path, text).unwrap();
        let line = |named: &Named| named.position.as_ref().and_then(|position| position.line).unwrap();
        Ok(read(&path)?.iter().map(|named| (named.written.to_string(), line(named))).collect())
    }

    #[test]
    fn a_list_has_one_reference_a_line_or_a_first_column() {
        let pieces = |text| listed(text).unwrap();
        let first = |line| ("L26327A000001".to_owned(), line);
        assert_eq!(pieces("L26327A000001\n"), [first(1)]);
        assert_eq!(pieces("\u{feff}# spoiled\r\n\r\n L26327A000001 \r\n"), [first(3)]);
        assert_eq!(pieces("piece_id,cause\n26327A000001,torn\n"), [first(2)], "as it is printed");
        assert_eq!(pieces("26327A000001\n"), [("26327A000001".to_owned(), 1)], "of either kind");
        let table = "# of the morning\nPiece_Id;cause\n\"26327A\\000002.1\";\"torn; wet\"\n";
        assert_eq!(pieces(table), [("M26327A000002.1".to_owned(), 3)]);
    }

    #[test]
    fn a_line_that_is_no_reference_is_named_and_so_are_all_of_them() {
        let failure = listed("L26327A000001\npiece_id\n").unwrap_err();
        assert_eq!((failure.code(), failure.position().unwrap().line), ("piece_list", Some(2)), "{failure}");
        let failure = listed("monday\nL26327A\n").unwrap_err();
        let lines: Vec<_> = failure.parts().iter().map(|part| part.position().unwrap().line).collect();
        assert_eq!((lines, failure.exit().code()), (vec![Some(1), Some(2)], 2));
        assert_eq!(
            listed("# nothing\n").unwrap_err().advice().unwrap(),
            "write one reference a line, such as L26327A000001"
        );
    }
}
