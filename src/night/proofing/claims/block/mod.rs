//! What the signed block of a letter must say (docs/2d-doc.md, 2ddoc.md §1 to §4).

mod compare;
mod parts;

use composition::BlockMap;
use jiff::civil::Date;
use mail::issuance::Issuance;
use twoddoc::{DataIdentifier, DocumentType, EmissionDate, GS, Header, RS, Version};

use super::ClaimFault;
use super::dates;
use super::reduction::Reduction;
pub(in crate::night) use compare::BlockClaim;
#[cfg(test)]
pub(super) use compare::BlockDifference;
use compare::FieldClaim;
use parts::{Column, Part, parts};

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
