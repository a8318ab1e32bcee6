//! Entropy for the splitting: drawn from the system before it begins, since the library can't be told that the system fails.

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};
use zeroize::Zeroizing;

use crate::vault::KeyError;

/// More than 16 shares of 32 bytes take, four bytes for each coefficient.
const ROOM: usize = 4096;

/// Bytes of the system's entropy, each used once.
pub(super) struct PreparedEntropy {
    bytes: Zeroizing<Vec<u8>>,
    used: usize,
    ran_out: bool,
}

impl PreparedEntropy {
    /// Draws the bytes.
    ///
    /// # Errors
    /// [`KeyError::Io`]: the system gives none.
    pub(super) fn draw() -> Result<PreparedEntropy, KeyError> {
        let mut bytes = Zeroizing::new(vec![0; ROOM]);
        getrandom::fill(&mut bytes).map_err(|error| std::io::Error::other(error.to_string()))?;
        Ok(PreparedEntropy { bytes, used: 0, ran_out: false })
    }

    /// Whether more was asked for than was drawn. What was made then is not to be used.
    pub(super) fn ran_out(&self) -> bool {
        self.ran_out
    }

    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut taken = [0; N];
        self.fill(&mut taken);
        taken
    }

    fn fill(&mut self, to: &mut [u8]) {
        match self.bytes.get(self.used..self.used + to.len()) {
            Some(bytes) => {
                to.copy_from_slice(bytes);
                self.used += to.len();
            }
            None => self.ran_out = true,
        }
    }
}

impl TryRng for PreparedEntropy {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_ne_bytes(self.take()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_ne_bytes(self.take()))
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        self.fill(to);
        Ok(())
    }
}

impl TryCryptoRng for PreparedEntropy {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_byte_is_given_twice_and_an_end_is_noticed() {
        let mut entropy = PreparedEntropy::draw().unwrap();
        let mut given: Vec<u64> = (0..ROOM / 8).map(|_| entropy.try_next_u64().unwrap()).collect();
        assert!(!entropy.ran_out());
        given.sort_unstable();
        given.dedup();
        assert_eq!(given.len(), ROOM / 8);
        entropy.try_next_u32().unwrap();
        assert!(entropy.ran_out());
    }
}
