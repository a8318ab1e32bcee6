//! Splits a message or an annex into its fields (S326 p. 20-22).
//!
//! A field that breaks a rule is returned all the same, with a finding.

use super::decoded::DecodedValue;
use super::document_types::DocumentType;
use super::findings::Findings;
use super::identifiers::DataIdentifier;
use super::{GS, RS};
use serde::Serialize;

/// A field of a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Field {
    /// Data identifier: two characters; in binary, two hexadecimal digits.
    pub id: String,
    /// The identifier's name in the specification, in French; `None` if it is unknown.
    pub name: Option<&'static str>,
    /// The value; in binary, in hexadecimal.
    pub value: String,
    /// The value as people and programs want it, where its written form is another; see
    /// [`DataIdentifier::decode_value`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decoded: Option<DecodedValue>,
    /// Whether it ends with `<RS>`: the document shows the whole value.
    pub truncated: bool,
    /// Whether it is encoded in binary. Binary identifiers are numbered separately from those in C40.
    #[serde(skip)]
    pub binary: bool,
}

/// Identifiers of EORI numbers. The official specimens write 17 characters without `<GS>`, although the maximum is 20.
const EORI: [&str; 3] = ["DH", "DP", "DW"];

/// Length of an EORI number: two letters and 15 digits.
const EORI_LENGTH: usize = 17;

/// Splits a message into fields.
pub(super) fn split(
    message: &[u8],
    document_type: Option<&DocumentType>,
    findings: &mut Findings,
) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut rest = message;
    while let Some((field, after)) = next(rest, document_type, findings) {
        fields.push(field);
        rest = after;
    }
    fields
}

/// An offset where a field may end.
#[derive(Debug)]
pub(super) struct Boundary {
    /// Number of bytes before it.
    pub(super) offset: usize,
    /// Whether all fields before it have known identifiers and permitted characters.
    pub(super) conforms: bool,
}

/// The offsets in a message where a field may end, in order: after each field, and after each character of a variable
/// field that has no separator or has characters that it does not permit.
pub(super) fn boundaries(message: &[u8], document_type: Option<&DocumentType>) -> Vec<Boundary> {
    let mut ends = vec![Boundary { offset: 0, conforms: true }];
    let mut conforms = true;
    let mut rest = message;
    while let Some((field, after)) = next(rest, document_type, &mut Findings::default()) {
        let end = message.len() - after.len();
        let identifier = DataIdentifier::find(&field.id);
        let strange = |c: char| identifier.is_none_or(|known| !known.alphabet.contains(c));
        let conforming = field.value.chars().position(strange);
        let separated = message[..end].last().copied().is_some_and(is_separator);
        let ends_within = !separated || conforming.is_some();
        if ends_within && identifier.is_none_or(|known| !known.is_fixed()) {
            // Each character is one byte of the message, those beyond ASCII too.
            let begin = end - usize::from(separated) - field.value.chars().count();
            let conforms_until = begin + conforming.unwrap_or(usize::MAX / 2);
            ends.extend(
                (begin..end)
                    .map(|offset| Boundary { offset, conforms: conforms && offset <= conforms_until }),
            );
        }
        conforms &= conforming.is_none();
        ends.push(Boundary { offset: end, conforms });
        rest = after;
    }
    ends
}

/// Reads the first field of `rest`; returns it and what follows its separator.
fn next<'a>(
    rest: &'a [u8],
    document_type: Option<&DocumentType>,
    findings: &mut Findings,
) -> Option<(Field, &'a [u8])> {
    let (id, rest) = next_id(rest, findings)?;
    let identifier = DataIdentifier::find(&id);
    let eori = eori_without_separator(&id, rest, document_type);
    if eori.is_some() {
        findings.departure(format!("`{id}` has 17 characters of 20 and no separator"));
    }
    let (value, rest) = rest.split_at(eori.unwrap_or_else(|| length_of_value(identifier, rest)));
    let separator = rest.first().copied().filter(|byte| is_separator(*byte));
    let after = rest.get(usize::from(separator.is_some())..)?;
    let field = Field {
        name: identifier.map(|identifier| identifier.name),
        decoded: identifier.and_then(|identifier| identifier.decode_value(&characters(value))),
        value: characters(value),
        truncated: separator == Some(RS as u8),
        binary: false,
        id,
    };
    match identifier {
        Some(identifier) => check(&field, identifier, separator, after.is_empty(), findings),
        None => check_unknown(&field, findings),
    }
    Some((field, after))
}

/// Reads the identifier at the start of `rest`, after stray separators; returns it and what follows.
fn next_id<'a>(rest: &'a [u8], findings: &mut Findings) -> Option<(String, &'a [u8])> {
    let stray = rest.iter().take_while(|byte| is_separator(**byte)).count();
    if stray > 0 {
        findings.departure("a separator stands where an identifier should");
    }
    let rest = rest.get(stray..)?;
    match rest.split_at_checked(2) {
        Some((id, rest)) => Some((characters(id), rest)),
        None if rest.is_empty() => None,
        None => {
            findings.invalid(format!("`{}` at the end is no field", characters(rest)));
            None
        }
    }
}

/// Length of the value: up to the next separator, or the identifier's maximum if that comes first.
fn length_of_value(identifier: Option<&DataIdentifier>, rest: &[u8]) -> usize {
    let separator = rest.iter().position(|byte| is_separator(*byte));
    let available = separator.unwrap_or(rest.len());
    let max = identifier.and_then(DataIdentifier::max_length);
    max.map_or(available, |max| max.min(available))
}

/// The length of an EORI number that another field follows without a separator.
fn eori_without_separator(id: &str, rest: &[u8], document_type: Option<&DocumentType>) -> Option<usize> {
    let (number, after) = rest.split_at_checked(EORI_LENGTH)?;
    let letters = number[..2].iter().all(u8::is_ascii_uppercase);
    let digits = number[2..].iter().all(u8::is_ascii_digit);
    let next = DataIdentifier::find(str::from_utf8(after.get(..2)?).ok()?)?;
    // A digit would belong to the number. The document type tables lack some identifiers of group D.
    let plausible = !after[0].is_ascii_digit()
        && document_type.is_none_or(|t| t.permits(next) || next.id.starts_with('D'));
    (EORI.contains(&id) && letters && digits && plausible).then_some(EORI_LENGTH)
}

/// Adds findings for a field with a known identifier. `last`: no field follows.
fn check(
    field: &Field,
    identifier: &DataIdentifier,
    separator: Option<u8>,
    last: bool,
    findings: &mut Findings,
) {
    let (id, length) = (&field.id, field.value.chars().count());
    let min = identifier.min_length();
    if length < min && identifier.is_fixed() {
        findings.invalid(format!("`{id}` has {length} characters and must have {min}"));
    } else if length < min {
        findings.departure(format!("`{id}` has {length} characters and needs {min} at least"));
    }
    if separator.is_some() && identifier.is_fixed() {
        findings.departure(format!("`{id}` has a fixed length and is followed by a separator"));
    } else if separator == Some(GS as u8) && identifier.max_length() == Some(length) && !last {
        findings.departure(format!("`{id}` is at its maximum and is followed by <GS>"));
    }
    let forbidden: String = identifier.alphabet.forbidden_in(&field.value).collect();
    if !forbidden.is_empty() {
        findings.note(format!("`{id}` holds `{forbidden}`, outside its characters"));
    }
}

fn check_unknown(field: &Field, findings: &mut Findings) {
    let id = &field.id;
    let conforms = id.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    match conforms {
        true => {
            findings.departure(format!("identifier `{id}` is unknown: its value may hold further fields"))
        }
        false => findings.invalid(format!("`{id}` is no identifier")),
    }
}

fn is_separator(byte: u8) -> bool {
    byte == GS as u8 || byte == RS as u8
}

/// Decodes bytes as ISO 8859-1.
pub(super) fn characters(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}
