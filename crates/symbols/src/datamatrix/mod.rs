//! Square Data Matrix ECC 200 (ISO/IEC 16022), 10 × 10 to 144 × 144 modules.
//!
//! Takes a message and returns a [`Symbol`]: rows of modules, packed as an image mask. The message is encoded in C40 from
//! the first codeword to the last, as 2D-DOC asks (specification 3.2.6 §10.3.2). Never chooses another encodation or a
//! rectangular symbol, and adds no quiet zone: the caller leaves at least one light module on each side (ISO/IEC 16022
//! 7.1).

mod c40;
pub(crate) mod correction;
mod placement;
mod reed_solomon;
pub(crate) mod shape;
mod size;
#[cfg(test)]
mod tests;

pub use c40::{TooLong, required_size};
pub use size::SymbolSize;

use placement::Plan;

/// An encoded symbol: its codewords and modules.
///
/// ```
/// let symbol = symbols::datamatrix::encode_c40(b"2D-DOC")?;
/// assert_eq!(symbol.side(), 14);
/// assert_eq!(symbol.codewords()[..7], [0xE6, 0x28, 0x2A, 0x4D, 0xC5, 0xFE, 0x44]);
/// assert!(symbol.dark(13, 0));
/// # Ok::<(), symbols::datamatrix::TooLong>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    size: SymbolSize,
    codewords: Vec<u8>,
    rows: Vec<u8>,
}

/// Encodes `message` in C40 in the smallest square that holds it.
///
/// # Errors
/// [`TooLong`] if 144 × 144 modules do not hold it.
pub fn encode_c40(message: &[u8]) -> Result<Symbol, TooLong> {
    let (size, data) = c40::data_codewords(message)?;
    Ok(draw(size, data))
}

impl Symbol {
    /// The symbol's size.
    #[must_use]
    #[inline]
    pub fn size(&self) -> SymbolSize {
        self.size
    }

    /// Modules on a side, with the finder pattern and without a quiet zone.
    #[must_use]
    #[inline]
    pub fn side(&self) -> usize {
        self.size.side()
    }

    /// Whether a module is dark. Rows and columns count from the top left corner; outside the symbol all is light.
    #[must_use]
    #[inline]
    pub fn dark(&self, row: usize, column: usize) -> bool {
        let inside = row < self.side() && column < self.side();
        inside && self.rows[row * self.row_bytes() + column / 8] & (0x80 >> (column % 8)) != 0
    }

    /// Bytes of a packed row.
    #[inline]
    fn row_bytes(&self) -> usize {
        self.side().div_ceil(8)
    }

    /// All rows from the top, one bit a module, most significant bit first, 1 for dark. Each row ends with light bits that
    /// fill a whole byte.
    #[must_use]
    #[inline]
    pub fn packed_rows(&self) -> &[u8] {
        &self.rows
    }

    /// The data codewords with their padding, then those of error correction, interleaved as the symbol holds them.
    #[must_use]
    pub fn codewords(&self) -> &[u8] {
        &self.codewords
    }
}

/// Adds error correction and sets the modules. `data` has as many codewords as `size` holds.
fn draw(size: SymbolSize, mut data: Vec<u8>) -> Symbol {
    let plan = Plan::of(size);
    data.resize(size.data_codewords() + size.error_codewords(), 0);
    plan.divider.append_correction(&mut data, size);
    Symbol { size, rows: plan.draw(size, &data), codewords: data }
}
