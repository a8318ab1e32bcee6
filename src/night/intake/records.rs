//! The records of a file, each with the line on which it begins. csv-core splits a record into fields; this module finds
//! where records begin and end.
//!
//! A quoted field may hold line breaks. A quote that is never closed spoils only the line on which it was opened: reading
//! goes on at the next line. At most [`MAX_AHEAD_LINES`] lines and [`MAX_AHEAD_BYTES`] bytes are read ahead.

use std::collections::VecDeque;
use std::io::{self, Read};

use super::lines::{Lines, PhysicalLine};

/// The most lines that may follow the first line of a record.
const MAX_AHEAD_LINES: usize = 64;

/// The most bytes that a record of several lines may have.
const MAX_AHEAD_BYTES: usize = 1 << 20;

/// How a record came out of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Whole.
    Whole,
    /// A quote is opened and not closed; the fields are those of its first line.
    Unclosed,
    /// Text follows a closing quote.
    StrayQuote,
    /// Its line is longer than any record; the fields are those of its beginning.
    Cut,
    /// Of a file without delimiters: it has so many characters, fewer than the layout.
    Short(usize),
    /// Of a file without delimiters: it has text at this character, from 1, where the layout has nothing.
    Outside(usize),
    /// Of a file without delimiters: the byte at this position of the line, from 1, is not UTF-8.
    NotUtf8(usize),
}

/// One record.
pub(super) struct Record<'r> {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// How it came out of the file.
    pub shape: Shape,
    /// Its fields, unquoted.
    pub fields: &'r Fields,
}

/// The fields of a record, unquoted.
#[derive(Default)]
pub(super) struct Fields {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    count: usize,
}

impl Clone for Fields {
    /// Copies what is used, without the spare capacity.
    fn clone(&self) -> Self {
        let ends = self.ends[..self.count].to_vec();
        let bytes = self.bytes[..ends.last().copied().unwrap_or_default()].to_vec();
        Self { bytes, ends, count: self.count }
    }
}

impl Fields {
    /// Fields with these bytes.
    pub(super) fn of<'f>(fields: impl Iterator<Item = &'f [u8]>) -> Self {
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        for field in fields {
            bytes.extend_from_slice(field);
            ends.push(bytes.len());
        }
        Self { count: ends.len(), bytes, ends }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The field at an index, from 0; empty past the last one.
    pub(super) fn get(&self, index: usize) -> &[u8] {
        if index >= self.count {
            return &[];
        }
        let begin = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.bytes[begin..self.ends[index]]
    }

    /// Whether the fields from an index on are empty or made of spaces.
    pub(super) fn are_blank_from(&self, first: usize) -> bool {
        (first..self.count).all(|index| self.get(index).iter().all(|byte| matches!(byte, b' ' | b'\t')))
    }
}

/// Splits one record, line by line.
pub(super) struct Splitter {
    reader: csv_core::Reader,
    fields: Fields,
    written: usize,
}

impl Splitter {
    /// A splitter for a delimiter.
    pub(super) fn new(delimiter: u8) -> Self {
        let mut builder = csv_core::ReaderBuilder::new();
        let reader = builder.delimiter(delimiter).terminator(csv_core::Terminator::Any(b'\n')).build();
        Self { reader, fields: Fields::default(), written: 0 }
    }

    /// Forgets the last record.
    pub(super) fn begin(&mut self) {
        self.reader.reset();
        self.fields.count = 0;
        self.written = 0;
    }

    /// Adds the next line of the record. Returns whether the record is complete.
    pub(super) fn feed(&mut self, line: &PhysicalLine) -> bool {
        self.make_room(line.bytes.len());
        let bytes = &mut self.fields.bytes[self.written..];
        let ends = &mut self.fields.ends[self.fields.count..];
        let (result, _, written, ended) = self.reader.read_record(&line.bytes, bytes, ends);
        self.written += written;
        self.fields.count += ended;
        matches!(result, csv_core::ReadRecordResult::Record | csv_core::ReadRecordResult::End)
    }

    /// Ends a record that is still open: what it has so far is its last field.
    pub(super) fn close(&mut self) {
        self.make_room(1);
        let bytes = &mut self.fields.bytes[self.written..];
        let ends = &mut self.fields.ends[self.fields.count..];
        let (_, _, written, ended) = self.reader.read_record(&[], bytes, ends);
        self.written += written;
        self.fields.count += ended;
    }

    /// The fields so far.
    pub(super) fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Makes room for everything that `more` bytes can become, and one to spare, so that csv-core never stops halfway.
    fn make_room(&mut self, more: usize) {
        let grown = |vector: usize, used: usize| vector.max(used + more + 1);
        self.fields.bytes.resize(grown(self.fields.bytes.len(), self.written), 0);
        self.fields.ends.resize(grown(self.fields.ends.len(), self.fields.count), 0);
    }
}

/// Reads records.
pub(super) struct Records<R> {
    lines: Lines<R>,
    ahead: VecDeque<PhysicalLine>,
    splitter: Splitter,
    delimiter: u8,
    width: usize,
}

impl<R: Read> Records<R> {
    /// Reads on from the line after the header; `width` is the header's number of fields.
    pub(super) fn new(lines: Lines<R>, delimiter: u8, width: usize) -> Self {
        Self { lines, ahead: VecDeque::new(), splitter: Splitter::new(delimiter), delimiter, width }
    }

    /// The next record, or `None` at the end. Blank lines and rows of delimiters alone are passed over: spreadsheets write
    /// them for rows that once were in use.
    pub(super) fn next(&mut self) -> io::Result<Option<Record<'_>>> {
        loop {
            let Some(first) = self.next_filled_line()? else { return Ok(None) };
            let shape = if first.cut { self.split_alone(&first, Shape::Cut) } else { self.split(&first)? };
            if shape != Shape::Whole || !self.splitter.fields().are_blank_from(0) {
                return Ok(Some(Record { line: first.number, shape, fields: self.splitter.fields() }));
            }
        }
    }

    /// Splits the record that begins on `first`, over several lines if a quote is open at the end of it.
    fn split(&mut self, first: &PhysicalLine) -> io::Result<Shape> {
        self.splitter.begin();
        if self.splitter.feed(first) {
            let quoted = first.bytes.contains(&b'"');
            let stray = quoted && Quoting::of([first], self.delimiter).text_after_quote;
            return Ok(if stray { Shape::StrayQuote } else { Shape::Whole });
        }
        let Some(more) = self.feed_until_closed(first.bytes.len())? else {
            return Ok(self.split_alone(first, Shape::Unclosed));
        };
        if !self.belongs_together(first, more) {
            return Ok(self.split_alone(first, Shape::Unclosed));
        }
        self.ahead.drain(..more);
        Ok(Shape::Whole)
    }

    /// Feeds the following lines until the record is complete. Returns how many there were; `None` where the record stays
    /// open to the end of the file or past the bounds.
    fn feed_until_closed(&mut self, mut size: usize) -> io::Result<Option<usize>> {
        for index in 0..MAX_AHEAD_LINES {
            if index == self.ahead.len() {
                let Some(line) = self.lines.next()? else { return Ok(None) };
                self.ahead.push_back(line);
            }
            let line = &self.ahead[index];
            size += line.bytes.len();
            if line.cut || size > MAX_AHEAD_BYTES {
                return Ok(None);
            }
            if self.splitter.feed(line) {
                return Ok(Some(index + 1));
            }
        }
        Ok(None)
    }

    /// Whether the lines that a quote joined are one record: well quoted, as wide as the header, and none of the following
    /// lines a whole record by itself. Otherwise it was another record's quote that closed this one.
    fn belongs_together(&self, first: &PhysicalLine, more: usize) -> bool {
        let following = self.ahead.iter().take(more);
        let joined = Quoting::of(std::iter::once(first).chain(following.clone()), self.delimiter);
        let whole = |line| Quoting::of([line], self.delimiter).is_record_of(self.width);
        joined.is_record_of(self.width) && !following.into_iter().any(whole)
    }

    /// Splits a line as if the record ended with it.
    fn split_alone(&mut self, line: &PhysicalLine, shape: Shape) -> Shape {
        self.splitter.begin();
        if !self.splitter.feed(line) {
            self.splitter.close();
        }
        shape
    }

    /// The next line that is not blank.
    fn next_filled_line(&mut self) -> io::Result<Option<PhysicalLine>> {
        loop {
            let line = match self.ahead.pop_front() {
                Some(line) => Some(line),
                None => self.lines.next()?,
            };
            match line {
                Some(line) if line.is_blank() => {}
                line => return Ok(line),
            }
        }
    }
}

/// How a text is quoted (RFC 4180 §2, rules 5 to 7). Spaces may follow a closing quote.
#[derive(Default)]
struct Quoting {
    fields: usize,
    /// Text stands between a closing quote and the delimiter.
    text_after_quote: bool,
    /// A quote stands in a field that did not begin with one.
    quote_in_text: bool,
    /// A quote is open at the end.
    open: bool,
}

/// What the last byte belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Start,
    Text,
    Quotes,
    AfterQuote,
    SpaceAfterQuote,
}

impl Quoting {
    /// Examines the lines of a record.
    fn of<'l>(lines: impl IntoIterator<Item = &'l PhysicalLine>, delimiter: u8) -> Self {
        let mut quoting = Self { fields: 1, ..Self::default() };
        let mut within = Within::Start;
        for byte in lines.into_iter().flat_map(|line| &line.bytes).copied() {
            within = match (within, byte) {
                (Within::Start, b'"') | (Within::AfterQuote, b'"') => Within::Quotes,
                (Within::Quotes, b'"') => Within::AfterQuote,
                (Within::Quotes, _) => Within::Quotes,
                (_, byte) if byte == delimiter => {
                    quoting.fields += 1;
                    Within::Start
                }
                (Within::AfterQuote | Within::SpaceAfterQuote, b' ' | b'\n') => Within::SpaceAfterQuote,
                (Within::AfterQuote | Within::SpaceAfterQuote, _) => {
                    quoting.text_after_quote = true;
                    Within::Text
                }
                (_, byte) => {
                    quoting.quote_in_text |= byte == b'"';
                    Within::Text
                }
            };
        }
        quoting.open = within == Within::Quotes;
        quoting
    }

    fn is_record_of(&self, width: usize) -> bool {
        self.fields == width && !self.text_after_quote && !self.quote_in_text && !self.open
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Read = (u64, Shape, Vec<String>);

    fn read(text: &[u8], width: usize) -> Vec<Read> {
        let mut records = Records::new(Lines::new(text), b',', width);
        let mut read = Vec::new();
        while let Some(record) = records.next().expect("memory can be read") {
            let fields = (0..record.fields.len()).map(|index| record.fields.get(index));
            let fields = fields.map(|field| String::from_utf8_lossy(field).into_owned()).collect();
            read.push((record.line, record.shape, fields));
        }
        read
    }

    fn shapes(text: &str, width: usize) -> Vec<(u64, Shape)> {
        read(text.as_bytes(), width).into_iter().map(|(line, shape, _)| (line, shape)).collect()
    }

    #[test]
    fn plain_and_quoted_fields() {
        let records = read(b"a,\"b,\"\"c\"\n\n  \nd,\r\n\"\",f", 2);
        let fields: Vec<_> = records.iter().map(|(line, _, fields)| (*line, fields.join("|"))).collect();
        assert_eq!(fields, [(1, "a|b,\"c".to_owned()), (4, "d|".to_owned()), (5, "|f".to_owned())]);
    }

    #[test]
    fn a_quoted_field_may_hold_a_line_break() {
        let records = read(b"a,\"b\nb\",c\nd,e,f\n", 3);
        assert_eq!(records[0], (1, Shape::Whole, vec!["a".into(), "b\nb".into(), "c".into()]));
        assert_eq!(records[1].0, 3);
    }

    #[test]
    fn an_unclosed_quote_harms_only_its_line() {
        use Shape::{Unclosed, Whole};
        assert_eq!(shapes("a,\"b,c\nd,e,f\ng,h,i\n", 3), [(1, Unclosed), (2, Whole), (3, Whole)]);
        assert_eq!(shapes("a,\"b,c\nd,\"e\",f\ng,h,i\n", 3), [(1, Unclosed), (2, Whole), (3, Whole)]);
        assert_eq!(shapes("a,\"b,c\n\"d\",e,f\n", 3), [(1, Unclosed), (2, Whole)]);
        assert_eq!(shapes("a,b,\"c\nd,e,\"\"\n", 3), [(1, Unclosed), (2, Whole)]);
        assert_eq!(shapes("a,b,\"c\nd,e,\",\"\n", 3), [(1, Unclosed), (2, Whole)]);
        assert_eq!(shapes("a,b,c\nd,e,\"", 3), [(1, Whole), (2, Unclosed)]);
    }

    #[test]
    fn looking_ahead_is_bounded() {
        let far = format!("a,\"{}\",c\n", "\n".repeat(MAX_AHEAD_LINES + 1));
        assert_eq!(shapes(&far, 3)[0], (1, Shape::Unclosed));
        let wide = format!("a,\"{}\",c\n", format!("{}\n", "x".repeat(200_000)).repeat(6));
        assert_eq!(shapes(&wide, 3)[0], (1, Shape::Unclosed));
    }

    #[test]
    fn text_after_a_closing_quote() {
        assert_eq!(
            shapes("\"a\" b,c\n\"a\" ,c\na\"b,c\n", 2),
            [(1, Shape::StrayQuote), (2, Shape::Whole), (3, Shape::Whole)]
        );
    }

    #[test]
    fn a_line_without_end() {
        let text = format!("a,{}\nb,c\n", "x".repeat(10_000_000));
        assert_eq!(shapes(&text, 2), [(1, Shape::Cut), (2, Shape::Whole)]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(text in prop::collection::vec(prop::sample::select(b"a,;\"\n\r\0 \xe9\xef".to_vec()), 0..200)) {
            let lines: u64 = text.split(|byte| *byte == b'\n').count() as u64;
            let records = read(&text, 3);
            prop_assert!(records.iter().all(|(line, _, _)| (1..=lines).contains(line)));
            prop_assert!(records.is_sorted_by(|a, b| a.0 < b.0));
        }

        #[test]
        fn tables_survive(table in prop::collection::vec(prop::array::uniform3("[a-z0-9 ,;\"é]{0,12}"), 1..12)) {
            let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let text: Vec<String> = table.iter().map(|row| row.each_ref().map(quoted).join(",")).collect();
            let records = read(text.join("\r\n").as_bytes(), 3);
            let fields: Vec<Vec<String>> = records.into_iter().map(|(_, _, fields)| fields).collect();
            let blank = |row: &[String; 3]| row.iter().all(|field| field.trim().is_empty());
            let wanted: Vec<Vec<String>> = table.into_iter().filter(|row| !blank(row)).map(Vec::from).collect();
            prop_assert_eq!(fields, wanted);
        }
    }
}
