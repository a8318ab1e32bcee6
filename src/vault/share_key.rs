//! The key of a job's shares: the machines of the shards know it, and nobody else.

use std::io;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::key_error::KeyError;
use super::keys::{read_private, write_private};
use crate::files::hexadecimal;

/// Bytes of the key.
const LENGTH: usize = 32;

/// Authenticates the shares of a job's nights.
pub(crate) struct ShareKey(Hmac<Sha256>);

impl ShareKey {
    /// Reads the key of a file, which is created with mode 0600 where it is missing.
    ///
    /// # Errors
    /// [`KeyError`]: the file can't be read or made, or others can read it.
    pub(crate) fn open(path: &Path) -> Result<ShareKey, KeyError> {
        if !path.exists() {
            let mut bytes = Zeroizing::new([0; LENGTH]);
            getrandom::fill(bytes.as_mut()).map_err(|error| io::Error::other(error.to_string()))?;
            let text = Zeroizing::new(hexadecimal(*bytes));
            match write_private(path, &text) {
                // Another shard was first: its key is the job's.
                Err(_) if path.exists() => {}
                written => written?,
            }
        }
        let text = read_private(path)?;
        let unusable = || {
            KeyError::invalid(path, "this file holds no key of shares; remove it, and run the shards again")
        };
        if text.len() != 2 * LENGTH {
            return Err(unusable());
        }
        Hmac::new_from_slice(text.as_bytes()).map(ShareKey).map_err(|_| unusable())
    }

    /// The authentication code of a text, in hexadecimal.
    pub(crate) fn code(&self, text: &[u8]) -> String {
        hexadecimal(self.0.clone().chain_update(text).finalize().into_bytes())
    }

    /// Whether a code is that of a text. Takes the same time for every wrong code.
    pub(crate) fn confirms(&self, text: &[u8], code: &str) -> bool {
        let mut bytes = [0; LENGTH];
        let code = code.trim();
        let well_formed = code.len() == 2 * LENGTH && code.is_ascii();
        let digits = bytes.iter_mut().zip(code.as_bytes().chunks(2));
        let read = digits.map(|(byte, pair)| {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
            Some(())
        });
        let read = read.collect::<Option<()>>().is_some();
        well_formed && read && self.0.clone().chain_update(text).verify_slice(&bytes).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_of_one_key_and_one_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/shares.key");
        let (key, again) = (ShareKey::open(&path).unwrap(), ShareKey::open(&path).unwrap());
        let code = key.code(b"share");
        assert!(again.confirms(b"share", &code) && !again.confirms(b"Share", &code));
        let other = ShareKey::open(&folder.path().join("other")).unwrap();
        assert!(!other.confirms(b"share", &code));
        for wrong in ["", "00", &code[1..], &code.replace(|c: char| c.is_ascii_digit(), "x")] {
            assert!(!key.confirms(b"share", wrong), "{wrong}");
        }
        fs_err::write(&path, "short").unwrap();
        assert!(ShareKey::open(&path).is_err());
    }
}
