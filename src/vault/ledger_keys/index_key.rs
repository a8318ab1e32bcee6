//! The key of the hashes by which cards, holders and addresses are found without being stored.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::opaque::OpaqueIds;

/// A key: 32 bytes of entropy, wiped when they are dropped.
pub(super) type Secret = Zeroizing<[u8; 32]>;

/// What a hash is of. Equal texts of two kinds have different hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hashed {
    /// A card number.
    Card,
    /// A holder's identifier.
    Holder,
    /// A holder's name, normalised.
    Name,
    /// A postal address, normalised.
    Address,
    /// A person's reason for something, normalised.
    Reason,
}

/// What each key that is derived from the index key is for, in the order of [`Hashed`].
const PURPOSES: [&str; 5] = ["card", "holder", "name", "address", "reason"];

/// The index key, ready to hash: what is left of it after the first step of HMAC-SHA256 (RFC 2104), a derived key a purpose.
pub(super) struct IndexKey {
    hashes: [Hmac<Sha256>; 5],
    checks: Hmac<Sha256>,
    salts: Hmac<Sha256>,
    opaque: Hmac<Sha256>,
    mark: [u8; 16],
}

/// Makes the salts of the texts of proved pieces: random-looking, and always the same for a piece.
#[derive(Clone)]
pub(crate) struct ProofSalts(Hmac<Sha256>);

impl ProofSalts {
    /// The salt of a piece of a lot (with its kind) of a night. Nobody finds another piece's from it, nor the key.
    pub(crate) fn of_piece(&self, night: &str, lot: &str, piece_id: &str) -> Zeroizing<[u8; 16]> {
        let mut mac = self.0.clone();
        for part in [night, lot, piece_id] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        Zeroizing::new(beginning(&mac.finalize().into_bytes()))
    }
}

impl IndexKey {
    /// Derives the keys of all purposes.
    pub(super) fn new(key: &Secret) -> IndexKey {
        let key = keyed(key);
        IndexKey {
            hashes: PURPOSES.map(|purpose| keyed(&derived(&key, purpose))),
            checks: keyed(&derived(&key, "checks of keys")),
            salts: keyed(&derived(&key, "salts of proofs")),
            opaque: keyed(&derived(&key, "opaque ids")),
            mark: beginning(&*derived(&key, "mark")),
        }
    }

    /// The hash of a text: HMAC-SHA256, its first 16 bytes.
    pub(super) fn hash(&self, what: Hashed, text: &str) -> [u8; 16] {
        beginning(&self.hashes[what as usize].clone().chain_update(text).finalize().into_bytes())
    }

    /// Binds a key to its name and to this index key.
    pub(super) fn check(&self, name: &str, key: &Secret) -> [u8; 8] {
        let mac = self.checks.clone().chain_update(name).chain_update([0]).chain_update(**key);
        beginning(&mac.finalize().into_bytes())
    }

    /// What makes the salts of proofs.
    pub(super) fn salts(&self) -> ProofSalts {
        ProofSalts(self.salts.clone())
    }

    /// What makes opaque numbers.
    pub(super) fn opaque_ids(&self) -> OpaqueIds {
        OpaqueIds::new(self.opaque.clone())
    }

    /// Differs from that of any other index key, and says nothing of the key.
    pub(super) fn mark(&self) -> [u8; 16] {
        self.mark
    }
}

/// HMAC-SHA256 under a key of 32 bytes, which RFC 2104 completes with zeros to a block.
fn keyed(key: &Secret) -> Hmac<Sha256> {
    let mut block = Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(&**key);
    Hmac::new((&*block).into())
}

fn derived(key: &Hmac<Sha256>, purpose: &str) -> Secret {
    let text = format!("pli: the ledger's {purpose}");
    Zeroizing::new(key.clone().chain_update(text).finalize().into_bytes().into())
}

fn beginning<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut beginning = [0; N];
    beginning.copy_from_slice(&bytes[..N]);
    beginning
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [Hashed; 5] = [Hashed::Card, Hashed::Holder, Hashed::Name, Hashed::Address, Hashed::Reason];

    #[test]
    fn hashes_are_hmac_under_keys_of_their_own() {
        let secret = Zeroizing::new([7; 32]);
        let key = IndexKey::new(&secret);
        let mac = |key: &[u8], text: &[u8]| {
            Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(text).finalize().into_bytes()
        };
        for (kind, name) in KINDS.into_iter().zip(PURPOSES) {
            let purpose = mac(&*secret, format!("pli: the ledger's {name}").as_bytes());
            assert_eq!(key.hash(kind, "2400000001"), mac(&purpose, b"2400000001")[..16]);
        }
        let mut all: Vec<[u8; 16]> = KINDS.iter().map(|kind| key.hash(*kind, "a")).collect();
        all.extend(KINDS.iter().map(|kind| key.hash(*kind, "b")));
        all.push(key.mark());
        all.push(IndexKey::new(&Zeroizing::new([8; 32])).mark());
        all.push(IndexKey::new(&Zeroizing::new([8; 32])).hash(Hashed::Card, "a"));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 13);
    }

    #[test]
    fn salts_are_of_one_piece_of_one_lot_of_one_key() {
        let salts = IndexKey::new(&Zeroizing::new([7; 32])).salts();
        let mut all = vec![
            salts.of_piece("2026-11-23", "L26327A", "26327A000001"),
            salts.of_piece("2026-11-23", "L26327A", "26327A000002"),
            salts.of_piece("2026-11-23", "L26327", "A26327A000001"),
            salts.of_piece("2027-11-23", "L26327A", "26327A000001"),
            IndexKey::new(&Zeroizing::new([8; 32])).salts().of_piece("2026-11-23", "L26327A", "26327A000001"),
        ];
        assert_eq!(all[0], salts.clone().of_piece("2026-11-23", "L26327A", "26327A000001"));
        all.sort_unstable_by(|one, other| one.as_slice().cmp(other.as_slice()));
        all.dedup();
        assert_eq!(all.len(), 5);
    }
}
