//! Where every bit of every codeword lies: ISO/IEC 16022 5.8 and annex F.
//!
//! The places are found once per size and kept for the life of the program.

use super::reed_solomon::Divider;
use super::size::{COUNT, SymbolSize};
use std::sync::OnceLock;

/// A module of the mapping matrix that no codeword has taken yet.
const FREE: u16 = u16::MAX;

/// Row and column of the eight bits of a codeword, relative to its last: figure F.1's "utah".
const UTAH: [(i16, i16); 8] = [(-2, -2), (-2, -1), (-1, -2), (-1, -1), (-1, 0), (0, -2), (0, -1), (0, 0)];

/// The four corner shapes; a negative row or column counts from the bottom or from the right.
const CORNER_1: [(i16, i16); 8] = [(-1, 0), (-1, 1), (-1, 2), (0, -2), (0, -1), (1, -1), (2, -1), (3, -1)];
const CORNER_2: [(i16, i16); 8] = [(-3, 0), (-2, 0), (-1, 0), (0, -4), (0, -3), (0, -2), (0, -1), (1, -1)];
const CORNER_3: [(i16, i16); 8] = [(-3, 0), (-2, 0), (-1, 0), (0, -2), (0, -1), (1, -1), (2, -1), (3, -1)];
const CORNER_4: [(i16, i16); 8] = [(-1, 0), (-1, -1), (0, -3), (0, -2), (0, -1), (1, -3), (1, -2), (1, -1)];

/// What drawing a size needs.
pub(super) struct Plan {
    /// The packed rows as one string of bits, 64 a word.
    words: Vec<Word>,
    /// The error correction of the size.
    pub(super) divider: Divider,
}

/// 64 bits of the packed rows.
#[derive(Default)]
struct Word {
    /// Finder patterns and fixed modules.
    blank: u64,
    /// What codewords add.
    strokes: Vec<Stroke>,
}

/// Bits of a codeword that lie side by side in one word: two or three of a "utah", as a rule.
struct Stroke {
    codeword: u16,
    /// Which of its bits.
    mask: u8,
    /// How far they turn left to their place in the word.
    turn: u8,
}

/// The matrix without finder patterns, being filled: each module holds the bit that it shows.
struct Mapping {
    side: i16,
    bits: Vec<u16>,
    codewords: u16,
}

impl Plan {
    /// The plan of a size, made at its first use.
    pub(super) fn of(size: SymbolSize) -> &'static Plan {
        static PLANS: [OnceLock<Plan>; COUNT] = [const { OnceLock::new() }; COUNT];
        PLANS[size.index()].get_or_init(|| Plan::new(size))
    }

    /// Packed rows showing `codewords`.
    pub(super) fn draw(&self, size: SymbolSize, codewords: &[u8]) -> Vec<u8> {
        let mut rows = Vec::with_capacity(self.words.len() * 8);
        for word in &self.words {
            let drawn = word.strokes.iter().fold(word.blank, |drawn, stroke| {
                let bits = codewords[usize::from(stroke.codeword)] & stroke.mask;
                drawn | u64::from(bits).rotate_left(stroke.turn.into())
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
        let mut places = vec![0; codewords * 8];
        let mapping = Mapping::fill(size.side() - 2 * size.regions());
        for (module, &bit) in mapping.bits.iter().enumerate() {
            let place = module_place(size, module);
            match places.get_mut(usize::from(bit)) {
                Some(known) => *known = place,
                None => plan.set_fixed(size, module, place),
            }
        }
        for (codeword, places) in (0..).zip(places.chunks_exact(8)) {
            plan.add_strokes(codeword, places);
        }
        plan
    }

    /// Adds a codeword whose bits, most significant first, have those places.
    fn add_strokes(&mut self, codeword: u16, places: &[u16]) {
        let mut first = 0;
        for run in places.chunk_by(|left, right| left + 1 == *right && left / 64 == right / 64) {
            let mask = (0xFF00 >> run.len()) as u8 >> first;
            // Bit 0 is the most significant, 56 above that of the word's last byte.
            let turn = (64 + 56 + first - run[0] % 64) % 64;
            let stroke = Stroke { codeword, mask, turn: turn as u8 };
            self.words[usize::from(run[0] / 64)].strokes.push(stroke);
            first += run.len() as u16;
        }
    }

    /// Around every region: left and bottom solid, top and right alternating.
    fn draw_finders(&mut self, size: SymbolSize) {
        let region = size.side() / size.regions();
        for row in 0..size.side() {
            for column in 0..size.side() {
                let (y, x) = (row % region, column % region);
                let top = y == 0 && x % 2 == 0;
                let right = x == region - 1 && y % 2 == 1;
                if x == 0 || y == region - 1 || top || right {
                    self.set_dark(place(size, row, column));
                }
            }
        }
    }

    /// The four modules that no codeword reaches are a small chessboard, dark at its bottom right.
    fn set_fixed(&mut self, size: SymbolSize, module: usize, place: u16) {
        let side = size.side() - 2 * size.regions();
        if (module / side) % 2 == (module % side) % 2 {
            self.set_dark(place);
        }
    }

    fn set_dark(&mut self, place: u16) {
        self.words[usize::from(place / 64)].blank |= 1 << (63 - place % 64);
    }
}

/// The bit in the packed rows of a module of the mapping matrix.
fn module_place(size: SymbolSize, module: usize) -> u16 {
    let side = size.side() - 2 * size.regions();
    let region = side / size.regions();
    let framed = |index: usize| index + 2 * (index / region) + 1;
    place(size, framed(module / side), framed(module % side))
}

/// The bit in the packed rows of a module of the symbol: at most 144 × 18 × 8.
fn place(size: SymbolSize, row: usize, column: usize) -> u16 {
    (row * size.side().div_ceil(8) * 8 + column) as u16
}

impl Mapping {
    /// Runs annex F over a matrix of `side` modules.
    fn fill(side: usize) -> Mapping {
        let mut mapping = Mapping { side: side as i16, bits: vec![FREE; side * side], codewords: 0 };
        let (mut row, mut column) = (4, 0);
        while row < mapping.side || column < mapping.side {
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
            if row < 0 || column >= self.side {
                return (row, column);
            }
        }
    }

    fn descend(&mut self, mut row: i16, mut column: i16) -> (i16, i16) {
        loop {
            self.place_utah(row, column);
            (row, column) = (row + 2, column - 2);
            if row >= self.side || column < 0 {
                return (row, column);
            }
        }
    }

    fn place_corner(&mut self, row: i16, column: i16) {
        let side = self.side;
        let corner = match (row - side, column) {
            (0, 0) => CORNER_1,
            (-2, 0) if side % 4 != 0 => CORNER_2,
            (-2, 0) if side % 8 == 4 => CORNER_3,
            (4, 2) if side % 8 == 0 => CORNER_4,
            _ => return,
        };
        let absolute = |index: i16| if index < 0 { index + side } else { index };
        self.take(corner.map(|(r, c)| (absolute(r), absolute(c))));
    }

    /// Places a codeword whose last bit is there, if that module exists and is free.
    fn place_utah(&mut self, row: i16, column: i16) {
        let inside = (0..self.side).contains(&row) && (0..self.side).contains(&column);
        if inside && self.bits[self.index(row, column)] == FREE {
            self.take(UTAH.map(|(r, c)| self.wrap(row + r, column + c)));
        }
    }

    /// A module beyond the top or the left comes back at the other side, shifted: annex F.
    fn wrap(&self, mut row: i16, mut column: i16) -> (i16, i16) {
        let shift = 4 - (self.side + 4) % 8;
        if row < 0 {
            (row, column) = (row + self.side, column + shift);
        }
        if column < 0 {
            (row, column) = (row + shift, column + self.side);
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
        row as usize * self.side as usize + column as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_of_every_codeword_has_one_place() {
        for size in SymbolSize::all() {
            let mapping = Mapping::fill(size.side() - 2 * size.regions());
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
