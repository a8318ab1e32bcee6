//! XML signatures of trust lists (W3C XML-DSig 1.1, ETSI XAdES, TS 119 612 §5.7.1).
//!
//! A signature is accepted only if it is the only `ds:Signature`, is a child of the root, and covers the whole document
//! except itself. Whether the signer is trusted is not decided here.

mod algorithms;
mod base64;
mod references;

pub(crate) use base64::decode_base64;

use super::canonical_xml::{Document, Element, Part, canonical};
use super::name::display_safe;
use algorithms::{Algorithm, digest};
use references::algorithm_uri;
use thiserror::Error;

/// The namespace of XML-DSig.
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// The namespace of XAdES 1.3.2.
const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";

/// Maximum number of certificates of a signature that are tried.
const MAX_CERTIFICATES: usize = 8;

/// Why a signature is not valid.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum XmlSignatureError {
    /// The document has no `ds:Signature`.
    #[error("the list is not signed")]
    Missing,
    /// The document has several signatures, or its signature is not a child of the root.
    #[error("a list has one signature, in its root; this one has others")]
    Misplaced,
    /// An element of the signature is missing, or there are too many.
    #[error("the signature can't be understood: {0}")]
    Malformed(&'static str),
    /// Two elements have the same identifier, so that a reference is ambiguous.
    #[error("the identifier `{}` stands twice in the list", display_safe(.0))]
    DuplicateId(String),
    /// A reference to something outside the document.
    #[error("the signature refers to `{}`, which is not in the list", display_safe(.0))]
    Reference(String),
    /// No reference to the whole document without the signature, or more than one.
    #[error("the signature does not cover the whole list")]
    NotWhole,
    /// A transform or canonicalisation that is not supported.
    #[error("the signature's transform `{}` is not known here", display_safe(.0))]
    Transform(String),
    /// An algorithm that is not supported.
    #[error("the signature's algorithm `{}` is not known here", display_safe(.0))]
    Algorithm(String),
    /// A digest or signature algorithm with SHA-1.
    #[error(
        "the signature rests on SHA-1, which is broken; the authority has to sign anew, with SHA-256 at least"
    )]
    Sha1,
    /// The digest of the document, or of the part with this URI, differs.
    #[error("{}", changed(.0))]
    Digest(String),
    /// The signature verifies with no key of its certificates.
    #[error("no certificate in the signature holds the key that made it")]
    Key,
    /// XAdES names another certificate as the signer's.
    #[error("the signature names another certificate as its own than the one that it carries")]
    OtherCertificate,
}

/// The message of [`XmlSignatureError::Digest`]. The empty URI is the whole document.
fn changed(uri: &str) -> String {
    match uri {
        "" => "the list was changed after it was signed".to_owned(),
        uri => format!("the part `{}` was changed after it was signed", display_safe(uri)),
    }
}

/// Checks the signature of a document (XML-DSig §3.2). Returns the signer's certificate in DER, whose validity and issuer
/// are not checked.
///
/// # Errors
/// [`XmlSignatureError`] if the signature is missing, not valid, or covers only a part of the document.
pub(crate) fn verify(document: &Document) -> Result<Vec<u8>, XmlSignatureError> {
    let signature = sole_signature(document)?;
    references::unique_ids(document)?;
    let signed_info =
        signature.only(DS, "SignedInfo").ok_or(XmlSignatureError::Malformed("it has no SignedInfo"))?;
    let signed = references::check(document, signature, signed_info)?;
    let signer = signer(document, signature, signed_info)?;
    check_xades(signature, &signed, &signer)?;
    Ok(signer)
}

/// The only signature of a document, a child of the root.
fn sole_signature(document: &Document) -> Result<&Element, XmlSignatureError> {
    let anywhere = document.elements().filter(|element| element.is(DS, "Signature")).count();
    match (anywhere, document.root.only(DS, "Signature")) {
        (0, _) => Err(XmlSignatureError::Missing),
        (1, Some(signature)) => Ok(signature),
        _ => Err(XmlSignatureError::Misplaced),
    }
}

/// The certificate of `ds:KeyInfo` with whose key the signature verifies (XML-DSig §3.2.2).
fn signer(
    document: &Document,
    signature: &Element,
    signed_info: &Element,
) -> Result<Vec<u8>, XmlSignatureError> {
    let malformed = XmlSignatureError::Malformed;
    let algorithm_element =
        signed_info.only(DS, "SignatureMethod").ok_or(malformed("it has no SignatureMethod"))?;
    let algorithm = Algorithm::named(algorithm_uri(algorithm_element))?;
    let method = signed_info.only(DS, "CanonicalizationMethod");
    let method = references::method(method.ok_or(malformed("it has no CanonicalizationMethod"))?)?;
    let value =
        signature.only(DS, "SignatureValue").and_then(Element::text).and_then(|text| decode_base64(&text));
    let value = value.ok_or(malformed("it has no SignatureValue"))?;
    let bytes = canonical(document, Part::Only(signed_info), &method);
    let mut certificates = certificates(signature).ok_or(malformed("it carries no certificate"))?;
    certificates.find(|one| algorithm.verifies(one, &bytes, &value)).ok_or(XmlSignatureError::Key)
}

/// The certificates in the signature (XML-DSig §4.5.4).
fn certificates(signature: &Element) -> Option<impl Iterator<Item = Vec<u8>>> {
    let key_info = signature.only(DS, "KeyInfo")?;
    let each = key_info.named(DS, "X509Data").flat_map(|of_one| of_one.named(DS, "X509Certificate"));
    Some(each.take(MAX_CERTIFICATES).filter_map(|element| decode_base64(&element.text()?)))
}

/// Checks that every XAdES `SignedProperties` is signed, and that each signing certificate in it is this one
/// (EN 319 132-1 §5.2.2).
fn check_xades(signature: &Element, signed: &[&Element], signer: &[u8]) -> Result<(), XmlSignatureError> {
    let is_signed = |element: &Element| signed.iter().any(|one| std::ptr::eq(*one, element));
    for properties in signature.with_descendants().filter(|element| element.is(XADES, "SignedProperties")) {
        if !is_signed(properties) {
            return Err(XmlSignatureError::Malformed("its SignedProperties are not signed"));
        }
        for name in ["SigningCertificate", "SigningCertificateV2"] {
            for named in properties.with_descendants().filter(|element| element.is(XADES, name)) {
                check_signing_certificate(named, signer)?;
            }
        }
    }
    Ok(())
}

/// Checks that a certificate digest of the element is that of the signer.
fn check_signing_certificate(signing_certificate: &Element, signer: &[u8]) -> Result<(), XmlSignatureError> {
    for certificate in signing_certificate.named(XADES, "Cert") {
        let digests = certificate.only(XADES, "CertDigest");
        let method = digests.and_then(|digests| digests.only(DS, "DigestMethod")).map(algorithm_uri);
        let value = digests.and_then(|digests| digests.only(DS, "DigestValue"));
        let value = value.and_then(Element::text).and_then(|text| decode_base64(&text));
        let (Some(method), Some(value)) = (method, value) else { continue };
        if digest(method, signer)? == value {
            return Ok(());
        }
    }
    Err(XmlSignatureError::OtherCertificate)
}

#[cfg(test)]
mod tests;
