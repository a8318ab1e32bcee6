//! A block that was read, compared with what it must say.

use std::ops::Range;

use twoddoc::{Code, Form, Header, US, parse_text};

/// Characters of a signature of 64 bytes in Base32.
const SIGNATURE_CHARACTERS: usize = 103;
/// Bytes of a signature.
const SIGNATURE_BYTES: usize = 64;

/// What the block of one letter must say.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::night) struct BlockClaim<'a> {
    pub(super) header: &'a Header,
    /// Header and message as they are signed.
    pub(super) signed: String,
    pub(super) fields: Vec<FieldClaim>,
}

/// What a field of the block must say.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FieldClaim {
    /// Its identifier.
    pub id: &'static str,
    /// Its value, in [`BlockClaim::signed`].
    pub value: Range<usize>,
    /// Whether it is cut, and marked so.
    pub cut: bool,
}

/// The first difference between a block and its claim. It quotes no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(in crate::night) enum BlockDifference {
    /// It is no 2D-DOC that can be read.
    #[error("the text is no 2D-DOC")]
    Unreadable,
    /// A part of the header.
    #[error("the header has another {0}")]
    Header(&'static str),
    /// The fields are not those of the job, in its order.
    #[error("the fields are not those of the job")]
    Fields,
    /// A field's value, or its mark of truncation.
    #[error("field {0} has another value")]
    Field(&'static str),
    /// The characters between fields, or others that no field has.
    #[error("the fields are separated otherwise")]
    Separators,
    /// Something follows the signature, or a signature of 64 bytes is missing.
    #[error("the signature is missing or not alone")]
    Signature,
}

impl BlockClaim<'_> {
    /// The value of a field; `None` if the block has no such field.
    #[cfg(test)]
    pub(in crate::night) fn value(&self, id: &str) -> Option<&str> {
        let field = self.fields.iter().find(|field| field.id == id)?;
        self.signed.get(field.value.clone())
    }

    /// Compares a block that was read with what it must say. The signature itself is verified elsewhere.
    ///
    /// # Errors
    /// The first [`BlockDifference`].
    pub(in crate::night) fn compare(&self, code: &Code) -> Result<(), BlockDifference> {
        if code.form != Form::C40 || code.scanner.is_some() {
            return Err(BlockDifference::Unreadable);
        }
        self.compare_header(&code.header)?;
        self.compare_fields(code)?;
        if code.signed != self.signed.as_bytes() {
            return Err(BlockDifference::Separators);
        }
        let signed = code.signature.as_ref().is_some_and(|signature| signature.len() == SIGNATURE_BYTES);
        if signed && code.annex.is_empty() { Ok(()) } else { Err(BlockDifference::Signature) }
    }

    fn compare_header(&self, read: &Header) -> Result<(), BlockDifference> {
        let claimed = self.header;
        let parts = [
            ("version", read.version == claimed.version),
            ("authority", read.ca_id == claimed.ca_id),
            ("certificate", read.certificate_id == claimed.certificate_id),
            ("day of emission", read.emission_date == claimed.emission_date),
            ("day of signature", read.signature_date == claimed.signature_date),
            ("document type", read.document_type == claimed.document_type),
            ("perimeter", read.perimeter == claimed.perimeter),
            ("country", read.country == claimed.country),
        ];
        match parts.into_iter().find(|(_, same)| !same) {
            Some((part, _)) => Err(BlockDifference::Header(part)),
            None => Ok(()),
        }
    }

    fn compare_fields(&self, code: &Code) -> Result<(), BlockDifference> {
        let read = code.fields.iter().map(|field| field.id.as_str());
        if !read.eq(self.fields.iter().map(|field| field.id)) {
            return Err(BlockDifference::Fields);
        }
        for (claimed, read) in self.fields.iter().zip(&code.fields) {
            let value = self.signed.get(claimed.value.clone());
            let same = value == Some(read.value.as_str()) && claimed.cut == read.truncated && !read.binary;
            if !same {
                return Err(BlockDifference::Field(claimed.id));
            }
        }
        Ok(())
    }

    /// Whether the text of a symbol is this block with a signature of 64 bytes behind it, and nothing else.
    pub(in crate::night::proofing::claims) fn is_shown_by(&self, text: &str) -> bool {
        let base32 = |character: u8| matches!(character, b'A'..=b'Z' | b'2'..=b'7');
        let signature = text.rsplit_once(US).map_or("", |(_, signature)| signature);
        let alone = signature.len() == SIGNATURE_CHARACTERS && signature.bytes().all(base32);
        alone && parse_text(text).is_ok_and(|code| self.compare(&code).is_ok())
    }
}
