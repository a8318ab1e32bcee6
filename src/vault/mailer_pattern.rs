//! The random digits among which a mailer's codes hide when light shines through the paper.
//!
//! They follow from a key of the night and the card's number: the same night gives the same bytes on every machine, and
//! without the codes identities nobody can compute them and take them out of a picture. No code goes into them. A mailer
//! that is printed again has the digits of its original, so two of its pictures tell no more than one.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The key of specimens, whose codes are no secret.
const SPECIMEN: [u8; 32] = *b"pli: the pattern of specimens...";

/// The key of a night's patterns.
#[derive(Clone)]
pub(crate) struct MailerPattern(Zeroizing<[u8; 32]>);

impl MailerPattern {
    /// The pattern of a key.
    pub(super) fn of_key(key: [u8; 32]) -> MailerPattern {
        MailerPattern(Zeroizing::new(key))
    }

    /// That of specimens, which is the same for all.
    pub(crate) fn specimen() -> MailerPattern {
        MailerPattern::of_key(SPECIMEN)
    }

    /// The random bytes of a card's mailer.
    pub(super) fn of_card(&self, card_number: &str) -> CardPattern {
        let digest = Sha256::new().chain_update(*self.0).chain_update(card_number.as_bytes()).finalize();
        CardPattern(Zeroizing::new(digest.into()))
    }
}

/// The random bytes of one mailer.
pub(super) struct CardPattern(Zeroizing<[u8; 32]>);

impl CardPattern {
    /// A block of them.
    pub(super) fn block(&self, block: u32) -> [u8; 32] {
        Sha256::new().chain_update(*self.0).chain_update(block.to_be_bytes()).finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_card_key_and_block_has_bytes_of_its_own() {
        let block = |key: u8, card: &str, block| MailerPattern::of_key([key; 32]).of_card(card).block(block);
        assert_eq!(block(1, "2400000001", 0), block(1, "2400000001", 0));
        for other in [block(1, "2400000001", 1), block(1, "2400000002", 0), block(2, "2400000001", 0)] {
            assert_ne!(block(1, "2400000001", 0), other);
        }
    }
}
