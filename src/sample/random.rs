//! The pseudo-random numbers of samples.
//!
//! Seed, record and purpose determine the numbers, on every machine. They must not be used for keys: SplitMix64 (Steele, Lea, Flood: « Fast splittable pseudorandom number generators », 2014) is
//! fast and uniform, and whoever knows one number can compute the following ones.

/// The odd constant of SplitMix64: 2⁶⁴ divided by the golden ratio.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// What a stream of numbers is for. Streams of different purposes are independent.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    /// The values of a record.
    Record = 1,
    /// The codes of a card.
    Codes = 2,
    /// The order of card numbers.
    Numbering = 3,
}

/// A stream of pseudo-random numbers.
pub(super) struct Random(u64);

impl Random {
    /// The stream of one record. Each record has its own, so that a change to one does not change the others.
    pub(super) fn new(seed: u64, record: u32, purpose: Purpose) -> Random {
        let stream = mixed(u64::from(record) << 2 | purpose as u64);
        Random(mixed(seed.wrapping_add(GOLDEN)) ^ stream)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mixed(self.0)
    }

    /// A number from 0 to `end - 1`; 0 if `end` is 0.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        let scaled = u128::from(self.next()) * u128::from(end);
        (scaled >> 64) as u32
    }

    /// A number from `first` to `last`.
    pub(super) fn within(&mut self, first: u32, last: u32) -> u32 {
        first + self.below(last.saturating_sub(first) + 1)
    }

    /// `true` with a probability of `permille` in a thousand.
    pub(super) fn chance(&mut self, permille: u32) -> bool {
        self.below(1000) < permille
    }

    /// One of several values with equal probability. The slice must not be empty.
    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u32) as usize]
    }

    /// One of several values with the probability of its weight. The weights must not all be 0.
    pub(super) fn weighted<T: Copy>(&mut self, from: &[(u32, T)]) -> T {
        let total = from.iter().map(|(weight, _)| weight).sum();
        let mut left = self.below(total);
        for (weight, value) in from {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return *value,
            }
        }
        from[0].1
    }

    /// Decimal digits, the first of which may be 0.
    pub(super) fn digits(&mut self, count: usize) -> String {
        (0..count).filter_map(|_| char::from_digit(self.below(10), 10)).collect()
    }
}

/// The finaliser of SplitMix64.
fn mixed(state: u64) -> u64 {
    let state = (state ^ state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ state >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ state >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_sequence() {
        let mut random = Random(1234567);
        let numbers = [random.next(), random.next(), random.next()];
        assert_eq!(numbers, [6457827717110365317, 3203168211198807973, 9817491932198370423]);
    }

    #[test]
    fn streams_repeat_and_differ() {
        let numbers = |seed, record, purpose| Random::new(seed, record, purpose).next();
        assert_eq!(numbers(1, 2, Purpose::Record), numbers(1, 2, Purpose::Record));
        let others =
            [numbers(2, 2, Purpose::Record), numbers(1, 3, Purpose::Record), numbers(1, 2, Purpose::Codes)];
        assert!(!others.contains(&numbers(1, 2, Purpose::Record)));
    }

    #[test]
    fn every_number_of_a_range_is_drawn() {
        let mut random = Random::new(0, 0, Purpose::Record);
        let seen: std::collections::BTreeSet<u32> = (0..1000).map(|_| random.within(3, 8)).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [3, 4, 5, 6, 7, 8]);
        assert_eq!(random.below(0), 0);
        assert_eq!(random.weighted(&[(0, 'a'), (5, 'b'), (0, 'c')]), 'b');
    }
}
