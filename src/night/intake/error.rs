//! Faults of a record file as a whole, which end the intake.

use std::io;

use super::unpacking::{GzipFault, Packing};
use crate::failure::{Exit, Explained, Position};
use crate::vault::SealError;

/// A record file that can't be read or is not a record file. Nothing of the night is taken in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IntakeError {
    /// The file can't be read.
    #[error("can't be read: {source}")]
    Unreadable {
        /// The path, as given.
        file: String,
        /// The system's error.
        source: io::Error,
    },
    /// A compressed file that can't be unpacked.
    #[error("{fault}")]
    Gzip {
        /// The path, as given.
        file: String,
        /// What is wrong with it.
        fault: GzipFault,
    },
    /// A sealed file that can't be opened.
    #[error(transparent)]
    Sealed(#[from] SealError),
    /// The file is packed, and its name does not say so.
    #[error("{}", packed_problem(.file, .what))]
    Packed {
        /// The path, as given.
        file: String,
        /// How it is packed, for a message.
        what: &'static str,
        /// How its name has to end.
        ending: &'static str,
    },
    /// The file holds no header.
    #[error("the file is empty")]
    Empty {
        /// The path, as given.
        file: String,
    },
    /// A file without delimiters ends among the lines before its first record.
    #[error("the file ends within the {skip} lines that `skip` of `[input.fixed]` passes over")]
    EndsEarly {
        /// The path, as given.
        file: String,
        /// The last line.
        line: u64,
        /// How many lines stand before the first record.
        skip: u64,
    },
    /// The file is UTF-16.
    #[error("the file is UTF-16")]
    Utf16 {
        /// The path, as given.
        file: String,
    },
    /// The first line is not text.
    #[error("the first line holds {what}, so it is no header of a CSV file")]
    NotText {
        /// The path, as given.
        file: String,
        /// The line of the header.
        line: u64,
        /// What it holds instead of text.
        what: &'static str,
    },
    /// The delimiter is neither `,` nor `;`.
    #[error("columns are separated by {found}")]
    Delimiter {
        /// The path, as given.
        file: String,
        /// The line of the header.
        line: u64,
        /// The delimiter, for a message.
        found: &'static str,
    },
    /// Lines end in a lone carriage return, as on the first Macintoshes.
    #[error("lines end in a lone carriage return")]
    LineEnds {
        /// The path, as given.
        file: String,
        /// The line of the header.
        line: u64,
    },
    /// The file begins with UTF-8's byte order mark, and the job declares Windows-1252.
    #[error("the file begins with the mark of UTF-8 and the job says `windows-1252`")]
    EncodingContradicted {
        /// The path, as given.
        file: String,
    },
    /// The header is not in the declared encoding.
    #[error("the name of column {column} can't be read in the job's encoding")]
    HeaderEncoding {
        /// The path, as given.
        file: String,
        /// The line of the header.
        line: u64,
        /// The column's number, from 1.
        column: usize,
    },
    /// The name of a column holds a character that can't be seen.
    #[error("column {column}, `{name}`, holds {character}, which can't be seen")]
    HiddenCharacter {
        /// The path, as given.
        file: String,
        /// The line of the header.
        line: u64,
        /// The column's number, from 1.
        column: usize,
        /// The name without the character.
        name: String,
        /// The character, for a message.
        character: String,
    },
    /// A column that is not the last one has no name.
    #[error("column {column} has no name")]
    NamelessColumn {
        /// The path, as given.
        file: String,
        /// The line of the header.
        line: u64,
        /// The column's number, from 1.
        column: usize,
    },
    /// The header opens a quote that it doesn't close.
    #[error("the header has a quote out of place")]
    HeaderQuote {
        /// The path, as given.
        file: String,
        /// The line of the header.
        line: u64,
    },
    /// Columns that every record file has are missing.
    #[error("no column {columns}")]
    MissingColumns {
        /// The path, as given.
        file: String,
        /// The line of the header.
        line: u64,
        /// The names, in backticks.
        columns: String,
        /// Advice on delimiters where the header holds none, otherwise empty.
        delimiter: &'static str,
        /// Whether the job maps columns.
        mapped: bool,
    },
    /// Columns that no record file has.
    #[error("unknown column {columns}")]
    UnknownColumns {
        /// The path, as given.
        file: String,
        /// The line of the header.
        line: u64,
        /// The names, in backticks, with their numbers.
        columns: String,
        /// The number of the first, from 1.
        first: usize,
        /// What to do.
        advice: String,
    },
    /// A column of the file whose value is a constant of the job.
    #[error("column `{column}` stands in the file, and the job has its value in `[input.constants]`")]
    ConstantColumn {
        /// The path, as given.
        file: String,
        /// The line of the header.
        line: u64,
        /// Its name.
        column: &'static str,
        /// Its number, from 1.
        number: usize,
    },
    /// A file without delimiters does not end with the line that the layout says.
    #[error("the last line does not begin with `{starts_with}`, so the file is cut short")]
    TrailerMissing {
        /// The path, as given.
        file: String,
        /// The last line.
        line: u64,
        /// How it should begin.
        starts_with: String,
    },
    /// The last line of a file without delimiters has another number than the file has records.
    #[error("the last line says `{written}` records, and the file has {rows}")]
    TrailerCount {
        /// The path, as given.
        file: String,
        /// The last line.
        line: u64,
        /// The first character of the number, from 1.
        column: usize,
        /// What stands there.
        written: String,
        /// How many records the file has.
        rows: u64,
    },
    /// A column stands twice in the header.
    #[error("column `{column}` stands twice, as number {first} and number {second}")]
    DuplicateColumn {
        /// The path, as given.
        file: String,
        /// The line of the header.
        line: u64,
        /// Its name.
        column: String,
        /// Its first number, from 1.
        first: usize,
        /// Its second number, from 1.
        second: usize,
    },
}

impl IntakeError {
    /// The error of a file that can't be read, or not on.
    pub(super) fn of_reading(file: &str, error: io::Error) -> IntakeError {
        let file = file.to_owned();
        let fault = error.get_ref().and_then(|inner| inner.downcast_ref::<GzipFault>()).copied();
        match fault {
            Some(fault) => IntakeError::Gzip { file, fault },
            None if Packing::of_name(&file).sealed => SealError::of_second_reading(&file, error).into(),
            None => IntakeError::Unreadable { file, source: error },
        }
    }
}

impl Explained for IntakeError {
    fn exit(&self) -> Exit {
        match self {
            IntakeError::Sealed(error) => error.exit(),
            _ => Exit::Usage,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            IntakeError::Unreadable { .. } => "records_unreadable",
            IntakeError::Gzip { fault: GzipFault::CutShort, .. } => "records_gzip_cut_short",
            IntakeError::Gzip { fault: GzipFault::Damaged, .. } => "records_gzip_damaged",
            IntakeError::Gzip { fault: GzipFault::NotCompressed, .. } => "records_not_gzip",
            IntakeError::Gzip { fault: GzipFault::TooLarge, .. } => "records_gzip_too_large",
            IntakeError::Sealed(error) => error.code(),
            IntakeError::Packed { .. } => "records_packed",
            IntakeError::Empty { .. } => "records_empty",
            IntakeError::EndsEarly { .. } => "records_end_early",
            IntakeError::Utf16 { .. } => "records_utf16",
            IntakeError::NotText { .. } => "records_not_text",
            IntakeError::Delimiter { .. } => "records_delimiter",
            IntakeError::LineEnds { .. } => "records_line_ends",
            IntakeError::EncodingContradicted { .. } => "records_encoding",
            IntakeError::HeaderEncoding { .. } => "header_encoding",
            IntakeError::HiddenCharacter { .. } => "header_hidden_character",
            IntakeError::NamelessColumn { .. } => "header_nameless_column",
            IntakeError::HeaderQuote { .. } => "header_quote",
            IntakeError::MissingColumns { .. } => "header_missing_columns",
            IntakeError::UnknownColumns { .. } => "header_unknown_columns",
            IntakeError::ConstantColumn { .. } => "header_constant_column",
            IntakeError::TrailerMissing { .. } => "records_trailer_missing",
            IntakeError::TrailerCount { .. } => "records_trailer_count",
            IntakeError::DuplicateColumn { .. } => "header_duplicate_column",
        }
    }

    fn advice(&self) -> Option<String> {
        let advice = match self {
            IntakeError::Unreadable { .. } => "check the path, its permissions and the disk",
            IntakeError::Gzip { fault: GzipFault::TooLarge, .. } => {
                "see what is in it with `gunzip`, and put it into the inbox without compression if it holds records alone"
            }
            IntakeError::Gzip { fault: GzipFault::NotCompressed, .. } => {
                "if it is plain text, take `.gz` off its name, and see that `input.cards` takes that name; otherwise have it compressed with `gzip`"
            }
            IntakeError::Gzip { .. } => {
                "fetch the file again, in binary mode, and put it into the inbox under its name only once it is whole"
            }
            IntakeError::Sealed(error) => return error.advice(),
            IntakeError::Packed { file, ending, .. } => return Some(packed_advice(file, ending)),
            IntakeError::Empty { .. } => {
                "send the file again; one without records has at least its line of column names"
            }
            IntakeError::EndsEarly { .. } => {
                "fetch the file again; if so many lines do not stand before its records, correct `skip` in `[input.fixed]`"
            }
            IntakeError::Utf16 { .. } => "save it as UTF-8 (in Excel: « CSV UTF-8 »)",
            IntakeError::NotText { .. } => {
                "put the records into the inbox as a CSV file in UTF-8 (in Excel: « CSV UTF-8 »)"
            }
            IntakeError::Delimiter { .. } => "separate them by `,` or `;` (in Excel: save as « CSV UTF-8 »)",
            IntakeError::HiddenCharacter { name, .. } => {
                return Some(format!("take it out, so that the name is `{name}`"));
            }
            IntakeError::NamelessColumn { .. } => "write its name, or take the column out of the file",
            IntakeError::LineEnds { .. } => "save it with the line ends of Unix or Windows",
            IntakeError::EncodingContradicted { .. } => "set input.encoding = \"utf-8\"",
            IntakeError::HeaderEncoding { .. } => "check input.encoding, or write the name again",
            IntakeError::HeaderQuote { .. } => "write the names of the columns without quotes",
            IntakeError::MissingColumns { delimiter, mapped: true, .. } => {
                return Some(format!(
                    "correct its name in `[input.columns]`, or add it to `[input.constants]` if the issuer does not send it (such as `title = \"\"`){delimiter}"
                ));
            }
            IntakeError::MissingColumns { delimiter, .. } => {
                return Some(format!("add it to the header, its values may be empty{delimiter}"));
            }
            IntakeError::UnknownColumns { advice, .. } => return Some(advice.clone()),
            IntakeError::ConstantColumn { .. } => {
                "take its line out of `[input.constants]`, so that the column is read, or list it in input.ignore"
            }
            IntakeError::TrailerMissing { .. } => {
                "fetch the file again; if its issuer sends no such line, correct `trailer` in `[input.fixed]` or take it out"
            }
            IntakeError::TrailerCount { .. } => {
                "fetch the file again, and ask its sender which of the two is right; if the number stands elsewhere, correct `trailer.count` in `[input.fixed]`"
            }
            IntakeError::DuplicateColumn { .. } => "keep one of them",
        };
        Some(advice.to_owned())
    }

    fn position(&self) -> Option<Position> {
        Some(match self {
            IntakeError::Sealed(error) => return error.position(),
            IntakeError::Unreadable { file, .. }
            | IntakeError::Gzip { file, .. }
            | IntakeError::Packed { file, .. }
            | IntakeError::Empty { file }
            | IntakeError::Utf16 { file }
            | IntakeError::EncodingContradicted { file } => Position::file(file),
            IntakeError::NotText { file, line, .. }
            | IntakeError::Delimiter { file, line, .. }
            | IntakeError::LineEnds { file, line }
            | IntakeError::EndsEarly { file, line, .. }
            | IntakeError::TrailerMissing { file, line, .. }
            | IntakeError::HiddenCharacter { file, line, .. }
            | IntakeError::HeaderQuote { file, line }
            | IntakeError::MissingColumns { file, line, .. } => Position::line(file, *line),
            IntakeError::HeaderEncoding { file, line, column: number }
            | IntakeError::NamelessColumn { file, line, column: number }
            | IntakeError::TrailerCount { file, line, column: number, .. }
            | IntakeError::UnknownColumns { file, line, first: number, .. }
            | IntakeError::ConstantColumn { file, line, number, .. }
            | IntakeError::DuplicateColumn { file, line, second: number, .. } => {
                Position::column(file, *line, *number as u64)
            }
        })
    }
}

/// What is wrong with a file that is packed in another way than its name says.
fn packed_problem(file: &str, what: &str) -> String {
    match Packing::of_name(file).is_none() {
        true => format!("the file is {what}, and its name does not say so"),
        false => format!("what is in the file is {what} once more, and its name does not say so"),
    }
}

/// What to do about a file whose text is packed once more. It is compressed first, then sealed, and each of them once.
fn packed_advice(file: &str, ending: &str) -> String {
    let ending = match (Packing::of_name(file), ending) {
        (Packing { sealed: false, compressed: false }, ending) => ending,
        (Packing { sealed: true, compressed: false }, ".gz") => ".gz.age",
        _ => return "have it compressed once, then sealed once, under a name that ends in `.gz.age`; or leave out either".to_owned(),
    };
    format!("rename it, so that its name ends in `{ending}`, and see that `input.cards` takes that name")
}
