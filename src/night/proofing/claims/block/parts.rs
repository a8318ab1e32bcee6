//! What fills a field of the block: words of the job's map, and columns of the record.

use mail::holder::{Civility, Holder, Title};
use mail::issuance::Issuance;

/// A part of a field's value.
pub(super) enum Part {
    /// Words of the map.
    Words(String),
    /// A column of the record.
    Column(Column),
}

/// A column of the record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    PsIdNat,
    Civility,
    Title,
    LastName,
    FirstName,
    CardNumber,
    StructureId,
    Organisation,
}

/// Takes `{civility}/{last_name}` apart; `None` for an unknown column or an open brace.
pub(super) fn parts(value: &str) -> Option<Vec<Part>> {
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
    pub(super) fn write(&self, issuance: &Issuance, write: &mut dyn FnMut(&str)) {
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
