//! The correction codewords that data should have (ISO/IEC 16022 §5.7), by the `datamatrix` crate.
//!
//! The code is linear: the codewords of a sum are the sum of the codewords, and a sum is the exclusive or. So the crate is asked
//! once a size for the codewords of each bit of the data alone, and each symbol adds up those of its bits.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use datamatrix::SymbolSize;
use datamatrix::errorcode::encode_error;

/// What is kept of each size, by its data codewords, of which no two square sizes have as many.
static KEPT: RwLock<BTreeMap<usize, Arc<Correction>>> = RwLock::new(BTreeMap::new());

/// The correction codewords of each bit of the data of one size.
pub(super) struct Correction {
    /// Correction codewords of a symbol.
    length: usize,
    /// Those of each bit, most significant first, codeword by codeword of the data.
    of_bits: Vec<u8>,
}

impl Correction {
    /// The correction codewords of symbols of that size, which has so many codewords of data.
    pub(super) fn of(size: SymbolSize, data: usize) -> Arc<Correction> {
        if let Some(kept) = KEPT.read().unwrap_or_else(PoisonError::into_inner).get(&data) {
            return Arc::clone(kept);
        }
        let mut unit = vec![0; data];
        let mut of_bits = Vec::new();
        for codeword in 0..data {
            for bit in (0..8).rev() {
                unit[codeword] = 1 << bit;
                of_bits.extend(encode_error(&unit, size));
            }
            unit[codeword] = 0;
        }
        let made = Arc::new(Correction { length: of_bits.len() / (8 * data).max(1), of_bits });
        KEPT.write().unwrap_or_else(PoisonError::into_inner).insert(data, Arc::clone(&made));
        made
    }

    /// Whether these are the correction codewords of the data.
    pub(super) fn is_right(&self, data: &[u8], correction: &[u8]) -> bool {
        if correction.len() != self.length || 8 * data.len() * self.length != self.of_bits.len() {
            return false;
        }
        let mut sum = correction.to_vec();
        for (codeword, of_codeword) in data.iter().zip(self.of_bits.chunks_exact(8 * self.length)) {
            for (bit, of_bit) in of_codeword.chunks_exact(self.length).enumerate() {
                if codeword << bit & 0x80 != 0 {
                    sum.iter_mut().zip(of_bit).for_each(|(sum, part)| *sum ^= part);
                }
            }
        }
        sum.iter().all(|sum| *sum == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every square size with its data codewords.
    fn sizes() -> impl Iterator<Item = (SymbolSize, usize)> {
        [
            SymbolSize::Square10,
            SymbolSize::Square26,
            SymbolSize::Square44,
            SymbolSize::Square52,
            SymbolSize::Square144,
        ]
        .into_iter()
        .zip([3, 44, 144, 204, 1558])
    }

    #[test]
    fn sums_of_bits_are_what_the_crate_says_of_the_whole() {
        for (size, count) in sizes() {
            let kept = Correction::of(size, count);
            for seed in 0..50u32 {
                let byte = |index: u32| {
                    (seed.wrapping_mul(7919).wrapping_add(index.wrapping_mul(104_729)) >> 5) as u8
                };
                let data: Vec<u8> = (0..count as u32).map(byte).collect();
                let mut correction = encode_error(&data, size);
                assert!(kept.is_right(&data, &correction), "{size:?}");
                let place = seed as usize % correction.len();
                correction[place] ^= 1 << (seed % 8);
                assert!(!kept.is_right(&data, &correction), "{size:?}");
                assert!(!kept.is_right(&data, &correction[1..]) && !kept.is_right(&data[1..], &correction));
            }
        }
    }
}
