//! The references of a signature: what it says is signed, and whether that holds.
//!
//! Takes the document and its `ds:SignedInfo`. Gives the elements that are signed besides the document itself. Never
//! follows a reference out of the document, and knows no transform that could leave out more than the signature.

use super::algorithms::digest;
use super::base64::decoded;
use super::{DS, XmlSignatureError};
use crate::trust::canonical_xml::{Document, Element, Method, Part, XML_NAMESPACE, canonical};

/// XPath Filter 2.0.
const FILTER2: &str = "http://www.w3.org/2002/06/xmldsig-filter2";
/// XML-DSig §6.6.4.
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// C14N.
const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const INCLUSIVE_WITH_COMMENTS: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments";
/// exc-c14n; also the namespace of `InclusiveNamespaces`.
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const EXCLUSIVE_WITH_COMMENTS: &str = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments";

/// References of a signature. XAdES needs two.
const MAX_REFERENCES: usize = 8;
/// Prefixes that are canonicalised inclusively.
const MAX_PREFIXES: usize = 32;

/// Checks every reference (XML-DSig §3.2.1). One must be the document without its signature (TS 119 612 §5.7.1).
///
/// # Errors
/// The first reference that does not hold, or can't be understood.
pub(super) fn check<'d>(
    document: &'d Document,
    signature: &'d Element,
    signed_info: &Element,
) -> Result<Vec<&'d Element>, XmlSignatureError> {
    let references: Vec<&Element> = signed_info.named(DS, "Reference").collect();
    if references.len() > MAX_REFERENCES {
        return Err(XmlSignatureError::ObjectKind("it has more than 8 references"));
    }
    let (mut whole, mut elements) = (0, Vec::new());
    for reference in references {
        match referenced(document, reference)? {
            None => {
                whole += 1;
                holds(document, Part::Whole { without: Some(signature) }, reference, true)?;
            }
            Some(element) => {
                holds(document, Part::Only(element), reference, false)?;
                elements.push(element);
            }
        }
    }
    if whole == 1 { Ok(elements) } else { Err(XmlSignatureError::NotWhole) }
}

/// What a reference points at: nothing for the document, else the element of that `Id` (XML-DSig §4.4.3.2).
fn referenced<'d>(
    document: &'d Document,
    reference: &Element,
) -> Result<Option<&'d Element>, XmlSignatureError> {
    let uri = reference.attribute("URI").ok_or(XmlSignatureError::ObjectKind("a reference has no URI"))?;
    if uri.is_empty() {
        return Ok(None);
    }
    let foreign = || XmlSignatureError::Reference(uri.to_owned());
    let id = uri.strip_prefix('#').filter(|id| !id.is_empty()).ok_or_else(foreign)?;
    document.elements().find(|element| element.attribute("Id") == Some(id)).map(Some).ok_or_else(foreign)
}

fn holds(
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
    let value = reference.only(DS, "DigestValue").and_then(Element::text).and_then(|text| decoded(&text));
    let (Some(method), Some(value)) = (method, value) else {
        return Err(XmlSignatureError::ObjectKind("a reference has no digest"));
    };
    if digest(method, canonical(document, part, &transforms.method).as_slice())? == value {
        Ok(())
    } else {
        Err(XmlSignatureError::Digest(reference.attribute("URI").unwrap_or_default().to_owned()))
    }
}

/// What a reference does to what it points at.
#[derive(Default)]
struct Transforms {
    enveloped: bool,
    method: Method,
}

/// At most one way to leave the signature out, then at most one canonicalisation; C14N if there is none
/// (XML-DSig §4.4.3.2). A reference into the document never has its comments (XML-DSig §4.4.3.3).
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
        Some(further) => Err(XmlSignatureError::Transform(algorithm(further).to_owned())),
    }
}

/// The enveloped-signature transform, or a form of XPath Filter 2.0 that subtracts signatures: the ANTS's list has
/// `/descendant::ds:Signature`. A document has one signature here, so what its prefix stands for can't matter.
fn leaves_signature_out(transform: &Element) -> bool {
    if algorithm(transform) == ENVELOPED {
        return true;
    }
    let filter = transform.only(FILTER2, "XPath").filter(|_| algorithm(transform) == FILTER2);
    let Some(filter) = filter.filter(|filter| filter.attribute("Filter") == Some("subtract")) else {
        return false;
    };
    let path = filter.text().unwrap_or_default();
    let path = path.trim().trim_end_matches("[1]");
    let name = ["/descendant::", "//", "here()/ancestor::"].iter().find_map(|axis| path.strip_prefix(axis));
    name.and_then(|name| name.split_once(':')).is_some_and(|(_, local)| local == "Signature")
}

/// How a canonicalisation method or transform canonicalises (XML-DSig §4.4.1, exc-c14n §4).
///
/// # Errors
/// [`XmlSignatureError::Transform`].
pub(super) fn method(element: &Element) -> Result<Method, XmlSignatureError> {
    let (exclusive, comments) = match algorithm(element) {
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
        return Err(XmlSignatureError::ObjectKind("a canonicalisation has more than 32 prefixes"));
    }
    let prefixes = list.split_ascii_whitespace();
    Ok(prefixes.map(|prefix| if prefix == "#default" { String::new() } else { prefix.to_owned() }).collect())
}

pub(super) fn algorithm(element: &Element) -> &str {
    element.attribute("Algorithm").unwrap_or_default()
}

/// Refuses a document where an identifier stands twice, whatever case its attribute's name has.
///
/// # Errors
/// [`XmlSignatureError::TwoIds`].
pub(super) fn unique_ids(document: &Document) -> Result<(), XmlSignatureError> {
    let mut seen = std::collections::BTreeSet::new();
    for attribute in document.elements().flat_map(|element| &element.attributes) {
        let namespace = &*attribute.name.namespace;
        let identifies = attribute.name.local.eq_ignore_ascii_case("id");
        if identifies
            && (namespace.is_empty() || namespace == XML_NAMESPACE)
            && !seen.insert(&attribute.value)
        {
            return Err(XmlSignatureError::TwoIds(attribute.value.clone()));
        }
    }
    Ok(())
}
