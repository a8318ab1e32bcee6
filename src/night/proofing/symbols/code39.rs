//! Code 39 (ISO/IEC 16388) from the cells of a mask of one row.
//!
//! Every bar and every space is measured in dots and is narrow or wide exactly. rxing decodes what was measured.

use preflight::ShownMask;
use print_file::Grid;
use rxing::DecodeHints;
use rxing::common::BitArray;
use rxing::oned::{Code39Reader, OneDReader};

use super::cells::{Cells, dark};
use super::{SymbolFault, size_in_dots};

/// Elements of a character with the gap after it.
const PITCH: usize = 10;
/// Bits that rxing is given for a narrow element, for a wide one, and for a quiet zone.
const NARROW: usize = 1;
const WIDE: usize = 3;
const QUIET: usize = 10;
/// The most elements that are read: more than 256 characters have.
const MOST_ELEMENTS: usize = 4096;

/// Reads bars with narrow elements of `x_dots` and wide ones of `ratio` times as much, whose bars are `reduction` dots
/// narrower, and whose spaces are wider by as much. Returns the text without start and stop characters.
///
/// The mask begins at the first bar and ends at the last. Quiet zones are the caller's to check.
///
/// # Errors
/// The first [`SymbolFault`]. One edge that is off by one dot is enough.
pub(crate) fn read_code39(
    mask: &ShownMask,
    grid: Grid,
    x_dots: u32,
    ratio: f64,
    reduction: u32,
) -> Result<String, SymbolFault> {
    let (width, _) = size_in_dots(mask, grid)?;
    let cells = Cells::of(mask)?;
    let columns = u32::try_from(cells.columns).map_err(|_| SymbolFault::Cells)?;
    if cells.rows != 1 || width == 0 || !width.is_multiple_of(columns) {
        return Err(SymbolFault::CellSize);
    }
    let widths = Widths::new(x_dots, ratio, reduction)?;
    decode(&elements(&cells, width / columns, &widths)?)
}

/// The widths of elements in dots.
struct Widths {
    narrow: u32,
    wide: u32,
    reduction: u32,
}

impl Widths {
    fn new(narrow: u32, ratio: f64, reduction: u32) -> Result<Widths, SymbolFault> {
        let wide = f64::from(narrow) * ratio;
        // ISO/IEC 16388 allows ratios of 2 to 3.
        let allowed = (2.0..=3.0).contains(&ratio) && wide.fract() == 0.0 && wide < f64::from(u32::MAX / 2);
        let widths = Widths { narrow, wide: wide as u32, reduction };
        (allowed && reduction < narrow).then_some(widths).ok_or(SymbolFault::Press)
    }

    /// Whether a bar or a space of `dots` dots is a wide one; `None` if it is neither.
    fn is_wide(&self, is_bar: bool, dots: u32) -> Option<bool> {
        let printed = |width: u32| if is_bar { width - self.reduction } else { width + self.reduction };
        match dots {
            dots if dots == printed(self.wide) => Some(true),
            dots if dots == printed(self.narrow) => Some(false),
            _ => None,
        }
    }
}

/// The elements from the first bar to the last; `true` for a wide one.
fn elements(cells: &Cells, cell_dots: u32, widths: &Widths) -> Result<Vec<bool>, SymbolFault> {
    let row = cells.row(0);
    let mut elements = Vec::with_capacity(256);
    let mut begin = 0;
    while begin < cells.columns {
        let is_bar = dark(row, begin);
        let expects_bar = elements.len().is_multiple_of(2);
        let end = (begin..cells.columns).find(|&at| dark(row, at) != is_bar).unwrap_or(cells.columns);
        let dots = u32::try_from(end - begin).ok().and_then(|run| run.checked_mul(cell_dots));
        let wide = dots.and_then(|dots| widths.is_wide(is_bar, dots));
        if is_bar != expects_bar || elements.len() == MOST_ELEMENTS {
            return Err(SymbolFault::Bars);
        }
        elements.push(wide.ok_or(SymbolFault::Element)?);
        begin = end;
    }
    Ok(elements)
}

/// The text of elements: whole characters with narrow gaps between them.
fn decode(elements: &[bool]) -> Result<String, SymbolFault> {
    let characters = (elements.len() + 1) / PITCH;
    let gaps_are_narrow = elements.iter().skip(PITCH - 1).step_by(PITCH).all(|wide| !wide);
    if !(elements.len() + 1).is_multiple_of(PITCH) || !gaps_are_narrow {
        return Err(SymbolFault::Bars);
    }
    let read = Code39Reader::new().decode_row(0, &row_of(elements), &DecodeHints::default());
    let text = read.map_err(|_| SymbolFault::Bars)?.getText().to_owned();
    // Start and stop are not in the text. rxing reads from the first start character to the first stop.
    if text.len() + 2 == characters { Ok(text) } else { Err(SymbolFault::Bars) }
}

/// A row of bits for rxing, with quiet zones.
fn row_of(elements: &[bool]) -> BitArray {
    let width = |wide: &bool| if *wide { WIDE } else { NARROW };
    let mut row = BitArray::with_size(2 * QUIET + elements.iter().map(width).sum::<usize>());
    let mut at = QUIET;
    for (index, wide) in elements.iter().enumerate() {
        let end = at + width(wide);
        if index.is_multiple_of(2) {
            (at..end).for_each(|bit| row.set(bit));
        }
        at = end;
    }
    row
}
