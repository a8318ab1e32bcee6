//! The header of a record file: its delimiter and the field of each column.
//!
//! The header is the first line that is not blank, except a line `sep=;`, with which spreadsheets name the delimiter. The
//! delimiter is `,` or `;`, whichever the header holds more of. Columns may stand in any order; delimiters after the last
//! name are passed over. An unknown column ends the intake unless the job lists it in `input.ignore`. A column has the
//! issuer's name where the job gives one (`input.columns`), and no other.

use std::io::Read;

use super::cells::{self, CellFault};
use super::lines::{Lines, PhysicalLine};
use super::records::Splitter;
use super::row_layout::RowLayout;
use super::{Encoding, IntakeError, IntakeSettings};
use crate::job::{Column, RecordMapping};
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
            Some(delimiter @ (b',' | b';')) => delimiter,
            Some(other) => return Err(wrong_delimiter(other, line.number, file)),
            None => sniff(&line, file)?,
        };
        if line.text().last() == Some(&b'\r') {
            line.bytes.pop();
        }
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
        Ok(name) => Ok(name.into_owned()),
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

/// Whether the job leaves a column alone.
fn is_ignored(name: &str, ignore: &[String]) -> bool {
    ignore.iter().any(|ignored| ignored.trim() == name)
}

/// The names that were found in a header.
struct Found<'f> {
    file: &'f str,
    line: u64,
    names: &'f [String],
    mapping: &'f RecordMapping,
}

impl Found<'_> {
    /// The names of the columns that a file may have.
    fn known_names(&self) -> impl Iterator<Item = &str> {
        let sent = Column::ALL.into_iter().filter(|column| self.mapping.constant(*column).is_none());
        sent.map(|column| self.mapping.name(column)).chain([self.mapping.client_ref_name()])
    }

    /// The field of every column, each of which must stand in the header once, unless its value is a constant.
    fn indices(&self) -> Result<[Option<usize>; Column::COUNT], IntakeError> {
        let mut indices = [None; Column::COUNT];
        let mut missing = Vec::new();
        for column in Column::ALL.into_iter().filter(|column| self.mapping.constant(*column).is_none()) {
            let name = self.mapping.name(column);
            let mut found = (0..self.names.len()).filter(|index| self.names[*index] == name);
            match (found.next(), found.next()) {
                (Some(index), None) => indices[column as usize] = Some(index),
                (Some(first), Some(second)) => return Err(self.duplicate(name, first, second)),
                (None, _) if name == column.name() => missing.push(format!("`{name}`")),
                (None, _) => missing.push(format!("`{}` (our `{}`)", excerpt(name), column.name())),
            }
        }
        if missing.is_empty() { Ok(indices) } else { Err(self.missing(&missing)) }
    }

    /// The field of the client's reference, which stands in the header once at most.
    fn client_ref(&self, ignore: &[String]) -> Result<Option<usize>, IntakeError> {
        let name = self.mapping.client_ref_name();
        if is_ignored(name, ignore) {
            return Ok(None);
        }
        let mut found = (0..self.names.len()).filter(|index| self.names[*index] == name);
        match (found.next(), found.next()) {
            (Some(first), Some(second)) => Err(self.duplicate(name, first, second)),
            (index, _) => Ok(index),
        }
    }

    fn duplicate(&self, name: &str, first: usize, second: usize) -> IntakeError {
        let (file, line, column) = (self.file.to_owned(), self.line, excerpt(name));
        IntakeError::DuplicateColumn { file, line, column, first: first + 1, second: second + 1 }
    }

    fn missing(&self, missing: &[String]) -> IntakeError {
        let delimiter = if self.names.len() == 1 { "; columns are separated by `,` or `;`" } else { "" };
        let (file, line, columns) = (self.file.to_owned(), self.line, missing.join(", "));
        let mapped = !self.mapping.is_plain();
        IntakeError::MissingColumns { file, line, columns, delimiter, mapped }
    }

    /// Refuses a column of the file whose value the job has as a constant.
    fn refuse_constants(&self) -> Result<(), IntakeError> {
        for column in Column::ALL.into_iter().filter(|column| self.mapping.constant(*column).is_some()) {
            let unread = self.known_names().all(|name| name != column.name());
            let place = self.names.iter().position(|name| name == column.name()).filter(|_| unread);
            if let Some(index) = place {
                let (file, line) = (self.file.to_owned(), self.line);
                return Err(IntakeError::ConstantColumn {
                    file,
                    line,
                    column: column.name(),
                    number: index + 1,
                });
            }
        }
        Ok(())
    }

    /// Refuses columns that are neither of the contract nor ignored by the job.
    fn refuse_unknown(&self, ignore: &[String]) -> Result<(), IntakeError> {
        self.refuse_constants()?;
        let known = |name: &str| self.known_names().any(|known| known == name);
        let unknown: Vec<(usize, &str)> = (1..)
            .zip(self.names.iter().map(String::as_str))
            .filter(|(_, name)| !known(name) && !is_ignored(name, ignore))
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let (file, line) = (self.file.to_owned(), self.line);
        if let Some((column, _)) = unknown.iter().find(|(_, name)| name.is_empty()) {
            return Err(IntakeError::NamelessColumn { file, line, column: *column });
        }
        let shown = |(number, name): &(usize, &str)| format!("`{}` (number {number})", excerpt(name));
        let columns: Vec<String> = unknown.iter().map(shown).collect();
        let meant: Vec<String> = unknown.iter().filter_map(|(_, name)| self.meant(name)).collect();
        Err(IntakeError::UnknownColumns {
            file,
            line,
            columns: columns.join(", "),
            meant: meant.join(" and "),
            first: unknown[0].0,
            mapped: !self.mapping.is_plain(),
        })
    }

    /// `` `last_name` for `lastname` ``: the column that a misspelled one is meant to be, unless it is there too.
    fn meant(&self, name: &str) -> Option<String> {
        let plain = |name: &str| -> String {
            name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
        };
        let written = plain(name);
        let distance = |column: &&str| strsim::osa_distance(&plain(column), &written);
        let missing = self.known_names().filter(|column| self.names.iter().all(|name| name != column));
        let closest = missing.min_by_key(distance)?;
        // Columns that differ in a digit alone are not taken for one another.
        let allowed = if written.len() < 6 || closest.starts_with("address_") { 1 } else { 2 };
        (distance(&closest) <= allowed).then(|| format!("`{closest}` for `{}`", excerpt(name)))
    }
}
