//! XML signatures of trust lists (W3C XML-DSig 1.1, ETSI XAdES, TS 119 612 §5.7.1).
//!
//! Takes a parsed document. Gives the certificate whose key signed all of it, and only then. Never reads a clock,
//! builds a chain or decides whom to trust, and never accepts a signature of less than the whole document: exactly
//! one `ds:Signature`, a child of the root, over the document without itself.

mod algorithms;
mod base64;
mod references;

pub(crate) use base64::decoded;

use super::canonical_xml::{Document, Element, Part, canonical};
use super::name::legible;
use algorithms::{Algorithm, digest};
use references::algorithm;
use thiserror::Error;

/// XML-DSig.
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// XAdES 1.3.2.
const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";

/// Certificates of a signature that are tried.
const MAX_CERTIFICATES: usize = 8;

/// Why a signature does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum XmlSignatureError {
    /// No `ds:Signature` in the document's root.
    #[error("the list is not signed")]
    Missing,
    /// Several signatures, or one that is not in the root.
    #[error("a list has one signature, in its root; this one has others")]
    Misplaced,
    /// The signature lacks a part, or has one too many.
    #[error("the signature can't be understood: {0}")]
    ObjectKind(&'static str),
    /// An identifier stands twice, so that a reference could mean two things.
    #[error("the identifier `{}` stands twice in the list", legible(.0))]
    TwoIds(String),
    /// A reference to something outside of the document.
    #[error("the signature refers to `{}`, which is not in the list", legible(.0))]
    Reference(String),
    /// No reference, or more than one, to the whole document without the signature.
    #[error("the signature does not cover the whole list")]
    NotWhole,
    /// A transform or canonicalisation that is not known.
    #[error("the signature's transform `{}` is not known here", legible(.0))]
    Transform(String),
    /// An algorithm that is not known.
    #[error("the signature's algorithm `{}` is not known here", legible(.0))]
    Algorithm(String),
    /// SHA-1.
    #[error(
        "the signature rests on SHA-1, which is broken; the authority has to sign anew, with SHA-256 at least"
    )]
    Sha1,
    /// The document is not what was signed.
    #[error("{}", changed(.0))]
    Digest(String),
    /// No certificate of the signature has the key that made it.
    #[error("no certificate in the signature holds the key that made it")]
    Key,
    /// The certificate is not the one that XAdES says was used.
    #[error("the signature names another certificate as its own than the one that it carries")]
    OtherCertificate,
}

fn changed(uri: &str) -> String {
    match uri {
        "" => "the list was changed after it was signed".to_owned(),
        uri => format!("the part `{}` was changed after it was signed", legible(uri)),
    }
}

/// Checks the signature of a document (XML-DSig §3.2).
///
/// Gives the signing certificate, in DER. Its validity and its issuer are the caller's to judge.
///
/// # Errors
/// [`XmlSignatureError`].
pub(crate) fn verify(document: &Document) -> Result<Vec<u8>, XmlSignatureError> {
    let signature = sole_signature(document)?;
    references::unique_ids(document)?;
    let signed_info =
        signature.only(DS, "SignedInfo").ok_or(XmlSignatureError::ObjectKind("it has no SignedInfo"))?;
    let signed = references::check(document, signature, signed_info)?;
    let signer = signer(document, signature, signed_info)?;
    named_by_xades(signature, &signed, &signer)?;
    Ok(signer)
}

/// The one signature of a document, in its root.
fn sole_signature(document: &Document) -> Result<&Element, XmlSignatureError> {
    let anywhere = document.elements().filter(|element| element.is(DS, "Signature")).count();
    match (anywhere, document.root.only(DS, "Signature")) {
        (0, _) => Err(XmlSignatureError::Missing),
        (1, Some(signature)) => Ok(signature),
        _ => Err(XmlSignatureError::Misplaced),
    }
}

/// The certificate of `ds:KeyInfo` whose key made the signature (XML-DSig §3.2.2).
fn signer(
    document: &Document,
    signature: &Element,
    signed_info: &Element,
) -> Result<Vec<u8>, XmlSignatureError> {
    let shape = XmlSignatureError::ObjectKind;
    let by = signed_info.only(DS, "SignatureMethod").ok_or(shape("it has no SignatureMethod"))?;
    let by = Algorithm::named(algorithm(by))?;
    let form = signed_info.only(DS, "CanonicalizationMethod");
    let form = references::method(form.ok_or(shape("it has no CanonicalizationMethod"))?)?;
    let value = signature.only(DS, "SignatureValue").and_then(Element::text).and_then(|text| decoded(&text));
    let value = value.ok_or(shape("it has no SignatureValue"))?;
    let bytes = canonical(document, Part::Only(signed_info), &form);
    let mut certificates = certificates(signature).ok_or(shape("it carries no certificate"))?;
    certificates.find(|one| by.holds(one, &bytes, &value)).ok_or(XmlSignatureError::Key)
}

/// The certificates that the signature carries (XML-DSig §4.5.4).
fn certificates(signature: &Element) -> Option<impl Iterator<Item = Vec<u8>>> {
    let key_info = signature.only(DS, "KeyInfo")?;
    let each = key_info.named(DS, "X509Data").flat_map(|of_one| of_one.named(DS, "X509Certificate"));
    Some(each.take(MAX_CERTIFICATES).filter_map(|element| decoded(&element.text()?)))
}

/// Where XAdES says which certificate signed, it says this one (EN 319 132-1 §5.2.2), and is itself signed.
fn named_by_xades(signature: &Element, signed: &[&Element], signer: &[u8]) -> Result<(), XmlSignatureError> {
    let is_signed = |element: &Element| signed.iter().any(|one| std::ptr::eq(*one, element));
    for properties in signature.with_descendants().filter(|element| element.is(XADES, "SignedProperties")) {
        if !is_signed(properties) {
            return Err(XmlSignatureError::ObjectKind("its SignedProperties are not signed"));
        }
        for name in ["SigningCertificate", "SigningCertificateV2"] {
            for named in properties.with_descendants().filter(|element| element.is(XADES, name)) {
                names(named, signer)?;
            }
        }
    }
    Ok(())
}

fn names(signing_certificate: &Element, signer: &[u8]) -> Result<(), XmlSignatureError> {
    for certificate in signing_certificate.named(XADES, "Cert") {
        let digests = certificate.only(XADES, "CertDigest");
        let method = digests.and_then(|digests| digests.only(DS, "DigestMethod")).map(algorithm);
        let value = digests.and_then(|digests| digests.only(DS, "DigestValue"));
        let value = value.and_then(Element::text).and_then(|text| decoded(&text));
        let (Some(method), Some(value)) = (method, value) else { continue };
        if digest(method, signer)? == value {
            return Ok(());
        }
    }
    Err(XmlSignatureError::OtherCertificate)
}

#[cfg(test)]
mod tests;
