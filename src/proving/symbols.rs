//! The symbols of a piece, read from the cells of its masks as a scanner would.

use preflight::{Paint, ShownMask, ShownPage};
use print_file::Grid;

use crate::certificate::PressFacts;
use crate::night::{read_code39, read_data_matrix};

/// The fewest modules along a side of a Data Matrix: ISO/IEC 16022 table 7. Smaller squares are no symbols.
const FEWEST_MODULES: u32 = 10;

/// The fewest elements of a Code 39 with one character, start and stop: a mask with fewer cells is no symbol.
const FEWEST_ELEMENTS: u32 = 29;

/// What a symbol says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Symbol {
    /// A Data Matrix.
    DataMatrix(String),
    /// A Code 39.
    Code39(String),
}

impl Symbol {
    /// Its text.
    pub(super) fn text(&self) -> &str {
        match self {
            Symbol::DataMatrix(text) | Symbol::Code39(text) => text,
        }
    }
}

/// Reads the symbols in a part of a page, each or why it can't be read. Masks that are no symbols by their shape are left aside.
pub(super) fn read_symbols(
    page: &ShownPage,
    part: (f64, f64),
    press: &PressFacts,
    found: &mut Vec<Result<Symbol, String>>,
) {
    let grid = Grid::new(press.dpi);
    for paint in &page.paint {
        let Paint::Mask(mask) = paint else { continue };
        let middle = (mask.bounds.left + mask.bounds.right) / 2.0;
        if !(part.0..part.1).contains(&middle) {
            continue;
        }
        if mask.rows == mask.columns && mask.columns >= FEWEST_MODULES {
            found.push(data_matrix(mask, grid, press.bar_width_reduction));
        } else if mask.rows == 1 && mask.columns >= FEWEST_ELEMENTS {
            found.push(code39(mask, grid, press.bar_width_reduction));
        }
    }
}

fn data_matrix(mask: &ShownMask, grid: Grid, reduction: u32) -> Result<Symbol, String> {
    let width = in_dots(mask, grid);
    let cell = match reduction {
        0 => width / mask.columns,
        // The upper row is dark and light in turn: two modules are a dark run and a light one.
        _ => Runs::of(mask).take(2).sum::<u32>() / 2,
    };
    let read = read_data_matrix(mask, grid, cell.max(1), reduction);
    read.map(|read| Symbol::DataMatrix(read.text)).map_err(|fault| fault.to_string())
}

fn code39(mask: &ShownMask, grid: Grid, reduction: u32) -> Result<Symbol, String> {
    // The start character begins with a narrow bar and a wide space.
    let dots_of_cell = in_dots(mask, grid) / mask.columns.max(1);
    let mut runs = Runs::of(mask).map(|cells| cells.saturating_mul(dots_of_cell));
    let (bar, space) = (runs.next().unwrap_or_default(), runs.next().unwrap_or_default());
    let narrow = bar.saturating_add(reduction).max(1);
    let ratio = f64::from(space.saturating_sub(reduction)) / f64::from(narrow);
    read_code39(mask, grid, narrow, ratio, reduction).map(Symbol::Code39).map_err(|fault| fault.to_string())
}

/// A mask's width in dots, near enough; the reader checks that it is whole.
fn in_dots(mask: &ShownMask, grid: Grid) -> u32 {
    ((mask.bounds.right - mask.bounds.left) / grid.dot()).round() as u32
}

/// The lengths of the runs of equal cells of a mask's first row, the first one dark.
struct Runs<'m> {
    mask: &'m ShownMask,
    next: u32,
    dark: bool,
}

impl Runs<'_> {
    fn of(mask: &ShownMask) -> Runs<'_> {
        Runs { mask, next: 0, dark: true }
    }

    fn is_dark(&self, cell: u32) -> bool {
        let byte = self.mask.cells.get(cell as usize / 8).copied().unwrap_or_default();
        byte & (0x80 >> (cell % 8)) != 0
    }
}

impl Iterator for Runs<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let begin = self.next;
        while self.next < self.mask.columns && self.is_dark(self.next) == self.dark {
            self.next += 1;
        }
        self.dark = !self.dark;
        (self.next > begin).then_some(self.next - begin)
    }
}
