//! Distinguished names: compared as RFC 5280 §7.1 says, and read for the ids of 2D-DOC.

use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::Tagged as _;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::ext::pkix::name::DirectoryString;
use x509_cert::name::{Name, RelativeDistinguishedName};

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");

/// Who a certificate is about, or who issued it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DistinguishedName {
    /// Two names are the same if these are: case, white space and kind of string play no part.
    pub(super) normalised: String,
    /// CN: an id. `None` if there is none, or more than one.
    pub(super) common_name: Option<String>,
    /// O, fit to be shown.
    pub(super) organisation: Option<String>,
}

impl DistinguishedName {
    pub(super) fn of(name: &Name) -> DistinguishedName {
        let values = |oid| name.iter().filter(move |part| part.oid == oid).map(text);
        let mut common_names = values(COMMON_NAME);
        let common_name = common_names.next().flatten().filter(|_| common_names.next().is_none());
        let organisation = values(ORGANISATION).flatten().next().map(|text| legible(&text));
        let parts: Vec<_> = name.iter_rdn().map(normalise).collect();
        DistinguishedName { normalised: parts.join(","), common_name, organisation }
    }
}

/// One part, its attributes in an order of their own.
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

fn text(attribute: &AttributeTypeAndValue) -> Option<String> {
    let text: DirectoryString = attribute.value.decode_as().ok()?;
    Some(text.value().into_owned())
}

/// A foreign text on one line, without what moves a terminal's cursor or turns the direction of writing.
pub fn legible(text: &str) -> String {
    legible_within(text, 200)
}

/// As [`legible`], with another limit in characters.
pub fn legible_within(text: &str, most: usize) -> String {
    let odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    text.chars().take(most).map(|c| if odd(c) { '\u{fffd}' } else { c }).collect()
}
