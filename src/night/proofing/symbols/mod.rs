//! What a scanner reads in the symbols of a page, from the cells of their masks.
//!
//! Takes a mask of a print file and the press's numbers, checks every cell against them, and returns the text. Data Matrix
//! symbols are decoded by the `datamatrix` crate, Code 39 by rxing. Nothing here was used to make the symbols, and no error
//! is corrected: a print file has no damaged module.

mod cells;
mod code39;
mod correction;
mod data_matrix;
mod finder;
mod thinning;

#[cfg(test)]
mod tests;

use preflight::ShownMask;
use print_file::Grid;
use thiserror::Error;

pub(crate) use code39::read_code39;
pub(crate) use data_matrix::read_data_matrix;

/// How far an edge may lie from a whole dot, in dots: what decimals of a file round away.
const SLACK_DOTS: f64 = 0.01;

/// Why a mask is not the symbol that it should be. No message quotes what the symbol says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub(crate) enum SymbolFault {
    /// It is turned or mirrored.
    #[error("the symbol is turned or mirrored")]
    Turned,
    /// It is not painted in full black.
    #[error("the symbol is not full black")]
    Pale,
    /// An edge is not on the press's grid.
    #[error("an edge of the symbol is not on a whole dot")]
    OffGrid,
    /// There are no cells, or fewer than rows and columns say.
    #[error("the symbol's mask has no cells or lacks some")]
    Cells,
    /// Cells are not of the size that the press's numbers ask for.
    #[error("the symbol's cells are not of the press's size")]
    CellSize,
    /// The press's numbers leave nothing of a module or an element, or ask for parts of dots.
    #[error("the press's numbers for the symbol can't be laid out in whole dots")]
    Press,
    /// It is not square, or not of a size that Data Matrix has.
    #[error("the Data Matrix is not square, or of no size that the standard has")]
    Size,
    /// Dark runs are not thinned by the reduction exactly.
    #[error("the Data Matrix is not thinned by the bar-width reduction exactly")]
    Thinning,
    /// A module of the finder pattern or of an alignment pattern is wrong.
    #[error("a module of the Data Matrix's finder or alignment pattern is wrong")]
    Finder,
    /// A module of the fixed corner is wrong.
    #[error("a module of the Data Matrix's fixed corner is wrong")]
    Corner,
    /// The error correction disagrees with the data: a module is wrong.
    #[error("a module of the Data Matrix is wrong: its error correction disagrees")]
    Module,
    /// The data is no plain text: an unknown codeword, bad padding, a GS1 symbol, characters outside ASCII.
    #[error("the Data Matrix holds no plain text")]
    Encoding,
    /// A bar or a space is neither a narrow nor a wide one, to the dot.
    #[error("a bar or a space of the Code 39 has a wrong width")]
    Element,
    /// The bars are no Code 39 characters between a start and a stop character.
    #[error("the bars are no Code 39")]
    Bars,
}

/// A mask's width and height in whole dots.
///
/// # Errors
/// [`SymbolFault::Turned`], [`SymbolFault::Pale`] or [`SymbolFault::OffGrid`].
fn size_in_dots(mask: &ShownMask, grid: Grid) -> Result<(u32, u32), SymbolFault> {
    if !mask.upright {
        return Err(SymbolFault::Turned);
    }
    if mask.black != 1.0 {
        return Err(SymbolFault::Pale);
    }
    let whole = |points: f64| {
        let dots = points / grid.dot();
        let near = dots.round();
        // Not a number is not near either.
        let on_grid = (dots - near).abs() <= SLACK_DOTS && near.abs() <= f64::from(u32::MAX / 4);
        on_grid.then_some(near as i64).ok_or(SymbolFault::OffGrid)
    };
    let bounds = mask.bounds;
    let [left, top, right, bottom] = [bounds.left, bounds.top, bounds.right, bounds.bottom].map(whole);
    let length = |from: i64, to: i64| u32::try_from(to - from).map_err(|_| SymbolFault::OffGrid);
    Ok((length(left?, right?)?, length(top?, bottom?)?))
}
