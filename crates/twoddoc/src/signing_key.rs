//! Private keys: local keys in PKCS#8 PEM, and remote ones behind a [`RemoteSigner`].
//!
//! A local key signs deterministically: Ed25519 by design, ECDSA by RFC 6979. Keys have no `Debug` and are wiped when
//! dropped.

use super::sign::{Algorithm, KeyError, SignError};
use super::verifying_key::VerifyingKey;
use ed25519_dalek::Signer as _;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes};
use zeroize::Zeroizing;

/// Length of signatures with Ed25519 and with P-256, in bytes.
const SIGNATURE_LENGTH: usize = 64;

/// The message that a remote signer has to sign first. No reader takes it for a 2D-DOC.
const SELF_TEST: &[u8] = b"pli asks this key for a signature that vouches for nothing.";

/// Signs with a key that is held elsewhere, such as in an HSM. May be called by several threads at once.
pub trait RemoteSigner: Send + Sync {
    /// The public key: Ed25519, or ECDSA on P-256.
    fn verifying_key(&self) -> &VerifyingKey;

    /// Signs bytes; returns raw `r‖s`.
    ///
    /// # Errors
    /// [`SignError::Refused`] if the signer can't be reached or refuses.
    fn sign(&self, bytes: &[u8]) -> Result<[u8; SIGNATURE_LENGTH], SignError>;
}

/// A private key. A local key is wiped on drop.
pub struct SigningKey(PrivateKey);

enum PrivateKey {
    Ed25519(Box<ed25519_dalek::SigningKey>),
    EcdsaP256(Box<p256::ecdsa::SigningKey>),
    Remote(Box<dyn RemoteSigner>),
}

impl SigningKey {
    /// Reads an Ed25519 or P-256 key from PKCS#8 PEM of version 1 or 2. The caller wipes the text.
    ///
    /// # Errors
    /// [`KeyError::Private`] if the text is not PKCS#8 PEM of such a key.
    pub fn from_pkcs8_pem(pem: &str) -> Result<SigningKey, KeyError> {
        if let Ok(key) = ed25519_dalek::SigningKey::from_pkcs8_pem(pem) {
            return Ok(SigningKey(PrivateKey::Ed25519(Box::new(key))));
        }
        let key = p256::ecdsa::SigningKey::from_pkcs8_pem(pem).map_err(|_| KeyError::Private)?;
        Ok(SigningKey(PrivateKey::EcdsaP256(Box::new(key))))
    }

    /// Makes a key from 32 secret bytes, which must come from a cryptographically secure source.
    ///
    /// # Errors
    /// [`KeyError::Seed`] if the bytes are no private key of P-256; [`KeyError::VerifiedOnly`] for P-384 and P-521.
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

    /// A key behind a signer. The signer signs a test message first.
    ///
    /// # Errors
    /// [`SignError::Refused`] if the signer does not sign the test message, [`SignError::Invalid`] if its public key does
    /// not verify the signature.
    pub fn remote(signer: Box<dyn RemoteSigner>) -> Result<SigningKey, SignError> {
        let key = SigningKey(PrivateKey::Remote(signer));
        key.sign(SELF_TEST).map(|_| key)
    }

    /// Formats a local key as PKCS#8 PEM of version 1, which OpenSSL and other libraries read. The text is wiped when dropped.
    ///
    /// # Errors
    /// [`KeyError::Remote`] if the key is held by a signer, [`KeyError::Encode`] if it can't be encoded.
    pub fn to_pkcs8_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        match &self.0 {
            // The key's own encoding has the public key too, and is then of version 2 (RFC 8410 §7), which OpenSSL refuses.
            PrivateKey::Ed25519(key) => {
                KeypairBytes { secret_key: key.to_bytes(), public_key: None }.to_pkcs8_pem(LineEnding::LF)
            }
            PrivateKey::EcdsaP256(key) => key.to_pkcs8_pem(LineEnding::LF),
            PrivateKey::Remote(_) => return Err(KeyError::Remote),
        }
        .map_err(|_| KeyError::Encode)
    }

    /// Its algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match &self.0 {
            PrivateKey::Ed25519(_) => Algorithm::Ed25519,
            PrivateKey::EcdsaP256(_) => Algorithm::EcdsaP256,
            PrivateKey::Remote(signer) => signer.verifying_key().algorithm(),
        }
    }

    /// Signs bytes; returns raw `r‖s`. A local key returns the same signature for the same bytes. Every signature of a
    /// remote signer is verified before it is returned.
    ///
    /// # Errors
    /// [`SignError::Refused`] or [`SignError::Invalid`] if a remote signer fails. Never fails with a local key.
    pub fn sign(&self, bytes: &[u8]) -> Result<[u8; SIGNATURE_LENGTH], SignError> {
        match &self.0 {
            PrivateKey::Ed25519(key) => Ok(key.sign(bytes).to_bytes()),
            PrivateKey::EcdsaP256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(bytes);
                Ok(signature.to_bytes().into())
            }
            PrivateKey::Remote(signer) => {
                let signature = signer.sign(bytes)?;
                let holds = signer.verifying_key().verify(bytes, &signature);
                holds.map(|()| signature).map_err(|_| SignError::Invalid)
            }
        }
    }

    /// The public key.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        match &self.0 {
            PrivateKey::Ed25519(key) => VerifyingKey::ed25519(key.verifying_key()),
            PrivateKey::EcdsaP256(key) => VerifyingKey::p256(key.verifying_key()),
            PrivateKey::Remote(signer) => signer.verifying_key().clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signs with one key and shows the public key of another.
    struct Mixed {
        private: SigningKey,
        public: VerifyingKey,
    }

    impl RemoteSigner for Mixed {
        fn verifying_key(&self) -> &VerifyingKey {
            &self.public
        }

        fn sign(&self, bytes: &[u8]) -> Result<[u8; SIGNATURE_LENGTH], SignError> {
            self.private.sign(bytes)
        }
    }

    fn mixed(private: u8, public: u8) -> Result<SigningKey, SignError> {
        let key = |seed| SigningKey::from_seed(Algorithm::EcdsaP256, &[seed; 32]).unwrap();
        SigningKey::remote(Box::new(Mixed { private: key(private), public: key(public).verifying_key() }))
    }

    /// The key of the seed `07…07` as OpenSSL writes it: version 1, without the public half.
    const MADE_BY_OPENSSL: &str = "-----BEGIN PRIVATE KEY-----\n\
MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH\n-----END PRIVATE KEY-----\n";

    #[test]
    fn an_ed25519_key_is_written_in_version_1_and_read_in_both() {
        let key = SigningKey::from_seed(Algorithm::Ed25519, &[7; 32]).unwrap();
        assert_eq!(*key.to_pkcs8_pem().unwrap(), MADE_BY_OPENSSL);
        let second = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).to_pkcs8_pem(LineEnding::LF).unwrap();
        assert!(second.len() > MADE_BY_OPENSSL.len(), "version 2 has the public key");
        for pem in [MADE_BY_OPENSSL, &second] {
            let read = SigningKey::from_pkcs8_pem(pem).unwrap();
            assert_eq!(read.verifying_key(), key.verifying_key());
        }
    }

    #[test]
    fn a_remote_key_must_sign_a_test_message_first() {
        let key = mixed(3, 3).unwrap();
        assert_eq!(key.algorithm(), Algorithm::EcdsaP256);
        let signature = key.sign(b"pli").unwrap();
        assert_eq!(key.verifying_key().verify(b"pli", &signature), Ok(()));
        assert_eq!(key.to_pkcs8_pem().err(), Some(KeyError::Remote));
        assert_eq!(mixed(3, 4).err(), Some(SignError::Invalid));
    }
}
