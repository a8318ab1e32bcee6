//! A row of a report that can't be read.

use foreign::legible;
use mail::excerpt;

use crate::failure::{Failure, Position, counted};

/// A row that can't be read. Nothing is known of its piece until a person says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// Its line in the file, from 1.
    pub line: u64,
    /// The column or the characters with the fault, as the file or the job calls them; empty where it is the whole row.
    pub column: String,
    /// What is wrong.
    pub problem: RowProblem,
}

/// What is wrong with a row. The text quotes the value within the limits of a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowProblem {
    /// Fewer columns than the header has, or than fields are in.
    #[error("the row has {} instead of {wanted}", counted(found, "column"))]
    TooFewColumns {
        /// How many there are.
        found: usize,
        /// How many there must be.
        wanted: usize,
    },
    /// More columns than the header has.
    #[error("the row has {}, and the header {wanted}", counted(found, "column"))]
    TooManyColumns {
        /// How many there are.
        found: usize,
        /// How many the header has.
        wanted: usize,
    },
    /// A line that ends before its last field.
    #[error("the line has {} instead of {wanted}", counted(found, "character"))]
    TooShort {
        /// How many there are.
        found: usize,
        /// How many there must be.
        wanted: usize,
    },
    /// A quote that is not closed, or text behind a closing one.
    #[error("a quote is out of place")]
    Quote,
    /// A line of more bytes than any report needs.
    #[error("the line is longer than {} KiB", .0 / 1024)]
    TooLong(usize),
    /// A zero byte within the line.
    #[error("the line holds a zero byte")]
    Nul,
    /// A byte that is no character of the encoding.
    #[error("`{}` is not UTF-8", excerpt(.0))]
    Encoding(String),
    /// A position that is no number.
    #[error("`{}` is no position", excerpt(.0))]
    Position(String),
    /// A time that is none.
    #[error("`{}` is no time{}", excerpt(.value), format.as_ref().map(|format| format!(" of the form `{}`", excerpt(format))).unwrap_or_default())]
    Time {
        /// The text.
        value: String,
        /// The format of the job; `None` for ISO 8601.
        format: Option<String>,
    },
    /// A status that is not known.
    #[error("`{}` is no known status", excerpt(.0))]
    Status(String),
    /// Rows behind the line that ends the report.
    #[error("rows stand behind the end mark: {rows}")]
    BehindEnd {
        /// How many.
        rows: u64,
    },
}

impl RowProblem {
    /// The stable code of this kind of problem.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooFewColumns { .. } => "report_too_few_columns",
            Self::TooManyColumns { .. } => "report_too_many_columns",
            Self::TooShort { .. } => "report_row_too_short",
            Self::Quote => "report_quote",
            Self::TooLong(_) => "report_row_too_long",
            Self::Nul => "report_nul_byte",
            Self::Encoding(_) => "report_row_encoding",
            Self::Position(_) => "report_position",
            Self::Time { .. } => "report_time",
            Self::Status(_) => "report_status",
            Self::BehindEnd { .. } => "report_behind_end",
        }
    }

    /// What to do about it.
    pub fn advice(&self) -> String {
        const LOOK: &str = "copy the file again from the machine; if the row stays so, look at the piece and book it with `--hand`";
        const JOB: &str = "of the machine's `results` in the job file";
        match self {
            Self::TooFewColumns { .. } => format!(
                "{LOOK}; a machine that leaves out empty columns at the end needs every column by its number in `fields` {JOB}, and its header counted in `skip_lines` there"
            ),
            Self::TooManyColumns { .. } => format!(
                "{LOOK}; a machine that writes so by design needs every column by its number in `fields` {JOB}, and its header counted in `skip_lines` there"
            ),
            Self::TooShort { .. } => {
                format!("{LOOK}; a line that is meant to be shorter needs another place in `fields` {JOB}")
            }
            Self::Quote | Self::TooLong(_) | Self::Nul => LOOK.to_owned(),
            Self::Encoding(_) => format!("set `encoding = \"windows-1252\"` {JOB}, or {LOOK}"),
            Self::Position(_) => {
                format!("{LOOK}; if it is no position by design, correct `fields.position` {JOB}")
            }
            Self::Time { format: Some(_), .. } => format!("correct `time_format` {JOB}, or {LOOK}"),
            Self::Time { .. } => {
                format!("set `time_format` {JOB}, such as `\"%d.%m.%Y %H:%M:%S\"`, or {LOOK}")
            }
            Self::Status(text) if text.is_empty() => {
                format!(
                    "say what an empty status means in `status` {JOB}, such as `{{ \"\" = \"none\" }}`, or {LOOK}"
                )
            }
            Self::Status(text) => {
                format!(
                    "say what it means in `status` {JOB}, such as `{{ \"{}\" = \"damaged\" }}`, or {LOOK}",
                    excerpt(text)
                )
            }
            Self::BehindEnd { .. } => format!(
                "give each report its own file; if the mark ends nothing, correct `end_mark` {JOB}, where \"\" means that there is none"
            ),
        }
    }
}

impl RowFault {
    /// The fault of a row of this file, as a part of a failure or for a person.
    pub(crate) fn failure(&self, file: &str) -> Failure {
        let message = match self.column.as_str() {
            "" => self.problem.to_string(),
            column => format!("{}: {}", legible(column), self.problem),
        };
        Failure::usage(self.problem.code(), message)
            .at(Position::line(file, self.line))
            .with_advice(self.problem.advice())
    }
}
