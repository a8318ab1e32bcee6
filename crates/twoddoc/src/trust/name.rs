//! Distinguished names: normalised for comparison (RFC 5280 §7.1), and the ids of 2D-DOC in them.

use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::Tagged as _;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::ext::pkix::name::DirectoryString;
use x509_cert::name::{Name, RelativeDistinguishedName};

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");

/// The subject or issuer of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DistinguishedName {
    /// The normalised name. Names that differ only in case, white space or string type have the same.
    pub(super) normalised: String,
    /// CN, which is an id of 2D-DOC. `None` if there is none, or more than one.
    pub(super) common_name: Option<String>,
    /// O, safe to display.
    pub(super) organisation: Option<String>,
}

impl DistinguishedName {
    /// Normalises a name.
    pub(super) fn of(name: &Name) -> DistinguishedName {
        let values = |oid| name.iter().filter(move |part| part.oid == oid).map(text);
        let mut common_names = values(COMMON_NAME);
        let common_name = common_names.next().flatten().filter(|_| common_names.next().is_none());
        let organisation = values(ORGANISATION).flatten().next().map(|text| display_safe(&text));
        let parts: Vec<_> = name.iter_rdn().map(normalise).collect();
        DistinguishedName { normalised: parts.join(","), common_name, organisation }
    }
}

/// One relative name, with its attributes sorted.
fn normalise(part: &RelativeDistinguishedName) -> String {
    let mut attributes: Vec<_> = part.iter().map(normalise_attribute).collect();
    attributes.sort();
    attributes.join("+")
}

fn normalise_attribute(attribute: &AttributeTypeAndValue) -> String {
    let value = text(attribute).map_or_else(
        || format!("{:?}", (attribute.value.tag(), attribute.value.value())),
        |text| format!("{:?}", text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")),
    );
    format!("{}={value}", attribute.oid)
}

/// The text of an attribute, if it is a string.
fn text(attribute: &AttributeTypeAndValue) -> Option<String> {
    let text: DirectoryString = attribute.value.decode_as().ok()?;
    Some(text.value().into_owned())
}

/// A foreign text, safe to display: at most 200 characters, each control, invisible or bidirectional one replaced by
/// U+FFFD.
pub fn display_safe(text: &str) -> String {
    display_safe_within(text, 200)
}

/// As [`display_safe`], with another maximum of characters.
pub(super) fn display_safe_within(text: &str, max_chars: usize) -> String {
    let is_unsafe = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    text.chars().take(max_chars).map(|c| if is_unsafe(c) { '\u{fffd}' } else { c }).collect()
}
