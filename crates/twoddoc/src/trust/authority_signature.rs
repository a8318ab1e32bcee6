//! Verifies signatures on certificates and revocation lists: RSA (PKCS#1 v1.5 and PSS), ECDSA, Ed25519 (RFC 3279, 4055,
//! 5758, 8410).
//!
//! RSA with SHA-1 is verified here, because revocation lists may still use it. Chains refuse it.

use super::der::{SEQUENCE, element};
use p521::ecdsa::signature::hazmat::PrehashVerifier as _;
use ring::digest;
use ring::signature as rings;
use ring::signature::{UnparsedPublicKey, VerificationAlgorithm};
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

const RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
const RSA_SHA1: ObjectIdentifier = oid("1.2.840.113549.1.1.5");
const RSA_PSS: ObjectIdentifier = oid("1.2.840.113549.1.1.10");
const RSA_SHA256: ObjectIdentifier = oid("1.2.840.113549.1.1.11");
const RSA_SHA384: ObjectIdentifier = oid("1.2.840.113549.1.1.12");
const RSA_SHA512: ObjectIdentifier = oid("1.2.840.113549.1.1.13");
const MGF1: ObjectIdentifier = oid("1.2.840.113549.1.1.8");
const SHA256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.3");
const ELLIPTIC_CURVE: ObjectIdentifier = oid("1.2.840.10045.2.1");
const P256: ObjectIdentifier = oid("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = oid("1.3.132.0.34");
const P521: ObjectIdentifier = oid("1.3.132.0.35");
const ECDSA_SHA1: ObjectIdentifier = oid("1.2.840.10045.4.1");
const ECDSA_SHA256: ObjectIdentifier = oid("1.2.840.10045.4.3.2");
const ECDSA_SHA384: ObjectIdentifier = oid("1.2.840.10045.4.3.3");
const ECDSA_SHA512: ObjectIdentifier = oid("1.2.840.10045.4.3.4");
const ED25519: ObjectIdentifier = oid("1.3.101.112");

/// Why an authority's signature is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CheckError {
    /// The algorithm, its parameters, the kind or the size of the key is not supported, or they do not fit together.
    Unsupported,
    /// The signature does not verify.
    Mismatch,
    /// The signature verifies, and the key usage of the signer's certificate leaves out this use.
    Usage,
}

/// Whether an algorithm uses SHA-1, for which collisions can be computed.
pub(super) fn is_weak(algorithm: &AlgorithmIdentifierOwned) -> bool {
    matches!(algorithm.oid, RSA_SHA1 | ECDSA_SHA1)
}

/// Verifies a signature.
///
/// # Errors
/// [`CheckError::Unsupported`] or [`CheckError::Mismatch`].
pub(super) fn check(
    algorithm: &AlgorithmIdentifierOwned,
    key: &SubjectPublicKeyInfoOwned,
    signed: &[u8],
    signature: &[u8],
) -> Result<(), CheckError> {
    let bytes = key.subject_public_key.as_bytes().ok_or(CheckError::Unsupported)?;
    let is_valid = match method(algorithm, key).ok_or(CheckError::Unsupported)? {
        Method::Ring(method) => UnparsedPublicKey::new(method, bytes).verify(signed, signature).is_ok(),
        Method::P256(hash) => verify_p256(bytes, digest::digest(hash, signed).as_ref(), signature).is_some(),
        Method::P521(hash) => verify_p521(bytes, digest::digest(hash, signed).as_ref(), signature).is_some(),
    };
    if is_valid { Ok(()) } else { Err(CheckError::Mismatch) }
}

/// How a signature is verified.
enum Method {
    /// By ring.
    Ring(&'static dyn VerificationAlgorithm),
    /// With a hash that ring does not support for this curve.
    P256(&'static digest::Algorithm),
    /// With any hash: ring does not support this curve.
    P521(&'static digest::Algorithm),
}

/// The method for an algorithm and a key, if they are supported and fit together.
fn method(algorithm: &AlgorithmIdentifierOwned, key: &SubjectPublicKeyInfoOwned) -> Option<Method> {
    let curve = || key.algorithm.parameters.as_ref()?.decode_as::<ObjectIdentifier>().ok();
    Some(match key.algorithm.oid {
        RSA if has_allowed_size(key) => Method::Ring(rsa(algorithm)?),
        RSA_PSS if algorithm.oid == RSA_PSS && has_allowed_size(key) => Method::Ring(rsa(algorithm)?),
        ED25519 if algorithm.oid == ED25519 => Method::Ring(&rings::ED25519),
        ELLIPTIC_CURVE => match (curve()?, algorithm.oid) {
            (P256, ECDSA_SHA256) => Method::Ring(&rings::ECDSA_P256_SHA256_ASN1),
            (P256, ECDSA_SHA384) => Method::Ring(&rings::ECDSA_P256_SHA384_ASN1),
            (P384, ECDSA_SHA256) => Method::Ring(&rings::ECDSA_P384_SHA256_ASN1),
            (P384, ECDSA_SHA384) => Method::Ring(&rings::ECDSA_P384_SHA384_ASN1),
            (P256, ECDSA_SHA512) => Method::P256(&digest::SHA512),
            (P521, ECDSA_SHA256) => Method::P521(&digest::SHA256),
            (P521, ECDSA_SHA384) => Method::P521(&digest::SHA384),
            (P521, ECDSA_SHA512) => Method::P521(&digest::SHA512),
            _ => return None,
        },
        _ => return None,
    })
}

fn rsa(algorithm: &AlgorithmIdentifierOwned) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match algorithm.oid {
        RSA_SHA1 => &rings::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        RSA_SHA256 => &rings::RSA_PKCS1_2048_8192_SHA256,
        RSA_SHA384 => &rings::RSA_PKCS1_2048_8192_SHA384,
        RSA_SHA512 => &rings::RSA_PKCS1_2048_8192_SHA512,
        RSA_PSS => match pss_hash(algorithm.parameters.as_ref()?.value())? {
            SHA256 => &rings::RSA_PSS_2048_8192_SHA256,
            SHA384 => &rings::RSA_PSS_2048_8192_SHA384,
            SHA512 => &rings::RSA_PSS_2048_8192_SHA512,
            _ => return None,
        },
        _ => return None,
    })
}

/// Whether an RSA key has 2048 to 8192 bits (RSAPublicKey, RFC 8017 §A.1.1). Shorter keys are weak.
fn has_allowed_size(key: &SubjectPublicKeyInfoOwned) -> bool {
    let bits = || {
        let modulus = element(element(key.subject_public_key.as_bytes()?)?.content)?.content;
        let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
        let (first, rest) = modulus.get(zeros..)?.split_first()?;
        Some(rest.len() * 8 + 8 - usize::try_from(first.leading_zeros()).ok()?)
    };
    bits().is_some_and(|bits| (2048..=8192).contains(&bits))
}

/// The hash of RSASSA-PSS-params (RFC 4055 §3.1), if the mask generation uses the same hash and the salt has its length.
fn pss_hash(parameters: &[u8]) -> Option<ObjectIdentifier> {
    let hash = object_identifier(field(parameters, 0xA0)?)?;
    let mask = element(field(parameters, 0xA1)?).filter(|mask| mask.tag == SEQUENCE)?.content;
    let mask_hash = object_identifier(element(mask)?.rest)?;
    let salt = element(field(parameters, 0xA2)?)?.content;
    let length: u8 = match hash {
        SHA256 => 32,
        SHA384 => 48,
        SHA512 => 64,
        _ => return None,
    };
    let is_mgf1_of_hash =
        ObjectIdentifier::from_bytes(element(mask)?.content).ok()? == MGF1 && mask_hash == hash;
    let has_standard_trailer = field(parameters, 0xA3).is_none_or(|trailer| trailer.ends_with(&[1]));
    (is_mgf1_of_hash && salt == [length] && has_standard_trailer).then_some(hash)
}

/// The value of the first element with a tag.
fn field(mut content: &[u8], tag: u8) -> Option<&[u8]> {
    while let Some(found) = element(content) {
        if found.tag == tag {
            return Some(found.content);
        }
        content = found.rest;
    }
    None
}

/// The object identifier of an AlgorithmIdentifier.
fn object_identifier(algorithm: &[u8]) -> Option<ObjectIdentifier> {
    let algorithm = element(algorithm).filter(|field| field.tag == SEQUENCE)?;
    ObjectIdentifier::from_bytes(element(algorithm.content)?.content).ok()
}

fn verify_p256(key: &[u8], hash: &[u8], signature: &[u8]) -> Option<()> {
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?;
    let signature = p256::ecdsa::DerSignature::from_bytes(signature).ok()?;
    key.verify_prehash(hash, &signature).ok()
}

fn verify_p521(key: &[u8], hash: &[u8], signature: &[u8]) -> Option<()> {
    let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?;
    let signature = p521::ecdsa::DerSignature::from_bytes(signature).ok()?;
    key.verify_prehash(hash, &signature).ok()
}

#[cfg(test)]
mod tests;
