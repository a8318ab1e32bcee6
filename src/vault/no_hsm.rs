//! Keys on a token in a build without the feature `pkcs11`: every function fails and says how to build one with it.

use super::key_error::KeyError;
use crate::job::TokenKey;
use twoddoc::{Algorithm, SigningKey};

/// Fails.
///
/// # Errors
/// [`KeyError::Invalid`], always.
pub(super) fn open(key: &TokenKey) -> Result<SigningKey, KeyError> {
    Err(absent(key))
}

/// Fails.
///
/// # Errors
/// [`KeyError::Invalid`], always.
pub(super) fn generate(key: &TokenKey, _: Algorithm) -> Result<(), KeyError> {
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
    fn the_error_says_how_to_build_with_pkcs11() {
        let key = TokenKey { object: Some("signing".to_owned()), ..TokenKey::default() };
        let message = open(&key).err().map(|error| Failure::from(error).to_string()).unwrap_or_default();
        assert!(
            message.starts_with("pkcs11:object=signing: ") && message.contains("--features pkcs11"),
            "{message}"
        );
        assert!(generate(&key, Algorithm::Ed25519).is_err());
    }
}
