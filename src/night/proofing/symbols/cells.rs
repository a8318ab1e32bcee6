//! The packed cells of a mask.

use preflight::ShownMask;

use super::SymbolFault;

/// The cells of a mask that has them all.
#[derive(Clone, Copy)]
pub(super) struct Cells<'a> {
    bytes: &'a [u8],
    stride: usize,
    /// Cells in a row; at least 1.
    pub columns: usize,
    /// Rows; at least 1.
    pub rows: usize,
}

impl<'a> Cells<'a> {
    /// The cells of `mask`.
    ///
    /// # Errors
    /// [`SymbolFault::Cells`] if there are none, or not as many bytes as rows and columns ask for.
    pub fn of(mask: &'a ShownMask) -> Result<Cells<'a>, SymbolFault> {
        let (columns, rows) = (mask.columns as usize, mask.rows as usize);
        let stride = columns.div_ceil(8);
        let complete = columns > 0 && rows > 0 && stride.checked_mul(rows) == Some(mask.cells.len());
        complete.then_some(Cells { bytes: &mask.cells, stride, columns, rows }).ok_or(SymbolFault::Cells)
    }

    /// The bytes of a row.
    pub fn row(&self, row: usize) -> &'a [u8] {
        &self.bytes[row * self.stride..][..self.stride]
    }

    /// Whether a row equals `expected`, whose padding is 0. The row's own padding may be anything.
    pub fn row_is(&self, row: usize, expected: &[u8]) -> bool {
        let row = self.row(row);
        let whole = self.columns / 8;
        let rest = self.columns % 8;
        let padded = || row[whole] & !(0xFF >> rest) == expected[whole];
        row[..whole] == expected[..whole] && (rest == 0 || padded())
    }
}

/// Whether a cell of a packed row is dark.
pub(super) fn dark(row: &[u8], column: usize) -> bool {
    row[column / 8] & (0x80 >> (column % 8)) != 0
}

/// Makes the cells from `from` up to `to` of a packed row dark.
pub(super) fn darken(row: &mut [u8], from: usize, to: usize) {
    if from >= to {
        return;
    }
    let (first, last) = (from / 8, (to - 1) / 8);
    let (head, tail) = (0xFF_u8 >> (from % 8), 0xFF_u8 << (7 - (to - 1) % 8));
    if first == last {
        row[first] |= head & tail;
        return;
    }
    row[first] |= head;
    row[first + 1..last].fill(0xFF);
    row[last] |= tail;
}
