//! The records of a file without delimiters, one a line.
//!
//! Blank lines are passed over, and the lines that the job's layout skips. A line that is shorter than the layout, or that has
//! text where the layout has nothing, is a row of a wrong shape: it is reported, never cut or filled up in silence.

use std::io::{self, Read};

use super::header::first_of_file;
use super::lines::{Lines, PhysicalLine};
use super::records::{Fields, Shape};
use super::stream::RawRow;
use super::{Encoding, IntakeError, IntakeSettings};
use crate::job::FixedLayout;

/// Reads the records of a file without delimiters.
pub(super) struct FixedRows<'s, R> {
    lines: Lines<R>,
    layout: &'s FixedLayout,
    encoding: Encoding,
    /// The first line, if it is a record.
    first: Option<PhysicalLine>,
}

impl<'s, R: Read> FixedRows<'s, R> {
    /// Begins at the first line, and passes over those that the layout skips.
    ///
    /// # Errors
    /// [`IntakeError`]: the file can't be read, is empty or is no text.
    pub(super) fn begin(
        mut lines: Lines<R>,
        file: &str,
        settings: &IntakeSettings,
        layout: &'s FixedLayout,
    ) -> Result<Self, IntakeError> {
        let first = first_of_file(&mut lines, file, settings.encoding)?;
        for _ in 1..layout.skip {
            lines.next().map_err(|error| IntakeError::of_reading(file, error))?;
        }
        let first = (layout.skip == 0).then_some(first);
        Ok(FixedRows { lines, layout, encoding: settings.encoding, first })
    }

    /// The next record; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<RawRow>> {
        loop {
            let line = match self.first.take() {
                Some(first) => Some(first),
                None => self.lines.next()?,
            };
            match line {
                Some(line) if line.is_blank() => {}
                Some(line) => {
                    let (shape, fields) = self.split(&line);
                    return Ok(Some(RawRow { line: line.number, shape, fields }));
                }
                None => return Ok(None),
            }
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
