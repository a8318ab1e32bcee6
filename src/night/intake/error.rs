//! What ends the intake: a record file that can't be understood as a whole.

use std::io;

/// A record file can't be read, or is not a record file. Nothing of the night is taken in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IntakeError {
    /// The system can't read the file.
    #[error("{source}; check the path, its permissions and the disk")]
    Unreadable {
        /// The path, as given.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// The file holds no header.
    #[error("`{file}` is empty; it needs at least a line with the names of its columns")]
    Empty {
        /// The path, as given.
        file: String,
    },
    /// The file is UTF-16.
    #[error("`{file}` is UTF-16; save it as UTF-8 (in Excel: « CSV UTF-8 »)")]
    Utf16 {
        /// The path, as given.
        file: String,
    },
    /// The file begins like no text does.
    #[error(
        "`{file}`, line {line}: the first line holds {what}, so it is no header of a CSV file; give the record file itself"
    )]
    NotText {
        /// The path, as given.
        file: String,
        /// The line of the header.
        line: u64,
        /// What gives it away.
        what: &'static str,
    },
    /// The file has the line ends of old Macintoshes.
    #[error(
        "`{file}`, line {line}: lines end in a lone carriage return; save it with the line ends of Unix or Windows"
    )]
    LineEnds {
        /// The path, as given.
        file: String,
        /// The line of the header.
        line: u64,
    },
    /// The file is UTF-8 and the job says otherwise.
    #[error(
        "`{file}` begins with the mark of UTF-8 and the job says `windows-1252`; set input.encoding = \"utf-8\""
    )]
    EncodingContradicted {
        /// The path, as given.
        file: String,
    },
    /// The header is not in the declared encoding.
    #[error(
        "`{file}`, line {line}, column {column}: the name can't be read in the job's encoding; check input.encoding, or write the name again"
    )]
    HeaderEncoding {
        /// The path, as given.
        file: String,
        /// The line of the header.
        line: u64,
        /// The place of the column, from 1.
        column: usize,
    },
    /// The header opens a quote that it doesn't close.
    #[error(
        "`{file}`, line {line}: the header has a quote out of place; write the names of the columns without quotes"
    )]
    HeaderQuote {
        /// The path, as given.
        file: String,
        /// The line of the header.
        line: u64,
    },
    /// Columns that every record file has are not there.
    #[error(
        "`{file}`, line {line}: no column {columns}; add it to the header, its values may be empty{delimiter}"
    )]
    MissingColumns {
        /// The path, as given.
        file: String,
        /// The line of the header.
        line: u64,
        /// The names, in backticks.
        columns: String,
        /// A hint when the header holds no delimiter, otherwise empty.
        delimiter: &'static str,
    },
    /// Columns that no record file has.
    #[error("`{file}`, line {line}: unknown column {columns}; mend its name, or list it in input.ignore")]
    UnknownColumns {
        /// The path, as given.
        file: String,
        /// The line of the header.
        line: u64,
        /// The names, in backticks, with their places.
        columns: String,
    },
    /// A column stands twice in the header.
    #[error(
        "`{file}`, line {line}: column `{column}` stands at places {first} and {second}; keep one of them"
    )]
    DuplicateColumn {
        /// The path, as given.
        file: String,
        /// The line of the header.
        line: u64,
        /// Its name.
        column: &'static str,
        /// Its first place, from 1.
        first: usize,
        /// Its second place, from 1.
        second: usize,
    },
}
