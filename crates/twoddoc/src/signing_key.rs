//! Private keys: read and written as PKCS#8 PEM, never shown, wiped when dropped; or lying elsewhere, behind a signer.

use super::sign::{Algorithm, KeyError, SignFault};
use super::verifying_key::VerifyingKey;
use ed25519_dalek::Signer as _;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use zeroize::Zeroizing;

/// Bytes of the signatures that we write.
const SIGNATURE_LENGTH: usize = 64;

/// What a remote signer signs before it is trusted: a sentence that no reader takes for a 2D-DOC, in text or binary.
const SELF_TEST: &[u8] = b"pli asks this key for a signature that vouches for nothing.";

/// Signs with a key that lies elsewhere, such as in an HSM. Shared by threads.
pub trait RemoteSigner: Send + Sync {
    /// The public key: Ed25519, or ECDSA on P-256.
    fn verifying_key(&self) -> &VerifyingKey;

    /// Signs: raw `r‖s`.
    ///
    /// # Errors
    /// [`SignFault::Refused`].
    fn sign(&self, bytes: &[u8]) -> Result<[u8; SIGNATURE_LENGTH], SignFault>;
}

/// A private key. Wiped on drop.
pub struct SigningKey(PrivateKey);

enum PrivateKey {
    Ed25519(Box<ed25519_dalek::SigningKey>),
    EcdsaP256(Box<p256::ecdsa::SigningKey>),
    Remote(Box<dyn RemoteSigner>),
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

    /// A key that lies elsewhere, once it has shown that it can sign.
    ///
    /// # Errors
    /// [`SignFault`].
    pub fn remote(signer: Box<dyn RemoteSigner>) -> Result<SigningKey, SignFault> {
        let key = SigningKey(PrivateKey::Remote(signer));
        key.sign(SELF_TEST).map(|_| key)
    }

    /// Writes PKCS#8 PEM, wiped when dropped.
    ///
    /// # Errors
    /// [`KeyError::Encode`], [`KeyError::Remote`].
    pub fn to_pkcs8_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        match &self.0 {
            PrivateKey::Ed25519(key) => key.to_pkcs8_pem(LineEnding::LF),
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

    /// Signs: raw `r‖s`. The same bytes for the same key and message, but for ECDSA elsewhere. What comes from
    /// elsewhere is verified each time, so that no signature leaves which does not hold.
    ///
    /// # Errors
    /// [`SignFault`], with a remote signer only.
    pub fn sign(&self, bytes: &[u8]) -> Result<[u8; SIGNATURE_LENGTH], SignFault> {
        match &self.0 {
            PrivateKey::Ed25519(key) => Ok(key.sign(bytes).to_bytes()),
            PrivateKey::EcdsaP256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(bytes);
                Ok(signature.to_bytes().into())
            }
            PrivateKey::Remote(signer) => {
                let signature = signer.sign(bytes)?;
                let holds = signer.verifying_key().verify(bytes, &signature);
                holds.map(|()| signature).map_err(|_| SignFault::Wrong)
            }
        }
    }

    /// The public key.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        match &self.0 {
            PrivateKey::Ed25519(key) => key.verifying_key().into(),
            PrivateKey::EcdsaP256(key) => key.verifying_key().into(),
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

        fn sign(&self, bytes: &[u8]) -> Result<[u8; SIGNATURE_LENGTH], SignFault> {
            self.private.sign(bytes)
        }
    }

    fn mixed(private: u8, public: u8) -> Result<SigningKey, SignFault> {
        let key = |seed| SigningKey::from_seed(Algorithm::EcdsaP256, &[seed; 32]).unwrap();
        SigningKey::remote(Box::new(Mixed { private: key(private), public: key(public).verifying_key() }))
    }

    #[test]
    fn a_remote_key_signs_once_it_has_shown_that_it_can() {
        let key = mixed(3, 3).unwrap();
        assert_eq!(key.algorithm(), Algorithm::EcdsaP256);
        let signature = key.sign(b"pli").unwrap();
        assert_eq!(key.verifying_key().verify(b"pli", &signature), Ok(()));
        assert_eq!(key.to_pkcs8_pem().err(), Some(KeyError::Remote));
        assert_eq!(mixed(3, 4).err(), Some(SignFault::Wrong));
    }
}
