//! The header of a record file: its delimiter and the field of each column.
//!
//! The header is the first line that is not blank, except a line `sep=;`, with which spreadsheets name the delimiter. The
//! delimiter is `,` or `;`, whichever the header holds more of. Columns may stand in any order; delimiters after the last
//! name are passed over. An unknown column ends the intake unless the job lists it in `input.ignore`. A column has the
//! issuer's name where the job gives one (`input.columns`), and no other.

use std::io::Read;

use super::cells::{self, CellFault};
use super::header_columns::Found;
use super::lines::{Lines, PhysicalLine};
use super::records::Splitter;
use super::row_layout::RowLayout;
use super::{Encoding, IntakeError, IntakeSettings};
use crate::job::header_name;
use mail::{excerpt, shown_character};

/// The byte order mark that UTF-8 files may begin with.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A valid header.
pub(super) struct Header {
    /// The delimiter.
    pub(super) delimiter: u8,
    /// Where each column stands.
    pub(super) layout: RowLayout,
}

impl Header {
    /// Reads the header of a file.
    pub(super) fn read<R: Read>(
        lines: &mut Lines<R>,
        file: &str,
        settings: &IntakeSettings,
    ) -> Result<Self, IntakeError> {
        let mut line = first_line(lines, file, settings.encoding)?;
        let named = named_delimiter(line.text());
        if named.is_some() {
            line = next_filled_line(lines, file)?;
        }
        refuse_other_formats(&line, file)?;
        let delimiter = match named {
            // One that the header does not hold is what another program took it for.
            Some(delimiter @ (b',' | b';')) if line.text().contains(&delimiter) => delimiter,
            Some(b',' | b';') => sniff(&line, file)?,
            Some(other) => return Err(wrong_delimiter(other, line.number, file)),
            None => sniff(&line, file)?,
        };
        let mut names = split_names(&line, delimiter, file, settings.encoding)?;
        // Spreadsheets write a delimiter after the last column; its values are held to be blank.
        let last_name = names.iter().rposition(|name| !name.is_empty()).unwrap_or_default();
        names.truncate(last_name + 1);
        let found = Found { file, line: line.number, names: &names, mapping: &settings.mapping };
        found.refuse_unknown(&settings.ignore)?;
        let indices = found.indices()?;
        let client_ref = found.client_ref(&settings.ignore)?;
        Ok(Self { delimiter, layout: RowLayout::of_header(names, indices, client_ref) })
    }
}

/// The first line that is not blank, without a byte-order mark.
fn first_line<R: Read>(
    lines: &mut Lines<R>,
    file: &str,
    encoding: Encoding,
) -> Result<PhysicalLine, IntakeError> {
    let line = without_mark(next_line(lines, file)?, file, encoding)?;
    if line.is_blank() { next_filled_line(lines, file) } else { Ok(line) }
}

/// The first line of a file without header, without a byte-order mark. It may be blank.
///
/// # Errors
/// [`IntakeError`]: the file can't be read, is empty, or is no text.
pub(super) fn first_of_file<R: Read>(
    lines: &mut Lines<R>,
    file: &str,
    encoding: Encoding,
) -> Result<PhysicalLine, IntakeError> {
    let line = without_mark(next_line(lines, file)?, file, encoding)?;
    refuse_other_formats(&line, file)?;
    Ok(line)
}

fn next_line<R: Read>(lines: &mut Lines<R>, file: &str) -> Result<PhysicalLine, IntakeError> {
    let line = lines.next().map_err(|error| IntakeError::of_reading(file, error))?;
    line.ok_or_else(|| IntakeError::Empty { file: file.to_owned() })
}

/// The first line of a file without a byte-order mark.
fn without_mark(mut line: PhysicalLine, file: &str, encoding: Encoding) -> Result<PhysicalLine, IntakeError> {
    let file = || file.to_owned();
    if line.bytes.starts_with(b"\xff\xfe") || line.bytes.starts_with(b"\xfe\xff") {
        return Err(IntakeError::Utf16 { file: file() });
    }
    if line.bytes.starts_with(BYTE_ORDER_MARK) {
        if encoding == Encoding::Windows1252 {
            return Err(IntakeError::EncodingContradicted { file: file() });
        }
        line.bytes.drain(..BYTE_ORDER_MARK.len());
    }
    Ok(line)
}

/// The next line that is not blank.
fn next_filled_line<R: Read>(lines: &mut Lines<R>, file: &str) -> Result<PhysicalLine, IntakeError> {
    loop {
        let line = next_line(lines, file)?;
        if !line.is_blank() {
            return Ok(line);
        }
    }
}

/// The delimiter of a line `sep=;`, with which spreadsheets begin a file.
fn named_delimiter(line: &[u8]) -> Option<u8> {
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let (word, rest) = line.split_at_checked(4)?;
    let delimiter = rest.first().copied().unwrap_or(b',');
    let alone = rest.iter().all(|byte| matches!(*byte, b'"' | b'\r' | b' ') || *byte == delimiter);
    (word.eq_ignore_ascii_case(b"sep=") && alone).then_some(delimiter)
}

/// Refuses a file that is not text, or whose lines end in a lone carriage return.
fn refuse_other_formats(line: &PhysicalLine, file: &str) -> Result<(), IntakeError> {
    let (file, text) = (file.to_owned(), line.text());
    let what = if text.starts_with(b"PK\x03\x04") {
        "an Excel workbook or another archive"
    } else if text.starts_with(b"\x1f\x8b") {
        return Err(IntakeError::Packed { file, what: "compressed (gzip)", ending: ".gz" });
    } else if text.starts_with(b"age-encryption.org/") || text.starts_with(b"-----BEGIN AGE ENCRYPTED FILE") {
        return Err(IntakeError::Packed { file, what: "sealed (age)", ending: ".age" });
    } else if text.contains(&0) {
        "zero bytes"
    } else if line.cut {
        "no line end for very long"
    } else if text.trim_ascii_end().contains(&b'\r') {
        return Err(IntakeError::LineEnds { file, line: line.number });
    } else if text.iter().any(|byte| byte.is_ascii_control() && !b"\r\t".contains(byte)) {
        "control characters"
    } else {
        return Ok(());
    };
    Err(IntakeError::NotText { file, line: line.number, what })
}

/// The delimiter that a header holds more of; `,` where it holds as many of both.
///
/// # Errors
/// [`IntakeError::Delimiter`]: it holds more of another one.
fn sniff(line: &PhysicalLine, file: &str) -> Result<u8, IntakeError> {
    let header = line.text();
    let count = |delimiter| header.iter().filter(|byte| **byte == delimiter).count();
    let delimiter = if count(b';') > count(b',') { b';' } else { b',' };
    let other = OTHER_DELIMITERS.iter().find(|(other, _)| count(*other) > count(delimiter).max(1));
    match other {
        Some((other, _)) => Err(wrong_delimiter(*other, line.number, file)),
        None => Ok(delimiter),
    }
}

/// Delimiters of other programs, and how a message names them.
const OTHER_DELIMITERS: [(u8, &str); 5] =
    [(b'\t', "a tab"), (b'|', "`|`"), (b':', "`:`"), (b'~', "`~`"), (b'^', "`^`")];

fn wrong_delimiter(delimiter: u8, line: u64, file: &str) -> IntakeError {
    let known = OTHER_DELIMITERS.iter().find(|(other, _)| *other == delimiter);
    let found = known.map_or("another character", |(_, name)| name);
    IntakeError::Delimiter { file: file.to_owned(), line, found }
}

/// The names of a header, without spaces at their ends.
fn split_names(
    line: &PhysicalLine,
    delimiter: u8,
    file: &str,
    encoding: Encoding,
) -> Result<Vec<String>, IntakeError> {
    let file = || file.to_owned();
    let mut splitter = Splitter::new(delimiter);
    splitter.begin();
    if !splitter.feed(line) {
        return Err(IntakeError::HeaderQuote { file: file(), line: line.number });
    }
    let fields = splitter.fields();
    let name = |index| match cells::read(fields.get(index), encoding) {
        Ok(name) => Ok(header_name(&name)),
        Err(CellFault::Control(hidden)) => {
            let written = String::from_utf8_lossy(fields.get(index)).replace(hidden, "");
            let (name, character) = (excerpt(written.trim()), shown_character(hidden));
            Err(IntakeError::HiddenCharacter {
                file: file(),
                line: line.number,
                column: index + 1,
                name,
                character,
            })
        }
        Err(_) => Err(IntakeError::HeaderEncoding { file: file(), line: line.number, column: index + 1 }),
    };
    (0..fields.len()).map(name).collect()
}
