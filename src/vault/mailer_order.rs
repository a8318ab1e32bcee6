//! The order of a night's mailers, which tells nothing of the order of its letters and records.
//!
//! A mailer's rank follows from its card and a key of the night, and the key from the codes identities: the same inputs
//! give the same order on every machine, and without the identities nobody can compute it.

use std::fmt;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use jiff::civil::Date;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::identities::Identities;
use super::key_error::KeyError;
use super::mailer_pattern::MailerPattern;
use crate::files::hexadecimal;

/// What the key of a night is for, so that nothing else is derived from the same identities and date.
const PURPOSE: &str = "pli: the order of the mailers of the night of ";

/// What the key of a night's pattern is for. No card has such a number.
const PATTERN: &[u8] = b"pli: the confusion pattern of mailers";

/// The key of a night's order. A shard passes it to the merge, which has no identity.
#[derive(Clone)]
pub(crate) struct MailerOrder(Zeroizing<[u8; 32]>);

impl fmt::Debug for MailerOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailerOrder")
    }
}

impl MailerOrder {
    /// The order of a night under the codes identities in a file.
    ///
    /// # Errors
    /// [`KeyError`]: the identities can't be used.
    pub(crate) fn of(identities: &Path, night: Date) -> Result<MailerOrder, KeyError> {
        let secret = Identities::read(identities)?.secret();
        Ok(MailerOrder(Zeroizing::new(mac(secret.as_bytes(), format!("{PURPOSE}{night}").as_bytes()))))
    }

    /// The key, as a share holds it.
    pub(crate) fn to_hexadecimal(&self) -> String {
        hexadecimal(*self.0)
    }

    /// The order of a key that a share holds; `None` for a text that is no key.
    pub(crate) fn from_hexadecimal(text: &str) -> Option<MailerOrder> {
        let mut key = Zeroizing::new([0; 32]);
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        for (index, byte) in key.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
        }
        Some(MailerOrder(key))
    }

    /// The pattern in which the codes of that night's mailers hide. Nothing of the order follows from it.
    pub(crate) fn pattern(&self) -> MailerPattern {
        MailerPattern::of_key(mac(&*self.0, PATTERN))
    }

    /// A card's rank: mailers are in ascending order of it.
    pub(crate) fn rank(&self, card_number: &str) -> [u8; 32] {
        mac(&*self.0, card_number.as_bytes())
    }
}

/// HMAC-SHA256.
fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    // HMAC takes a key of any length, so the error never occurs; a digest of zeros would only keep the order of entries.
    Hmac::<Sha256>::new_from_slice(key)
        .map_or([0; 32], |mac| mac.chain_update(message).finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::new_identity;
    use jiff::civil::date;

    #[test]
    fn the_order_follows_from_identities_and_night_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["one", "two"] {
            new_identity(&path(name), &path(&format!("{name}.pub"))).unwrap();
        }
        let night = date(2026, 11, 23);
        let key = |name: &str, night| MailerOrder::of(&path(name), night).unwrap().to_hexadecimal();
        assert_eq!(key("one", night), key("one", night));
        assert_ne!(key("one", night), key("two", night));
        assert_ne!(key("one", night), key("one", date(2026, 11, 24)));
        let order = MailerOrder::of(&path("one"), night).unwrap();
        let again = MailerOrder::from_hexadecimal(&order.to_hexadecimal()).unwrap();
        assert_eq!(order.rank("2400000001"), again.rank("2400000001"));
        assert_ne!(order.rank("2400000001"), order.rank("2400000002"));
        assert!(MailerOrder::from_hexadecimal("é").is_none());
    }
}
