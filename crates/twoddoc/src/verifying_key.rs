//! Public keys, as SubjectPublicKeyInfo (RFC 5280 §4.1.2.7, RFC 5480, RFC 8410).

use super::sign::{Algorithm, KeyError, SignatureError};
use p256::elliptic_curve::sec1::ToSec1Point as _;
use p521::ecdsa::signature::Verifier as _;
use ring::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, UnparsedPublicKey};
use x509_cert::der::asn1::{BitString, ObjectIdentifier};
use x509_cert::der::pem::LineEnding;
use x509_cert::der::{Any, Decode as _, DecodePem as _, Encode as _, EncodePem as _};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ELLIPTIC_CURVE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey(PublicKey);

/// Points of P-256 and P-384 are uncompressed (SEC 1 §2.3.3).
#[derive(Debug, Clone, PartialEq, Eq)]
enum PublicKey {
    Ed25519(ed25519_dalek::VerifyingKey),
    EcdsaP256([u8; 65]),
    EcdsaP384([u8; 97]),
    EcdsaP521(Box<p521::ecdsa::VerifyingKey>),
}

impl VerifyingKey {
    pub(super) fn ed25519(key: ed25519_dalek::VerifyingKey) -> VerifyingKey {
        VerifyingKey(PublicKey::Ed25519(key))
    }

    pub(super) fn p256(key: &p256::ecdsa::VerifyingKey) -> VerifyingKey {
        VerifyingKey(PublicKey::EcdsaP256(key.as_affine().to_uncompressed_point().into()))
    }

    /// Reads SubjectPublicKeyInfo PEM.
    ///
    /// # Errors
    /// [`KeyError::Rsa`] if it is an RSA key; [`KeyError::Public`] if it is not a public key of a supported algorithm.
    pub fn from_spki_pem(pem: &str) -> Result<VerifyingKey, KeyError> {
        let parsed = SubjectPublicKeyInfoOwned::from_pem(pem).map_err(|_| KeyError::Public)?;
        VerifyingKey::from_spki(&parsed)
    }

    /// Reads SubjectPublicKeyInfo DER, as certificates contain it.
    ///
    /// # Errors
    /// As [`from_spki_pem`](VerifyingKey::from_spki_pem).
    pub fn from_spki_der(der: &[u8]) -> Result<VerifyingKey, KeyError> {
        let parsed = SubjectPublicKeyInfoOwned::from_der(der).map_err(|_| KeyError::Public)?;
        VerifyingKey::from_spki(&parsed)
    }

    fn from_spki(key: &SubjectPublicKeyInfoOwned) -> Result<VerifyingKey, KeyError> {
        let bytes = key.subject_public_key.as_bytes().ok_or(KeyError::Public)?;
        let curve = || key.algorithm.parameters.as_ref()?.decode_as::<ObjectIdentifier>().ok();
        match key.algorithm.oid {
            ED25519 => VerifyingKey::from_ed25519(bytes),
            RSA => Err(KeyError::Rsa),
            ELLIPTIC_CURVE => VerifyingKey::from_point(curve().ok_or(KeyError::Public)?, bytes),
            _ => Err(KeyError::Public),
        }
    }

    fn from_ed25519(bytes: &[u8]) -> Result<VerifyingKey, KeyError> {
        let bytes = bytes.try_into().map_err(|_| KeyError::Public)?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::Public)?;
        Ok(VerifyingKey(PublicKey::Ed25519(key)))
    }

    fn from_point(curve: ObjectIdentifier, point: &[u8]) -> Result<VerifyingKey, KeyError> {
        let wrong = |_| KeyError::Public;
        Ok(VerifyingKey(match curve {
            P256 => PublicKey::EcdsaP256(point.try_into().map_err(wrong)?),
            P384 => PublicKey::EcdsaP384(point.try_into().map_err(wrong)?),
            P521 => {
                let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(point);
                PublicKey::EcdsaP521(Box::new(key.map_err(|_| KeyError::Public)?))
            }
            _ => return Err(KeyError::Public),
        }))
    }

    /// Formats the key as SubjectPublicKeyInfo PEM.
    ///
    /// # Errors
    /// [`KeyError::Encode`] if it can't be encoded.
    pub fn to_spki_pem(&self) -> Result<String, KeyError> {
        self.to_spki().and_then(|key| key.to_pem(LineEnding::LF)).map_err(|_| KeyError::Encode)
    }

    /// Encodes the key as SubjectPublicKeyInfo DER.
    ///
    /// # Errors
    /// [`KeyError::Encode`] if it can't be encoded.
    pub fn to_spki_der(&self) -> Result<Vec<u8>, KeyError> {
        self.to_spki().and_then(|key| key.to_der()).map_err(|_| KeyError::Encode)
    }

    fn to_spki(&self) -> x509_cert::der::Result<SubjectPublicKeyInfoOwned> {
        let (curve, bytes) = match &self.0 {
            PublicKey::Ed25519(key) => (None, key.as_bytes().to_vec()),
            PublicKey::EcdsaP256(point) => (Some(P256), point.to_vec()),
            PublicKey::EcdsaP384(point) => (Some(P384), point.to_vec()),
            PublicKey::EcdsaP521(key) => (Some(P521), key.to_sec1_point(false).as_bytes().to_vec()),
        };
        let oid = if curve.is_some() { ELLIPTIC_CURVE } else { ED25519 };
        let parameters = curve.as_ref().map(Any::encode_from).transpose()?;
        Ok(SubjectPublicKeyInfoOwned {
            algorithm: AlgorithmIdentifierOwned { oid, parameters },
            subject_public_key: BitString::from_bytes(&bytes)?,
        })
    }

    /// Its algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            PublicKey::Ed25519(_) => Algorithm::Ed25519,
            PublicKey::EcdsaP256(_) => Algorithm::EcdsaP256,
            PublicKey::EcdsaP384(_) => Algorithm::EcdsaP384,
            PublicKey::EcdsaP521(_) => Algorithm::EcdsaP521,
        }
    }

    /// The key, if it is an Ed25519 key.
    pub(super) fn as_ed25519(&self) -> Option<&ed25519_dalek::VerifyingKey> {
        match &self.0 {
            PublicKey::Ed25519(key) => Some(key),
            _ => None,
        }
    }

    /// Verifies a raw signature `r‖s`. Ed25519 is verified strictly: keys of small order are refused.
    ///
    /// # Errors
    /// [`SignatureError::Length`] if the signature has not the length of the algorithm, [`SignatureError::Mismatch`] if
    /// this key did not make it.
    pub fn verify(&self, bytes: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        let (expected, found) = (self.algorithm().signature_length(), signature.len());
        if expected != found {
            return Err(SignatureError::Length { expected, found });
        }
        let holds = match &self.0 {
            PublicKey::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(bytes, &signature).is_ok()),
            PublicKey::EcdsaP256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(bytes, signature).is_ok()
            }
            PublicKey::EcdsaP384(point) => {
                UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point).verify(bytes, signature).is_ok()
            }
            PublicKey::EcdsaP521(key) => p521::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(bytes, &signature).is_ok()),
        };
        if holds { Ok(()) } else { Err(SignatureError::Mismatch) }
    }
}
