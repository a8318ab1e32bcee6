//! The digest and signature algorithms of XML signatures, by URI.
//!
//! SHA-1 is never computed. A key is used only with an algorithm of its own kind.

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

/// The digest of bytes with the algorithm of a URI (XML-DSig §6.2, RFC 6931 §2.1).
///
/// # Errors
/// [`XmlSignatureError::Sha1`] if it is SHA-1, [`XmlSignatureError::Algorithm`] if it is not supported.
pub(super) fn digest(uri: &str, bytes: &[u8]) -> Result<Vec<u8>, XmlSignatureError> {
    let algorithm = match split_prefix(uri, &[XMLENC, XMLDSIG_MORE, XMLDSIG]) {
        (XMLENC, "sha256") => &digest::SHA256,
        (XMLDSIG_MORE, "sha384") => &digest::SHA384,
        (XMLENC, "sha512") => &digest::SHA512,
        (XMLDSIG, "sha1") => return Err(XmlSignatureError::Sha1),
        _ => return Err(XmlSignatureError::Algorithm(uri.to_owned())),
    };
    Ok(digest::digest(algorithm, bytes).as_ref().to_vec())
}

/// A signature algorithm.
pub(super) struct Algorithm {
    /// The algorithm of the key.
    key: &'static str,
    /// The curve of the key.
    curve: Option<&'static str>,
    check: Check,
}

/// How a signature is verified.
enum Check {
    Ring(&'static dyn signature::VerificationAlgorithm),
    P521,
}

impl Algorithm {
    /// The algorithm of a URI (XML-DSig §6.4, RFC 6931 §2.3). RSA-PSS is supported in the forms with fixed parameters.
    ///
    /// # Errors
    /// [`XmlSignatureError::Sha1`] if it uses SHA-1, [`XmlSignatureError::Algorithm`] if it is not supported.
    pub fn named(uri: &str) -> Result<Algorithm, XmlSignatureError> {
        let (curve, check): (_, &'static dyn signature::VerificationAlgorithm) =
            match split_prefix(uri, &[XMLDSIG_MORE, XMLDSIG_2007, XMLDSIG]) {
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

    /// Whether a signature verifies with the key of a certificate, given in DER. ECDSA signatures are `r‖s`
    /// (XML-DSig §6.4.3).
    pub fn verifies(&self, certificate: &[u8], bytes: &[u8], signature: &[u8]) -> bool {
        let Some(key) = self.key_of(certificate) else { return false };
        match self.check {
            Check::Ring(algorithm) => {
                signature::UnparsedPublicKey::new(algorithm, key).verify(bytes, signature).is_ok()
            }
            Check::P521 => verifies_on_p521(&key, bytes, signature),
        }
    }

    /// The certificate's public key, if its algorithm and curve are those of this algorithm.
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

fn verifies_on_p521(key: &[u8], bytes: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) =
        (p521::ecdsa::VerifyingKey::from_sec1_bytes(key), p521::ecdsa::Signature::from_slice(signature))
    else {
        return false;
    };
    key.verify(bytes, &signature).is_ok()
}

/// Splits a URI after the first prefix that it has. Without one, the prefix is empty.
fn split_prefix<'u>(uri: &'u str, prefixes: &[&'static str]) -> (&'static str, &'u str) {
    let split = prefixes.iter().find_map(|prefix| Some((*prefix, uri.strip_prefix(prefix)?)));
    split.unwrap_or(("", uri))
}
