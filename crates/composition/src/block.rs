//! The signed block of a letter: a record's values in the job's field map, and the signature.

use jiff::civil::Date;

use crate::fault::{LetterFault, PieceFault};
use mail::holder::Holder;
use mail::issuance::Issuance;
use mail::{Language, Words, shown_character_in};
use serde::{Deserialize, Serialize};
use twoddoc::{
    ComposeError, DataIdentifier, DocumentType, EmissionDate, Header, SigningKey, UnsignedBlock, Value,
    compose, signed_text,
};

/// What the signed block of a letter holds, and who it says signed it.
#[derive(Debug, Clone, PartialEq)]
pub struct BlockMap {
    /// The authority's identifier, country and two characters.
    pub ca_id: String,
    /// The certificate's identifier, four characters.
    pub certificate_id: String,
    /// The document type.
    pub document_type: String,
    /// The block's fields, in order.
    pub fields: Vec<BlockField>,
}

/// One field of the signed block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockField {
    /// The data identifier.
    pub id: String,
    /// Text with placeholders such as `{card_number}`.
    pub value: String,
}

impl Default for BlockMap {
    /// The bureau's closed loop: type `P1`, with national identifiers (docs/2d-doc.md).
    fn default() -> BlockMap {
        let field = |id: &str, value: &str| BlockField { id: id.to_owned(), value: value.to_owned() };
        BlockMap {
            ca_id: "FR00".to_owned(),
            certificate_id: "0001".to_owned(),
            document_type: "P1".to_owned(),
            fields: vec![
                field("01", "{ps_id_nat}"),
                field("10", "{civility}/{last_name}/{first_name}"),
                field("82", "{card_number}"),
                field("83", "{structure_id}"),
            ],
        }
    }
}

/// The header of a night's blocks, and the parts of each field's text by its identifier.
type Prepared = (Header, Vec<(String, Vec<Part>)>);

impl BlockMap {
    fn prepared(&self, night: Date) -> Result<Prepared, BlockMapFault> {
        let document_type = DocumentType::find(&self.document_type)
            .ok_or_else(|| BlockMapFault::DocumentType(self.document_type.clone()))?;
        let mut header = Header::v04(&self.ca_id, &self.certificate_id, document_type.code, night);
        header.emission_date = (document_type.emission_date != EmissionDate::Forbidden).then_some(night);
        header.to_text().map_err(|faults| {
            let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
            BlockMapFault::Header(faults.join("; "))
        })?;
        let mut fields = Vec::new();
        for field in &self.fields {
            if DataIdentifier::find(&field.id).is_none() {
                return Err(BlockMapFault::DataIdentifier(field.id.clone()));
            }
            fields.push((field.id.clone(), parts(&field.value)?));
        }
        let given: Vec<&str> = fields.iter().map(|(id, _)| id.as_str()).collect();
        let missing = document_type.missing(&given);
        match missing.is_empty() {
            true => Ok((header, fields)),
            false => {
                let fields = missing.join(", ");
                Err(BlockMapFault::MissingFields { document_type: document_type.code, fields })
            }
        }
    }

    /// What the fields of a record's block say, by their identifiers: as they are printed, reduced to their alphabets and
    /// truncated. `None` where no block can hold the record, or this map none at all.
    #[must_use]
    pub fn field_values(&self, issuance: &Issuance) -> Option<Vec<(String, String)>> {
        let (header, fields) = self.prepared(issuance.requested_at.date()).ok()?;
        let block = composed(&header, &fields, issuance).ok()?;
        let code = twoddoc::parse_text(&block.text).ok()?;
        Some(code.fields.into_iter().map(|field| (field.id, field.value)).collect())
    }
}

/// The header and message of a record's block.
fn composed(
    header: &Header,
    fields: &[(String, Vec<Part>)],
    issuance: &Issuance,
) -> Result<UnsignedBlock, Vec<ComposeError>> {
    let texts: Vec<String> =
        fields.iter().map(|(_, parts)| parts.iter().map(|part| part.text(issuance)).collect()).collect();
    let fields: Vec<(&str, Value)> =
        fields.iter().zip(&texts).map(|((id, parts), text)| (id.as_str(), value_of(parts, text))).collect();
    compose(header, &fields)
}

/// A field map or header that no record could fill.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlockMapFault {
    /// A document type that the specification does not have.
    #[error("`signing`: unknown document type `{0}`")]
    DocumentType(String),
    /// A header value outside its alphabet or length, as the header reports it.
    #[error("`signing`: {0}")]
    Header(String),
    /// A data identifier that the specification does not have.
    #[error("`signing`: unknown data identifier `{0}`")]
    DataIdentifier(String),
    /// Fields that the document type requires and the map lacks.
    #[error("`signing`: type `{document_type}` must also have the fields {fields}")]
    MissingFields {
        /// The document type.
        document_type: &'static str,
        /// The identifiers of the fields.
        fields: String,
    },
    /// A placeholder without its closing brace.
    #[error("`signing`: `{0}` opens a `{{` that it does not close")]
    UnclosedPlaceholder(String),
    /// A placeholder that names no column.
    #[error("`signing`: `{value}` names an unknown column `{column}`")]
    UnknownColumn {
        /// The text with the placeholder.
        value: String,
        /// The name.
        column: String,
    },
}

impl BlockMapFault {
    /// The stable code of this kind of fault.
    pub fn code(&self) -> &'static str {
        match self {
            Self::DocumentType(_) => "block_document_type",
            Self::Header(_) => "block_header",
            Self::DataIdentifier(_) => "block_data_identifier",
            Self::MissingFields { .. } => "block_missing_fields",
            Self::UnclosedPlaceholder(_) => "block_unclosed_placeholder",
            Self::UnknownColumn { .. } => "block_unknown_column",
        }
    }

    /// What to do about it.
    pub fn advice(&self) -> Option<String> {
        match self {
            Self::DocumentType(_) => Some("write `P1`, or a national type such as `A6`".to_owned()),
            Self::UnknownColumn { .. } => Some(format!("it may name {}", COLUMNS.join(", "))),
            _ => None,
        }
    }
}

/// A truncated field of the block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truncation {
    /// The record's column.
    pub field: &'static str,
    /// What was truncated, for the operator.
    pub message: Words,
}

/// Composes and signs the blocks of a night's letters.
pub struct BlockComposer {
    header: Header,
    fields: Vec<(String, Vec<Part>)>,
    key: SigningKey,
}

/// A part of a field's text.
enum Part {
    Literal(String),
    Column(&'static str),
}

const COLUMNS: [&str; 8] = [
    "ps_id_nat",
    "civility",
    "title",
    "last_name",
    "first_name",
    "card_number",
    "structure_id",
    "organisation",
];

impl BlockComposer {
    /// The length of a signature in Base32 with the separator before it, for 64 bytes.
    pub const SIGNATURE_CHARACTERS: usize = 104;

    /// Prepares the blocks of a night.
    ///
    /// # Errors
    /// The first [`BlockMapFault`], in the order document type, header, fields, missing fields.
    pub fn new(map: &BlockMap, key: SigningKey, night: Date) -> Result<BlockComposer, BlockMapFault> {
        let (header, fields) = map.prepared(night)?;
        Ok(BlockComposer { header, fields, key })
    }

    /// The truncated fields of a block.
    pub(crate) fn truncations(&self, block: &UnsignedBlock) -> Vec<Truncation> {
        block.truncated.iter().map(|id| self.truncation(id)).collect()
    }

    /// A block with its signature.
    ///
    /// # Errors
    /// [`LetterFault::Signer`] if the signer fails.
    pub(crate) fn signed(&self, block: &UnsignedBlock) -> Result<String, LetterFault> {
        signed_text(block, &self.key).map_err(LetterFault::Signer)
    }

    /// The header and message of a record's block.
    ///
    /// # Errors
    /// Every fault `twoddoc_field`: a value that the block can't hold.
    pub(crate) fn compose(&self, issuance: &Issuance) -> Result<UnsignedBlock, Vec<PieceFault>> {
        composed(&self.header, &self.fields, issuance)
            .map_err(|faults| faults.iter().map(|fault| self.piece_fault(fault)).collect())
    }

    /// The first column that fills a field of the block.
    fn column(&self, id: &str) -> &'static str {
        let parts = self.fields.iter().find(|(known, _)| known == id).map_or(&[][..], |(_, parts)| parts);
        let mut columns = parts.iter().filter_map(|part| match part {
            Part::Column("civility" | "title") => None,
            Part::Column(column) => Some(*column),
            Part::Literal(_) => None,
        });
        columns.next().unwrap_or("last_name")
    }

    fn piece_fault(&self, fault: &ComposeError) -> PieceFault {
        let field = fault.id().map_or("last_name", |id| self.column(id));
        let message = format!("the signed block can't hold the value: {fault}");
        PieceFault::new(field, "twoddoc_field", message, Some("correct the value"), french(fault))
    }

    fn truncation(&self, id: &str) -> Truncation {
        let message = Words::of(
            format!(
                "le champ {id} du bloc signé ne contient que le début de la valeur, et le signale\u{202F}; le courrier la montre en entier"
            ),
            format!(
                "field {id} of the signed block holds only the beginning of the value, and is marked so; the letter shows all of it"
            ),
        );
        Truncation { field: self.column(id), message }
    }
}

/// What the block can't hold, in French. Faults of a record's values have words of their own.
fn french(fault: &ComposeError) -> String {
    let why = match fault {
        ComposeError::Characters { id, source, .. } => {
            let characters = source.characters.iter().map(|c| shown_character_in(Language::French, *c));
            let characters = characters.collect::<Vec<_>>().join(", ");
            format!("le champ «\u{A0}{id}\u{A0}» n’admet pas {characters}")
        }
        ComposeError::TooShort { id, length, min, .. } => {
            format!("le champ «\u{A0}{id}\u{A0}» veut au moins {min} caractères, et en voici {length}")
        }
        ComposeError::TooLong { id, length, max, .. } => {
            format!("le champ «\u{A0}{id}\u{A0}» contient au plus {max} caractères, et en voici {length}")
        }
        ComposeError::UnknownType(kind) => format!("le type de document «\u{A0}{kind}\u{A0}» est inconnu"),
        ComposeError::UnknownIdentifier(id) => {
            format!("l’identifiant de donnée «\u{A0}{id}\u{A0}» est inconnu")
        }
        ComposeError::Forbidden { id, document_type } => format!(
            "«\u{A0}{id}\u{A0}» n’a pas sa place dans un document de type «\u{A0}{document_type}\u{A0}»"
        ),
        ComposeError::Missing(id) => format!("«\u{A0}{id}\u{A0}» est obligatoire, et manque"),
        ComposeError::Repeated(id) => format!("«\u{A0}{id}\u{A0}» y est plus d’une fois"),
        _ => "son en-tête ou son type de document n’est pas admis".to_owned(),
    };
    format!("le bloc signé ne peut contenir la valeur\u{202F}: {why}\u{202F}; corrigez la valeur")
}

/// An identifier is kept as it is and never truncated. Other text is reduced to the alphabet of its field.
fn value_of<'a>(parts: &[Part], text: &'a str) -> Value<'a> {
    let identifier = |part: &Part| matches!(part, Part::Column("ps_id_nat" | "structure_id" | "card_number"));
    if parts.iter().all(identifier) { Value::Exact(text) } else { Value::Text(text) }
}

/// Splits `{civility}/{last_name}` into its parts.
fn parts(template: &str) -> Result<Vec<Part>, BlockMapFault> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) =
            after.split_once('}').ok_or_else(|| BlockMapFault::UnclosedPlaceholder(template.to_owned()))?;
        let column = COLUMNS.iter().find(|column| **column == name).ok_or_else(|| {
            BlockMapFault::UnknownColumn { value: template.to_owned(), column: name.to_owned() }
        })?;
        if !before.is_empty() {
            parts.push(Part::Literal(before.to_owned()));
        }
        parts.push(Part::Column(column));
        rest = tail;
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest.to_owned()));
    }
    Ok(parts)
}

impl Part {
    fn text(&self, issuance: &Issuance) -> String {
        match self {
            Part::Literal(words) => match issuance.holder {
                Holder::Structure if words.trim_matches('/').is_empty() => String::new(),
                _ => words.clone(),
            },
            Part::Column(column) => value(column, issuance),
        }
    }
}

/// A column's value as the block holds it.
fn value(column: &str, issuance: &Issuance) -> String {
    let (civility, title, last_name, first_name) = match &issuance.holder {
        Holder::Structure => (None, None, "", ""),
        Holder::Named { civility, title, last_name, first_name } => {
            (*civility, *title, last_name.as_str(), first_name.as_str())
        }
    };
    match column {
        "ps_id_nat" => compact(issuance.ps_id_nat.as_str()),
        "structure_id" => issuance.structure_id.as_ref().map(|id| compact(id.as_str())).unwrap_or_default(),
        "card_number" => issuance.card_number.to_string(),
        "civility" => civility.map_or("", |civility| civility.code()).to_owned(),
        "title" => title.map_or("", |title| title.code()).to_owned(),
        "last_name" => last_name.to_owned(),
        "first_name" => first_name.to_owned(),
        "organisation" => issuance.organisation.clone(),
        _ => String::new(),
    }
}

/// An identifier in capitals and without punctuation: the alphabet of field 01 is `A-Z0-9` (2ddoc.md §3). A reader can
/// restore the slash, since the type digit fixes the length of the part before it.
fn compact(identifier: &str) -> String {
    let kept = identifier.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|character| character.to_ascii_uppercase()).collect()
}
