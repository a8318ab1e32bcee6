//! What the signed block of a letter must say (docs/2d-doc.md, 2ddoc.md §1 to §4).

use std::ops::Range;

use composition::BlockMap;
use jiff::civil::Date;
use mail::holder::{Civility, Holder, Title};
use mail::issuance::Issuance;
use twoddoc::{
    Code, DataIdentifier, DocumentType, EmissionDate, Form, GS, Header, RS, US, Version, parse_text,
};

use super::ClaimFault;
use super::dates;
use super::reduction::Reduction;

/// Characters of a signature of 64 bytes in Base32.
const SIGNATURE_CHARACTERS: usize = 103;
/// Bytes of a signature.
const SIGNATURE_BYTES: usize = 64;

/// A job's block: its header, and what fills its fields.
pub(super) struct MappedBlock {
    header: Header,
    /// The header as it is written.
    header_text: String,
    fields: Vec<MappedField>,
}

/// What fills a field.
struct MappedField {
    identifier: &'static DataIdentifier,
    parts: Vec<Part>,
    /// Whether the value is an identifier of the record, which is never changed.
    exact: bool,
    /// Whether a longer value may be cut: words of a field that every such document has.
    may_be_cut: bool,
}

/// A part of a field's value.
enum Part {
    Words(String),
    Column(Column),
}

/// A column of the record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    PsIdNat,
    Civility,
    Title,
    LastName,
    FirstName,
    CardNumber,
    StructureId,
    Organisation,
}

/// What the block of one letter must say.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::night) struct BlockClaim<'a> {
    header: &'a Header,
    /// Header and message as they are signed.
    signed: String,
    fields: Vec<FieldClaim>,
}

/// What a field of the block must say.
#[derive(Debug, Clone, PartialEq)]
struct FieldClaim {
    id: &'static str,
    /// Its value, in [`BlockClaim::signed`].
    value: Range<usize>,
    /// Whether it is cut, and marked so.
    cut: bool,
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

impl MappedBlock {
    /// Reads a job's block map, for blocks that are signed on a day.
    ///
    /// # Errors
    /// The first [`ClaimFault`].
    pub(super) fn of(map: &BlockMap, day: Date) -> Result<MappedBlock, ClaimFault> {
        let document_type = DocumentType::find(&map.document_type)
            .ok_or_else(|| ClaimFault::DocumentType(map.document_type.clone()))?;
        let dated = document_type.emission_date != EmissionDate::Forbidden;
        let signature_date = dates::in_block(day).ok_or(ClaimFault::Day(day))?;
        let emission_date = if dated { signature_date.as_str() } else { "FFFF" };
        let BlockMap { ca_id, certificate_id, document_type: code, fields } = map;
        let header_text = format!("DC04{ca_id}{certificate_id}{emission_date}{signature_date}{code}01FR");
        let header = Header {
            version: Version::V04,
            ca_id: ca_id.clone(),
            certificate_id: certificate_id.clone(),
            emission_date: dated.then_some(day),
            signature_date: Some(day),
            document_type: code.clone(),
            perimeter: Some("01".to_owned()),
            country: Some("FR".to_owned()),
        };
        let fields = fields.iter().map(|field| MappedField::of(&field.id, &field.value, document_type));
        Ok(MappedBlock { header, header_text, fields: fields.collect::<Result<_, _>>()? })
    }

    /// What the block of a record must say; `None` if no block can hold the record.
    pub(super) fn of_record(&self, issuance: &Issuance) -> Option<BlockClaim<'_>> {
        let mut signed = String::with_capacity(self.header_text.len() + 128);
        signed.push_str(&self.header_text);
        let mut fields = Vec::with_capacity(self.fields.len());
        for (index, field) in self.fields.iter().enumerate() {
            let claim = field.claim(issuance, &mut signed)?;
            let longest = field.identifier.max_length();
            let shorter = longest.is_none_or(|longest| claim.value.len() < longest);
            if claim.cut {
                signed.push(RS);
            } else if shorter && index + 1 < self.fields.len() {
                signed.push(GS);
            }
            fields.push(claim);
        }
        Some(BlockClaim { header: &self.header, signed, fields })
    }
}

impl MappedField {
    fn of(id: &str, value: &str, document_type: &DocumentType) -> Result<MappedField, ClaimFault> {
        let identifier = DataIdentifier::find(id).ok_or_else(|| ClaimFault::Identifier(id.to_owned()))?;
        let parts = parts(value).ok_or_else(|| ClaimFault::Value(value.to_owned()))?;
        let exact = parts.iter().all(|part| match part {
            Part::Column(column) => {
                matches!(column, Column::PsIdNat | Column::StructureId | Column::CardNumber)
            }
            Part::Words(_) => false,
        });
        let chosen = document_type.choices.iter().flat_map(|forms| forms.iter().copied()).flatten();
        let always = document_type.mandatory.iter().chain(chosen).any(|always| *always == id);
        Ok(MappedField { identifier, parts, exact, may_be_cut: always && identifier.truncatable && !exact })
    }

    /// Writes identifier and value at the end of the signed text.
    fn claim(&self, issuance: &Issuance, signed: &mut String) -> Option<FieldClaim> {
        let identifier = self.identifier;
        signed.push_str(identifier.id);
        let begin = signed.len();
        match (self.exact, identifier.id) {
            (true, _) => {
                self.parts.iter().for_each(|part| part.write(issuance, &mut |text| signed.push_str(text)))
            }
            (false, "0C") => {
                let mut url = String::new();
                self.parts.iter().for_each(|part| part.write(issuance, &mut |text| url.push_str(text)));
                signed.push_str(&twoddoc::base32::encode(url.as_bytes()));
            }
            (false, _) => {
                let mut words = Reduction::begin(signed, identifier.alphabet);
                self.parts.iter().for_each(|part| part.write(issuance, &mut |text| words.add(text)));
                if !words.ends() {
                    return None;
                }
            }
        }
        let value = signed.get(begin..)?;
        let (length, longest) = (value.len(), identifier.max_length().unwrap_or(usize::MAX));
        let cut = length > longest;
        let permitted = value.chars().all(|character| identifier.alphabet.contains(character));
        if !permitted || length < identifier.min_length() || (cut && !self.may_be_cut) {
            return None;
        }
        signed.truncate(begin + length.min(longest));
        Some(FieldClaim { id: identifier.id, value: begin..signed.len(), cut })
    }
}

/// Takes `{civility}/{last_name}` apart; `None` for an unknown column or an open brace.
fn parts(value: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = value;
    while let Some(open) = rest.find('{') {
        let close = open + rest.get(open..)?.find('}')?;
        if open > 0 {
            parts.push(Part::Words(rest.get(..open)?.to_owned()));
        }
        parts.push(Part::Column(Column::of(rest.get(open + 1..close)?)?));
        rest = rest.get(close + 1..)?;
    }
    if !rest.is_empty() {
        parts.push(Part::Words(rest.to_owned()));
    }
    Some(parts)
}

impl Column {
    fn of(name: &str) -> Option<Column> {
        Some(match name {
            "ps_id_nat" => Column::PsIdNat,
            "civility" => Column::Civility,
            "title" => Column::Title,
            "last_name" => Column::LastName,
            "first_name" => Column::FirstName,
            "card_number" => Column::CardNumber,
            "structure_id" => Column::StructureId,
            "organisation" => Column::Organisation,
            _ => return None,
        })
    }
}

impl Part {
    /// Writes the part of a record's value. The slashes between the names of a person go where there is no person.
    fn write(&self, issuance: &Issuance, write: &mut dyn FnMut(&str)) {
        let column = match self {
            Part::Words(words) => {
                let nobody = issuance.holder == Holder::Structure;
                let slashes = words.bytes().all(|byte| byte == b'/');
                if !(nobody && slashes) {
                    write(words);
                }
                return;
            }
            Part::Column(column) => column,
        };
        match (column, &issuance.holder) {
            (Column::PsIdNat, _) => without_signs(issuance.ps_id_nat.as_str(), write),
            (Column::StructureId, _) => {
                without_signs(issuance.structure_id.as_ref().map_or("", |id| id.as_str()), write);
            }
            (Column::CardNumber, _) => write(issuance.card_number.as_str()),
            (Column::Organisation, _) => write(&issuance.organisation),
            (_, Holder::Structure) => {}
            (Column::Civility, Holder::Named { civility, .. }) => write(match civility {
                Some(Civility::M) => "M",
                Some(Civility::Mme) => "MME",
                None => "",
            }),
            (Column::Title, Holder::Named { title, .. }) => write(match title {
                Some(Title::Dr) => "DR",
                Some(Title::Pr) => "PR",
                None => "",
            }),
            (Column::LastName, Holder::Named { last_name, .. }) => write(last_name),
            (Column::FirstName, Holder::Named { first_name, .. }) => write(first_name),
        }
    }
}

/// An identifier in capitals, without punctuation.
fn without_signs(identifier: &str, write: &mut dyn FnMut(&str)) {
    for run in identifier.split(|character: char| !character.is_ascii_alphanumeric()) {
        match run.bytes().any(|byte| byte.is_ascii_lowercase()) {
            true => write(&run.to_ascii_uppercase()),
            false => write(run),
        }
    }
}

impl BlockClaim<'_> {
    /// The value of a field; `None` if the block has no such field.
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
    pub(super) fn is_shown_by(&self, text: &str) -> bool {
        let base32 = |character: u8| matches!(character, b'A'..=b'Z' | b'2'..=b'7');
        let signature = text.rsplit_once(US).map_or("", |(_, signature)| signature);
        let alone = signature.len() == SIGNATURE_CHARACTERS && signature.bytes().all(base32);
        alone && parse_text(text).is_ok_and(|code| self.compare(&code).is_ok())
    }
}
