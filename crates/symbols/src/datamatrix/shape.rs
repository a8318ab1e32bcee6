//! The 48 shapes of ECC 200 that are read: 24 squares and 6 rectangles (ISO/IEC 16022 table 7), 18 rectangles of the
//! extension DMRE (ISO/IEC 21471 table 1), and what each module of them holds.

use std::sync::OnceLock;

use super::placement::codeword_bits;
use super::size::{COUNT, SymbolSize};

/// A shape: modules, regions, codewords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Rows of modules, with finder patterns.
    pub rows: usize,
    /// Columns of modules, with finder patterns. A rectangle has more columns than rows.
    pub columns: usize,
    /// Rows of data regions.
    pub region_rows: usize,
    /// Columns of data regions.
    pub region_columns: usize,
    /// Data codewords.
    pub data: usize,
    /// Check codewords in all blocks.
    pub checks: usize,
    /// Interleaved blocks.
    pub blocks: usize,
}

/// Rows, columns, columns of regions, data codewords, check codewords: first the rectangles of ISO/IEC 16022, then those
/// of the rectangular extension, ISO/IEC 21471.
const RECTANGLES: [(usize, usize, usize, usize, usize); 24] = [
    (8, 18, 1, 5, 7),
    (8, 32, 2, 10, 11),
    (12, 26, 1, 16, 14),
    (12, 36, 2, 22, 18),
    (16, 36, 2, 32, 24),
    (16, 48, 2, 49, 28),
    (8, 48, 2, 18, 15),
    (8, 64, 4, 24, 18),
    (8, 80, 4, 32, 22),
    (8, 96, 4, 38, 28),
    (8, 120, 6, 49, 32),
    (8, 144, 6, 63, 36),
    (12, 64, 4, 43, 27),
    (12, 88, 4, 64, 36),
    (16, 64, 4, 62, 36),
    (20, 36, 2, 44, 28),
    (20, 44, 2, 56, 34),
    (20, 64, 4, 84, 42),
    (22, 48, 2, 72, 38),
    (24, 48, 2, 80, 41),
    (24, 64, 4, 108, 46),
    (26, 40, 2, 70, 38),
    (26, 48, 2, 90, 42),
    (26, 64, 4, 118, 50),
];

/// How many shapes there are.
const SHAPES: usize = COUNT + RECTANGLES.len();

/// What the modules of a shape hold.
pub(crate) struct ModulePlan {
    /// The index (row × columns + column) of the module of each bit, most significant first, of each codeword.
    pub bits: Vec<[u16; 8]>,
    /// The modules of finder patterns: row, column, dark.
    pub finder: Vec<(u16, u16, bool)>,
}

impl Shape {
    /// Every shape, squares first, smallest first.
    pub(crate) fn all() -> impl Iterator<Item = Shape> {
        SymbolSize::all().map(Shape::square).chain(RECTANGLES.iter().map(rectangle))
    }

    /// A square.
    pub(crate) fn square(size: SymbolSize) -> Shape {
        Shape {
            rows: size.side(),
            columns: size.side(),
            region_rows: size.regions(),
            region_columns: size.regions(),
            data: size.data_codewords(),
            checks: size.error_codewords(),
            blocks: size.blocks(),
        }
    }

    /// What its modules hold. Computed at its first use and kept for the life of the program.
    pub(crate) fn plan(&self) -> &'static ModulePlan {
        static PLANS: [OnceLock<ModulePlan>; SHAPES] = [const { OnceLock::new() }; SHAPES];
        let index = Shape::all().position(|shape| shape == *self).unwrap_or_default();
        PLANS[index].get_or_init(|| ModulePlan {
            bits: codeword_bits(self),
            finder: (0..self.rows)
                .flat_map(|row| (0..self.columns).map(move |column| (row, column)))
                .filter_map(|(row, column)| Some((row as u16, column as u16, self.finder(row, column)?)))
                .collect(),
        })
    }

    /// Whether a module of a finder pattern is dark. `None` for a module that holds a codeword's bit.
    pub(crate) fn finder(&self, row: usize, column: usize) -> Option<bool> {
        let (height, width) = (self.rows / self.region_rows, self.columns / self.region_columns);
        let (y, x) = (row % height, column % width);
        match (x, y) {
            (0, _) => Some(true),
            _ if y == height - 1 => Some(true),
            (_, 0) => Some(x % 2 == 0),
            _ if x == width - 1 => Some(y % 2 == 1),
            _ => None,
        }
    }
}

fn rectangle(&(rows, columns, region_columns, data, checks): &(usize, usize, usize, usize, usize)) -> Shape {
    Shape { rows, columns, region_rows: 1, region_columns, data, checks, blocks: 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datamatrix::encode_c40;

    #[test]
    fn every_module_is_a_finder_s_a_codeword_s_or_fixed() {
        for shape in Shape::all() {
            let plan = shape.plan();
            let mut seen = vec![0; shape.rows * shape.columns];
            plan.bits.iter().flatten().for_each(|&module| seen[usize::from(module)] += 1);
            plan.finder.iter().for_each(|&(row, column, _)| {
                seen[usize::from(row) * shape.columns + usize::from(column)] += 1;
            });
            assert!(seen.iter().all(|&times| times <= 1), "{shape:?}");
            let free = seen.iter().filter(|&&times| times == 0).count();
            assert!(free == 0 || free == 4, "{shape:?}");
            assert_eq!(plan.bits.len(), shape.data + shape.checks, "{shape:?}");
        }
    }

    #[test]
    fn a_drawn_symbol_is_as_planned() {
        for length in [1, 20, 100, 400, 2000] {
            let symbol = encode_c40(&vec![b'7'; length]).unwrap();
            let shape = Shape::square(symbol.size());
            let plan = shape.plan();
            let finder = plan.finder.iter();
            assert!(finder.into_iter().all(|&(y, x, dark)| symbol.dark(y.into(), x.into()) == dark));
            let dark = |module: u16| {
                symbol.dark(usize::from(module) / shape.columns, usize::from(module) % shape.columns)
            };
            let codeword =
                |bits: &[u16; 8]| bits.iter().fold(0, |byte, &module| byte << 1 | u8::from(dark(module)));
            let read: Vec<u8> = plan.bits.iter().map(codeword).collect();
            assert_eq!(read, symbol.codewords());
        }
    }
}
