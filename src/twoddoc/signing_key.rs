//! Private keys: read and written as PKCS#8 PEM, never shown, wiped when dropped.

use super::sign::{Algorithm, KeyError};
use super::verifying_key::VerifyingKey;
use ed25519_dalek::Signer as _;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use zeroize::Zeroizing;

/// Bytes of the signatures that we write.
const SIGNATURE_LENGTH: usize = 64;

/// A private key. Wiped on drop.
pub struct SigningKey(PrivateKey);

enum PrivateKey {
    Ed25519(Box<ed25519_dalek::SigningKey>),
    EcdsaP256(Box<p256::ecdsa::SigningKey>),
}

impl SigningKey {
    /// Reads PKCS#8 PEM, whichever of the two algorithms it holds. The caller wipes the text.
    ///
    /// # Errors
    /// [`KeyError::Private`].
    pub fn from_pkcs8_pem(pem: &str) -> Result<SigningKey, KeyError> {
        if let Ok(key) = ed25519_dalek::SigningKey::from_pkcs8_pem(pem) {
            return Ok(SigningKey(PrivateKey::Ed25519(Box::new(key))));
        }
        let key = p256::ecdsa::SigningKey::from_pkcs8_pem(pem).map_err(|_| KeyError::Private)?;
        Ok(SigningKey(PrivateKey::EcdsaP256(Box::new(key))))
    }

    /// Makes a key of 32 secret bytes, which must come from a source fit for keys.
    ///
    /// # Errors
    /// [`KeyError::Seed`], with P-256 only; [`KeyError::VerifiedOnly`].
    pub fn from_seed(algorithm: Algorithm, seed: &[u8; 32]) -> Result<SigningKey, KeyError> {
        Ok(SigningKey(match algorithm {
            Algorithm::Ed25519 => PrivateKey::Ed25519(Box::new(ed25519_dalek::SigningKey::from_bytes(seed))),
            Algorithm::EcdsaP256 => {
                let key = p256::ecdsa::SigningKey::from_slice(seed).map_err(|_| KeyError::Seed)?;
                PrivateKey::EcdsaP256(Box::new(key))
            }
            Algorithm::EcdsaP384 | Algorithm::EcdsaP521 => return Err(KeyError::VerifiedOnly),
        }))
    }

    /// Writes PKCS#8 PEM, wiped when dropped.
    ///
    /// # Errors
    /// [`KeyError::Encode`].
    pub fn to_pkcs8_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        match &self.0 {
            PrivateKey::Ed25519(key) => key.to_pkcs8_pem(LineEnding::LF),
            PrivateKey::EcdsaP256(key) => key.to_pkcs8_pem(LineEnding::LF),
        }
        .map_err(|_| KeyError::Encode)
    }

    /// Its algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            PrivateKey::Ed25519(_) => Algorithm::Ed25519,
            PrivateKey::EcdsaP256(_) => Algorithm::EcdsaP256,
        }
    }

    /// Signs: raw `r‖s`, the same bytes for the same key and message.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> [u8; SIGNATURE_LENGTH] {
        match &self.0 {
            PrivateKey::Ed25519(key) => key.sign(bytes).to_bytes(),
            PrivateKey::EcdsaP256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(bytes);
                signature.to_bytes().into()
            }
        }
    }

    /// The public key.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        match &self.0 {
            PrivateKey::Ed25519(key) => key.verifying_key().into(),
            PrivateKey::EcdsaP256(key) => key.verifying_key().into(),
        }
    }
}
