//! Composes the text to be signed: header, fields and separators (S326 p. 20-22).

use super::alphabet::{Alphabet, ForbiddenCharacters, transliterate};
use super::document_types::{DocumentType, EmissionDate};
use super::header::Header;
use super::identifiers::DataIdentifier;
use super::{GS, RS, base32};
use std::borrow::Cow;

mod error;

pub use error::ComposeError;

/// The data identifier of a URL.
const URL: &str = "0C";

/// The only published perimeter (S326 p. 32-33).
const PERIMETER: &str = "01";

/// The value of a field, and whether it may be adapted to its identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// Text. It is [transliterated](transliterate) to the identifier's alphabet. If it is too long, it is truncated if
    /// the identifier is [truncatable](DataIdentifier::truncatable) and mandatory in the document type. In `0C`, a URL,
    /// it is encoded in Base32.
    Text(&'a str),
    /// Written as it is; an error if it does not conform.
    Exact(&'a str),
}

/// Header and message, ready to be signed with [`signed_text`](crate::signed_text).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsignedBlock {
    /// The text that the signature covers; ASCII only.
    pub text: String,
    /// Identifiers whose values were truncated.
    pub truncated: Vec<String>,
}

/// A value that conforms to its identifier.
struct ConformingField<'a> {
    identifier: &'static DataIdentifier,
    value: Cow<'a, str>,
    truncated: bool,
}

/// Composes header and fields, in the order given.
///
/// A variable field ends with `<GS>` if it is shorter than its maximum and is not the last. A truncated field is cut at
/// its maximum and ends with `<RS>`, even if it is the last.
///
/// # Errors
/// Every [`ComposeError`] of header, document type and fields.
pub fn compose(header: &Header, fields: &[(&str, Value<'_>)]) -> Result<UnsignedBlock, Vec<ComposeError>> {
    let mut faults = Vec::new();
    let mut text = header.to_text().unwrap_or_else(|found| {
        faults.extend(found.into_iter().map(ComposeError::from));
        String::new()
    });
    let document_type = DocumentType::find(&header.document_type);
    check_type(header, document_type, fields, &mut faults);
    let mut conforming = Vec::with_capacity(fields.len());
    for (id, value) in fields {
        match conform(id, value, document_type) {
            Ok(field) => conforming.push(field),
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    text.reserve(conforming.iter().map(|field| field.value.len() + 3).sum());
    for (index, field) in conforming.iter().enumerate() {
        field.append_to(&mut text, index + 1 == conforming.len());
    }
    let truncated = conforming.iter().filter(|field| field.truncated);
    let truncated = truncated.map(|field| field.identifier.id.to_owned()).collect();
    Ok(UnsignedBlock { text, truncated })
}

impl ConformingField<'_> {
    fn append_to(&self, text: &mut String, last: bool) {
        text.push_str(self.identifier.id);
        text.push_str(&self.value);
        if self.truncated {
            text.push(RS);
        } else if !last && self.identifier.max_length().is_none_or(|max| self.value.len() < max) {
            text.push(GS);
        }
    }
}

/// Checks header and identifiers against the document type.
fn check_type(
    header: &Header,
    document_type: Option<&'static DocumentType>,
    fields: &[(&str, Value<'_>)],
    faults: &mut Vec<ComposeError>,
) {
    let Some(document_type) = document_type else {
        faults.push(ComposeError::UnknownType(header.document_type.clone()));
        return;
    };
    let required = document_type.emission_date == EmissionDate::Required;
    let wrong = required == header.emission_date.is_none();
    if wrong && document_type.emission_date != EmissionDate::Optional {
        let document_type = document_type.code;
        faults.push(ComposeError::EmissionDate { document_type, required });
    }
    if let Some(perimeter) = header.perimeter.as_ref().filter(|perimeter| *perimeter != PERIMETER) {
        faults.push(ComposeError::Perimeter(perimeter.clone()));
    }
    for (index, (id, _)) in fields.iter().enumerate() {
        let identifier = DataIdentifier::find(id);
        if identifier.is_some_and(|known| !document_type.permits(known)) {
            let (id, document_type) = ((*id).to_owned(), document_type.code);
            faults.push(ComposeError::Forbidden { id, document_type });
        }
        if fields[..index].iter().any(|(earlier, _)| earlier == id) {
            faults.push(ComposeError::Repeated((*id).to_owned()));
        }
    }
    let present: Vec<_> = fields.iter().map(|(id, _)| *id).collect();
    faults.extend(document_type.missing(&present).into_iter().map(ComposeError::Missing));
}

/// Adapts a value to its identifier's alphabet and length.
///
/// Only a mandatory field may be truncated (S326 p. 22). A URL is the Base32 of its bytes (p. 35).
fn conform<'a>(
    id: &str,
    value: &Value<'a>,
    document_type: Option<&DocumentType>,
) -> Result<ConformingField<'a>, ComposeError> {
    let identifier =
        DataIdentifier::find(id).ok_or_else(|| ComposeError::UnknownIdentifier(id.to_owned()))?;
    let (id, name) = (|| identifier.id.to_owned(), identifier.name);
    let (value, may_truncate) = match value {
        Value::Text(text) if identifier.id == URL => (Ok(base32::encode(text.as_bytes()).into()), false),
        Value::Text(text) => {
            let mandatory = document_type.is_none_or(|known| known.requires(identifier.id));
            (transliterate(text, identifier.alphabet).map(Cow::Owned), identifier.truncatable && mandatory)
        }
        Value::Exact(text) => (permitted(text, identifier.alphabet), false),
    };
    let mut value = match value {
        Ok(value) => value,
        Err(source) => return Err(ComposeError::Characters { id: id(), name, source }),
    };
    let (length, min) = (value.len(), identifier.min_length());
    if length < min {
        return Err(ComposeError::TooShort { id: id(), name, length, min });
    }
    let max = identifier.max_length().unwrap_or(usize::MAX);
    let truncated = length > max;
    if truncated && !may_truncate {
        return Err(ComposeError::TooLong { id: id(), name, length, max });
    }
    if truncated {
        value.to_mut().truncate(max);
    }
    Ok(ConformingField { identifier, value, truncated })
}

fn permitted(text: &str, alphabet: Alphabet) -> Result<Cow<'_, str>, ForbiddenCharacters> {
    let characters: Vec<_> = alphabet.forbidden_in(text).collect();
    match characters.is_empty() {
        true => Ok(Cow::Borrowed(text)),
        false => Err(ForbiddenCharacters { characters }),
    }
}

#[cfg(test)]
mod tests;
