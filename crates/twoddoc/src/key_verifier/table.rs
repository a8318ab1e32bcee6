//! Multiples of one point, for many multiplications in variable time.

use curve25519_dalek::{EdwardsPoint, Scalar, traits::Identity as _};

/// Bits of a scalar that is below the group's order.
const SCALAR_BITS: usize = 253;

/// The multiples 1 to 2^(`BITS`-1) of 2^(`BITS`·i)·P, for every digit i of a scalar. `BITS` is 2 to 8.
///
/// A scalar is a sum of signed digits, so a product costs one addition for each digit and no doubling. Which multiples are
/// taken depends on the scalar: it must not be secret.
pub(crate) struct Table<const BITS: usize>(Vec<EdwardsPoint>);

impl<const BITS: usize> Table<BITS> {
    /// Half of the digits' base: the greatest digit.
    const HALF: usize = 1 << (BITS - 1);
    /// Digits of a scalar, with room for the last carry.
    const DIGITS: usize = SCALAR_BITS / BITS + 1;

    /// The table of `point`, which may have a part of small order.
    pub(crate) fn new(point: &EdwardsPoint) -> Table<BITS> {
        let mut multiples = Vec::with_capacity(Self::DIGITS * Self::HALF);
        let mut unit = *point;
        for _ in 0..Self::DIGITS {
            let mut multiple = unit;
            for _ in 0..Self::HALF {
                multiples.push(multiple);
                multiple += unit;
            }
            // HALF + 1 units, so twice HALF is the next unit.
            let half = multiple - unit;
            unit = half + half;
        }
        Table(multiples)
    }

    /// Adds the product of the point and `scalar`, which is below the group's order, to `sum`.
    pub(crate) fn add_product(&self, scalar: &Scalar, sum: &mut EdwardsPoint) {
        let bytes = scalar.as_bytes();
        let bits = |at: usize| {
            let byte = |index: usize| bytes.get(index).copied().map_or(0, usize::from);
            (byte(at / 8) | byte(at / 8 + 1) << 8) >> (at % 8) & (2 * Self::HALF - 1)
        };
        let mut carry = 0;
        for (digit, multiples) in self.0.chunks_exact(Self::HALF).enumerate() {
            let value = bits(digit * BITS) + carry;
            carry = usize::from(value > Self::HALF);
            // A value above the half is taken from the next digit.
            if carry == 1 {
                if let Some(multiple) = multiples.get((2 * Self::HALF - value).wrapping_sub(1)) {
                    *sum -= multiple;
                }
            } else if let Some(multiple) = multiples.get(value.wrapping_sub(1)) {
                *sum += multiple;
            }
        }
    }

    /// The product of the point and `scalar`, which is below the group's order.
    pub(crate) fn product(&self, scalar: &Scalar) -> EdwardsPoint {
        let mut sum = EdwardsPoint::identity();
        self.add_product(scalar, &mut sum);
        sum
    }
}
