//! The records of a file without delimiters, one a line.
//!
//! Blank lines are passed over, and the lines that the job's layout skips. A line that is shorter than the layout, or that has
//! text where the layout has nothing, is a row of a wrong shape: it is reported, never cut or filled up in silence. Where the
//! layout has a last line, a file without it, or whose count is not that of its records, is refused.

use std::borrow::Cow;
use std::io::Read;

use encoding_rs::WINDOWS_1252;

use super::header::first_of_file;
use super::lines::{Lines, PhysicalLine};
use super::records::{Fields, Shape};
use super::stream::RawRow;
use super::{Encoding, IntakeError, IntakeSettings};
use crate::job::{FixedLayout, Place, Trailer};
use mail::excerpt;

/// Reads the records of a file without delimiters.
pub(super) struct FixedRows<'s, R> {
    lines: Lines<R>,
    file: String,
    layout: &'s FixedLayout,
    encoding: Encoding,
    /// The next line, where it is read already.
    ahead: Option<PhysicalLine>,
    /// The number of the last line that was read.
    last: u64,
    /// How many records were read.
    count: u64,
    ended: bool,
}

impl<'s, R: Read> FixedRows<'s, R> {
    /// Begins at the first line, and passes over those that the layout skips.
    ///
    /// # Errors
    /// [`IntakeError`]: the file can't be read, is empty, is no text, or ends among the lines that are passed over.
    pub(super) fn begin(
        mut lines: Lines<R>,
        file: &str,
        settings: &IntakeSettings,
        layout: &'s FixedLayout,
    ) -> Result<Self, IntakeError> {
        let first = first_of_file(&mut lines, file, settings.encoding)?;
        let mut last = first.number;
        for _ in 1..layout.skip {
            let skipped = lines.next().map_err(|error| IntakeError::of_reading(file, error))?;
            let early = || IntakeError::EndsEarly { file: file.to_owned(), line: last, skip: layout.skip };
            last = skipped.ok_or_else(early)?.number;
        }
        let ahead = (layout.skip == 0 && !first.is_blank()).then_some(first);
        let (file, encoding) = (file.to_owned(), settings.encoding);
        Ok(FixedRows { lines, file, layout, encoding, ahead, last, count: 0, ended: false })
    }

    /// The next record; `None` at the end.
    ///
    /// # Errors
    /// [`IntakeError`]: the file can't be read on; it does not end as the layout says.
    pub(super) fn next(&mut self) -> Result<Option<RawRow>, IntakeError> {
        let Some(line) = self.next_filled_line()? else { return self.end(None) };
        if self.layout.trailer.is_some() {
            self.ahead = self.next_filled_line()?;
            if self.ahead.is_none() {
                return self.end(Some(&line));
            }
        }
        self.count += 1;
        let (shape, fields) = self.split(&line);
        Ok(Some(RawRow { line: line.number, shape, fields }))
    }

    /// The next line that is not blank.
    fn next_filled_line(&mut self) -> Result<Option<PhysicalLine>, IntakeError> {
        if let Some(line) = self.ahead.take() {
            return Ok(Some(line));
        }
        loop {
            let line = self.lines.next().map_err(|error| IntakeError::of_reading(&self.file, error))?;
            self.last = line.as_ref().map_or(self.last, |line| line.number);
            match line {
                Some(line) if line.is_blank() => {}
                line => return Ok(line),
            }
        }
    }

    /// The end of the file, whose last line is no record where the layout has a line for it.
    fn end(&mut self, last: Option<&PhysicalLine>) -> Result<Option<RawRow>, IntakeError> {
        let ended = std::mem::replace(&mut self.ended, true);
        if let Some(trailer) = self.layout.trailer.as_ref().filter(|_| !ended) {
            let text = last.map(|line| decoded(line.text(), self.encoding)).unwrap_or_default();
            self.hold(trailer, &text, last.map_or(self.last, |line| line.number))?;
        }
        Ok(None)
    }

    /// Holds the last line against the layout and the records.
    fn hold(&self, trailer: &Trailer, text: &str, line: u64) -> Result<(), IntakeError> {
        let file = || self.file.clone();
        if !text.starts_with(&trailer.starts_with) {
            let starts_with = trailer.starts_with.clone();
            return Err(IntakeError::TrailerMissing { file: file(), line, starts_with });
        }
        let Some(Place { first, last }) = trailer.count else { return Ok(()) };
        let written: String = text.chars().skip(first - 1).take(last + 1 - first).collect();
        match written.trim().parse() == Ok(self.count) {
            true => Ok(()),
            false => Err(IntakeError::TrailerCount {
                file: file(),
                line,
                column: first,
                written: excerpt(written.trim()),
                rows: self.count,
            }),
        }
    }

    /// Splits a line at the places of the layout.
    fn split(&self, line: &PhysicalLine) -> (Shape, Fields) {
        let text = line.text();
        let ends = match ends_of_characters(text, self.encoding) {
            Ok(ends) => ends,
            Err(byte) => return (Shape::NotUtf8(byte), Fields::default()),
        };
        // The first byte of a character, from 1; the end of the text past the last one.
        let begin = |character: usize| match character {
            0 | 1 => 0,
            _ => ends.get(character - 2).copied().unwrap_or(text.len()),
        };
        let places = self.layout.columns.iter().map(|(_, place)| place);
        let fields =
            places.map(|place| text.get(begin(place.first)..begin(place.last + 1)).unwrap_or_default());
        let fields = Fields::of(fields);
        let shape = match line.cut {
            true => Shape::Cut,
            false => self.shape(text, &ends),
        };
        (shape, fields)
    }

    fn shape(&self, text: &[u8], ends: &[usize]) -> Shape {
        let mut begin = 0;
        for (character, end) in (1..).zip(ends) {
            let blank = matches!(text.get(begin..*end), Some(b" " | b"\t"));
            if !blank && !self.layout.takes(character) {
                return Shape::Outside(character);
            }
            begin = *end;
        }
        let needed = self.layout.last().map_or(0, |(_, place)| place.last);
        match ends.len() < needed && !self.layout.trimmed {
            true => Shape::Short(ends.len()),
            false => Shape::Whole,
        }
    }
}

/// A line as text; what is no text in it is no word of the layout's either.
fn decoded(line: &[u8], encoding: Encoding) -> Cow<'_, str> {
    match encoding {
        Encoding::Utf8 => String::from_utf8_lossy(line),
        Encoding::Windows1252 => WINDOWS_1252.decode_without_bom_handling(line).0,
    }
}

/// Where each character of a line ends, in bytes.
///
/// # Errors
/// The position, from 1, of a byte that is not UTF-8.
fn ends_of_characters(text: &[u8], encoding: Encoding) -> Result<Vec<usize>, usize> {
    match encoding {
        Encoding::Windows1252 => Ok((1..=text.len()).collect()),
        Encoding::Utf8 => match std::str::from_utf8(text) {
            Ok(text) => {
                Ok(text.char_indices().map(|(begin, character)| begin + character.len_utf8()).collect())
            }
            Err(error) => Err(error.valid_up_to() + 1),
        },
    }
}
