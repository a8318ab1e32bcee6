//! A file that is no report of a machine as the job describes it.

use std::io::ErrorKind;

use foreign::UnreadableFile;

use super::MAX_ROWS;
use super::fault::RowFault;
use crate::failure::{Exit, Explained, Failure, Position, counted};

/// A file that can't be used as a machine's report. Nothing of it is read.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub struct ReportError {
    /// The file, legible.
    pub file: String,
    /// What is wrong with it.
    pub problem: ReportProblem,
}

/// Why a file can't be used as a machine's report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportProblem {
    /// The file can't be read, or is too large.
    #[error(transparent)]
    Unreadable(UnreadableFile),
    /// The file holds nothing.
    #[error("the file is empty")]
    Empty,
    /// The file is packed, or of another kind.
    #[error("this is a {kind} file, and no report")]
    OtherKind {
        /// Its kind.
        kind: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// The file is UTF-16.
    #[error("the file is UTF-16")]
    Utf16,
    /// The first line is not text.
    #[error("the first line holds a zero byte, so this is no report")]
    NotText,
    /// The file has UTF-8's byte order mark, and the job says Windows-1252.
    #[error("the file begins with the mark of UTF-8, and the job says `windows-1252`")]
    EncodingContradicted,
    /// The header is not UTF-8.
    #[error("the header is not UTF-8")]
    HeaderEncoding {
        /// Its line.
        line: u64,
    },
    /// The header has a quote out of place.
    #[error("the header has a quote out of place")]
    HeaderQuote {
        /// Its line.
        line: u64,
    },
    /// The file ends before its header.
    #[error("the file ends before its header")]
    NoHeader,
    /// The header does not have a column.
    #[error("no column {missing}; the columns are {found}")]
    MissingColumns {
        /// The header's line.
        line: u64,
        /// The names, in backticks.
        missing: String,
        /// The names of the header, in backticks.
        found: String,
    },
    /// Two columns have a name that a field is in.
    #[error("column `{column}` stands twice")]
    DuplicateColumn {
        /// The header's line.
        line: u64,
        /// The name.
        column: String,
    },
    /// The file has too many rows.
    #[error("the file has more than {MAX_ROWS} rows")]
    TooManyRows,
    /// No row can be read.
    #[error("none of its {} can be read", counted(rows, "row"))]
    NoRow {
        /// How many rows there are.
        rows: u64,
        /// The fault of the first.
        first: Box<RowFault>,
    },
}

impl Explained for ReportError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn code(&self) -> &'static str {
        match &self.problem {
            ReportProblem::Unreadable(_) => "report_unreadable",
            ReportProblem::Empty => "report_empty",
            ReportProblem::OtherKind { .. } => "report_other_kind",
            ReportProblem::Utf16 => "report_utf16",
            ReportProblem::NotText => "report_not_text",
            ReportProblem::EncodingContradicted | ReportProblem::HeaderEncoding { .. } => "report_encoding",
            ReportProblem::HeaderQuote { .. } => "report_header_quote",
            ReportProblem::NoHeader => "report_no_header",
            ReportProblem::MissingColumns { .. } => "report_missing_column",
            ReportProblem::DuplicateColumn { .. } => "report_duplicate_column",
            ReportProblem::TooManyRows => "report_too_many_rows",
            ReportProblem::NoRow { .. } => "report_no_row",
        }
    }

    fn advice(&self) -> Option<String> {
        const SPLIT: &str =
            "split it into smaller files, each with the lines before the first row, and name them all";
        let advice = match &self.problem {
            ReportProblem::Unreadable(unreadable) if unreadable.error.kind() == ErrorKind::FileTooLarge => {
                SPLIT
            }
            ReportProblem::Unreadable(unreadable) => {
                foreign::advice(&unreadable.error).unwrap_or("name the file that the machine wrote")
            }
            ReportProblem::Empty => {
                "copy it again once the machine has written it; a report of no piece holds its header or, where it has none, its end mark (`END`)"
            }
            ReportProblem::OtherKind { advice, .. } => advice,
            ReportProblem::Utf16 => "save it as UTF-8: `iconv -f UTF-16 -t UTF-8 FILE > NEW`",
            ReportProblem::NotText => "name the file that the machine wrote as text",
            ReportProblem::EncodingContradicted => {
                "set `encoding = \"utf-8\"` in the machine's `results` in the job file"
            }
            ReportProblem::HeaderEncoding { .. } => {
                "set `encoding = \"windows-1252\"` in the machine's `results` in the job file, or save the file as UTF-8"
            }
            ReportProblem::NoHeader => {
                "wait until the machine has written it; if it has, correct `skip_lines` of the machine's `results` in the job file"
            }
            ReportProblem::MissingColumns { .. } => {
                "say in `fields` of the machine's `results` in the job file how this file calls it, such as `value = \"Code\"`, and check `delimiter` and `skip_lines` there"
            }
            ReportProblem::DuplicateColumn { .. } | ReportProblem::HeaderQuote { .. } => {
                "name every column by its number in `fields` of the machine's `results` in the job file, such as `value = 2`, and count the header in `skip_lines` there"
            }
            ReportProblem::TooManyRows => SPLIT,
            // That of the first row.
            ReportProblem::NoRow { .. } => return None,
        };
        Some(advice.to_owned())
    }

    fn position(&self) -> Option<Position> {
        Some(match &self.problem {
            ReportProblem::HeaderEncoding { line }
            | ReportProblem::HeaderQuote { line }
            | ReportProblem::MissingColumns { line, .. }
            | ReportProblem::DuplicateColumn { line, .. } => Position::line(&self.file, *line),
            _ => Position::file(&self.file),
        })
    }

    fn parts(&self) -> Vec<Failure> {
        match &self.problem {
            ReportProblem::NoRow { first, .. } => vec![first.failure(&self.file)],
            _ => Vec::new(),
        }
    }
}

/// What the first bytes say that a file is, where it can be no report.
pub(super) fn foreign_kind(bytes: &[u8]) -> Option<ReportProblem> {
    const KINDS: [(&[u8], &str, &str); 6] = [
        (b"\x1f\x8b", "gzip", "unpack it with `gunzip < FILE > NEW`, then name the new file"),
        (
            b"PK\x03\x04",
            "ZIP or Excel",
            "unpack it with `unzip FILE`, or save the table as « CSV UTF-8 »; then name that file",
        ),
        (b"%PDF-", "PDF", "name the file that the machine wrote as text"),
        (b"\xd0\xcf\x11\xe0", "Excel", "save the table as « CSV UTF-8 », then name that file"),
        (b"\x28\xb5\x2f\xfd", "Zstandard", "unpack it with `unzstd < FILE > NEW`, then name the new file"),
        (b"\xfd7zXZ", "XZ", "unpack it with `unxz < FILE > NEW`, then name the new file"),
    ];
    let marked_utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let plain_utf16 = matches!(bytes, [low, 0, next, 0, ..] if *low != 0 && *next != 0);
    if marked_utf16 || plain_utf16 {
        return Some(ReportProblem::Utf16);
    }
    let kind = KINDS.into_iter().find(|(mark, ..)| bytes.starts_with(mark));
    kind.map(|(_, kind, advice)| ReportProblem::OtherKind { kind, advice })
}
