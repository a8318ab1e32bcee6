//! Reed-Solomon error correction over GF(256) with x⁸+x⁵+x³+x²+1 (ISO/IEC 16022 5.7 and annex E).

use super::SymbolSize;

/// The field's polynomial.
const POLYNOMIAL: u16 = 0x12D;

/// Words of a register: 72 bytes, enough for the 68 correction codewords of a 48 × 48 symbol, the most in one block.
const WORDS: usize = 9;

/// The coefficients of a polynomial, highest first, eight in a word, then zeros.
type Register = [u64; WORDS];

/// Divides by one generator polynomial, with a table of its multiples by every byte.
pub(super) struct Divider {
    /// The generator without its leading 1, multiplied by each of the 256 bytes.
    multiples: Box<[Register; 256]>,
}

impl Divider {
    /// The divider for `degree` correction codewords a block, at most 68.
    pub(super) fn new(degree: usize) -> Divider {
        let generator = generator(degree);
        let mut multiples = Box::new([[0; WORDS]; 256]);
        for (multiplier, row) in (0..=255).zip(multiples.iter_mut()) {
            for (index, &coefficient) in generator.iter().enumerate() {
                row[index / 8] |= u64::from(multiply(multiplier, coefficient)) << (56 - index % 8 * 8);
            }
        }
        Divider { multiples }
    }

    /// Overwrites the correction codewords, which follow the data codewords, with the correction of these.
    ///
    /// Data codeword `i` belongs to block `i` modulo the number of blocks; so does correction codeword `i`. In 144 × 144
    /// the data do not divide evenly (eight blocks of 156, two of 155), and the correction still begins with the first
    /// block. Zint and BWIPP by default begin it with the ninth, which a note in the draft of ISO/IEC 16022:2024 calls a
    /// misunderstanding. libdmtx reads only the standard's order, zxing-cpp and rxing read both (zxing-cpp issue 259).
    pub(super) fn append_correction(&self, codewords: &mut [u8], size: SymbolSize) {
        let (data, correction) = codewords.split_at_mut(size.data_codewords());
        let blocks = size.blocks();
        for block in 0..blocks {
            let remainder = self.remainder(data.iter().skip(block).step_by(blocks));
            let values = remainder.iter().flat_map(|word| word.to_be_bytes());
            let of_block = correction.iter_mut().skip(block).step_by(blocks);
            for (codeword, value) in of_block.zip(values) {
                *codeword = value;
            }
        }
    }

    /// The remainder of the polynomial with the coefficients `data`, highest first, followed by zeros.
    fn remainder<'a>(&self, data: impl Iterator<Item = &'a u8>) -> Register {
        let mut register = [0; WORDS];
        for &codeword in data {
            let feedback = codeword ^ (register[0] >> 56) as u8;
            let multiple = &self.multiples[usize::from(feedback)];
            for index in 0..WORDS {
                let carried = register.get(index + 1).map_or(0, |next| next >> 56);
                register[index] = (register[index] << 8 | carried) ^ multiple[index];
            }
        }
        register
    }
}

/// The product of (x − 2ⁱ) for i from 1 to `degree`: its coefficients, highest first, without the leading 1.
fn generator(degree: usize) -> Vec<u8> {
    let mut coefficients = vec![0u8; degree + 1];
    coefficients[0] = 1;
    let mut root = 1;
    for _ in 0..degree {
        root = multiply(root, 2);
        for index in (1..=degree).rev() {
            coefficients[index] ^= multiply(coefficients[index - 1], root);
        }
    }
    coefficients.split_off(1)
}

/// The product of two elements of the field. Used only to build tables.
fn multiply(a: u8, b: u8) -> u8 {
    let (mut product, mut shifted) = (0, u16::from(a));
    for bit in 0..8 {
        if b & (1 << bit) != 0 {
            product ^= shifted;
        }
        shifted <<= 1;
        if shifted > 255 {
            shifted ^= POLYNOMIAL;
        }
    }
    product as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generator_of_degree_5_is_that_of_annex_e() {
        assert_eq!(generator(5), [62, 111, 15, 48, 228]);
    }

    #[test]
    fn correction_of_the_standards_example() {
        // ISO/IEC 16022 annex O: "123456" is 142 164 186, corrected by 114 25 5 88 102.
        let mut codewords = [142, 164, 186, 0, 0, 0, 0, 0];
        let size = SymbolSize::of_side(10);
        Divider::new(5).append_correction(&mut codewords, size);
        assert_eq!(codewords, [142, 164, 186, 114, 25, 5, 88, 102]);
    }
}
