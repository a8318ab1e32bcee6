//! Where the rows of a codes file are: by card the offset of its row, by offset the number of its line. Holds no code.

/// The offset of one in this many rows is kept with its line; the numbers of other lines are counted from there.
const COUNTED: usize = 4096;
/// Bits of a row that hold its offset: a sealed file has at most 512 MiB. A card number of ten digits has 34.
const OFFSET_BITS: u32 = 30;

/// A card and the offset of its row in the plain text, in one word. Ordered by card, then by offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CardRow(u64);

impl CardRow {
    /// The row of a card.
    pub(super) fn new(card: u64, offset: u64) -> CardRow {
        CardRow(card << OFFSET_BITS | offset & ((1 << OFFSET_BITS) - 1))
    }

    /// The card.
    pub(super) fn card(self) -> u64 {
        self.0 >> OFFSET_BITS
    }

    /// The offset of the row's first byte.
    pub(super) fn offset(self) -> u64 {
        self.0 & ((1 << OFFSET_BITS) - 1)
    }
}

/// The rows of a file.
#[derive(Debug, Default)]
pub(super) struct RowIndex {
    rows: Vec<CardRow>,
    /// Offset and line of one in [`COUNTED`] rows, the first row first.
    counted: Vec<(u64, u64)>,
    seen: usize,
}

impl RowIndex {
    /// Room for so many rows.
    pub(super) fn with_capacity(rows: usize) -> RowIndex {
        RowIndex { rows: Vec::with_capacity(rows), counted: Vec::new(), seen: 0 }
    }

    /// Notes the next row, whosever it is.
    pub(super) fn pass(&mut self, offset: u64, line: u64) {
        if self.seen.is_multiple_of(COUNTED) {
            self.counted.push((offset, line));
        }
        self.seen += 1;
    }

    /// Adds the row of a card.
    pub(super) fn add(&mut self, row: CardRow) {
        self.rows.push(row);
    }

    /// Sorts the rows, once all are added.
    pub(super) fn sort(&mut self) {
        self.rows.sort_unstable();
    }

    /// How many rows have a card.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The rows of a card, in the file's order.
    pub(super) fn of_card(&self, card: u64) -> &[CardRow] {
        let begin = self.rows.partition_point(|row| row.card() < card);
        let count = self.rows[begin..].partition_point(|row| row.card() == card);
        &self.rows[begin..begin + count]
    }

    /// The rows of each card that has several.
    pub(super) fn repeated(&self) -> impl Iterator<Item = &[CardRow]> {
        self.rows.chunk_by(|a, b| a.card() == b.card()).filter(|rows| rows.len() > 1)
    }

    /// The last row before or at an offset whose line is known: its offset and line.
    pub(super) fn counted_before(&self, offset: u64) -> (u64, u64) {
        let index = self.counted.partition_point(|(counted, _)| *counted <= offset);
        index.checked_sub(1).and_then(|index| self.counted.get(index).copied()).unwrap_or((offset, 1))
    }
}
