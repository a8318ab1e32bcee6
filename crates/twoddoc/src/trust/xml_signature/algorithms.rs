//! The algorithms that a signature of a list may name, and the keys of certificates.
//!
//! Takes an algorithm's URI, a certificate and bytes. Says whether a signature holds. Never computes SHA-1, and never
//! lets a certificate's key be used with an algorithm of another kind.

use super::XmlSignatureError;
use p521::ecdsa::signature::Verifier as _;
use ring::{digest, signature};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

const XMLDSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const XMLDSIG_MORE: &str = "http://www.w3.org/2001/04/xmldsig-more#";
const XMLDSIG_2007: &str = "http://www.w3.org/2007/05/xmldsig-more#";
const XMLENC: &str = "http://www.w3.org/2001/04/xmlenc#";

const RSA: &str = "1.2.840.113549.1.1.1";
const EC: &str = "1.2.840.10045.2.1";
const P256: &str = "1.2.840.10045.3.1.7";
const P384: &str = "1.3.132.0.34";
const P521: &str = "1.3.132.0.35";

/// The digest of bytes, by the URI of its algorithm (XML-DSig §6.2, RFC 6931 §2.1).
///
/// # Errors
/// [`XmlSignatureError::Sha1`] or [`XmlSignatureError::Algorithm`].
pub(super) fn digest(uri: &str, bytes: &[u8]) -> Result<Vec<u8>, XmlSignatureError> {
    let algorithm = match after(uri, &[XMLENC, XMLDSIG_MORE, XMLDSIG]) {
        (XMLENC, "sha256") => &digest::SHA256,
        (XMLDSIG_MORE, "sha384") => &digest::SHA384,
        (XMLENC, "sha512") => &digest::SHA512,
        (XMLDSIG, "sha1") => return Err(XmlSignatureError::Sha1),
        _ => return Err(XmlSignatureError::Algorithm(uri.to_owned())),
    };
    Ok(digest::digest(algorithm, bytes).as_ref().to_vec())
}

/// An algorithm of signatures: what kind of key it takes, and how it checks.
pub(super) struct Algorithm {
    key: &'static str,
    curve: Option<&'static str>,
    check: Check,
}

enum Check {
    Ring(&'static dyn signature::VerificationAlgorithm),
    P521,
}

impl Algorithm {
    /// By URI (XML-DSig §6.4, RFC 6931 §2.3). RSA-PSS is there in the forms whose parameters are fixed.
    ///
    /// # Errors
    /// [`XmlSignatureError::Sha1`] or [`XmlSignatureError::Algorithm`].
    pub fn named(uri: &str) -> Result<Algorithm, XmlSignatureError> {
        let (curve, check): (_, &'static dyn signature::VerificationAlgorithm) =
            match after(uri, &[XMLDSIG_MORE, XMLDSIG_2007, XMLDSIG]) {
                (XMLDSIG_MORE, "rsa-sha256") => (None, &signature::RSA_PKCS1_2048_8192_SHA256),
                (XMLDSIG_MORE, "rsa-sha384") => (None, &signature::RSA_PKCS1_2048_8192_SHA384),
                (XMLDSIG_MORE, "rsa-sha512") => (None, &signature::RSA_PKCS1_2048_8192_SHA512),
                (XMLDSIG_2007, "sha256-rsa-MGF1") => (None, &signature::RSA_PSS_2048_8192_SHA256),
                (XMLDSIG_2007, "sha384-rsa-MGF1") => (None, &signature::RSA_PSS_2048_8192_SHA384),
                (XMLDSIG_2007, "sha512-rsa-MGF1") => (None, &signature::RSA_PSS_2048_8192_SHA512),
                (XMLDSIG_MORE, "ecdsa-sha256") => (Some(P256), &signature::ECDSA_P256_SHA256_FIXED),
                (XMLDSIG_MORE, "ecdsa-sha384") => (Some(P384), &signature::ECDSA_P384_SHA384_FIXED),
                (XMLDSIG_MORE, "ecdsa-sha512") => {
                    return Ok(Algorithm { key: EC, curve: Some(P521), check: Check::P521 });
                }
                (_, "rsa-sha1" | "ecdsa-sha1" | "dsa-sha1" | "hmac-sha1" | "sha1-rsa-MGF1") => {
                    return Err(XmlSignatureError::Sha1);
                }
                _ => return Err(XmlSignatureError::Algorithm(uri.to_owned())),
            };
        Ok(Algorithm { key: curve.map_or(RSA, |_| EC), curve, check: Check::Ring(check) })
    }

    /// Whether the key of a certificate, in DER, made this signature of these bytes. ECDSA signatures are `r‖s`
    /// (XML-DSig §6.4.3).
    pub fn holds(&self, certificate: &[u8], bytes: &[u8], signature: &[u8]) -> bool {
        let Some(key) = self.key_of(certificate) else { return false };
        match self.check {
            Check::Ring(algorithm) => {
                signature::UnparsedPublicKey::new(algorithm, key).verify(bytes, signature).is_ok()
            }
            Check::P521 => holds_on_p521(&key, bytes, signature),
        }
    }

    /// The certificate's public key, if it is of this algorithm's kind.
    fn key_of(&self, certificate: &[u8]) -> Option<Vec<u8>> {
        let certificate = Certificate::from_der(certificate).ok()?;
        let info = certificate.tbs_certificate().subject_public_key_info();
        let curve = match self.curve {
            Some(_) => Some(
                info.algorithm.parameters.as_ref()?.decode_as::<x509_cert::spki::ObjectIdentifier>().ok()?,
            ),
            None => None,
        };
        let fits = info.algorithm.oid.to_string() == self.key
            && curve.map(|curve| curve.to_string()).as_deref() == self.curve;
        let key = info.subject_public_key.as_bytes()?;
        fits.then(|| key.to_vec())
    }
}

fn holds_on_p521(key: &[u8], bytes: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) =
        (p521::ecdsa::VerifyingKey::from_sec1_bytes(key), p521::ecdsa::Signature::from_slice(signature))
    else {
        return false;
    };
    key.verify(bytes, &signature).is_ok()
}

/// Parts a URI after whichever of the beginnings it has.
fn after<'u>(uri: &'u str, beginnings: &[&'static str]) -> (&'static str, &'u str) {
    let parted = beginnings.iter().find_map(|begin| Some((*begin, uri.strip_prefix(begin)?)));
    parted.unwrap_or(("", uri))
}
