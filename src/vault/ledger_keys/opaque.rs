//! Numbers and marks that say nothing without the index key, and are the same again with it.
//!
//! An export of the ledger writes them in place of what ties a mailer to its record.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// How many rounds of a Feistel network there are; four make it a random permutation (Luby and Rackoff, 1988).
const ROUNDS: u8 = 10;

/// Permutes byte strings of one length and use: HMAC-SHA256 in the rounds of a Feistel network.
#[derive(Clone)]
pub(crate) struct OpaqueIds(Hmac<Sha256>);

impl OpaqueIds {
    /// Permutes under a key of its own.
    pub(super) fn new(key: Hmac<Sha256>) -> OpaqueIds {
        OpaqueIds(key)
    }

    /// Replaces bytes by those that stand for them; `what` says of what they are.
    pub(crate) fn hide(&self, what: &str, bytes: &mut [u8]) {
        (0..ROUNDS).for_each(|round| self.round(what, round, bytes));
    }

    /// Replaces what [`OpaqueIds::hide`] made by what it was made of.
    pub(crate) fn show(&self, what: &str, bytes: &mut [u8]) {
        (0..ROUNDS).rev().for_each(|round| self.round(what, round, bytes));
    }

    /// The number that stands for a number.
    pub(crate) fn hidden(&self, what: &str, number: i64) -> i64 {
        let mut bytes = number.to_be_bytes();
        self.hide(what, &mut bytes);
        i64::from_be_bytes(bytes)
    }

    /// The number for which a number stands.
    pub(crate) fn shown(&self, what: &str, number: i64) -> i64 {
        let mut bytes = number.to_be_bytes();
        self.show(what, &mut bytes);
        i64::from_be_bytes(bytes)
    }

    /// Adds to one half what the other makes; done again, it takes it away.
    fn round(&self, what: &str, round: u8, bytes: &mut [u8]) {
        let (left, right) = bytes.split_at_mut(bytes.len() / 2);
        let (changed, from) = if round.is_multiple_of(2) { (left, right) } else { (right, left) };
        let mac = self.0.clone().chain_update(what).chain_update([0, round]).chain_update(from);
        let mask = mac.finalize().into_bytes();
        changed.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use hmac::KeyInit;

    use super::*;

    #[test]
    fn what_is_hidden_is_shown_by_the_same_key_and_use_alone() {
        let ids = |key: u8| OpaqueIds::new(Hmac::new_from_slice(&[key; 32]).unwrap());
        let numbers: Vec<i64> = (0..2000).chain([i64::MAX]).collect();
        let hidden: BTreeSet<i64> = numbers.iter().map(|number| ids(7).hidden("duty", *number)).collect();
        assert_eq!(hidden.len(), numbers.len());
        // None is near the number for which it stands.
        assert!(hidden.iter().all(|number| number.unsigned_abs() > 1 << 20));
        for number in numbers {
            assert_eq!(ids(7).shown("duty", ids(7).hidden("duty", number)), number);
            assert_ne!(ids(7).shown("record", ids(7).hidden("duty", number)), number);
            assert_ne!(ids(8).shown("duty", ids(7).hidden("duty", number)), number);
        }
        let mut mark = *b"twelve bytes";
        ids(7).hide("address", &mut mark);
        assert_ne!(&mark, b"twelve bytes");
        ids(7).show("address", &mut mark);
        assert_eq!(&mark, b"twelve bytes");
    }
}
