//! The 24 square sizes of ECC 200 (ISO/IEC 16022 table 7).

/// One of the 24 square sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymbolSize(u8);

/// Number of sizes.
pub(super) const COUNT: usize = 24;

/// Side in modules, regions on a side, data codewords, error correction codewords, blocks.
const TABLE: [(u8, u8, u16, u16, u8); COUNT] = [
    (10, 1, 3, 5, 1),
    (12, 1, 5, 7, 1),
    (14, 1, 8, 10, 1),
    (16, 1, 12, 12, 1),
    (18, 1, 18, 14, 1),
    (20, 1, 22, 18, 1),
    (22, 1, 30, 20, 1),
    (24, 1, 36, 24, 1),
    (26, 1, 44, 28, 1),
    (32, 2, 62, 36, 1),
    (36, 2, 86, 42, 1),
    (40, 2, 114, 48, 1),
    (44, 2, 144, 56, 1),
    (48, 2, 174, 68, 1),
    (52, 2, 204, 84, 2),
    (64, 4, 280, 112, 2),
    (72, 4, 368, 144, 4),
    (80, 4, 456, 192, 4),
    (88, 4, 576, 224, 4),
    (96, 4, 696, 272, 4),
    (104, 4, 816, 336, 6),
    (120, 6, 1050, 408, 6),
    (132, 6, 1304, 496, 8),
    (144, 6, 1558, 620, 10),
];

impl SymbolSize {
    /// Every size, smallest first.
    pub fn all() -> impl Iterator<Item = SymbolSize> {
        (0..COUNT as u8).map(SymbolSize)
    }

    /// Modules on a side, with the finder pattern and without a quiet zone.
    #[must_use]
    #[inline]
    pub fn side(self) -> usize {
        usize::from(self.row().0)
    }

    /// Codewords that hold the message and its padding.
    #[must_use]
    pub fn data_codewords(self) -> usize {
        usize::from(self.row().2)
    }

    /// Codewords of error correction in all blocks.
    pub(super) fn error_codewords(self) -> usize {
        usize::from(self.row().3)
    }

    /// Data regions on a side.
    pub(super) fn regions(self) -> usize {
        usize::from(self.row().1)
    }

    /// Interleaved Reed-Solomon blocks.
    pub(super) fn blocks(self) -> usize {
        usize::from(self.row().4)
    }

    /// Index in the table.
    #[inline]
    pub(super) fn index(self) -> usize {
        usize::from(self.0)
    }

    #[inline]
    fn row(self) -> (u8, u8, u16, u16, u8) {
        TABLE[self.index()]
    }
}

#[cfg(test)]
impl SymbolSize {
    /// The size of `side` modules on a side.
    pub(super) fn of_side(side: usize) -> SymbolSize {
        SymbolSize::all().find(|size| size.side() == side).unwrap()
    }

    /// C40 values that fit after the latch, with one value in an odd last codeword: the formula behind table 1 of the
    /// 2D-DOC specification (3.2.6 p. 30).
    pub(super) fn c40_capacity(self) -> usize {
        let after_latch = self.data_codewords() - 1;
        3 * (after_latch / 2) + after_latch % 2
    }
}
