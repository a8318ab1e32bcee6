//! Signing and verifying (S326 p. 25-26): algorithms, errors, and the two operations on codes.
//!
//! Signatures are raw `r‖s` of fixed width. The national specification permits ECDSA only. A code signed with Ed25519 has
//! the same size, and other readers parse it, except that they can't verify it.

use super::compose::UnsignedBlock;
use super::parse::Code;
use super::signing_key::SigningKey;
use super::verifying_key::VerifyingKey;
use super::{US, base32};
use serde::Serialize;
use std::fmt;
use thiserror::Error;

/// A signature algorithm with its curve and hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Algorithm {
    /// Ed25519 (RFC 8032). Not in the national specification.
    Ed25519,
    /// ECDSA on P-256 with SHA-256.
    EcdsaP256,
    /// ECDSA on P-384 with SHA-384. The crate verifies it and does not sign with it.
    EcdsaP384,
    /// ECDSA on P-521 with SHA-512. The crate verifies it and does not sign with it.
    EcdsaP521,
}

/// Why a key can't be read, made or written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not PKCS#8 PEM of an Ed25519 or P-256 key.
    #[error("this is no private key in PKCS#8 (`BEGIN PRIVATE KEY`) of Ed25519 or ECDSA P-256")]
    Private,
    /// Not a SubjectPublicKeyInfo of a supported algorithm.
    #[error("this is no public key (`BEGIN PUBLIC KEY`) of Ed25519 or ECDSA on P-256, P-384 or P-521")]
    Public,
    /// An RSA key, with which no 2D-DOC is signed.
    #[error("this is an RSA key, and a 2D-DOC is signed with ECDSA")]
    Rsa,
    /// The seed is zero or not below the order of P-256. Fewer than one random seed in 2³² is.
    #[error("this seed is no private key of the curve")]
    Seed,
    /// P-384 or P-521, with which the crate does not sign.
    #[error("codes are signed with Ed25519 or ECDSA P-256; other curves are verified only")]
    VerifiedOnly,
    /// The key can't be encoded.
    #[error("the key can't be written as PEM")]
    Encode,
    /// The private key is held by a remote signer.
    #[error("the private key lies elsewhere and stays there")]
    Remote,
}

/// Why a remote signer did not sign. Local keys always sign.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SignError {
    /// The signer could not be reached or refused, with its own message.
    #[error("{0}")]
    Refused(String),
    /// The signer returned a signature that its own public key does not verify.
    #[error("the signer gave a signature that its own public key does not verify")]
    Invalid,
}

/// Why a signature is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The code has no readable signature.
    #[error("the code carries no readable signature")]
    Missing,
    /// The length is not that of the key's algorithm: another key made the signature.
    #[error("the signature has {found} bytes, and this key's have {expected}")]
    Length {
        /// Length of the key's signatures.
        expected: usize,
        /// Length of this signature.
        found: usize,
    },
    /// The key did not make this signature of these bytes.
    #[error("the signature does not match: the code was altered, or signed with another key")]
    Mismatch,
}

impl Algorithm {
    /// Its name: `ed25519`, `ecdsa-p256`, `ecdsa-p384`, `ecdsa-p521`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Ed25519 => "ed25519",
            Algorithm::EcdsaP256 => "ecdsa-p256",
            Algorithm::EcdsaP384 => "ecdsa-p384",
            Algorithm::EcdsaP521 => "ecdsa-p521",
        }
    }

    /// Length of its signatures in bytes: 64, 96 or 132 (S326 p. 26).
    #[must_use]
    pub fn signature_length(self) -> usize {
        match self {
            Algorithm::Ed25519 | Algorithm::EcdsaP256 => 64,
            Algorithm::EcdsaP384 => 96,
            Algorithm::EcdsaP521 => 132,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Signs a block; returns the text of the symbol: block, `<US>`, signature in Base32.
///
/// # Errors
/// [`SignError::Refused`] or [`SignError::Invalid`] if a remote signer fails. Never fails with a local key.
pub fn signed_text(block: &UnsignedBlock, key: &SigningKey) -> Result<String, SignError> {
    let signature = base32::encode(&key.sign(block.text.as_bytes())?);
    let mut text = String::with_capacity(block.text.len() + 1 + signature.len());
    text.push_str(&block.text);
    text.push(US);
    text.push_str(&signature);
    Ok(text)
}

/// Verifies the signature of a parsed code with one key. The annex is not signed and is ignored.
///
/// # Errors
/// [`SignatureError::Missing`] if the code has no readable signature, [`SignatureError::Length`] if the signature has
/// not the length of the key's algorithm, [`SignatureError::Mismatch`] if the key did not make it.
pub fn verify(code: &Code, key: &VerifyingKey) -> Result<(), SignatureError> {
    let signature = code.signature.as_deref().ok_or(SignatureError::Missing)?;
    key.verify(&code.signed, signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(hex: &str) -> [u8; N] {
        std::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
    }

    #[test]
    fn ecdsa_signatures_are_those_of_rfc_6979() {
        // A.2.5, P-256, SHA-256, message "sample".
        let secret = bytes("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
        let key = SigningKey::from_seed(Algorithm::EcdsaP256, &secret).unwrap();
        let expected: [u8; 64] = bytes(concat!(
            "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
            "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
        ));
        assert_eq!(key.sign(b"sample"), Ok(expected));
    }

    #[test]
    fn ed25519_signatures_are_those_of_rfc_8032() {
        // 7.1, test 1: the empty message.
        let secret = bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        let key = SigningKey::from_seed(Algorithm::Ed25519, &secret).unwrap();
        let expected: [u8; 64] = bytes(concat!(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555",
            "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ));
        assert_eq!(key.sign(b""), Ok(expected));
    }

    #[test]
    fn keys_read_from_pem_verify_only_their_own_signatures() {
        let keys = [Algorithm::Ed25519, Algorithm::EcdsaP256].map(|algorithm| {
            let pem = SigningKey::from_seed(algorithm, &[3; 32]).unwrap().to_pkcs8_pem().unwrap();
            SigningKey::from_pkcs8_pem(&pem).unwrap()
        });
        for (key, other) in [(&keys[0], &keys[1]), (&keys[1], &keys[0])] {
            let public = key.verifying_key().to_spki_pem().unwrap();
            let public = VerifyingKey::from_spki_pem(&public).unwrap();
            assert_eq!(public, key.verifying_key());
            assert_eq!(public.algorithm(), key.algorithm());
            let signature = key.sign(b"pli").unwrap();
            assert_eq!(public.verify(b"pli", &signature), Ok(()));
            assert_eq!(public.verify(b"plj", &signature), Err(SignatureError::Mismatch));
            assert_eq!(other.verifying_key().verify(b"pli", &signature), Err(SignatureError::Mismatch));
            let short = SignatureError::Length { expected: 64, found: 63 };
            assert_eq!(public.verify(b"pli", &signature[1..]), Err(short));
            assert_eq!(public.verify(b"pli", &[0; 64]), Err(SignatureError::Mismatch));
        }
    }

    #[test]
    fn text_that_is_not_a_key_is_an_error() {
        assert_eq!(SigningKey::from_pkcs8_pem("").err(), Some(KeyError::Private));
        assert_eq!(VerifyingKey::from_spki_pem("-----BEGIN").err(), Some(KeyError::Public));
        assert_eq!(VerifyingKey::from_spki_der(&[0x30]).err(), Some(KeyError::Public));
        assert_eq!(SigningKey::from_seed(Algorithm::EcdsaP256, &[0; 32]).err(), Some(KeyError::Seed));
    }
}
