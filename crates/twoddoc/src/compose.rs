//! The text to be signed: header and fields, with the separators of S326 p. 20-22.
//!
//! Takes a header and identified values, gives one text or every fault at once.

use super::alphabet::{Alphabet, Unreducible, reduce};
use super::document_types::{DocumentType, EmissionDate};
use super::fault::FieldFault;
use super::header::Header;
use super::identifiers::DataIdentifier;
use super::{GS, RS, base32};
use std::borrow::Cow;

/// The identifier of a URL.
const URL: &str = "0C";

/// The only published perimeter (S326 p. 32-33).
const PERIMETER: &str = "01";

/// A value, and how far it may be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// Words: reduced to the identifier's alphabet by [`reduce`], and truncated at its maximum if
    /// the identifier holds words and is mandatory in the type. In `0C`, an address, written in Base32.
    Text(&'a str),
    /// Stands as it is, or is a fault.
    Exact(&'a str),
}

/// Header and message, ready to be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    /// The bytes that the signature covers, all ASCII.
    pub text: String,
    /// Identifiers whose values were truncated.
    pub truncated: Vec<String>,
}

/// A value that conforms to its identifier.
struct Sound<'a> {
    identifier: &'static DataIdentifier,
    value: Cow<'a, str>,
    truncated: bool,
}

/// Composes the text that will be signed, fields in the order given.
///
/// A variable field ends with `<GS>` if it is shorter than its maximum and not the last; at its
/// maximum it has none. A truncated one is cut at its maximum and ends with `<RS>`, also when last.
///
/// # Errors
/// Every fault of header, type and fields.
pub fn compose(header: &Header, fields: &[(&str, Value<'_>)]) -> Result<Composed, Vec<FieldFault>> {
    let mut faults = Vec::new();
    let mut text = header.to_text().unwrap_or_else(|found| {
        faults.extend(found.into_iter().map(FieldFault::from));
        String::new()
    });
    let document_type = DocumentType::find(&header.document_type);
    check_type(header, document_type, fields, &mut faults);
    let mut sound = Vec::with_capacity(fields.len());
    for (id, value) in fields {
        match conform(id, value, document_type) {
            Ok(field) => sound.push(field),
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    text.reserve(sound.iter().map(|field| field.value.len() + 3).sum());
    for (index, field) in sound.iter().enumerate() {
        field.append_to(&mut text, index + 1 == sound.len());
    }
    let truncated = sound.iter().filter(|field| field.truncated);
    let truncated = truncated.map(|field| field.identifier.id.to_owned()).collect();
    Ok(Composed { text, truncated })
}

impl Sound<'_> {
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

/// Checks what the document type asks of header and identifiers.
fn check_type(
    header: &Header,
    document_type: Option<&'static DocumentType>,
    fields: &[(&str, Value<'_>)],
    faults: &mut Vec<FieldFault>,
) {
    let Some(document_type) = document_type else {
        faults.push(FieldFault::UnknownType(header.document_type.clone()));
        return;
    };
    let required = document_type.emission_date == EmissionDate::Required;
    let wrong = required == header.emission_date.is_none();
    if wrong && document_type.emission_date != EmissionDate::Free {
        let document_type = document_type.code;
        faults.push(FieldFault::EmissionDate { document_type, required });
    }
    if let Some(perimeter) = header.perimeter.as_ref().filter(|perimeter| *perimeter != PERIMETER) {
        faults.push(FieldFault::Perimeter(perimeter.clone()));
    }
    for (index, (id, _)) in fields.iter().enumerate() {
        let identifier = DataIdentifier::find(id);
        if identifier.is_some_and(|known| !document_type.permits(known)) {
            let (id, document_type) = ((*id).to_owned(), document_type.code);
            faults.push(FieldFault::Forbidden { id, document_type });
        }
        if fields[..index].iter().any(|(earlier, _)| earlier == id) {
            faults.push(FieldFault::Repeated((*id).to_owned()));
        }
    }
    let present: Vec<_> = fields.iter().map(|(id, _)| *id).collect();
    faults.extend(document_type.missing(&present).into_iter().map(FieldFault::Missing));
}

/// Brings a value to its identifier's alphabet and length.
///
/// Only what is mandatory may be truncated (S326 p. 22); a URL is Base32 of its bytes (p. 35).
fn conform<'a>(
    id: &str,
    value: &Value<'a>,
    document_type: Option<&DocumentType>,
) -> Result<Sound<'a>, FieldFault> {
    let identifier = DataIdentifier::find(id).ok_or_else(|| FieldFault::UnknownIdentifier(id.to_owned()))?;
    let (id, name) = (|| identifier.id.to_owned(), identifier.name);
    let (value, may_be_cut) = match value {
        Value::Text(text) if identifier.id == URL => (Ok(base32::encode(text.as_bytes()).into()), false),
        Value::Text(text) => {
            let mandatory = document_type.is_none_or(|known| known.requires(identifier.id));
            (reduce(text, identifier.alphabet).map(Cow::Owned), identifier.words && mandatory)
        }
        Value::Exact(text) => (permitted(text, identifier.alphabet), false),
    };
    let mut value = match value {
        Ok(value) => value,
        Err(source) => return Err(FieldFault::Characters { id: id(), name, source }),
    };
    let (length, min) = (value.len(), identifier.min_length());
    if length < min {
        return Err(FieldFault::TooShort { id: id(), name, length, min });
    }
    let max = identifier.max_length().unwrap_or(usize::MAX);
    let truncated = length > max;
    if truncated && !may_be_cut {
        return Err(FieldFault::TooLong { id: id(), name, length, max });
    }
    if truncated {
        value.to_mut().truncate(max);
    }
    Ok(Sound { identifier, value, truncated })
}

fn permitted(text: &str, alphabet: Alphabet) -> Result<Cow<'_, str>, Unreducible> {
    let characters: Vec<_> = alphabet.strangers(text).collect();
    match characters.is_empty() {
        true => Ok(Cow::Borrowed(text)),
        false => Err(Unreducible { characters }),
    }
}

#[cfg(test)]
mod tests;
