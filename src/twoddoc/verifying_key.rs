//! Public keys: read and written as SubjectPublicKeyInfo.

use super::sign::{Algorithm, KeyError, SignatureFault};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePublicKey as _, EncodePublicKey as _};
use p256::ecdsa::signature::Verifier as _;

/// A public key.
///
/// The place for further curves: a variant here, its length in [`VerifyingKey::signature_length`],
/// its check in [`VerifyingKey::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyingKey {
    /// Ed25519.
    Ed25519(ed25519_dalek::VerifyingKey),
    /// ECDSA on P-256 with SHA-256.
    EcdsaP256(p256::ecdsa::VerifyingKey),
}

impl VerifyingKey {
    /// Reads SubjectPublicKeyInfo PEM.
    ///
    /// # Errors
    /// [`KeyError::Public`].
    pub fn from_spki_pem(pem: &str) -> Result<VerifyingKey, KeyError> {
        if let Ok(key) = ed25519_dalek::VerifyingKey::from_public_key_pem(pem) {
            return Ok(VerifyingKey::Ed25519(key));
        }
        let key = p256::ecdsa::VerifyingKey::from_public_key_pem(pem);
        key.map(VerifyingKey::EcdsaP256).map_err(|_| KeyError::Public)
    }

    /// Reads SubjectPublicKeyInfo DER, as it stands in a certificate.
    ///
    /// # Errors
    /// [`KeyError::Public`].
    pub fn from_spki_der(der: &[u8]) -> Result<VerifyingKey, KeyError> {
        if let Ok(key) = ed25519_dalek::VerifyingKey::from_public_key_der(der) {
            return Ok(VerifyingKey::Ed25519(key));
        }
        let key = p256::ecdsa::VerifyingKey::from_public_key_der(der);
        key.map(VerifyingKey::EcdsaP256).map_err(|_| KeyError::Public)
    }

    /// Writes SubjectPublicKeyInfo PEM.
    ///
    /// # Errors
    /// [`KeyError::Encode`].
    pub fn to_spki_pem(&self) -> Result<String, KeyError> {
        match self {
            VerifyingKey::Ed25519(key) => key.to_public_key_pem(LineEnding::LF),
            VerifyingKey::EcdsaP256(key) => key.to_public_key_pem(LineEnding::LF),
        }
        .map_err(|_| KeyError::Encode)
    }

    /// Its algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self {
            VerifyingKey::Ed25519(_) => Algorithm::Ed25519,
            VerifyingKey::EcdsaP256(_) => Algorithm::EcdsaP256,
        }
    }

    /// Bytes of its signatures.
    #[must_use]
    pub fn signature_length(&self) -> usize {
        match self {
            VerifyingKey::Ed25519(_) | VerifyingKey::EcdsaP256(_) => 64,
        }
    }

    /// Verifies raw `r‖s`; Ed25519 strictly, so that no key of small order passes.
    ///
    /// # Errors
    /// [`SignatureFault::Length`] or [`SignatureFault::Mismatch`].
    pub fn verify(&self, bytes: &[u8], signature: &[u8]) -> Result<(), SignatureFault> {
        let (expected, found) = (self.signature_length(), signature.len());
        if expected != found {
            return Err(SignatureFault::Length { expected, found });
        }
        match self {
            VerifyingKey::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .and_then(|signature| key.verify_strict(bytes, &signature)),
            VerifyingKey::EcdsaP256(key) => p256::ecdsa::Signature::from_slice(signature)
                .and_then(|signature| key.verify(bytes, &signature)),
        }
        .map_err(|_| SignatureFault::Mismatch)
    }
}
