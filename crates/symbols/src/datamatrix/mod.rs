//! Square Data Matrix ECC 200 (ISO/IEC 16022), 10 × 10 to 144 × 144 modules.
//!
//! Takes a message and gives a [`Symbol`]: packed rows of modules without quiet zone, ready to be
//! an image mask. The message is written in C40 from the first codeword to the last, as 2D-DOC
//! asks (specification 3.2.6 §10.3.2). Never chooses another encodation, never rectangular, and
//! adds no quiet zone: [`QUIET_ZONE_MODULES`] says how much the layout must leave.

mod c40;
mod placement;
mod reed_solomon;
mod size;
#[cfg(test)]
mod tests;

pub use c40::{TooLong, data_codewords, required_size};
pub use size::SymbolSize;

use placement::Plan;

/// Light modules to leave on each side: ISO/IEC 16022 7.1 and 2D-DOC 3.2.6 p. 29.
pub const QUIET_ZONE_MODULES: usize = 1;

/// A drawn symbol.
///
/// ```
/// let symbol = crate::datamatrix::encode_c40(b"2D-DOC")?;
/// assert_eq!(symbol.side(), 14);
/// assert_eq!(symbol.codewords()[..7], [0xE6, 0x28, 0x2A, 0x4D, 0xC5, 0xFE, 0x44]);
/// assert!(symbol.dark(13, 0));
/// # Ok::<(), crate::datamatrix::TooLong>(())
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
    /// Draws data codewords as they stand, padding included; `None` if their number is not
    /// `size`'s capacity.
    #[must_use]
    pub fn from_data_codewords(size: SymbolSize, data: &[u8]) -> Option<Symbol> {
        (data.len() == size.data_codewords()).then(|| draw(size, data.to_vec()))
    }

    /// The symbol's size.
    #[must_use]
    pub fn size(&self) -> SymbolSize {
        self.size
    }

    /// Modules on a side, finder pattern included and quiet zone not.
    #[must_use]
    pub fn side(&self) -> usize {
        self.size.side()
    }

    /// Whether a module is dark, counted from the top left corner; outside the symbol all is light.
    #[must_use]
    pub fn dark(&self, row: usize, column: usize) -> bool {
        let inside = row < self.side() && column < self.side();
        inside && self.rows[row * self.row_bytes() + column / 8] & (0x80 >> (column % 8)) != 0
    }

    /// Bytes in one of the [`packed_rows`](Symbol::packed_rows).
    #[must_use]
    pub fn row_bytes(&self) -> usize {
        self.side().div_ceil(8)
    }

    /// All rows from the top, one bit a module, most significant first, 1 for dark; each row is
    /// filled up with light to a whole byte.
    #[must_use]
    pub fn packed_rows(&self) -> &[u8] {
        &self.rows
    }

    /// Data codewords, then error correction, as they lie in the symbol.
    #[must_use]
    pub fn codewords(&self) -> &[u8] {
        &self.codewords
    }

    /// The data codewords alone, padding included.
    #[must_use]
    pub fn data_codewords(&self) -> &[u8] {
        &self.codewords[..self.size.data_codewords()]
    }
}

/// Adds error correction and sets the modules. `data` fills `size` exactly.
fn draw(size: SymbolSize, mut data: Vec<u8>) -> Symbol {
    let plan = Plan::of(size);
    data.resize(size.data_codewords() + size.error_codewords(), 0);
    plan.divider.append_correction(&mut data, size);
    Symbol { size, rows: plan.draw(size, &data), codewords: data }
}
