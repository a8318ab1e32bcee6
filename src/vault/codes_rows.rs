//! The rows of a codes file, split by a CSV reader into memory that is wiped.

use std::io;

use zeroize::{Zeroize, Zeroizing};

use super::opened_text::OpenedText;

/// The most bytes of a row that are kept, and the most cells: more than any sound row has.
const MAX_ROW: usize = 512;
const MAX_CELLS: usize = 16;

/// Reads the rows of a text one after the other.
pub(super) struct RowReader {
    reader: csv_core::Reader,
    offset: u64,
    line: u64,
}

/// The position of a row.
pub(super) struct Row {
    /// The offset of its first byte.
    pub offset: u64,
    /// The line on which it begins, from 1.
    pub line: u64,
    /// Whether it has an odd number of quotes: one of them is not closed.
    pub open_quote: bool,
}

/// The cells of a row; wiped when dropped. Of a row that is too long only the beginning is kept, and its count is too high.
pub(super) struct Cells {
    text: Zeroizing<[u8; MAX_ROW]>,
    ends: [usize; MAX_CELLS],
    /// How many cells were kept.
    kept: usize,
    count: usize,
}

impl Default for Cells {
    fn default() -> Cells {
        Cells { text: Zeroizing::new([0; MAX_ROW]), ends: [0; MAX_CELLS], kept: 0, count: 0 }
    }
}

impl Cells {
    /// A cell without the spaces around it; empty where the row has no such cell.
    pub(super) fn get(&self, index: usize) -> &[u8] {
        if index >= self.kept {
            return &[];
        }
        let begin = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text[begin..self.ends[index]].trim_ascii()
    }

    /// How many cells the row has.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Whether the row is longer than any sound one; only its beginning was kept.
    pub(super) fn are_too_long(&self) -> bool {
        self.count > MAX_CELLS
    }

    /// All cells.
    pub(super) fn each(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.kept).map(|index| self.get(index))
    }

    /// Whether every cell is empty. The mark that ends a text on some systems (control-Z) counts as nothing.
    pub(super) fn are_empty(&self) -> bool {
        self.count <= MAX_CELLS && self.each().all(|cell| matches!(cell, b"" | b"\x1a"))
    }
}

impl RowReader {
    /// Reads from an offset on, which is on line 1.
    pub(super) fn new(delimiter: u8, offset: u64) -> RowReader {
        let reader = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        let mut rows = RowReader { reader, offset, line: 1 };
        rows.go_to(offset);
        rows
    }

    /// Reads on from an offset, which is on line 1 then. A reader costs as much to make as a hundred rows cost to read.
    pub(super) fn go_to(&mut self, offset: u64) {
        self.reader.reset();
        // A byte order mark is one at the beginning of a file alone, and the header's reader has passed over that.
        self.reader.read_record(b"\n", &mut [0; MAX_CELLS], &mut [0; MAX_CELLS]);
        (self.offset, self.line) = (offset, 1);
    }

    /// Reads the next row of `text` into `cells`; `None` after the last. Empty lines are passed over.
    ///
    /// # Errors
    /// Those of the text.
    pub(super) fn next(&mut self, text: &mut OpenedText, cells: &mut Cells) -> io::Result<Option<Row>> {
        cells.text.zeroize();
        (cells.kept, cells.count) = (0, 0);
        while let Some(end @ (b'\r' | b'\n')) = text.at(self.offset)?.first() {
            self.line += u64::from(*end == b'\n');
            self.offset += 1;
        }
        if text.at(self.offset)?.is_empty() {
            return Ok(None);
        }
        let (offset, line) = (self.offset, self.line);
        let (mut written, mut quotes) = (0, 0);
        loop {
            let rest = text.at(self.offset)?;
            let (result, read, more, ends) = self.reader.read_record(
                rest,
                &mut cells.text[written.min(MAX_ROW)..],
                &mut cells.ends[cells.count.min(MAX_CELLS)..],
            );
            quotes += self.pass(&rest[..read]);
            written += more;
            cells.count += ends;
            cells.kept = cells.count;
            match result {
                csv_core::ReadRecordResult::InputEmpty => {}
                csv_core::ReadRecordResult::OutputFull | csv_core::ReadRecordResult::OutputEndsFull => {
                    quotes += self.skip_rest(text)?;
                    cells.count = MAX_CELLS + 1;
                    break;
                }
                csv_core::ReadRecordResult::Record | csv_core::ReadRecordResult::End => break,
            }
        }
        Ok(Some(Row { offset, line, open_quote: quotes % 2 == 1 }))
    }

    /// Whether the text that was read ends without a line end.
    ///
    /// # Errors
    /// Those of the text.
    pub(super) fn ends_within_row(&self, text: &mut OpenedText) -> io::Result<bool> {
        let Some(last) = self.offset.checked_sub(1) else { return Ok(false) };
        Ok(text.at(last)?.first().is_some_and(|byte| !matches!(byte, b'\r' | b'\n')))
    }

    /// Goes on by bytes of a row and returns how many of them are quotes.
    fn pass(&mut self, bytes: &[u8]) -> usize {
        self.offset += bytes.len() as u64;
        self.line += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        bytes.iter().filter(|byte| **byte == b'"').count()
    }

    /// Reads to the end of a row that is too long, and keeps nothing of it. Returns how many quotes it passed.
    fn skip_rest(&mut self, text: &mut OpenedText) -> io::Result<usize> {
        let (mut rest, mut ends) = (Zeroizing::new([0; MAX_ROW]), [0; MAX_CELLS]);
        let mut quotes = 0;
        loop {
            let bytes = text.at(self.offset)?;
            let (result, read, ..) = self.reader.read_record(bytes, &mut rest[..], &mut ends);
            quotes += self.pass(&bytes[..read]);
            if matches!(result, csv_core::ReadRecordResult::Record | csv_core::ReadRecordResult::End) {
                return Ok(quotes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::opened_text::tests::sealed_and_opened;

    #[test]
    fn a_row_that_is_too_long_keeps_its_whole_cells_only() {
        let long = "9".repeat(MAX_ROW);
        for (text, first, second) in [
            (format!("card;pin;{long}\n1;2\n"), &b"card"[..], &b"pin"[..]),
            (format!("card;{long};pin\n1;2\n"), b"card", b""),
            (format!("{long};card\n1;2\n"), b"", b""),
            (format!("card;pin{}\n1;2\n", ";".repeat(MAX_CELLS)), b"card", b"pin"),
        ] {
            let (mut rows, mut cells) = (RowReader::new(b';', 0), Cells::default());
            let mut text = sealed_and_opened(text.as_bytes());
            assert!(rows.next(&mut text, &mut cells).unwrap().is_some());
            assert!(cells.are_too_long());
            assert_eq!((cells.get(0), cells.get(1), cells.get(MAX_CELLS)), (first, second, &b""[..]));
            let row = rows.next(&mut text, &mut cells).unwrap().unwrap();
            assert_eq!((row.line, cells.count(), cells.get(1)), (2, 2, &b"2"[..]));
        }
    }
}
