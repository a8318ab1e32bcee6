//! The header of a codes file: its delimiter and columns, and whether the file is CSV at all.
//!
//! A file without a header begins with a card's codes, so no cell is repeated that could be one.

use std::io;

use zeroize::Zeroizing;

use super::codes_error::CodesError;
use super::codes_rows::{Cells, RowReader};
use super::opened_text::OpenedText;

const COLUMNS: [&str; 4] = ["card_number", "pin", "puk", "assistance_code"];

/// The positions of the columns.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    /// The card number's.
    pub card_number: usize,
    /// The PIN's.
    pub pin: usize,
    /// The PUK's.
    pub puk: usize,
    /// The assistance code's.
    pub assistance_code: usize,
    /// How many columns there are.
    pub count: usize,
}

/// What a file is, known by its first bytes, if it is no CSV in UTF-8.
const BEGINNINGS: [(&[u8], &str, &str); 7] = [
    (b"\xFF\xFE", "codes_encoding", "the text is in UTF-16, and UTF-8 is read"),
    (b"\xFE\xFF", "codes_encoding", "the text is in UTF-16, and UTF-8 is read"),
    (b"PK\x03\x04", "codes_not_csv", "this is a spreadsheet's workbook or an archive, and CSV is read"),
    (b"\xD0\xCF\x11\xE0", "codes_not_csv", "this is a spreadsheet's workbook, and CSV is read"),
    (b"\x1F\x8B", "codes_not_csv", "this is compressed (gzip), and CSV is read"),
    (b"age-encryption.org/", "codes_not_csv", "the file was sealed twice: opened once, it is sealed still"),
    (
        b"-----BEGIN AGE ENCRYPTED FILE-----",
        "codes_not_csv",
        "the file was sealed twice: opened once, it is sealed still",
    ),
];

const AS_CSV: &str =
    "ask for the codes as CSV in UTF-8 with the columns card_number, pin, puk, assistance_code, sealed once";
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads the header of an opened codes file. Returns its columns and a reader of the rows after it.
///
/// # Errors
/// [`CodesError`]: the file is no CSV in UTF-8, lacks a column or has an unknown one, or can't be read again.
pub(super) fn read_header(name: &str, text: &mut OpenedText) -> Result<(Columns, RowReader), CodesError> {
    let fault =
        |line, (code, message, advice)| CodesError { file: name.to_owned(), line, code, message, advice };
    let unreadable = |error| CodesError::of_second_reading(name, &error);
    let blank = is_blank(text).map_err(unreadable)?;
    let beginning = text.at(0).map_err(unreadable)?;
    let mark = if beginning.starts_with(MARK) { MARK.len() } else { 0 };
    let beginning = &beginning[mark..];
    refuse_no_csv(beginning, blank).map_err(|found| fault(1, found))?;
    let first = beginning.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default();
    let first = Zeroizing::new(first.to_vec());
    let delimiter = if first.contains(&b';') { b';' } else { b',' };
    let mut reader = RowReader::new(delimiter, mark as u64);
    let mut cells = Cells::default();
    let row = reader.next(text, &mut cells).map_err(unreadable)?;
    let line = row.as_ref().map_or(1, |row| row.line);
    let columns = columns(&cells, &first).map_err(|found| fault(line, found))?;
    Ok((columns, reader))
}

/// Whether a text holds nothing, or only blanks and a byte order mark.
fn is_blank(text: &mut OpenedText) -> io::Result<bool> {
    let mut offset = 0;
    loop {
        let rest = text.at(offset)?;
        let blank = if offset == 0 { rest.strip_prefix(MARK).unwrap_or(rest) } else { rest };
        if rest.is_empty() || !blank.trim_ascii().is_empty() {
            return Ok(rest.is_empty());
        }
        offset += rest.len() as u64;
    }
}

/// A stable code, a message and the advice.
type Found = (&'static str, String, &'static str);

fn refuse_no_csv(text: &[u8], blank: bool) -> Result<(), Found> {
    if let Some((_, code, message)) = BEGINNINGS.iter().find(|(beginning, ..)| text.starts_with(beginning)) {
        return Err((code, (*message).to_owned(), AS_CSV));
    }
    if text.iter().take(64).any(|byte| *byte == 0) {
        return Err((
            "codes_encoding",
            "the text is in UTF-16 or another encoding with zero bytes, and UTF-8 is read".to_owned(),
            AS_CSV,
        ));
    }
    match blank {
        true => Err(("codes_empty", "the file holds nothing once it is opened".to_owned(), AS_CSV)),
        false => Ok(()),
    }
}

fn columns(cells: &Cells, first_line: &[u8]) -> Result<Columns, Found> {
    let wrong = |message: String| Err(wrong_header(message));
    let all = COLUMNS.join(", ");
    if first_line.get(..4).is_some_and(|text| text.eq_ignore_ascii_case(b"sep=")) {
        return wrong("the first line is a spreadsheet's `sep=` and not the header".to_owned());
    }
    if cells.each().any(|cell| cell.len() >= 4 && cell.iter().all(u8::is_ascii_digit)) {
        return wrong("the header is missing: the first line holds a card's codes".to_owned());
    }
    if cells.count() == 1 && first_line.iter().any(|byte| matches!(byte, b'|' | b'\t')) {
        return wrong("the cells are separated by `|` or tabs, and `,` or `;` is read".to_owned());
    }
    for (number, cell) in (1..).zip(cells.each()) {
        let known = COLUMNS.iter().any(|name| name.as_bytes() == cell);
        match cell {
            _ if known => {}
            b"" if number == cells.count() => {
                return wrong("the header ends in a delimiter, so its last column has no name; remove the delimiter at the end of each line".to_owned());
            }
            b"" => return wrong(format!("column {number} has no name; the columns are {all}")),
            cell => return wrong(format!("column {number} is {}; the columns are {all}", shown(cell))),
        }
    }
    let find = |wanted: &str| {
        let mut found = (0..).zip(cells.each()).filter(|(_, name)| *name == wanted.as_bytes());
        match (found.next(), found.next()) {
            (Some((index, _)), None) => Ok(index),
            (None, _) => Err(wrong_header(format!("the column `{wanted}` is missing"))),
            (Some(_), Some(_)) => Err(wrong_header(format!("the column `{wanted}` is there twice"))),
        }
    };
    Ok(Columns {
        card_number: find("card_number")?,
        pin: find("pin")?,
        puk: find("puk")?,
        assistance_code: find("assistance_code")?,
        count: cells.count(),
    })
}

fn wrong_header(message: String) -> Found {
    let advice = "ask for a codes file whose first line is `card_number,pin,puk,assistance_code`";
    ("codes_columns", message, advice)
}

/// A name in a header: as it stands if it consists of letters, which no code of digits does.
fn shown(cell: &[u8]) -> String {
    let letters = cell.len() <= 40 && cell.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    match std::str::from_utf8(cell) {
        Ok(name) if letters => format!("`{name}`"),
        _ => "none of them".to_owned(),
    }
}
