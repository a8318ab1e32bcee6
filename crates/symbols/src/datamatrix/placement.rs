//! The module of every bit of every codeword (ISO/IEC 16022 5.8 and annex F).
//!
//! The placement of a size is computed at its first use and kept for the life of the program.

use super::reed_solomon::Divider;
use super::shape::Shape;
use super::size::{COUNT, SymbolSize};
use std::sync::OnceLock;

/// A module of the mapping matrix that holds no bit of a codeword.
const FREE: u16 = u16::MAX;

/// Row and column of the eight bits of a codeword relative to its last bit: the shape "utah" of figure F.1.
const UTAH: [(i16, i16); 8] = [(-2, -2), (-2, -1), (-1, -2), (-1, -1), (-1, 0), (0, -2), (0, -1), (0, 0)];

/// The four corner shapes; a negative row or column counts from the bottom or from the right.
const CORNER_1: [(i16, i16); 8] = [(-1, 0), (-1, 1), (-1, 2), (0, -2), (0, -1), (1, -1), (2, -1), (3, -1)];
const CORNER_2: [(i16, i16); 8] = [(-3, 0), (-2, 0), (-1, 0), (0, -4), (0, -3), (0, -2), (0, -1), (1, -1)];
const CORNER_3: [(i16, i16); 8] = [(-3, 0), (-2, 0), (-1, 0), (0, -2), (0, -1), (1, -1), (2, -1), (3, -1)];
const CORNER_4: [(i16, i16); 8] = [(-1, 0), (-1, -1), (0, -3), (0, -2), (0, -1), (1, -3), (1, -2), (1, -1)];

/// The finder pattern and the codeword placement of one size.
pub(super) struct Plan {
    /// The packed rows as one string of bits, 64 in a word.
    words: Vec<Word>,
    /// The error correction of the size.
    pub(super) divider: Divider,
}

/// 64 bits of the packed rows.
#[derive(Default)]
struct Word {
    /// The dark modules of finder patterns and fixed modules.
    fixed: u64,
    /// The bits of codewords.
    strokes: Vec<Stroke>,
}

/// Bits of a codeword that are adjacent in one word: mostly two or three, a row of a "utah".
struct Stroke {
    codeword: u16,
    /// Which of the codeword's bits.
    mask: u8,
    /// The number of bits by which the word rotates the codeword to the left.
    rotation: u8,
}

/// The mapping matrix (the symbol without finder patterns) being filled. Each module holds the index of its bit: eight
/// times the codeword's index, plus the bit's.
struct Mapping {
    rows: i16,
    columns: i16,
    bits: Vec<u16>,
    codewords: u16,
}

impl Plan {
    /// The plan of a size.
    pub(super) fn of(size: SymbolSize) -> &'static Plan {
        static PLANS: [OnceLock<Plan>; COUNT] = [const { OnceLock::new() }; COUNT];
        PLANS[size.index()].get_or_init(|| Plan::new(size))
    }

    /// The packed rows of a symbol with these codewords.
    pub(super) fn draw(&self, size: SymbolSize, codewords: &[u8]) -> Vec<u8> {
        let mut rows = Vec::with_capacity(self.words.len() * 8);
        for word in &self.words {
            let drawn = word.strokes.iter().fold(word.fixed, |drawn, stroke| {
                let bits = codewords[usize::from(stroke.codeword)] & stroke.mask;
                drawn | u64::from(bits).rotate_left(stroke.rotation.into())
            });
            rows.extend_from_slice(&drawn.to_be_bytes());
        }
        rows.truncate(size.side() * size.side().div_ceil(8));
        rows
    }

    fn new(size: SymbolSize) -> Plan {
        let codewords = size.data_codewords() + size.error_codewords();
        let words = (size.side() * size.side().div_ceil(8)).div_ceil(8);
        let divider = Divider::new(size.error_codewords() / size.blocks());
        let mut plan = Plan { words: Vec::new(), divider };
        plan.words.resize_with(words, Word::default);
        plan.draw_finders(size);
        let mut offsets = vec![0; codewords * 8];
        let side = size.side() - 2 * size.regions();
        let mapping = Mapping::fill(side, side);
        for (module, &bit) in mapping.bits.iter().enumerate() {
            let offset = module_offset(size, module);
            match offsets.get_mut(usize::from(bit)) {
                Some(entry) => *entry = offset,
                None => plan.set_fixed(size, module, offset),
            }
        }
        for (codeword, offsets) in (0..).zip(offsets.chunks_exact(8)) {
            plan.add_strokes(codeword, offsets);
        }
        plan
    }

    /// Adds a codeword. `offsets` are those of its bits in the packed rows, most significant first.
    fn add_strokes(&mut self, codeword: u16, offsets: &[u16]) {
        let mut first = 0;
        for run in offsets.chunk_by(|left, right| left + 1 == *right && left / 64 == right / 64) {
            let mask = (0xFF00 >> run.len()) as u8 >> first;
            // Bit 0 of the word is its most significant: 56 bits above the codeword's own.
            let rotation = (64 + 56 + first - run[0] % 64) % 64;
            let stroke = Stroke { codeword, mask, rotation: rotation as u8 };
            self.words[usize::from(run[0] / 64)].strokes.push(stroke);
            first += run.len() as u16;
        }
    }

    /// Sets the finder pattern around every region: left and bottom solid, top and right alternating.
    fn draw_finders(&mut self, size: SymbolSize) {
        let region = size.side() / size.regions();
        for row in 0..size.side() {
            for column in 0..size.side() {
                let (y, x) = (row % region, column % region);
                let top = y == 0 && x % 2 == 0;
                let right = x == region - 1 && y % 2 == 1;
                if x == 0 || y == region - 1 || top || right {
                    self.set_dark(offset(size, row, column));
                }
            }
        }
    }

    /// Sets one of the four modules at the bottom right that no codeword reaches: those on the diagonal are dark.
    fn set_fixed(&mut self, size: SymbolSize, module: usize, offset: u16) {
        let side = size.side() - 2 * size.regions();
        if (module / side) % 2 == (module % side) % 2 {
            self.set_dark(offset);
        }
    }

    fn set_dark(&mut self, offset: u16) {
        self.words[usize::from(offset / 64)].fixed |= 1 << (63 - offset % 64);
    }
}

/// The module (row × columns + column) of each bit of each codeword of a shape.
pub(super) fn codeword_bits(shape: &Shape) -> Vec<[u16; 8]> {
    let rows = shape.rows - 2 * shape.region_rows;
    let columns = shape.columns - 2 * shape.region_columns;
    let framed = |index: usize, region: usize| index + 2 * (index / region) + 1;
    let mut modules = vec![[0; 8]; shape.data + shape.checks];
    for (module, &bit) in Mapping::fill(rows, columns).bits.iter().enumerate() {
        let row = framed(module / columns, rows / shape.region_rows);
        let column = framed(module % columns, columns / shape.region_columns);
        if let Some(codeword) = modules.get_mut(usize::from(bit) / 8) {
            codeword[usize::from(bit) % 8] = (row * shape.columns + column) as u16;
        }
    }
    modules
}

/// The offset in the packed rows, in bits, of a module of the mapping matrix.
fn module_offset(size: SymbolSize, module: usize) -> u16 {
    let side = size.side() - 2 * size.regions();
    let region = side / size.regions();
    let framed = |index: usize| index + 2 * (index / region) + 1;
    offset(size, framed(module / side), framed(module % side))
}

/// The offset in the packed rows, in bits, of a module of the symbol: less than 144 × 18 × 8.
fn offset(size: SymbolSize, row: usize, column: usize) -> u16 {
    (row * size.side().div_ceil(8) * 8 + column) as u16
}

impl Mapping {
    /// Runs annex F over a matrix of `rows` × `columns` modules.
    fn fill(rows: usize, columns: usize) -> Mapping {
        let bits = vec![FREE; rows * columns];
        let mut mapping = Mapping { rows: rows as i16, columns: columns as i16, bits, codewords: 0 };
        let (mut row, mut column) = (4, 0);
        while row < mapping.rows || column < mapping.columns {
            mapping.place_corner(row, column);
            (row, column) = mapping.climb(row, column);
            (row, column) = mapping.descend(row + 1, column + 3);
            (row, column) = (row + 3, column + 1);
        }
        mapping
    }

    fn climb(&mut self, mut row: i16, mut column: i16) -> (i16, i16) {
        loop {
            self.place_utah(row, column);
            (row, column) = (row - 2, column + 2);
            if row < 0 || column >= self.columns {
                return (row, column);
            }
        }
    }

    fn descend(&mut self, mut row: i16, mut column: i16) -> (i16, i16) {
        loop {
            self.place_utah(row, column);
            (row, column) = (row + 2, column - 2);
            if row >= self.rows || column < 0 {
                return (row, column);
            }
        }
    }

    fn place_corner(&mut self, row: i16, column: i16) {
        let corner = match (row - self.rows, column) {
            (0, 0) => CORNER_1,
            (-2, 0) if self.columns % 4 != 0 => CORNER_2,
            (-2, 0) if self.columns % 8 == 4 => CORNER_3,
            (4, 2) if self.columns % 8 == 0 => CORNER_4,
            _ => return,
        };
        let absolute = |index: i16, end: i16| if index < 0 { index + end } else { index };
        let (rows, columns) = (self.rows, self.columns);
        self.take(corner.map(|(r, c)| (absolute(r, rows), absolute(c, columns))));
    }

    /// Places a codeword whose last bit is at a module, if that module exists and is free.
    fn place_utah(&mut self, row: i16, column: i16) {
        let inside = (0..self.rows).contains(&row) && (0..self.columns).contains(&column);
        if inside && self.bits[self.index(row, column)] == FREE {
            self.take(UTAH.map(|(r, c)| self.wrap(row + r, column + c)));
        }
    }

    /// Wraps a module above the top or left of the left edge to the opposite side, shifted (annex F).
    fn wrap(&self, mut row: i16, mut column: i16) -> (i16, i16) {
        if row < 0 {
            (row, column) = (row + self.rows, column + 4 - (self.rows + 4) % 8);
        }
        if column < 0 {
            (row, column) = (row + 4 - (self.columns + 4) % 8, column + self.columns);
        }
        // Only in wide rectangles (ISO/IEC 21471).
        if row >= self.rows {
            row -= self.rows;
        }
        (row, column)
    }

    fn take(&mut self, modules: [(i16, i16); 8]) {
        for (bit, (row, column)) in (0..).zip(modules) {
            let index = self.index(row, column);
            self.bits[index] = self.codewords * 8 + bit;
        }
        self.codewords += 1;
    }

    fn index(&self, row: i16, column: i16) -> usize {
        row as usize * self.columns as usize + column as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_of_every_codeword_has_one_module() {
        for size in SymbolSize::all() {
            let side = size.side() - 2 * size.regions();
            let mapping = Mapping::fill(side, side);
            let codewords = size.data_codewords() + size.error_codewords();
            assert_eq!(usize::from(mapping.codewords), codewords);
            let mut seen: Vec<_> = mapping.bits.iter().filter(|bit| **bit != FREE).collect();
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), codewords * 8);
            let fixed = mapping.bits.iter().filter(|bit| **bit == FREE).count();
            assert!(fixed == 0 || fixed == 4);
        }
    }
}
