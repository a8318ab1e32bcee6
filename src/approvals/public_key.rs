//! A public key of Ed25519, as requests and votes name it.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use twoddoc::{Algorithm, VerifyingKey};

use crate::failure::Failure;
use crate::files::{hexadecimal, open_to_writers};

/// The largest file of a public key that is read, in bytes.
const MAX_SIZE: u64 = 16 << 10;

/// A public key of Ed25519. Two are equal where the key is, however it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicKey(VerifyingKey);

impl PublicKey {
    /// A key that is Ed25519; `None` for another.
    pub(crate) fn of(key: VerifyingKey) -> Option<PublicKey> {
        (key.algorithm() == Algorithm::Ed25519).then_some(PublicKey(key))
    }

    /// Reads base64 of a SubjectPublicKeyInfo in DER.
    pub(crate) fn parse(text: &str) -> Option<PublicKey> {
        PublicKey::of(VerifyingKey::from_spki_der(&STANDARD.decode(text).ok()?).ok()?)
    }

    /// Reads a file: SubjectPublicKeyInfo in PEM.
    ///
    /// # Errors
    /// `approver_key`: it can't be read, is no Ed25519 key, or everybody may replace it.
    pub(crate) fn read(path: &Path) -> Result<PublicKey, Failure> {
        let unfit = |problem: String| {
            Failure::usage("approver_key", problem).in_file(path.display()).with_advice(
                "name the public key of somebody who approves: `pli keys new signing` writes it beside the private key, ending in `.pub`",
            )
        };
        if let Some(open) = open_to_writers(path).filter(|open| open.everybody) {
            let problem = format!("everybody may replace it (mode {:03o})", open.mode);
            return Err(unfit(problem).with_advice(format!("`chmod o-w {}`", open.path.display())));
        }
        let text = foreign::read_text(path, MAX_SIZE).map_err(|error| unfit(error.to_string()))?;
        let key = VerifyingKey::from_spki_pem(&text).map_err(|error| unfit(error.to_string()))?;
        PublicKey::of(key).ok_or_else(|| unfit("the key is not Ed25519".to_owned()))
    }

    /// The key itself.
    pub(crate) fn verifying_key(&self) -> VerifyingKey {
        self.0.clone()
    }

    /// Base64 of its SubjectPublicKeyInfo in DER.
    pub(crate) fn text(&self) -> String {
        STANDARD.encode(self.der())
    }

    /// The first sixteen hexadecimal digits of the SHA-256 of the key in DER, as `pli keys list` prints them.
    pub(crate) fn fingerprint(&self) -> String {
        hexadecimal(&Sha256::digest(self.der())[..8])
    }

    /// Whether this key signed these bytes.
    pub(crate) fn has_signed(&self, bytes: &[u8], signature: &[u8]) -> bool {
        self.0.verify(bytes, signature).is_ok()
    }

    fn der(&self) -> Vec<u8> {
        // A key of Ed25519 is always encoded.
        self.0.to_spki_der().unwrap_or_default()
    }
}
