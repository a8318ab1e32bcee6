//! Correction of a Reed-Solomon block by errors and erasures (ISO/IEC 16022 5.7 and annex E).
//!
//! Takes the codewords of a block and the positions of those in doubt. An erasure costs one check codeword, an error two:
//! a block with `e` check codewords is corrected as long as erasures plus twice the errors are at most `e`.

/// The field's polynomial, x⁸+x⁵+x³+x²+1.
const POLYNOMIAL: u16 = 0x12D;

/// Powers of 2, twice over so that sums of two logarithms need no remainder, and logarithms.
const TABLES: ([u8; 510], [u8; 256]) = tables();

const fn tables() -> ([u8; 510], [u8; 256]) {
    let (mut powers, mut logarithms) = ([0; 510], [0; 256]);
    let (mut value, mut exponent) = (1u16, 0);
    while exponent < 255 {
        powers[exponent] = value as u8;
        powers[exponent + 255] = value as u8;
        logarithms[value as usize] = exponent as u8;
        value <<= 1;
        if value > 255 {
            value ^= POLYNOMIAL;
        }
        exponent += 1;
    }
    (powers, logarithms)
}

#[inline]
fn times(a: u8, b: u8) -> u8 {
    match a == 0 || b == 0 {
        true => 0,
        false => TABLES.0[usize::from(TABLES.1[usize::from(a)]) + usize::from(TABLES.1[usize::from(b)])],
    }
}

/// The inverse of an element that is not 0.
#[inline]
fn inverse(a: u8) -> u8 {
    TABLES.0[255 - usize::from(TABLES.1[usize::from(a)])]
}

/// 2 to the power of `exponent`.
#[inline]
fn power(exponent: usize) -> u8 {
    TABLES.0[exponent % 255]
}

/// The value of a polynomial, lowest coefficient first.
fn value(polynomial: &[u8], x: u8) -> u8 {
    polynomial.iter().rev().fold(0, |sum, &coefficient| times(sum, x) ^ coefficient)
}

/// A block as it was read, with its syndromes.
pub(crate) struct Block<'a> {
    codewords: &'a [u8],
    syndromes: Vec<u8>,
}

/// A corrected block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Corrected {
    /// All codewords, data first.
    pub codewords: Vec<u8>,
    /// How many codewords were wrong beside the erasures.
    pub errors: usize,
}

impl<'a> Block<'a> {
    /// A block of data codewords followed by `checks` check codewords. At most 255 codewords.
    pub(crate) fn new(codewords: &'a [u8], checks: usize) -> Block<'a> {
        Block { codewords, syndromes: syndromes(codewords, checks) }
    }

    /// Corrects the block, with the codewords at `erasures` taken for unknown. `None` if it has too many errors.
    ///
    /// Berlekamp-Massey started from the erasures' locator, Chien's search, Forney's formula.
    pub(crate) fn corrected(&self, erasures: &[usize]) -> Option<Corrected> {
        let (length, checks) = (self.codewords.len(), self.syndromes.len());
        if length > 255 || checks > length || erasures.len() > checks {
            return None;
        }
        let mut codewords = self.codewords.to_vec();
        if self.syndromes.iter().all(|&syndrome| syndrome == 0) {
            return Some(Corrected { codewords, errors: 0 });
        }
        let locator = self.locator(erasures)?;
        let degree = locator.iter().rposition(|&coefficient| coefficient != 0)?;
        let errors = degree.checked_sub(erasures.len())?;
        if erasures.len() + 2 * errors > checks {
            return None;
        }
        let evaluator = self.evaluator(&locator);
        // The derivative of a polynomial over a field of characteristic 2 has its odd terms.
        let derivative: Vec<u8> =
            (1..locator.len()).map(|index| if index % 2 == 1 { locator[index] } else { 0 }).collect();
        let mut roots = 0;
        for (index, codeword) in codewords.iter_mut().enumerate() {
            let root = inverse(power(length - 1 - index));
            if value(&locator, root) == 0 {
                roots += 1;
                let slope = value(&derivative, root);
                if slope == 0 {
                    return None;
                }
                *codeword ^= times(value(&evaluator, root), inverse(slope));
            }
        }
        let right = roots == degree && syndromes(&codewords, checks).iter().all(|&syndrome| syndrome == 0);
        right.then_some(Corrected { codewords, errors })
    }

    /// The polynomial whose roots are the inverse places of errors and erasures (Blahut's form of Berlekamp-Massey).
    fn locator(&self, erasures: &[usize]) -> Option<Vec<u8>> {
        let checks = self.syndromes.len();
        let mut locator = vec![0; checks + 1];
        locator[0] = 1;
        for &erasure in erasures {
            let place = power(self.codewords.len().checked_sub(erasure + 1)?);
            (1..=checks).rev().for_each(|index| locator[index] ^= times(locator[index - 1], place));
        }
        let mut shadow = locator.clone();
        let mut length = erasures.len();
        for step in erasures.len()..checks {
            let discrepancy =
                (0..=step).fold(0, |sum, index| sum ^ times(locator[index], self.syndromes[step - index]));
            shadow.rotate_right(1);
            shadow[0] = 0;
            if discrepancy == 0 {
                continue;
            }
            let before = locator.clone();
            (0..=checks).for_each(|index| locator[index] ^= times(discrepancy, shadow[index]));
            if 2 * length <= step + erasures.len() {
                length = step + 1 + erasures.len() - length;
                let scale = inverse(discrepancy);
                shadow = before.into_iter().map(|coefficient| times(coefficient, scale)).collect();
            }
        }
        Some(locator)
    }

    /// The product of the syndromes' polynomial and the locator, up to the number of syndromes.
    fn evaluator(&self, locator: &[u8]) -> Vec<u8> {
        let term = |degree: usize| {
            (0..=degree).fold(0, |sum, index| sum ^ times(locator[index], self.syndromes[degree - index]))
        };
        (0..self.syndromes.len()).map(term).collect()
    }
}

/// The values of a block's polynomial at 2¹ to 2 to the power of `checks`: all 0 if nothing is wrong.
fn syndromes(codewords: &[u8], checks: usize) -> Vec<u8> {
    let at = |root: u8| codewords.iter().fold(0, |sum, &codeword| times(sum, root) ^ codeword);
    (1..=checks).map(|exponent| at(power(exponent))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datamatrix::{SymbolSize, encode_c40};
    use proptest::prelude::*;

    /// The codewords of a symbol of one block.
    fn encoded(message: &[u8]) -> (Vec<u8>, usize) {
        let symbol = encode_c40(message).unwrap();
        assert_eq!(symbol.size().blocks(), 1, "{}", message.len());
        (symbol.codewords().to_vec(), symbol.size().error_codewords())
    }

    #[test]
    fn the_standards_example_is_corrected() {
        // ISO/IEC 16022 annex O: "123456".
        let right = [142, 164, 186, 114, 25, 5, 88, 102];
        assert_eq!(syndromes(&right, 5), [0; 5]);
        let mut wrong = right;
        (wrong[0], wrong[6]) = (0, 1);
        let expected = Some(Corrected { codewords: right.to_vec(), errors: 2 });
        assert_eq!(Block::new(&wrong, 5).corrected(&[]), expected);
        (wrong[1], wrong[2]) = (9, 9);
        assert_ne!(Block::new(&wrong, 5).corrected(&[]), expected);
        let expected = Some(Corrected { codewords: right.to_vec(), errors: 0 });
        assert_eq!(Block::new(&wrong, 5).corrected(&[0, 1, 2, 6]), expected);
        assert_eq!(Block::new(&wrong, 5).corrected(&[0, 1, 2, 6, 7]), expected);
        assert_eq!(Block::new(&wrong, 5).corrected(&[0, 1, 2, 6, 7, 3]), None);
        assert_eq!(SymbolSize::of_side(10).error_codewords(), 5);
    }

    proptest! {
        #[test]
        fn errors_and_erasures_within_the_redundancy_are_corrected(
            message in prop::collection::vec(any::<u8>(), 1..60),
            places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..70),
            erased in 0usize..70,
        ) {
            let (right, checks) = encoded(&message);
            let mut wrong = right.clone();
            let mut hit: Vec<usize> = Vec::new();
            let erased = erased.min(checks);
            let most = erased + (checks - erased) / 2;
            for (index, codeword) in places {
                let index = index.index(right.len());
                if hit.len() < most && !hit.contains(&index) && codeword != right[index] {
                    hit.push(index);
                    wrong[index] = codeword;
                }
            }
            let (erasures, errors) = hit.split_at(erased.min(hit.len()));
            let corrected = Block::new(&wrong, checks).corrected(erasures);
            prop_assert_eq!(corrected, Some(Corrected { codewords: right, errors: errors.len() }));
        }

        #[test]
        fn any_block_is_corrected_to_a_codeword_or_not_at_all(
            block in prop::collection::vec(any::<u8>(), 0..300),
            checks in 0usize..80,
            erasures in prop::collection::vec(0usize..300, 0..20),
        ) {
            if let Some(corrected) = Block::new(&block, checks).corrected(&erasures) {
                prop_assert!(syndromes(&corrected.codewords, checks).iter().all(|&syndrome| syndrome == 0));
            }
        }
    }
}
