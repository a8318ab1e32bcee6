//! Black-and-white pictures as fax machines compress them (ITU-T T.4 and T.6), which most scanners of offices write.

use std::ops::Range;

use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext, EncodingMode, decode};

/// The zero bits of an end of line (T.4 4.1.2), before its one.
const EOL_ZEROS: usize = 11;

/// The most bits before the first line: an end of line, filled up to whole bytes.
const MAX_FILL: usize = 24;

/// The most bits between two ends of line at the end of a page (T.4 4.1.4): an end of line and its tag bit.
const NO_LINE: usize = EOL_ZEROS + 2;

/// How rows are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// Runs, each row from a byte of its own, without ends of line (TIFF compression 2).
    Runs,
    /// Group 3 in one dimension (T.4).
    Group3,
    /// Group 3 in two dimensions (T.4).
    Group3TwoDimensions,
    /// Group 4 (T.6).
    Group4,
}

/// Where rows are painted: black onto white, one byte a pixel.
pub(super) struct Paper<'a> {
    /// The pixels from the first row's first one on.
    pub(super) pixels: &'a mut [u8],
    /// From one row to the next.
    pub(super) stride: usize,
    /// The pixels of a row that are shown.
    pub(super) width: usize,
    /// The rows that are shown.
    pub(super) rows: usize,
}

impl Paper<'_> {
    /// Makes rows white, as far as they are shown.
    pub(super) fn wipe(&mut self, rows: Range<usize>) {
        for row in rows.start..rows.end.min(self.rows) {
            let start = row * self.stride;
            self.pixels[start..start + self.width].fill(u8::MAX);
        }
    }
}

/// Decodes `rows` rows of `columns` pixels onto paper. Gives the number of rows before the first damage; Group 3 goes on
/// after it, and repeats the row above for one that is lost.
pub(super) fn paint(
    data: &[u8],
    coding: Coding,
    columns: u32,
    rows: u32,
    inverted: bool,
    paper: &mut Paper<'_>,
) -> u32 {
    let settings = DecodeSettings {
        columns,
        rows,
        end_of_block: true,
        end_of_line: false,
        rows_are_byte_aligned: coding == Coding::Runs,
        encoding: match coding {
            Coding::Runs | Coding::Group3 => EncodingMode::Group3_1D,
            Coding::Group3TwoDimensions => EncodingMode::Group3_2D { k: 4 },
            Coding::Group4 => EncodingMode::Group4,
        },
        invert_black: inverted,
    };
    let mut brush = Brush { paper, row: 0, x: 0 };
    let read = decode(data, &mut brush, &mut DecoderContext::new(settings)).ok();
    let before = brush.row as u32;
    if read.is_none() {
        brush.paper.wipe(brush.row..brush.row + 1);
    }
    // Damage that makes more rows of one leaves lines over.
    let whole = read.is_some_and(|read| lines(data.get(read..).unwrap_or(&[]), 2).is_empty());
    if !whole && matches!(coding, Coding::Group3 | Coding::Group3TwoDimensions) {
        line_by_line(data, settings, &mut brush);
    }
    before
}

/// Decodes Group 3 from end of line to end of line, in two dimensions from each row that needs no other to the next.
fn line_by_line(data: &[u8], settings: DecodeSettings, brush: &mut Brush<'_, '_>) {
    let two_dimensions = matches!(settings.encoding, EncodingMode::Group3_2D { .. });
    let lines = lines(data, settings.rows as usize);
    // Some writers leave ends of line out.
    if 2 * lines.len() < settings.rows as usize {
        return;
    }
    let alone = |&start: &usize| !two_dimensions || bit(data, start) == Some(true);
    let mut first = 0;
    while let Some(&start) = lines.get(first) {
        let following = lines[first + 1..].iter().position(alone);
        let end = following.map_or(lines.len(), |more| first + 1 + more);
        let until = lines.get(end).copied().unwrap_or(8 * data.len());
        (brush.row, brush.x) = (first, 0);
        brush.paper.wipe(first..end);
        let rows = (end - first) as u32;
        let mut context = DecoderContext::new(DecodeSettings { rows, ..settings });
        // What is damaged shows in the number of rows.
        let _ = decode(&bits(data, start, until), brush, &mut context);
        (brush.row..end).for_each(|row| brush.repeat(row));
        first = end;
    }
}

/// Where lines begin, in bits: behind each end of line, at most `most` up to the end of the page.
fn lines(data: &[u8], most: usize) -> Vec<usize> {
    let mut lines: Vec<usize> = Vec::new();
    let mut zeros = 0;
    for position in 0..8 * data.len() {
        if bit(data, position) == Some(false) {
            zeros += 1;
            continue;
        }
        if zeros >= EOL_ZEROS {
            let begin = position + 1;
            if lines.last().is_some_and(|&last| begin - last <= NO_LINE) {
                lines.pop();
                break;
            }
            // Data before the first end of line is a line too.
            if lines.is_empty() && position >= MAX_FILL {
                lines.push(0);
            }
            if lines.len() == most {
                break;
            }
            lines.push(begin);
        }
        zeros = 0;
    }
    lines
}

fn bit(data: &[u8], position: usize) -> Option<bool> {
    Some(data.get(position / 8)? >> (7 - position % 8) & 1 == 1)
}

/// The bits of a range, from the first bit of a byte on.
fn bits(data: &[u8], from: usize, to: usize) -> Vec<u8> {
    let shift = from % 8;
    let bytes = &data[(from / 8).min(data.len())..to.div_ceil(8).min(data.len())];
    let next = |index: usize| u16::from(bytes.get(index + 1).copied().unwrap_or(0));
    let joined = |(index, byte): (usize, &u8)| ((u16::from(*byte) << 8 | next(index)) << shift >> 8) as u8;
    bytes.iter().enumerate().map(joined).collect()
}

/// Paints runs.
struct Brush<'a, 'b> {
    paper: &'a mut Paper<'b>,
    row: usize,
    x: usize,
}

impl Brush<'_, '_> {
    /// Paints a row as the one above it.
    fn repeat(&mut self, row: usize) {
        if row > 0 && row < self.paper.rows {
            let above = (row - 1) * self.paper.stride;
            self.paper.pixels.copy_within(above..above + self.paper.width, above + self.paper.stride);
        }
    }
}

impl Decoder for Brush<'_, '_> {
    fn push_pixels(&mut self, white: bool, count: u32) {
        let end = self.x + count as usize;
        if !white && self.row < self.paper.rows {
            let (from, to) = (self.x.min(self.paper.width), end.min(self.paper.width));
            let start = self.row * self.paper.stride;
            self.paper.pixels[start + from..start + to].fill(0);
        }
        self.x = end;
    }

    fn next_line(&mut self) {
        self.row += 1;
        self.x = 0;
    }
}
