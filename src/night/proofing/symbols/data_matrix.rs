//! Data Matrix (ISO/IEC 16022, ECC 200) from the cells of a mask.
//!
//! The `datamatrix` crate places, checks and decodes. Its decoder would correct errors, so only parts of it run: placement,
//! the Reed-Solomon codewords that the data should have, and the data's own decoding.

use datamatrix::data::decode_data;
use datamatrix::placement::{BitmapConversionError, MatrixMap};
use preflight::ShownMask;
use print_file::Grid;

use super::cells::{Cells, dark};
use super::correction::Correction;
use super::{SymbolFault, finder, size_in_dots, thinning};

/// The most modules along a side: ISO/IEC 16022 table 7.
const MOST_MODULES: usize = 144;
/// The codeword that makes a symbol one of GS1, if it is the first: ISO/IEC 16022 §5.2.4.6.
const FNC1: u8 = 232;

/// A Data Matrix that a scanner reads without correcting anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DataMatrixRead {
    /// Its text: ASCII with control characters.
    pub text: String,
    /// Modules along a side, finder pattern included.
    pub side: u32,
}

/// Reads a square Data Matrix of modules of `cell_dots` dots on a press that takes `reduction` dots from dark runs.
///
/// Without a reduction a cell of the mask is a module, else it is a dot. Where it lies is the caller's to check.
///
/// # Errors
/// The first [`SymbolFault`]. One wrong dot or module is enough.
pub(crate) fn read_data_matrix(
    mask: &ShownMask,
    grid: Grid,
    cell_dots: u32,
    reduction: u32,
) -> Result<DataMatrixRead, SymbolFault> {
    let (width, height) = size_in_dots(mask, grid)?;
    let cells = Cells::of(mask)?;
    if reduction >= cell_dots {
        return Err(SymbolFault::Press);
    }
    if width != height || cells.columns != cells.rows {
        return Err(SymbolFault::Size);
    }
    if !width.is_multiple_of(cell_dots) {
        return Err(SymbolFault::CellSize);
    }
    let side = width / cell_dots;
    let modules = modules(cells, side as usize, cell_dots as usize, reduction as usize)?;
    let text = decode(&modules, side as usize)?;
    Ok(DataMatrixRead { text, side })
}

/// The modules, row by row; `true` for a dark one.
fn modules(cells: Cells, side: usize, cell: usize, reduction: usize) -> Result<Vec<bool>, SymbolFault> {
    if side > MOST_MODULES {
        return Err(SymbolFault::Size);
    }
    let cells_of_a_module = if reduction == 0 { 1 } else { cell };
    if cells.columns != side * cells_of_a_module {
        return Err(SymbolFault::CellSize);
    }
    if reduction > 0 {
        return thinning::sample(cells, side, cell, reduction);
    }
    let rows = (0..side).map(|row| cells.row(row));
    Ok(rows.flat_map(|row| (0..side).map(move |column| dark(row, column))).collect())
}

/// The text of modules.
fn decode(modules: &[bool], side: usize) -> Result<String, SymbolFault> {
    finder::check(modules, side)?;
    let (matrix, size) = MatrixMap::try_from_bits(modules, side).map_err(|error| match error {
        BitmapConversionError::Padding => SymbolFault::Corner,
        BitmapConversionError::Alignment => SymbolFault::Finder,
        _ => SymbolFault::Size,
    })?;
    let codewords = matrix.codewords();
    let (data, correction) = finder::data_codewords(side)
        .and_then(|data| codewords.split_at_checked(data))
        .ok_or(SymbolFault::Size)?;
    if !Correction::of(size, data.len()).is_right(data, correction) {
        return Err(SymbolFault::Module);
    }
    if data.first() == Some(&FNC1) {
        return Err(SymbolFault::Encoding);
    }
    let bytes = decode_data(data).map_err(|_| SymbolFault::Encoding)?;
    let text = String::from_utf8(bytes).map_err(|_| SymbolFault::Encoding)?;
    if text.is_ascii() { Ok(text) } else { Err(SymbolFault::Encoding) }
}
