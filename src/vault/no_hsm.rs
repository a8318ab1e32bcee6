//! What a build without the feature `pkcs11` says of keys on a token.

use super::keys::KeyError;
use crate::job::TokenKey;
use twoddoc::{Algorithm, SigningKey};

/// Refuses.
///
/// # Errors
/// Always.
pub fn open(key: &TokenKey) -> Result<SigningKey, KeyError> {
    Err(absent(key))
}

/// Refuses.
///
/// # Errors
/// Always.
pub fn make(key: &TokenKey, _: Algorithm) -> Result<(), KeyError> {
    Err(absent(key))
}

fn absent(key: &TokenKey) -> KeyError {
    KeyError::of(key, "this build of pli has no PKCS#11")
        .with_advice("build one with `cargo build --release --features pkcs11`, or name a key's file")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Failure;

    #[test]
    fn it_is_said_how_to_build_one_that_has_it() {
        let key = TokenKey { object: Some("signing".to_owned()), ..TokenKey::default() };
        let said = open(&key).err().map(|error| Failure::from(error).to_string()).unwrap_or_default();
        assert!(said.starts_with("pkcs11:object=signing: ") && said.contains("--features pkcs11"), "{said}");
        assert!(make(&key, Algorithm::Ed25519).is_err());
    }
}
