//! DER, as far as it takes to tell objects apart and to find the bytes a signature covers (X.690).
//!
//! Gives slices of what it takes and copies nothing. Never judges what is inside: `x509-cert` does.

/// `SEQUENCE`.
pub(super) const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const CONTEXT_0: u8 = 0xA0;

/// Tag, length and value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    /// The value.
    pub(super) content: &'a [u8],
    /// Tag, length and value.
    pub(super) whole: &'a [u8],
    /// What follows.
    pub(super) rest: &'a [u8],
}

/// What an object is, by the tags it begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ObjectKind {
    /// RFC 5280 §4.1.
    Certificate,
    /// RFC 5280 §5.1.
    RevocationList,
    /// SubjectPublicKeyInfo, RFC 5280 §4.1.2.7.
    PublicKey,
    /// PKCS#10, RFC 2986.
    Request,
    /// PKCS#1, PKCS#8 or SEC 1: all begin with a version.
    Secret,
    /// PKCS#12, RFC 7292: version 3.
    Pkcs12,
    /// PKCS#7 or CMS, RFC 5652.
    Cms,
    /// None of them.
    Unknown,
}

/// The first element; `None` if it is cut short, or longer than four bytes can say.
pub(super) fn element(bytes: &[u8]) -> Option<Element<'_>> {
    let (tag, header, length) = head(bytes)?;
    let (whole, rest) = bytes.split_at_checked(header.checked_add(length)?)?;
    Some(Element { tag, content: whole.get(header..)?, whole, rest })
}

/// Tag, bytes of tag and length, and the length.
fn head(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    if first < 0x80 {
        return Some((tag, 2, usize::from(first)));
    }
    let more = usize::from(first & 0x7F);
    let digits = rest.get(..more).filter(|digits| (1..=4).contains(&digits.len()))?;
    let length =
        digits.iter().try_fold(0_usize, |sum, digit| sum.checked_mul(256)?.checked_add((*digit).into()));
    Some((tag, 2 + more, length?))
}

/// The first element within the first element: of a certificate or a revocation list, what is signed.
pub(super) fn signed_part(object: &[u8]) -> Option<&[u8]> {
    Some(element(element(object)?.content)?.whole)
}

/// The tags of up to five elements, the last of which may be cut short.
fn tags(mut bytes: &[u8]) -> Vec<u8> {
    let mut tags = Vec::new();
    while let (true, Some((tag, ..))) = (tags.len() < 5, head(bytes)) {
        tags.push(tag);
        bytes = element(bytes).map_or(&[], |element| element.rest);
    }
    tags
}

/// What lies inside the first element, or what is there of it.
fn inside(bytes: &[u8]) -> &[u8] {
    let header = head(bytes).map_or(bytes.len(), |(_, header, _)| header);
    element(bytes).map_or_else(|| bytes.get(header..).unwrap_or_default(), |element| element.content)
}

impl ObjectKind {
    /// Tells it by the beginning, so that an object cut short is reported too.
    pub(super) fn of(object: &[u8]) -> ObjectKind {
        if head(object).is_none_or(|(tag, ..)| tag != SEQUENCE) {
            return ObjectKind::Unknown;
        }
        let outer = inside(object);
        match tags(outer).as_slice() {
            [SEQUENCE, rest @ ..] => ObjectKind::of_signed(&tags(inside(outer)), rest),
            [INTEGER, SEQUENCE, ..] if outer.starts_with(&[INTEGER, 1, 3]) => ObjectKind::Pkcs12,
            [INTEGER, ..] => ObjectKind::Secret,
            [OBJECT_IDENTIFIER, CONTEXT_0, ..] => ObjectKind::Cms,
            _ => ObjectKind::Unknown,
        }
    }

    fn of_signed(inner: &[u8], after: &[u8]) -> ObjectKind {
        match inner {
            [CONTEXT_0, INTEGER, ..] => ObjectKind::Certificate,
            [INTEGER, SEQUENCE, SEQUENCE, UTC_TIME | GENERALIZED_TIME, ..]
            | [SEQUENCE, SEQUENCE, UTC_TIME | GENERALIZED_TIME, ..] => ObjectKind::RevocationList,
            [INTEGER, SEQUENCE, SEQUENCE, CONTEXT_0, ..] => ObjectKind::Request,
            [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, ..] => ObjectKind::Certificate,
            [OBJECT_IDENTIFIER, ..] if after.first() == Some(&BIT_STRING) => ObjectKind::PublicKey,
            _ => ObjectKind::Unknown,
        }
    }
}
