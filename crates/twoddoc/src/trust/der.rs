//! DER (X.690): splits bytes into elements, recognises kinds of objects, and finds the bytes that a signature covers.
//!
//! Returns slices and copies nothing. `x509-cert` parses the objects.

/// `SEQUENCE`.
pub(super) const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const CONTEXT_0: u8 = 0xA0;

/// An element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    /// The value.
    pub(super) content: &'a [u8],
    /// Tag, length and value.
    pub(super) whole: &'a [u8],
    /// The bytes after the element.
    pub(super) rest: &'a [u8],
}

/// The kind of a DER object, recognised by its first tags.
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
    /// A private key in PKCS#1, PKCS#8 or SEC 1. All begin with a version.
    PrivateKey,
    /// PKCS#12, RFC 7292. It begins with version 3.
    Pkcs12,
    /// PKCS#7 or CMS, RFC 5652.
    Cms,
    /// None of them.
    Unknown,
}

/// The first element. `None` if it is truncated, or if its length takes more than four bytes.
pub(super) fn element(bytes: &[u8]) -> Option<Element<'_>> {
    let (tag, header, length) = head(bytes)?;
    let (whole, rest) = bytes.split_at_checked(header.checked_add(length)?)?;
    Some(Element { tag, content: whole.get(header..)?, whole, rest })
}

/// Tag of the first element, size of its tag and length together, and its length.
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

/// The first element inside the first element: the signed part of a certificate or a revocation list.
pub(super) fn signed_part(object: &[u8]) -> Option<&[u8]> {
    Some(element(element(object)?.content)?.whole)
}

/// The tags of the first elements, five at most. The last one may be truncated.
fn tags(mut bytes: &[u8]) -> Vec<u8> {
    let mut tags = Vec::new();
    while let (true, Some((tag, ..))) = (tags.len() < 5, head(bytes)) {
        tags.push(tag);
        bytes = element(bytes).map_or(&[], |element| element.rest);
    }
    tags
}

/// The value of the first element, or the part of it that exists.
fn inside(bytes: &[u8]) -> &[u8] {
    let header = head(bytes).map_or(bytes.len(), |(_, header, _)| header);
    element(bytes).map_or_else(|| bytes.get(header..).unwrap_or_default(), |element| element.content)
}

impl ObjectKind {
    /// Recognises an object by its beginning, so that truncated objects are recognised too.
    pub(super) fn of(object: &[u8]) -> ObjectKind {
        if head(object).is_none_or(|(tag, ..)| tag != SEQUENCE) {
            return ObjectKind::Unknown;
        }
        let outer = inside(object);
        match tags(outer).as_slice() {
            [SEQUENCE, rest @ ..] => ObjectKind::of_signed(&tags(inside(outer)), rest),
            [INTEGER, SEQUENCE, ..] if outer.starts_with(&[INTEGER, 1, 3]) => ObjectKind::Pkcs12,
            [INTEGER, ..] => ObjectKind::PrivateKey,
            [OBJECT_IDENTIFIER, CONTEXT_0, ..] => ObjectKind::Cms,
            _ => ObjectKind::Unknown,
        }
    }

    /// The kind of an object whose first element is a sequence. `inner`: the tags in that sequence; `after`: the tags after
    /// it.
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
