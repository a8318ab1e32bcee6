//! How much error correction a symbol's print leaves, and what it would leave if pale modules were wrong (ISO/IEC 15415).

use crate::datamatrix::correction::Block;
use crate::datamatrix::shape::Shape;

/// The limits of unused error correction, in percent.
pub(super) const UNUSED_LIMITS: [f32; 4] = [62.0, 50.0, 37.0, 25.0];

/// The blocks of a symbol that was decoded at one threshold.
pub(super) struct Corrected {
    shape: Shape,
    /// Whether each module is right; those that hold no codeword are.
    pub(super) right: Vec<bool>,
    /// The modules of each codeword's bits.
    bits: Vec<[usize; 8]>,
    /// The block of each codeword.
    blocks: Vec<usize>,
}

impl Corrected {
    /// Decodes the modules of a shape, row by row, dark is true, as they are or mirrored. `None` if a block has too many
    /// errors.
    pub(super) fn of(shape: Shape, dark: &[bool]) -> Option<Corrected> {
        let Shape { rows, columns, .. } = shape;
        let mirrored =
            |module: usize| (rows - 1 - module % columns) * columns + columns - 1 - module / columns;
        // 144 × 144 is printed with its check codewords begun at the first block, or at the ninth (zxing-cpp issue 259).
        let orders: &[usize] = if rows == 144 { &[0, 8] } else { &[0] };
        orders.iter().find_map(|&first| {
            let mirror = || Corrected::placed(shape, dark, first, &mirrored);
            let as_it_is = Corrected::placed(shape, dark, first, &|module| module);
            if rows == columns { as_it_is.or_else(mirror) } else { as_it_is }
        })
    }

    fn placed(
        shape: Shape,
        dark: &[bool],
        first: usize,
        place: &dyn Fn(usize) -> usize,
    ) -> Option<Corrected> {
        let bits = shape.plan().bits.iter().map(|bits| bits.map(|module| place(usize::from(module))));
        let bits: Vec<[usize; 8]> = bits.collect();
        let value = |bits: &[usize; 8]| {
            bits.iter().fold(0u8, |value, &module| value << 1 | u8::from(dark.get(module) == Some(&true)))
        };
        let values: Vec<u8> = bits.iter().map(value).collect();
        let block_of = |position: usize| match position.checked_sub(shape.data) {
            None => position % shape.blocks,
            Some(check) => (check + first) % shape.blocks,
        };
        let blocks: Vec<usize> = (0..values.len()).map(block_of).collect();
        let mut right = vec![true; dark.len()];
        for block in 0..shape.blocks {
            let positions: Vec<usize> = (0..values.len()).filter(|&index| blocks[index] == block).collect();
            let read: Vec<u8> = positions.iter().map(|&position| values[position]).collect();
            let corrected = Block::new(&read, shape.checks / shape.blocks).corrected(&[])?.codewords;
            for (index, &position) in positions.iter().enumerate() {
                let wrong = read[index] ^ corrected[index];
                for (bit, &module) in bits[position].iter().enumerate() {
                    right[module] &= wrong >> (7 - bit) & 1 == 0;
                }
            }
        }
        Some(Corrected { shape, right, bits, blocks })
    }

    /// The error correction that is left, in percent, of the block that has least of it, if the codewords with any module
    /// that is not `good` count as errors.
    pub(super) fn unused(&self, good: &dyn Fn(usize) -> bool) -> f32 {
        let mut errors = vec![0; self.shape.blocks];
        for (bits, &block) in self.bits.iter().zip(&self.blocks) {
            errors[block] += usize::from(!bits.iter().all(|&module| good(module)));
        }
        let most = errors.into_iter().max().unwrap_or_default();
        let checks = self.shape.checks / self.shape.blocks;
        (100.0 * (1.0 - 2.0 * most as f32 / checks as f32)).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datamatrix::encode_c40;

    #[test]
    fn an_error_costs_two_check_codewords_of_its_block() {
        for length in [10, 100, 800] {
            let symbol = encode_c40(&vec![b'7'; length]).unwrap();
            let shape = Shape::square(symbol.size());
            let checks = shape.checks / shape.blocks;
            let mut dark: Vec<bool> = (0..shape.rows * shape.columns)
                .map(|module| symbol.dark(module / shape.columns, module % shape.columns))
                .collect();
            let unused = |dark: &[bool]| {
                let corrected = Corrected::of(shape, dark)?;
                Some(corrected.unused(&|module| corrected.right[module]))
            };
            assert_eq!(unused(&dark), Some(100.0));
            // Two modules of one codeword, one of the next codeword of the same block.
            let bits = &shape.plan().bits;
            for module in [bits[0][0], bits[0][5], bits[shape.blocks][3]] {
                dark[usize::from(module)] ^= true;
            }
            let expected = 100.0 * (1.0 - 4.0 / checks as f32);
            assert!((unused(&dark).unwrap() - expected).abs() < 1e-3, "{length}");
            let half = checks / 2 + 1;
            (0..half).for_each(|index| dark[usize::from(bits[index * shape.blocks][7])] ^= true);
            assert_eq!(unused(&dark), None);
        }
    }
}
