//! Data Matrix symbols: their encoding, their quiet zone, their thinning for the press.

use symbols::datamatrix::{self, Symbol, SymbolSize};

use crate::fault::PieceFault;

/// Modules left free around a Data Matrix. ISO/IEC 16022 asks for one; readers like two.
pub(crate) const QUIET_MODULES: u32 = 2;

/// The symbol of a text.
///
/// # Errors
/// The fault `twoddoc_too_large` if no symbol can hold the text.
pub(crate) fn encode(text: &str) -> Result<Symbol, PieceFault> {
    datamatrix::encode_c40(text.as_bytes()).map_err(|error| too_large(&error))
}

/// The size of the symbol of a text.
///
/// # Errors
/// As for [`encode`].
pub(crate) fn required_size(text: &str) -> Result<SymbolSize, PieceFault> {
    datamatrix::required_size(text.as_bytes()).map_err(|error| too_large(&error))
}

fn too_large(error: &datamatrix::TooLong) -> PieceFault {
    let french = format!(
        "le texte demande {} mots de code Data Matrix, et le plus grand symbole en a 1558",
        error.needed
    );
    PieceFault::new("last_name", "twoddoc_too_large", error.to_string(), None, french)
}

/// The symbol in single dots, with every run of dark modules thinned by `reduction` dots in both directions.
pub(crate) fn thinned_rows(symbol: &Symbol, cell: usize, reduction: usize) -> Vec<u8> {
    let side = symbol.side();
    let dots = side * cell;
    let stride = dots.div_ceil(8);
    let mut rows = vec![0u8; stride * dots];
    let dark = |row: usize, column: usize| symbol.dark(row, column);
    for y in 0..dots {
        for x in 0..dots {
            let (row, column) = (y / cell, x / cell);
            let at_right = x % cell >= cell - reduction && (column + 1 == side || !dark(row, column + 1));
            let at_bottom = y % cell >= cell - reduction && (row + 1 == side || !dark(row + 1, column));
            if dark(row, column) && !at_right && !at_bottom {
                rows[y * stride + x / 8] |= 0x80 >> (x % 8);
            }
        }
    }
    rows
}
