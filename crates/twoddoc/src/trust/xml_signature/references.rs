//! Checks the references of a signature: which parts of the document are signed, and their digests.
//!
//! References outside the document are refused. So are transforms that could leave out more than the signature.

use super::algorithms::digest;
use super::base64::decode_base64;
use super::{DS, XmlSignatureError};
use crate::trust::canonical_xml::{Document, Element, Method, Part, XML_NAMESPACE, canonical};

/// The namespace of XPath Filter 2.0.
const FILTER2: &str = "http://www.w3.org/2002/06/xmldsig-filter2";
/// The enveloped-signature transform (XML-DSig §6.6.4).
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// C14N.
const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const INCLUSIVE_WITH_COMMENTS: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments";
/// exc-c14n; also the namespace of `InclusiveNamespaces`.
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const EXCLUSIVE_WITH_COMMENTS: &str = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments";

/// Maximum number of references of a signature. XAdES needs two.
const MAX_REFERENCES: usize = 8;
/// Maximum number of prefixes in an `InclusiveNamespaces PrefixList`.
const MAX_PREFIXES: usize = 32;

/// Checks every reference (XML-DSig §3.2.1). Exactly one must be to the document without its signature
/// (TS 119 612 §5.7.1). Returns the elements to which the others refer.
///
/// # Errors
/// [`XmlSignatureError::NotWhole`] if no reference is to the whole document, or several are. For the first bad reference:
/// [`XmlSignatureError::Digest`] if its digest differs, [`XmlSignatureError::Reference`] if it leads out of the document,
/// [`XmlSignatureError::Transform`], [`XmlSignatureError::Algorithm`] or [`XmlSignatureError::Sha1`] if an algorithm is
/// refused, [`XmlSignatureError::Malformed`] if a part is missing or there are too many references.
pub(super) fn check<'d>(
    document: &'d Document,
    signature: &'d Element,
    signed_info: &Element,
) -> Result<Vec<&'d Element>, XmlSignatureError> {
    let references: Vec<&Element> = signed_info.named(DS, "Reference").collect();
    if references.len() > MAX_REFERENCES {
        return Err(XmlSignatureError::Malformed("it has more than 8 references"));
    }
    let (mut whole, mut elements) = (0, Vec::new());
    for reference in references {
        match referenced(document, reference)? {
            None => {
                whole += 1;
                check_digest(document, Part::Whole { without: Some(signature) }, reference, true)?;
            }
            Some(element) => {
                check_digest(document, Part::Only(element), reference, false)?;
                elements.push(element);
            }
        }
    }
    if whole == 1 { Ok(elements) } else { Err(XmlSignatureError::NotWhole) }
}

/// The element with the `Id` of a reference; `None` if the reference is to the document (XML-DSig §4.4.3.2).
fn referenced<'d>(
    document: &'d Document,
    reference: &Element,
) -> Result<Option<&'d Element>, XmlSignatureError> {
    let uri = reference.attribute("URI").ok_or(XmlSignatureError::Malformed("a reference has no URI"))?;
    if uri.is_empty() {
        return Ok(None);
    }
    let foreign = || XmlSignatureError::Reference(uri.to_owned());
    let id = uri.strip_prefix('#').filter(|id| !id.is_empty()).ok_or_else(foreign)?;
    document.elements().find(|element| element.attribute("Id") == Some(id)).map(Some).ok_or_else(foreign)
}

/// Checks the transforms and the digest of a reference.
fn check_digest(
    document: &Document,
    part: Part<'_>,
    reference: &Element,
    whole: bool,
) -> Result<(), XmlSignatureError> {
    let transforms = transforms(reference)?;
    if transforms.enveloped != whole {
        return Err(XmlSignatureError::NotWhole);
    }
    let method = reference.only(DS, "DigestMethod").and_then(|method| method.attribute("Algorithm"));
    let value =
        reference.only(DS, "DigestValue").and_then(Element::text).and_then(|text| decode_base64(&text));
    let (Some(method), Some(value)) = (method, value) else {
        return Err(XmlSignatureError::Malformed("a reference has no digest"));
    };
    if digest(method, canonical(document, part, &transforms.method).as_slice())? == value {
        Ok(())
    } else {
        Err(XmlSignatureError::Digest(reference.attribute("URI").unwrap_or_default().to_owned()))
    }
}

/// The transforms of a reference.
#[derive(Default)]
struct Transforms {
    enveloped: bool,
    method: Method,
}

/// Reads the transforms of a reference: at most one that leaves out the signature, then at most one canonicalisation,
/// which is C14N if absent (XML-DSig §4.4.3.2). Comments are never part of it (XML-DSig §4.4.3.3).
fn transforms(reference: &Element) -> Result<Transforms, XmlSignatureError> {
    let mut found = Transforms::default();
    let mut waiting = match reference.only(DS, "Transforms") {
        Some(transforms) => transforms.elements().collect::<Vec<_>>(),
        None => Vec::new(),
    };
    waiting.reverse();
    if waiting.last().is_some_and(|transform| leaves_signature_out(transform)) {
        found.enveloped = true;
        waiting.pop();
    }
    if let Some(transform) = waiting.pop() {
        found.method = Method { comments: false, ..method(transform)? };
    }
    match waiting.pop() {
        None => Ok(found),
        Some(further) => Err(XmlSignatureError::Transform(algorithm_uri(further).to_owned())),
    }
}

/// Whether a transform leaves out the signature: it is the enveloped-signature transform, or an XPath Filter 2.0 that
/// subtracts signatures. The national list has `/descendant::ds:Signature`. Its prefix is not resolved, because the document
/// has only one signature.
fn leaves_signature_out(transform: &Element) -> bool {
    if algorithm_uri(transform) == ENVELOPED {
        return true;
    }
    let filter = transform.only(FILTER2, "XPath").filter(|_| algorithm_uri(transform) == FILTER2);
    let Some(filter) = filter.filter(|filter| filter.attribute("Filter") == Some("subtract")) else {
        return false;
    };
    let path = filter.text().unwrap_or_default();
    let path = path.trim().trim_end_matches("[1]");
    let name = ["/descendant::", "//", "here()/ancestor::"].iter().find_map(|axis| path.strip_prefix(axis));
    name.and_then(|name| name.split_once(':')).is_some_and(|(_, local)| local == "Signature")
}

/// The canonicalisation of a method or transform element (XML-DSig §4.4.1, exc-c14n §4).
///
/// # Errors
/// [`XmlSignatureError::Transform`] if it is not supported, [`XmlSignatureError::Malformed`] if it has too many prefixes.
pub(super) fn method(element: &Element) -> Result<Method, XmlSignatureError> {
    let (exclusive, comments) = match algorithm_uri(element) {
        INCLUSIVE => (false, false),
        INCLUSIVE_WITH_COMMENTS => (false, true),
        EXCLUSIVE => (true, false),
        EXCLUSIVE_WITH_COMMENTS => (true, true),
        other => return Err(XmlSignatureError::Transform(other.to_owned())),
    };
    Ok(Method { exclusive, comments, inclusive_prefixes: inclusive_prefixes(element)? })
}

fn inclusive_prefixes(element: &Element) -> Result<Vec<String>, XmlSignatureError> {
    let Some(list) = element.only(EXCLUSIVE, "InclusiveNamespaces") else { return Ok(Vec::new()) };
    let list = list.attribute("PrefixList").unwrap_or_default();
    if list.split_ascii_whitespace().count() > MAX_PREFIXES {
        return Err(XmlSignatureError::Malformed("a canonicalisation has more than 32 prefixes"));
    }
    let prefixes = list.split_ascii_whitespace();
    Ok(prefixes.map(|prefix| if prefix == "#default" { String::new() } else { prefix.to_owned() }).collect())
}

/// The URI in the attribute `Algorithm`; empty if there is none.
pub(super) fn algorithm_uri(element: &Element) -> &str {
    element.attribute("Algorithm").unwrap_or_default()
}

/// Checks that no two elements have the same identifier. Attributes named `id` in any case count as identifiers.
///
/// # Errors
/// [`XmlSignatureError::DuplicateId`] if two elements have the same.
pub(super) fn unique_ids(document: &Document) -> Result<(), XmlSignatureError> {
    let mut seen = std::collections::BTreeSet::new();
    for attribute in document.elements().flat_map(|element| &element.attributes) {
        let namespace = &*attribute.name.namespace;
        let identifies = attribute.name.local.eq_ignore_ascii_case("id");
        if identifies
            && (namespace.is_empty() || namespace == XML_NAMESPACE)
            && !seen.insert(&attribute.value)
        {
            return Err(XmlSignatureError::DuplicateId(attribute.value.clone()));
        }
    }
    Ok(())
}
